"""The report as a document: all sections in order."""

from __future__ import annotations

from surveysem.report.content import ReportContent
from surveysem.report.document import SIMULATED_MARK, Document, FigureBlock, Section
from surveysem.report.sections.closing import (
    findings_section,
    methods_section,
    references_section,
    reproduction_section,
)
from surveysem.report.sections.description import descriptive_section, missing_section
from surveysem.report.sections.deviations import deviations_section, power_section
from surveysem.report.sections.jars import jars_section
from surveysem.report.sections.manuscript import manuscript_section
from surveysem.report.sections.measurement import fit_section, measurement_section
from surveysem.report.sections.measurement_quality import quality_sections
from surveysem.report.sections.method import model_section, sample_section
from surveysem.report.sections.moderation import moderation_section
from surveysem.report.sections.opening import banner, summary
from surveysem.report.sections.results import (
    extensions_section,
    figure_blocks,
    propositions_section,
    structural_section,
)
from surveysem.report.sections.rivals import rivals_section
from surveysem.report.sections.robustness import robustness_section
from surveysem.report.table import Table
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
        *_missing(content, tables, figures),
        model_section(content),
        *deviations_section(content, tables),
        *power_section(content, tables),
        *_described(content, tables, figures),
        measurement_section(content, tables),
        *quality_sections(content, tables),
        fit_section(content, tables),
    ]
    if content.verdicts:
        sections.append(propositions_section(content, tables, figures))
    if "path_diagram" in figures:
        sections.append(structural_section(content, tables, figures))
    if "moderation" in tables:
        sections.append(moderation_section(content, tables, figures))
    if content.rivals is not None:
        sections.append(rivals_section(content, tables["model_comparison"], content.rivals))
    if content.extensions or "effects" in tables:
        sections.append(extensions_section(content, tables))
    if content.robustness is not None or content.influence is not None:
        sections.append(robustness_section(content, tables, figures))
    sections += [findings_section(content), methods_section(content), manuscript_section(content)]
    reproduction = reproduction_section(content)
    standards = jars_section(content, [*sections, reproduction], number=len(tables) + 1)
    return (*sections, standards, reproduction)


def _missing(content: ReportContent, tables: dict[str, Table], figures: dict[str, FigureBlock]) -> tuple[Section, ...]:
    return () if content.description is None else (missing_section(content, content.description, tables, figures),)


def _described(
    content: ReportContent, tables: dict[str, Table], figures: dict[str, FigureBlock]
) -> tuple[Section, ...]:
    return () if content.description is None else (descriptive_section(content.description, tables, figures),)
