"""``surveysem combine``: the same propositions across several studies, pooled and judged again."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

import surveysem as ss
from surveysem.cli.arguments import USUAL_FORMATS, FormatOption, JsonOption
from surveysem.cli.console import console, frame_table, p_cell, print_written, working
from surveysem.cli.structured import findings, print_json

if TYPE_CHECKING:
    import pandas as pd


class Effect(StrEnum):
    """What is pooled."""

    standardized = "standardized"
    unstandardized = "unstandardized"


class Heterogeneity(StrEnum):
    """Estimators of the variance of effects between studies."""

    reml = "reml"
    paule_mandel = "paule_mandel"
    dersimonian_laird = "dersimonian_laird"


class Interval(StrEnum):
    """Intervals of the mean effect."""

    hartung_knapp = "hartung_knapp"
    normal = "normal"


SamplesArgument = Annotated[
    list[Path],
    typer.Argument(
        help="Two or more samples: files of answers, which are fitted first; or .csv tables of results with columns "
        "proposition, estimate, std_error and n."
    ),
]
StudyOption = Annotated[
    str, typer.Option("--study", help="Study whose propositions and rules judge: a bundled one, or a study file.")
]


def combine(
    samples: SamplesArgument,
    study: StudyOption,
    out: Annotated[Path, typer.Option(help="Folder for the report.")],
    name: Annotated[
        list[str] | None, typer.Option(help="Name of a sample, in their order; the file's if left out.")
    ] = None,
    effect: Annotated[Effect, typer.Option(help="What is pooled.")] = Effect.standardized,
    heterogeneity: Annotated[
        Heterogeneity, typer.Option(help="Estimator of the variance of effects between studies.")
    ] = Heterogeneity.reml,
    interval: Annotated[Interval, typer.Option(help="Interval and test of the mean effect.")] = Interval.hartung_knapp,
    formats: FormatOption = USUAL_FORMATS,  # typer copies it
    as_json: JsonOption = False,
) -> None:
    """Pool the same propositions across several samples by random-effects meta-analysis, and judge them again."""
    loaded = ss.load_study(study)
    with working("Fitting the samples") as step:
        given = [_given(path, loaded, step) for path in samples]
    combined = ss.combine(
        given,
        names=name or _names(samples),
        study=loaded,
        effect=effect.value,
        heterogeneity=heterogeneity.value,
        interval=interval.value,
    )
    with working("Writing the report"):
        files = combined.write_report(out, formats=[each.value for each in formats])
    if as_json:
        print_json(_content(combined, files))
    else:
        _print(combined, files)


def _given(path: Path, study: ss.Study, step: object) -> ss.StudyResult | Path:
    """A table of results as it is; answers fitted by what the study declares, without what pooling has no use for."""
    if _is_table(path):
        return path
    if callable(step):
        step(path.name)
    return ss.fit_study(
        study, ss.read_responses(path, study), bootstrap=0, rivals=False, robustness=False, progress=False
    )


def _is_table(path: Path) -> bool:
    """Whether a file holds results: a .csv with a column ``proposition``."""
    if path.suffix.lower() != ".csv" or not path.is_file():
        return False
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return "proposition" in [each.strip().strip('"') for each in file.readline().split(",")]


def _names(paths: list[Path]) -> list[str]:
    """Names of files without their ending; whole paths where those are not different."""
    short = [path.stem for path in paths]
    return short if len(set(short)) == len(short) else [str(path) for path in paths]


def _content(combined: ss.CombinedResult, files: tuple[Path, ...]) -> dict[str, object]:
    return {
        "study": combined.study.id,
        "fingerprint": combined.study.fingerprint,
        "verdicts": combined.verdicts.rename_axis("id").reset_index(),
        "extensions": combined.extensions.rename_axis("id").reset_index(),
        "estimates": combined.estimates,
        "findings": findings(combined.findings),
        "files": list(files),
    }


def _print(combined: ss.CombinedResult, files: tuple[Path, ...]) -> None:
    out = console()
    out.print(frame_table(_shown(combined.verdicts), title=f"{combined.study.title}, evidence across studies"))
    if len(combined.extensions):
        out.print(frame_table(_shown(combined.extensions), title="Extensions, not counted among the propositions"))
    for finding in combined.findings:
        out.print(escape(str(finding)))
    print_written(files)


def _shown(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Verdicts with the numbers a terminal has room for."""
    import pandas as pd

    def told(name: str, decimals: int) -> list[str]:
        return ["" if pd.isna(value) else f"{value:.{decimals}f}" for value in verdicts[name]]

    limits = zip(told("ci_lower", 2), told("ci_upper", 2), strict=True)
    return pd.DataFrame(
        {
            "": verdicts.index,
            "Studies": [value or "" for value in verdicts["n_studies"]],
            "n": told("n", 0),
            "Effect": told("estimate", 2),
            "CI": [f"[{lower}, {upper}]" if lower and upper else "" for lower, upper in limits],
            "p": [p_cell(value) for value in verdicts["p_unadjusted"]],
            "p adj.": [p_cell(value) for value in verdicts["p_adjusted"]],
            "I²": told("i_squared", 2),
            "Verdict": verdicts["verdict"].to_numpy(),
        }
    )
