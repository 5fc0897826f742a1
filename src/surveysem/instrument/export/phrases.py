"""Fixed wordings of a questionnaire: what instruments do not word themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """Fixed wordings in one language.

    Parameters
    ----------
    language_name : str
        The language in its own words.
    agree, decline : str
        Answers to the declaration of consent.
    each_statement, one_answer : str
        How a matrix and a single question are answered.
    ineligible, thanks : str
        What respondents who may not take part, and those at the end, read.
    part : str
        Heading of a part, before its number.
    consent_heading, stop, stop_for : str
        For paper: heading of the consent; where to stop, and after which answers.
    from_to, at_least, at_most, whole : str
        Limits of a number.
    unit : str
        Before the unit of a number.
    """

    language_name: str
    agree: str
    decline: str
    each_statement: str
    one_answer: str
    ineligible: str
    thanks: str
    part: str
    consent_heading: str
    stop: str
    stop_for: str
    from_to: str
    at_least: str
    at_most: str
    whole: str
    unit: str


_ENGLISH = Phrases(
    language_name="English",
    agree="I agree",
    decline="I do not agree",
    each_statement="Please choose one answer for each statement.",
    one_answer="Please choose one answer.",
    ineligible="Thank you for your interest. This survey is meant for a different group of people, so it ends here.",
    thanks="Thank you for taking part.",
    part="Part",
    consent_heading="Consent",
    stop="Without your consent, please stop here.",
    stop_for="If you chose {answers}, please stop here. Thank you.",
    from_to="from {low} to {high}",
    at_least="{low} or more",
    at_most="{high} or less",
    whole="whole number",
    unit="in {unit}",
)
_PORTUGUESE = Phrases(
    language_name="Português",
    agree="Aceito",
    decline="Não aceito",
    each_statement="Escolha uma resposta para cada afirmação.",
    one_answer="Escolha uma resposta.",
    ineligible="Obrigado pelo interesse. Este inquérito destina-se a outro grupo de pessoas, pelo que termina aqui.",
    thanks="Obrigado pela sua participação.",
    part="Parte",
    consent_heading="Consentimento",
    stop="Se não aceita, pare aqui, por favor.",
    stop_for="Se escolheu {answers}, pare aqui, por favor. Obrigado.",
    from_to="de {low} a {high}",
    at_least="{low} ou mais",
    at_most="{high} ou menos",
    whole="número inteiro",
    unit="em {unit}",
)
_PHRASES: Mapping[str, Phrases] = MappingProxyType({"en": _ENGLISH, "pt": _PORTUGUESE})


def has_phrases(language: str) -> bool:
    """Whether the fixed wordings exist in a language."""
    return language.split("-")[0] in _PHRASES


def phrases_in(language: str) -> Phrases:
    """Fixed wordings in a language; English where there are none, which exports report.

    Examples
    --------
    >>> phrases_in("pt-BR").agree
    'Aceito'
    """
    return _PHRASES.get(language.split("-")[0], _ENGLISH)


def language_title(language: str) -> str:
    """Name and tag of a language, as XLSForm writes it.

    Examples
    --------
    >>> language_title("pt"), language_title("de")
    ('Português (pt)', 'de (de)')
    """
    name = phrases_in(language).language_name if has_phrases(language) else language
    return f"{name} ({language})"
