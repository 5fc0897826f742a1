"""Table: discriminant validity."""

from __future__ import annotations

from math import nan

import pandas as pd

from surveysem.number_formats import format_bounded
from surveysem.report.content import ReportContent
from surveysem.report.inline import cited
from surveysem.report.table import Cell, Column, Quantity, Row, Table
from surveysem.report.tables.columns import model_note

_SIMILAR = 0.90
"""Ratio that even constructs of similar content should stay below (Henseler et al. 2015)."""


def discriminant_validity(content: ReportContent) -> Table | None:
    """HTMT above the diagonal, √AVE on it, correlations of latent variables below it."""
    names = [str(name) for name in content.fornell_larcker.index]
    if len(names) < 2:
        return None
    cutoff = content.quality_cutoffs.htmt
    numbers = [str(position) for position in range(1, len(names) + 1)]
    columns = (
        Column(key="latent_variable", label="Latent variable"),
        *(Column(key=number, label=number, kind="bounded") for number in numbers),
    )
    rows = [
        Row(
            cells={
                "latent_variable": f"{number}. {content.label(name)}",
                **{key: _cell(content, name, other) for key, other in zip(numbers, names, strict=True)},
            }
        )
        for number, name in zip(numbers, names, strict=True)
    ]
    return Table(
        name="discriminant_validity",
        title="Discriminant validity",
        columns=columns,
        rows=tuple(rows),
        notes=(
            (
                *model_note(content.measurement),
                f" Above the diagonal: heterotrait–monotrait ratio (HTMT), † at or above {format_bounded(cutoff)}"
                f"{', ‡ at or above .90' if cutoff < _SIMILAR else ''}; ",
                cited("henseler_2015"),
                ". On the diagonal, in bold: square root of the average variance extracted. Below the diagonal: "
                "correlations of the latent variables, † where one is at least as large as the square root of either "
                "average variance extracted; ",
                cited("fornell_larcker_1981"),
                ".",
            ),
        ),
        simulated=content.simulated,
    )


def _cell(content: ReportContent, row: str, column: str) -> Cell:
    order = list(content.fornell_larcker.index)
    if row == column:
        return Quantity(value=_value(content.fornell_larcker, row, row), kind="bounded", strong=True)
    if order.index(row) > order.index(column):
        correlation = _value(content.fornell_larcker, row, column)
        mark = "†" if abs(correlation) >= _smaller_diagonal(content, row, column) else ""
        return Quantity(value=correlation, kind="bounded", mark=mark)
    ratio = _htmt(content, row, column)
    cutoff = content.quality_cutoffs.htmt
    mark = "‡" if cutoff < _SIMILAR <= ratio else "†" if ratio >= cutoff else ""
    return Quantity(value=ratio, kind="bounded", mark=mark)


def _htmt(content: ReportContent, row: str, column: str) -> float:
    known = row in content.htmt.index and column in content.htmt.columns
    return _value(content.htmt, row, column) if known else nan


def _smaller_diagonal(content: ReportContent, row: str, column: str) -> float:
    return min(_value(content.fornell_larcker, name, name) for name in (row, column))


def _value(frame: pd.DataFrame, row: str, column: str) -> float:
    return float(frame.to_numpy(dtype=float)[frame.index.get_loc(row), frame.columns.get_loc(column)])
