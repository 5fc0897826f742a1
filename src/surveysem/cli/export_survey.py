"""``surveysem export-survey`` and ``surveysem codebook``: files for survey tools, for paper and for readers."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

import surveysem as ss
from surveysem.cli.arguments import ForceOption, StudyArgument
from surveysem.cli.console import console
from surveysem.cli.files import refuse_existing


class SurveyFormat(StrEnum):
    """Formats a questionnaire is written in."""

    limesurvey = "limesurvey"
    qualtrics = "qualtrics"
    redcap = "redcap"
    xlsform = "xlsform"
    docx = "docx"


def export_survey(
    study: StudyArgument,
    format: Annotated[SurveyFormat, typer.Option(help="XLSForm serves ODK and KoboToolbox; docx is for paper.")],
    out: Annotated[Path, typer.Option(help="File: .txt (LimeSurvey, Qualtrics), .csv (REDCap), .xlsx, .docx.")],
    language: Annotated[str | None, typer.Option(help="Language shown first, or alone; else the first.")] = None,
    required: Annotated[bool, typer.Option(help="Whether questions with options must be answered.")] = True,
    randomize: Annotated[bool, typer.Option(help="Whether rows of matrices change places, if the tool can.")] = True,
    force: ForceOption = False,
) -> None:
    """Write a study's questionnaire for a survey tool or on paper; answers come back under the same ids."""
    refuse_existing(out, force=force)
    done = ss.export_survey(
        ss.load_study(study),
        out,
        format=format.value,
        language=language,
        required=required,
        randomize=randomize,
        force=force,
    )
    console().print(escape(f"Wrote {done.n_questions} questions to {out}."), soft_wrap=True)
    for finding in done.findings:
        console().print(escape(str(finding)))


def codebook(
    study: StudyArgument,
    out: Annotated[Path, typer.Option(help="File: .html or .xlsx.")],
    force: ForceOption = False,
) -> None:
    """Write the codebook of a study: every variable with its wording, codes and place in the model."""
    refuse_existing(out, force=force)
    console().print(escape(f"Wrote {ss.codebook(ss.load_study(study), out, force=force)}."), soft_wrap=True)
