"""Table: which answers are missing, of whom, and in which patterns."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from surveysem.data.missingness import Missingness
from surveysem.report.content import ReportContent
from surveysem.report.inline import Symbol, counted
from surveysem.report.table import Column, Row, Table

_PATTERNS = 10
_NAMED = 6

_COLUMNS = (
    Column(key="what", label="Answers"),
    Column(key="n_missing", label="Missing answers", kind="integer"),
    Column(key="n_rows", label="Respondents", kind="integer"),
    Column(key="percent", label="%", kind="decimal", decimals=1),
)


def missing_data(content: ReportContent) -> Table | None:
    """Missing answers by item and by respondent, and the most frequent patterns; None where nothing is missing."""
    if content.description is None or not content.description.any_missing:
        return None
    missing = content.description.missing
    rows = (*_items(missing), *_respondents(missing), *_patterns(missing))
    n_complete = int((missing.items["n_missing"] == 0).sum())
    shown = "is" if n_complete == 1 else "are"
    without = f"{counted(n_complete, 'item')} without a missing answer {shown} not shown. " if n_complete else ""
    return Table(
        name="missing_data",
        title="Missing answers",
        columns=_COLUMNS,
        rows=rows,
        notes=(
            (
                "Of the respondents that screening left, ",
                Symbol("n"),
                f" = {missing.n_rows:,}. {without}Percentages are of respondents. A pattern is a set of items that are "
                f"missing together; the {min(_PATTERNS, len(missing.patterns))} most frequent of "
                f"{len(missing.patterns):,} are shown.",
            ),
        ),
        simulated=content.simulated,
    )


def _items(missing: Missingness) -> Iterator[Row]:
    yield Row(cells={"what": "By item"}, strong=True)
    items = missing.items[missing.items["n_missing"] > 0]
    for name, item in items.sort_values("n_missing", ascending=False, kind="stable").iterrows():
        n_missing = int(item["n_missing"])
        yield _row(str(name), n_missing, n_missing, float(item["share_missing"]))


def _respondents(missing: Missingness) -> Iterator[Row]:
    yield Row(cells={"what": "By number of missing answers"}, strong=True)
    for number, each in missing.rows.iterrows():
        n_missing, n_rows = int(str(number)), int(each["n_rows"])
        label = counted(n_missing, "answer missing", "answers missing") if n_missing else "Complete"
        yield _row(label, n_missing * n_rows, n_rows, float(each["share_rows"]))


def _patterns(missing: Missingness) -> Iterator[Row]:
    yield Row(cells={"what": "By pattern"}, strong=True)
    for _, pattern in missing.patterns.head(_PATTERNS).iterrows():
        n_rows = int(pattern["n_rows"])
        yield _row(_named(pattern), int(pattern["n_missing"]) * n_rows, n_rows, float(pattern["share_rows"]))


def _named(pattern: pd.Series) -> str:
    absent = [str(name) for name, answered in pattern.iloc[3:].items() if not answered]
    if not absent:
        return "Nothing missing"
    more = f" and {len(absent) - _NAMED} more" if len(absent) > _NAMED else ""
    return f"{', '.join(absent[:_NAMED])}{more}"


def _row(what: str, n_missing: int, n_rows: int, share: float) -> Row:
    return Row(indent=1, cells={"what": what, "n_missing": n_missing, "n_rows": n_rows, "percent": 100.0 * share})
