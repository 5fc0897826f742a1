"""The report as a document: all sections in order."""

from __future__ import annotations

from surveysem.report.content import ReportContent
from surveysem.report.document import SIMULATED_MARK, Document, Section
from surveysem.report.sections.closing import (
    findings_section,
    methods_section,
    references_section,
    reproduction_section,
)
from surveysem.report.sections.measurement import fit_section, measurement_section
from surveysem.report.sections.method import model_section, sample_section
from surveysem.report.sections.moderation import moderation_section
from surveysem.report.sections.opening import banner, summary
from surveysem.report.sections.results import (
    extensions_section,
    figure_blocks,
    propositions_section,
    structural_section,
)
from surveysem.report.tables import paper_tables


def build_document(content: ReportContent) -> Document:
    """The report on a study, ready for any renderer.

    Parameters
    ----------
    content : ReportContent
        Results of the analysis.
    """
    sections = _sections(content)
    return Document(
        title=content.title,
        subtitle=f"Study {content.study_id}, {content.source_name}, {content.generated}",
        marks=(SIMULATED_MARK,) if content.simulated else (),
        banner=banner(content),
        summary=tuple(summary(content)),
        sections=(*sections, references_section(sections)),
        date=content.generated,
    )


def _sections(content: ReportContent) -> tuple[Section, ...]:
    tables, figures = paper_tables(content), figure_blocks(content)
    sections = [
        sample_section(content, tables),
        model_section(content),
        measurement_section(content, tables),
        fit_section(content, tables),
    ]
    if content.verdicts:
        sections.append(propositions_section(content, tables, figures))
    if "path_diagram" in figures:
        sections.append(structural_section(tables, figures))
    if "moderation" in tables:
        sections.append(moderation_section(content, tables, figures))
    if content.extensions or "effects" in tables:
        sections.append(extensions_section(content, tables))
    return (*sections, findings_section(content), methods_section(content), reproduction_section(content))
