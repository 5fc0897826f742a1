"""Spread of one respondent's answers."""

from __future__ import annotations

import numpy as np

from surveysem.data.careless.ratio import ratio_where
from surveysem.typing import FloatArray

_CHUNK = 200_000  # values at a time, so that they stay in the processor's cache


def response_variability(answers: FloatArray) -> FloatArray:
    """Intra-individual response variability (IRV): standard deviation of each respondent's answers.

    Parameters
    ----------
    answers : array of shape (n, p)
        Answers before reverse coding; NaN where missing, which is left out.

    Returns
    -------
    array of shape (n,)
        Standard deviations, divided by the number of answers given less 1; NaN where fewer than two were.

    Notes
    -----
    A low value speaks of straight-lining, a very high one of answers at random (Dunn et al. 2018; Marjanovic et al.
    2015 call it the inter-item standard deviation).

    References
    ----------
    dunn_2018, marjanovic_2015

    Examples
    --------
    >>> response_variability(np.array([[3.0, 3.0, 3.0], [1.0, 4.0, np.nan]])).round(4).tolist()
    [0.0, 2.1213]
    """
    parts = np.array_split(answers, 1 + answers.size // _CHUNK)
    return np.concatenate([_of_part(part) for part in parts])


def _of_part(answers: FloatArray) -> FloatArray:
    given = ~np.isnan(answers)
    count = given.sum(axis=1)
    values = np.where(given, answers, 0.0)
    means = values.sum(axis=1) / np.maximum(count, 1)
    squares = np.where(given, answers - means[:, None], 0.0)
    squares *= squares
    spread: FloatArray = np.sqrt(ratio_where(squares.sum(axis=1), count - 1, count > 1))
    return spread
