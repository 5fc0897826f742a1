"""Indices that judge a model without comparing it to a baseline."""

from __future__ import annotations

from math import exp, nan

import numpy as np
from scipy.stats import chi2

from surveysem.typing import FloatArray


def mcdonald_fit_index(*, chi_square: float, degrees_of_freedom: float, n_obs: int) -> float:
    """McDonald's fit index, exp(−½ (χ² − df) / n) (lavaan's ``mfi``).

    References
    ----------
    mcdonald_1989

    Examples
    --------
    >>> round(mcdonald_fit_index(chi_square=85.306, degrees_of_freedom=24, n_obs=301), 3)
    0.903
    """
    return exp(-0.5 * (chi_square - degrees_of_freedom) / n_obs)


def expected_cross_validation_index(*, chi_square: float, n_parameters: int, n_obs: int) -> float:
    """Expected cross-validation index, (χ² + 2q) / n (lavaan's ``ecvi``).

    References
    ----------
    browne_cudeck_1989

    Examples
    --------
    >>> round(expected_cross_validation_index(chi_square=85.306, n_parameters=21, n_obs=301), 3)
    0.423
    """
    return (chi_square + 2.0 * n_parameters) / n_obs


def critical_n(*, chi_square: float, degrees_of_freedom: float, n_obs: int, level: float = 0.05) -> float:
    """Hoelter's critical *n*: the sample size at which this discrepancy would be rejected; NaN without df or misfit.

    Parameters
    ----------
    chi_square, degrees_of_freedom : float
        Of the model.
    n_obs : int
        Number of observations, *n*.
    level : float
        Level of the test.

    References
    ----------
    hoelter_1983

    Examples
    --------
    >>> round(critical_n(chi_square=85.306, degrees_of_freedom=24, n_obs=301), 1)
    129.5
    """
    if degrees_of_freedom == 0 or chi_square <= 0.0:
        return nan
    return float(chi2.isf(level, degrees_of_freedom)) * n_obs / chi_square + 1.0


def goodness_of_fit_index(*, misfit: float, total: float) -> float:
    """Goodness-of-fit index: share of the weighted squares of the covariances that the model reproduces.

    Parameters
    ----------
    misfit, total : float
        Squares of the residual and of the sample covariances, with the weights of the discrepancy; see
        :func:`weighted_squares`.

    References
    ----------
    joreskog_sorbom_1982

    Examples
    --------
    >>> goodness_of_fit_index(misfit=0.2, total=4.0)
    0.95
    """
    return 1.0 - misfit / total


def weighted_squares(matrix: FloatArray, weight: FloatArray) -> float:
    """Tr[(WM)²] of symmetric matrices (p, p): W = Σ⁻¹ for maximum likelihood, S⁻¹ for generalised least squares.

    Examples
    --------
    >>> weighted_squares(np.array([[1.0, 2.0], [2.0, 0.0]]), np.eye(2))
    9.0
    """
    weighted = weight @ matrix
    return float(np.sum(weighted * weighted.T))


def adjusted_goodness_of_fit_index(*, gfi: float, n_variables: int, degrees_of_freedom: int) -> float:
    """Goodness-of-fit index adjusted for degrees of freedom; NaN without them.

    References
    ----------
    joreskog_sorbom_1982

    Examples
    --------
    >>> round(adjusted_goodness_of_fit_index(gfi=0.943332, n_variables=9, degrees_of_freedom=24), 3)
    0.894
    """
    if degrees_of_freedom == 0:
        return nan
    return 1.0 - n_variables * (n_variables + 1) / (2.0 * degrees_of_freedom) * (1.0 - gfi)
