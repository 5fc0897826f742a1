"""Table: deviations from the preregistration, the registered beside the done."""

from __future__ import annotations

from surveysem.report.content import ReportContent
from surveysem.report.table import Column, Row, Table
from surveysem.report.tables.columns import model_note


def deviations(content: ReportContent) -> Table | None:
    """Every deviation from the preregistration; None where there is none, or no preregistration."""
    check = content.preregistration
    if check is None or not check.deviations:
        return None
    rows = [
        Row(cells={"topic": each.topic, "item": each.item, "registered": each.registered, "done": each.done})
        for each in check.deviations
    ]
    return Table(
        name="deviations",
        title="Deviations from the preregistration",
        columns=(
            Column(key="topic", label="Part of the plan"),
            Column(key="item", label="What differs"),
            Column(key="registered", label="Registered"),
            Column(key="done", label="Done"),
        ),
        rows=tuple(rows),
        notes=(
            (
                f"Registered on {check.date} ({check.source}). A dash stands for nothing. ",
                *model_note(content.structural),
            ),
        ),
        simulated=content.simulated,
    )
