"""Exports of REDCap: raw (field names and codes) or labelled (field labels and choices)."""

from __future__ import annotations

import pandas as pd

from surveysem.data.imports.tools import Glance, Notice, SurveyTool, column_named, lower, rows_where
from surveysem.data.wording import counted, rows_listed

_RAW = (
    "redcap_event_name",
    "redcap_survey_identifier",
    "redcap_repeat_instrument",
    "redcap_repeat_instance",
    "redcap_data_access_group",
)
_LABELS = ("Survey Identifier", "Survey Timestamp", "Event Name", "Repeat Instrument", "Repeat Instance", "Complete?")
_FIRST = ("Record ID", "Study ID", "Participant ID")


def _marks(glance: Glance) -> tuple[str, ...]:
    raw = glance.having(_RAW)
    completed = tuple(name for name in glance.names if name.endswith("_complete"))
    if raw:
        return tuple(f"column {name}" for name in raw)
    if completed and glance.having(("record_id",)):
        return ("column record_id", *(f"column {name}" for name in completed))
    labels = glance.having(_LABELS)
    if "Complete?" in glance.names and (len(labels) >= 2 or glance.having(_FIRST)):
        return tuple(f"column {name}" for name in labels)
    return ()


def _notices(frame: pd.DataFrame) -> list[Notice]:
    repeated = column_named(frame, "redcap_repeat_instance", "Repeat Instance")
    rows = rows_where(repeated, lambda word: word not in ("", "1", "1.0"))
    if not rows:
        return []
    message = f"{counted(len(rows), 'row')} of repeated instruments ({rows_listed(rows)})"
    return [("warning", f"{message}: one respondent may have several rows; they are kept.")]


REDCAP = SurveyTool(name="redcap", title="REDCap", marks=_marks, notices=_notices, own=lower(*_RAW, *_LABELS, *_FIRST))
