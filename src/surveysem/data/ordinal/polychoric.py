"""Polychoric correlations of all pairs of ordered variables, and the influence of each cell of their tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from surveysem.data.ordinal.bivariate_normal import bivariate_normal_cdf, bivariate_normal_density
from surveysem.data.ordinal.columns import BoolArray, OrderedColumns, weighted_threshold_influence
from surveysem.data.ordinal.roots import score_roots
from surveysem.typing import FloatArray, IntArray

_IMPROBABLE = float(np.sqrt(np.finfo(np.float64).eps))  # a difference of probabilities below it keeps too few digits
_ROUNDING = 1e-16


@dataclass(frozen=True, kw_only=True, eq=False)
class PairTables:
    """Contingency tables of *b* pairs of ordered variables with at most *k* categories.

    Parameters
    ----------
    first, second : ndarray, shape (b,)
        Numbers of the ordered variables.
    counts : ndarray, shape (b, k, k)
        Rows of the data in each cell.
    is_cell : ndarray of bool, shape (b, k, k)
        False where a variable has fewer categories.
    """

    first: IntArray
    second: IntArray
    counts: FloatArray
    is_cell: BoolArray


@dataclass(frozen=True, kw_only=True, eq=False)
class PolychoricPairs:
    """Polychoric correlations of *b* pairs.

    Parameters
    ----------
    correlation : ndarray, shape (b,)
        Estimates.
    influence : ndarray, shape (b, k, k)
        Influence of a row in each cell.
    is_improbable : ndarray of bool, shape (b,)
        Whether the score of an observed cell was set to 0 because its probability is below 1.5e-8.
    """

    correlation: FloatArray
    influence: FloatArray
    is_improbable: BoolArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _CellProbabilities:
    probability: FloatArray
    first_derivative: FloatArray
    second_derivative: FloatArray


def pair_tables(columns: OrderedColumns, first: IntArray, second: IntArray) -> PairTables:
    """Contingency tables of pairs of ordered variables, counted by one matrix product."""
    n_variables, most = len(columns.codes), columns.thresholds.shape[1] + 1
    # Single precision counts exactly up to 2**24 rows and is twice as fast.
    precision = np.float32 if columns.n_obs < 2**24 else np.float64
    indicators = (columns.codes[:, None, :] == np.arange(most)[:, None]).astype(precision)
    flat = indicators.reshape(n_variables * most, -1)
    together = (flat @ flat.T).reshape(n_variables, most, n_variables, most)
    is_category = np.arange(most) < columns.n_categories[:, None]
    return PairTables(
        first=first,
        second=second,
        counts=together[first, :, second, :].astype(np.float64),
        is_cell=is_category[first, :, None] & is_category[second, None, :],
    )


def empty_cells(tables: PairTables) -> BoolArray:
    """Whether no row falls into a cell, shape (b, k, k)."""
    return np.asarray(tables.is_cell & (tables.counts == 0))


def is_adjusted(tables: PairTables) -> BoolArray:
    """Whether a table is 2 × 2 and has one empty cell, shape (b,)."""
    n_cells, n_empty = tables.is_cell.sum(axis=(1, 2)), empty_cells(tables).sum(axis=(1, 2))
    return np.asarray((n_cells == 4) & (n_empty == 1))


def adjusted_counts(tables: PairTables) -> FloatArray:
    """Counts with one half added to the only empty cell of a 2 × 2 table, its margins kept.

    Larger tables, and 2 × 2 tables with two empty cells, stay as they are; the adjusted counts serve the estimate of
    the correlation, not its standard error. This is lavaan's default.
    """
    pattern = np.zeros(tables.counts.shape[1:])
    pattern[:2, :2] = [[0.5, -0.5], [-0.5, 0.5]]
    is_on_diagonal = (tables.counts[:, 0, 0] == 0) | (tables.counts[:, 1, 1] == 0)
    sign = np.where(is_adjusted(tables), np.where(is_on_diagonal, 1.0, -1.0), 0.0)
    adjusted: FloatArray = tables.counts + sign[:, None, None] * pattern
    return adjusted


def polychoric_pairs(columns: OrderedColumns, tables: PairTables) -> PolychoricPairs:
    """Polychoric correlations by maximum likelihood, the thresholds held at their first-stage values.

    References
    ----------
    olsson_1979, muthen_1984
    """
    first, second = columns.thresholds[tables.first], columns.thresholds[tables.second]
    counts = adjusted_counts(tables)

    def score(correlation: FloatArray, active: IntArray) -> tuple[FloatArray, FloatArray]:
        cells = _cell_probabilities(first[active], second[active], correlation)
        ratio = cells.first_derivative / np.maximum(cells.probability, _ROUNDING)
        curvature = cells.second_derivative / np.maximum(cells.probability, _ROUNDING) - ratio**2
        return (counts[active] * ratio).sum(axis=(1, 2)), (counts[active] * curvature).sum(axis=(1, 2))

    correlation = score_roots(score, _product_moment(tables.counts / columns.n_obs))
    return _with_influence(columns, tables, correlation)


def _product_moment(shares: FloatArray) -> FloatArray:
    """Correlation of the category numbers."""
    scores = np.arange(shares.shape[1], dtype=np.float64)
    first, second = shares.sum(axis=2), shares.sum(axis=1)
    products = np.einsum("bij,i,j->b", shares, scores, scores) - (first @ scores) * (second @ scores)
    variances = [margin @ scores**2 - (margin @ scores) ** 2 for margin in (first, second)]
    correlation: FloatArray = products / np.sqrt(variances[0] * variances[1])
    return correlation


def _cell_probabilities(first: FloatArray, second: FloatArray, correlation: FloatArray) -> _CellProbabilities:
    """Probabilities of the cells and their derivatives with respect to the correlation, each of shape (b, k, k)."""
    density = bivariate_normal_density(first, second, correlation)
    rho, rest = correlation[:, None, None], 1.0 - correlation[:, None, None] ** 2
    h, k = first[:, :, None], second[:, None, :]
    slope = density * (rho / rest + (h - rho * k) * (k - rho * h) / rest**2)
    below = np.pad(bivariate_normal_cdf(first, second, correlation), ((0, 0), (1, 1), (1, 1)))
    below[:, 1:-1, -1], below[:, -1, 1:-1], below[:, -1, -1] = ndtr(first), ndtr(second), 1.0
    return _CellProbabilities(
        probability=_rectangles(below),
        first_derivative=_rectangles(np.pad(density, ((0, 0), (1, 1), (1, 1)))),
        second_derivative=_rectangles(np.pad(slope, ((0, 0), (1, 1), (1, 1)))),
    )


def _rectangles(corners: FloatArray) -> FloatArray:
    return corners[:, 1:, 1:] - corners[:, :-1, 1:] - corners[:, 1:, :-1] + corners[:, :-1, :-1]


def _with_influence(columns: OrderedColumns, tables: PairTables, correlation: FloatArray) -> PolychoricPairs:
    """Estimates with the influence of each cell: its score less what the thresholds explain, over the information.

    Information is the mean product of scores over the observed, unadjusted counts.
    """
    thresholds = columns.thresholds[tables.first], columns.thresholds[tables.second]
    cells = _cell_probabilities(*thresholds, correlation)
    is_observed = tables.counts > 0
    is_reliable = is_observed & (cells.probability > _IMPROBABLE)
    inverse = np.divide(1.0, cells.probability, out=np.zeros_like(cells.probability), where=is_reliable)
    score = cells.first_derivative * inverse
    weighted = tables.counts / columns.n_obs * score
    through_first = _through_thresholds(columns, tables.first, *thresholds, correlation, weighted * inverse)
    turned = np.swapaxes(weighted * inverse, 1, 2)
    through_second = _through_thresholds(columns, tables.second, *thresholds[::-1], correlation, turned)
    explained = through_first[:, :, None] + through_second[:, None, :]
    information = (weighted * score).sum(axis=(1, 2))
    return PolychoricPairs(
        correlation=correlation,
        influence=(score - explained) / information[:, None, None],
        is_improbable=np.asarray((is_observed & ~is_reliable).any(axis=(1, 2))),
    )


def _through_thresholds(
    columns: OrderedColumns,
    variables: IntArray,
    own: FloatArray,
    other: FloatArray,
    correlation: FloatArray,
    weights: FloatArray,
) -> FloatArray:
    """Part of the score that a row's category explains by moving its variable's thresholds, shape (b, k).

    ∂π_ab/∂τ_a = φ(τ_a)·P(other variable in b | own = τ_a) = −∂π_{a+1,b}/∂τ_a; φ(τ_a) cancels against the influence of
    the category on τ_a.
    """
    rho, rest = correlation[:, None, None], np.sqrt(1.0 - correlation**2)[:, None, None]
    below = np.pad(ndtr((other[:, None, :] - rho * own[:, :, None]) / rest), ((0, 0), (0, 0), (1, 1)))
    below[:, :, -1] = 1.0
    cross = (np.diff(below, axis=2) * (weights[:, :-1] - weights[:, 1:])).sum(axis=2)
    cross = np.where(columns.is_threshold[variables], cross, 0.0)
    return weighted_threshold_influence(cross, columns.cumulative[variables])
