"""Exports of LimeSurvey: headers of question codes or texts, answers as codes or in full."""

from __future__ import annotations

import re

import pandas as pd

from surveysem.data.imports.tools import Glance, Notice, SurveyTool, column_named, lower, rows_where
from surveysem.data.wording import counted, rows_listed
from surveysem.instrument import ResponseScale

_CODES = (
    "id",
    "submitdate",
    "lastpage",
    "startlanguage",
    "seed",
    "startdate",
    "datestamp",
    "ipaddr",
    "refurl",
    "token",
)
_TELLING = ("submitdate", "lastpage", "startlanguage")
_TITLES = (
    "Response ID",
    "Date submitted",
    "Last page",
    "Start language",
    "Seed",
    "Date started",
    "Date last action",
    "IP address",
    "Referrer URL",
)
_ANSWER = re.compile(r"AO?0*(\d{1,3})", re.IGNORECASE)
_MISSING = re.compile(r"M(\d{1,4})")
_SUBQUESTION = re.compile(r"^(.*?)\[([^\[\]]+)\]$")
_CODE_AND_TEXT = re.compile(r"^([A-Za-z][A-Za-z0-9_]*(?:\[[^\[\]]+\])?)\.\s")
_YES, _NO = {"yes", "sim"}, {"no", "não"}


def _marks(glance: Glance) -> tuple[str, ...]:
    names = tuple(name.split(". ")[0] for name in glance.names)
    short = Glance(names=names, below=glance.below)
    codes = short.having(_CODES)
    titles = glance.having(_TITLES)
    if len(codes) >= 3 and any(name in codes for name in _TELLING):
        return tuple(f"column {name}" for name in codes)
    return tuple(f"column {name}" for name in titles) if len(titles) >= 3 else ()


def _names(name: str) -> tuple[str, ...]:
    """Ids of ``code``, ``code. Text``, ``code[sub]`` and ``code_sub``: the whole, the part, and both joined."""
    with_text = _CODE_AND_TEXT.match(f"{name} ")
    code = with_text.group(1) if with_text else name
    found = _SUBQUESTION.match(code)
    if found:
        return (name, found.group(2), f"{found.group(1)}_{found.group(2)}", found.group(1) + found.group(2))
    return tuple(dict.fromkeys((name, code, code.rsplit("_", 1)[-1])))


def _key(name: str) -> str:
    """Question codes of LimeSurvey are letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _codes(text: str, scale: ResponseScale) -> frozenset[int]:
    """Options that an answer code may mean: ``A3`` the third, or the one coded 3; ``Y`` and ``N`` yes and no.

    Answer codes have no sign: ``M99`` is the missing code -99.
    """
    missing = _MISSING.fullmatch(text)
    if missing:
        return frozenset({-int(missing.group(1))}) & frozenset(scale.missing)
    if text in ("Y", "N") and len(scale.options) == 2:
        words = _YES if text == "Y" else _NO
        return frozenset(
            code for code, label in scale.options.items() if words & {word.casefold() for word in label.values()}
        )
    found = _ANSWER.fullmatch(text)
    if not found:
        return frozenset()
    number = int(found.group(1))
    third = scale.codes[number - 1 : number] if number else ()
    return frozenset(third) | (frozenset({number}) & frozenset(scale.options))


def _notices(frame: pd.DataFrame) -> list[Notice]:
    submitted = column_named(frame, "submitdate", "Date submitted", "submitdate. Date submitted")
    rows = rows_where(submitted, lambda word: word in ("", "n/a"))
    if not rows:
        return []
    return [("note", f"{counted(len(rows), 'row')} not submitted ({rows_listed(rows)}); they are kept.")]


LIMESURVEY = SurveyTool(
    name="limesurvey",
    title="LimeSurvey",
    marks=_marks,
    names=_names,
    key=_key,
    notices=_notices,
    codes=_codes,
    own=lower(*_CODES, *_TITLES),
)
