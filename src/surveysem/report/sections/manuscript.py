"""Paragraphs an author can paste into a manuscript, written from the numbers of the report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from surveysem.report.content import ReportContent
from surveysem.report.document import SIMULATED_MARK, Document, Paragraph, ReferenceList, Section, works_cited
from surveysem.report.inline import Strong, Text, cited, plain
from surveysem.report.sections.manuscript_method import (
    analysis_text,
    measures_text,
    missing_text,
    rules_text,
    sample_text,
)
from surveysem.report.sections.manuscript_results import (
    effects_text,
    fit_text,
    measurement_text,
    moderation_text,
    propositions_text,
)
from surveysem.report.sections.opening import banner
from surveysem.report.sections.phrases import paragraph

HEADING = "Text for a manuscript"
_Writer: TypeAlias = Callable[[ReportContent], Text]


@dataclass(frozen=True, kw_only=True)
class ManuscriptParagraph:
    """One paragraph: the part of the paper it belongs to, its name, its run-in heading and its sentences."""

    part: str
    name: str
    heading: str
    text: Text


_WRITERS: tuple[tuple[str, str, str, _Writer], ...] = (
    ("Method", "sample", "Sample", sample_text),
    ("Method", "missing", "Missing answers", missing_text),
    ("Method", "measures", "Measures", measures_text),
    ("Method", "analysis", "Analysis", analysis_text),
    ("Method", "rules", "Decision rules", rules_text),
    ("Results", "measurement", "Measurement", measurement_text),
    ("Results", "fit", "Fit of the models", fit_text),
    ("Results", "propositions", "Propositions", propositions_text),
    ("Results", "moderation", "Moderation", moderation_text),
    ("Results", "effects", "Explained variance and indirect effects", effects_text),
)


def manuscript_paragraphs(content: ReportContent) -> tuple[ManuscriptParagraph, ...]:
    """Method and results in words, those with nothing to say left out.

    Parameters
    ----------
    content : ReportContent
        Results of the analysis.
    """
    written = [(part, name, heading, write(content)) for part, name, heading, write in _WRITERS]
    return tuple(
        ManuscriptParagraph(part=part, name=name, heading=heading, text=text)
        for part, name, heading, text in written
        if text
    )


def plain_paragraphs(content: ReportContent) -> Mapping[str, str]:
    """The paragraphs as plain text, by name."""
    return MappingProxyType({each.name: plain(each.text) for each in manuscript_paragraphs(content)})


def manuscript_section(content: ReportContent) -> Section:
    """The paragraphs in the report, with run-in headings."""
    opening = paragraph(
        "These paragraphs say what was done and found, from the numbers above; what they cannot know, such as how "
        "respondents were reached, the author must add (see the checklist). They follow the style of ",
        cited("appelbaum_2018"),
        ".",
    )
    return Section(heading=HEADING, blocks=(opening, *_blocks(manuscript_paragraphs(content), whole=True)))


def _blocks(paragraphs: tuple[ManuscriptParagraph, ...], *, whole: bool) -> tuple[Paragraph, ...]:
    return tuple(
        Paragraph(text=(Strong(f"{f'{each.part}: ' if whole else ''}{each.heading}. "), *each.text))
        for each in paragraphs
    )


def manuscript_document(content: ReportContent) -> Document:
    """The paragraphs as a document of their own, with the works they cite."""
    paragraphs = manuscript_paragraphs(content)
    parts = dict.fromkeys(each.part for each in paragraphs)
    sections = tuple(
        Section(heading=part, blocks=_blocks(tuple(p for p in paragraphs if p.part == part), whole=False))
        for part in parts
    )
    works = works_cited([block for section in sections for block in section.blocks])
    return Document(
        title=content.title,
        subtitle=f"Paragraphs for a manuscript, study {content.study_id}, {content.generated}",
        marks=(SIMULATED_MARK,) if content.simulated else (),
        banner=banner(content),
        summary=(),
        sections=(*sections, Section(heading="References", blocks=(ReferenceList(works=works),))),
        date=content.generated,
    )
