"""Table: paths of the structural model."""

from __future__ import annotations

from math import nan

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.inline import Symbol
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
    for outcome, equation in rows_of(content.structural, "~").groupby("lhs", sort=False):
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
        notes=(
            (
                *model_note(content.structural),
                " ",
                *ABBREVIATIONS,
                "; ",
                Symbol("f²"),
                " = Cohen’s effect size within the equation; ",
                Symbol("R²"),
                " = explained variance of the outcome. ",
                "Effects of products of latent variables stand in the table on moderation.",
            ),
        ),
        simulated=content.simulated,
    )


def _path(content: ReportContent, path: pd.Series) -> Row:
    outcome, predictor = str(path["lhs"]), str(path["rhs"])
    size = effect_size(content, outcome, predictor)
    cells = {"path": term_label(content, predictor), **estimate_cells(path), "effect_size": size}
    return Row(indent=1, cells=cells)
