"""One fit by quadrature: nodes laid, the likelihood maximised, the nodes checked by a denser rule, the maximum too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from surveysem.data.moments import SampleMoments
from surveysem.errors import EstimationError, IdentificationError, Problem
from surveysem.estimation.engines.quasi_newton import approach
from surveysem.estimation.fitting import Solution, estimate_model
from surveysem.estimation.latent_moderation.likelihood import RADIUS, SPACING, LatentModeration, latent_moderation
from surveysem.implied import ModeratedStructure, model_moments, moment_structure
from surveysem.specification import ParameterTable
from surveysem.typing import FloatArray

LARGEST_SHIFT = 0.001
"""Largest movement of the estimates under a denser rule, in standard errors, that is put up with."""
LARGEST_CHANGE = 1e-4
"""Largest change of the log-likelihood, likewise."""
_REFINEMENTS = 5
_DENSER, _WIDER = 0.7, 1.0
"""By how much a denser rule shrinks the spacing, and how much farther it reaches in posterior standard deviations.

The error of the trapezoidal rule is exp(−2π²/spacing²) of the posterior's scale, so that 0.7 takes it to its square."""
_SECOND_START = 0.2
"""Smallest standardised coefficient of a product at the second start."""
_APART = 0.1
"""Distance in standard errors from which on two maxima are not the same; searched for to a hundredth."""
_LEAST_DEFICIT = 1e-5
"""Difference of two log-likelihoods that is more than rounding."""
_MAX_ITERATIONS = 200


@dataclass(frozen=True, kw_only=True)
class QuadratureCheck:
    """How an integral was computed, and what a denser rule says.

    Parameters
    ----------
    factors : tuple of str
        Latent variables integrated over.
    nodes, denser_nodes : int
        Nodes used, and those of the denser rule; of the group of rows that has most.
    change : float
        Log-likelihood by the denser rule, less that reported.
    shift : float
        Distance to the maximum by the denser rule, in standard errors: no estimate would move by more.
    deficit : float or None
        By how much the log-likelihood is lower at another maximum, where one was found.
    second_search_failed : bool
        Whether the search from the opposite start led elsewhere and ended at no maximum.
    """

    factors: tuple[str, ...]
    nodes: int
    denser_nodes: int
    change: float
    shift: float
    deficit: float | None = None
    second_search_failed: bool = False

    @property
    def holds(self) -> bool:
        """Whether the nodes suffice."""
        return abs(self.change) <= LARGEST_CHANGE and self.shift <= LARGEST_SHIFT


def estimate_by_quadrature(
    table: ParameterTable,
    samples: Sequence[SampleMoments],
    *,
    references: Sequence[float],
    start: FloatArray,
    nodes: int | None = None,
) -> tuple[Solution, QuadratureCheck]:
    """Maximum likelihood solution of a model with products of latent variables, and the check of its integral.

    Parameters
    ----------
    table : ParameterTable
        The model, with means.
    samples : sequence of SampleMoments
        One a group; observations may be NaN.
    references : sequence of float
        Log-likelihood of the saturated normal model of each group.
    start : array of shape (q,)
        Where to start: estimates of the linear model, products having no effect.
    nodes : int, optional
        Nodes in each dimension. By default as many as it takes, until a denser rule agrees.

    Raises
    ------
    EstimationError
        When no maximum was found, or the integral did not settle.
    """
    discrepancies = _first_nodes(table, samples, references, start, nodes)
    refinements = _REFINEMENTS if nodes is None else 0
    solution, check = _settled(table, samples, discrepancies, start, refinements)
    second = _second_search(solution, start)
    if second is None:
        return solution, check
    try:
        other, of_other = _settled(table, samples, _all_integrated(solution), second, refinements)
    except (EstimationError, IdentificationError):  # as where residual variances turn negative
        return solution, replace(check, second_search_failed=True)
    if not _distance(solution, other.theta) > _APART:
        return solution, check
    if other.discrepancy < solution.discrepancy:
        solution, check, other = other, of_other, solution
    deficit = solution.n_obs / 2.0 * (other.discrepancy - solution.discrepancy)
    # Where all signs of a latent variable may be reversed, the same model is found at two places.
    return solution, replace(check, deficit=deficit) if deficit > _LEAST_DEFICIT else check


def _settled(
    table: ParameterTable,
    samples: Sequence[SampleMoments],
    discrepancies: tuple[LatentModeration, ...],
    start: FloatArray,
    refinements: int,
) -> tuple[Solution, QuadratureCheck]:
    """A maximum that a denser rule agrees with, or, without refinements, one and what the denser rule says."""
    spacing, radius = SPACING, RADIUS
    for attempt in range(refinements + 1):
        solution = estimate_model(table, samples, discrepancies=discrepancies, start=start)
        spacing, radius = _DENSER * spacing, radius + _WIDER
        try:
            denser = tuple(
                each.denser(group.implied, spacing=spacing, radius=radius)
                for each, group in zip(_all_integrated(solution), solution.groups, strict=True)
            )
            check = _check(solution, denser)
        except np.linalg.LinAlgError:
            raise EstimationError("No maximum was found.", _without_density(solution)) from None
        if check.holds or attempt == refinements == 0:
            return solution, check
        discrepancies, start = denser, solution.theta
    raise EstimationError("The integral over the latent variables did not settle.", [_unsettled(check)])


def _without_density(solution: Solution) -> list[Problem]:
    """What is wrong with estimates at which rows have no density given some values of the latent variables."""
    negative = [
        f"{row.lhs} ({solution.theta[row.free - 1]:.3f})"
        for row in solution.table
        if row.free and row.op == "~~" and row.lhs == row.rhs and solution.theta[row.free - 1] <= 0.0
    ]
    found = "given some values of the latent variables the implied covariances are not positive definite"
    named = f"; residual variances below 0: {', '.join(negative)}" if negative else ""
    remedy = "Give residual variances a lower bound (x1 ~~ r*x1, r > 0.01)."
    return [Problem(where="the estimates", found=f"{found}{named}", remedy=remedy)]


def _unsettled(check: QuadratureCheck) -> Problem:
    return Problem(
        where=f"{check.nodes} nodes for {', '.join(check.factors)}",
        found=f"with {check.denser_nodes} the log-likelihood changes by {check.change:.2g} and an estimate by up to "
        f"{check.shift:.2g} standard errors",
        remedy="Look for a residual variance near 0, or an indicator that nearly repeats another; or use "
        'interaction="product_indicator" or "qml".',
    )


def _first_nodes(
    table: ParameterTable,
    samples: Sequence[SampleMoments],
    references: Sequence[float],
    start: FloatArray,
    nodes: int | None,
) -> tuple[LatentModeration, ...]:
    structures = [
        moment_structure(table.in_group(number), table.n_free, sample.covariance, sample.means)
        for number, sample in enumerate(samples, start=1)
    ]
    return tuple(
        latent_moderation(model_moments(structure, start), sample.observations, reference=reference, nodes=nodes)
        for structure, sample, reference in zip(structures, samples, references, strict=True)
    )


def _check(solution: Solution, denser: tuple[LatentModeration, ...]) -> QuadratureCheck:
    problem = replace(solution.problem, discrepancies=denser)
    implied = tuple(group.implied for group in solution.groups)
    basis = problem.basis
    gradient = basis.T @ problem.gradient(implied)
    hessian = basis.T @ solution.problem.lagrangian_hessian(implied) @ basis
    used, names = _all_integrated(solution), solution.groups[0].structure.latent
    held = dict.fromkeys(position for each in used for position in each.factors.latent)
    return QuadratureCheck(
        factors=tuple(names[position] for position in held),
        nodes=max(each.grid.largest for each in used),
        denser_nodes=max(each.grid.largest for each in denser),
        change=solution.n_obs / 2.0 * (solution.discrepancy - problem.value(implied)),
        shift=float(np.sqrt(solution.n_obs / 2.0 * abs(gradient @ np.linalg.solve(hessian, gradient)))),
    )


def _second_search(solution: Solution, start: FloatArray) -> FloatArray | None:
    """Where the search ends if products start with the opposite effects; None where that is the same place."""
    # What the solution's own discrepancies keep stays with them.
    problem = replace(solution.problem, discrepancies=tuple(replace(each) for each in _all_integrated(solution)))
    opposite = _opposite(solution, start)
    if problem.constraints is not None:
        opposite = problem.constraints.project(opposite)
    second, _ = approach(problem, opposite, max_iterations=_MAX_ITERATIONS, close_enough=_APART / 100.0)
    return second if _distance(solution, second) > _APART else None


def _distance(solution: Solution, theta: FloatArray) -> float:
    """Distance of *theta* (q,) from the estimates in standard errors."""
    hessian = solution.problem.hessian(tuple(group.implied for group in solution.groups))
    away = theta - solution.theta
    return float(np.sqrt(solution.n_obs / 2.0 * abs(away @ hessian @ away)))


def _opposite(solution: Solution, start: FloatArray) -> FloatArray:
    """The start with coefficients of products opposite to their estimates, and of noticeable size."""
    opposite = np.array(start)
    for group in solution.groups:
        structure = group.structure
        assert isinstance(structure, ModeratedStructure)
        deviations = np.sqrt(np.abs(np.diag(group.implied.latent_covariance)))
        products = zip(structure.product_parameter, structure.outcome, structure.first, structure.second, strict=True)
        for parameter, outcome, first, second in products:
            if parameter >= 0:
                estimate = solution.theta[parameter]
                least = _SECOND_START * deviations[outcome] / (deviations[first] * deviations[second])
                opposite[parameter] = -np.copysign(max(abs(estimate), least), estimate)
    return opposite


def _all_integrated(solution: Solution) -> tuple[LatentModeration, ...]:
    found = [each for each in solution.problem.discrepancies if isinstance(each, LatentModeration)]
    assert len(found) == len(solution.groups)
    return tuple(found)
