"""REDCap: the data dictionary, a CSV file of 18 columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from surveysem.errors import Problem
from surveysem.findings import Finding
from surveysem.instrument.export.escaping import as_html
from surveysem.instrument.export.questionnaire import (
    Block,
    Questionnaire,
    clashing_names,
    limits_of,
    numeric_hint,
    refuse,
)
from surveysem.instrument.questions import Question
from surveysem.instrument.scales import ResponseScale

COLUMNS = (
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
)
_NAME, _FORM, _HEADER, _TYPE, _LABEL, _CHOICES, _NOTE, _VALIDATION, _LOW, _HIGH, _, _LOGIC, _REQUIRED = COLUMNS[:13]
_MATRIX = COLUMNS[15]
_FIRST = "record_id"
_LONGEST_NAME = 100


def field_name(name: str) -> str:
    """An id as a field name: in lower case.

    Examples
    --------
    >>> field_name("Cred_1")
    'cred_1'
    """
    return name.lower()


def render_redcap(questionnaire: Questionnaire) -> bytes:
    """The dictionary, UTF-8, in one language, with one form named ``survey``.

    Raises
    ------
    UnsupportedError
        When ids are no field names of REDCap.
    """
    refuse("REDCap", _problems(questionnaire))
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in _fields(questionnaire):
        writer.writerow({_FORM: "survey"} | row)
    return text.getvalue().encode("utf-8")


def redcap_findings(questionnaire: Questionnaire) -> list[Finding]:
    """What the dictionary cannot say and is left to do in REDCap."""
    todo = ["enable the form as a survey"]
    if questionnaire.screening or questionnaire.instrument.consent is not None:
        todo.append("add stop actions if the survey should close at once; until then, all that follows is hidden")
    findings = [_finding("warning", f"After uploading the dictionary: {'; '.join(todo)}.")]
    if questionnaire.randomize:
        findings.append(_finding("note", "REDCap has no random order of the rows of a matrix; they keep theirs."))
    if len(questionnaire.languages) > 1:
        others = ", ".join(questionnaire.languages[1:])
        message = f"A dictionary has one language. Add {others} under Multi-Language Management, or export again."
        findings.append(_finding("note", message))
    return findings


def _finding(severity: str, message: str) -> Finding:
    return Finding(severity="warning" if severity == "warning" else "note", where="redcap", message=message)


def _problems(questionnaire: Questionnaire) -> Iterator[Problem]:
    questions = [question for block in questionnaire.blocks for question in block.questions]
    yield from clashing_names(questions, field_name, "field names are in lower case")
    for question in questions:
        name = field_name(question.id)
        if len(name) > _LONGEST_NAME or name.endswith("_") or "__" in name or name == _FIRST:
            found = f"{name!r} is no field name: it ends in an underscore, has two in a row, is too long or is reserved"
            yield Problem(where=f"question {question.id}", found=found, remedy="Choose another id in the instrument.")


def _fields(questionnaire: Questionnaire) -> Iterator[dict[str, str]]:
    instrument, language = questionnaire.instrument, questionnaire.language
    phrases = questionnaire.phrases
    yield {_NAME: _FIRST, _TYPE: "text", _LABEL: "Record ID"}
    if instrument.introduction is not None:
        text = _text(instrument.introduction[language])
        yield {_NAME: questionnaire.introduction_name, _TYPE: "descriptive", _LABEL: text}
    if instrument.consent is not None:
        choices = f"1, {phrases.agree} | 0, {phrases.decline}"
        label = _text(instrument.consent[language])
        yield {_NAME: questionnaire.consent_name, _TYPE: "radio", _LABEL: label, _CHOICES: choices, _REQUIRED: "y"}
    consent = _consent_given(questionnaire)
    for block in questionnaire.screening:
        yield from _block(questionnaire, block, logic=consent)
    if questionnaire.screening:
        logic = " and ".join(filter(None, [consent, _ineligible(questionnaire)]))
        text = _text(phrases.ineligible)
        yield {_NAME: questionnaire.ineligible_name, _TYPE: "descriptive", _LABEL: text, _LOGIC: logic}
    entry = " and ".join(filter(None, [consent, *_eligible(questionnaire)]))
    for part in questionnaire.parts:
        for block in part:
            yield from _block(questionnaire, block, logic=entry)


def _consent_given(questionnaire: Questionnaire) -> str:
    return "" if questionnaire.instrument.consent is None else f"[{questionnaire.consent_name}] = '1'"


def _eligible(questionnaire: Questionnaire) -> Iterator[str]:
    for question in questionnaire.screening_questions():
        answers = [f"[{field_name(question.id)}] = '{code}'" for code in question.eligible]
        yield f"({' or '.join(answers)})"


def _ineligible(questionnaire: Questionnaire) -> str:
    """Some screening question was answered, and not so that one may take part."""
    cases = []
    for question in questionnaire.screening_questions():
        name = field_name(question.id)
        unlike = [f"[{name}] <> '{code}'" for code in question.eligible]
        unlike.insert(0, f"[{name}] <> ''")
        cases.append(f"({' and '.join(unlike)})")
    return f"({' or '.join(cases)})"


def _block(questionnaire: Questionnaire, block: Block, *, logic: str) -> Iterator[dict[str, str]]:
    for place, question in enumerate(block.questions):
        row = _field(questionnaire, question, block.scale) | {_LOGIC: logic}
        if block.is_matrix:
            row[_MATRIX] = block.name
            if place == 0:
                row[_HEADER] = questionnaire.phrases.each_statement
        yield row


def _field(questionnaire: Questionnaire, question: Question, scale: ResponseScale) -> dict[str, str]:
    language = questionnaire.language
    row = {
        _NAME: field_name(question.id),
        _TYPE: "radio" if scale.options else "text",
        _LABEL: _text(question.text[language]),
        _REQUIRED: "y" if questionnaire.is_required(question) else "",
    }
    if scale.options:
        labels = {**scale.options, **scale.missing}
        row[_CHOICES] = " | ".join(f"{code}, {_text(label[language])}" for code, label in labels.items())
    if scale.kind == "number":
        row[_NOTE] = _text(numeric_hint(scale, questionnaire.phrases, language))
        row[_VALIDATION] = "integer" if scale.integer else "number"
        row[_LOW], row[_HIGH] = limits_of(scale)
    return row


def _text(text: str) -> str:
    # Square brackets are smart variables and piping, vertical bars part choices.
    return as_html(text, placeholders="[]{}|")
