"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ImportFormat(StrEnum):
    """Survey tools whose exports are read."""

    plain = "plain"
    qualtrics = "qualtrics"
    limesurvey = "limesurvey"
    redcap = "redcap"
    kobotoolbox = "kobotoolbox"
    odk = "odk"
    google_forms = "google_forms"
    microsoft_forms = "microsoft_forms"


_DATA_HELP = (
    "Answers: a .csv, .tsv, .txt, .xlsx, .sav, .zsav, .dta or .parquet file, also as exported by Qualtrics, "
    "LimeSurvey, REDCap, KoboToolbox, ODK, Google Forms or Microsoft Forms."
)
StudyArgument = Annotated[str, typer.Argument(help="A bundled study's name, or the path of a study file (.yaml).")]
DataArgument = Annotated[Path, typer.Argument(help=_DATA_HELP)]
SheetOption = Annotated[str | None, typer.Option(help="Sheet of the Excel workbook, where several have content.")]
ImportFormatOption = Annotated[
    ImportFormat | None, typer.Option("--import-format", help="Survey tool that wrote the answers, if not detected.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a script instead of tables for a person.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")]
