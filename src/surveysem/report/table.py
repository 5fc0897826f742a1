"""Tables as values: columns that say how their numbers are to be printed, and rows that hold them unrounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import nan
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

import pandas as pd

from surveysem.number_formats import (
    DASH,
    format_bounded,
    format_decimal,
    format_integer,
    format_interval,
    format_p,
)
from surveysem.report.inline import Citation, Text

if TYPE_CHECKING:
    from great_tables import GT

Kind: TypeAlias = Literal["text", "integer", "decimal", "bounded", "p", "interval", "bounded_interval"]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Two limits that belong together."""

    lower: float
    upper: float


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number that is printed otherwise than its column says.

    Parameters
    ----------
    value : float or Interval
        Unrounded.
    kind : str
        How it is printed.
    decimals : int
        Digits after the point.
    strong : bool
        Whether it stands out, as a diagonal does.
    mark : str
        Sign of a note, such as ``†``.
    """

    value: float | Interval
    kind: Kind
    decimals: int = 2
    strong: bool = False
    mark: str = ""


Cell: TypeAlias = str | int | float | Interval | Quantity | Citation | None


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column and how its numbers are printed.

    Parameters
    ----------
    key, label : str
        Name in the rows; heading.
    kind : str
        ``bounded`` numbers cannot exceed 1 and lose the zero before the point.
    decimals : int
        Digits after the point.
    spanner : str
        Heading over this and its neighbours.
    symbol : bool
        Whether the heading is a statistical symbol.
    below : bool
        Whether a printed page may set the text on a line of its own under the row.
    """

    key: str
    label: str
    kind: Kind = "text"
    decimals: int = 2
    spanner: str = ""
    symbol: bool = False
    below: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row.

    Parameters
    ----------
    cells : mapping of str to Cell
        By column key; a key that is absent or None is left blank, NaN is printed as a dash.
    indent : int
        Depth under the row it belongs to.
    strong : bool
        Whether the row heads the rows that follow.
    """

    cells: Mapping[str, Cell]
    indent: int = 0
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the paper.

    Parameters
    ----------
    name, title : str
        Key among the paper's tables; caption.
    number : int
        Number in the report; 0 before it has one.
    columns : tuple of Column
        From left to right.
    rows : tuple of Row
        From top to bottom.
    notes : tuple of Text
        Printed under the table.
    simulated : bool
        Whether its numbers come from simulated data, which every rendering must say.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[Text, ...] = ()
    number: int = 0
    simulated: bool = False

    @property
    def full_title(self) -> str:
        """Caption, with the mark of simulated data."""
        return f"{self.title} (SIMULATED DATA)" if self.simulated else self.title

    def texts(self, row: Row) -> tuple[str, ...]:
        """Cells of a row as they are printed."""
        known = self._printed.get(id(row))
        return self._formatted(row) if known is None else known

    @cached_property
    def _printed(self) -> Mapping[int, tuple[str, ...]]:
        """Printed cells of the table's own rows, which layouts ask for again and again."""
        return {id(row): self._formatted(row) for row in self.rows}

    def _formatted(self, row: Row) -> tuple[str, ...]:
        return tuple(format_cell(row.cells.get(column.key), column) for column in self.columns)

    def to_frame(self) -> pd.DataFrame:
        """Unrounded cells, one column per printed column; intervals become two columns.

        Returns
        -------
        pandas.DataFrame
            ``attrs`` carries the title and whether the data are simulated.
        """
        frame = pd.DataFrame([_record(row, self.columns) for row in self.rows])
        frame.attrs.update(title=self.full_title, simulated=self.simulated)
        return frame

    def to_great_table(self) -> GT:
        """The table for a notebook, all text escaped."""
        from surveysem.report.notebook import great_table

        return great_table(self)

    def _repr_html_(self) -> str:
        return self.to_great_table().as_raw_html()


def format_cell(cell: Cell, column: Column) -> str:
    """A cell as it is printed.

    Examples
    --------
    >>> format_cell(0.0004, Column(key="p", label="p", kind="p"))
    '< .001'
    """
    match cell:
        case None:
            return ""
        case str():
            return cell
        case Citation():
            return cell.text
        case Quantity():
            return _format(cell.value, cell.kind, cell.decimals) + cell.mark
        case _:
            return _format(cell, column.kind, column.decimals)


def _format(value: float | Interval, kind: Kind, decimals: int) -> str:
    if isinstance(value, Interval):
        return format_interval(value.lower, value.upper, decimals, bounded=kind == "bounded_interval")
    match kind:
        case "integer":
            return format_integer(value)
        case "p":
            return format_p(value)
        case "bounded":
            return format_bounded(value, decimals)
        case "decimal":
            return format_decimal(value, decimals)
        case _:
            return DASH if value != value else str(value)


def _record(row: Row, columns: tuple[Column, ...]) -> Mapping[str, object]:
    record: dict[str, object] = {}
    for column in columns:
        value = row.cells.get(column.key)
        value = value.value if isinstance(value, Quantity) else value
        if column.kind.endswith("interval"):
            limits = value if isinstance(value, Interval) else Interval(lower=nan, upper=nan)
            record |= {f"{column.key}_lower": limits.lower, f"{column.key}_upper": limits.upper}
        else:
            record[column.key] = _plain(value, column)
    return MappingProxyType(record)


def _plain(value: float | str | Interval | Citation | None, column: Column) -> object:
    if isinstance(value, Interval):
        return (value.lower, value.upper)
    if isinstance(value, Citation):
        return value.text
    return nan if value is None and column.kind != "text" else value
