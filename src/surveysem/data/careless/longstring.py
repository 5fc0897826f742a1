"""Runs of equal answers."""

from __future__ import annotations

import numpy as np

from surveysem.data.careless.ratio import ratio_where
from surveysem.typing import FloatArray, IntArray


def longest_runs(answers: FloatArray) -> IntArray:
    """Longest run of equal neighbouring answers of each respondent (longstring).

    Parameters
    ----------
    answers : array of shape (n, p)
        Answers in the order they were given, before reverse coding; NaN where missing. A missing answer ends a run.

    Returns
    -------
    int array of shape (n,)
        Lengths of runs; 0 for a row without answers.

    References
    ----------
    johnson_2005, meade_craig_2012

    Examples
    --------
    >>> longest_runs(np.array([[4.0, 4.0, 4.0, 5.0], [1.0, 2.0, 1.0, 2.0]])).tolist()
    [3, 1]
    """
    run = np.zeros(len(answers), dtype=np.int64)
    longest = run.copy()
    previous = np.full(len(answers), np.nan)
    for column in np.ascontiguousarray(answers.T):
        run = np.where(column == previous, run + 1, ~np.isnan(column))
        np.maximum(longest, run, out=longest)
        previous = column
    return longest


def average_runs(answers: FloatArray) -> FloatArray:
    """Average length of the runs of equal neighbouring answers of each respondent.

    Parameters
    ----------
    answers : array of shape (n, p)
        Answers in the order they were given, before reverse coding; NaN where missing. A missing answer ends a run and
        belongs to none.

    Returns
    -------
    array of shape (n,)
        Answers given, divided by the number of runs; NaN for a row without answers.

    References
    ----------
    meade_craig_2012

    Examples
    --------
    >>> average_runs(np.array([[4.0, 4.0, 4.0, 5.0], [1.0, 2.0, 1.0, 2.0]])).tolist()
    [2.0, 1.0]
    """
    given = ~np.isnan(answers)
    begins = given.copy()
    begins[:, 1:] &= answers[:, 1:] != answers[:, :-1]
    n_runs = begins.sum(axis=1)
    return ratio_where(given.sum(axis=1), n_runs, n_runs > 0)
