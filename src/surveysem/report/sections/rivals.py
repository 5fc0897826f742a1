"""Section on rival models: what the data have to say between the study's model and others."""

from __future__ import annotations

import pandas as pd

from surveysem.number_formats import format_bounded, format_decimal, format_integer, format_p_equation
from surveysem.report.content import ReportContent
from surveysem.report.document import Block, BulletList, Notice, Section
from surveysem.report.inline import Strong, Symbol, Text, counted, sentence
from surveysem.report.sections.phrases import finding_text, paragraph
from surveysem.report.table import Table
from surveysem.report.tables.model_comparison import STUDY_MODEL

_ALPHA = 0.05
_CLEAR = 2.0
"""Difference of an information criterion that says something (Burnham & Anderson 2004)."""


def rivals_section(content: ReportContent, table: Table, rivals: pd.DataFrame) -> Section:
    """How the study's model fares beside its rivals, in sentences, with their table."""
    others = rivals.drop(index=STUDY_MODEL)
    opening = paragraph(
        f"{counted(len(others), 'rival model')} that the study file declares "
        f"{'was' if len(others) == 1 else 'were'} fitted to the same answers and the same measures; "
        f"Table {table.number} compares them with the study’s model. A rival is never judged: the question is whether "
        "the data prefer it."
    )
    blocks: list[Block] = [opening]
    blocks += [Notice(severity=each.severity, text=finding_text(each)) for each in content.rival_findings]
    blocks.append(BulletList(items=tuple(_rival_text(row) for _, row in others.iterrows())))
    best = _best_text(rivals)
    if best:
        blocks.append(paragraph(*best))
    return Section(heading="Rival models", blocks=(*blocks, table))


def _rival_text(row: pd.Series) -> Text:
    start: Text = (Strong(f"{sentence(str(row['title']))} "), f"{sentence(_capital(str(row['changes'])))} ")
    if row["problem"]:
        return (*start, f"It has no solution: {row['problem']}")
    match row["relation"]:
        case "restricted" | "larger":
            return (*start, *_tested(row))
        case "equivalent":
            words = "It implies the same means and covariances as the study’s model: no such data can tell them apart"
            return (*start, f"{words}, and only theory can choose.")
        case "not nested":
            return (*start, f"Neither model is nested in the other, so that there is no test. {_criteria(row)}")
    return (*start, f"Whether one is nested in the other could not be decided. {_criteria(row)}")


def _tested(row: pd.Series) -> Text:
    """The difference test and what it means, or why there is none."""
    if pd.isna(row["p_value"]):
        return (f"There is no difference test. {row['finding']} {_criteria(row)}",)
    numbers: Text = (
        f"{'The likelihood ratio' if 'likelihood ratio' in str(row['method']) else 'The difference'} is ",
        Symbol("χ²"),
        f"({format_integer(row['df_diff'])}) = {format_decimal(row['chisq_diff'])}, ",
        Symbol("p"),
        f" {format_p_equation(row['p_value'])}: ",
    )
    return (*numbers, f"{_meaning(row)} {_criteria(row)}")


def _meaning(row: pd.Series) -> str:
    """In words; absence of a difference is no evidence that there is none."""
    differs = row["p_value"] < _ALPHA
    if row["relation"] == "restricted":
        if differs:
            return "it fits worse, so the data speak for what it leaves out."
        return "the data do not show that it fits worse, though it claims less."
    if differs:
        return "it fits better, so the study’s model leaves out something that the data show."
    return "the data do not show that it fits better, though it claims more."


def _criteria(row: pd.Series) -> str:
    """What AIC and BIC prefer, and by how much."""
    parts = [(name.upper(), float(row[f"{name}_behind"])) for name in ("aic", "bic") if f"{name}_behind" in row.index]
    known = [(name, value) for name, value in parts if not pd.isna(value)]
    if not known:
        return ""
    said = [f"{name} {_preference(value)}" for name, value in known]
    return f"{' and '.join(said)}."


def _preference(behind: float) -> str:
    """Whom a criterion prefers; *behind* is the rival's value less the study's."""
    if abs(behind) < _CLEAR:
        return f"hardly tells the two apart (Δ = {format_decimal(abs(behind))})"
    return f"prefers {'the study’s model' if behind > 0 else 'the rival'} by {format_decimal(abs(behind))}"


def _best_text(rivals: pd.DataFrame) -> Text:
    weights = rivals["akaike_weight"].dropna()
    if weights.empty:
        return ()
    name = str(weights.idxmax())
    title = "the study’s model" if name == STUDY_MODEL else f"the rival “{str(rivals['title'][name]).rstrip('.')}”"
    own = "" if name == STUDY_MODEL else f" The study’s model has {format_bounded(float(weights[STUDY_MODEL]))}."
    return (
        f"Of these models, {title} has the largest Akaike weight, {format_bounded(float(weights.max()))}.{own} Weights "
        "compare these models alone, and a model that fits is not thereby true.",
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
