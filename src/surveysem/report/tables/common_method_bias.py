"""Tables: common method bias, and the marker technique."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import pandas as pd

from surveysem.number_formats import format_bounded
from surveysem.report.content import ReportContent
from surveysem.report.inline import Symbol, Text, cited
from surveysem.report.table import Cell, Column, Row, Table
from surveysem.report.tables.columns import model_note
from surveysem.report.tables.measurement_models import FIT_COLUMNS, fit_cells, readable, solution, versions_note

_DIFFERENCE = (
    Column(key="against", label="Against", spanner="Difference test"),
    Column(key="chisq_diff", label="Δχ²", kind="decimal", symbol=True, spanner="Difference test"),
    Column(key="df_diff", label="Δdf", kind="integer", symbol=True, spanner="Difference test"),
    Column(key="p_diff", label="p", kind="p", symbol=True, spanner="Difference test"),
)
_SHARE = Column(key="method", label="Method variance", kind="bounded")


def common_method_bias(content: ReportContent) -> Table | None:
    """Single factor and method factors beside the measurement model."""
    quality = content.measurement_quality
    if quality is None or quality.method_bias is None:
        return None
    bias = quality.method_bias
    names = [str(name) for name in bias.table.index]
    shares = {str(name): float(share) for name, share in bias.variance_shares["method"].items()}
    rows = [
        Row(
            cells={
                "model": readable(content, str(name)),
                **fit_cells(row),
                **_test(bias.tests, str(name), names[:place]),
                "method": shares.get(str(name), nan),
                "solution": solution(row),
            }
        )
        for place, (name, row) in enumerate(bias.table.iterrows())
    ]
    return Table(
        name="common_method_bias",
        title="Common method bias: single factor and method factor",
        columns=(
            Column(key="model", label="Model"),
            *FIT_COLUMNS,
            *_DIFFERENCE,
            _SHARE,
            Column(key="solution", label="Solution"),
        ),
        rows=tuple(rows),
        notes=(_note(content, bias.table), _other_checks(content, bias.harman, bias.vif)),
        simulated=content.simulated,
    )


def marker_technique(content: ReportContent) -> Table | None:
    """The models of the marker technique."""
    quality = content.measurement_quality
    if quality is None or quality.method_bias is None or quality.method_bias.marker is None:
        return None
    marked = quality.method_bias.marker
    names = [str(name) for name in marked.table.index]
    rows = [
        Row(
            cells={
                "model": str(name),
                **fit_cells(row),
                **_test(marked.tests, str(name), names[:place]),
                "solution": solution(row),
            }
        )
        for place, (name, row) in enumerate(marked.table.iterrows())
    ]
    return Table(
        name="marker_technique",
        title=f"Common method bias: {content.label(marked.marker)} as marker",
        columns=(
            Column(key="model", label="Model"),
            *FIT_COLUMNS,
            *_DIFFERENCE,
            Column(key="solution", label="Solution"),
        ),
        rows=tuple(rows),
        notes=(
            (
                *model_note(content.measurement),
                *versions_note(marked.table),
                " Baseline: the marker uncorrelated with the others; C, U: its loadings on all other items equal, or "
                f"free; R: {marked.retained} with the correlations of the Baseline; S: method loadings at the limit of "
                "their intervals; ",
                cited("williams_2010"),
                ".",
            ),
        ),
        simulated=content.simulated,
    )


def _test(tests: pd.DataFrame, name: str, before: Sequence[str]) -> dict[str, Cell]:
    """The difference test of a model against one that stands above it; empty where there is none."""
    for row in tests.to_dict("records"):
        other = str(row["restricted"] if row["larger"] == name else row["larger"])
        if name in (row["larger"], row["restricted"]) and other in before and row.get("chisq_diff") is not None:
            numbers = {key: float(row[key]) for key in ("chisq_diff", "df_diff")}
            return {"against": other, **numbers, "p_diff": float(row["p_value"])}
    return {}


def _note(content: ReportContent, table: pd.DataFrame) -> Text:
    return (
        *model_note(content.measurement),
        *versions_note(table),
        " Method variance = mean squared standardised loading on a method factor that all items load on, of admissible "
        "solutions. It takes up whatever items share beyond their own latent variables, substance included; ",
        cited("richardson_2009"),
        ".",
    )


def _other_checks(content: ReportContent, harman: float, vif: pd.Series) -> Text:
    largest = f"{content.label(str(vif.idxmax()))}, {vif.max():.2f}" if vif.notna().any() else "not defined"
    return (
        f"Largest full-collinearity factor: {largest} (cut-off {content.quality_cutoffs.vif:g}; ",
        cited("kock_2015"),
        f"). First component of the items, known as Harman’s test: {format_bounded(harman)} of their variance, from "
        "which nothing follows; ",
        cited("howard_2024"),
        ". ",
        Symbol("p"),
        " of no model proves the absence of bias.",
    )
