"""First stage: thresholds of ordered variables, means and variances of continuous ones, and their influence values.

The influence value of a row on a statistic is √n times what the row adds to the error of the estimate; the mean of its
square over the rows is the asymptotic variance of √n times the statistic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from surveysem.typing import FloatArray, IntArray

BoolArray: TypeAlias = NDArray[np.bool_]

BEYOND = 1e6  # stands for an infinite threshold: no standardised value of fewer than 1e12 rows reaches it


@dataclass(frozen=True, kw_only=True, eq=False)
class OrderedColumns:
    """Ordered variables, *o* of them with at most *k* categories, in *n* rows.

    Parameters
    ----------
    codes : ndarray, shape (o, n)
        Categories, counted from 0.
    n_categories : ndarray, shape (o,)
        Categories each variable has.
    cumulative : ndarray, shape (o, k − 1)
        Share of the rows up to each category; 1 beyond the last.
    thresholds : ndarray, shape (o, k − 1)
        Normal quantiles of these shares; ``BEYOND`` beyond the last.
    """

    codes: IntArray
    n_categories: IntArray
    cumulative: FloatArray
    thresholds: FloatArray

    @property
    def is_threshold(self) -> BoolArray:
        """Whether a column of *thresholds* is one, shape (o, k − 1)."""
        return np.arange(self.thresholds.shape[1]) < self.n_categories[:, None] - 1

    @property
    def n_obs(self) -> int:
        """Number of rows, *n*."""
        return int(self.codes.shape[1])


@dataclass(frozen=True, kw_only=True, eq=False)
class ContinuousColumns:
    """Continuous variables, *c* of them, in *n* rows.

    Parameters
    ----------
    standardised : ndarray, shape (c, n)
        Values minus mean, divided by the standard deviation.
    means : ndarray, shape (c,)
        Sample means.
    variances : ndarray, shape (c,)
        Divided by *n*.
    """

    standardised: FloatArray
    means: FloatArray
    variances: FloatArray


def ordered_columns(codes: IntArray, n_categories: IntArray) -> OrderedColumns:
    """Thresholds of ordered variables whose categories are counted from 0."""
    most = int(n_categories.max(initial=2))
    counts = np.array([np.bincount(row, minlength=most) for row in codes]).reshape(len(codes), most)
    cumulative = counts.cumsum(axis=1)[:, :-1] / codes.shape[1]
    thresholds = np.where(cumulative < 1.0, ndtri(cumulative), BEYOND)
    return OrderedColumns(codes=codes, n_categories=n_categories, cumulative=cumulative, thresholds=thresholds)


def continuous_columns(values: FloatArray) -> ContinuousColumns:
    """Means and variances (divided by *n*) of continuous variables, one a row."""
    means, variances = values.mean(axis=1), values.var(axis=1)
    standardised = (values - means[:, None]) / np.sqrt(variances)[:, None]
    return ContinuousColumns(standardised=standardised, means=means, variances=variances)


def threshold_influence(columns: OrderedColumns, variable: int) -> FloatArray:
    """Influence of each category on each threshold of a variable, shape (t, k).

    The implicit derivative of the quantile: (1[y ≤ a] − F_a) / φ(τ_a).
    """
    real = columns.is_threshold[variable]
    shares, thresholds = columns.cumulative[variable, real, None], columns.thresholds[variable, real, None]
    below = np.arange(columns.thresholds.shape[1] + 1) <= np.arange(shares.size)[:, None]
    influence: FloatArray = (below - shares) * np.sqrt(2.0 * np.pi) * np.exp(thresholds**2 / 2.0)
    return influence


def weighted_threshold_influence(weights: FloatArray, cumulative: FloatArray) -> FloatArray:
    """Influence of each category on Σ_a weights_a · φ(τ_a) · τ_a, shape (b, k).

    Parameters
    ----------
    weights : ndarray, shape (b, k − 1)
        Weight of each threshold, 0 beyond the last.
    cumulative : ndarray, shape (b, k − 1)
        Share of the rows up to each category.
    """
    from_category_on = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
    padded = np.pad(from_category_on, ((0, 0), (0, 1)))
    total: FloatArray = (weights * cumulative).sum(axis=1, keepdims=True)
    return padded - total


def mean_and_variance_influence(columns: ContinuousColumns) -> tuple[FloatArray, FloatArray]:
    """Influence of each row on the mean and on the variance of each continuous variable, each of shape (c, n).

    Notes
    -----
    The information is the mean outer product of the normal scores, as lavaan's two-stage estimator has it; for
    variables that are not normal it differs from the textbook y − ȳ and (y − ȳ)² − s².
    """
    z, variances = columns.standardised, columns.variances[:, None]
    of_mean, of_variance = z / np.sqrt(variances), (z**2 - 1.0) / (2.0 * variances)
    mm, mv, vv = ((a * b).mean(axis=1)[:, None] for a, b in _products(of_mean, of_variance))
    determinant = mm * vv - mv**2
    return (vv * of_mean - mv * of_variance) / determinant, (mm * of_variance - mv * of_mean) / determinant


def _products(first: FloatArray, second: FloatArray) -> tuple[tuple[FloatArray, FloatArray], ...]:
    return (first, first), (first, second), (second, second)


def explained_by_moments(
    columns: ContinuousColumns, index: IntArray, score: FloatArray, score_of_z: FloatArray
) -> FloatArray:
    """Part of the score of *b* correlations that each row explains by moving a mean and a variance, shape (b, n).

    Parameters
    ----------
    columns : ContinuousColumns
        First stage.
    index : ndarray, shape (b,)
        Number of the continuous variable concerned.
    score : ndarray, shape (b, n)
        Derivative of each row's log-likelihood with respect to the correlation.
    score_of_z : ndarray, shape (b, n)
        Minus that with respect to the standardised value z; ∂z/∂μ = −1/σ and ∂z/∂σ² = −z / (2σ²).
    """
    z, variances = columns.standardised[index], columns.variances[index, None]
    with_mean = (score * score_of_z).mean(axis=1, keepdims=True) / np.sqrt(variances)
    with_variance = (score * (score_of_z * z - 1.0)).mean(axis=1, keepdims=True) / (2.0 * variances)
    of_mean, of_variance = mean_and_variance_influence(columns)
    explained: FloatArray = with_mean * of_mean[index] + with_variance * of_variance[index]
    return explained
