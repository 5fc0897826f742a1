"""Bootstrap intervals and the p-values that agree with them.

A p-value here is 1 minus the level of the widest interval of its kind that leaves out 0, so that a table never shows
an interval without 0 beside a large p.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Literal, TypeAlias

import numpy as np
from scipy.stats import norm

from surveysem.typing import FloatArray

Confidence: TypeAlias = Literal["percentile", "bca", "basic", "normal"]

_CONSTANT = 1e-10
"""Range of the draws, relative to their size, that rounding alone can make."""


@dataclass(frozen=True, kw_only=True)
class BootstrapInterval:
    """What the draws say about one quantity.

    Parameters
    ----------
    n_draws : int
        Draws in which the quantity was defined.
    std_error : float
        Standard deviation of the draws (divided by *b* − 1); 0 for a fixed quantity.
    lower, upper, p_value : float
        NaN for a fixed quantity, and where the interval does not exist.
    """

    n_draws: int
    std_error: float
    lower: float
    upper: float
    p_value: float


def bootstrap_interval(
    draws: FloatArray,
    estimate: float,
    *,
    confidence: Confidence = "percentile",
    level: float = 0.95,
    acceleration: float = 0.0,
) -> BootstrapInterval:
    """Bootstrap standard error, interval and p-value of one quantity.

    Parameters
    ----------
    draws : array of shape (b,)
        The quantity in each replicate; NaN where it is not defined.
    estimate : float
        The quantity in the sample.
    confidence : {"percentile", "bca", "basic", "normal"}
        Quantiles of the draws; quantiles corrected for bias and acceleration; quantiles reflected at the estimate; or
        the normal distribution with the bias taken off.
    level : float
        Confidence level.
    acceleration : float
        Of BCa intervals; see :func:`acceleration_of`.

    Notes
    -----
    Quantiles are at (b + 1)α, so that the smallest p-value is 2 / (b + 1).

    References
    ----------
    efron_1987

    Examples
    --------
    >>> draws = np.random.default_rng(1).normal(0.5, 0.2, 1999)
    >>> interval = bootstrap_interval(draws, 0.5)
    >>> round(interval.lower, 2), round(interval.upper, 2), round(interval.p_value, 3)
    (0.11, 0.9, 0.016)
    """
    known = np.sort(draws[~np.isnan(draws)])
    if len(known) < 2 or np.isnan(estimate):
        return BootstrapInterval(n_draws=len(known), std_error=nan, lower=nan, upper=nan, p_value=nan)
    if known[-1] - known[0] <= _CONSTANT * max(abs(known[-1]), abs(known[0])):
        return BootstrapInterval(n_draws=len(known), std_error=0.0, lower=nan, upper=nan, p_value=nan)
    std_error = float(np.std(known, ddof=1))
    if confidence == "normal":
        lower, upper, p_value = _normal(known, estimate, std_error, level)
    elif confidence == "basic":
        upper, lower = (2.0 * estimate - _quantile(known, share) for share in ((1 - level) / 2, (1 + level) / 2))
        p_value = _two_sided(_share_below(known, 2.0 * estimate), len(known))
    else:
        correction = _bias_correction(known, estimate) if confidence == "bca" else 0.0
        lower, upper, p_value = _corrected(known, correction, acceleration if confidence == "bca" else 0.0, level)
    return BootstrapInterval(n_draws=len(known), std_error=std_error, lower=lower, upper=upper, p_value=p_value)


def acceleration_of(influence: FloatArray) -> FloatArray:
    """Acceleration Σ I³ / 6 (Σ I²)^(3/2) of BCa intervals from empirical influence, of shape (k,).

    Parameters
    ----------
    influence : array of shape (n, k)
        Derivative of each quantity with respect to the weight of each observation, up to a factor.

    Notes
    -----
    This is the infinitesimal jackknife: no refits without single observations are needed.

    References
    ----------
    efron_1987

    Examples
    --------
    >>> acceleration_of(np.array([[1.0], [-1.0]]))
    array([0.])
    """
    squares = (influence**2).sum(axis=0)
    cubes = (influence**3).sum(axis=0)
    acceleration: FloatArray = np.divide(cubes, 6.0 * squares**1.5, out=np.zeros_like(cubes), where=squares > 0)
    return acceleration


def _normal(draws: FloatArray, estimate: float, std_error: float, level: float) -> tuple[float, float, float]:
    centre = 2.0 * estimate - float(draws.mean())
    half_width = float(norm.ppf(0.5 + level / 2.0)) * std_error
    return centre - half_width, centre + half_width, 2.0 * float(norm.sf(abs(centre) / std_error))


def _corrected(draws: FloatArray, bias: float, acceleration: float, level: float) -> tuple[float, float, float]:
    """Interval between quantiles at Φ(z₀ + (z₀ + z) / (1 − a(z₀ + z))), and its inversion at 0."""
    if not np.isfinite(bias):
        return nan, nan, nan
    ends = []
    for z in (float(norm.ppf((1 - level) / 2)), float(norm.ppf((1 + level) / 2))):
        shrink = 1.0 - acceleration * (bias + z)
        if shrink <= 0:
            return nan, nan, nan
        ends.append(_quantile(draws, float(norm.cdf(bias + (bias + z) / shrink))))
    if draws[0] > 0 or draws[-1] < 0:
        return ends[0], ends[1], _two_sided(0.0, len(draws))
    reach = float(norm.ppf(_share_below(draws, 0.0))) - bias
    stretch = 1.0 + acceleration * reach
    share = float(norm.cdf(reach / stretch - bias)) if stretch > 0 else 0.0
    return ends[0], ends[1], _two_sided(share, len(draws))


def _bias_correction(draws: FloatArray, estimate: float) -> float:
    """Φ⁻¹ of the share of draws below the estimate; infinite where it is 0 or 1."""
    below = (np.searchsorted(draws, estimate, "left") + np.searchsorted(draws, estimate, "right")) / 2.0
    return float(norm.ppf(below / len(draws)))


def _quantile(draws: FloatArray, share: float) -> float:
    return float(np.quantile(draws, share, method="weibull"))


def _share_below(draws: FloatArray, point: float) -> float:
    """Share of a distribution below a point: the inverse of :func:`_quantile`, kept within [1, b] / (b + 1)."""
    ranks = np.arange(1, len(draws) + 1) / (len(draws) + 1)
    return float(np.interp(point, draws, ranks))


def _two_sided(share: float, n_draws: int) -> float:
    """Twice the smaller tail, which *b* draws cannot tell from less than 2 / (b + 1)."""
    return min(1.0, max(2.0 * min(share, 1.0 - share), 2.0 / (n_draws + 1)))
