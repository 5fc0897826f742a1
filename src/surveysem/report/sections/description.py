"""Sections on missing answers and on the distribution of the answers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from surveysem.findings import Finding
from surveysem.number_formats import format_bounded, format_decimal, format_integer, format_p_equation, format_share
from surveysem.report.content import ReportContent
from surveysem.report.description import DescriptionContent
from surveysem.report.document import Block, FigureBlock, Notice, Paragraph, Section
from surveysem.report.inline import Symbol, cited, counted, sentence
from surveysem.report.sections.phrases import paragraph
from surveysem.report.table import Table


def missing_section(
    content: ReportContent, described: DescriptionContent, tables: dict[str, Table], figures: dict[str, FigureBlock]
) -> Section:
    """How much is missing, whether completely at random, and what was done about it."""
    blocks: list[Block] = [_amount(described, tables), *_screened_out(content), *_test(described)]
    blocks += _treatment(content, described)
    blocks += [tables[name] for name in ("missing_data",) if name in tables]
    blocks += [figures[name] for name in ("missing_pattern",) if name in figures]
    return Section(heading="Missing data", blocks=tuple(blocks))


def _amount(described: DescriptionContent, tables: dict[str, Table]) -> Paragraph:
    missing = described.missing
    n_rows, n_items = missing.n_rows, len(missing.items)
    if not described.any_missing:
        return paragraph(
            f"None of the answers of {counted(n_rows, 'respondent')} to the {counted(n_items, 'item')} of the model is "
            "missing."
        )
    n_missing = int(missing.items["n_missing"].sum())
    n_complete = int(missing.rows["n_rows"].get(0, 0))
    worst, most = _farthest(missing.items["n_missing"])
    largest = format_share(int(most), n_rows)
    return paragraph(
        f"Of {n_rows * n_items:,} answers of {counted(n_rows, 'respondent')} to the {counted(n_items, 'item')} of the "
        f"model, {n_missing:,} ({format_share(n_missing, n_rows * n_items)}) are missing, at most {largest} of an item "
        f"({worst}); {n_complete:,} respondents ({format_share(n_complete, n_rows)}) answered all items "
        f"(Table {tables['missing_data'].number})."
    )


def _screened_out(content: ReportContent) -> Iterator[Paragraph]:
    """What is not to be seen in the amounts: respondents whom screening left out because an answer was missing."""
    left_out = content.flow[
        content.flow["step"].eq("incomplete") & content.flow["action"].eq("exclude") & content.flow["n_affected"].gt(0)
    ]
    for concerned, remaining in left_out[["n_affected", "n_remaining"]].to_numpy():
        yield paragraph(
            f"Screening had left out {int(concerned):,} of {int(concerned + remaining):,} respondents because an "
            "answer was missing (rule: incomplete). Like listwise deletion, this is without bias where answers are "
            "missing completely at random; full-information maximum likelihood would use the answers they gave."
        )


def _test(described: DescriptionContent) -> Iterator[Block]:
    little = described.missing.little
    if little is not None:
        random = little.p_value >= 0.05
        conclusion = (
            "it does not speak against answers missing completely at random, which it cannot prove"
            if random
            else "answers are not missing completely at random, so that leaving incomplete respondents out may bias "
            "the estimates"
        )
        yield paragraph(
            "Little’s test, after ",
            cited("little_1988"),
            ": ",
            Symbol("χ²"),
            f"({format_integer(little.degrees_of_freedom)}) = {format_decimal(little.chi_square)}, ",
            Symbol("p"),
            f" {format_p_equation(little.p_value)}; {conclusion}.",
        )
    if described.any_missing:
        yield from (_remark(finding) for finding in described.missing.findings if not _repeats(finding))


def _remark(finding: Finding) -> Block:
    text = (f"{finding.where[:1].upper()}{finding.where[1:]}: {sentence(finding.message)}",)
    return paragraph(*text) if finding.severity == "note" else Notice(severity=finding.severity, text=text)


def _repeats(finding: Finding) -> bool:
    """What the sentence on the test says in other words."""
    return finding.message.startswith("Answers are not missing completely at random")


def _treatment(content: ReportContent, described: DescriptionContent) -> Iterator[Paragraph]:
    if not described.any_missing:
        return
    n_left_out = described.missing.n_rows - content.n_analysed
    if content.settings.get("missing") == "fiml":
        yield paragraph(
            "Every respondent entered the models with the answers given (full-information maximum likelihood), which "
            "needs answers to be missing at random given the others."
        )
    else:
        yield paragraph(
            f"Incomplete respondents were left out of the models (listwise deletion): {n_left_out:,} of "
            f"{described.missing.n_rows:,}."
        )


def descriptive_section(
    described: DescriptionContent, tables: dict[str, Table], figures: dict[str, FigureBlock]
) -> Section:
    """How the items are distributed, and what correlates."""
    blocks: list[Block] = [_shape(described, tables), _normality(described), *_clusters(described)]
    blocks += [tables["item_descriptives"]]
    blocks += [block for name, block in figures.items() if name.startswith("responses")]
    blocks += [figures[name] for name in ("item_correlations", "latent_correlations") if name in figures]
    return Section(heading="Descriptive statistics", blocks=tuple(blocks))


def _shape(described: DescriptionContent, tables: dict[str, Table]) -> Paragraph:
    items = described.items
    means = items["mean"].astype(float)
    (skewed, skewness), (peaked, kurtosis) = (_farthest(items[name]) for name in ("skewness", "kurtosis"))
    return paragraph(
        f"Means of the items lie between {format_decimal(float(means.min()))} and "
        f"{format_decimal(float(means.max()))}; the largest skewness is "
        f"{format_decimal(skewness)} ({skewed}), the largest excess kurtosis "
        f"{format_decimal(kurtosis)} ({peaked}) (Table "
        f"{tables['item_descriptives'].number})."
    )


def _farthest(values: pd.Series) -> tuple[str, float]:
    """Item whose value is farthest from 0, and the value."""
    numbers = values.astype(float)
    place = int(np.nanargmax(numbers.abs().to_numpy()))
    return str(numbers.index[place]), float(numbers.iloc[place])


def _normality(described: DescriptionContent) -> Paragraph:
    test = described.normality
    if test is None:
        return paragraph(f"Mardia’s test of multivariate normality could not be made: {described.normality_obstacle}")
    rejected = min(test.skewness_p_value, test.kurtosis_p_value) < 0.05
    return paragraph(
        "Multivariate normality, after ",
        cited("mardia_1970"),
        f": skewness {format_decimal(test.skewness)}, ",
        Symbol("χ²"),
        f"({format_integer(test.skewness_degrees_of_freedom)}) = {format_decimal(test.skewness_chi_square)}, ",
        Symbol("p"),
        f" {format_p_equation(test.skewness_p_value)}; kurtosis {format_decimal(test.kurtosis)}, ",
        Symbol("z"),
        f" = {format_decimal(test.kurtosis_z)}, ",
        Symbol("p"),
        f" {format_p_equation(test.kurtosis_p_value)}, ",
        Symbol("n"),
        f" = {test.n_obs:,}: the answers are {'not ' if rejected else ''}"
        f"{'multivariate normal' if rejected else 'not shown to depart from it'}.",
    )


def _clusters(described: DescriptionContent) -> Iterator[Paragraph]:
    if not described.cluster:
        return
    if described.cluster_obstacle:
        yield paragraph(
            f"Intraclass correlations by {described.cluster} could not be computed: {described.cluster_obstacle}"
        )
        return
    icc, effect = described.items["icc"].astype(float), described.items["design_effect"].astype(float)
    yield paragraph(
        f"Respondents belong to {described.n_clusters:,} clusters ({described.cluster}). Intraclass correlations of "
        f"the items lie between {format_bounded(float(icc.min()))} and {format_bounded(float(icc.max()))}; the largest "
        f"design effect is {format_decimal(float(effect.max()))}."
    )
