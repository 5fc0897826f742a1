"""Adjustment of p-values for the number of tests."""

from __future__ import annotations

import numpy as np

from surveysem.typing import FloatArray


def holm_adjusted(p_values: FloatArray) -> FloatArray:
    """p-values adjusted for the number of tests, of shape (k,); NaN stays NaN and does not count.

    Parameters
    ----------
    p_values : array of shape (k,)
        Unadjusted.

    References
    ----------
    holm_1979

    Examples
    --------
    >>> holm_adjusted(np.array([0.01, 0.04, np.nan, 0.03])).round(3).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    tested = np.flatnonzero(~np.isnan(p_values))
    ascending = tested[np.argsort(p_values[tested], kind="stable")]
    adjusted = np.array(p_values, dtype=np.float64)
    steps = p_values[ascending] * np.arange(len(ascending), 0, -1)
    adjusted[ascending] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
