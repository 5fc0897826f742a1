"""The maximum likelihood discrepancy, its gradient and its Hessian."""

from __future__ import annotations

import numpy as np

from surveysem.implied import ImpliedMoments, trace_gradient, trace_hessian, trace_products
from surveysem.linalg import inverse_positive_definite, log_determinant
from surveysem.typing import FloatArray


def ml_discrepancy(implied_covariance: FloatArray, sample_covariance: FloatArray) -> float:
    """Maximum likelihood discrepancy F = ln|Σ| + tr(SΣ⁻¹) − ln|S| − p.

    Parameters
    ----------
    implied_covariance, sample_covariance : arrays of shape (p, p)
        Σ and S, both positive definite; S divided by *n*.

    Raises
    ------
    numpy.linalg.LinAlgError
        When one of them is not positive definite.

    References
    ----------
    bollen_1989

    Examples
    --------
    >>> ml_discrepancy(np.eye(2), np.eye(2))
    0.0
    """
    weighted = np.linalg.solve(implied_covariance, sample_covariance)
    log_ratio = log_determinant(implied_covariance) - log_determinant(sample_covariance)
    return float(log_ratio + np.trace(weighted) - len(sample_covariance))


def ml_gradient(moments: ImpliedMoments, sample_covariance: FloatArray) -> FloatArray:
    """∂F/∂θ of shape (q,): tr[(Σ⁻¹ − Σ⁻¹SΣ⁻¹) ∂Σ/∂θ]."""
    inverse = inverse_positive_definite(moments.covariance)
    return trace_gradient(moments, inverse - inverse @ sample_covariance @ inverse)


def ml_hessian(moments: ImpliedMoments, sample_covariance: FloatArray) -> FloatArray:
    """∂²F/∂θ∂θᵀ of shape (q, q); half of it is the observed information of one observation."""
    inverse = inverse_positive_definite(moments.covariance)
    weighted = inverse @ sample_covariance @ inverse
    curvature = trace_hessian(moments, inverse - weighted)
    return curvature + 2.0 * trace_products(moments, weighted, inverse) - trace_products(moments, inverse, inverse)


def ml_expected_hessian(moments: ImpliedMoments) -> FloatArray:
    """Expectation of ∂²F/∂θ∂θᵀ under the model, of shape (q, q)."""
    inverse = inverse_positive_definite(moments.covariance)
    return trace_products(moments, inverse, inverse)
