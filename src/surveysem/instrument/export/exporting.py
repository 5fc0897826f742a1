"""A study's questionnaire as a file for a survey tool, or on paper."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from surveysem.errors import InputFileError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.instrument.export.limesurvey import limesurvey_findings, render_limesurvey
from surveysem.instrument.export.phrases import has_phrases
from surveysem.instrument.export.qualtrics import qualtrics_findings, render_qualtrics
from surveysem.instrument.export.questionnaire import Questionnaire, lay_out
from surveysem.instrument.export.redcap import redcap_findings, render_redcap
from surveysem.instrument.export.word import render_word, word_findings
from surveysem.instrument.export.xlsform import render_xlsform, xlsform_findings
from surveysem.instrument.instrument import Instrument


class _Study(Protocol):
    @property
    def instrument(self) -> Instrument: ...


@dataclass(frozen=True, kw_only=True)
class _Format:
    ending: str
    render: Callable[[Questionnaire], bytes]
    findings: Callable[[Questionnaire], list[Finding]]


_FORMATS: Mapping[str, _Format] = MappingProxyType(
    {
        "limesurvey": _Format(ending=".txt", render=render_limesurvey, findings=limesurvey_findings),
        "qualtrics": _Format(ending=".txt", render=render_qualtrics, findings=qualtrics_findings),
        "redcap": _Format(ending=".csv", render=render_redcap, findings=redcap_findings),
        "xlsform": _Format(ending=".xlsx", render=render_xlsform, findings=xlsform_findings),
        "docx": _Format(ending=".docx", render=render_word, findings=word_findings),
    }
)
SURVEY_FORMATS: Mapping[str, str] = MappingProxyType({name: each.ending for name, each in _FORMATS.items()})
"""Ending of the file of each format a questionnaire is written in."""


@dataclass(frozen=True, kw_only=True)
class ExportedSurvey:
    """A questionnaire that was written.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    format, language : str
        What it is written for, and the language shown first, or alone.
    n_questions : int
        Questions put to respondents; consent is not counted.
    findings : tuple of Finding
        What the tool's format cannot say and is left to do by hand.
    """

    path: Path
    format: str
    language: str
    n_questions: int
    findings: tuple[Finding, ...]


def export_survey(
    study: _Study | Instrument,
    path: str | Path,
    *,
    format: str,
    language: str | None = None,
    required: bool = True,
    randomize: bool = True,
    force: bool = False,
) -> ExportedSurvey:
    """A questionnaire for a survey tool or on paper, from which answers come back under the ids of the instrument.

    Parameters
    ----------
    study : Study or Instrument
        Whose questionnaire it is.
    path : str or pathlib.Path
        File to write: ``.txt`` for LimeSurvey and Qualtrics, ``.csv`` for REDCap, ``.xlsx`` for XLSForm, ``.docx``.
    format : {"limesurvey", "qualtrics", "redcap", "xlsform", "docx"}
        LimeSurvey 3 to 6 (tab-separated), Qualtrics (Advanced Format), REDCap (data dictionary), XLSForm (ODK,
        KoboToolbox, SurveyCTO, Ona), or Word for paper.
    language : str, optional
        Language shown first, or alone where the format has one; the instrument's first if left out. LimeSurvey and
        XLSForm files hold all languages.
    required : bool
        Whether questions with options must be answered. Screening questions and consent always must, open questions
        never.
    randomize : bool
        Whether the rows of matrices change places, where the tool offers it.
    force : bool
        Whether a file of that name is replaced.

    Raises
    ------
    UnsupportedError
        For another format or language, a file name that ends otherwise, and for ids, codes or texts that the tool
        cannot hold; all are listed.
    InputFileError
        When the file exists and may not be replaced, or cannot be written.

    Notes
    -----
    Items of one construct in a row make a matrix; constructs are not named to respondents.

    Examples
    --------
    >>> import tempfile
    >>> from surveysem.instrument import read_instrument
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_survey(read_instrument("influencer_endorsement"), f"{folder}/form.xlsx", format="xlsform").language
    'en'
    """
    instrument = study if isinstance(study, Instrument) else study.instrument
    path, language = Path(path), instrument.default_language if language is None else language
    _check(instrument, path, format, language)
    questionnaire = lay_out(instrument, language=language, required=required, randomize=randomize)
    chosen = _FORMATS[format]
    _write(path, chosen.render(questionnaire), force=force)
    return ExportedSurvey(
        path=path,
        format=format,
        language=language,
        n_questions=len(instrument.respondent_questions),
        findings=(*_unworded(questionnaire), *chosen.findings(questionnaire)),
    )


def _check(instrument: Instrument, path: Path, format: str, language: str) -> None:
    problems = []
    if format not in _FORMATS:
        remedy = f"Choose one of: {', '.join(_FORMATS)}."
        problems.append(Problem(where="format", found=f"{format!r}", remedy=remedy))
    elif path.suffix.lower() != _FORMATS[format].ending:
        found = f"a name that ends in {path.suffix!r}"
        problems.append(Problem(where=str(path), found=found, remedy=f"Let it end in {_FORMATS[format].ending}."))
    if language not in instrument.languages:
        remedy = f"The instrument is written in: {', '.join(instrument.languages)}."
        problems.append(Problem(where="language", found=f"{language!r}", remedy=remedy))
    if problems:
        raise UnsupportedError(f"The questionnaire {instrument.id} cannot be exported so.", problems)


def _unworded(questionnaire: Questionnaire) -> list[Finding]:
    lacking = [each for each in questionnaire.languages if not has_phrases(each)]
    if not lacking:
        return []
    message = f"Fixed wordings (consent, instructions, thanks) are in English for {', '.join(lacking)}: translate them."
    return [Finding(severity="warning", where="languages", message=message)]


def _write(path: Path, content: bytes, *, force: bool) -> None:
    """The file under another name first, then renamed: whole or not at all."""
    if path.exists() and not force:
        found = "there is a file or folder of that name already"
        raise _not_written(path, found, "Choose another name, or force=True.")
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".surveysem-", suffix=path.suffix)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except OSError as error:
        remedy = "Choose a folder that exists and may be written."
        raise _not_written(path, error.strerror or str(error), remedy) from None
    finally:
        if name:
            Path(name).unlink(missing_ok=True)


def _not_written(path: Path, found: str, remedy: str) -> InputFileError:
    return InputFileError(f"{path} was not written.", [Problem(where=str(path), found=found, remedy=remedy)])
