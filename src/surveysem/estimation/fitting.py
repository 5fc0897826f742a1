"""One fit: refuse what cannot be determined, run an engine, judge for ourselves whether it arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from surveysem.data.moments import SampleMoments
from surveysem.errors import EstimationError, IdentificationError, Problem
from surveysem.estimation.constrained_start import confined
from surveysem.estimation.constraints import next_active
from surveysem.estimation.discrepancy import Discrepancy, MaximumLikelihood
from surveysem.estimation.engines import find_engine
from surveysem.estimation.full_information import FullInformation
from surveysem.estimation.problem import EstimationProblem
from surveysem.estimation.solution import REMEDY_FOR_NO_SOLUTION, EngineResult
from surveysem.implied import ImpliedMoments, ModeratedStructure, MomentStructure, moment_structure
from surveysem.linalg import is_positive_definite
from surveysem.specification import ParameterTable, check_identification
from surveysem.typing import FloatArray

CONVERGED_WITHIN = 0.001
"""Largest distance to the minimum, in standard errors, of a solution that counts as converged."""

_RANK_TOLERANCE = 1e-10
_NEGATIVE = 1e-8
"""Negative curvature, relative to the largest, that is more than rounding."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupSolution:
    """One group at the minimum.

    Parameters
    ----------
    table : ParameterTable
        The group's rows; numbers of free parameters are those of the whole model.
    moments : SampleMoments
        The data it was fitted to.
    structure : MomentStructure
        The model as matrices.
    implied : ImpliedMoments
        Moments at the estimates.
    discrepancy : Discrepancy
        What was minimised.
    weight : float
        Share of all observations.
    """

    table: ParameterTable
    moments: SampleMoments
    structure: MomentStructure
    implied: ImpliedMoments
    discrepancy: Discrepancy
    weight: float

    @property
    def theta(self) -> FloatArray:
        """Estimates of the free parameters of the whole model, of shape (q,)."""
        return self.implied.theta


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """A model at the minimum of its discrepancy.

    Parameters
    ----------
    problem : EstimationProblem
        The model, its data and what was minimised.
    groups : tuple of GroupSolution
        One a group.
    engine_result : EngineResult
        Estimates and the software they come from.
    discrepancy : float
        F at the estimates.
    distance : float
        Distance to the minimum in standard errors: √(gᵀ V g) with g the gradient of the log-likelihood and V the
        inverse of its expected information.
    """

    problem: EstimationProblem
    groups: tuple[GroupSolution, ...]
    engine_result: EngineResult
    discrepancy: float
    distance: float

    @property
    def table(self) -> ParameterTable:
        """The model, all groups."""
        return self.problem.table

    @property
    def n_obs(self) -> int:
        """Observations in all groups, *n*."""
        return self.problem.n_obs

    @property
    def incomplete(self) -> bool:
        """Whether rows with missing values were used."""
        return any(isinstance(group.discrepancy, FullInformation) for group in self.groups)

    @property
    def has_latent_products(self) -> bool:
        """Whether predictors are products of latent variables: the likelihood is then no function of moments."""
        return any(isinstance(group.structure, ModeratedStructure) for group in self.groups)

    @property
    def theta(self) -> FloatArray:
        """Estimates of the free parameters, of shape (q,)."""
        return self.engine_result.theta


def estimate_model(
    table: ParameterTable,
    samples: SampleMoments | Sequence[SampleMoments],
    *,
    discrepancies: Sequence[Discrepancy] | None = None,
    engine: str = "native",
    start: FloatArray | None = None,
) -> Solution:
    """Maximum likelihood solution of one model.

    Parameters
    ----------
    table : ParameterTable
        The model.
    samples : SampleMoments or sequence of SampleMoments
        One a group, of the table's observed variables in its order; covariances divided by *n*.
    discrepancies : sequence of Discrepancy, optional
        One a group; complete-data maximum likelihood if left out.
    engine : {"native", "semopy"}
        Which software minimises.
    start : array of shape (q,), optional
        Where to start; guesses from the moments if left out.

    Raises
    ------
    IdentificationError
        Before or after fitting, naming what cannot be determined.
    EstimationError
        When the engine broke off or did not reach a minimum. No result with doubtful numbers is returned.
    """
    given = (samples,) if isinstance(samples, SampleMoments) else tuple(samples)
    if any(sample.variables != table.observed for sample in given) or len(given) != table.n_groups:
        raise ValueError("moments must be of table.observed, in that order, one for each group")
    check_identification(table)
    problem, result = _minimum(table, given, discrepancies, engine, start)
    implied, discrepancy = _evaluate(problem, result)
    problem = problem.at(result.theta)
    distance = _distance_to_minimum(problem, implied, result)
    _check_curvature(problem, implied, result)
    parts = zip(given, problem.structures, implied, problem.discrepancies, problem.weights, strict=True)
    return Solution(
        problem=problem,
        groups=tuple(
            GroupSolution(
                table=table.in_group(number),
                moments=sample,
                structure=structure,
                implied=moments,
                discrepancy=each,
                weight=float(weight),
            )
            for number, (sample, structure, moments, each, weight) in enumerate(parts, start=1)
        ),
        engine_result=result,
        discrepancy=discrepancy,
        distance=distance,
    )


def _minimum(
    table: ParameterTable,
    samples: tuple[SampleMoments, ...],
    discrepancies: Sequence[Discrepancy] | None,
    engine: str,
    start: FloatArray | None,
) -> tuple[EstimationProblem, EngineResult]:
    """The problem solved, with those inequalities held to their boundaries that would be crossed otherwise."""
    active: frozenset[int] = frozenset()
    tried = set()
    while active not in tried:
        tried.add(active)
        problem = confined(replace(_problem(table, samples, discrepancies), start=start), active)
        result = find_engine(engine).fit(problem)
        if not any(row.op in ("<", ">") for row in table.constraints):
            return problem, result
        implied, _ = _evaluate(problem, result)
        following = next_active(table, result.theta, problem.gradient(implied), active)
        if following == active:
            return problem, result
        active = following
    raise EstimationError(
        "The model did not converge: the inequality constraints are taken up and given up in turn.",
        [_advice(result)],
    )


def _problem(
    table: ParameterTable,
    samples: tuple[SampleMoments, ...],
    discrepancies: Sequence[Discrepancy] | None,
) -> EstimationProblem:
    return EstimationProblem(
        table=table,
        samples=samples,
        structures=tuple(
            moment_structure(table.in_group(number), table.n_free, sample.covariance, sample.means)
            for number, sample in enumerate(samples, start=1)
        ),
        discrepancies=tuple(discrepancies or (MaximumLikelihood(moments=sample) for sample in samples)),
    )


def _evaluate(problem: EstimationProblem, result: EngineResult) -> tuple[tuple[ImpliedMoments, ...], float]:
    try:
        if not np.isfinite(result.theta).all():
            raise np.linalg.LinAlgError
        implied = problem.implied(result.theta)
        return implied, problem.value(implied)
    except np.linalg.LinAlgError:
        raise EstimationError(
            "The model did not converge: at the estimates the implied covariance matrix is not positive definite.",
            [_advice(result)],
        ) from None


def _distance_to_minimum(
    problem: EstimationProblem, implied: tuple[ImpliedMoments, ...], result: EngineResult
) -> float:
    """Distance in standard errors, refusing solutions that lie too far off or where information is singular."""
    basis = np.eye(problem.table.n_free) if problem.constraints is None else problem.constraints.basis
    gradient = basis.T @ problem.gradient(implied)
    hessian = problem.hessian(implied) if problem.is_integrated else problem.metric_hessian(implied)
    curvature = basis.T @ hessian @ basis
    if problem.is_integrated:
        _check_maximum(curvature, result)
    _check_rank(problem.table, curvature, basis)
    step = np.linalg.solve(curvature, gradient)
    distance = float(np.sqrt(problem.n_obs / 2.0 * abs(gradient @ step)))
    if not distance <= CONVERGED_WITHIN:
        raise EstimationError(
            f"The model did not converge: the estimates lie {distance:.2g} standard errors from the minimum.",
            [_advice(result)],
        )
    return distance


def _check_maximum(curvature: FloatArray, result: EngineResult) -> None:
    """Refuse points where the exact Hessian has a negative curvature: the search broke off on the way."""
    diagonal = np.diag(curvature)
    if (diagonal >= 0.0).all():
        scale = np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
        eigenvalues = np.linalg.eigvalsh(curvature / np.outer(scale, scale))
        if eigenvalues[0] >= -_NEGATIVE * eigenvalues[-1]:
            return
    raise EstimationError("The model did not converge: the search ended at no maximum.", [_advice(result)])


def _check_curvature(problem: EstimationProblem, implied: tuple[ImpliedMoments, ...], result: EngineResult) -> None:
    """Refuse stationary points that are no minimum along constraints that are not linear."""
    if not problem.is_curved:
        return
    curvature = problem.basis.T @ problem.lagrangian_hessian(implied) @ problem.basis
    scale = np.sqrt(np.abs(np.diag(curvature)))
    if not is_positive_definite(curvature / np.outer(scale, scale)):
        raise EstimationError(
            "The model did not converge: along its constraints the discrepancy could be decreased further, from a "
            "point where its gradient vanishes.",
            [_advice(result)],
        )


def _check_rank(table: ParameterTable, curvature: FloatArray, basis: FloatArray) -> None:
    """Refuse a singular information matrix, naming the parameters that trade off against each other."""
    scale = np.sqrt(np.maximum(np.diag(curvature), np.finfo(float).tiny))
    eigenvalues, vectors = np.linalg.eigh(curvature / np.outer(scale, scale))
    null_space = vectors[:, eigenvalues <= _RANK_TOLERANCE * eigenvalues[-1]]
    if not null_space.size:
        return
    weights = cast(FloatArray, np.linalg.norm(basis @ (null_space / scale[:, None]), axis=1))
    involved = [name for name, weight in zip(table.free_names, weights, strict=True) if weight > 0.1 * weights.max()]
    raise IdentificationError(
        "The model is not identified: the information matrix is singular where the search ended.",
        [
            Problem(
                where="parameters",
                found=f"{', '.join(involved[:12])} cannot be {'told apart' if len(involved) > 1 else 'determined'}",
                remedy="Fix or equate one of them, or remove a path. If the model is known to be identified, the "
                "search ended where it is not: give start values (start(0.5)*x), and look for missing codes.",
            )
        ],
    )


def _advice(result: EngineResult) -> Problem:
    return Problem(
        where=f"engine {result.engine}, after {result.n_iterations} iterations",
        found=result.message or "no message",
        remedy=REMEDY_FOR_NO_SOLUTION,
    )
