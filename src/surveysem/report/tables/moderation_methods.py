"""Table: latent interactions by every method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.inline import Symbol, Text, cited
from surveysem.report.table import Cell, Column, Interval, Row, Table

_COLUMNS = (
    Column(key="method", label="Hypothesis and method"),
    Column(key="estimate", label="b", kind="decimal", decimals=3, symbol=True),
    Column(key="std_error", label="SE", kind="decimal", decimals=3, symbol=True),
    Column(key="ci", label="95% CI", kind="interval"),
    Column(key="beta", label="β", kind="bounded", decimals=3),
    Column(key="beta_std_error", label="SE(β)", kind="bounded", decimals=3),
    Column(key="z", label="z", kind="decimal", symbol=True),
    Column(key="p_value", label="p", kind="p", symbol=True),
    Column(key="n_obs", label="n", kind="integer", symbol=True),
    Column(key="state", label="Solution"),
    Column(key="seconds", label="Seconds", kind="decimal", decimals=1),
)


def moderation_methods(content: ReportContent) -> Table | None:
    """Each moderation hypothesis by each method, with the reason where one has no numbers."""
    if content.methods is None:
        return None
    marks = _marks(content.methods)
    return Table(
        name="moderation_methods",
        title="Moderation by all methods",
        columns=_COLUMNS,
        rows=tuple(_rows(content, content.methods, marks)),
        notes=(_note(content), *((f"({mark}) {reason}",) for reason, mark in marks.items())),
        simulated=content.simulated,
    )


def _note(content: ReportContent) -> Text:
    return (
        f"Structural equation models: {content.structural.estimator}. ",
        Symbol("b"),
        ", ",
        Symbol("SE"),
        " and their interval are in the units of each method; compare β, the appropriate standardised value of ",
        cited("wen_marsh_hau_2010"),
        ". Of a moderated regression ",
        Symbol("z"),
        " is t, and β, pulled towards 0 by measurement error, has no standard error. One method was declared to "
        "decide; the others show how far the result depends on it.",
    )


def _marks(table: pd.DataFrame) -> Mapping[str, str]:
    """Signs of the reasons why methods have no numbers."""
    reasons = dict.fromkeys(str(each) for each in table["problem"] if each)
    return {reason: chr(ord("a") + number) for number, reason in enumerate(reasons)}


def _rows(content: ReportContent, table: pd.DataFrame, marks: Mapping[str, str]) -> Iterator[Row]:
    for name, rows in table.groupby("hypothesis", sort=False):
        first = rows.iloc[0]
        product = f"{content.label(str(first['predictor']))} × {content.label(str(first['moderator']))}"
        yield Row(cells={"method": f"{name}: {product} → {content.label(str(first['outcome']))}"}, strong=True)
        for _, row in rows.iterrows():
            yield Row(cells=_cells(row, marks), indent=1)


def _cells(row: pd.Series, marks: Mapping[str, str]) -> dict[str, Cell]:
    if row["problem"]:
        return {"method": str(row["method"]), "state": f"none ({marks[str(row['problem'])]})"}
    names = ("estimate", "std_error", "beta", "beta_std_error", "z", "p_value", "n_obs", "seconds")
    return {
        "method": str(row["method"]),
        **{name: float(row[name]) for name in names},
        "ci": Interval(lower=float(row["ci_lower"]), upper=float(row["ci_upper"])),
        "state": "admissible" if row["admissible"] else "inadmissible",
    }
