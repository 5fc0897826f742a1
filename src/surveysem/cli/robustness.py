"""Robustness on the command line: the options, and what is printed of it."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

import surveysem as ss
from surveysem.cli.console import frame_table

if TYPE_CHECKING:
    import pandas as pd

RobustnessOption = Annotated[
    bool,
    typer.Option(
        "--robustness",
        help="Analyse in every combination of the choices the study declares, and without influential respondents.",
    ),
]
JobsOption = Annotated[
    int, typer.Option(min=1, help="Processes for what takes long: bootstrap, rival models, robustness.")
]


def print_robustness(out: Console, result: ss.StudyResult) -> None:
    """Share of specifications that support each proposition, and what is said of influence."""
    if result.robustness is not None:
        shares = result.robustness.shares
        title = f"{len(result.robustness.choices)} specifications of the analysis"
        out.print(frame_table(_shown(shares), title=title))
    if result.influence is not None:
        for sentence in result.influence.sentences:
            out.print(escape(sentence))


def _shown(shares: pd.DataFrame) -> pd.DataFrame:
    """Shares with the numbers a terminal has room for."""
    import pandas as pd

    supported = [f"{row.n_supported} of {row.n_specifications}" for row in shares.itertuples()]
    low, high = (
        ["" if isnan(value) else f"{value:.2f}" for value in shares[name]] for name in ("beta_min", "beta_max")
    )
    return pd.DataFrame(
        {
            "": shares.index,
            "As declared": shares["declared_verdict"].to_numpy(),
            "Supported in": supported,
            "lowest β": low,
            "highest β": high,
        }
    )
