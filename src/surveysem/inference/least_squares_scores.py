"""What score tests of least squares need: curvature, and the covariance of the scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from surveysem.estimation import EstimationProblem, GeneralizedLeastSquares, LeastSquares
from surveysem.implied import ImpliedMoments, statistics_jacobian
from surveysem.typing import FloatArray


def expected_curvature(problem: EstimationProblem, implied: Sequence[ImpliedMoments]) -> FloatArray:
    """Expected Hessian of F, of shape (q, q); of least squares 2 ΔᵀVΔ, as in lavaan without the factor (n − 1)/n."""
    total = np.zeros((problem.table.n_free, problem.table.n_free))
    for weight, discrepancy, moments in zip(problem.weights, problem.discrepancies, implied, strict=True):
        if isinstance(discrepancy, LeastSquares | GeneralizedLeastSquares):
            weight = weight / discrepancy.correction
        total += weight * discrepancy.expected_hessian(moments)
    return total


def score_covariance(problem: EstimationProblem, implied: Sequence[ImpliedMoments]) -> FloatArray:
    """ΔᵀVΓVΔ of least squares, of shape (q, q): the covariance of the scores of one observation.

    Raises
    ------
    ValueError
        For discrepancies without Γ.
    """
    total = np.zeros((problem.table.n_free, problem.table.n_free))
    for weight, discrepancy, moments in zip(problem.weights, problem.discrepancies, implied, strict=True):
        if not isinstance(discrepancy, LeastSquares):
            raise ValueError("the covariance of scores is computed for WLS, DWLS and ULS only")
        loaded = discrepancy.weighted(statistics_jacobian(moments))
        total += weight * loaded.T @ discrepancy.gamma @ loaded
    return total
