"""Cuts that turn a standard normal tendency into answers, with the skewness wanted."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc, ndtr, ndtri

from surveysem.errors import StudyError
from surveysem.typing import FloatArray

GREATEST_SKEWNESS = 4.0
"""Largest absolute skewness that thresholds are solved for."""
_PRECISION = 5.0  # a + b of the beta variable behind the options' shares
_DEFAULT_MEAN = 0.6  # Beta(3, 2): agreement is answered more often than disagreement
_LIMIT = 12.0  # of the log-odds of the mean that are searched


def default_thresholds(n_options: int) -> FloatArray:
    """Cuts of a standard normal variable that give a mildly left-skewed ordinal item.

    Parameters
    ----------
    n_options : int
        Options of the scale, *k*.

    Returns
    -------
    ndarray, shape (k − 1,)
        Increasing values; the options' shares are those of a Beta(3, 2) variable over *k* equal parts of (0, 1).

    Examples
    --------
    >>> default_thresholds(7).round(2)
    array([-2.31, -1.45, -0.79, -0.19,  0.46,  1.28])
    """
    return np.asarray(ndtri(_cumulative(n_options, _DEFAULT_MEAN)), dtype=np.float64)


def skewed_thresholds(n_options: int, skewness: float) -> FloatArray:
    """Cuts of a standard normal variable that give an ordinal item of this skewness.

    Parameters
    ----------
    n_options : int
        Options of the scale, *k*, 2 or more.
    skewness : float
        Third standardised moment of the answers 1, …, *k* in the population; negative where agreement prevails.

    Returns
    -------
    ndarray, shape (k − 1,)
        Increasing values.

    Raises
    ------
    StudyError
        When the skewness is beyond ±4 or not a number.

    Notes
    -----
    The options' shares are those of a Beta(*a*, *b*) variable with *a* + *b* = 5 over *k* equal parts of (0, 1), the
    family of :func:`default_thresholds`; *a* is found by root search.

    Examples
    --------
    >>> cuts = skewed_thresholds(7, -1.0)
    >>> round(ordinal_skewness(cuts), 10)
    -1.0
    """
    if not abs(skewness) <= GREATEST_SKEWNESS:
        raise StudyError(f"No thresholds are solved for a skewness of {skewness}. Give a value from -4 to 4.")

    def excess(log_odds: float) -> float:
        return _skewness(_shares(n_options, 1 / (1 + np.exp(-log_odds)))) - skewness

    log_odds = brentq(excess, -_LIMIT, _LIMIT, xtol=1e-13)
    return np.asarray(ndtri(_cumulative(n_options, 1 / (1 + np.exp(-log_odds)))), dtype=np.float64)


def ordinal_skewness(thresholds: FloatArray) -> float:
    """Skewness of the answers 1, …, *k* that cuts of a standard normal variable give, shape (k − 1,).

    Examples
    --------
    >>> ordinal_skewness(np.array([-1.0, 1.0]))
    0.0
    """
    return _skewness(np.diff(np.concatenate([[0.0], ndtr(thresholds), [1.0]])))


def _cumulative(n_options: int, mean: float) -> FloatArray:
    parts = np.arange(1, n_options) / n_options
    if mean == _DEFAULT_MEAN:
        return np.asarray(betainc(3.0, 2.0, parts))
    return np.asarray(betainc(_PRECISION * mean, _PRECISION * (1 - mean), parts))


def _shares(n_options: int, mean: float) -> FloatArray:
    return np.diff(np.concatenate([[0.0], _cumulative(n_options, mean), [1.0]]))


def _skewness(shares: FloatArray) -> float:
    """Third standardised moment of 1, …, k with these shares."""
    answers = np.arange(1, shares.size + 1)
    deviation = answers - shares @ answers
    return float(shares @ deviation**3 / (shares @ deviation**2) ** 1.5)
