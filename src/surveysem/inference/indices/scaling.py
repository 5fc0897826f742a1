"""Scaling factors of the Yuan–Bentler statistic, for data that are not normal."""

from __future__ import annotations

import numpy as np

from surveysem.linalg import inverse_positive_definite
from surveysem.typing import FloatArray


def saturated_trace(centred: FloatArray, sample_covariance: FloatArray) -> float:
    """tr(B₁A₁⁻¹) of the saturated model: half of (mean d⁴ − p), d² the squared Mahalanobis distance.

    A₁ is its expected and B₁ its first-order information. Under normality the value is p(p + 1)/2.

    Parameters
    ----------
    centred : array of shape (n, p)
        Observations less their means.
    sample_covariance : array of shape (p, p)
        Divided by *n*.
    """
    distances = np.einsum("ni,ij,nj->n", centred, inverse_positive_definite(sample_covariance), centred)
    return float((np.mean(distances**2) - centred.shape[1]) / 2.0)


def yuan_bentler_scaling_factor(
    *, saturated_trace: float, first_order: FloatArray, inverse_observed: FloatArray, degrees_of_freedom: int
) -> float:
    """Scaling factor *c* of the Yuan–Bentler statistic, in the form of Mplus and of lavaan's ``MLR``.

    c = [tr(B₁A₁⁻¹) − tr(B₀A₀⁻¹)] / df.

    Parameters
    ----------
    saturated_trace : float
        tr(B₁A₁⁻¹); see :func:`saturated_trace`.
    first_order, inverse_observed : arrays of shape (q, q)
        B₀ and A₀⁻¹ of one observation.
    degrees_of_freedom : int
        Of the model; 0 gives 1.

    References
    ----------
    yuan_bentler_2000
    """
    if degrees_of_freedom == 0:
        return 1.0
    model_trace = float(np.sum(inverse_observed * first_order))
    return abs(saturated_trace - model_trace) / degrees_of_freedom


def independence_trace(centred: FloatArray) -> float:
    """tr(B₀A₀⁻¹) of the model of independence: ½ Σ(κᵢ − 1), κ the kurtosis.

    Parameters
    ----------
    centred : array of shape (n, p)
        Observations less their means.
    """
    kurtosis = np.mean(centred**4, axis=0) / np.mean(centred**2, axis=0) ** 2
    return float(np.sum(kurtosis - 1.0)) / 2.0
