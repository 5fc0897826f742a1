"""Table: indirect effects."""

from __future__ import annotations

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.table import Column, Interval, Row, Table
from surveysem.report.tables.columns import ABBREVIATIONS, model_note

_COLUMNS = (
    Column(key="label", label="Indirect effect"),
    Column(key="estimate", label="b", kind="decimal", decimals=3, symbol=True),
    Column(key="std_error", label="SE", kind="decimal", decimals=3, symbol=True),
    Column(key="ci", label="95% CI", kind="interval", decimals=3),
    Column(key="p_value", label="p", kind="p", symbol=True),
    Column(key="std_estimate", label="β", kind="bounded", decimals=3),
)


def effects(content: ReportContent) -> Table | None:
    """Products of paths along a chain of latent variables."""
    if content.effects.empty:
        return None
    return Table(
        name="effects",
        title="Indirect effects",
        columns=_COLUMNS,
        rows=tuple(_effect(effect) for _, effect in content.effects.iterrows()),
        notes=((*model_note(content.structural), " ", *ABBREVIATIONS, ". Not counted among the propositions."),),
        simulated=content.simulated,
    )


def _effect(effect: pd.Series) -> Row:
    numbers = {key: float(effect[key]) for key in ("estimate", "std_error", "p_value", "std_estimate")}
    limits = Interval(lower=float(effect["ci_lower"]), upper=float(effect["ci_upper"]))
    return Row(cells={"label": str(effect["label"]), **numbers, "ci": limits})
