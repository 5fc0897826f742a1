"""A fitted model, labelled: what researchers look at and every later stage reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, get_args

import numpy as np
import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.estimation import GroupSolution, Solution
from surveysem.estimation.agreement import EngineAgreement, compare_engines
from surveysem.findings import Finding
from surveysem.implied import among_explained, explained_variables, response_covariance
from surveysem.inference.admissibility import admissibility_findings
from surveysem.inference.estimates import estimates_table
from surveysem.inference.explained import effect_sizes, r_squared
from surveysem.inference.indices import collect_fit_indices
from surveysem.inference.indices.available import AvailableIndices
from surveysem.inference.information import parameter_covariance
from surveysem.inference.least_squares import is_least_squares
from surveysem.inference.reliability import reliability_table
from surveysem.inference.standardized import Standardization
from surveysem.inference.summary import summarize
from surveysem.inference.validity import fornell_larcker_table, htmt_table
from surveysem.specification import ParameterTable
from surveysem.specification.products import ProductPair
from surveysem.typing import EstimatorName, FloatArray, MaximumLikelihoodName

if TYPE_CHECKING:
    from surveysem.inference.bootstrap import Bootstrap
    from surveysem.inference.modification import ScoreTest
    from surveysem.inference.wald import WaldTest

Frame = TypeVar("Frame", pd.DataFrame, pd.Series)


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """A fitted model with its inference.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    estimator : str
        Which standard errors and test statistic are reported.
    parameter_covariance : array of shape (q, q)
        Covariance of the estimates under that estimator.
    products : Mapping of str to (str, str)
        Latent products by name, with the latent variables they are made of.
    group_labels : tuple of str
        Values of the grouping variable, in the order of the groups; empty where there is one group.
    notes : tuple of Finding
        What was noticed before the model was fitted, rows left out above all.
    product_indicators : tuple of ProductPair
        Observed variables that are products of others, centred once or twice; the bootstrap centres them anew.
    curved_test : bool
        Whether the statistic of MLR rests on information with the curvature of the model.
    rows : tuple of pandas.Index
        Labels of the rows used, as the data frame has them; one index a group. Empty where there was no data frame.

    Notes
    -----
    A ``Fit`` exists only for a solution that converged; one that did not raises
    :class:`~surveysem.errors.EstimationError` where it was estimated.
    """

    solution: Solution
    estimator: EstimatorName
    parameter_covariance: FloatArray
    products: Mapping[str, tuple[str, str]]
    group_labels: tuple[str, ...] = ()
    notes: tuple[Finding, ...] = ()
    product_indicators: tuple[ProductPair, ...] = ()
    curved_test: bool = True
    rows: tuple[pd.Index, ...] = ()

    @cached_property
    def estimates(self) -> pd.DataFrame:
        """All parameters: lhs, op, rhs, estimate, std_error, z, p_value, interval, std_lv, std_all …"""
        return estimates_table(self.solution, self.parameter_covariance, products=self.products)

    @cached_property
    def fit_indices(self) -> Mapping[str, float]:
        """Fit indices under lavaan's names."""
        collected = collect_fit_indices(self.solution, self.estimator, curved=self.curved_test)
        return MappingProxyType(AvailableIndices(collected))

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What a reader must be told about the data used and the solution."""
        found = [admissibility_findings(group) for group in self.solution.groups]
        if len(found) > 1:
            labelled = zip(self.group_labels, found, strict=True)
            found = [
                tuple(replace(each, where=f"{each.where}, group {name}") for each in part) for name, part in labelled
            ]
        noticed = (*self.notes, *_boundary_findings(self.solution), *_definition_findings(self))
        return (*noticed, *(finding for part in found for finding in part))

    @cached_property
    def r_squared(self) -> pd.Series:
        """Share of explained variance of indicators and outcomes; indexed by group too where there are several."""
        return self.by_group(r_squared)

    @cached_property
    def effect_sizes(self) -> Mapping[tuple[str, str], float]:
        """Cohen's f² by (outcome, predictor), of the first group where there are several."""
        return effect_sizes(self.solution.groups[0], self.products)

    @cached_property
    def reliability(self) -> pd.DataFrame:
        """Alpha, omega, composite reliability and AVE per latent variable."""
        return self.by_group(reliability_table)

    @cached_property
    def htmt(self) -> pd.DataFrame:
        """Heterotrait–monotrait ratios, a symmetric frame."""
        return self.by_group(htmt_table)

    @cached_property
    def fornell_larcker(self) -> pd.DataFrame:
        """Latent correlations with √AVE on the diagonal."""
        return self.by_group(fornell_larcker_table)

    def by_group(self, table_of: Callable[[GroupSolution], Frame]) -> Frame:
        """A table of each group, one under the other with the group's label as first index level."""
        tables = [table_of(group) for group in self.solution.groups]
        return tables[0] if len(tables) == 1 else pd.concat(tables, keys=self.group_labels, names=["group"])

    @property
    def converged(self) -> bool:
        """Always true: a model that does not converge raises instead of returning numbers."""
        return True

    @property
    def admissible(self) -> bool:
        """Whether some population could have this solution."""
        return not any(finding.severity == "serious" for finding in self.findings)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The findings as sentences."""
        return tuple(finding.message for finding in self.findings)

    @property
    def engine(self) -> str:
        """Software that found the estimates."""
        return self.solution.engine_result.engine

    @property
    def table(self) -> ParameterTable:
        """The model's parameter table."""
        return self.solution.table

    @property
    def n_obs(self) -> int:
        """Number of observations, *n*."""
        return self.solution.n_obs

    @cached_property
    def implied_covariance(self) -> pd.DataFrame:
        """Σ at the estimates; latent responses of ordered variables in units of their standard deviation.

        Beside ordered variables, it is that given the observed exogenous ones.
        """
        return self.by_group(_implied_covariance)

    def standardized(self, kind: Standardization = "std_all", *, level: float = 0.95) -> pd.DataFrame:
        """Standardised solution (std_all, std_lv or std_nox) with delta-method standard errors and intervals."""
        from surveysem.inference.standardized_table import standardized_solution

        return standardized_solution(self, kind, level=level)

    def modification_indices(self) -> pd.DataFrame:
        """What χ² would lose, and parameters gain, if fixed and absent parameters were free; sorted."""
        from surveysem.inference.modification import modification_indices

        return modification_indices(self)

    def bootstrap(
        self,
        n_replicates: int = 5000,
        *,
        seed: int,
        confidence: str = "percentile",
        level: float = 0.95,
        kind: str = "nonparametric",
        progress: bool = False,
        n_jobs: int = 1,
    ) -> Bootstrap:
        """Refits to resampled rows: draws, intervals and p-values of all parameters, standardised and defined ones too.

        Whole clusters are drawn where rows are clustered; incomplete rows and ordered variables are treated as in the
        fit itself. See :func:`~surveysem.inference.bootstrap.bootstrap`.

        Parameters
        ----------
        n_replicates : int
            Number of samples drawn.
        seed : int
            The same seed gives the same draws, whatever *n_jobs* is.
        confidence : {"percentile", "bca", "basic", "normal"}
            Kind of interval; p-values agree with it.
        level : float
            Confidence level.
        kind : {"nonparametric", "bollen_stine"}
            Resample the rows as they are, or transformed to fit the model, for a test of fit.
        progress : bool
            Show a progress bar on a terminal.
        n_jobs : int
            Processes; they gain where one would take more than a few seconds.
        """
        from surveysem.inference.bootstrap import bootstrap

        return bootstrap(
            self,
            n_replicates,
            seed=seed,
            confidence=confidence,  # type: ignore[arg-type]  # checked there
            level=level,
            kind=kind,  # type: ignore[arg-type]  # checked there
            progress=progress,
            n_jobs=n_jobs,
        )

    def monte_carlo_intervals(self, n_draws: int = 20_000, *, seed: int, level: float = 0.95) -> pd.DataFrame:
        """Intervals of defined quantities, indirect effects above all, from normal draws of the parameters."""
        from surveysem.inference.monte_carlo import monte_carlo_intervals

        return monte_carlo_intervals(self, n_draws, seed=seed, level=level)

    def score_test(self) -> ScoreTest:
        """What giving up equality constraints would bring: one by one, and all together."""
        from surveysem.inference.modification import score_test

        return score_test(self)

    def wald_test(self, hypothesis: str) -> WaldTest:
        """Wald test of restrictions of labelled parameters, such as ``"a == b"``."""
        from surveysem.inference.wald import wald_test

        return wald_test(self, hypothesis)

    def residuals(self, kind: str = "raw") -> pd.DataFrame:
        """Sample less implied moments: raw, of correlations (cor), or over their standard errors (standardized)."""
        from surveysem.inference.residuals import residuals

        return residuals(self, kind)  # type: ignore[arg-type]  # checked there

    def factor_scores(self, method: str | None = None) -> pd.DataFrame:
        """Scores of the latent variables: regression (the default) or bartlett; of ordered indicators ebm or ml."""
        from surveysem.inference.scores import factor_scores

        return factor_scores(self, method)  # type: ignore[arg-type]  # checked there

    @cached_property
    def agreement(self) -> EngineAgreement | str:
        """How far a refit by semopy, independent software, is from these estimates, or why there is none."""
        expected = self.estimator if is_least_squares(self.solution) else "ML"
        errors = np.sqrt(np.diag(parameter_covariance(self.solution, expected)))
        return compare_engines(self.solution, errors)

    def summary(self) -> str:
        """Text for a terminal: fit, loadings, paths, variances and what to beware of."""
        return summarize(self)

    def __repr__(self) -> str:
        if self.solution.has_latent_products:
            return f"<Fit {self.estimator}, n = {self.n_obs}, ln L = {self.fit_indices['logl']:.3f}, {self.engine}>"
        chi_square, df = self.fit_indices["chisq"], self.fit_indices["df"]
        return f"<Fit {self.estimator}, n = {self.n_obs}, χ²({df:.0f}) = {chi_square:.3f}, {self.engine}>"

    def _repr_html_(self) -> str:
        return f"<pre style='font-family: monospace'>{escape(self.summary())}</pre>"


def infer(
    solution: Solution,
    *,
    estimator: EstimatorName,
    products: Mapping[str, tuple[str, str]] | None = None,
    group_labels: tuple[str, ...] = (),
    notes: tuple[Finding, ...] = (),
    product_indicators: tuple[ProductPair, ...] = (),
    curved_test: bool = True,
    rows: tuple[pd.Index, ...] = (),
) -> Fit:
    """Inference for a solution.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    estimator : str
        Which standard errors and test statistic.
    products : Mapping of str to (str, str), optional
        Latent products among the latent variables.
    group_labels : tuple of str
        Values of the grouping variable.
    notes : tuple of Finding
        What was noticed before.
    product_indicators : tuple of ProductPair
        Observed variables that are products of others, centred once or twice at the rows analysed.
    curved_test : bool
        Rest the statistic of MLR on information with the curvature of the model.
    rows : tuple of pandas.Index
        Labels of the rows used, one index a group.

    Raises
    ------
    UnsupportedError
        For least squares of continuous variables in models with observed exogenous ones, and unknown estimators.
    EstimationError
        When the information matrix is not positive definite.
    """
    if estimator not in get_args(EstimatorName):
        raise UnsupportedError(f"There is no estimator {estimator!r}. Available: {', '.join(get_args(EstimatorName))}.")
    if solution.table.exogenous_observed and is_least_squares(solution) and not solution.table.ordered:
        names = ", ".join(solution.table.exogenous_observed)
        raise UnsupportedError(
            f"{estimator} of continuous variables is not available in models with observed exogenous variables "
            f"({names}). Available: {', '.join(get_args(MaximumLikelihoodName))}."
        )
    covariance = np.array(parameter_covariance(solution, estimator))
    covariance.setflags(write=False)
    return Fit(
        solution=solution,
        estimator=estimator,
        parameter_covariance=covariance,
        products=dict(products or {}),
        group_labels=group_labels,
        notes=notes,
        product_indicators=product_indicators,
        curved_test=curved_test,
        rows=rows,
    )


def _boundary_findings(solution: Solution) -> tuple[Finding, ...]:
    constraints = solution.problem.constraints
    return tuple(
        Finding(
            severity="warning",
            where="inequality constraint",
            message=f"{written} is held at its boundary; without it the estimates would lie beyond. Standard errors "
            "and tests take it for an equality.",
        )
        for written in (constraints.boundaries if constraints else ())
    )


def _definition_findings(fit: Fit) -> tuple[Finding, ...]:
    """Defined quantities that are no real number at the estimates, as the logarithm of a negative one."""
    if not fit.table.definitions:
        return ()
    defined = fit.estimates[fit.estimates["op"] == ":="]
    return tuple(
        Finding(
            severity="warning",
            where="defined quantity",
            message=f"{row.lhs} := {row.rhs} is no real number at the estimates: a root or logarithm of a negative "
            "value, or an overflow. It has no estimate.",
        )
        for row in defined[~np.isfinite(defined["estimate"])].itertuples()
    )


def _implied_covariance(group: GroupSolution) -> pd.DataFrame:
    names = explained_variables(group.structure)
    covariance = among_explained(group.structure, response_covariance(group.implied))
    return pd.DataFrame(covariance, index=names, columns=names)
