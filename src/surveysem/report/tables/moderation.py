"""Table: interactions of latent variables."""

from __future__ import annotations

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.inline import Symbol, cited
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
    Column(key="interaction", label="Interaction"),
    Column(key="outcome", label="Outcome"),
    *ESTIMATE_COLUMNS,
    EFFECT_SIZE,
)


def moderation(content: ReportContent) -> Table | None:
    """Effects of products of latent variables."""
    every = rows_of(content.structural, "~")
    rows = [_interaction(content, row) for _, row in every.iterrows() if is_interaction(str(row["rhs"]))]
    if not rows:
        return None
    return Table(
        name="moderation",
        title="Moderation: interactions of latent variables",
        columns=_COLUMNS,
        rows=tuple(rows),
        notes=(
            (
                *model_note(content.structural),
                " ",
                *ABBREVIATIONS,
                ", for an interaction the appropriate one of ",
                cited("wen_marsh_hau_2010"),
                "; ",
                Symbol("f²"),
                " = Cohen’s effect size of the product within the equation. Small, medium and large moderation are "
                "customarily put at .005, .010 and .025; the median observed by ",
                cited("aguinis_2005"),
                " is .002. The paths of predictor and moderator are conditional effects at the mean of the other.",
            ),
        ),
        simulated=content.simulated,
    )


def _interaction(content: ReportContent, row: pd.Series) -> Row:
    outcome, product = str(row["lhs"]), str(row["rhs"])
    return Row(
        cells={
            "interaction": term_label(content, product),
            "outcome": content.label(outcome),
            **estimate_cells(row),
            "effect_size": effect_size(content, outcome, product),
        }
    )
