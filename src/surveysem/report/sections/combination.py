"""The report on several studies: verdicts on their joint evidence, heterogeneity, the studies, findings."""

from __future__ import annotations

from collections import Counter

from surveysem.number_formats import DASH, format_integer
from surveysem.report.combination import CombinationContent
from surveysem.report.document import (
    SIMULATED_MARK,
    Block,
    BulletList,
    DefinitionList,
    Document,
    FigureBlock,
    Highlight,
    Notice,
    Section,
)
from surveysem.report.inline import Code, Strong, Text, cited, counted, listing, sentence
from surveysem.report.sections.closing import references_section
from surveysem.report.sections.phrases import finding_text, paragraph
from surveysem.report.table import Table
from surveysem.report.tables.columns import flattened
from surveysem.report.tables.combination import combination_tables, method_note


def combination_document(content: CombinationContent) -> Document:
    """The report on the evidence of several studies, ready for any renderer."""
    tables = combination_tables(content)
    sections = (
        _studies(content, tables),
        _propositions(content, tables),
        *_heterogeneity(tables),
        *_extensions(content, tables),
        _findings(content),
        _reproduction(content),
    )
    return Document(
        title=f"{content.title}: evidence across {len(content.studies)} studies",
        subtitle=f"Propositions of {content.study_id}, {content.generated}",
        marks=(SIMULATED_MARK,) if content.simulated else (),
        banner=_banner(content),
        summary=tuple(_summary(content)),
        sections=(*sections, references_section(sections)),
        date=content.generated,
    )


def _banner(content: CombinationContent) -> Text:
    if not content.simulated:
        return ()
    return (Strong("Simulated data. "), "Answers of at least one study were simulated; nobody gave them.")


def _summary(content: CombinationContent) -> list[Highlight]:
    counts = Counter(verdict.verdict for verdict in content.verdicts)
    others = [f"{number} {label}" for label, number in counts.items() if label != "supported"]
    n = sum(content.studies.values())
    return [
        Highlight(
            label="Propositions supported",
            value=f"{counts['supported']} of {len(content.verdicts)}",
            detail=f"Beside them, {listing(others)}" if others else "All of them",
        ),
        Highlight(label="Studies", value=str(len(content.studies)), detail=listing(list(content.studies))),
        Highlight(label="Respondents", value=DASH if n != n else format_integer(n), detail="In all studies together"),
    ]


def _studies(content: CombinationContent, tables: dict[str, Table]) -> Section:
    listed = [f"{name} (n = {DASH if n != n else format_integer(n)})" for name, n in content.studies.items()]
    blocks: list[Block] = [
        paragraph(f"The evidence is that of {counted(len(listed), 'study', 'studies')}: {listing(listed)}."),
        paragraph(
            *method_note(content),
            " With few studies, intervals from the normal distribution would be too narrow (",
            cited("inthout_2014"),
            ").",
        ),
    ]
    if "studies" in tables:
        blocks.append(tables["studies"])
    return Section(heading="Studies", blocks=tuple(blocks))


def _propositions(content: CombinationContent, tables: dict[str, Table]) -> Section:
    reasons = tuple(
        (Strong(f"{each.id}, {each.verdict}. "), f"{sentence(each.proposition.statement)} {each.reason}")
        for each in flattened(content.verdicts)
    )
    opening = paragraph(
        f"The verdicts follow from the rules that {content.study_id} declares, applied to the pooled effects; "
        f"Table {tables['verdicts'].number} gives the numbers."
    )
    blocks: tuple[Block, ...] = (opening, BulletList(items=reasons), tables["verdicts"], *_figures(content))
    return Section(heading="Propositions", blocks=blocks)


def _figures(content: CombinationContent) -> tuple[FigureBlock, ...]:
    return tuple(
        FigureBlock(
            name=f"forest_{name}",
            number=number,
            title=f"{name} across the studies",
            caption=(
                "Squares are the effects of the studies, their areas the weights, lines the confidence intervals; the "
                "diamond is the mean effect with its interval, the dashed line the prediction interval.",
            ),
            alt=f"Forest plot of {name}; the table of the single studies gives the same numbers.",
            simulated=content.simulated,
        )
        for number, name in enumerate(content.pooled, start=1)
    )


def _heterogeneity(tables: dict[str, Table]) -> tuple[Section, ...]:
    if "heterogeneity" not in tables:
        return ()
    words = paragraph(
        "Whether the effects of the studies differ, and how far: a mean effect says little about the next study where "
        "the prediction interval is wide."
    )
    return (Section(heading="Heterogeneity", blocks=(words, tables["heterogeneity"])),)


def _extensions(content: CombinationContent, tables: dict[str, Table]) -> tuple[Section, ...]:
    if not content.extensions:
        return ()
    reasons = tuple((f"{each.reason}",) for each in flattened(content.extensions))
    opening = paragraph(Strong("Not counted among the propositions. "), "What follows goes beyond them.")
    return (Section(heading="Extensions", blocks=(opening, BulletList(items=reasons), tables["extensions"])),)


def _findings(content: CombinationContent) -> Section:
    order = {"serious": 0, "warning": 1, "note": 2}
    found = sorted(content.findings, key=lambda finding: order[finding.severity])
    notices = tuple(Notice(severity=each.severity, text=finding_text(each)) for each in found)
    return Section(heading="Findings", blocks=notices or (paragraph("Nothing that a reader must be told."),))


def _reproduction(content: CombinationContent) -> Section:
    words = paragraph("The rules are those of the study file with the fingerprint ", Code(content.fingerprint), ".")
    entries = (("Software", content.software), ("Heterogeneity", content.heterogeneity), ("Interval", content.interval))
    return Section(heading="Reproduction", blocks=(words, DefinitionList(entries=entries)))
