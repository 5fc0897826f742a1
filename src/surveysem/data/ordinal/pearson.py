"""Correlations of pairs of continuous variables in the two-stage estimator, and the influence of each row."""

from __future__ import annotations

import numpy as np

from surveysem.data.ordinal.columns import ContinuousColumns, explained_by_moments
from surveysem.data.ordinal.polyserial import RowPairs
from surveysem.typing import IntArray


def pearson_pairs(continuous: ContinuousColumns, first: IntArray, second: IntArray) -> RowPairs:
    """Product-moment correlations with the influence of each row on them, by normal scores.

    Parameters
    ----------
    continuous : ContinuousColumns
        First stage.
    first, second : ndarray, shape (b,)
        Numbers of the variables of each pair.

    References
    ----------
    muthen_1984
    """
    x, y = continuous.standardised[first], continuous.standardised[second]
    correlation = (x * y).mean(axis=1)
    rho = correlation[:, None]
    rest = 1.0 - rho**2
    score = rho / rest + (x - rho * y) * (y - rho * x) / rest**2
    explained = explained_by_moments(continuous, first, score, (x - rho * y) / rest)
    explained += explained_by_moments(continuous, second, score, (y - rho * x) / rest)
    return RowPairs(
        correlation=correlation,
        influence=(score - explained) / (score**2).mean(axis=1, keepdims=True),
        is_improbable=np.zeros(len(correlation), dtype=np.bool_),
    )
