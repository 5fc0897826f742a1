"""Table: pairs of latent variables, their correlation, ratios and tests."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from math import nan
from typing import Any

import pandas as pd

from surveysem.number_formats import format_bounded
from surveysem.report.content import ReportContent
from surveysem.report.inline import Symbol, Text, cited
from surveysem.report.measurement_quality import MeasurementQuality
from surveysem.report.table import Cell, Column, Interval, Quantity, Row, Table
from surveysem.report.tables.columns import model_note

SHOWN_PAIRS = 15
"""Rows of the table where there are more pairs: those whose interval lies farthest from 0."""

_DISTANCE = ["ci_lower", "ci_upper"]
_TESTS = {"fixed to 1": "test_1", "fixed to 0.9": "test_0.9"}


def factor_correlations(content: ReportContent) -> Table | None:
    """The pairs of latent variables that are hardest to tell apart, with everything that bears on it."""
    quality = content.measurement_quality
    if quality is None or quality.factor_correlations.empty:
        return None
    pairs = farthest_pairs(quality.factor_correlations)
    tests = quality.discriminant_tests
    tested = tests is not None and not tests.empty
    return Table(
        name="factor_correlations",
        title="Correlations of latent variables and discriminant validity by pair",
        columns=tuple(_columns(quality, tested=tested)),
        rows=tuple(_row(content, quality, row) for row in pairs.to_dict("records")),
        notes=(_note(content, quality, len(quality.factor_correlations), tested=tested),),
        simulated=content.simulated,
    )


def farthest_pairs(correlations: pd.DataFrame) -> pd.DataFrame:
    """Pairs in the order of the limit that lies farthest from 0, at most :data:`SHOWN_PAIRS`.

    Parameters
    ----------
    correlations : pandas.DataFrame
        Of :func:`surveysem.factor_correlations`.
    """
    farthest = correlations[_DISTANCE].abs().max(axis=1)
    order = farthest.sort_values(ascending=False, kind="stable").index[:SHOWN_PAIRS]
    return correlations.loc[order]


def _columns(quality: MeasurementQuality, *, tested: bool) -> list[Column]:
    intervals = quality.htmt_intervals is not None
    columns = [
        Column(key="pair", label="Pair"),
        Column(key="estimate", label="r", kind="bounded", symbol=True, spanner="Correlation"),
        Column(key="ci", label="95% CI", kind="bounded_interval", spanner="Correlation"),
        Column(key="problem", label="Problem", spanner="Correlation"),
        Column(key="htmt", label="HTMT", kind="bounded", spanner="Ratios"),
    ]
    interval = Column(key="htmt_ci", label="95% CI", kind="bounded_interval", spanner="Ratios")
    columns += [interval] if intervals else []
    columns.append(Column(key="htmt2", label="HTMT2", kind="bounded", spanner="Ratios"))
    if quality.htmt2_intervals is not None:
        columns.append(Column(key="htmt2_ci", label="95% CI", kind="bounded_interval", spanner="Ratios"))
    if tested:
        columns += [
            Column(key="test_1", label="r = 1", kind="p", spanner="p of χ² difference"),
            Column(key="test_0.9", label="r = .9", kind="p", spanner="p of χ² difference"),
        ]
    return columns


def _row(content: ReportContent, quality: MeasurementQuality, row: Mapping[Hashable, Any]) -> Row:
    first, second = str(row["first"]), str(row["second"])
    ratio = _value(content.htmt, first, second)
    mark = "†" if ratio >= content.quality_cutoffs.htmt else ""
    cells: dict[str, Cell] = {
        "pair": f"{content.label(first)} – {content.label(second)}",
        "estimate": float(row["estimate"]),
        "ci": Interval(lower=float(row["ci_lower"]), upper=float(row["ci_upper"])),
        "problem": str(row["problem"]),
        "htmt": Quantity(value=ratio, kind="bounded", mark=mark),
        "htmt_ci": _interval(quality.htmt_intervals, first, second),
        "htmt2": _value(quality.htmt2, first, second),
        "htmt2_ci": _interval(quality.htmt2_intervals, first, second),
    }
    return Row(cells=cells | _tests(quality.discriminant_tests, first, second))


def _value(table: pd.DataFrame, first: str, second: str) -> float:
    known = first in table.index and second in table.columns
    return (
        float(table.to_numpy(dtype=float)[table.index.get_loc(first), table.columns.get_loc(second)]) if known else nan
    )


def _interval(table: pd.DataFrame | None, first: str, second: str) -> Interval:
    rows = table[_is_pair(table, first, second)] if table is not None else pd.DataFrame()
    if rows.empty:
        return Interval(lower=nan, upper=nan)
    return Interval(lower=float(rows["ci_lower"].iloc[0]), upper=float(rows["ci_upper"].iloc[0]))


def _tests(table: pd.DataFrame | None, first: str, second: str) -> dict[str, Cell]:
    if table is None or table.empty:
        return {}
    rows = table[_is_pair(table, first, second)].set_index("restriction")
    return {key: float(rows["p_value"][name]) for name, key in _TESTS.items() if name in rows.index}


def _is_pair(table: pd.DataFrame, first: str, second: str) -> pd.Series:
    kept = (table["first"] == first) & (table["second"] == second)
    return kept | ((table["first"] == second) & (table["second"] == first))


def _note(content: ReportContent, quality: MeasurementQuality, n_pairs: int, *, tested: bool) -> Text:
    left_out: Text = (
        (f" Of {n_pairs} pairs the {SHOWN_PAIRS} are shown whose interval reaches farthest from 0.",)
        if n_pairs > SHOWN_PAIRS
        else ()
    )
    bootstrapped: Text = ()
    if quality.htmt_intervals is not None:
        draws = int(quality.htmt_intervals["n_draws"].max())
        bootstrapped = (f" Intervals of the ratios are percentiles of {draws:,} bootstrap samples.",)
    return (
        *model_note(content.measurement),
        *left_out,
        " Problem: none, marginal, moderate or severe as the limit farther from 0 is below .8, below .9, below 1, or "
        "not; ",
        cited("ronkko_cho_2022"),
        f". HTMT = heterotrait–monotrait ratio of arithmetic means, † at or above "
        f"{format_bounded(content.quality_cutoffs.htmt)}; ",
        cited("henseler_2015"),
        ". HTMT2 = of geometric means; ",
        cited("roemer_2021"),
        ".",
        *bootstrapped,
        *(_tests_note() if tested else ()),
    )


def _tests_note() -> Text:
    return (
        " ",
        Symbol("p"),
        " of the difference test of the model with the correlation fixed to 1 or .9, with its sign, for pairs whose "
        "interval reaches .8 or whose ratio reaches the cut-off.",
    )
