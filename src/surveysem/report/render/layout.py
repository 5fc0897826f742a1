"""Geometry of a printed table: what stands in each line, and how wide each column may be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from surveysem.errors import UnsupportedError
from surveysem.report.inline import Citation, plain, sentence
from surveysem.report.table import Column, Quantity, Row, Table

PORTRAIT_POINTS = 451.0
LANDSCAPE_POINTS = 697.0
PADDING_EMS = 1.0
INDENT_EMS = 1.2
_TRIALS = ((False, 10.0), (False, 9.0), (False, 8.0), (True, 9.0), (True, 8.0), (True, 7.0), (True, 6.0))
_COMFORTABLE_EMS = 13.0
_SAFETY = 1.06
_NARROW, _WIDE = frozenset("ijltfrI.,;:'|!()[]/-\" "), frozenset("mwMW—@%…→×−√∞")
_BREAKS = re.compile(r"\s+")
_PAGE_POINTS = {False: 560.0, True: 330.0}
_LINE_EMS = 1.45
_UNBROKEN_HEAD = 8
_BROKEN_WORD_EMS = 16.0
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True, kw_only=True)
class PrintedCell:
    """A cell as it is printed: its words, the column it stands in, and what becomes of them.

    Parameters
    ----------
    column : Column
        Where it stands.
    text : str
        Rounded number or words.
    strong : bool
        Whether it is printed in bold.
    citation : Citation or None
        The work the words stand for.
    """

    column: Column
    text: str
    strong: bool = False
    citation: Citation | None = None


@dataclass(frozen=True, kw_only=True)
class TableLayout:
    """Orientation, size of letters and widths of columns.

    Parameters
    ----------
    landscape : bool
        Whether the page is turned.
    points : float
        Size of the letters.
    widths : tuple of float
        Of each column that stands beside others, in points, padding included.
    """

    landscape: bool
    points: float
    widths: tuple[float, ...]

    def ems(self, place: int) -> float:
        """Width of a column without its padding, in ems."""
        return self.widths[place] / self.points - PADDING_EMS

    @property
    def width(self) -> float:
        """Of the whole table, in points."""
        return sum(self.widths)


def heads(table: Table) -> list[Column]:
    """Columns that stand side by side."""
    return [column for column in table.columns if not column.below]


def spanners(table: Table) -> list[tuple[str, int]]:
    """Headings over the columns and how many columns each covers; empty without any."""
    groups = [(spanner, len(list(group))) for spanner, group in groupby(heads(table), key=lambda c: c.spanner)]
    return groups if any(spanner for spanner, _ in groups) else []


def cells(table: Table, row: Row) -> list[PrintedCell]:
    """Cells of a row that stand side by side."""
    texts = zip(table.columns, table.texts(row), strict=True)
    return [_cell(row, column, text) for column, text in texts if not column.below]


def first_span(table: Table, row: Row) -> int:
    """Number of columns the first cell of a heading row covers: its own and the empty ones beside it."""
    texts = [cell.text for cell in cells(table, row)]
    filled = next((place for place, text in enumerate(texts) if place and text), len(texts))
    return filled if row.strong else 1


def _cell(row: Row, column: Column, text: str) -> PrintedCell:
    value = row.cells.get(column.key)
    strong = row.strong or (isinstance(value, Quantity) and value.strong)
    citation = value if isinstance(value, Citation) else None
    return PrintedCell(column=column, text=text, strong=strong, citation=citation)


def below(table: Table, row: Row) -> list[tuple[str, str]]:
    """Headings and texts of the cells that go on a line of their own."""
    texts = zip(table.columns, table.texts(row), strict=True)
    return [(column.label, sentence(text)) for column, text in texts if column.below and text]


def decimal_padding(table: Table, column: Column) -> dict[str, str]:
    """Digits, point and signs that each text of a column lacks on its right for the points to stand in line.

    Returns
    -------
    dict of str to str
        By text of the column; text columns and texts without a number have none.
    """
    if column.kind == "text":
        return {}
    position = table.columns.index(column)
    texts = {table.texts(row)[position] for row in table.rows}
    tails = {text: _tail(text) for text in texts if _NUMBER.search(text) and "[" not in text}
    decimals = max((tail[0] for tail in tails.values()), default=0)
    signs = max((tail[1] for tail in tails.values()), default=0)
    return {text: _padding(decimals, tail[0]) + "†" * (signs - tail[1]) for text, tail in tails.items()}


def _tail(text: str) -> tuple[int, int]:
    """Number of decimals, and of signs behind them."""
    digits = text.rstrip("*†‡§")
    return len(digits.partition(".")[2]), len(text) - len(digits)


def _padding(decimals: int, own: int) -> str:
    return ("." if own == 0 < decimals else "") + "0" * (decimals - own)


@lru_cache(maxsize=16_384)
def text_width(text: str) -> float:
    """Width of a text in a serif typeface such as Times, in ems, a little too large rather than too small.

    Examples
    --------
    >>> text_width(".46") < text_width("Brand trust") < text_width("理論理論理論理論")
    True
    """
    return _SAFETY * sum(map(_character_width, text))


def _character_width(character: str) -> float:
    if character in _NARROW:
        return 0.33
    if unicodedata.east_asian_width(character) in "WF" or character in _WIDE:
        return 1.0
    if unicodedata.combining(character):
        return 0.0
    return 0.72 if character.isupper() else 0.5


def table_layout(table: Table) -> TableLayout:
    """The largest letters, upright before turned, at which a table is comfortable to read.

    Parameters
    ----------
    table : Table
        Its texts decide.

    Raises
    ------
    UnsupportedError
        When not even small letters on a turned page hold it.
    """
    needs = _room_for_spanners(table, [_needs(table, column) for column in heads(table)])
    for landscape, points in _TRIALS:
        room = (LANDSCAPE_POINTS if landscape else PORTRAIT_POINTS) / points
        if sum(_comfortable(least, natural) for least, natural in needs) <= room:
            return TableLayout(landscape=landscape, points=points, widths=_widths(needs, room, points))
    if sum(least for least, _ in needs) <= room:
        return TableLayout(landscape=True, points=points, widths=_widths(needs, room, points))
    raise UnsupportedError(
        f"Table {table.number} ({table.name}) has {len(needs)} columns, more than a printed page holds. "
        "Write the report as html or markdown, and the table with write_tables."
    )


def _comfortable(least: float, natural: float) -> float:
    """Width at which a text takes three lines at most, unless its longest word needs more."""
    return min(natural, max(least, _COMFORTABLE_EMS, natural / 3))


def fits_one_page(table: Table, layout: TableLayout) -> bool:
    """Whether a page most likely holds the table with its notes, so that it need not be broken."""
    rows = sum(_n_lines(table, row, layout) for row in table.rows) + 3
    notes = sum(1 + text_width(plain(note)) * layout.points // layout.width for note in table.notes)
    return (rows + notes) * layout.points * _LINE_EMS <= _PAGE_POINTS[layout.landscape]


def _n_lines(table: Table, row: Row, layout: TableLayout) -> float:
    span = first_span(table, row)
    widths = [sum(layout.widths[:span]), *layout.widths[span:]]
    pairs = zip([cells(table, row)[0], *cells(table, row)[span:]], widths, strict=True)
    tallest = max(1 + text_width(cell.text) * layout.points // width for cell, width in pairs)
    remarks = " ".join(f"{label}. {text}" for label, text in below(table, row))
    return tallest + (1 + text_width(remarks) * layout.points // layout.width if remarks else 0)


def _needs(table: Table, column: Column) -> tuple[float, float]:
    """Least and natural width of a column in ems."""
    position = table.columns.index(column)
    padding = decimal_padding(table, column)
    rows = [row for row in table.rows if position or first_span(table, row) == 1]
    texts = [(table.texts(row)[position], row.indent if position == 0 else 0) for row in rows]
    texts = [(text + padding.get(text, ""), indent) for text, indent in texts if text]
    natural = max((text_width(text) + INDENT_EMS * indent for text, indent in texts), default=0.0)
    word = max((_longest_word(text) + INDENT_EMS * indent for text, indent in texts), default=0.0)
    head = text_width(column.label) if len(column.label) <= _UNBROKEN_HEAD else _longest_word(column.label)
    least = min(word, _BROKEN_WORD_EMS) if column.kind == "text" else natural
    return max(least, head) + PADDING_EMS, max(natural, head) + PADDING_EMS


def _room_for_spanners(table: Table, needs: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Columns widened where the heading over them is wider than they are together."""
    wider, start = list(needs), 0
    for spanner, count in spanners(table):
        columns = range(start, start + count)
        lack = text_width(spanner) + PADDING_EMS - sum(needs[column][0] for column in columns)
        for column in columns:
            extra = max(lack, 0.0) / count
            wider[column] = (needs[column][0] + extra, max(needs[column][1], needs[column][0] + extra))
        start += count
    return wider


def _longest_word(text: str) -> float:
    return max(map(text_width, _BREAKS.split(text)), default=0.0)


def _widths(needs: Sequence[tuple[float, float]], room: float, points: float) -> tuple[float, ...]:
    """Natural widths where they fit; else what is left over the least goes to those who lack most."""
    least, natural = sum(need[0] for need in needs), sum(need[1] for need in needs)
    share = 1.0 if natural <= room else (room - least) / (natural - least)
    return tuple(points * (low + share * (high - low)) for low, high in needs)
