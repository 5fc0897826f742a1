"""The command that computes power."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

import surveysem as ss
from surveysem.cli.arguments import JsonOption, StudyArgument
from surveysem.cli.console import console, frame_table
from surveysem.cli.structured import findings, print_json

if TYPE_CHECKING:
    import pandas as pd


class Method(StrEnum):
    """How power is computed."""

    simulation = "simulation"
    analytic = "analytic"


_USUAL_SIZES = [150, 200, 300, 400, 600]  # typer copies it


def power(
    study: StudyArgument,
    n: Annotated[list[int], typer.Option("--n", help="Respondents analysed; may be repeated.")] = _USUAL_SIZES,
    reps: Annotated[int, typer.Option(help="Simulated samples of each size.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 1,
    method: Annotated[
        Method,
        typer.Option(
            help="Simulate samples; or compute at once the power of each test alone in large samples, without an "
            "adjustment of p and, in brackets, with alpha divided by the number of tests."
        ),
    ] = (Method.simulation),
    estimator: Annotated[str | None, typer.Option(help="Of the analysis, instead of the declared one.")] = None,
    missing: Annotated[str | None, typer.Option(help="Treatment of missing answers, likewise.")] = None,
    interaction: Annotated[str | None, typer.Option(help="Method of latent moderation, likewise.")] = None,
    centering: Annotated[str | None, typer.Option(help="How product indicators are made, likewise.")] = None,
    missing_share: Annotated[float, typer.Option(help="Share of answers missing at random.")] = 0.0,
    checkpoints: Annotated[
        Path | None, typer.Option(help="Folder to keep results in; an interrupted run goes on from there.")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; one a processor by default.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the power curves to this .png, .pdf or .svg file.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Power of each proposition under the population a study states, and the sample each needs."""
    loaded = ss.load_study(study)
    if out is not None:
        _check_figure(out, method)
    options: dict[str, Any] = {
        "estimator": estimator,
        "missing": missing,
        "interaction": interaction,
        "centering": centering,
    }
    if method is Method.analytic:
        _show(ss.power(loaded, n=n, method="analytic", **options), as_json=as_json)
        return
    found = ss.power(
        loaded,
        n=n,
        **options,
        reps=reps,
        seed=seed,
        missing_share=missing_share,
        checkpoints=checkpoints,
        n_jobs=jobs,
        progress=True,
    )
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        found.figure.savefig(out)
    _show(found, as_json=as_json)


def _check_figure(out: Path, method: Method) -> None:
    if method is Method.analytic:
        raise ss.SurveySEMError("--out writes the curves of a simulation. Leave it out with --method analytic.")
    if out.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise ss.SurveySEMError(f"--out {out}: a figure is written as .png, .pdf or .svg.")


def _show(found: ss.Power | ss.ExpectedPower, *, as_json: bool) -> None:
    if as_json:
        print_json(_content(found))
        return
    out = console()
    shown = found.text_table.rename_axis("").reset_index()
    out.print(frame_table(shown, title=f"Power of {found.study_id}"))
    for finding in found.findings:
        out.print(escape(str(finding)))


def _content(found: ss.Power | ss.ExpectedPower) -> dict[str, object]:
    content: dict[str, object] = {
        "study": found.study_id,
        "settings": dict(found.settings),
        "power": found.table.reset_index(),
        "required": found.required.reset_index(),
    }
    if isinstance(found, ss.Power):
        frames: dict[str, pd.DataFrame] = {"verdicts": found.verdicts, "replications": found.replications}
        content |= {name: frame.reset_index() for name, frame in frames.items()}
        content["failures"] = found.failures
    else:
        content["fit"] = found.fit.reset_index()
    return content | {"findings": findings(found.findings)}
