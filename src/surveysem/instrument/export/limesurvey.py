"""LimeSurvey: the tab-separated survey structure that LimeSurvey 3 to 6 imports."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from surveysem.errors import Problem
from surveysem.findings import Finding
from surveysem.instrument.export.escaping import as_html
from surveysem.instrument.export.phrases import phrases_in
from surveysem.instrument.export.questionnaire import (
    Block,
    Questionnaire,
    clashing_names,
    limits_of,
    numeric_hint,
    refuse,
)
from surveysem.instrument.scales import ResponseScale

COLUMNS = (
    "id",
    "class",
    "type/scale",
    "name",
    "relevance",
    "text",
    "help",
    "language",
    "validation",
    "mandatory",
    "other",
    "default",
    "same_default",
    "random_order",
    "num_value_int_only",
    "min_num_value_n",
    "max_num_value_n",
)
_LONGEST_NAME = 20
_LONGEST_CODE = 5
_RULE = "question codes are letters and digits alone"


def question_code(name: str) -> str:
    """An id as a question code: letters and digits alone.

    Examples
    --------
    >>> question_code("cred_1")
    'cred1'
    """
    return re.sub(r"[^A-Za-z0-9]", "", name)


def answer_code(code: int, scale: ResponseScale) -> str:
    """A code as an answer code: ``A3`` where options are coded 1 to k, ``M99`` for the missing code -99.

    Examples
    --------
    >>> yes_no = ResponseScale(id="a", kind="nominal", options={0: {"en": "No"}, 1: {"en": "Yes"}})
    >>> answer_code(1, yes_no)
    '1'
    """
    if code in scale.missing:
        return f"M{-code}" if code < 0 else str(code)
    return f"A{code}" if scale.codes == tuple(range(1, len(scale.codes) + 1)) else str(code)


def render_limesurvey(questionnaire: Questionnaire) -> bytes:
    """The file: UTF-8 with a byte order mark, rows of the first language, then the same rows of each other one.

    Raises
    ------
    UnsupportedError
        When ids or codes do not fit LimeSurvey's.
    """
    refuse("LimeSurvey", _problems(questionnaire))
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", delimiter="\t", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_settings(questionnaire))
    for language in questionnaire.languages:
        writer.writerows(_language_settings(questionnaire, language))
    for language in questionnaire.languages:
        writer.writerows(_numbered(_groups(questionnaire, language)))
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def limesurvey_findings(_: Questionnaire) -> list[Finding]:
    """What is left to do by hand: nothing."""
    return []


def _problems(questionnaire: Questionnaire) -> Iterator[Problem]:
    questions = [question for block in questionnaire.blocks for question in block.questions]
    yield from clashing_names(questions, lambda name: question_code(name).casefold(), _RULE)
    for question in questions:
        if len(question_code(question.id)) > _LONGEST_NAME:
            found = f"its code {question_code(question.id)!r} is longer than LimeSurvey's {_LONGEST_NAME} characters"
            yield Problem(where=f"question {question.id}", found=found, remedy="Shorten the id in the instrument.")
    for scale in questionnaire.scales:
        for code in (*scale.options, *(scale.missing if scale.options else ())):
            written = answer_code(code, scale)
            if not written.isalnum() or len(written) > _LONGEST_CODE:
                found = f"the code {code}; LimeSurvey has up to {_LONGEST_CODE} letters and digits, and no sign"
                yield Problem(where=f"response scale {scale.id}", found=found, remedy="Choose another code.")


def _settings(questionnaire: Questionnaire) -> Iterator[dict[str, str]]:
    settings = {"language": questionnaire.language, "format": "G", "showprogress": "Y", "allowprev": "Y"}
    if len(questionnaire.languages) > 1:
        settings["additional_languages"] = " ".join(questionnaire.languages[1:])
    for name, value in settings.items():
        yield {"class": "S", "name": name, "text": value}


def _language_settings(questionnaire: Questionnaire, language: str) -> Iterator[dict[str, str]]:
    instrument = questionnaire.instrument
    texts = {"surveyls_title": _text(instrument.title[language])}
    if instrument.introduction is not None:
        texts["surveyls_welcometext"] = _text(instrument.introduction[language])
    texts["surveyls_endtext"] = _text(phrases_in(language).thanks)
    for name, value in texts.items():
        yield {"class": "SL", "name": name, "text": value, "language": language}


def _groups(questionnaire: Questionnaire, language: str) -> Iterator[dict[str, str]]:
    phrases, consent = phrases_in(language), _consent_given(questionnaire)
    if questionnaire.instrument.consent is not None:
        yield _group(1, phrases.consent_heading, "1", language)
        yield from _consent(questionnaire, language)
    if questionnaire.screening:
        yield _group(2, f"{phrases.part} 1", consent, language)
        for block in questionnaire.screening:
            yield from _block(questionnaire, block, language)
        yield _group(3, "–", f"{consent} and !{_eligible(questionnaire)}", language)
        name = question_code(questionnaire.ineligible_name)
        yield _question("X", name, _text(phrases.ineligible), language)
    entry = f"{consent} and {_eligible(questionnaire)}"
    for number, part in enumerate(questionnaire.parts, start=2 if questionnaire.screening else 1):
        yield _group(number + 3, f"{phrases.part} {number}", entry, language)
        for block in part:
            yield from _block(questionnaire, block, language)


def _consent_given(questionnaire: Questionnaire) -> str:
    if questionnaire.instrument.consent is None:
        return "1"
    return f'{question_code(questionnaire.consent_name)}.NAOK == "A1"'


def _eligible(questionnaire: Questionnaire) -> str:
    """Condition under which a respondent takes part."""
    conditions = []
    for question in questionnaire.screening_questions():
        scale = questionnaire.instrument.scale(question.scale)
        name = question_code(question.id)
        answers = [f'{name}.NAOK == "{answer_code(code, scale)}"' for code in question.eligible]
        conditions.append(f"({' or '.join(answers)})")
    return f"({' and '.join(conditions)})" if conditions else "1"


def _group(number: int, title: str, relevance: str, language: str) -> dict[str, str]:
    return {"class": "G", "type/scale": f"G{number}", "name": title, "relevance": relevance, "language": language}


def _question(kind: str, name: str, text: str, language: str, **more: str) -> dict[str, str]:
    row = {"class": "Q", "type/scale": kind, "name": name, "relevance": "1", "text": text, "language": language}
    return row | {"mandatory": "N", "other": "N"} | more


def _consent(questionnaire: Questionnaire, language: str) -> Iterator[dict[str, str]]:
    consent, phrases = questionnaire.instrument.consent, phrases_in(language)
    assert consent is not None
    name = question_code(questionnaire.consent_name)
    yield _question("L", name, _text(consent[language]), language, mandatory="Y")
    for code, label in (("A1", phrases.agree), ("A2", phrases.decline)):
        yield {"class": "A", "type/scale": "0", "name": code, "text": label, "language": language}


def _block(questionnaire: Questionnaire, block: Block, language: str) -> Iterator[dict[str, str]]:
    first = block.questions[0]
    mandatory = "Y" if questionnaire.is_required(first) else "N"
    if block.is_matrix:
        shuffled = "1" if questionnaire.randomize else "0"
        text = phrases_in(language).each_statement
        yield _question("F", question_code(block.name), text, language, mandatory=mandatory, random_order=shuffled)
        for question in block.questions:
            yield {
                "class": "SQ",
                "type/scale": "0",
                "name": question_code(question.id),
                "relevance": "1",
                "text": _text(question.text[language]),
                "language": language,
            }
    else:
        more = _open_answer(block.scale, language)
        kind = {"number": "N", "text": "S"}.get(block.scale.kind, "L")
        text = _text(first.text[language])
        yield _question(kind, question_code(first.id), text, language, mandatory=mandatory, **more)
    yield from _answers(block.scale, language)


def _open_answer(scale: ResponseScale, language: str) -> dict[str, str]:
    if scale.kind != "number":
        return {}
    low, high = limits_of(scale)
    return {
        "help": _text(numeric_hint(scale, phrases_in(language), language)),
        "num_value_int_only": "1" if scale.integer else "0",
        "min_num_value_n": low,
        "max_num_value_n": high,
    }


def _answers(scale: ResponseScale, language: str) -> Iterator[dict[str, str]]:
    if not scale.options:
        return
    for code, label in (*scale.options.items(), *scale.missing.items()):
        yield {
            "class": "A",
            "type/scale": "0",
            "name": answer_code(code, scale),
            "text": _text(label[language]),
            "language": language,
        }


def _numbered(rows: Iterator[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Rows with ids that are the same in every language: of groups, and of questions with what belongs to them."""
    group = question = sub = 0
    for row in rows:
        if row["class"] == "G":
            group += 1
            yield row | {"id": str(group), "type/scale": f"G{group}"}
        elif row["class"] == "Q":
            question += 1
            yield row | {"id": str(question)}
        elif row["class"] == "SQ":
            sub += 1
            yield row | {"id": str(10_000 + sub)}
        else:
            yield row | {"id": str(question)}


def _text(text: str) -> str:
    # A backslash before a quote would end PHP's reading of the cell.
    return as_html(text, placeholders="{}\\")
