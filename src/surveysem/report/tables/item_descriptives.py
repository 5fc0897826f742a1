"""Table: how the answers to each item are distributed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import nan

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.description import DescriptionContent
from surveysem.report.inline import Symbol, Text, cited
from surveysem.report.table import Cell, Column, Row, Table

_MOST_ANSWERS = 7
_EXTREMES = "Extreme answers, %"
_SHARES = "Share of each answer, %"
_CLUSTERS = "Clusters"


def item_descriptives(content: ReportContent) -> Table | None:
    """Answers, moments, extreme answers and shares of each item, grouped by construct."""
    described = content.description
    if described is None:
        return None
    codes = _codes(described.items)
    return Table(
        name="item_descriptives",
        title="Descriptive statistics of the items",
        columns=tuple(_columns(described, codes)),
        rows=tuple(_rows(content, described, codes)),
        notes=tuple(_notes(content, described, codes)),
        simulated=content.simulated,
    )


def _codes(items: pd.DataFrame) -> tuple[float, ...]:
    """Answers that were given, where there are few enough for a column each."""
    codes = sorted({code for counts in items["counts"] for code in counts})
    listed = all(bool(counts) for counts, n in zip(items["counts"], items["n"], strict=True) if n)
    return tuple(codes) if listed and len(codes) <= _MOST_ANSWERS else ()


def _columns(described: DescriptionContent, codes: Sequence[float]) -> Iterator[Column]:
    yield Column(key="item", label="Item")
    if _incomplete(described):
        yield Column(key="n", label="n", kind="integer", symbol=True)
        yield Column(key="missing", label="Missing, %", kind="decimal", decimals=1)
    for key, label in (("mean", "M"), ("sd", "SD")):
        yield Column(key=key, label=label, kind="decimal", symbol=True)
    yield Column(key="skewness", label="Skewness", kind="decimal")
    yield Column(key="kurtosis", label="Kurtosis", kind="decimal")
    if not codes:
        yield Column(key="floor", label="Lowest", kind="decimal", decimals=1, spanner=_EXTREMES)
        yield Column(key="ceiling", label="Highest", kind="decimal", decimals=1, spanner=_EXTREMES)
    for code in codes:
        yield Column(key=_key(code), label=f"{code:g}", kind="decimal", decimals=0, spanner=_SHARES)
    if "icc" in described.items:
        yield Column(key="icc", label="ICC", kind="bounded", spanner=_CLUSTERS)
        yield Column(key="design_effect", label="Design effect", kind="decimal", spanner=_CLUSTERS)


def _incomplete(described: DescriptionContent) -> bool:
    return bool(described.items["n_missing"].sum())


def _key(code: float) -> str:
    return f"answer_{code:g}"


def _rows(content: ReportContent, described: DescriptionContent, codes: Sequence[float]) -> Iterator[Row]:
    for construct, items in described.constructs.items():
        yield Row(cells={"item": content.label(construct)}, strong=True)
        for name in items:
            yield Row(cells={"item": name, **_cells(described.items.loc[[name]].iloc[0], codes)}, indent=1)


def _cells(item: pd.Series, codes: Sequence[float]) -> dict[str, Cell]:
    n, n_missing = int(item["n"]), int(item["n_missing"])
    cells: dict[str, Cell] = {key: float(item[key]) for key in ("mean", "sd", "skewness", "kurtosis")}
    cells |= {"n": n, "missing": 100.0 * n_missing / (n + n_missing)}
    cells |= {"floor": 100.0 * float(item["floor_share"]), "ceiling": 100.0 * float(item["ceiling_share"])}
    cells |= {_key(code): 100.0 * item["counts"].get(code, 0) / n if n else nan for code in codes}
    return cells | {key: float(item[key]) for key in ("icc", "design_effect") if key in item}


def _notes(content: ReportContent, described: DescriptionContent, codes: Sequence[float]) -> Iterator[Text]:
    n = (Symbol("n"), f" = {content.n_analysed:,}. ")
    yield (
        *(n if not _incomplete(described) else (f"Of {content.n_analysed:,} respondents. ",)),
        "Reverse-keyed items are reversed. ",
        Symbol("M"),
        " = mean; ",
        Symbol("SD"),
        " = standard deviation, divided by ",
        Symbol("n"),
        " − 1. Skewness and excess kurtosis are the adjusted coefficients of ",
        cited("joanes_gill_1998"),
        "; both are 0 in a normal distribution.",
        " Shares are of the answers given, rounded to whole percent." if codes else "",
    )
    if "icc" in described.items:
        yield (
            f"Clusters: {described.n_clusters:,} values of {described.cluster}. ICC = intraclass correlation, ICC(1) ",
            "of ",
            cited("shrout_fleiss_1979"),
            "; the design effect of ",
            cited("kish_1965"),
            " is what clustering multiplies the variance of a mean by.",
        )
