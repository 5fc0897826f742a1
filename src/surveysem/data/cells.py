"""What single cells say: a code, an option's label, a missing answer, or something the scale does not admit."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite, nan
from numbers import Real
from typing import Literal, NamedTuple, TypeAlias

import pandas as pd

from surveysem.instrument import ResponseScale

CellKind: TypeAlias = Literal[
    "value", "label", "missing code", "empty", "outside", "fraction", "text", "ambiguous", "mixed marks"
]
REJECTED: tuple[CellKind, ...] = ("outside", "fraction", "text", "ambiguous", "mixed marks")

_NO_ANSWER = frozenset({"", "na", "n/a", "nan", "<na>"})
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_Reader: TypeAlias = Callable[[object], "Reading"]


class Reading(NamedTuple):
    """What one cell says: its kind, and its value where it has one."""

    kind: CellKind
    value: float | str = nan


@dataclass(frozen=True, kw_only=True)
class RejectedCells:
    """Cells of one column that the scale does not admit, for one and the same reason.

    Parameters
    ----------
    column : str
        Name of the column.
    scale : ResponseScale
        Scale of the question.
    kind : str
        Why they are not admitted; one of ``REJECTED``.
    rows : tuple of int
        Their rows, as seen in a spreadsheet.
    cells : tuple of str
        What stands in them, in the same order.
    """

    column: str
    scale: ResponseScale
    kind: CellKind
    rows: tuple[int, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class DecodedColumn:
    """Answers to one question.

    Parameters
    ----------
    values : pandas.Series
        Codes and numbers as floats (text scales: text); NaN where there is no admissible answer.
    counts : Mapping
        Number of cells by kind.
    rejected : tuple of RejectedCells
        What is not admitted, grouped by reason.
    """

    values: pd.Series
    counts: Mapping[CellKind, int]
    rejected: tuple[RejectedCells, ...]


def decode_column(column: pd.Series, scale: ResponseScale, *, decimal_comma: bool = False) -> DecodedColumn:
    """Answers in a column of raw cells, in terms of the scale of its question.

    Parameters
    ----------
    column : pandas.Series
        Raw cells, indexed by row.
    scale : ResponseScale
        Scale of the question.
    decimal_comma : bool
        Whether ``3,5`` stands for 3.5.

    Returns
    -------
    DecodedColumn
        Nothing is raised; what is not admitted is listed in ``rejected``.

    Examples
    --------
    >>> scale = ResponseScale(id="yes_no", kind="nominal", options={0: {"en": "No"}, 1: {"en": "Yes"}})
    >>> decode_column(pd.Series(["1", " yes", "NA", "2"]), scale).values.tolist()
    [1.0, 1.0, nan, nan]
    """
    read = _remembering(_cell_reader(scale, decimal_comma=decimal_comma))
    readings = [read(cell) for cell in column]
    if decimal_comma and scale.kind != "text" and _mixes_decimal_marks(column):
        readings = [_without_mark(reading, cell) for reading, cell in zip(readings, column, strict=True)]
    values = pd.Series(
        [reading.value for reading in readings],
        index=column.index,
        dtype=object if scale.kind == "text" else float,
        name=column.name,
    )
    rejected = tuple(
        _rejected(column, scale, readings, kind) for kind in REJECTED if any(r.kind == kind for r in readings)
    )
    return DecodedColumn(values=values, counts=Counter(reading.kind for reading in readings), rejected=rejected)


def normalised(text: str) -> str:
    """Text without differences of spacing, letter case and composition of accents.

    Examples
    --------
    >>> normalised("  Strongly   AGREE ")
    'strongly agree'
    """
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()


def _rejected(column: pd.Series, scale: ResponseScale, readings: list[Reading], kind: CellKind) -> RejectedCells:
    places = [position for position, reading in enumerate(readings) if reading.kind == kind]
    return RejectedCells(
        column=str(column.name),
        scale=scale,
        kind=kind,
        rows=tuple(int(column.index[position]) for position in places),
        cells=tuple(_shown(column.iloc[position]) for position in places),
    )


def _shown(cell: object) -> str:
    text = " ".join(str(cell).split())
    return text if len(text) <= 30 else f"{text[:29]}…"


def _remembering(read: _Reader) -> _Reader:
    """Read each distinct cell once; columns repeat few answers many times."""
    known: dict[tuple[type, object], Reading] = {}

    def reading_of(cell: object) -> Reading:
        key = (type(cell), cell if isinstance(cell, Real | str) else str(cell))
        if key not in known:
            known[key] = read(cell)
        return known[key]

    return reading_of


def _cell_reader(scale: ResponseScale, *, decimal_comma: bool) -> _Reader:
    labels = _codes_by_label(scale)

    def read(cell: object) -> Reading:
        if _is_empty(cell):
            return Reading("empty")
        if scale.kind == "text":
            return _read_text(str(cell).strip())
        number = _number(cell, decimal_comma=decimal_comma)
        if number is not None:
            return _read_number(number, scale)
        label = normalised(str(cell))
        if label in labels:
            return _read_label(labels[label], scale)
        return Reading("empty" if label in _NO_ANSWER else "text")

    return read


def _is_empty(cell: object) -> bool:
    if isinstance(cell, str):
        return not cell.strip()
    return bool(pd.api.types.is_scalar(cell) and pd.isna(cell))  # type: ignore[call-overload]


def _number(cell: object, *, decimal_comma: bool) -> float | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, Real):
        return float(cell)
    text = str(cell).strip()
    if not _NUMBER.fullmatch(text) or ("," in text and not decimal_comma):
        return None
    return float(text.replace(",", "."))


def _read_number(number: float, scale: ResponseScale) -> Reading:
    if number in scale.missing:
        return Reading("missing code")
    if scale.kind == "number":
        return _read_measure(number, scale)
    if not number.is_integer():
        return Reading("fraction" if isfinite(number) else "outside")
    return Reading("value", number) if number in scale.options else Reading("outside")


def _read_measure(number: float, scale: ResponseScale) -> Reading:
    lowest = -float("inf") if scale.minimum is None else scale.minimum
    highest = float("inf") if scale.maximum is None else scale.maximum
    if not isfinite(number) or not lowest <= number <= highest:
        return Reading("outside")
    if scale.integer and not number.is_integer():
        return Reading("fraction")
    return Reading("value", number)


def _read_label(codes: frozenset[int], scale: ResponseScale) -> Reading:
    if len(codes) > 1:
        return Reading("ambiguous")
    (code,) = codes
    return Reading("missing code") if code in scale.missing else Reading("label", float(code))


def _read_text(text: str) -> Reading:
    return Reading("empty") if normalised(text) in _NO_ANSWER else Reading("value", text)


def _codes_by_label(scale: ResponseScale) -> Mapping[str, frozenset[int]]:
    """Codes each label may stand for, over all languages, options and missing codes."""
    codes: dict[str, set[int]] = {}
    for code, translations in (*scale.options.items(), *scale.missing.items()):
        for label in translations.values():
            codes.setdefault(normalised(label), set()).add(code)
    return {label: frozenset(found) for label, found in codes.items()}


def _mixes_decimal_marks(cells: Iterable[object]) -> bool:
    marks = {
        mark
        for cell in cells
        if isinstance(cell, str) and _NUMBER.fullmatch(cell.strip())
        for mark in ",."
        if mark in cell
    }
    return len(marks) > 1


def _without_mark(reading: Reading, cell: object) -> Reading:
    return Reading("mixed marks") if isinstance(cell, str) and "," in cell and reading.kind != "text" else reading
