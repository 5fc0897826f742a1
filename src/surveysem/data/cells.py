"""What single cells say: a code, an option's label, a missing answer, or something the scale does not admit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from math import inf, isfinite, nan
from numbers import Real
from types import MappingProxyType, NoneType
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveysem.data.imports.labels import codes_by_label, normalised, numbered_label
from surveysem.data.imports.tools import no_codes
from surveysem.instrument import ResponseScale

CellKind: TypeAlias = Literal[
    "value",
    "label",
    "tool code",
    "missing code",
    "missing text",
    "source missing",
    "empty",
    "outside",
    "fraction",
    "text",
    "ambiguous",
    "conflict",
    "unlabelled",
    "missing option",
    "date",
    "formula",
    "mixed marks",
]
REJECTED: tuple[CellKind, ...] = (
    "outside",
    "fraction",
    "text",
    "ambiguous",
    "conflict",
    "unlabelled",
    "missing option",
    "date",
    "formula",
    "mixed marks",
)

_NO_ANSWER = frozenset({"na", "n/a", "nan", "<na>"})
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_MONTHS = "jan|feb|fev|mar|apr|abr|may|mai|jun|jul|aug|ago|sep|set|oct|out|nov|dec|dez"
_DATE = re.compile(
    rf"(\d{{1,4}}[-/. ](?:{_MONTHS})[a-z]*\.?(?:[-/. ]\d{{2,4}})?|(?:{_MONTHS})[a-z]*\.?[-/. ]\d{{1,4}}"
    r"|\d{4}-\d{2}-\d{2}(?:[t ][\d:.]+)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4})"
)
_Reader: TypeAlias = Callable[[object], "Reading"]


class Reading(NamedTuple):
    """What one cell says: its kind, and its value where it has one."""

    kind: CellKind
    value: float | str = nan


@dataclass(frozen=True, kw_only=True)
class CellConventions:
    """How the cells of a column are to be understood, besides the scale of its question.

    Parameters
    ----------
    decimal_comma : bool
        Whether ``3,5`` stands for 3.5.
    missing : frozenset of float or str
        Numbers and normalised texts the researcher declares to stand for no answer.
    answers : Mapping of str to int
        Codes of normalised texts the researcher declares.
    codes : callable
        Codes that a text of the survey tool may stand for on a scale.
    value_labels : Mapping
        Labels the source gives to values.
    source_missing : frozenset
        Values the source declares missing.
    """

    decimal_comma: bool = False
    missing: frozenset[float | str] = frozenset()
    answers: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    codes: Callable[[str, ResponseScale], frozenset[int]] = no_codes
    value_labels: Mapping[object, str] = field(default_factory=lambda: MappingProxyType({}))
    source_missing: frozenset[object] = frozenset()


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
    missing_texts : tuple of str
        Texts read as missing although nobody declared them.
    recoded : Mapping
        Code taken for each value that the source codes otherwise than the scale.
    """

    values: pd.Series
    counts: Mapping[CellKind, int]
    rejected: tuple[RejectedCells, ...]
    missing_texts: tuple[str, ...] = ()
    recoded: Mapping[object, int] = field(default_factory=lambda: MappingProxyType({}))


def decode_column(
    column: pd.Series,
    scale: ResponseScale,
    conventions: CellConventions = CellConventions(),
) -> DecodedColumn:
    """Answers in a column of raw cells, in terms of the scale of its question.

    Parameters
    ----------
    column : pandas.Series
        Raw cells, indexed by row.
    scale : ResponseScale
        Scale of the question.
    conventions : CellConventions
        How cells are to be understood.

    Returns
    -------
    DecodedColumn
        Nothing is raised; what is not admitted is listed in ``rejected``.

    Examples
    --------
    >>> scale = ResponseScale(id="yes_no", kind="nominal", options={0: {"en": "No"}, 1: {"en": "Yes"}})
    >>> decode_column(pd.Series(["1", " yes", "1 - Yes", "NA", "2"]), scale).values.tolist()
    [1.0, 1.0, 1.0, nan, nan]
    """
    cells, places = _distinct(column)
    labelled = _by_value_label(conventions.value_labels, scale)
    read = _cell_reader(scale, conventions, labelled)
    readings = [read(cell) for cell in cells]
    if conventions.decimal_comma and scale.kind != "text" and _mixes_decimal_marks(cells):
        readings = [_without_mark(reading, cell) for reading, cell in zip(readings, cells, strict=True)]
    dtype: type = object if scale.kind == "text" else float
    values: npt.NDArray[Any] = np.empty(len(readings), dtype=dtype)
    values[:] = [reading.value for reading in readings]
    frequencies = np.bincount(places, minlength=len(cells))
    counts: Counter[CellKind] = Counter()
    for reading, frequency in zip(readings, frequencies, strict=True):
        counts[reading.kind] += int(frequency)
    return DecodedColumn(
        values=pd.Series(values[places], index=column.index, dtype=dtype, name=column.name),
        counts=counts,
        rejected=tuple(_rejected(column, scale, cells, places, readings, kind) for kind in REJECTED if kind in counts),
        missing_texts=tuple(_shown(c) for c, r in zip(cells, readings, strict=True) if r.kind == "missing text"),
        recoded=MappingProxyType(_recoded(labelled, cells, scale)),
    )


def _distinct(column: pd.Series) -> tuple[list[object], npt.NDArray[np.intp]]:
    """Distinct cells and, for each row, the place of its cell among them; columns repeat few answers many times."""
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        places, levels = pd.factorize(column, use_na_sentinel=False)
        return list(levels), places
    values = column.astype(object).tolist()
    if set(map(type, values)) <= {str, NoneType}:
        number = {cell: place for place, cell in enumerate(dict.fromkeys(values))}
        return list(number), np.fromiter(map(number.__getitem__, values), dtype=np.intp, count=len(values))
    known: dict[tuple[type, object], int] = {}
    cells: list[object] = []
    positions = np.empty(len(values), dtype=np.intp)
    for position, cell in enumerate(values):
        key = (type(cell), cell if isinstance(cell, Real | str) and cell == cell else str(cell))
        if key not in known:
            known[key] = len(cells)
            cells.append(cell)
        positions[position] = known[key]
    return cells, positions


def _rejected(
    column: pd.Series,
    scale: ResponseScale,
    cells: list[object],
    places: npt.NDArray[np.intp],
    readings: list[Reading],
    kind: CellKind,
) -> RejectedCells:
    concerned = np.flatnonzero(np.array([reading.kind == kind for reading in readings])[places])
    return RejectedCells(
        column=str(column.name),
        scale=scale,
        kind=kind,
        rows=tuple(int(row) for row in column.index[concerned]),
        cells=tuple(_shown(cells[place]) for place in places[concerned]),
    )


def _shown(cell: object) -> str:
    text = " ".join(str(cell).split())
    return text if len(text) <= 30 else f"{text[:29]}…"


def _by_value_label(value_labels: Mapping[object, str], scale: ResponseScale) -> Mapping[object, frozenset[int]]:
    """Codes of the values whose label in the source is one of the scale's."""
    labels = codes_by_label(scale) if value_labels else {}
    return {value: labels[normalised(text)] for value, text in value_labels.items() if normalised(text) in labels}


def _recoded(labelled: Mapping[object, frozenset[int]], cells: list[object], scale: ResponseScale) -> dict[object, int]:
    """Option read for each value whose label the scale gives to another code."""
    options = {
        cell: labelled[cell] & set(scale.options) for cell in cells if isinstance(cell, Real) and cell in labelled
    }
    return {cell: next(iter(codes)) for cell, codes in options.items() if len(codes) == 1 and cell not in codes}


def _cell_reader(
    scale: ResponseScale, conventions: CellConventions, labelled: Mapping[object, frozenset[int]]
) -> _Reader:
    labels = codes_by_label(scale)
    options = ((value, codes & set(scale.options)) for value, codes in labelled.items())
    otherwise = any(isinstance(value, Real) and codes and value not in codes for value, codes in options)

    def read(cell: object) -> Reading:
        if _is_empty(cell):
            return Reading("empty")
        if isinstance(cell, str | Real) and cell in conventions.source_missing:
            return Reading("missing option" if cell in scale.options else "source missing")
        if scale.kind == "text":
            return _read_text(cell, conventions)
        number = _number(cell, decimal_comma=conventions.decimal_comma)
        if number is None:
            return _read_words(str(cell), scale, conventions, labels) if not _is_date(cell) else Reading("date")
        if number in conventions.missing:
            return Reading("missing code")
        if isinstance(cell, Real) and cell in labelled:
            return _read_label(labelled[cell] & {number} or labelled[cell], scale)
        return _read_number(number, scale) if not otherwise else Reading("unlabelled")

    return read


def _is_empty(cell: object) -> bool:
    if isinstance(cell, str):
        return not cell.strip()
    return bool(pd.api.types.is_scalar(cell) and pd.isna(cell))  # type: ignore[call-overload]


def _is_date(cell: object) -> bool:
    return isinstance(cell, date | time | np.datetime64)


def _number(cell: object, *, decimal_comma: bool) -> float | None:
    if isinstance(cell, bool | np.bool_):
        return None
    if isinstance(cell, Real):
        try:
            return float(cell)
        except OverflowError:  # a whole number of more than 308 digits
            return inf
    text = str(cell).strip().replace("\u2212", "-")
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


def _read_words(
    text: str, scale: ResponseScale, conventions: CellConventions, labels: Mapping[str, frozenset[int]]
) -> Reading:
    key = normalised(text)
    if key in conventions.answers:
        return _read_label(frozenset({conventions.answers[key]}), scale)
    if key in conventions.missing:
        return Reading("missing code")
    if key in labels:
        return _read_label(labels[key], scale)
    numbered = numbered_label(key)
    if numbered and numbered[1] in labels:
        number, label = numbered
        return _read_label(frozenset({number}), scale) if number in labels[label] else Reading("conflict")
    codes = conventions.codes(text.strip(), scale)
    if codes:
        reading = _read_label(codes, scale)
        return Reading("tool code", reading.value) if reading.kind == "label" else reading
    if key in _NO_ANSWER:
        return Reading("missing text")
    if text.lstrip().startswith("="):
        return Reading("formula")
    return Reading("date" if _DATE.fullmatch(key) else "text")


def _read_label(codes: frozenset[int], scale: ResponseScale) -> Reading:
    if len(codes) > 1:
        return Reading("ambiguous")
    (code,) = codes
    return Reading("missing code") if code in scale.missing else Reading("label", float(code))


def _read_text(cell: object, conventions: CellConventions) -> Reading:
    """Text as it stands: NA may be Namibia, so that only declared words stand for no answer."""
    text = conventions.value_labels.get(cell, str(cell)) if isinstance(cell, str | Real) else str(cell)
    number = _number(text, decimal_comma=conventions.decimal_comma)
    if normalised(text) in conventions.missing or (number is not None and number in conventions.missing):
        return Reading("missing code")
    return Reading("value", text.strip())


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
