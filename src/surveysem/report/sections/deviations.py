"""Section on the preregistration: what was registered, and every deviation from it."""

from __future__ import annotations

from collections.abc import Iterator

from surveysem.report.content import ReportContent
from surveysem.report.deviations import PreregistrationCheck
from surveysem.report.document import Block, BulletList, Notice, Section
from surveysem.report.inline import Code, Strong, cited, counted
from surveysem.report.sections.phrases import paragraph
from surveysem.report.table import Table

HEADING = "Deviations from the preregistration"


def deviations_section(content: ReportContent, tables: dict[str, Table]) -> tuple[Section, ...]:
    """One section where the analysis was held against a preregistration, even when nothing differs; else none."""
    if content.preregistration is None:
        return ()
    return (Section(heading=HEADING, blocks=tuple(_blocks(content.preregistration, tables))),)


def power_section(content: ReportContent, tables: dict[str, Table]) -> tuple[Section, ...]:
    """The planned sample with its power, where a power analysis was registered; else none."""
    if content.preregistration is None or not content.preregistration.sample.power:
        return ()
    check, table = content.preregistration, tables["planned_power"]
    planned = check.sample
    blocks: list[Block] = []
    size = f"{planned.n:,} to {planned.n_maximum:,} respondents" if planned.n and planned.n_maximum else "no fixed size"
    blocks.append(
        paragraph(
            f"The sample registered on {check.date} was of {size}; {content.n_analysed:,} were analysed. "
            f"Table {table.number} shows the power that was expected of it."
        )
    )
    if planned.method:
        blocks.append(paragraph(planned.method))
    return (Section(heading="Power", blocks=(*blocks, table)),)


def _blocks(check: PreregistrationCheck, tables: dict[str, Table]) -> Iterator[Block]:
    yield paragraph(
        f"The study was preregistered on {check.date} ({check.source}, content hash ",
        Code(check.content_hash[:16]),
        "…). Hypotheses, decision rules, model, questionnaire, exclusions, options of the analysis and sample size "
        "were held against that file before anything was fitted, as ",
        cited("nosek_2018"),
        " recommend.",
    )
    if not check.intact:
        words = "The file was changed after it was written: its content does not have the hash it states. "
        yield Notice(severity="serious", text=(words, "The comparison below is with the file as it is now."))
    if check.deviations:
        count = counted(len(check.deviations), "deviation")
        yield paragraph(Strong(f"{count}. "), f"Table {tables['deviations'].number} sets them beside the plan.")
        yield tables["deviations"]
    else:
        yield paragraph(Strong("None. "), "The analysis is the one registered.")
    yield from (paragraph(remark) for remark in check.remarks)
    if check.robustness:
        yield paragraph("Planned besides, and for the authors to report:")
        yield BulletList(items=tuple((each,) for each in check.robustness))
