"""``surveysem preregister``: the plan of a study, written before its data exist."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

import surveysem as ss
from surveysem.cli.arguments import ForceOption, StudyArgument
from surveysem.cli.console import console
from surveysem.errors import InputFileError, Problem

if TYPE_CHECKING:
    import pandas as pd


class Language(StrEnum):
    """Languages a preregistration is written in."""

    en = "en"
    pt = "pt"


class DataState(StrEnum):
    """Whether data exist already."""

    none = "none"
    not_analysed = "not_analysed"
    analysed = "analysed"


def preregister(
    study: StudyArgument,
    out: Annotated[Path, typer.Option(help="Folder for preregistration.md and preregistration.yaml.")],
    n: Annotated[int | None, typer.Option(help="Respondents to analyse at least, after all exclusions.")] = None,
    n_maximum: Annotated[int | None, typer.Option(help="And at most; a tenth more if left out.")] = None,
    power: Annotated[
        Path | None, typer.Option(help="Power analysis (.csv): proposition, n, power, ci_lower, ci_upper.")
    ] = None,
    author: Annotated[list[str] | None, typer.Option(help="An author; may be repeated.")] = None,
    data_status: Annotated[DataState, typer.Option(help="Whether data have been collected, or seen.")] = DataState.none,
    robustness: Annotated[list[str] | None, typer.Option(help="A further analysis planned; may be repeated.")] = None,
    notes: Annotated[str, typer.Option(help="Anything else.")] = "",
    language: Annotated[Language, typer.Option(help="Of the sentences.")] = Language.en,
    force: ForceOption = False,
) -> None:
    """Write a study's preregistration: hypotheses, rules, measures, model, sample, exclusions and analysis."""
    done = ss.preregister(
        ss.load_study(study),
        out,
        n=n,
        n_maximum=n_maximum,
        power=None if power is None else _power(power),
        authors=author or (),
        data_status=data_status.value,
        robustness=robustness or (),
        notes=notes,
        language=language.value,
        force=force,
    )
    for path in done.files:
        console().print(escape(f"Wrote {path}"), soft_wrap=True)
    if power is None:
        console().print("No power analysis was supplied; the preregistration says so.")
    console().print(
        escape(f"Content hash {done.stated_hash}. Deposit both files with a registry that stamps the time.")
    )


def _power(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_csv(path, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        problem = Problem(where=str(path), found=str(error), remedy="Give a CSV file with proposition, n and power.")
        raise InputFileError(f"{path} could not be read.", [problem]) from None
