"""Which survey tool wrote an export, told by its marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from surveysem.data.imports.kobotoolbox import KOBOTOOLBOX, ODK
from surveysem.data.imports.limesurvey import LIMESURVEY
from surveysem.data.imports.office_forms import GOOGLE_FORMS, MICROSOFT_FORMS
from surveysem.data.imports.qualtrics import QUALTRICS
from surveysem.data.imports.redcap import REDCAP
from surveysem.data.imports.table import RawTable, not_a_table
from surveysem.data.imports.tools import PLAIN, Glance, SurveyTool
from surveysem.data.wording import counted, listed
from surveysem.errors import InputFileError, Problem
from surveysem.findings import Finding

TOOLS: Mapping[str, SurveyTool] = MappingProxyType(
    {
        tool.name: tool
        for tool in (PLAIN, QUALTRICS, LIMESURVEY, REDCAP, KOBOTOOLBOX, ODK, GOOGLE_FORMS, MICROSOFT_FORMS)
    }
)


def as_export(table: RawTable, declared: str | None = None) -> RawTable:
    """A table without the extra header rows of the survey tool that wrote it.

    Parameters
    ----------
    table : RawTable
        As read from its source.
    declared : str, optional
        Name of the tool, instead of the one detected.

    Returns
    -------
    RawTable
        With ``tool``, ``texts`` and what the tool's own columns say as findings.

    Raises
    ------
    InputFileError
        When the marks of several tools are found, or only header rows.
    """
    glance = _glance(table.frame)
    marks = {tool.name: tool.marks(glance) for tool in TOOLS.values()}
    recognised = [name for name, found in marks.items() if found]
    tool = TOOLS[_one_of(table.source, recognised, marks) if declared is None else declared]
    n_rows = tool.header_rows(glance)
    frame = table.frame.iloc[n_rows:]
    if frame.empty:
        found = f"below the {n_rows + 1} header rows of {tool.title} there is not one row of answers"
        raise not_a_table(
            table.source, [Problem(where=table.source, found=found, remedy="Export the answers, with their rows.")]
        )
    findings = [*table.findings, *_tool_findings(table.source, tool, marks[tool.name], n_rows, declared)]
    findings += [Finding(severity=level, where=table.source, message=text) for level, text in tool.notices(frame)]  # type: ignore[arg-type]
    texts = MappingProxyType({**table.texts, **_texts(table.frame.iloc[:n_rows])})
    return replace(table, frame=frame, texts=texts, tool=tool.name, findings=tuple(findings))


def _glance(frame: pd.DataFrame) -> Glance:
    below = tuple(tuple(str(cell) for cell in row) for row in frame.head(2).itertuples(index=False, name=None))
    return Glance(names=tuple(map(str, frame.columns)), below=below)


def _one_of(source: str, recognised: list[str], marks: Mapping[str, tuple[str, ...]]) -> str:
    if len(recognised) <= 1:
        return recognised[0] if recognised else PLAIN.name
    found = "; ".join(f"{TOOLS[name].title}: {listed(marks[name])}" for name in recognised)
    remedy = f"Say which one wrote it: format={recognised[0]!r} or another of {', '.join(recognised)}."
    problem = Problem(where=source, found=f"marks of several survey tools ({found})", remedy=remedy)
    raise InputFileError(f"{source} could be the export of several survey tools.", [problem])


def _tool_findings(
    source: str, tool: SurveyTool, marks: tuple[str, ...], n_rows: int, declared: str | None
) -> list[Finding]:
    if tool is PLAIN:
        return []
    told = f"its marks: {listed(marks)}" if marks else "declared, though none of its marks was found"
    rows = f" {counted(n_rows, 'row')} below the header are not answers and were set apart." if n_rows else ""
    severity = "note" if marks or declared is None else "warning"
    message = f"Read as an export of {tool.title} ({told}).{rows}"
    return [Finding(severity=severity, where=source, message=message)]  # type: ignore[arg-type]


def _texts(rows: pd.DataFrame) -> dict[str, str]:
    """Question texts of the extra header rows, in the first that is not one of ImportIds."""
    for _, row in rows.iterrows():
        cells = {str(name): str(cell).strip() for name, cell in row.items()}
        if not any("ImportId" in cell for cell in cells.values()):
            return {name: text for name, text in cells.items() if text and text.lower() != "nan"}
    return {}
