"""Sections on the quality of measurement and on the fit of the models."""

from __future__ import annotations

from collections.abc import Iterator

from surveysem.number_formats import format_bounded
from surveysem.report.content import ReportContent
from surveysem.report.document import Block, BulletList, Section
from surveysem.report.inline import counted, listing
from surveysem.report.sections.phrases import finding_text, fit_sentence, paragraph
from surveysem.report.table import Quantity, Table
from surveysem.report.tables.columns import rows_of
from surveysem.report.tables.residuals import same_residuals

_LARGE_RESIDUAL = 0.10
"""Residual correlation from which a model is said to miss what the sample shows (Kline 2016)."""


def measurement_section(content: ReportContent, tables: dict[str, Table]) -> Section:
    """Loadings, reliability, convergent and discriminant validity, with what misses a threshold."""
    names = ("measurement", "reliability", "discriminant_validity")
    shown = tuple(tables[name] for name in names if name in tables)
    sentences = tuple(paragraph(sentence) for sentence in _sentences(content, tables))
    return Section(heading="Quality of measurement", blocks=(*sentences, *shown))


def _sentences(content: ReportContent, tables: dict[str, Table]) -> Iterator[str]:
    loadings = rows_of(content.measurement, "=~")["std_all"]
    if "measurement" in tables:
        lowest, highest = format_bounded(float(loadings.min())), format_bounded(float(loadings.max()))
        number = tables["measurement"].number
        yield f"Standardised loadings lie between {lowest} and {highest} (Table {number})."
    if "reliability" in tables:
        yield f"{_reliability_sentence(content)} (Table {tables['reliability'].number})."
    if "discriminant_validity" in tables:
        table = tables["discriminant_validity"]
        yield f"{_discriminant_sentence(content, table)} (Table {table.number})."


def _reliability_sentence(content: ReportContent) -> str:
    cutoffs = content.quality_cutoffs
    limits = (
        (
            "composite_reliability",
            cutoffs.reliability,
            f"Composite reliability reaches {format_bounded(cutoffs.reliability)}",
        ),
        (
            "average_variance_extracted",
            cutoffs.ave,
            f"the average variance extracted reaches {format_bounded(cutoffs.ave)}",
        ),
    )
    clauses = []
    for key, limit, words in limits:
        values = content.reliability[key]
        missed = [content.label(str(name)) for name in content.reliability.index[values < limit]]
        clauses.append(f"{words} for every latent variable but {listing(missed)}" if missed else f"{words} throughout")
    return "; ".join(clauses)


def _discriminant_sentence(content: ReportContent, table: Table) -> str:
    cutoff = format_bounded(content.quality_cutoffs.htmt)
    names = [str(row.cells["latent_variable"]).partition(". ")[2] for row in table.rows]
    marked = [
        f"{name} with {other}"
        for place, (name, row) in enumerate(zip(names, table.rows, strict=True))
        for other, key in zip(names[place + 1 :], (column.key for column in table.columns[place + 2 :]), strict=True)
        if isinstance(cell := row.cells[key], Quantity) and cell.mark
    ]
    if not marked:
        return f"Every heterotrait–monotrait ratio is below {cutoff}"
    return (
        f"The heterotrait–monotrait ratio reaches {cutoff}, which puts discriminant validity in doubt, for "
        f"{listing(marked)}"
    )


def fit_section(content: ReportContent, tables: dict[str, Table]) -> Section:
    """Fit of both models, and what the declared cut-offs say."""
    blocks: list[Block] = [
        paragraph("Measurement model: ", *fit_sentence(content.measurement), "."),
        paragraph("Structural model: ", *fit_sentence(content.structural), "."),
    ]
    if content.structural_linear is not None:
        blocks.append(
            paragraph("Structural model without its products: ", *fit_sentence(content.structural_linear), ".")
        )
    if content.poor_fit:
        blocks.append(paragraph("Not all declared cut-offs are met; poor fit is a reason to doubt what the paths say."))
    elif content.fit_judgement:
        blocks.append(paragraph("No declared cut-off is missed."))
    if content.fit_judgement:
        blocks.append(BulletList(items=tuple(finding_text(finding) for finding in content.fit_judgement)))
    blocks.append(tables["fit"])
    if "residuals" in tables:
        blocks += [paragraph(_residual_sentence(content, tables["residuals"])), tables["residuals"]]
    return Section(heading="Fit of the models", blocks=tuple(blocks))


def _residual_sentence(content: ReportContent, table: Table) -> str:
    """How many correlations each model misses by more than .10, and which by most."""
    names = {"measurement": "the measurement model", "structural": "the structural model"}
    if content.structural_linear is not None:
        names["structural"] += " without its products"
    shown = dict(content.residuals)
    if same_residuals(shown):
        names["measurement"] = "either model"
        del shown["structural"]
    clauses = []
    for name, pairs in shown.items():
        missed = int((pairs["residual"].abs() > _LARGE_RESIDUAL).sum())
        first, second, largest = pairs.iloc[0] if len(pairs) else ("", "", 0.0)
        clauses.append(
            f"{names[name]} misses {missed:,} of {counted(len(pairs), 'correlation')} by more than "
            f"{format_bounded(_LARGE_RESIDUAL)}, that of {first} with {second} by most "
            f"({format_bounded(float(largest), 3)})"
        )
    return f"Local fit: {'; '.join(clauses)} (Table {table.number})."
