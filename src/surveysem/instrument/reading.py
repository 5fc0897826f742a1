"""Instruments read from YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from surveysem.bundled_files import find_file
from surveysem.errors import InstrumentError, Problem
from surveysem.instrument.draft import SECTIONS, Draft, Flaw, Location
from surveysem.instrument.explanations import structural_flaws
from surveysem.instrument.instrument import Instrument, InstrumentHeader
from surveysem.instrument.rules import find_flaws
from surveysem.instrument.values import Part
from surveysem.located_yaml import LocatedDocument, read_located_yaml

_HEADER_KEYS = tuple(InstrumentHeader.model_fields)


def read_instrument(name_or_path: str | Path) -> Instrument:
    """Instrument described by a YAML file.

    Parameters
    ----------
    name_or_path : str or pathlib.Path
        A bundled name such as ``"b2b_micro_influencer"``, or a path to a ``.yaml`` file.

    Returns
    -------
    Instrument
        Complete and free of contradictions.

    Raises
    ------
    InputFileError
        When there is no such file, or it is not YAML.
    InstrumentError
        When the file does not describe a valid instrument; every problem is listed with its line.

    Examples
    --------
    >>> instrument = read_instrument("b2b_micro_influencer")
    >>> instrument.construct("brand_trust").label["pt"]
    'Confiança na marca'
    """
    document = read_located_yaml(find_file("instruments", name_or_path))
    if not isinstance(document.content, dict):
        flaw = Flaw(path=(), found="the file is not a mapping of keys", remedy="Begin with `id:`, `title:` and so on.")
        raise _invalid(document, [flaw])
    draft, flaws = _draft(document.content)
    flaws += find_flaws(draft)
    if flaws:
        raise _invalid(document, flaws)
    return Instrument.model_validate(document.content)


def _invalid(document: LocatedDocument, flaws: list[Flaw]) -> InstrumentError:
    ordered = sorted(flaws, key=lambda flaw: document.line(flaw.path))
    problems = [Problem(where=document.where(flaw.path), found=flaw.found, remedy=flaw.remedy) for flaw in ordered]
    count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
    return InstrumentError(f"{document.path} is not a valid instrument: {count}.", problems)


class _Outline(InstrumentHeader):
    """The top level of a file, with the entries of its sections still unread."""

    references: tuple[Any, ...] = ()
    response_scales: Annotated[tuple[Any, ...], Field(min_length=1)]
    constructs: Annotated[tuple[Any, ...], Field(min_length=1)]
    screening_questions: tuple[Any, ...] = ()
    grouping_questions: tuple[Any, ...] = ()
    items: Annotated[tuple[Any, ...], Field(min_length=1)]
    attention_checks: tuple[Any, ...] = ()
    observed_measures: tuple[Any, ...] = ()


def _draft(content: dict[str, Any]) -> tuple[Draft, list[Flaw]]:
    _, flaws = _read_part(_Outline, content, ())
    header, _ = _read_part(InstrumentHeader, {key: content[key] for key in _HEADER_KEYS if key in content}, ())
    parts: dict[Location, Part] = {}
    for section, model in SECTIONS.items():
        entries = content.get(section)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            part, part_flaws = _read_part(model, entry, (section, index))
            flaws += part_flaws
            if part is not None:
                parts[section, index] = part
    return Draft(content=content, header=header, parts=parts), flaws


def _read_part(model: type[Part], entry: object, path: Location) -> tuple[Part | None, list[Flaw]]:
    try:
        return model.model_validate(entry), []
    except ValidationError as error:
        return None, list(structural_flaws(error, model, path))
