"""Monte Carlo intervals of shares, and the sample size at which a share reaches a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import ndtr, ndtri

from surveysem.typing import FloatArray

Reached: TypeAlias = Literal["inside", "below", "above"]


def wilson_interval(successes: float, trials: int, *, level: float = 0.95) -> tuple[float, float]:
    """Interval of a share after Wilson (score interval).

    Parameters
    ----------
    successes : float
        How often it happened.
    trials : int
        How often it could; positive.
    level : float
        Confidence level.

    References
    ----------
    wilson_1927

    Examples
    --------
    >>> [round(limit, 4) for limit in wilson_interval(8, 10)]
    [0.4902, 0.9433]
    """
    z = float(ndtri(0.5 + level / 2.0))
    share = successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    # At 0 and 1 the limits are exact, which rounding would miss.
    return (0.0 if successes == 0 else centre - half), (1.0 if successes == trials else centre + half)


@dataclass(frozen=True, kw_only=True)
class RequiredSize:
    """The smallest sample that reaches a power.

    Parameters
    ----------
    n : float
        Respondents, rounded up; NaN where the target is not crossed between the sizes simulated.
    lower, upper : float
        Interval; NaN where its end lies outside the sizes simulated.
    reached : {"inside", "below", "above"}
        Whether the target is crossed between the sizes, is already met by the smallest, or not met by the largest.
    """

    n: float
    lower: float
    upper: float
    reached: Reached


def required_size(
    sizes: Sequence[int], successes: Sequence[int], trials: int, *, target: float, level: float = 0.95
) -> RequiredSize:
    """Sample size at which the share of successes reaches *target*.

    Parameters
    ----------
    sizes : sequence of int, increasing
        Sample sizes simulated.
    successes : sequence of int
        Successes at each.
    trials : int
        Replications of each size.
    target : float
        Power wanted.
    level : float
        Level of the interval.

    Notes
    -----
    Shares are first made to increase with *n* (isotonic regression). Between two sizes the probit of (successes + ½) /
    (trials + 1) is interpolated linearly in √n, in which Wald power is linear. The interval holds the sizes at which
    the upper and the lower Wilson limit reach the target, interpolated likewise. Nothing is extrapolated.

    References
    ----------
    wilson_1927

    Examples
    --------
    >>> required_size([100, 200, 300], [400, 700, 900], 1000, target=0.8).n
    240.0
    """
    counts = isotonic(np.asarray(successes, dtype=np.float64))
    limits = np.array([wilson_interval(count, trials, level=level) for count in counts])
    n, reached = _crossing(sizes, (counts + 0.5) / (trials + 1.0), target)
    lower, _ = _crossing(sizes, limits[:, 1], target)
    upper, _ = _crossing(sizes, limits[:, 0], target)
    return RequiredSize(n=n, lower=lower, upper=upper, reached=reached)


def isotonic(values: FloatArray) -> FloatArray:
    """Nearest increasing sequence in squares (pooling of adjacent violators), of shape (k,).

    Examples
    --------
    >>> isotonic(np.array([1.0, 3.0, 2.0])).tolist()
    [1.0, 2.5, 2.5]
    """
    blocks: list[tuple[float, int]] = []
    for value in values.tolist():
        mean, size = value, 1
        while blocks and blocks[-1][0] > mean:
            before, length = blocks.pop()
            mean, size = (before * length + mean * size) / (length + size), length + size
        blocks.append((mean, size))
    return np.repeat([mean for mean, _ in blocks], [size for _, size in blocks])


def _crossing(sizes: Sequence[int], shares: FloatArray, target: float) -> tuple[float, Reached]:
    """Size at which increasing shares reach the target, rounded up."""
    if shares[0] >= target:
        return (float(sizes[0]), "inside") if shares[0] == target else (nan, "below")
    if shares[-1] < target:
        return nan, "above"
    after = int(np.argmax(shares >= target))
    roots = np.sqrt(np.asarray(sizes[after - 1 : after + 1], dtype=np.float64))
    # A share of 0 or 1 has no probit; as a limit of an interval it stands for one beyond any that was observed.
    low, high = ndtri(np.maximum(shares[after - 1], _LEAST)), ndtri(np.minimum(shares[after], 1.0 - _LEAST))
    position = (float(ndtri(target)) - low) / (high - low)
    size = float((roots[0] + position * (roots[1] - roots[0])) ** 2)
    return float(np.ceil(round(size, 6))), "inside"


_LEAST = float(ndtr(-6.0))
"""Share taken for the probit of an interval's limit at 0 or 1."""
