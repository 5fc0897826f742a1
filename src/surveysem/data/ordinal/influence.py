"""Both stages put together: correlations of all pairs, and the influence of every row on every statistic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveysem.data.ordinal.columns import (
    BoolArray,
    ContinuousColumns,
    OrderedColumns,
    mean_and_variance_influence,
    threshold_influence,
)
from surveysem.data.ordinal.conditional import ConditionalEstimates
from surveysem.data.ordinal.pearson import pearson_pairs
from surveysem.data.ordinal.polychoric import PairTables, PolychoricPairs, pair_tables, polychoric_pairs
from surveysem.data.ordinal.polyserial import RowPairs, polyserial_pairs
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class TwoStageEstimates:
    """Correlations of *p* variables and the influence of *n* rows on *s* statistics.

    Parameters
    ----------
    pairs : ndarray, shape (b, 2)
        Numbers of the variables of each pair; the lower triangle column by column.
    correlation : ndarray, shape (b,)
        Polychoric, polyserial and product-moment correlations.
    influence : ndarray, shape (s, n)
        Rows in the order of the statistics.
    is_improbable : ndarray of bool, shape (b,)
        Whether rows had to be left out of the influence because their probability is too small.
    is_polychoric : ndarray of bool, shape (b,)
        Whether both variables are ordered.
    tables : PairTables
        Contingency tables of these pairs.
    """

    pairs: IntArray
    correlation: FloatArray
    influence: FloatArray
    is_improbable: BoolArray
    is_polychoric: BoolArray
    tables: PairTables


@dataclass(frozen=True, kw_only=True, eq=False)
class _Layout:
    """Numbers of the variables: of the pairs by kind, and within the ordered or the continuous ones."""

    is_ordered: BoolArray
    number: IntArray
    pairs: IntArray
    polychoric: IntArray
    polyserial: IntArray
    pearson: IntArray


def two_stage_estimates(
    *, is_ordered: BoolArray, ordered: OrderedColumns, continuous: ContinuousColumns
) -> TwoStageEstimates:
    """Correlations of all pairs of variables, with the influence of every row on every statistic.

    Parameters
    ----------
    is_ordered : ndarray of bool, shape (p,)
        Which variables are ordered.
    ordered, continuous : OrderedColumns, ContinuousColumns
        Their first stages.
    """
    layout = _layout(is_ordered)
    tables = pair_tables(ordered, *_members(layout, layout.polychoric))
    polychoric = polychoric_pairs(ordered, tables)
    polyserial = polyserial_pairs(ordered, continuous, *_members(layout, layout.polyserial))
    pearson = pearson_pairs(continuous, *_members(layout, layout.pearson))
    by_kind = (layout.polychoric, polychoric), (layout.polyserial, polyserial), (layout.pearson, pearson)
    correlation = np.empty(len(layout.pairs))
    is_improbable = np.empty(len(layout.pairs), dtype=np.bool_)
    for rows, estimates in by_kind:
        correlation[rows], is_improbable[rows] = estimates.correlation, estimates.is_improbable
    of_pairs = np.empty((len(layout.pairs), ordered.n_obs))
    _fill_polychoric(of_pairs, layout.polychoric, ordered, tables, polychoric)
    of_pairs[layout.polyserial] = _of_covariance(polyserial, continuous, _members(layout, layout.polyserial)[1:])
    of_pairs[layout.pearson] = _of_covariance(pearson, continuous, _members(layout, layout.pearson))
    return TwoStageEstimates(
        pairs=layout.pairs,
        correlation=correlation,
        influence=np.concatenate([*_of_first_stage(layout, ordered, continuous), of_pairs]),
        is_improbable=is_improbable,
        is_polychoric=np.asarray(layout.is_ordered[layout.pairs].all(axis=1)),
        tables=tables,
    )


def as_two_stage(found: ConditionalEstimates, ordered: OrderedColumns) -> TwoStageEstimates:
    """Estimates given exogenous variables, with the contingency tables of the ordered ones."""
    is_ordered = np.array([name in found.probit for name in found.regressions])
    layout = _layout(is_ordered)
    return TwoStageEstimates(
        pairs=found.pairs,
        correlation=found.correlation,
        influence=found.influence,
        is_improbable=found.is_improbable,
        is_polychoric=np.asarray(is_ordered[found.pairs].all(axis=1)),
        tables=pair_tables(ordered, *_members(layout, layout.polychoric)),
    )


def _layout(is_ordered: BoolArray) -> _Layout:
    pairs = np.column_stack(np.triu_indices(is_ordered.size, k=1))
    n_ordered = is_ordered[pairs].sum(axis=1)
    return _Layout(
        is_ordered=is_ordered,
        number=np.where(is_ordered, is_ordered.cumsum(), (~is_ordered).cumsum()) - 1,
        pairs=pairs,
        polychoric=np.flatnonzero(n_ordered == 2),
        polyserial=np.flatnonzero(n_ordered == 1),
        pearson=np.flatnonzero(n_ordered == 0),
    )


def _members(layout: _Layout, rows: IntArray) -> tuple[IntArray, IntArray]:
    """First and second variable of some pairs, by their numbers within their kind; the ordered one first."""
    first, second = layout.pairs[rows].T
    turned = ~layout.is_ordered[first] & layout.is_ordered[second]
    first, second = np.where(turned, second, first), np.where(turned, first, second)
    return layout.number[first], layout.number[second]


def _of_first_stage(layout: _Layout, ordered: OrderedColumns, continuous: ContinuousColumns) -> list[FloatArray]:
    """Influence on thresholds, reversed means and variances."""
    of_mean, of_variance = mean_and_variance_influence(continuous)
    of_location = [
        np.take(threshold_influence(ordered, number), ordered.codes[number], axis=1)
        if is_ordered
        else -of_mean[[number]]
        for is_ordered, number in zip(layout.is_ordered, layout.number, strict=True)
    ]
    return [*of_location, of_variance]


def _fill_polychoric(
    out: FloatArray, rows: IntArray, ordered: OrderedColumns, tables: PairTables, estimates: PolychoricPairs
) -> None:
    most = ordered.thresholds.shape[1] + 1
    first_codes = ordered.codes * most
    flat = estimates.influence.reshape(len(rows), most * most)
    for row, first, second, influence in zip(rows, tables.first, tables.second, flat, strict=True):
        np.take(influence, first_codes[first] + ordered.codes[second], out=out[row], mode="clip")


def _of_covariance(pairs: RowPairs, continuous: ContinuousColumns, members: tuple[IntArray, ...]) -> FloatArray:
    """Influence on ρ times the standard deviations of its continuous variables."""
    _, of_variance = mean_and_variance_influence(continuous)
    influence, rho = pairs.influence, pairs.correlation[:, None]
    for member in members:
        influence = influence + rho * of_variance[member] / (2.0 * continuous.variances[member, None])
    scale = np.sqrt(np.prod([continuous.variances[member] for member in members], axis=0))
    covariance_influence: FloatArray = influence * scale[:, None]
    return covariance_influence
