"""Table: paths of the structural model."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan

import pandas as pd

from surveysem.number_formats import format_decimal
from surveysem.report.content import ReportContent
from surveysem.report.inline import Inline, Symbol, cited
from surveysem.report.resampling import bootstrap_note
from surveysem.report.table import Column, Row, Table
from surveysem.report.tables.columns import (
    ABBREVIATIONS,
    EFFECT_SIZE,
    ESTIMATE_COLUMNS,
    effect_size,
    estimate_cells,
    is_interaction,
    model_note,
    rows_of,
    term_label,
)

_COLUMNS = (
    Column(key="path", label="Outcome and predictors"),
    *ESTIMATE_COLUMNS,
    EFFECT_SIZE,
    Column(key="r_squared", label="R²", kind="bounded", symbol=True),
)


def paths(content: ReportContent) -> Table | None:
    """Effects of the predictors of each outcome, products of latent variables apart."""
    rows: list[Row] = []
    for outcome, equation in _estimates(content).groupby("lhs", sort=False):
        explained = float(content.structural.r_squared.get(outcome, nan))
        rows.append(Row(cells={"path": content.label(str(outcome)), "r_squared": explained}, strong=True))
        rows.extend(_path(content, path) for _, path in equation.iterrows() if not is_interaction(str(path["rhs"])))
    if not rows:
        return None
    return Table(
        name="paths",
        title="Structural model: paths",
        columns=_COLUMNS,
        rows=tuple(rows),
        notes=(tuple(_note(content)),),
        simulated=content.simulated,
    )


def _estimates(content: ReportContent) -> pd.DataFrame:
    """Paths with the bootstrap's intervals where there is one, else the estimator's."""
    if content.bootstrap is None:
        return rows_of(content.structural, "~")
    return content.bootstrap.intervals.loc[content.bootstrap.intervals["op"] == "~"]


def _note(content: ReportContent) -> Iterator[Inline]:
    yield from model_note(content.structural)
    yield from bootstrap_note(content.bootstrap)
    yield " "
    yield from ABBREVIATIONS
    yield "; "
    yield Symbol("f²")
    yield " = what the predictor adds to "
    yield Symbol("R²")
    yield " over 1 − "
    yield Symbol("R²")
    yield ", in the regressions that the model implies, after "
    yield cited("cohen_1988")
    yield "; "
    yield Symbol("R²")
    yield " = explained variance of the outcome."
    yield _collinearity(content)
    if any(is_interaction(str(term)) for term in rows_of(content.structural, "~")["rhs"]):
        yield " Effects of products of latent variables stand in the table on moderation."


def _collinearity(content: ReportContent) -> str:
    """The largest variance inflation factor among the predictors of one outcome."""
    if not content.variance_inflation:
        return ""
    (outcome, term), largest = max(content.variance_inflation.items(), key=lambda each: each[1])
    if largest <= 1.0 + 1e-9:
        return ""
    named = f"{term_label(content, term)} for {content.label(outcome)}"
    return f" The largest variance inflation factor among the predictors is {format_decimal(largest)} ({named})."


def _path(content: ReportContent, path: pd.Series) -> Row:
    outcome, predictor = str(path["lhs"]), str(path["rhs"])
    size = effect_size(content, outcome, predictor)
    cells = {"path": term_label(content, predictor), **estimate_cells(path), "effect_size": size}
    return Row(indent=1, cells=cells)
