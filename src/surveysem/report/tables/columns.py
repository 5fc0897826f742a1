"""Columns and notes that several tables share."""

from __future__ import annotations

from math import nan

import pandas as pd

from surveysem.propositions.verdict import Verdict
from surveysem.report.content import FittedModel, ReportContent
from surveysem.report.inline import Symbol, Text
from surveysem.report.table import Cell, Column, Interval

ESTIMATE_COLUMNS = (
    Column(key="estimate", label="b", kind="decimal", symbol=True, spanner="Unstandardised"),
    Column(key="std_error", label="SE", kind="decimal", decimals=3, symbol=True, spanner="Unstandardised"),
    Column(key="ci", label="95% CI", kind="interval", spanner="Unstandardised"),
    Column(key="p_value", label="p", kind="p", symbol=True, spanner="Unstandardised"),
    Column(key="std_all", label="β", kind="bounded", spanner="Standardised"),
    Column(key="std_ci", label="95% CI", kind="bounded_interval", spanner="Standardised"),
)
EFFECT_SIZE = Column(key="effect_size", label="f²", kind="decimal", decimals=3, symbol=True)
ABBREVIATIONS: Text = (
    Symbol("b"),
    " = unstandardised estimate; ",
    Symbol("SE"),
    " = standard error; CI = confidence interval; β = standardised estimate",
)


def estimate_cells(row: pd.Series) -> dict[str, Cell]:
    """Cells of :data:`ESTIMATE_COLUMNS` from a row of ``estimates``."""
    return {
        "estimate": float(row["estimate"]),
        "std_error": uncertain(row["std_error"]),
        "ci": Interval(lower=float(row["ci_lower"]), upper=float(row["ci_upper"])),
        "p_value": float(row["p_value"]),
        "std_all": float(row["std_all"]),
        "std_ci": Interval(lower=float(row["std_ci_lower"]), upper=float(row["std_ci_upper"])),
    }


def uncertain(std_error: float) -> float:
    """A standard error; NaN for the 0 of a fixed parameter."""
    return float(std_error) or nan


def rows_of(model: FittedModel, op: str) -> pd.DataFrame:
    """Estimates of one kind, in the order of the model."""
    return model.estimates.loc[model.estimates["op"] == op]


def is_interaction(term: str) -> bool:
    """Whether a predictor is a product of latent variables."""
    return ":" in term


def term_label(content: ReportContent, term: str) -> str:
    """Reader's name of a predictor or of a product of predictors."""
    return " × ".join(content.label(part) for part in term.split(":"))


def effect_size(content: ReportContent, outcome: str, term: str) -> float:
    """f² of a path or of a product; NaN where there is none."""
    return content.structural.effect_sizes.get((outcome, term), nan)


def flattened(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Verdicts, each followed by those of its parts."""
    return tuple(each for verdict in verdicts for each in (verdict, *flattened(verdict.parts)))


def model_note(model: FittedModel, *, what: str = "") -> Text:
    """Estimator and number of observations; of ordered items also what the numbers are of."""
    ordered = " Items are ordered: numbers are of the latent responses behind them." if has_ordered(model) else ""
    return (f"{what}Estimator: {model.estimator}; ", Symbol("n"), f" = {model.n_obs:,}.{ordered}")


def has_ordered(model: FittedModel) -> bool:
    """Whether a model has thresholds."""
    return bool((model.estimates["op"] == "|").any())
