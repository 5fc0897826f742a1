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


class Format(StrEnum):
    """Formats a report is written in."""

    html = "html"
    docx = "docx"
    latex = "latex"
    markdown = "markdown"


class BootstrapInterval(StrEnum):
    """Kinds of bootstrap interval."""

    percentile = "percentile"
    bca = "bca"
    basic = "basic"
    normal = "normal"


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
_BOOTSTRAP_HELP = "Bootstrap replicates behind intervals of paths and effects, instead of as declared; 0 for none."
BootstrapOption = Annotated[int | None, typer.Option(help=_BOOTSTRAP_HELP)]
SeedOption = Annotated[int | None, typer.Option(help="Seed of the bootstrap, likewise.")]
ConfidenceOption = Annotated[BootstrapInterval | None, typer.Option(help="Kind of bootstrap interval, likewise.")]
FormatOption = Annotated[list[Format], typer.Option("--format", help="Format of the report; may be repeated.")]
USUAL_FORMATS = [Format.html, Format.markdown]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")]
OrderedOption = Annotated[
    list[str] | None,
    typer.Option(help="Item with ordered answers, `all` or `none`; may be repeated. Needs WLSMV, its like, or auto."),
]
ClusterOption = Annotated[
    str | None, typer.Option(help="Column whose values part respondents into clusters, for standard errors.")
]


class Unmeasured(StrEnum):
    """What becomes of constructs without answers."""

    refuse = "refuse"
    not_testable = "not_testable"


UnmeasuredOption = Annotated[
    Unmeasured | None,
    typer.Option(help="Constructs none of whose items are there: refuse, or fit without them, instead of as declared."),
]


def ordered_items(given: list[str] | None) -> tuple[str, ...] | bool | None:
    """What `--ordered` asks for; None where it is not given.

    Examples
    --------
    >>> ordered_items(["all"]), ordered_items(["bt_1", "bt_2"]), ordered_items(["none"])
    (True, ('bt_1', 'bt_2'), False)
    """
    if not given:
        return None
    return given == ["all"] if given in (["all"], ["none"]) else tuple(given)
