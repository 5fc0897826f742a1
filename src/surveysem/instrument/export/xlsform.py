"""XLSForm: the workbook that ODK, KoboToolbox, SurveyCTO and Ona read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any

from surveysem.errors import Problem
from surveysem.findings import Finding
from surveysem.instrument.export.escaping import one_line
from surveysem.instrument.export.phrases import Phrases, language_title, phrases_in
from surveysem.instrument.export.questionnaire import Block, Questionnaire, limits_of, numeric_hint, refuse
from surveysem.instrument.questions import Question
from surveysem.instrument.scales import ResponseScale
from surveysem.instrument.values import Translations

Row = dict[str, str]


def render_xlsform(questionnaire: Questionnaire) -> bytes:
    """The workbook: sheets survey, choices and settings, with a column of labels for each language.

    Raises
    ------
    UnsupportedError
        When a text holds a reference to another question.
    """
    refuse("XLSForm", _problems(questionnaire))
    titles = [language_title(language) for language in questionnaire.languages]
    labels = [f"label::{title}" for title in titles]
    hints = [f"hint::{title}" for title in titles]
    questions = ["type", "name", *labels, *hints, "required", "relevant", "appearance", "constraint"]
    sheets: dict[str, tuple[list[str], list[Row]]] = {
        "survey": (questions, list(_survey(questionnaire))),
        "choices": (["list_name", "name", *labels], list(_choices(questionnaire))),
        "settings": (["form_title", "form_id", "version", "default_language", "style"], [_settings(questionnaire)]),
    }
    return _workbook(sheets)


def xlsform_findings(questionnaire: Questionnaire) -> list[Finding]:
    """What the form cannot say."""
    if not questionnaire.randomize:
        return []
    message = "XLSForm has no random order of questions; they keep theirs."
    return [Finding(severity="note", where="xlsform", message=message)]


def _problems(questionnaire: Questionnaire) -> Iterator[Problem]:
    instrument = questionnaire.instrument
    texts = [("the title", instrument.title)]
    texts += [("the introduction", instrument.introduction)] if instrument.introduction is not None else []
    texts += [("the consent", instrument.consent)] if instrument.consent is not None else []
    for block in questionnaire.blocks:
        texts += [(f"question {question.id}", question.text) for question in block.questions]
    for scale in questionnaire.scales:
        texts += [(f"response scale {scale.id}", label) for label in (*scale.options.values(), *scale.missing.values())]
    for where, text in texts:
        if any("${" in wording for wording in text.values()):
            remedy = "Write it otherwise: the form would take it for the answer to another question."
            yield Problem(where=where, found="its wording contains ${", remedy=remedy)


def _survey(questionnaire: Questionnaire) -> Iterator[Row]:
    instrument = questionnaire.instrument
    if instrument.introduction is not None:
        yield {"type": "note", "name": questionnaire.introduction_name} | _in_all(instrument.introduction)
    consent = ""
    if instrument.consent is not None:
        name = questionnaire.consent_name
        consent = f"${{{name}}} = '1'"
        yield {"type": f"select_one {name}", "name": name, "required": "yes"} | _in_all(instrument.consent)
    for block in questionnaire.screening:
        yield from _question(questionnaire, block.questions[0], block.scale, relevant=consent)
    if questionnaire.screening:
        name, relevant = (
            questionnaire.ineligible_name,
            " and ".join(filter(None, [consent, _ineligible(questionnaire)])),
        )
        text = _phrase(questionnaire, lambda phrases: phrases.ineligible)
        yield {"type": "note", "name": name, "relevant": relevant} | text
    entry = " and ".join(filter(None, [consent, *_eligible(questionnaire)]))
    for number, part in enumerate(questionnaire.parts, start=1):
        yield from _part(questionnaire, part, number, relevant=entry)


def _part(questionnaire: Questionnaire, part: Sequence[Block], number: int, *, relevant: str) -> Iterator[Row]:
    def heading(phrases: Phrases) -> str:
        return phrases.each_statement if part[0].is_matrix else f"{phrases.part} {number}"

    row = {"type": "begin_group", "name": part[0].name, "relevant": relevant, "appearance": "field-list"}
    yield row | _phrase(questionnaire, heading)
    for block in part:
        for question in block.questions:
            yield from _question(questionnaire, question, block.scale, relevant="")
    yield {"type": "end_group"}


def _question(
    questionnaire: Questionnaire, question: Question, scale: ResponseScale, *, relevant: str
) -> Iterator[Row]:
    number = "integer" if scale.integer else "decimal"
    row = {
        "type": f"select_one {scale.id}" if scale.options else {"number": number}.get(scale.kind, "text"),
        "name": question.id,
        "required": "yes" if questionnaire.is_required(question) else "",
        "relevant": relevant,
        "appearance": "likert" if scale.kind == "ordinal" and len(scale.options) > 3 else "",
    }
    yield row | _in_all(question.text) | _number(questionnaire, scale)


def _number(questionnaire: Questionnaire, scale: ResponseScale) -> Row:
    if scale.kind != "number":
        return {}
    low, high = limits_of(scale)
    limits = [f". >= {low}" if low else "", f". <= {high}" if high else ""]
    hints = {
        f"hint::{language_title(language)}": numeric_hint(scale, phrases_in(language), language)
        for language in questionnaire.languages
    }
    return {"constraint": " and ".join(filter(None, limits))} | hints


def _eligible(questionnaire: Questionnaire) -> Iterator[str]:
    for question in questionnaire.screening_questions():
        answers = [f"${{{question.id}}} = '{code}'" for code in question.eligible]
        yield f"({' or '.join(answers)})"


def _ineligible(questionnaire: Questionnaire) -> str:
    """Some screening question was answered, and not so that one may take part."""
    cases = []
    for question in questionnaire.screening_questions():
        unlike = [f"${{{question.id}}} != '{code}'" for code in question.eligible]
        unlike.insert(0, f"${{{question.id}}} != ''")
        cases.append(f"({' and '.join(unlike)})")
    return f"({' or '.join(cases)})"


def _choices(questionnaire: Questionnaire) -> Iterator[Row]:
    if questionnaire.instrument.consent is not None:
        agree = _phrase(questionnaire, lambda phrases: phrases.agree)
        decline = _phrase(questionnaire, lambda phrases: phrases.decline)
        yield {"list_name": questionnaire.consent_name, "name": "1"} | agree
        yield {"list_name": questionnaire.consent_name, "name": "0"} | decline
    for scale in questionnaire.scales:
        if scale.options:
            for code, label in (*scale.options.items(), *scale.missing.items()):
                yield {"list_name": scale.id, "name": str(code)} | _in_all(label)


def _settings(questionnaire: Questionnaire) -> Row:
    instrument = questionnaire.instrument
    return {
        "form_title": one_line(instrument.title[questionnaire.language]),
        "form_id": instrument.id,
        "version": one_line(instrument.version),
        "default_language": language_title(questionnaire.language),
        "style": "pages",
    }


def _in_all(text: Translations | Any) -> Row:
    return {f"label::{language_title(language)}": wording.strip() for language, wording in text.items()}


def _phrase(questionnaire: Questionnaire, chosen: Callable[[Phrases], str]) -> Row:
    return {f"label::{language_title(each)}": chosen(phrases_in(each)) for each in questionnaire.languages}


def _workbook(sheets: dict[str, tuple[list[str], list[Row]]]) -> bytes:
    """Every cell stored as text: none is a formula."""
    book = import_module("openpyxl").Workbook()
    book.remove(book.active)
    for title, (columns, rows) in sheets.items():
        sheet = book.create_sheet(title)
        sheet.append(columns)
        for number, row in enumerate(rows, start=2):
            for place, column in enumerate(columns, start=1):
                if row.get(column):
                    cell = sheet.cell(number, place)
                    cell.value = row[column]
                    cell.data_type = "s"
                    cell.quotePrefix = row[column][0] in "=+-@"
        sheet.freeze_panes = "A2"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
