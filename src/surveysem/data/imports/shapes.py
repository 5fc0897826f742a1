"""The shapes in which survey tools export answers: their headers, their own columns and their codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from surveysem.data.imports.limesurvey import LIMESURVEY
from surveysem.instrument import Instrument, Question, ResponseScale

Header: TypeAlias = Callable[[Question, str], str]
"""Name of a question's column in a language."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How one tool lays out an export.

    Parameters
    ----------
    header : callable
        Header of a question's column.
    before, after : tuple of str
        The tool's own columns, which hold row numbers where they are named in *numbered* and are empty otherwise.
    numbered : tuple of str
        Those of its own columns that identify rows.
    labels : bool
        Whether answers are labels unless asked otherwise.
    code : callable
        A code as the tool writes it.
    """

    header: Header
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    numbered: tuple[str, ...] = ()
    labels: bool = False
    code: Callable[[int, ResponseScale], object] = lambda code, _: code


def _by_id(question: Question, _: str) -> str:
    return question.id


def _by_text(question: Question, language: str) -> str:
    return question.text[language]


def _limesurvey_header(question: Question, _: str) -> str:
    return f"{LIMESURVEY.key(question.scale)}[{LIMESURVEY.key(question.id)}]"


def _limesurvey_code(code: int, scale: ResponseScale) -> object:
    if code in scale.missing:
        return f"M{-code}" if code < 0 else str(code)
    return f"A{code}" if scale.codes == tuple(range(1, len(scale.codes) + 1)) else str(code)


_QUALTRICS_COLUMNS = (
    "StartDate",
    "EndDate",
    "Status",
    "Progress",
    "Duration (in seconds)",
    "Finished",
    "RecordedDate",
    "ResponseId",
    "UserLanguage",
)
_KOBO_COLUMNS = ("_id", "_uuid", "_submission_time", "_validation_status", "_index")

SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "plain": Shape(header=_by_id),
        "qualtrics": Shape(header=_by_id, before=_QUALTRICS_COLUMNS, numbered=("ResponseId",)),
        "limesurvey": Shape(
            header=_limesurvey_header,
            before=("id", "submitdate", "lastpage", "startlanguage", "seed"),
            numbered=("id", "submitdate", "lastpage"),
            code=_limesurvey_code,
        ),
        "redcap": Shape(
            header=lambda question, _: question.id.lower(),
            before=("record_id", "redcap_survey_identifier", "survey_timestamp"),
            after=("survey_complete",),
            numbered=("record_id",),
        ),
        "kobotoolbox": Shape(
            header=lambda question, _: f"{question.scale}/{question.id}",
            before=("start", "end"),
            after=_KOBO_COLUMNS,
            numbered=("_id", "_index"),
        ),
        "odk": Shape(
            header=lambda question, _: f"{question.scale}-{question.id}",
            before=("SubmissionDate",),
            after=("meta-instanceID", "KEY", "SubmitterID", "ReviewState"),
            numbered=("meta-instanceID", "KEY"),
        ),
        "google_forms": Shape(header=_by_text, before=("Timestamp",), labels=True),
        "microsoft_forms": Shape(
            header=_by_text,
            before=("ID", "Start time", "Completion time", "Email", "Name"),
            numbered=("ID",),
            labels=True,
        ),
    }
)


def extra_header_rows(format: str, questions: list[Question], shape: Shape, language: str) -> list[list[str]]:
    """Cells of the header rows below the first: question texts and ImportIds, for Qualtrics alone."""
    if format != "qualtrics":
        return []
    texts = [*shape.before, *(f"Please answer. - {question.text[language]}" for question in questions), *shape.after]
    ids = [*shape.before, *(f"QID{place}" for place, _ in enumerate(questions, start=1)), *shape.after]
    return [texts, [json.dumps({"ImportId": each}) for each in ids]]


def labelled_header(format: str, question: Question, language: str) -> str | None:
    """Header of a labelled export, where the tool then writes texts instead of names; None for other tools."""
    if format == "kobotoolbox":
        return f"Questions/{question.text[language]}"
    if format == "limesurvey":
        return f"Please answer. [{question.text[language]}]"
    return question.text[language] if format == "redcap" else None


LABELLED_COLUMNS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType(
    {
        "redcap": (("Record ID", "Survey Identifier", "Survey Timestamp"), ("Complete?",)),
        "limesurvey": (("Response ID", "Date submitted", "Last page", "Start language", "Seed"), ()),
    }
)
"""The tools' own columns before and after the questions, in labelled exports that name them otherwise."""


def questions_of(instrument: Instrument, columns: list[str]) -> list[Question]:
    """Questions that have a column, in the order of the columns."""
    known = {question.id: question for question in instrument.questions}
    return [known[name] for name in columns if name in known]
