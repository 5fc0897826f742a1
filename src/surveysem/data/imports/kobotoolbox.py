"""Exports of KoboToolbox and ODK Central: questions named with their groups."""

from __future__ import annotations

from surveysem.data.imports.tools import Glance, SurveyTool, last_segment, lower

_KOBO = (
    "_id",
    "_uuid",
    "_submission_time",
    "_validation_status",
    "_submitted_by",
    "__version__",
    "_status",
    "_notes",
    "_tags",
    "_index",
)
_ODK = ("SubmissionDate", "meta-instanceID", "meta-instanceName", "SubmitterID", "SubmitterName", "ReviewState")
_ODK_MORE = ("AttachmentsPresent", "DeviceID", "FormVersion", "instanceID")


def _kobo_marks(glance: Glance) -> tuple[str, ...]:
    found = glance.having(_KOBO)
    return tuple(f"column {name}" for name in found) if len(found) >= 2 else ()


def _odk_marks(glance: Glance) -> tuple[str, ...]:
    found = glance.having((*_ODK, *_ODK_MORE))
    key = "KEY" in glance.names
    return (*(f"column {name}" for name in found), "column KEY") if key and glance.having(_ODK) else ()


_TIMES = ("start", "end", "today", "deviceid", "username")
KOBOTOOLBOX = SurveyTool(
    name="kobotoolbox", title="KoboToolbox", marks=_kobo_marks, names=last_segment, own=lower(*_KOBO, *_TIMES)
)
ODK = SurveyTool(
    name="odk",
    title="ODK",
    marks=_odk_marks,
    names=last_segment,
    own=lower(*_ODK, *_ODK_MORE, *_TIMES, "KEY", "Status", "Edits"),
)
