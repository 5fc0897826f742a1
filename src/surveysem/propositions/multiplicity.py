"""Adjustment of p-values for the number of propositions tested."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import numpy as np

from surveysem.inference.multiplicity import holm_adjusted
from surveysem.propositions.proposition import Multiplicity


def adjust_p_values(p_values: Sequence[float], method: Multiplicity) -> list[float]:
    """Adjusted p-values in the given order; NaN stays NaN and does not count.

    Parameters
    ----------
    p_values : sequence of float
        Unadjusted p-values of one family.
    method : {"none", "holm", "benjamini_hochberg"}
        Family-wise error (Holm 1979) or false discovery rate (Benjamini & Hochberg 1995).

    References
    ----------
    holm_1979, benjamini_hochberg_1995

    Examples
    --------
    >>> adjust_p_values([0.01, 0.04, 0.03], "holm")
    [0.03, 0.06, 0.06]
    >>> [round(p, 3) for p in adjust_p_values([0.01, 0.04, 0.03], "benjamini_hochberg")]
    [0.03, 0.04, 0.04]
    """
    if method == "none":
        return list(p_values)
    if method == "holm":
        return [float(p) for p in holm_adjusted(np.array(p_values, dtype=np.float64))]
    tested = [index for index, p in enumerate(p_values) if not isnan(p)]
    ascending = sorted(tested, key=lambda index: p_values[index])
    adjusted = list(p_values)
    for index, value in zip(ascending, _benjamini_hochberg([p_values[index] for index in ascending]), strict=True):
        adjusted[index] = value
    return adjusted


def _benjamini_hochberg(ascending: Sequence[float]) -> list[float]:
    adjusted: list[float] = []
    smallest = 1.0
    for rank in range(len(ascending), 0, -1):
        smallest = min(smallest, ascending[rank - 1] * (len(ascending) / rank))
        adjusted.append(smallest)
    return adjusted[::-1]
