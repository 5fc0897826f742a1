"""``surveysem show``: a study as a person reads it, or as JSON."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

import surveysem as ss
from surveysem.cli.arguments import JsonOption, StudyArgument
from surveysem.cli.console import console
from surveysem.cli.structured import print_json
from surveysem.errors import Problem, UnsupportedError


def show(
    study: StudyArgument,
    language: Annotated[str | None, typer.Option(help="Language of the questions; the first if left out.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print a study: its questionnaire, its propositions with their rules, and its model."""
    loaded = ss.load_study(study)
    chosen = _language(loaded, language)
    if as_json:
        print_json(study_content(loaded, chosen))
        return
    out = console()
    out.print(f"[bold]{escape(loaded.title)}[/] ({escape(loaded.id)})")
    if loaded.description:
        out.print(escape(loaded.description))
    _questionnaire(loaded, chosen, out)
    out.print("\n[bold]Propositions[/]")
    for proposition in (*loaded.propositions, *loaded.extensions):
        for each in (proposition, *proposition.parts):
            out.print(escape(f"  {each.id}: {each.statement} [{each.test}; {each.rule}]"))
    out.print(f"\n[bold]Model[/]\n{escape(loaded.model_syntax('lavaan'))}", soft_wrap=True)


def study_content(study: ss.Study, language: str) -> dict[str, object]:
    """A study as plain values: constructs, questions with their codes, propositions and model syntax."""
    instrument = study.instrument
    return {
        "id": study.id,
        "title": study.title,
        "fingerprint": study.fingerprint,
        "language": language,
        "constructs": [
            {
                "id": each.id,
                "label": each.label[language],
                "role": each.role,
                "items": [item.id for item in instrument.items_of(each.id)],
            }
            for each in instrument.constructs
        ],
        "questions": [_question(instrument, question.id, language) for question in instrument.questions],
        "propositions": _propositions(study.propositions),
        "extensions": _propositions(study.extensions),
        "model": study.model_syntax("lavaan"),
    }


def _propositions(propositions: tuple[object, ...]) -> list[dict[str, object]]:
    names = ("id", "statement", "test", "rule")
    return [
        {name: str(getattr(each, name)) for name in names} | {"parts": _propositions(getattr(each, "parts", ()))}
        for each in propositions
    ]


def _question(instrument: ss.Instrument, name: str, language: str) -> dict[str, object]:
    question = instrument.question(name)
    scale = instrument.scale(question.scale)
    return {
        "id": question.id,
        "sort": type(question).__name__,
        "text": question.text[language],
        "reverse": bool(getattr(question, "reverse", False)),
        "scale": scale.id,
        "kind": scale.kind,
        "options": {str(code): label[language] for code, label in scale.options.items()},
        "missing": {str(code): label[language] for code, label in scale.missing.items()},
    }


def _questionnaire(study: ss.Study, language: str, out: Console) -> None:
    """Constructs with their items, then the other questions, then the response scales they use."""
    instrument = study.instrument
    items: set[str] = set()
    for construct in instrument.constructs:
        out.print(f"\n[bold]{escape(construct.label[language])}[/] ({escape(construct.id)})")
        for item in instrument.items_of(construct.id):
            items.add(item.id)
            reverse = " (reversed)" if item.reverse else ""
            out.print(escape(f"  {item.id}{reverse}: {item.text[language]}"))
    others = [question for question in instrument.questions if question.id not in items]
    if others:
        out.print("\n[bold]Other questions[/]")
    for question in others:
        out.print(escape(f"  {question.id} [{question.scale}]: {question.text[language]}"))
    out.print("\n[bold]Answers[/]")
    for scale in instrument.response_scales:
        labels = [f"{code} {label[language]}" for code, label in {**scale.options, **scale.missing}.items()]
        out.print(escape(f"  {scale.id}: {'; '.join(labels) or scale.kind}"))


def _language(study: ss.Study, language: str | None) -> str:
    available = study.instrument.languages
    if language is None:
        return study.instrument.default_language
    if language not in available:
        problem = Problem(where="--language", found=repr(language), remedy=f"Choose one of: {', '.join(available)}.")
        raise UnsupportedError(f"The study {study.id} is not written in this language.", [problem])
    return language
