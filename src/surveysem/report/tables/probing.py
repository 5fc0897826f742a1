"""Tables: simple slopes, and indirect effects along a moderator."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from surveysem.number_formats import MINUS, format_decimal
from surveysem.report.content import ReportContent
from surveysem.report.inline import Inline, Symbol, cited
from surveysem.report.moderation import ConditionalEffect, ProbedModeration
from surveysem.report.resampling import bootstrap_note
from surveysem.report.table import Column, Interval, Row, Table
from surveysem.report.tables.columns import ABBREVIATIONS, model_note

_EFFECT = (
    Column(key="estimate", label="b", kind="decimal", decimals=3, symbol=True, spanner="Unstandardised"),
    Column(key="std_error", label="SE", kind="decimal", decimals=3, symbol=True, spanner="Unstandardised"),
    Column(key="ci", label="95% CI", kind="interval", decimals=3, spanner="Unstandardised"),
    Column(key="p_value", label="p", kind="p", symbol=True, spanner="Unstandardised"),
    Column(key="std_estimate", label="β", kind="bounded", decimals=3, spanner="Standardised"),
    Column(key="std_ci", label="95% CI", kind="bounded_interval", decimals=3, spanner="Standardised"),
)


def simple_slopes(content: ReportContent) -> Table | None:
    """Slopes of each moderated effect at values of its moderator."""
    if content.moderation is None:
        return None
    return Table(
        name="simple_slopes",
        title="Simple slopes of the moderated effects",
        columns=(Column(key="value", label="Effect and value of the moderator"), *_EFFECT),
        rows=tuple(row for each in content.moderation.probed for row in _slopes(content, each)),
        notes=(
            (
                *model_note(content.structural),
                " ",
                *ABBREVIATIONS,
                ". Values of the moderator in standard deviations from its mean, in brackets in its own units; ",
                cited("bauer_curran_2005"),
                ".",
            ),
        ),
        simulated=content.simulated,
    )


def conditional_effects(content: ReportContent) -> Table | None:
    """Indirect effects at values of a moderator of one of their steps."""
    if content.moderation is None or not content.moderation.conditional:
        return None
    return Table(
        name="conditional_effects",
        title="Indirect effects along a moderator",
        columns=(Column(key="value", label="Indirect effect and value of the moderator"), *_EFFECT),
        rows=tuple(row for each in content.moderation.conditional for row in _conditional(content, each)),
        notes=(
            (
                *model_note(content.structural),
                " ",
                *ABBREVIATIONS,
                ".",
                *_source(content, content.moderation.conditional[0]),
                " The index of moderated mediation is the change of the indirect effect per unit of the moderator "
                "(standardised: per standard deviation), after ",
                cited("hayes_2015"),
                ".",
            ),
        ),
        simulated=content.simulated,
    )


def _source(content: ReportContent, effect: ConditionalEffect) -> Iterator[Inline]:
    """Where intervals and p come from."""
    if content.bootstrap is not None:
        yield from bootstrap_note(content.bootstrap)
        return
    yield " Intervals and "
    yield Symbol("p")
    yield f" by Monte Carlo from {int(effect.result.effects['n_draws'].min()):,} draws of the estimates, after "
    yield cited("mackinnon_2004")
    yield "."


def _slopes(content: ReportContent, probed: ProbedModeration) -> Iterator[Row]:
    predictor, outcome = content.label(probed.predictor), content.label(probed.outcome)
    yield Row(cells={"value": f"{probed.label}: {predictor} → {outcome}"}, strong=True)
    for _, row in probed.slopes.iterrows():
        yield _line(place(content.label(probed.moderator), row), row, "slope")


def _conditional(content: ReportContent, effect: ConditionalEffect) -> Iterator[Row]:
    moderator = content.label(effect.result.moderator)
    yield Row(cells={"value": effect.title}, strong=True)
    for _, row in effect.result.effects.iterrows():
        yield _line(place(moderator, row), row, "indirect")
    for _, row in effect.result.index.iterrows():
        yield _line(f"Index of moderated mediation, per unit of {moderator}", row, "index")


def place(moderator: str, row: pd.Series) -> str:
    """Where the moderator is, in words."""
    at = float(row["at"])
    where = "at its mean" if at == 0.0 else f"at {at:+g} SD".replace("-", MINUS)
    return f"{moderator} {where} ({format_decimal(float(row['moderator_value']))})"


def _line(label: str, row: pd.Series, name: str) -> Row:
    return Row(
        indent=1,
        cells={
            "value": label,
            "estimate": float(row[name]),
            "std_error": float(row["std_error"]),
            "ci": Interval(lower=float(row["ci_lower"]), upper=float(row["ci_upper"])),
            "p_value": float(row["p_value"]),
            "std_estimate": float(row[f"std_{name}"]),
            "std_ci": Interval(lower=float(row["std_ci_lower"]), upper=float(row["std_ci_upper"])),
        },
    )
