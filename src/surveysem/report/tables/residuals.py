"""Table: the largest residual correlations of the models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.inline import cited
from surveysem.report.table import Column, Row, Table
from surveysem.report.tables.columns import model_note

SHOWN_RESIDUALS = 6
_EQUAL = 5e-4
"""Difference of correlations that three decimals do not show."""
_MODELS = {"measurement": "Measurement model", "structural": "Structural model"}
_COLUMNS = (
    Column(key="first", label="Item"),
    Column(key="second", label="Other item"),
    Column(key="residual", label="Residual correlation", kind="bounded", decimals=3),
)


def residuals(content: ReportContent) -> Table | None:
    """The pairs of items whose correlation each model misses by most."""
    pairs = {name: each for name, each in content.residuals.items() if not each.empty}
    if not pairs:
        return None
    headings = {name: _heading(content, name) for name in pairs}
    if same_residuals(pairs):
        headings = {"measurement": "Both models: the structural one leaves no path out"}
    return Table(
        name="residuals",
        title="Largest residual correlations",
        columns=_COLUMNS,
        rows=tuple(row for name, heading in headings.items() for row in _rows(heading, pairs[name])),
        notes=(
            (
                *model_note(content.structural),
                f" Sample less implied correlations; the {SHOWN_RESIDUALS} farthest from zero of each model, after ",
                cited("bollen_1989"),
                f".{_products(pairs)}",
            ),
        ),
        simulated=content.simulated,
    )


def same_residuals(pairs: Mapping[str, pd.DataFrame]) -> bool:
    """Whether both models leave the same, as they do when the structural one restricts nothing."""
    if set(pairs) != set(_MODELS):
        return False
    first, second = (pairs[name].set_index(["first", "second"])["residual"] for name in _MODELS)
    return len(first) == len(second) and bool((first - second).abs().max() < _EQUAL)


def _products(pairs: Mapping[str, pd.DataFrame]) -> str:
    """What a name with a point in it stands for, where one is shown."""
    shown = [
        name for each in pairs.values() for name in each.head(SHOWN_RESIDUALS)[["first", "second"]].to_numpy().flat
    ]
    return " Names joined by a point are products of two items." if any("." in str(name) for name in shown) else ""


def _heading(content: ReportContent, name: str) -> str:
    without = name == "structural" and content.structural_linear is not None
    return f"{_MODELS[name]} without its products" if without else _MODELS[name]


def _rows(heading: str, pairs: pd.DataFrame) -> Iterator[Row]:
    yield Row(cells={"first": heading}, strong=True)
    for first, second, residual in pairs.head(SHOWN_RESIDUALS).itertuples(index=False):
        yield Row(cells={"first": str(first), "second": str(second), "residual": float(residual)}, indent=1)
