"""Sections on the propositions, the structural model and the extensions."""

from __future__ import annotations

from collections import Counter
from math import isnan

from surveysem.number_formats import format_bounded
from surveysem.propositions.verdict import Verdict
from surveysem.report.content import ReportContent
from surveysem.report.document import Block, BulletList, FigureBlock, Notice, Section
from surveysem.report.figures.answer_figures import answer_blocks
from surveysem.report.figures.path_diagram import loadings_in_words
from surveysem.report.inline import Strong, Symbol, Text, counted, listing, sentence
from surveysem.report.sections.moderation import slope_blocks
from surveysem.report.sections.phrases import doubts, paragraph
from surveysem.report.sections.robustness import robustness_blocks
from surveysem.report.table import Table
from surveysem.report.tables.columns import flattened, rows_of, term_label

_BOOTSTRAPPED = (
    "Standard errors, intervals and p of paths, total and indirect effects come from a bootstrap, described under the "
    "tables, which makes no assumption about the distribution of estimates. Verdicts rest on the standard errors of "
    "the estimator."
)


def propositions_section(content: ReportContent, tables: dict[str, Table], figures: dict[str, FigureBlock]) -> Section:
    """Verdict on each proposition with its reason."""
    counts = Counter(verdict.verdict for verdict in content.verdicts)
    listed = listing([f"{number} {verdict}" for verdict, number in counts.items()])
    opening = paragraph(
        f"The verdicts on {counted(len(content.verdicts), 'proposition')}: {listed}. Each follows from a rule "
        f"declared before the data were read; Table {tables['verdicts'].number} gives the rules and the numbers."
    )
    reasons = BulletList(items=tuple(_verdict_text(verdict) for verdict in flattened(content.verdicts)))
    blocks: tuple[Block, ...] = (opening, *doubts(content), reasons, tables["verdicts"], figures["propositions"])
    return Section(heading="Propositions", blocks=blocks)


def structural_section(content: ReportContent, tables: dict[str, Table], figures: dict[str, FigureBlock]) -> Section:
    """Path diagram, paths, and effects altogether."""
    shown: list[Block] = [tables[name] for name in ("paths", "total_effects") if name in tables]
    drawn: list[Block] = [figures[name] for name in ("path_diagram", "model_diagram") if name in figures]
    decomposed = ""
    if "total_effects" in tables:
        decomposed = f"; Table {tables['total_effects'].number} sums direct and indirect effects"
    opening = paragraph(
        f"Figure {figures['path_diagram'].number} shows the model with its standardised estimates; "
        f"Table {tables['paths'].number} gives all paths with their uncertainty{decomposed}."
    )
    notes: list[Block] = []
    if content.bootstrap is not None:
        notes.append(paragraph(_BOOTSTRAPPED))
    if content.effects_note:
        notes.append(Notice(severity="warning", text=(content.effects_note,)))
    return Section(heading="Structural model", blocks=(opening, *notes, *drawn, *shown))


def extensions_section(content: ReportContent, tables: dict[str, Table]) -> Section:
    """Indirect effects and hypotheses beyond the propositions, marked as such."""
    blocks: list[Block] = [
        paragraph(
            Strong("Not counted among the propositions. "),
            "What follows goes beyond them: read it as an extension, not as a test of the framework.",
        )
    ]
    if content.extensions:
        blocks += [*doubts(content), BulletList(items=tuple(map(_verdict_text, flattened(content.extensions))))]
    blocks += [tables[name] for name in ("effects", "extensions") if name in tables]
    return Section(heading="Extensions", blocks=tuple(blocks))


def _verdict_text(verdict: Verdict) -> Text:
    return (Strong(f"{verdict.id}, {verdict.verdict}. "), f"{sentence(verdict.proposition.statement)} {verdict.reason}")


def figure_blocks(content: ReportContent) -> dict[str, FigureBlock]:
    """Places of the figures, numbered in the order of the report."""
    blocks = answer_blocks(content)
    if content.verdicts:
        blocks["propositions"] = _forest_block(content, number=len(blocks) + 1)
    if not content.structural.estimates.query("op == '~'").empty:
        blocks["path_diagram"] = _path_block(content, number=len(blocks) + 1)
        if loadings_in_words(content):
            blocks["model_diagram"] = _model_block(content, number=len(blocks) + 1)
    blocks |= slope_blocks(content, first=len(blocks) + 1)
    return blocks | robustness_blocks(content, first=len(blocks) + 1)


def _forest_block(content: ReportContent, *, number: int) -> FigureBlock:
    verdicts = [f"{verdict.id} {verdict.verdict}{_told_size(verdict)}" for verdict in flattened(content.verdicts)]
    return FigureBlock(
        name="propositions",
        number=number,
        title="Standardised effects of the propositions",
        caption=(
            "Points are standardised estimates, lines their confidence intervals; symbol and colour tell the verdict. "
            "A grey band, where one was declared, covers effects below the smallest of interest.",
        ),
        alt=f"Forest plot of the standardised effects with their intervals. Verdicts: {', '.join(verdicts)}.",
        simulated=content.simulated,
    )


def _told_size(verdict: Verdict) -> str:
    """Standardised effect and interval in words, where there are any."""
    evidence = verdict.evidence
    if isnan(evidence.std_estimate):
        return ""
    limits = f"{format_bounded(evidence.std_ci_lower)} to {format_bounded(evidence.std_ci_upper)}"
    return f" ({format_bounded(evidence.std_estimate)}, {limits})"


def _paths_in_words(content: ReportContent) -> list[str]:
    """Each effect of the model with its standardised estimate."""
    rows = rows_of(content.structural, "~")
    cells = zip(rows["rhs"].astype(str), rows["lhs"].astype(str), rows["std_all"].astype(float), strict=True)
    return [f"{term_label(content, term)} on {content.label(to)} {format_bounded(size)}" for term, to, size in cells]


def _model_block(content: ReportContent, *, number: int) -> FigureBlock:
    loadings = [
        f"{content.label(name)}: " + ", ".join(f"{item} {loading}" for item, loading in rows)
        for name, rows in loadings_in_words(content).items()
    ]
    return FigureBlock(
        name="model_diagram",
        number=number,
        title="The whole model with standardised loadings and effects",
        caption=("White boxes are indicators. Residuals, covariances and product indicators are left out.",),
        alt=f"Path diagram of the model with its indicators. Standardised loadings: {'; '.join(loadings)}.",
        simulated=content.simulated,
    )


def _path_block(content: ReportContent, *, number: int) -> FigureBlock:
    return FigureBlock(
        name="path_diagram",
        number=number,
        title="Structural model with standardised estimates",
        caption=(
            "Dashed arrows are moderations, which point at the path they moderate. Grey effects do not differ from "
            "zero at ",
            Symbol("p"),
            " < .05. Indicators, residuals and correlations of exogenous latent variables are left out.",
        ),
        alt=f"Path diagram of the structural model. Standardised estimates: {'; '.join(_paths_in_words(content))}.",
        simulated=content.simulated,
    )
