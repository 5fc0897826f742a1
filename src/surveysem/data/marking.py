"""The mark simulated answers carry, so that nobody takes them for real ones."""

from __future__ import annotations

from typing import Any

import pandas as pd

from surveysem.data.wording import counted, rows_listed
from surveysem.errors import Problem

MARK_COLUMN = "simulated"
ATTRIBUTE = "surveysem"
_MARK = "SIMULATED"


def simulation_mark(seed: int) -> str:
    """What stands in every cell of the marking column.

    Examples
    --------
    >>> simulation_mark(7)
    'SIMULATED (seed 7)'
    """
    return f"{_MARK} (seed {seed})"


def simulation_note(frame: pd.DataFrame) -> str:
    """The marks found in a table, joined; empty for answers of people.

    The column survives files; the attribute survives a column that was deleted from a DataFrame.
    """
    marks = [str(cell).strip() for cell in _marked_cells(frame)]
    if marks:
        return "; ".join(dict.fromkeys(marks))
    known = attribute(frame)
    if not known.get("simulated"):
        return ""
    return simulation_mark(known["seed"]) if "seed" in known else _MARK


def attribute(frame: pd.DataFrame) -> dict[str, Any]:
    """What this package noted on a frame; empty for frames from elsewhere."""
    known = frame.attrs.get(ATTRIBUTE)
    return known if isinstance(known, dict) else {}


def partly_marked(frame: pd.DataFrame, source: str) -> list[Problem]:
    """The problem of a table that mixes simulated answers with others; none when it does not."""
    marked = _marked_cells(frame)
    if marked.empty or len(marked) == len(frame):
        return []
    others = [int(row) for row in frame.index.difference(marked.index)]
    found = f"{counted(len(marked), 'row')} marked as simulated, {counted(len(others), 'row')} not"
    remedy = "Analyse simulated and real answers apart: put them into files of their own."
    return [Problem(where=f"{source}, column {MARK_COLUMN}, {rows_listed(others)}", found=found, remedy=remedy)]


def _marked_cells(frame: pd.DataFrame) -> pd.Series:
    if MARK_COLUMN not in frame.columns:
        return pd.Series(dtype=object)
    cells = frame[MARK_COLUMN]
    return cells[[str(cell).strip().upper().startswith(_MARK) for cell in cells]]
