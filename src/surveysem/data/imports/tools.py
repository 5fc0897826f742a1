"""What distinguishes the export of one survey tool from another's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import pandas as pd

from surveysem.instrument import ResponseScale

Notice: TypeAlias = tuple[str, str]
"""Severity and wording of something noticed in a tool's own columns."""


@dataclass(frozen=True, kw_only=True)
class Glance:
    """What detection looks at: the header and the two rows below it, as text.

    Parameters
    ----------
    names : tuple of str
        Names of the columns.
    below : tuple of tuple of str
        The first two rows under the header.
    """

    names: tuple[str, ...]
    below: tuple[tuple[str, ...], ...]

    def having(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Those of the wanted names that columns have, whatever the case of their letters."""
        known = {name.casefold() for name in self.names}
        return tuple(name for name in wanted if name.casefold() in known)


def no_header_rows(_: Glance) -> int:
    """No row of the header besides the first."""
    return 0


def same_name(name: str) -> tuple[str, ...]:
    """A header that is an id, or is none."""
    return (name,)


def same_key(name: str) -> str:
    """An id as the tool writes it: whatever the case of its letters, without spaces."""
    return "".join(name.split()).casefold()


def no_notices(_: pd.DataFrame) -> list[Notice]:
    """Nothing to say about the tool's own columns."""
    return []


def no_codes(_: str, __: ResponseScale) -> frozenset[int]:
    """No way of writing codes of the tool's own."""
    return frozenset()


@dataclass(frozen=True, kw_only=True)
class SurveyTool:
    """How one survey tool writes its exports.

    Parameters
    ----------
    name, title : str
        As declared, and as printed.
    marks : callable
        Marks of the tool found at a glance; empty if it is another's export.
    header_rows : callable
        Rows under the header that are not answers.
    names : callable
        Ids a header may stand for, the likeliest first.
    key : callable
        An id as the tool is able to write it.
    notices : callable
        What its own columns say about the rows.
    codes : callable
        Codes that a text may stand for on a scale.
    own : frozenset of str
        Columns the tool adds, in lower case: never taken for a question unless their name is exactly its id.
    """

    name: str
    title: str
    marks: Callable[[Glance], tuple[str, ...]]
    header_rows: Callable[[Glance], int] = no_header_rows
    names: Callable[[str], tuple[str, ...]] = same_name
    key: Callable[[str], str] = same_key
    notices: Callable[[pd.DataFrame], list[Notice]] = no_notices
    codes: Callable[[str, ResponseScale], frozenset[int]] = no_codes
    own: frozenset[str] = frozenset()


PLAIN = SurveyTool(name="plain", title="no survey tool in particular", marks=lambda _: ())
_LAST_SEGMENT = re.compile(r"[/\-.:]([A-Za-z][A-Za-z0-9_]*)$")


def lower(*names: str) -> frozenset[str]:
    """Names in lower case."""
    return frozenset(name.casefold() for name in names)


def last_segment(name: str) -> tuple[str, ...]:
    """The header, and what follows its last separator of groups.

    Examples
    --------
    >>> last_segment("credibility/cred_1")
    ('credibility/cred_1', 'cred_1')
    """
    found = _LAST_SEGMENT.search(name)
    return (name, found.group(1)) if found else (name,)


def column_named(frame: pd.DataFrame, *names: str) -> pd.Series | None:
    """The column of one of these names, whatever the case of its letters; None if there is none."""
    for column in frame.columns:
        if str(column).casefold() in {name.casefold() for name in names}:
            return frame[column]
    return None


def rows_where(column: pd.Series | None, accepted: Callable[[str], bool]) -> list[int]:
    """Numbers of the rows whose cell, as trimmed lower-case text, is accepted."""
    if column is None:
        return []
    words = column.astype(object).map(lambda cell: "" if pd.isna(cell) else str(cell).strip().casefold())
    chosen = words.map({word: accepted(word) for word in words.unique()})
    return [int(row) for row in column.index[chosen.to_numpy(dtype=bool)]]
