"""Table: loadings of the measurement model."""

from __future__ import annotations

from math import nan

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.inline import Symbol
from surveysem.report.table import Column, Row, Table
from surveysem.report.tables.columns import model_note, rows_of, uncertain

_COLUMNS = (
    Column(key="indicator", label="Indicator"),
    Column(key="wording", label="Wording"),
    Column(key="estimate", label="b", kind="decimal", symbol=True),
    Column(key="std_error", label="SE", kind="decimal", decimals=3, symbol=True),
    Column(key="p_value", label="p", kind="p", symbol=True),
    Column(key="std_all", label="λ", kind="bounded"),
    Column(key="r_squared", label="R²", kind="bounded", symbol=True),
)
LONGEST_WORDING = 120


def measurement(content: ReportContent) -> Table | None:
    """Unstandardised and standardised loadings of every indicator, under its latent variable."""
    rows: list[Row] = []
    for latent_variable, loadings in rows_of(content.measurement, "=~").groupby("lhs", sort=False):
        rows.append(Row(cells={"indicator": content.label(str(latent_variable))}, strong=True))
        rows.extend(_loading(content, loading) for _, loading in loadings.iterrows())
    if not rows:
        return None
    return Table(
        name="measurement",
        title="Measurement model: loadings",
        columns=_COLUMNS,
        rows=tuple(rows),
        notes=(
            (
                *model_note(content.measurement),
                " ",
                Symbol("b"),
                " = unstandardised loading; ",
                Symbol("SE"),
                " = standard error; λ = standardised loading; ",
                Symbol("R²"),
                " = variance of the indicator that its latent variable explains. ",
                "A loading without a standard error was fixed. (R) = reverse-keyed, recoded before analysis.",
            ),
        ),
        simulated=content.simulated,
    )


def _loading(content: ReportContent, loading: pd.Series) -> Row:
    indicator = str(loading["rhs"])
    return Row(
        indent=1,
        cells={
            "indicator": indicator if indicator not in content.labels else content.label(indicator),
            "wording": _wording(content, indicator),
            "estimate": float(loading["estimate"]),
            "std_error": uncertain(loading["std_error"]),
            "p_value": float(loading["p_value"]),
            "std_all": float(loading["std_all"]),
            "r_squared": float(content.measurement.r_squared.get(indicator, nan)),
        },
    )


def _wording(content: ReportContent, indicator: str) -> str:
    for item in content.instrument.items:
        if item.id == indicator:
            mark = " (R)" if item.reverse else ""
            return shortened(content.in_english(item.text)) + mark
    return ""


def shortened(text: str, longest: int = LONGEST_WORDING) -> str:
    """A wording on one line, cut between words where it is long.

    Examples
    --------
    >>> shortened("This brand keeps its promises.", 12)
    'This brand…'
    """
    words = " ".join(text.split())
    if len(words) <= longest:
        return words
    cut = words[: longest - 1]
    return (cut[: cut.rfind(" ")] if " " in cut else cut).rstrip(" ,;:") + "…"
