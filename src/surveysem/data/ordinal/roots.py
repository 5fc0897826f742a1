"""Correlations at which the derivative of a log-likelihood vanishes, for many pairs at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from surveysem.data.ordinal.bivariate_normal import LARGEST_CORRELATION
from surveysem.data.ordinal.columns import BoolArray
from surveysem.errors import EstimationError
from surveysem.typing import FloatArray, IntArray

# Score of all rows and its derivative, at the correlations of the pairs with these numbers.
ScoreFunction: TypeAlias = Callable[[FloatArray, IntArray], tuple[FloatArray, FloatArray]]

_LAST_STEP = 1e-8  # Newton's error is then of the order of its square
_LEAST_GAIN = 1e-10
_MOST_STEPS = 100


def score_roots(score: ScoreFunction, start: FloatArray) -> FloatArray:
    """Correlations that maximise *b* log-likelihoods, between −0.999 and 0.999.

    Newton's method, kept inside the interval in which the score changes its sign; where a Newton step would leave it
    or the log-likelihood is not concave, the interval is halved. A log-likelihood so flat that the information is below
    1, a standard error above 1, is left where a further step would raise it by less than 1e-10: it may rise for ever.

    Parameters
    ----------
    score : callable
        Takes correlations and the numbers of the pairs they belong to, returns the score and its derivative.
    start : ndarray, shape (b,)
        Start values.

    Raises
    ------
    EstimationError
        When 100 steps do not suffice.
    """
    correlation = np.clip(start, -0.95, 0.95)
    low, high = np.full_like(correlation, -1.0), np.full_like(correlation, 1.0)
    active = np.arange(correlation.size)
    for _ in range(_MOST_STEPS):
        if not active.size:
            return correlation
        here = correlation[active]
        value, slope = score(here, active)
        low[active] = np.where(value > 0.0, here, low[active])
        high[active] = np.where(value > 0.0, high[active], here)
        following = _inside(here, value, slope, low[active], high[active])
        correlation[active] = following
        active = active[(np.abs(following - here) > _LAST_STEP) & ~_is_flat(value, slope)]
    raise EstimationError(
        f"{active.size} of {correlation.size} correlations of ordered variables did not converge in {_MOST_STEPS} "
        "steps. Look for items that repeat each other and for rare categories in their cross tables."
    )


def _is_flat(value: FloatArray, slope: FloatArray) -> BoolArray:
    return np.asarray((slope < 0.0) & (slope > -1.0) & (value**2 < -slope * _LEAST_GAIN))


def _inside(here: FloatArray, value: FloatArray, slope: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    concave = slope < 0.0
    step = np.divide(-value, slope, out=np.zeros_like(value), where=concave)
    newton = np.clip(here + step, -LARGEST_CORRELATION, LARGEST_CORRELATION)
    middle = np.clip((low + high) / 2.0, -LARGEST_CORRELATION, LARGEST_CORRELATION)
    return np.where(concave & (newton >= low) & (newton <= high), newton, middle)
