"""What the commands print: errors, tables, progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from surveysem import SurveySEMError

_SHOWN_PROBLEMS = 12
_VERDICT_STYLES = {
    "supported": "green",
    "partially supported": "yellow",
    "contradicted": "red",
    "not testable": "magenta",
}


def console() -> Console:
    """Where results go; coloured on a terminal only, as wide as the pipe needs elsewhere."""
    plain = Console(highlight=False)
    return plain if plain.is_terminal else Console(highlight=False, width=120)


def show_error(error: SurveySEMError) -> None:
    """An error on one screen of stderr: the message and the first dozen problems."""
    out = Console(stderr=True, highlight=False, soft_wrap=True)
    out.print(f"[bold red]Error:[/] {escape(error.message)}")
    for number, problem in enumerate(error.problems[:_SHOWN_PROBLEMS], start=1):
        out.print(escape(f"  {number}. {problem}"))
    hidden = len(error.problems) - _SHOWN_PROBLEMS
    if hidden > 0:
        out.print(f"  … and {hidden} more. Repair these first, then run the command again.")


@contextmanager
def working(what: str) -> Iterator[Callable[[str], None]]:
    """A spinner while something takes its time; silent in a pipe. What it gives takes the name of the present step."""
    out = Console(stderr=True)
    if not out.is_terminal:
        yield lambda _: None
        return
    with out.status(f"{what} …") as status:
        yield lambda step: status.update(f"{what}: {escape(step)} …")


def verdict_table(verdicts: pd.DataFrame, *, title: str) -> Table:
    """Verdicts as a table for a terminal."""
    table = Table(title=escape(title), title_justify="left")
    for heading, justify in (("", "left"), ("Effect", "left"), ("β", "right"), ("p", "right"), ("Verdict", "left")):
        table.add_column(heading, justify="right" if justify == "right" else "left")
    for name, row in verdicts.iterrows():
        style = _VERDICT_STYLES.get(str(row["verdict"]), "")
        verdict = f"[{style}]{row['verdict']}[/]" if style else str(row["verdict"])
        table.add_row(str(name), escape(str(row["effect"])), _number(row["std_estimate"]), _p(row["p_value"]), verdict)
    return table


def frame_table(frame: pd.DataFrame, *, title: str = "") -> Table:
    """Any small frame as a table for a terminal."""
    table = Table(title=escape(title) or None, title_justify="left")
    for column in frame.columns:
        table.add_column(escape(str(column)))
    for cells in frame.itertuples(index=False):
        table.add_row(*(escape(str(cell)) for cell in cells))
    return table


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.2f}"


def _p(value: float) -> str:
    if pd.isna(value):
        return ""
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")
