"""Rubin's rules: estimates and tests from several imputed data sets as one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc

from surveysem.errors import UnsupportedError
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class PooledEstimates:
    """Estimates pooled over imputations.

    Parameters
    ----------
    estimates : array of shape (k,)
        Means over imputations.
    std_errors : array of shape (k,)
        Square roots of the total variances.
    degrees_of_freedom : array of shape (k,)
        Of the t distribution, after Barnard and Rubin.
    relative_increase : array of shape (k,)
        Of the variance, due to what is missing; *r*.
    missing_information : array of shape (k,)
        Fraction of missing information.
    """

    estimates: FloatArray
    std_errors: FloatArray
    degrees_of_freedom: FloatArray
    relative_increase: FloatArray
    missing_information: FloatArray

    def __post_init__(self) -> None:
        for name in ("estimates", "std_errors", "degrees_of_freedom", "relative_increase", "missing_information"):
            getattr(self, name).setflags(write=False)


@dataclass(frozen=True, kw_only=True)
class PooledTest:
    """A likelihood-ratio test pooled over imputations.

    Parameters
    ----------
    statistic : float
        D, to be referred to an F distribution.
    degrees_of_freedom : int
        Of the numerator, *k*: those of the test.
    denominator_degrees_of_freedom : float
        Of the denominator.
    p_value : float
        Upper tail of F.
    relative_increase : float
        Average relative increase in variance due to what is missing; negative estimates count as 0.
    bounded : bool
        Whether its estimate was negative.
    """

    statistic: float
    degrees_of_freedom: int
    denominator_degrees_of_freedom: float
    p_value: float
    relative_increase: float
    bounded: bool

    @property
    def chi_square(self) -> float:
        """D times its degrees of freedom, approximately χ² where imputations are many."""
        return self.statistic * self.degrees_of_freedom


def pool_estimates(estimates: FloatArray, std_errors: FloatArray, *, complete_df: float) -> PooledEstimates:
    """Pooled estimates, standard errors, degrees of freedom and fractions of missing information.

    Parameters
    ----------
    estimates, std_errors : arrays of shape (m, k)
        Of each of *m* imputed data sets.
    complete_df : float
        Degrees of freedom there would be if nothing were missing.

    Notes
    -----
    T = W + (1 + 1/m) B, W the mean of the squared standard errors and B the variance of the estimates, divided by
    m − 1. r = (1 + 1/m) B/W; degrees of freedom νₘ = (m − 1)(1 + 1/r)², ν₀ = (ν + 1)/(ν + 3) · ν(1 − λ) with
    λ = (1 + 1/m) B/T, together νₘν₀/(νₘ + ν₀); fraction of missing information (r + 2/(ν + 3))/(1 + r).

    References
    ----------
    rubin_1987, barnard_rubin_1999

    Examples
    --------
    >>> pooled = pool_estimates(np.array([[1.0], [1.2], [0.8]]), np.array([[0.5], [0.5], [0.5]]), complete_df=100.0)
    >>> pooled.estimates.round(3).tolist(), pooled.std_errors.round(4).tolist()
    ([1.0], [0.5508])
    """
    m = len(estimates)
    mean = estimates.mean(axis=0)
    within = (std_errors**2).mean(axis=0)
    between = (1.0 + 1.0 / m) * estimates.var(axis=0, ddof=1)
    total = within + between
    with np.errstate(divide="ignore", invalid="ignore"):  # where nothing is missing, or nothing was estimated
        r = between / within
        old = (m - 1.0) * (1.0 + 1.0 / r) ** 2
        observed = (complete_df + 1.0) / (complete_df + 3.0) * complete_df * within / total
        df = 1.0 / (1.0 / old + 1.0 / observed)
        fraction = (r + 2.0 / (df + 3.0)) / (1.0 + r)
    return PooledEstimates(
        estimates=mean,
        std_errors=np.sqrt(total),
        degrees_of_freedom=df,
        relative_increase=r,
        missing_information=fraction,
    )


def pool_likelihood_ratios(
    statistics: FloatArray, statistics_at_pooled: FloatArray, *, degrees_of_freedom: int
) -> PooledTest:
    """D₃ of Meng and Rubin: a likelihood-ratio test pooled from likelihoods at the pooled estimates.

    Parameters
    ----------
    statistics : array of shape (m,)
        Likelihood-ratio statistic of each imputed data set at its own estimates.
    statistics_at_pooled : array of shape (m,)
        The same with both models at their estimates pooled over imputations.
    degrees_of_freedom : int
        Of the test, *k*.

    Raises
    ------
    UnsupportedError
        For a test without degrees of freedom.

    Notes
    -----
    r = (m + 1)/(k(m − 1)) (d̄ − d̄ₗ), D₃ = d̄ₗ/(k(1 + r)). With t = k(m − 1) the denominator has
    4 + (t − 4)(1 + (1 − 2/t)/r)² degrees of freedom where t > 4, else t(1 + 1/k)(1 + 1/r)²/2.

    References
    ----------
    meng_rubin_1992

    Examples
    --------
    >>> test = pool_likelihood_ratios(np.array([9.0, 11.0, 10.0]), np.array([8.0, 8.5, 9.0]), degrees_of_freedom=4)
    >>> round(test.statistic, 4), round(test.relative_increase, 4)
    (1.2143, 0.75)
    """
    k, m = _checked(degrees_of_freedom), len(statistics)
    at_pooled = float(np.mean(statistics_at_pooled))
    estimated = (m + 1.0) / (k * (m - 1.0)) * (float(np.mean(statistics)) - at_pooled)
    r = max(estimated, 0.0)
    t = k * (m - 1.0)
    if r == 0.0:
        denominator = np.inf
    elif t > 4:
        denominator = 4.0 + (t - 4.0) * (1.0 + (1.0 - 2.0 / t) / r) ** 2
    else:
        denominator = t * (1.0 + 1.0 / k) * (1.0 + 1.0 / r) ** 2 / 2.0
    return _test(at_pooled / (k * (1.0 + r)), k, denominator, r, bounded=estimated < 0)


def pool_chi_squares(statistics: FloatArray, *, degrees_of_freedom: int) -> PooledTest:
    """D₂ of Li, Meng, Raghunathan and Rubin: a test pooled from χ² statistics alone, rougher than D₃.

    Parameters
    ----------
    statistics : array of shape (m,)
        χ² statistic of each imputed data set.
    degrees_of_freedom : int
        Of the test, *k*.

    Raises
    ------
    UnsupportedError
        For a test without degrees of freedom.

    Notes
    -----
    r = (1 + 1/m) times the variance of √d, D₂ = (d̄/k − (m + 1)/(m − 1) r)/(1 + r), with
    k^(−3/m) (m − 1)(1 + 1/r)² degrees of freedom in the denominator.

    References
    ----------
    li_1991

    Examples
    --------
    >>> test = pool_chi_squares(np.array([9.0, 11.0, 10.0]), degrees_of_freedom=4)
    >>> round(test.statistic, 4), round(test.relative_increase, 4)
    (2.3545, 0.0334)
    """
    k, m = _checked(degrees_of_freedom), len(statistics)
    r = (1.0 + 1.0 / m) * float(np.var(np.sqrt(statistics), ddof=1))
    d = (float(np.mean(statistics)) / k - (m + 1.0) / (m - 1.0) * r) / (1.0 + r)
    denominator = k ** (-3.0 / m) * (m - 1.0) * (1.0 + 1.0 / r) ** 2 if r > 0 else np.inf
    return _test(d, k, denominator, r, bounded=False)


def _checked(degrees_of_freedom: int) -> int:
    if degrees_of_freedom < 1:
        raise UnsupportedError("There is nothing to test: the model has no degrees of freedom.")
    return degrees_of_freedom


def _test(statistic: float, k: int, denominator: float, r: float, *, bounded: bool) -> PooledTest:
    # F with 1e10 degrees of freedom in the denominator is χ²/k to nine digits.
    p_value = float(fdtrc(k, min(denominator, 1e10), max(statistic, 0.0)))
    return PooledTest(
        statistic=statistic,
        degrees_of_freedom=k,
        denominator_degrees_of_freedom=float(denominator),
        p_value=p_value,
        relative_increase=r,
        bounded=bounded,
    )
