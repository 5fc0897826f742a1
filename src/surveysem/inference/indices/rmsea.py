"""Root mean square error of approximation, with its interval and test of close fit."""

from __future__ import annotations

from math import nan, sqrt

from scipy.optimize import brentq
from scipy.stats import chi2, ncx2


def rmsea(
    *, chi_square: float, degrees_of_freedom: float, n_obs: int, scaling: float = 1.0, n_groups: int = 1
) -> float:
    """Root mean square error of approximation.

    Parameters
    ----------
    chi_square : float
        Likelihood-ratio statistic, *n* times the discrepancy.
    degrees_of_freedom : float
        Of the statistic.
    n_obs : int
        Number of observations, *n* (lavaan's denominator, not *n* − 1).
    scaling : float
        Scaling factor *c* of a robust statistic; gives the robust version (Brosseau-Liard, Savalei & Li 2012).
    n_groups : int
        Number of groups, *g*; the index is multiplied with √g (Steiger 1998).

    References
    ----------
    steiger_1990, brosseau_liard_2012

    Examples
    --------
    >>> round(rmsea(chi_square=85.306, degrees_of_freedom=24, n_obs=301), 3)
    0.092
    """
    if degrees_of_freedom == 0:
        return 0.0
    misfit = max(chi_square - scaling * degrees_of_freedom, 0.0)
    return sqrt(n_groups * misfit / (degrees_of_freedom * n_obs))


def rmsea_interval(
    *,
    chi_square: float,
    degrees_of_freedom: float,
    n_obs: int,
    scaling: float = 1.0,
    n_groups: int = 1,
    level: float = 0.90,
) -> tuple[float, float]:
    """Confidence interval of the RMSEA from the noncentral χ² distribution.

    Parameters
    ----------
    chi_square, degrees_of_freedom, n_obs, n_groups
        As for :func:`rmsea`.
    scaling : float
        Scaling factor *c* of a robust statistic: the interval of χ²/c, stretched by √c.
    level : float
        Confidence level.

    References
    ----------
    steiger_1990, brosseau_liard_2012

    Examples
    --------
    >>> interval = rmsea_interval(chi_square=85.306, degrees_of_freedom=24, n_obs=301)
    >>> [round(bound, 3) for bound in interval]
    [0.071, 0.114]
    """
    if degrees_of_freedom == 0:
        return 0.0, 0.0
    scaled = chi_square / scaling
    tail = (1.0 - level) / 2.0
    bounds = (_noncentrality(scaled, degrees_of_freedom, q) for q in (1.0 - tail, tail))
    lower, upper = (sqrt(n_groups * scaling * bound / (degrees_of_freedom * n_obs)) for bound in bounds)
    return lower, upper


def rmsea_p_close(
    *,
    chi_square: float,
    degrees_of_freedom: float,
    n_obs: int,
    scaling: float = 1.0,
    n_groups: int = 1,
    close: float = 0.05,
) -> float:
    """P-value of the hypothesis that the RMSEA is at most *close*; NaN without degrees of freedom.

    References
    ----------
    browne_cudeck_1992

    Examples
    --------
    >>> round(rmsea_p_close(chi_square=38.125, degrees_of_freedom=35, n_obs=75), 3)
    0.611
    """
    if degrees_of_freedom == 0:
        return nan
    noncentrality = n_obs * degrees_of_freedom * close**2 / (scaling * n_groups)
    return _upper_tail(chi_square / scaling, degrees_of_freedom, noncentrality)


def rmsea_p_not_close(
    *,
    chi_square: float,
    degrees_of_freedom: float,
    n_obs: int,
    scaling: float = 1.0,
    n_groups: int = 1,
    not_close: float = 0.08,
) -> float:
    """P-value of the hypothesis that the RMSEA is at least *not_close*; NaN without degrees of freedom.

    References
    ----------
    maccallum_1996

    Examples
    --------
    >>> round(rmsea_p_not_close(chi_square=85.306, degrees_of_freedom=24, n_obs=301), 3)
    0.84
    """
    if degrees_of_freedom == 0:
        return nan
    noncentrality = n_obs * degrees_of_freedom * not_close**2 / (scaling * n_groups)
    return float(ncx2.cdf(chi_square / scaling, degrees_of_freedom, noncentrality))


def _upper_tail(chi_square: float, degrees_of_freedom: float, noncentrality: float) -> float:
    """Survival function of the noncentral χ²; scipy's overflows far below the mean, where the lower tail does not."""
    if chi_square < degrees_of_freedom:
        return 1.0 - float(ncx2.cdf(chi_square, degrees_of_freedom, noncentrality))
    return float(ncx2.sf(chi_square, degrees_of_freedom, noncentrality))


def _noncentrality(chi_square: float, degrees_of_freedom: float, probability: float) -> float:
    """Noncentrality at which *chi_square* is the quantile of that probability; 0 where there is none."""

    def gap(noncentrality: float) -> float:
        return float(ncx2.cdf(chi_square, degrees_of_freedom, noncentrality)) - probability

    if chi2.cdf(chi_square, degrees_of_freedom) < probability:
        return 0.0
    upper = max(chi_square, 1.0)
    while gap(upper) > 0:
        upper *= 2.0
    return float(brentq(gap, 1e-12, upper, xtol=1e-10, rtol=1e-12))
