"""Qualtrics: the Advanced Format of TXT files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count

from surveysem.findings import Finding
from surveysem.instrument.export.escaping import as_html
from surveysem.instrument.export.questionnaire import Block, Questionnaire, numeric_hint
from surveysem.instrument.questions import Item, Question, ScreeningQuestion
from surveysem.instrument.scales import ResponseScale

_NUMBERED = re.compile(r"(.+)_([1-9]\d*)")


def render_qualtrics(questionnaire: Questionnaire) -> bytes:
    """The file, UTF-8, in one language."""
    lines = ["[[AdvancedFormat]]", ""]
    lines += _block("Introduction", _opening(questionnaire))
    if questionnaire.screening:
        lines += _block("Screening", _questions(questionnaire, questionnaire.screening))
    for number, part in enumerate(questionnaire.parts, start=1):
        lines += _block(f"{questionnaire.phrases.part} {number}", _questions(questionnaire, part))
    return "\n".join(lines).encode("utf-8")


def qualtrics_findings(questionnaire: Questionnaire) -> list[Finding]:
    """What the format cannot say and is left to do in Qualtrics."""
    screened = [
        f"{question.id} is not {_labels(question, questionnaire)}" for question in questionnaire.screening_questions()
    ]
    todo = []
    if questionnaire.instrument.consent is not None:
        todo.append(f"end the survey in Survey Flow where {questionnaire.consent_name} is 0")
    if screened:
        todo.append(f"end the survey in Survey Flow where {', or where '.join(screened)}")
    if questionnaire.randomize:
        todo.append("turn on randomisation of the statements of each matrix")
    if questionnaire.required:
        todo.append("add Force Response to the questions with options")
    if any(scale.kind == "number" for scale in questionnaire.scales):
        todo.append("add content validation to questions that ask for a number")
    todo.append("compare Recode Values with the codebook, or export answers as choice text")
    message = "Qualtrics' TXT format has no logic and no settings. After importing it: " + "; ".join(todo) + "."
    return [Finding(severity="warning", where="qualtrics", message=message)]


def matrix_columns(block: Block) -> tuple[str, dict[str, int]] | None:
    """Stem and number of each statement of a matrix, so that its column ``stem_number`` is the id of the item.

    Attention checks, whose ids are others, get numbers from 901 and are recognised by their text when answers come
    back. None where the ids of the items are not one stem with numbers.
    """
    found = {each.id: _NUMBERED.fullmatch(each.id) for each in block.questions if isinstance(each, Item)}
    stems = {each.group(1) if each else None for each in found.values()}
    stem = stems.pop() if len(stems) == 1 else None
    if stem is None or not block.is_matrix:
        return None
    numbers = {name: int(each.group(2)) for name, each in found.items() if each}
    spare = (number for number in count(901) if number not in numbers.values())
    return stem, {each.id: numbers.get(each.id) or next(spare) for each in block.questions}


def _block(title: str, lines: Iterator[str]) -> list[str]:
    return [f"[[Block:{title}]]", "", *lines]


def _opening(questionnaire: Questionnaire) -> Iterator[str]:
    instrument, language, phrases = questionnaire.instrument, questionnaire.language, questionnaire.phrases
    introduction = instrument.introduction or instrument.title
    yield from ("[[Question:DB]]", f"[[ID:{questionnaire.introduction_name}]]", _text(introduction[language]), "")
    if instrument.consent is not None:
        yield from ("[[Question:MC:SingleAnswer:Vertical]]", f"[[ID:{questionnaire.consent_name}]]")
        yield from (_text(instrument.consent[language]), "", "[[AdvancedChoices]]")
        yield from ("[[Choice:1]]", phrases.agree, "[[Choice:0]]", phrases.decline, "")


def _questions(questionnaire: Questionnaire, blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        columns = matrix_columns(block)
        if columns is not None and _first_of_its_stem(questionnaire, block, columns[0]):
            yield from _matrix(questionnaire, block, *columns)
        else:
            for question in block.questions:
                yield from _single(questionnaire, question, block.scale)


def _first_of_its_stem(questionnaire: Questionnaire, block: Block, stem: str) -> bool:
    """Whether no matrix before this one has its name, and no question either."""
    for other in questionnaire.blocks:
        columns = matrix_columns(other)
        if columns is not None and columns[0] == stem:
            return other is block and stem not in {each.id for each in questionnaire.instrument.questions}
    return False


def _matrix(questionnaire: Questionnaire, block: Block, stem: str, numbers: dict[str, int]) -> Iterator[str]:
    language = questionnaire.language
    yield from ("[[Question:Matrix:SingleAnswer]]", f"[[ID:{stem}]]", questionnaire.phrases.each_statement, "")
    yield "[[AdvancedChoices]]"
    for question in block.questions:
        yield from (f"[[Choice:{numbers[question.id]}]]", _text(question.text[language]))
    yield from ("", "[[AdvancedAnswers]]")
    for code, label in (*block.scale.options.items(), *block.scale.missing.items()):
        yield from (f"[[Answer:{code}]]", _text(label[language]))
    yield ""


def _single(questionnaire: Questionnaire, question: Question, scale: ResponseScale) -> Iterator[str]:
    language = questionnaire.language
    kind = "MC:SingleAnswer:Vertical" if scale.options else "TE:SingleLine"
    hint = numeric_hint(scale, questionnaire.phrases, language) if scale.kind == "number" else ""
    text = _text(question.text[language])
    yield from (f"[[Question:{kind}]]", f"[[ID:{question.id}]]", f"{text} ({_text(hint)})" if hint else text, "")
    if scale.options:
        yield "[[AdvancedChoices]]"
        for code, label in (*scale.options.items(), *scale.missing.items()):
            yield from (f"[[Choice:{code}]]", _text(label[language]))
        yield ""


def _labels(question: ScreeningQuestion, questionnaire: Questionnaire) -> str:
    options = questionnaire.instrument.scale(question.scale).options
    return " or ".join(f'"{options[code][questionnaire.language]}"' for code in question.eligible)


def _text(text: str) -> str:
    return as_html(text, placeholders="[]$")
