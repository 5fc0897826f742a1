"""Exports of Qualtrics: names, question texts and ImportIds in two or three header rows."""

from __future__ import annotations

import pandas as pd

from surveysem.data.imports.tools import Glance, Notice, SurveyTool, column_named, lower, rows_where
from surveysem.data.wording import counted, rows_listed

_COLUMNS = (
    "StartDate",
    "EndDate",
    "Status",
    "IPAddress",
    "Progress",
    "Duration (in seconds)",
    "Finished",
    "RecordedDate",
    "ResponseId",
    "RecipientLastName",
    "RecipientEmail",
    "ExternalReference",
    "DistributionChannel",
    "UserLanguage",
)
_MORE_COLUMNS = ("RecipientFirstName", "LocationLatitude", "LocationLongitude", "ResponseSet", "Name", "Email")
_IMPORT_ID = '"ImportId"'
_DATES = ("startdate", "enddate", "recordeddate")
_NOT_COLLECTED = {
    "survey preview": "previews",
    "1": "previews",
    "survey test": "test answers",
    "2": "test answers",
    "spam": "possible spam",
    "8": "possible spam",
    "spam survey preview": "previews",
    "9": "previews",
}


def _is_import_row(row: tuple[str, ...]) -> bool:
    return any(_IMPORT_ID in cell.replace("'", '"') for cell in row)


def _marks(glance: Glance) -> tuple[str, ...]:
    if any(map(_is_import_row, glance.below)):
        return ("a header row of ImportIds",)
    legacy = {"ResponseID", "ResponseSet"}
    if glance.below and legacy <= set(glance.below[0]):
        return ("a second header row with ResponseID and ResponseSet",)
    found = glance.having(_COLUMNS)
    return tuple(f"column {name}" for name in found) if len(found) >= 3 else ()


def _header_rows(glance: Glance) -> int:
    for position, row in enumerate(glance.below):
        if _is_import_row(row):
            return position + 1
    if not glance.below:
        return 0
    cells = dict(zip((name.casefold() for name in glance.names), glance.below[0], strict=True))
    texts = [cells[name] for name in _DATES if cells.get(name)]
    if texts:
        return int(not any(sign.isdigit() for text in texts for sign in text))
    if "ResponseID" in glance.below[0]:
        return 1
    identity = cells.get("responseid", "")
    return int(bool(identity) and " " in identity)


def _notices(frame: pd.DataFrame) -> list[Notice]:
    status = column_named(frame, "Status")
    notices: list[Notice] = []
    for what in dict.fromkeys(_NOT_COLLECTED.values()):
        rows = rows_where(status, lambda word, what=what: _NOT_COLLECTED.get(word) == what)  # type: ignore[misc]
        if rows:
            message = f"{counted(len(rows), 'row')} that Qualtrics marks as {what} in Status ({rows_listed(rows)})"
            notices.append(
                ("warning", f"{message}; they are kept: remove them if they are not answers of respondents.")
            )
    unfinished = rows_where(column_named(frame, "Finished"), lambda word: word in ("0", "false"))
    if unfinished:
        message = f"{counted(len(unfinished), 'row')} not finished ({rows_listed(unfinished)})"
        notices.append(("note", f"{message}; they are kept."))
    return notices


QUALTRICS = SurveyTool(
    name="qualtrics",
    title="Qualtrics",
    marks=_marks,
    header_rows=_header_rows,
    notices=_notices,
    own=lower(*_COLUMNS, *_MORE_COLUMNS),
)
