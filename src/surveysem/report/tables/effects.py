"""Tables: indirect effects along the routes a study names, and direct, indirect and total effects."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.inline import Inline, cited
from surveysem.report.resampling import bootstrap_note
from surveysem.report.table import Cell, Column, Interval, Row, Table
from surveysem.report.tables.columns import ABBREVIATIONS, is_interaction, model_note, term_label

_COLUMNS = (
    Column(key="label", label="Indirect effect"),
    Column(key="estimate", label="b", kind="decimal", decimals=3, symbol=True),
    Column(key="std_error", label="SE", kind="decimal", decimals=3, symbol=True),
    Column(key="ci", label="95% CI", kind="interval", decimals=3),
    Column(key="p_value", label="p", kind="p", symbol=True),
    Column(key="std_estimate", label="β", kind="bounded", decimals=3),
)
_STANDARDIZED = Column(key="std_ci", label="95% CI of β", kind="bounded_interval", decimals=3)


def effects(content: ReportContent) -> Table | None:
    """Products of paths along a chain of latent variables."""
    if content.effects.empty:
        return None
    with_interval = "std_ci_lower" in content.effects
    return Table(
        name="effects",
        title="Indirect effects",
        columns=(*_COLUMNS, _STANDARDIZED) if with_interval else _COLUMNS,
        rows=tuple(_effect(effect) for _, effect in content.effects.iterrows()),
        notes=(
            (
                *model_note(content.structural),
                *bootstrap_note(content.bootstrap),
                " ",
                *ABBREVIATIONS,
                ". Not counted among the propositions.",
            ),
        ),
        simulated=content.simulated,
    )


def _effect(effect: pd.Series) -> Row:
    numbers = {key: float(effect[key]) for key in ("estimate", "std_error", "p_value", "std_estimate")}
    cells: dict[str, Cell] = {"label": str(effect["label"]), **numbers, "ci": _interval(effect, "")}
    if "std_ci_lower" in effect.index:
        cells["std_ci"] = _interval(effect, "std_")
    return Row(cells=cells)


def _interval(effect: pd.Series, prefix: str) -> Interval:
    return Interval(lower=float(effect[f"{prefix}ci_lower"]), upper=float(effect[f"{prefix}ci_upper"]))


def total_effects(content: ReportContent) -> Table | None:
    """Direct, indirect and total effects of every variable on those it acts on through others."""
    frame = content.decomposition
    if frame is None:
        return None
    mediated = frame.loc[frame["effect"] == "indirect", ["predictor", "outcome"]]
    if mediated.empty:
        return None
    rows: list[Row] = []
    for outcome, predictors in mediated.groupby("outcome", sort=False)["predictor"]:
        rows.append(Row(cells={"predictor": content.label(str(outcome))}, strong=True))
        rows += [_decomposed(content, frame, str(predictor), str(outcome)) for predictor in predictors]
    return Table(
        name="total_effects",
        title="Direct, indirect and total effects",
        columns=tuple(_decomposition_columns()),
        rows=tuple(rows),
        notes=(tuple(_decomposition_note(content)),),
        simulated=content.simulated,
    )


def _decomposition_columns() -> Iterator[Column]:
    yield Column(key="predictor", label="Outcome and predictors")
    for kind in ("direct", "indirect", "total"):
        spanner = kind.capitalize()
        yield Column(key=f"{kind}_estimate", label="b", kind="decimal", symbol=True, spanner=spanner)
        if kind != "direct":
            yield Column(key=f"{kind}_ci", label="95% CI", kind="interval", spanner=spanner)
            yield Column(key=f"{kind}_p", label="p", kind="p", symbol=True, spanner=spanner)
        yield Column(key=f"{kind}_std", label="β", kind="bounded", spanner=spanner)


def _decomposed(content: ReportContent, frame: pd.DataFrame, predictor: str, outcome: str) -> Row:
    rows = frame[(frame["predictor"] == predictor) & (frame["outcome"] == outcome)]
    cells: dict[str, Cell] = {"predictor": term_label(content, predictor)}
    for _, row in rows.iterrows():
        kind = row["effect"]
        cells |= {f"{kind}_estimate": float(row["estimate"]), f"{kind}_std": float(row["std_estimate"])}
        if kind != "direct":
            cells |= {f"{kind}_ci": _interval(row, ""), f"{kind}_p": float(row["p_value"])}
    return Row(indent=1, cells=cells)


def _decomposition_note(content: ReportContent) -> Iterator[Inline]:
    yield from model_note(content.structural)
    yield from bootstrap_note(content.bootstrap)
    if content.bootstrap is None:
        yield " Intervals and p by the delta method."
    yield " "
    yield from ABBREVIATIONS
    yield ". Indirect effects run along all routes through other variables, after "
    yield cited("bollen_1987")
    yield "; direct effects are tested in the table of paths, and where there is none the total effect is indirect."
    assert content.decomposition is not None
    if content.decomposition["predictor"].map(is_interaction).any():
        yield (
            " Effects of variables with an interaction hold at the mean of the other factor; that of a product says "
            "how they change."
        )
