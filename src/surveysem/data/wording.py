"""Short lists for messages: the first few, then how many more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from surveysem.errors import Problem


def listed(things: Iterable[object], *, limit: int = 5) -> str:
    """The first *limit* things, and how many more there are.

    Examples
    --------
    >>> listed([3, 8, 9, 12], limit=2)
    '3, 8 and 2 more'
    """
    words = [str(thing) for thing in things]
    shown = ", ".join(words[:limit])
    return shown if len(words) <= limit else f"{shown} and {len(words) - limit} more"


def counted(count: int, noun: str) -> str:
    """A number with its noun, in the singular or the plural.

    Examples
    --------
    >>> counted(1, "row"), counted(3, "row")
    ('1 row', '3 rows')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def rows_listed(rows: Sequence[int]) -> str:
    """Row numbers for a message, five at most.

    Examples
    --------
    >>> rows_listed([4])
    'row 4'
    """
    return f"{'row' if len(rows) == 1 else 'rows'} {listed(rows)}"


def closest(name: str, available: Iterable[str]) -> str | None:
    """The available name most like *name*, whatever the case of its letters; None when none is like it.

    Examples
    --------
    >>> closest("PIC_1", ["pic_1", "pq_1"])
    'pic_1'
    """
    by_lower_case = {candidate.casefold(): candidate for candidate in available}
    matches = get_close_matches(name.casefold(), by_lower_case, n=1)
    return by_lower_case[matches[0]] if matches else None


def absent_column(name: str, columns: Iterable[object]) -> Problem:
    """A variable that the data lack, with the column that may be meant.

    Examples
    --------
    >>> absent_column("X6", ["x5", "x6"]).remedy
    "Did you mean 'x6'? Rename or add it."
    """
    match = closest(name, map(str, columns))
    hint = f"Did you mean {match!r}? " if match else ""
    return Problem(where="data", found=f"no column {name!r}", remedy=f"{hint}Rename or add it.")
