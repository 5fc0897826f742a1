"""What the commands print: errors, tables, progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from surveysem import SurveySEMError

if TYPE_CHECKING:
    import pandas as pd

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
    adjusted = bool((verdicts["p_adjusted"] - verdicts["p_unadjusted"]).abs().gt(0).any())
    for heading in ("", "Effect", "β", "p", *(["p adj."] if adjusted else []), "Verdict"):
        table.add_column(heading, justify="right" if heading in ("β", "p", "p adj.") else "left")
    for name, row in verdicts.iterrows():
        style = _VERDICT_STYLES.get(str(row["verdict"]), "")
        verdict = f"[{style}]{row['verdict']}[/]" if style else str(row["verdict"])
        numbers = [_number(row["std_estimate"]), p_cell(row["p_unadjusted"])]
        numbers += [p_cell(row["p_adjusted"])] if adjusted else []
        table.add_row(str(name), escape(str(row["effect"])), *numbers, verdict)
    return table


def print_written(files: Iterable[Path]) -> None:
    """Files beside each other by name, folders under them by the number of files in them."""
    paths = list(files)
    shallow = min((len(path.parts) for path in paths), default=0)
    folders: dict[Path, int] = {}
    for path in paths:
        place = Path(*path.parts[:shallow])
        folders[place] = folders.get(place, 0) + 1
    for place, count in folders.items():
        told = f" ({count} files)" if place not in paths else ""
        console().print(escape(f"Wrote {place}{told}"), soft_wrap=True)


def frame_table(frame: pd.DataFrame, *, title: str = "") -> Table:
    """Any small frame as a table for a terminal."""
    table = Table(title=escape(title) or None, title_justify="left")
    for column in frame.columns:
        table.add_column(escape(str(column)))
    for cells in frame.itertuples(index=False):
        table.add_row(*(escape(str(cell)) for cell in cells))
    return table


def _number(value: float) -> str:
    return "" if isnan(value) else f"{round(value, 2) + 0.0:.2f}"


def p_cell(value: float) -> str:
    """A p in a cell; empty where there is none."""
    if isnan(value):
        return ""
    return "< .001" if value < 0.001 else f"{value:.3f}".removeprefix("0")
