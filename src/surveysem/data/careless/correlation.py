"""Correlations within rows."""

from __future__ import annotations

import numpy as np

from surveysem.data.careless.ratio import ratio_where
from surveysem.typing import FloatArray

_ROUNDING = 1e-12
_CHUNK = 200_000  # values at a time, so that they stay in the processor's cache


def row_correlations(first: FloatArray, second: FloatArray, *, at_least: int) -> FloatArray:
    """Correlation of two arrays (n, k) within each row, over the places where both have a value.

    Parameters
    ----------
    first, second : arrays of shape (n, k)
        NaN where missing.
    at_least : int
        Places a row needs.

    Returns
    -------
    array of shape (n,)
        NaN where there are fewer places, or one side does not vary.
    """
    n_parts = 1 + first.size // _CHUNK
    parts = zip(np.array_split(first, n_parts), np.array_split(second, n_parts), strict=True)
    return np.concatenate([_of_part(x, y, at_least) for x, y in parts])


def _of_part(first: FloatArray, second: FloatArray, at_least: int) -> FloatArray:
    both = ~(np.isnan(first) | np.isnan(second))
    count = both.sum(axis=1)
    x, y = (_centred(values, both, count) for values in (first, second))
    spread_x, spread_y = ((values * values).sum(axis=1) for values in (x, y))
    scale_x, scale_y = (np.where(both, values * values, 0.0).sum(axis=1) for values in (first, second))
    varies = (spread_x > _ROUNDING * scale_x) & (spread_y > _ROUNDING * scale_y)
    usable = varies & (count >= at_least)
    root = np.sqrt(spread_x * spread_y)
    return ratio_where((x * y).sum(axis=1), root, usable)


def _centred(values: FloatArray, both: np.ndarray, count: np.ndarray) -> FloatArray:
    kept = np.where(both, values, 0.0)
    means = kept.sum(axis=1) / np.maximum(count, 1)
    centred: FloatArray = np.where(both, kept - means[:, None], 0.0)
    return centred
