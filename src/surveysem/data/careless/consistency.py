"""Even–odd consistency: do the halves of a respondent's scales agree?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from surveysem.data.careless.correlation import row_correlations
from surveysem.data.careless.ratio import ratio_where
from surveysem.typing import FloatArray

_FEWEST_SCALES = 3  # two points always correlate perfectly


def even_odd_consistency(answers: FloatArray, scales: Sequence[Sequence[int]]) -> FloatArray:
    """Even–odd consistency of each respondent, stepped up by the Spearman–Brown formula.

    Parameters
    ----------
    answers : array of shape (n, p)
        Answers, reverse-keyed items already reversed; NaN where missing.
    scales : sequence of sequences of int
        Columns of each unidimensional scale, in the order of its items; scales of one item are left out.

    Returns
    -------
    array of shape (n,)
        From −1 to 1, high where halves agree; NaN where fewer than three scales have an answer in both halves, or the
        scores of a half do not vary.

    Notes
    -----
    A half's score is the mean of the answers given to its items. The correlation *r* of the odd with the even scores,
    over scales, becomes 2r/(1 + r) and −1 where that is below −1 (r < −1/3), as in the R package careless, which since
    its version 1.2.1 reports the negative of it.

    References
    ----------
    jackson_1976, johnson_2005, meade_craig_2012

    Examples
    --------
    >>> answers = np.array([[1.0, 2.0, 4.0, 4.0, 7.0, 5.0], [1.0, 7.0, 7.0, 1.0, 4.0, 4.0]])
    >>> even_odd_consistency(answers, [[0, 1], [2, 3], [4, 5]]).round(4).tolist()
    [0.9909, -1.0]
    """
    halved = [list(scale) for scale in scales if len(scale) > 1]
    if len(halved) < _FEWEST_SCALES:
        return np.full(len(answers), np.nan)
    odd = np.column_stack([_means(answers[:, scale[0::2]]) for scale in halved])
    even = np.column_stack([_means(answers[:, scale[1::2]]) for scale in halved])
    r = row_correlations(odd, even, at_least=_FEWEST_SCALES)
    bounded = np.maximum(r, -1.0 / 3.0)
    stepped_up: FloatArray = 2.0 * bounded / (1.0 + bounded)
    return stepped_up


def _means(answers: FloatArray) -> FloatArray:
    given = ~np.isnan(answers)
    count = given.sum(axis=1)
    total = np.where(given, answers, 0.0).sum(axis=1)
    return ratio_where(total, count, count > 0)
