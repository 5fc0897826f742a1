"""One fit: refuse what cannot be determined, run an engine, judge for ourselves whether it arrived."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveysem.data.moments import SampleMoments
from surveysem.errors import EstimationError, IdentificationError, Problem
from surveysem.estimation.discrepancy import ml_discrepancy, ml_expected_hessian, ml_gradient
from surveysem.estimation.engines import find_engine
from surveysem.estimation.solution import REMEDY_FOR_NO_SOLUTION, EngineResult
from surveysem.implied import CovarianceStructure, ImpliedMoments, covariance_structure, implied_moments
from surveysem.specification import ParameterTable, check_identification
from surveysem.typing import FloatArray

CONVERGED_WITHIN = 0.001
"""Largest distance to the minimum, in standard errors, of a solution that counts as converged."""

_RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """A model at the minimum of its discrepancy.

    Parameters
    ----------
    table : ParameterTable
        The model.
    moments : SampleMoments
        The data it was fitted to.
    structure : CovarianceStructure
        The model as matrices.
    implied : ImpliedMoments
        Moments at the estimates.
    engine_result : EngineResult
        Estimates and the software they come from.
    discrepancy : float
        F at the estimates.
    distance : float
        Distance to the minimum in standard errors: √(gᵀ V g) with g the gradient of the log-likelihood and V the
        inverse of its expected information.
    """

    table: ParameterTable
    moments: SampleMoments
    structure: CovarianceStructure
    implied: ImpliedMoments
    engine_result: EngineResult
    discrepancy: float
    distance: float

    @property
    def theta(self) -> FloatArray:
        """Estimates of the free parameters, of shape (q,)."""
        return self.engine_result.theta


def estimate_model(table: ParameterTable, moments: SampleMoments, *, engine: str = "semopy") -> Solution:
    """Maximum likelihood solution of one model in one sample.

    Parameters
    ----------
    table : ParameterTable
        The model.
    moments : SampleMoments
        Of the table's observed variables, in its order; covariance divided by *n*.
    engine : str
        Which software minimises.

    Raises
    ------
    IdentificationError
        Before or after fitting, naming what cannot be determined.
    EstimationError
        When the engine broke off or did not reach a minimum. No result with doubtful numbers is returned.
    """
    if moments.variables != table.observed:
        raise ValueError("moments must be of table.observed, in that order")
    check_identification(table)
    structure = covariance_structure(table, moments.covariance)
    result = find_engine(engine).fit(table, moments)
    implied, discrepancy = _evaluate(structure, moments, result)
    return Solution(
        table=table,
        moments=moments,
        structure=structure,
        implied=implied,
        engine_result=result,
        discrepancy=discrepancy,
        distance=_distance_to_minimum(table, implied, moments, result),
    )


def _evaluate(
    structure: CovarianceStructure, moments: SampleMoments, result: EngineResult
) -> tuple[ImpliedMoments, float]:
    try:
        if not np.isfinite(result.theta).all():
            raise np.linalg.LinAlgError
        implied = implied_moments(structure, result.theta)
        return implied, ml_discrepancy(implied.covariance, moments.covariance)
    except np.linalg.LinAlgError:
        raise EstimationError(
            "The model did not converge: at the estimates the implied covariance matrix is not positive definite.",
            [_advice(result)],
        ) from None


def _distance_to_minimum(
    table: ParameterTable, implied: ImpliedMoments, moments: SampleMoments, result: EngineResult
) -> float:
    """Distance in standard errors, refusing solutions that lie too far off or where information is singular."""
    gradient = ml_gradient(implied, moments.covariance)
    curvature = ml_expected_hessian(implied)
    _check_rank(table, curvature)
    step = np.linalg.solve(curvature, gradient)
    distance = float(np.sqrt(moments.n_obs / 2.0 * abs(gradient @ step)))
    if not distance <= CONVERGED_WITHIN:
        raise EstimationError(
            f"The model did not converge: the estimates lie {distance:.2g} standard errors from the minimum.",
            [_advice(result)],
        )
    return distance


def _check_rank(table: ParameterTable, curvature: FloatArray) -> None:
    """Refuse a singular information matrix, naming the parameters that trade off against each other."""
    scale = np.sqrt(np.maximum(np.diag(curvature), np.finfo(float).tiny))
    eigenvalues, vectors = np.linalg.eigh(curvature / np.outer(scale, scale))
    null_space = vectors[:, eigenvalues <= _RANK_TOLERANCE * eigenvalues[-1]]
    if not null_space.size:
        return
    weights = np.linalg.norm(null_space, axis=1)
    involved = [name for name, weight in zip(table.free_names, weights, strict=True) if weight > 0.1 * weights.max()]
    raise IdentificationError(
        "The model is not identified: the information matrix is singular at the estimates.",
        [
            Problem(
                where="parameters",
                found=f"{', '.join(involved[:12])} cannot be {'told apart' if len(involved) > 1 else 'determined'}",
                remedy="Fix or equate one of them, or remove a path.",
            )
        ],
    )


def _advice(result: EngineResult) -> Problem:
    return Problem(
        where=f"engine {result.engine}, after {result.n_iterations} iterations",
        found=result.message or "no message",
        remedy=REMEDY_FOR_NO_SOLUTION,
    )
