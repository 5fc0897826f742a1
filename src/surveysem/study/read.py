"""Studies read from YAML."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from surveysem.bundled_files import find_file
from surveysem.errors import InputFileError, Problem, StudyError
from surveysem.instrument import Instrument, read_instrument
from surveysem.instrument.draft import Flaw
from surveysem.instrument.explanations import structural_flaws
from surveysem.located_yaml import LocatedDocument, read_located_yaml
from surveysem.study.building import build_study
from surveysem.study.document import StudyDocument
from surveysem.study.rules import find_flaws
from surveysem.study.study import Study


def load_study(name_or_path: str | Path) -> Study:
    """A study with its instrument, complete and free of contradictions.

    Parameters
    ----------
    name_or_path : str or pathlib.Path
        A bundled name (``"b2b_micro_influencer"``, ``"influencer_endorsement"``, ``"political_democracy"``) or a path
        to a ``.yaml`` file. The instrument it names is looked for beside it, in a folder ``instruments`` next to its
        own, in the working folder, and among the bundled ones.

    Raises
    ------
    InputFileError
        When a file is missing or is not YAML.
    StudyError
        When the study is not valid; every problem is listed with its line.
    InstrumentError
        When its instrument is not valid.

    Examples
    --------
    >>> [proposition.id for proposition in load_study("political_democracy").propositions]
    ['D1', 'D2', 'D3']
    """
    return _study(read_located_yaml(find_file("models", name_or_path)))


def read_study_files(study_path: Path, instrument_path: Path) -> Study:
    """A study from two given files, whatever name its study file gives the instrument.

    Raises
    ------
    InputFileError, StudyError, InstrumentError
        As :func:`load_study`.
    """
    return _study(read_located_yaml(study_path), instrument_path)


def _study(document: LocatedDocument, instrument_path: Path | None = None) -> Study:
    entry = _well_formed(document)
    if instrument_path is None:
        instrument, instrument_path = _instrument(entry.instrument, document)
    else:
        instrument = read_instrument(instrument_path)
    flaws = find_flaws(entry, instrument)
    if flaws:
        raise _invalid(document, flaws)
    texts = {"study.yaml": _text(document.path), "instrument.yaml": _text(instrument_path)}
    return replace(build_study(entry, instrument, fingerprint=fingerprint(texts.values())), files=texts)


def _well_formed(document: LocatedDocument) -> StudyDocument:
    if not isinstance(document.content, dict):
        flaw = Flaw(path=(), found="the file is not a mapping of keys", remedy="Begin with `id:`, `title:` and so on.")
        raise _invalid(document, [flaw])
    try:
        return StudyDocument.model_validate(document.content)
    except ValidationError as error:
        raise _invalid(document, structural_flaws(error, StudyDocument, ())) from None


def _instrument(name: str, document: LocatedDocument) -> tuple[Instrument, Path]:
    try:
        path = find_file("instruments", name, beside=document.path)
    except InputFileError as error:
        remedy = error.problems[0].remedy
        raise _invalid(
            document, [Flaw(path=("instrument",), found=f"there is no instrument {name!r}", remedy=remedy)]
        ) from None
    return read_instrument(path), path


def _invalid(document: LocatedDocument, flaws: Iterable[Flaw]) -> StudyError:
    ordered = sorted(flaws, key=lambda flaw: document.line(flaw.path))
    problems = [Problem(where=document.where(flaw.path), found=flaw.found, remedy=flaw.remedy) for flaw in ordered]
    count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
    return StudyError(f"{document.path} is not a valid study: {count}.", problems)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")


def fingerprint(texts: Iterable[str]) -> str:
    """SHA-256 of the text of study and instrument file, the same whatever the line endings."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8"))
    return digest.hexdigest()
