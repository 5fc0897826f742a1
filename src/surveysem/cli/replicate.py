"""The command that computes a bundle again."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

import surveysem as ss
from surveysem.cli.arguments import JsonOption
from surveysem.cli.console import console, frame_table, working
from surveysem.cli.structured import print_json

_SHOWN = 20
_DIFFERENT = 1

BundleArgument = Annotated[Path, typer.Argument(help="A bundle: a folder or .zip that fit --bundle wrote.")]
AnswersOption = Annotated[
    Path | None, typer.Option("--data", help="The answers as they were collected, to repeat everything from them.")
]
ToleranceOption = Annotated[
    float, typer.Option(help="Largest difference of numbers that count as the same: absolute below 1, relative above.")
]


def replicate(
    bundle: BundleArgument, data: AnswersOption = None, tolerance: ToleranceOption = 1e-6, as_json: JsonOption = False
) -> None:
    """Compute a bundle again and say, number by number, whether everything is the same.

    Exit status 0 when all that could be computed again is the same, 1 when something differs or nothing could be
    checked, 2 for a file that is no bundle or was changed.
    """
    with working("Computing the bundle again"):
        outcome = ss.replicate(bundle, data, tolerance=tolerance)
    if as_json:
        print_json(_content(outcome))
    else:
        _print(outcome)
    if not outcome.same:
        raise typer.Exit(_DIFFERENT)


def _content(outcome: ss.Reproduction) -> dict[str, object]:
    counts = {"n_same": outcome.n_same, "n_different": outcome.n_different, "n_unchecked": outcome.n_unchecked}
    told = {"same": outcome.same, "basis": outcome.basis, "tolerance": outcome.tolerance}
    return {"bundle": outcome.path, **told, **counts, "comparison": outcome.comparison}


def _print(outcome: ss.Reproduction) -> None:
    out = console()
    overview = outcome.overview.assign(largest_difference=outcome.overview["largest_difference"].map(_difference))
    out.print(frame_table(overview, title="Values computed again"))
    if outcome.n_different:
        shown = outcome.differences.head(_SHOWN)
        title = f"{outcome.n_different} values differ" + (
            f", the first {_SHOWN}" if len(shown) < outcome.n_different else ""
        )
        out.print(frame_table(shown.drop(columns="status").astype(str), title=title))
    colour = "green" if outcome.same else "red"
    out.print(f"[bold {colour}]{escape(outcome.sentence)}[/]")


def _difference(value: float) -> str:
    return "" if isnan(value) else f"{value:.1e}"
