"""Inference for least squares: standard errors, residual traces, and the model of independence."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from surveysem.errors import UnsupportedError
from surveysem.estimation import GeneralizedLeastSquares, GroupSolution, LeastSquares, Solution
from surveysem.implied import statistics_jacobian
from surveysem.inference.satorra_bentler import ScalingTraces
from surveysem.typing import EstimatorName, FloatArray

UNCORRECTED: frozenset[str] = frozenset({"GLS", "WLS", "DWLS", "ULS"})
"""Estimators with the standard errors and the statistic of correct weights."""

_Weighted: TypeAlias = LeastSquares | GeneralizedLeastSquares


def is_least_squares(solution: Solution) -> bool:
    """Whether least squares was minimised, in all groups."""
    return all(isinstance(group.discrepancy, LeastSquares | GeneralizedLeastSquares) for group in solution.groups)


def weight_information(solution: Solution) -> FloatArray:
    """ΔᵀVΔ of one observation, of shape (q, q): groups by their share of the observations."""
    total = np.zeros((solution.table.n_free, solution.table.n_free))
    for group in solution.groups:
        discrepancy = _discrepancy(group)
        total += group.weight / discrepancy.correction * discrepancy.expected_hessian(group.implied) / 2.0
    return total


def least_squares_covariance(solution: Solution, estimator: EstimatorName, inverse: FloatArray) -> FloatArray:
    """Covariance of the estimates, of shape (q, q), with lavaan's denominator *n* less the number of groups.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    estimator : str
        GLS, WLS, DWLS and ULS give (ΔᵀVΔ)⁻¹, which is right where V is the inverse of Γ; the others the sandwich
        (ΔᵀVΔ)⁻¹ ΔᵀVΓVΔ (ΔᵀVΔ)⁻¹.
    inverse : array of shape (q, q)
        (ΔᵀVΔ)⁻¹ of one observation, within the model's constraints.

    References
    ----------
    muthen_1984, satorra_bentler_1994
    """
    n = solution.n_obs - len(solution.groups)
    if estimator in UNCORRECTED:
        return inverse / n
    meat = np.zeros_like(inverse)
    for group in solution.groups:
        discrepancy = _with_statistics(group)
        loaded = discrepancy.weighted(statistics_jacobian(group.implied))
        meat += group.weight * loaded.T @ discrepancy.gamma @ loaded
    return inverse @ meat @ inverse / n


def residual_traces(solution: Solution, inverse: FloatArray) -> ScalingTraces:
    """tr(UΓ) and tr(UΓUΓ) of a model over all its groups, U = V − VΔ(ΔᵀVΔ)⁻¹ΔᵀV, of diagonal weights V.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    inverse : array of shape (q, q)
        (ΔᵀVΔ)⁻¹ of one observation, within the model's constraints.
    """
    trace, square = 0.0, 0.0
    meat, spread = np.zeros_like(inverse), np.zeros_like(inverse)
    for group in solution.groups:
        discrepancy = _with_statistics(group)
        loaded = discrepancy.weighted(statistics_jacobian(group.implied))
        carried = discrepancy.gamma @ loaded
        own = diagonal_traces(discrepancy.weight, discrepancy.gamma)
        trace += own.trace
        square += own.trace_of_square
        meat += group.weight * loaded.T @ carried
        spread += group.weight * carried.T @ discrepancy.weighted(carried)
    taken = inverse @ meat
    return ScalingTraces(
        trace=trace - float(np.trace(taken)),
        trace_of_square=square - 2.0 * float(np.sum(inverse * spread)) + float(np.sum(taken * taken.T)),
    )


def diagonal_traces(weight: FloatArray, gamma: FloatArray) -> ScalingTraces:
    """tr(VΓ) and tr(VΓVΓ) of a diagonal V, given as a vector (k,), and Γ (k, k)."""
    return ScalingTraces(trace=float(weight @ np.diag(gamma)), trace_of_square=float(weight @ gamma**2 @ weight))


def independence_traces(solution: Solution) -> ScalingTraces:
    """tr(UΓ) and tr(UΓUΓ) of the model of independence, of diagonal weights: those of the covariances alone."""
    each = [
        diagonal_traces(discrepancy.weight[at:], discrepancy.gamma[at:, at:])
        for discrepancy, at in _with_first_covariance(solution)
    ]
    return ScalingTraces(
        trace=sum(part.trace for part in each), trace_of_square=sum(part.trace_of_square for part in each)
    )


def independence_statistic(solution: Solution) -> float:
    """Statistic of the model in which nothing covaries; thresholds, means, variances and slopes are free in each group.

    Slopes are those on observed exogenous variables.
    """
    found = [group.discrepancy for group in solution.groups]
    generalized = [each for each in found if isinstance(each, GeneralizedLeastSquares)]
    if generalized:
        return sum(_generalized_independence(each) for each in generalized)
    return sum(_independence(discrepancy, at) for discrepancy, at in _with_first_covariance(solution))


def _independence(discrepancy: LeastSquares, at: int) -> float:
    """What is free takes up its share of the covariances where the weights tie them together."""
    covariances, weight = discrepancy.statistics[at:], discrepancy.weight
    if weight.ndim == 1:
        squares = float(weight[at:] @ covariances**2)
    else:
        left = weight[at:, at:] - weight[at:, :at] @ np.linalg.solve(weight[:at, :at], weight[:at, at:])
        squares = float(covariances @ left @ covariances)
    return (discrepancy.n_obs - 1) * squares


def _generalized_independence(discrepancy: GeneralizedLeastSquares) -> float:
    inverse = discrepancy.inverse
    variances = np.linalg.solve(inverse**2, np.diag(inverse))
    left = np.eye(len(inverse)) - inverse * variances
    return (discrepancy.n_obs - 1) * float(np.sum(left * left.T)) / 2.0


def _with_first_covariance(solution: Solution) -> list[tuple[LeastSquares, int]]:
    """Discrepancies with the position of their first covariance, given observed exogenous variables."""
    p = len(solution.table.observed) - len(solution.table.exogenous_observed)
    found = [_with_statistics(group) for group in solution.groups]
    return [(discrepancy, len(discrepancy.statistics) - p * (p - 1) // 2) for discrepancy in found]


def _discrepancy(group: GroupSolution) -> _Weighted:
    if not isinstance(group.discrepancy, LeastSquares | GeneralizedLeastSquares):
        raise UnsupportedError("This is computed for solutions of least squares only.")
    return group.discrepancy


def _with_statistics(group: GroupSolution) -> LeastSquares:
    if not isinstance(group.discrepancy, LeastSquares):
        raise UnsupportedError("Robust corrections are computed for WLS, DWLS and ULS only, not for GLS.")
    return group.discrepancy
