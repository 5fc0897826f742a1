"""Psychometric synonyms and antonyms: does a respondent answer alike items alike?"""

from __future__ import annotations

import numpy as np

from surveysem.data.careless.correlation import row_correlations
from surveysem.data.careless.ratio import ratio_where
from surveysem.typing import FloatArray, IntArray

_FEWEST_PAIRS = 3  # two points always correlate perfectly
_CHUNK = 200_000  # values at a time, so that they stay in the processor's cache


def psychometric_synonyms(answers: FloatArray, *, correlation: float = 0.6) -> FloatArray:
    """Correlation, within each respondent, of the answers to pairs of items that correlate highly in the sample.

    Parameters
    ----------
    answers : array of shape (n, p)
        Answers; NaN where missing.
    correlation : float
        Pairs whose correlation in the sample exceeds it are synonyms; 0.60 is Meade and Craig's.

    Returns
    -------
    array of shape (n,)
        High for consistent answers; NaN where fewer than three pairs are answered, or one side of them does not vary.

    References
    ----------
    meade_craig_2012, curran_2016

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> factors = np.repeat(rng.normal(size=(200, 3)), 2, axis=1)
    >>> answers = factors + 0.3 * rng.normal(size=(200, 6))
    >>> answers[0] = [1, -1, 0, 2, -2, 0.5]
    >>> index = psychometric_synonyms(answers)
    >>> bool(index[0] < 0 < 0.5 < np.nanmedian(index))
    True
    """
    return correlation_over_pairs(answers, strongly_correlated_pairs(answers, correlation=correlation))


def psychometric_antonyms(answers: FloatArray, *, correlation: float = -0.6) -> FloatArray:
    """Correlation, within each respondent, of the answers to pairs of items that correlate very negatively.

    Parameters
    ----------
    answers : array of shape (n, p)
        Answers before reverse coding; NaN where missing.
    correlation : float
        Pairs whose correlation in the sample lies below it are antonyms.

    Returns
    -------
    array of shape (n,)
        Negative for consistent answers; NaN where fewer than three pairs are answered, or one side does not vary.

    References
    ----------
    meade_craig_2012, curran_2016

    Examples
    --------
    >>> psychometric_antonyms(np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]])).tolist()
    [nan, nan, nan]
    """
    return correlation_over_pairs(answers, strongly_correlated_pairs(answers, correlation=correlation))


def strongly_correlated_pairs(answers: FloatArray, *, correlation: float) -> IntArray:
    """Pairs of columns that correlate more than a positive, or less than a negative, value.

    Parameters
    ----------
    answers : array of shape (n, p)
        Answers; NaN where missing. Each pair is correlated over the rows that have both.
    correlation : float
        The value; its sign says which side.

    Returns
    -------
    int array of shape (k, 2)
        Columns, the earlier first.

    Examples
    --------
    >>> answers = np.array([[1.0, 2.0, 3.0], [2.0, 3.0, 2.0], [3.0, 4.0, 1.0], [4.0, 5.0, 1.0]])
    >>> strongly_correlated_pairs(answers, correlation=0.6).tolist()
    [[0, 1]]
    """
    correlations = pairwise_correlations(answers)
    beyond = correlations > correlation if correlation > 0 else correlations < correlation
    first, second = np.nonzero(np.triu(beyond, 1))
    return np.column_stack([first, second])


def correlation_over_pairs(answers: FloatArray, pairs: IntArray) -> FloatArray:
    """Correlation, within each respondent, of the answers to the first with those to the second items of pairs.

    Parameters
    ----------
    answers : array of shape (n, p)
        Answers; NaN where missing.
    pairs : int array of shape (k, 2)
        Columns.

    Returns
    -------
    array of shape (n,)
        NaN where fewer than three pairs are answered, or one side of them does not vary.

    Examples
    --------
    >>> correlation_over_pairs(np.array([[1.0, 1.0, 2.0, 2.0, 4.0, 3.0]]), np.array([[0, 1], [2, 3], [4, 5]])).round(4)
    array([0.982])
    """
    parts = np.array_split(answers, 1 + len(answers) * len(pairs) // _CHUNK)
    sides = ((part[:, pairs[:, 0]], part[:, pairs[:, 1]]) for part in parts)
    return np.concatenate([row_correlations(*side, at_least=_FEWEST_PAIRS) for side in sides])


def pairwise_correlations(answers: FloatArray) -> FloatArray:
    """Correlation of each two columns (p, p) over the rows that have both; NaN where one does not vary there."""
    given = ~np.isnan(answers)
    centre = np.where(given, answers, 0.0).sum(axis=0) / np.maximum(given.sum(axis=0), 1)
    x = np.where(given, answers - centre, 0.0)
    if given.all():
        return _correlation(x.T @ x)
    present = given.astype(np.float64)
    count = np.maximum(present.T @ present, 1.0)
    sums = x.T @ present
    squares = (x * x).T @ present - sums**2 / count
    products = x.T @ x - sums * sums.T / count
    return _ratio(products, np.sqrt(np.maximum(squares, 0.0) * np.maximum(squares, 0.0).T))


def _correlation(products: FloatArray) -> FloatArray:
    spread = np.sqrt(np.diag(products))
    return _ratio(products, np.outer(spread, spread))


def _ratio(products: FloatArray, scale: FloatArray) -> FloatArray:
    return ratio_where(products, scale, scale > 0)
