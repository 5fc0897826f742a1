"""Replications of a study by stacked refits of sample moments: the same estimates, errors and verdicts as an analysis.

All samples share the model, a start near the minimum and its metric, found once in a large pilot sample. Only the
structural model is fitted; standard errors are those of the estimator, exact in each sample, robust ones included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr, ndtri

from surveysem.data.moments import SampleMoments, check_enough_observations
from surveysem.data.simulation import ResponseSimulator
from surveysem.errors import EstimationError, SurveySEMError
from surveysem.estimation import GroupSolution, MaximumLikelihood, Solution
from surveysem.estimation.refit import RefitPlan, Refits, plan_refits, reason_of
from surveysem.estimation.stacks import SampleStack
from surveysem.inference import Fit
from surveysem.inference.admissibility import admissibility_findings
from surveysem.inference.delta import delta_standard_errors
from surveysem.inference.information import parameter_covariance
from surveysem.inference.standardized import standardizing_factors
from surveysem.planning.outcomes import Family, Judged, Outcomes, failed, judge, recorded
from surveysem.propositions import DecisionRule, Evidence, InteractionTest, PathTest, Proposition
from surveysem.specification import Parameter
from surveysem.typing import EstimatorName, FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ProductColumns:
    """Double-mean-centred products: places of their two factors among the items, each of shape (k,)."""

    first: IntArray
    second: IntArray

    def of(self, items: FloatArray) -> FloatArray:
        """Products of complete rows (n, p), of shape (n, k)."""
        centred = items - items.mean(axis=0)
        products = centred[:, self.first] * centred[:, self.second]
        recentred: FloatArray = products - products.mean(axis=0)
        return recentred

    def of_incomplete(self, items: FloatArray) -> FloatArray:
        """Products of rows (n, p) with gaps, NaN where a factor is; means are those of the values there are."""
        centred = items - np.nanmean(items, axis=0)
        products = centred[:, self.first] * centred[:, self.second]
        recentred: FloatArray = products - np.nanmean(products, axis=0) if products.size else products
        return recentred


@dataclass(frozen=True, kw_only=True, eq=False)
class FastReplication:
    """Replications of a model that is fitted by maximum likelihood to complete rows.

    Parameters
    ----------
    simulator : ResponseSimulator
        What draws answers.
    items : tuple of str
        The items of the model.
    products : ProductColumns
        Product indicators.
    order : int array of shape (p,)
        Places of the model's observed variables in [items, products].
    plan : RefitPlan
        What the refits share.
    template : Solution
        The model in the pilot sample, without its rows.
    latent_products : Mapping of str to (str, str)
        Latent products by name.
    rows : Mapping of str to Parameter
        The parameter that decides each proposition, by its id.
    estimator : str
        Whose standard errors.
    families : tuple of Family
        What is judged.
    labels : Mapping of str to str
        Readers' names of latent variables.
    n_parameters : int
        Free parameters of the largest model an analysis fits, of which it does not have more than rows.
    """

    simulator: ResponseSimulator
    items: tuple[str, ...]
    products: ProductColumns
    order: IntArray
    plan: RefitPlan
    template: Solution
    latent_products: Mapping[str, tuple[str, str]]
    rows: Mapping[str, Parameter]
    estimator: EstimatorName
    families: tuple[Family, ...]
    labels: Mapping[str, str]
    n_parameters: int

    def run(self, n: int, seeds: Sequence[np.random.SeedSequence]) -> Outcomes:
        """Replications of samples of *n* respondents, one a seed."""
        if n < self.n_parameters:  # drawing answers would not make rows more
            return recorded([failed(self.families, self._too_few(n))] * len(seeds))
        return self.of_answers([drawn(self.simulator, self.items, n, seed) for seed in seeds])

    def of_answers(self, answers: Sequence[FloatArray]) -> Outcomes:
        """Replications of given answers (n, p) to the items, reverse-keyed ones reversed."""
        samples = [self._sample(items) for items in answers]
        usable = [number for number, sample in enumerate(samples) if isinstance(sample, SampleMoments)]
        stack = [sample for sample in samples if isinstance(sample, SampleMoments)]
        refits = self.plan.fit([stacked(stack)]) if stack else None
        judged = [
            failed(self.families, sample) if isinstance(sample, str) else self._judged(sample, refits, usable, number)
            for number, sample in enumerate(samples)
        ]
        return recorded(judged, n_retried=0 if refits is None else refits.n_retried)

    def _sample(self, items: FloatArray) -> SampleMoments | str:
        """Moments of the complete rows, or why there are none that an analysis would use."""
        items = items[~np.isnan(items).any(axis=1)]
        if len(items) < self.n_parameters:
            return self._too_few(len(items))
        observed = np.hstack([items, self.products.of(items)])[:, self.order]
        return moments_of(observed, self.template.table.observed)

    def _too_few(self, n_rows: int) -> str:
        try:
            check_enough_observations(n_obs=n_rows, n_parameters=self.n_parameters)
        except SurveySEMError as error:
            # The number of rows differs between samples with missing answers; one reason stands for all of them.
            return f"{error.message.rstrip('.')} ({self.n_parameters})."
        raise AssertionError("there are enough rows")

    def _judged(self, sample: SampleMoments, refits: Refits | None, usable: Sequence[int], number: int) -> Judged:
        assert refits is not None
        place = usable.index(number)
        if place in refits.failures:
            return failed(self.families, refits.failures[place])
        try:
            return self._of_solution(self._solution(sample, refits.theta[place]))
        except EstimationError as error:
            return failed(self.families, reason_of(error))

    def _of_solution(self, solution: Solution) -> Judged:
        """Verdicts on one solution; raises :class:`EstimationError` where it has no standard errors."""
        covariance = parameter_covariance(solution, self.estimator)
        serious = [finding.message for finding in admissibility_findings(solution.groups[0])]
        reason = f"the solution is inadmissible ({' '.join(serious).rstrip('.')})" if serious else ""
        evidence = self._evidence(solution.groups[0], covariance, reason)
        return judge(self.families, evidence, self.labels, reason=reason)

    def _solution(self, sample: SampleMoments, theta: FloatArray) -> Solution:
        discrepancy = MaximumLikelihood(moments=sample)
        problem = replace(self.template.problem, samples=(sample,), discrepancies=(discrepancy,))
        try:
            implied = problem.implied(theta)
            value = problem.value(implied)
        except np.linalg.LinAlgError:
            raise EstimationError("The implied covariance matrix is not positive definite.") from None
        group = replace(self.template.groups[0], moments=sample, implied=implied[0], discrepancy=discrepancy)
        result = replace(self.template.engine_result, theta=theta)
        return replace(self.template, problem=problem, groups=(group,), engine_result=result, discrepancy=value)

    def _evidence(self, group: GroupSolution, covariance: FloatArray, obstacle: str) -> dict[str, Evidence]:
        """Evidence on all propositions, without a table of estimates."""
        tested = [each for family in self.families for each in family.tested]
        rows = [self.rows[each.id] for each in tested]
        free = np.array([row.free - 1 for row in rows])
        plain, errors = group.theta[free], np.sqrt(np.diag(covariance)[free])
        factors = standardizing_factors(group, rows, "std_all", self.latent_products)
        jacobian = plain[:, None] * factors.jacobian
        jacobian[np.arange(len(free)), free] += factors.values
        standardized = factors.values * plain
        std_errors = delta_standard_errors(jacobian, covariance)
        columns = zip(tested, plain, errors, standardized, std_errors, strict=True)
        return {each.id: wald_evidence(each, *numbers, obstacle=obstacle) for each, *numbers in columns}


def wald_evidence(
    proposition: Proposition,
    estimate: float,
    std_error: float,
    std_estimate: float,
    std_std_error: float,
    *,
    obstacle: str = "",
) -> Evidence:
    """Evidence from an effect, its standardised value and their standard errors."""
    assert isinstance(proposition.rule, DecisionRule)
    alpha = proposition.rule.alpha
    wide, narrow = -float(ndtri(alpha / 2)), -float(ndtri(alpha))
    return Evidence(
        estimate=float(estimate),
        std_error=float(std_error),
        ci_lower=float(estimate - wide * std_error),
        ci_upper=float(estimate + wide * std_error),
        p_value=float(2 * ndtr(-abs(estimate / std_error))),
        std_estimate=float(std_estimate),
        std_std_error=float(std_std_error),
        std_ci_lower=float(std_estimate - wide * std_std_error),
        std_ci_upper=float(std_estimate + wide * std_std_error),
        std_p_value=float(2 * ndtr(-abs(std_estimate / std_std_error))),
        equivalence_lower=float(std_estimate - narrow * std_std_error),
        equivalence_upper=float(std_estimate + narrow * std_std_error),
        obstacle=obstacle,
    )


def moments_of(observed: FloatArray, variables: tuple[str, ...]) -> SampleMoments | str:
    """Moments of complete rows (n, p), or why they cannot carry a model."""
    means = observed.mean(axis=0)
    centred = observed - means
    covariance = centred.T @ centred / len(observed)
    constant = [name for name, variance in zip(variables, covariance.diagonal(), strict=True) if variance <= 0]
    if constant:
        return f"All respondents gave the same answer to {constant[0]}."
    return SampleMoments(
        variables=variables, covariance=covariance, means=means, n_obs=len(observed), observations=observed
    )


def stacked(samples: Sequence[SampleMoments]) -> SampleStack:
    """Samples as a stack for refits."""
    return SampleStack(
        covariances=np.array([each.covariance for each in samples]),
        means=np.array([each.means for each in samples]),
        n_obs=np.array([each.n_obs for each in samples], dtype=np.float64),
    )


def fast_replication(
    pilot: Fit,
    simulator: ResponseSimulator,
    items: tuple[str, ...],
    families: tuple[Family, ...],
    labels: Mapping[str, str],
    *,
    n_parameters: int,
    kind: type[FastReplication] = FastReplication,
) -> FastReplication:
    """Replications that start from a pilot.

    Parameters
    ----------
    pilot : Fit
        The structural model fitted to a large sample of the population.
    simulator : ResponseSimulator
        What draws answers.
    items : tuple of str
        The items of the model.
    families : tuple of Family
        What is judged.
    labels : Mapping of str to str
        Readers' names of latent variables.
    n_parameters : int
        Free parameters of the largest model an analysis fits.
    kind : type
        :class:`FastReplication`, or a subclass of it.
    """
    columns = [*items, *(pair.name for pair in pilot.product_indicators)]
    return kind(
        simulator=simulator,
        items=items,
        products=product_columns(pilot, items),
        order=np.array([columns.index(name) for name in pilot.table.observed], dtype=np.int64),
        plan=plan_refits(pilot.solution),
        template=without_rows(pilot.solution),
        latent_products=dict(pilot.products),
        rows=tested_rows(pilot, families),
        estimator=pilot.estimator,
        families=families,
        labels=dict(labels),
        n_parameters=n_parameters,
    )


def drawn(simulator: ResponseSimulator, items: tuple[str, ...], n: int, seed: np.random.SeedSequence) -> FloatArray:
    """Answers of *n* respondents to the items, of shape (n, p), in the direction of their construct."""
    number = int(seed.generate_state(1, np.uint64)[0])
    return simulator.draw_items(n=n, seed=number)[list(items)].to_numpy(dtype=np.float64)


def product_columns(pilot: Fit, items: tuple[str, ...]) -> ProductColumns:
    """Places of the factors of a model's product indicators among the items."""
    pairs = pilot.product_indicators
    return ProductColumns(
        first=np.array([items.index(pair.predictor_indicator) for pair in pairs], dtype=np.int64),
        second=np.array([items.index(pair.moderator_indicator) for pair in pairs], dtype=np.int64),
    )


def without_rows(solution: Solution) -> Solution:
    """A solution whose samples have lost their observations, so that it is small."""
    (group,) = solution.groups
    moments = replace(group.moments, observations=np.zeros((0, len(group.moments.variables))))
    discrepancy = MaximumLikelihood(moments=moments)
    problem = replace(solution.problem, samples=(moments,), discrepancies=(discrepancy,))
    return replace(solution, problem=problem, groups=(replace(group, moments=moments, discrepancy=discrepancy),))


def tested_rows(fit: Fit, families: Sequence[Family]) -> dict[str, Parameter]:
    """The row of the parameter table that decides each proposition, by its id."""
    factors = {frozenset(pair): name for name, pair in fit.products.items()}
    paths = {(row.lhs, row.rhs): row for row in fit.table.in_group(1) if row.op == "~"}
    found = {}
    for each in (each for family in families for each in family.tested):
        test = each.test
        if isinstance(test, PathTest):
            found[each.id] = paths[test.outcome, test.predictor]
        elif isinstance(test, InteractionTest):
            found[each.id] = paths[test.outcome, factors[frozenset((test.predictor, test.moderator))]]
    return found
