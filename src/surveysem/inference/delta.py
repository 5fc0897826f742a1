"""The delta method and normal-theory tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from surveysem.typing import FloatArray

_ROUNDING = 1e-10
"""Size of a variance, relative to what it would be if nothing cancelled, that rounding alone can make."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NormalTheory:
    """Estimates with standard errors, z, two-sided p and interval; arrays of shape (k,).

    A fixed quantity has standard error 0 and no z, p or interval (NaN).
    """

    estimate: FloatArray
    std_error: FloatArray
    z: FloatArray
    p_value: FloatArray
    ci_lower: FloatArray
    ci_upper: FloatArray


def delta_standard_errors(jacobian: FloatArray, covariance: FloatArray) -> FloatArray:
    """Standard errors √diag(J V Jᵀ) of functions of the parameters, of shape (k,); NaN where a variance is negative.

    They are 0 where all that varies cancels: a quantity that the model's constraints hold constant is fixed.

    Parameters
    ----------
    jacobian : array of shape (k, q)
        Derivatives of the functions.
    covariance : array of shape (q, q)
        Covariance of the estimates.

    Examples
    --------
    >>> delta_standard_errors(np.array([[1.0, 1.0]]), np.diag([9.0, 16.0]))
    array([5.])
    """
    variances = ((jacobian @ covariance) * jacobian).sum(axis=1)
    # What a constraint holds constant cancels within J V already, not only between its terms.
    uncancelled = (np.abs(jacobian) @ np.sqrt(np.abs(np.diag(covariance)))) ** 2
    variances = np.where(np.abs(variances) <= _ROUNDING * uncancelled, 0.0, variances)
    return np.asarray(np.sqrt(np.where(variances < 0.0, np.nan, variances)))


def normal_theory(estimate: FloatArray, std_error: FloatArray, *, level: float = 0.95) -> NormalTheory:
    """Wald tests and intervals of estimates.

    Parameters
    ----------
    estimate, std_error : arrays of shape (k,)
        A standard error of 0 marks a fixed quantity, NaN one without a standard error.
    level : float
        Confidence level of the intervals.

    Examples
    --------
    >>> result = normal_theory(np.array([1.96]), np.array([1.0]))
    >>> round(float(result.p_value[0]), 3)
    0.05
    """
    usable = np.where(std_error > 0, std_error, np.nan)
    z = estimate / usable
    half_width = norm.ppf(0.5 + level / 2.0) * usable
    return NormalTheory(
        estimate=estimate,
        std_error=std_error,
        z=z,
        p_value=2.0 * norm.sf(np.abs(z)),
        ci_lower=estimate - half_width,
        ci_upper=estimate + half_width,
    )
