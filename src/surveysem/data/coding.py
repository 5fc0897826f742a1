"""A table of raw cells turned into answers on the scales of an instrument."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from surveysem.data.cells import CellKind, DecodedColumn, RejectedCells, decode_column
from surveysem.data.marking import MARK_COLUMN
from surveysem.data.read import RawTable
from surveysem.data.wording import closest, counted, listed, rows_listed
from surveysem.errors import Problem
from surveysem.findings import Finding
from surveysem.instrument import Instrument, ResponseScale

_MANY_PROBLEMS = 25  # what one screen shows
_MANY_COLUMNS = 5
_USUAL_MISSING_CODES = frozenset(
    {-9999, -999, -99, -98, -97, -88, -77, -9, -8, -7, -1, 9, 77, 88, 97, 98, 99, 999, 9999}
)
_FOUND = {
    "outside": "{cells} outside scale {scale}",
    "fraction": "{cells} that should be whole numbers on scale {scale}",
    "text": "{cells} with text that is neither a number nor a label of scale {scale}",
    "ambiguous": "{cells} with a label that stands for several codes of scale {scale}",
    "mixed marks": "{cells} with a decimal comma in a column that also has decimal points",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class CodedAnswers:
    """Answers as codes and numbers, before screening and reverse coding.

    Parameters
    ----------
    frame : pandas.DataFrame
        All rows; questions as floats (text scales: text), other columns as they came.
    findings : tuple of Finding
        What was absent, left as it was, turned into codes or read as missing.
    problems : tuple of Problem
        Everything that stands in the way.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


def code_answers(table: RawTable, instrument: Instrument, required: Collection[str]) -> CodedAnswers:
    """Answers of a raw table in terms of the instrument's scales.

    Parameters
    ----------
    table : RawTable
        Raw cells.
    instrument : Instrument
        Whose questions the columns are named after.
    required : collection of str
        Items that must be there.

    Returns
    -------
    CodedAnswers
        Nothing is raised; its ``problems`` list what is wrong.
    """
    columns = [str(name) for name in table.frame.columns]
    scales = {question.id: instrument.scale(question.scale) for question in instrument.questions}
    extra = [name for name in columns if name not in scales and name != MARK_COLUMN]
    decoded = {
        name: decode_column(table.frame[name], scales[name], decimal_comma=table.decimal_comma)
        for name in columns
        if name in scales
    }
    rejections = [rejection for column in decoded.values() for rejection in column.rejected]
    problems = _missing_columns(table.source, [name for name in required if name not in decoded], extra)
    return CodedAnswers(
        frame=table.frame.assign(**{name: column.values for name, column in decoded.items()}),
        findings=_coding_findings(table, decoded, absent=[name for name in scales if name not in decoded], extra=extra),
        problems=(*problems, *_rejection_problems(table.source, rejections)),
    )


def _missing_columns(source: str, missing: list[str], extra: list[str]) -> list[Problem]:
    if len(missing) <= _MANY_COLUMNS:
        return [_missing_column(source, name, closest(name, extra), extra) for name in missing]
    matches = {name: closest(name, extra) for name in missing}
    alike = [f"{match} for {name}" for name, match in matches.items() if match]
    remedy = "Name the columns after the items of the instrument."
    if alike:
        remedy += f" Did you mean {listed(alike, limit=12)}?"
    found = f"{len(missing)} columns are missing: {listed(missing, limit=100)}"
    return [Problem(where=source, found=found, remedy=remedy)]


def _missing_column(source: str, name: str, match: str | None, extra: list[str]) -> Problem:
    if match:
        remedy = f"Did you mean {match}? Rename that column to {name}."
    elif extra:
        remedy = f"Columns that belong to no question: {listed(extra, limit=12)}. Rename the right one."
    else:
        remedy = "Add the column, or leave the item out of the model."
    return Problem(where=f"{source}, column {name}", found="this column is missing", remedy=remedy)


def _rejection_problems(source: str, rejections: list[RejectedCells]) -> list[Problem]:
    """One problem per column and reason; when that fills a screen, one per scale and reason."""
    groups: dict[tuple[str, str, str], list[RejectedCells]] = {}
    fold = len(rejections) > _MANY_PROBLEMS
    for rejection in rejections:
        key = (rejection.scale.id, rejection.kind, "" if fold else rejection.column)
        groups.setdefault(key, []).append(rejection)
    return [_rejection_problem(source, group) for group in groups.values()]


def _rejection_problem(source: str, group: list[RejectedCells]) -> Problem:
    first = group[0]
    shown = list(dict.fromkeys(cell for rejection in group for cell in rejection.cells))
    n_cells = sum(len(rejection.rows) for rejection in group)
    found = _FOUND[first.kind].format(cells=counted(n_cells, "cell"), scale=first.scale.id)
    if len(group) == 1:
        where = f"{source}, column {first.column}, {rows_listed(first.rows)}"
    else:
        places = (f"{one.column} ({len(one.rows)} from row {one.rows[0]})" for one in group)
        where = f"{source}, {len(group)} columns: {listed(places, limit=len(group))}"
    return Problem(where=where, found=f"{found}: {listed(shown)}", remedy=_remedy(first, shown))


def _remedy(rejection: RejectedCells, shown: list[str]) -> str:
    scale = rejection.scale
    if rejection.kind == "mixed marks":
        return "Write all numbers of the column with the same decimal mark and without thousands separators."
    if rejection.kind == "ambiguous":
        return f"Replace the labels by codes. {_admitted(scale)}"
    suspects = [cell for cell in shown if _looks_missing(cell)]
    if rejection.kind == "outside" and suspects:
        hint = f"If {listed(suspects)} stands for no answer, declare it under `missing` of scale {scale.id}."
        return f"{_admitted(scale)} {hint}"
    return _admitted(scale)


def _looks_missing(cell: str) -> bool:
    try:
        return float(cell.replace(",", ".")) in _USUAL_MISSING_CODES
    except ValueError:
        return False


def _admitted(scale: ResponseScale) -> str:
    """Sentence that says which answers a scale admits."""
    missing = f" or the codes for no answer {listed(scale.missing, limit=9)}" if scale.missing else ""
    if scale.kind == "ordinal":
        return (
            f"Use codes {min(scale.options)} to {max(scale.options)}, their labels{missing}, or leave the cell empty."
        )
    if scale.kind == "nominal":
        codes = listed(sorted(scale.options), limit=20)
        return f"Use codes {codes}, their labels{missing}, or leave the cell empty."
    kind = "whole numbers" if scale.integer else "numbers"
    low = "" if scale.minimum is None else f" from {scale.minimum:g}"
    high = "" if scale.maximum is None else f" up to {scale.maximum:g}"
    return f"Use {kind}{low}{high}{missing}, or leave the cell empty."


def _coding_findings(
    table: RawTable, decoded: Mapping[str, DecodedColumn], *, absent: list[str], extra: list[str]
) -> tuple[Finding, ...]:
    notes = []
    if table.delimiter is not None:
        marks = " Decimal commas and decimal points are both understood." if table.decimal_comma else ""
        notes.append(f"Read as text delimited by {table.delimiter_name}s, {_size(table)}.{marks}")
    if table.n_blank_lines:
        notes.append(f"{counted(table.n_blank_lines, 'blank line')} passed over.")
    if absent:
        notes.append(f"Questions without a column: {listed(absent, limit=100)}.")
    if extra:
        notes.append(f"Columns that belong to no question, kept unchanged: {listed(extra, limit=100)}.")
    notes += _counts_note(decoded, "label", "turned from labels into codes")
    notes += _counts_note(decoded, "empty", "empty and read as missing")
    notes += _counts_note(decoded, "missing code", "with a declared code for no answer, read as missing")
    return tuple(Finding(severity="note", where=table.source, message=note) for note in notes)


def _size(table: RawTable) -> str:
    n_rows, n_columns = table.frame.shape
    return f"{counted(n_rows, 'row')} and {counted(n_columns, 'column')}"


def _counts_note(decoded: Mapping[str, DecodedColumn], kind: CellKind, what: str) -> list[str]:
    counts = {name: column.counts[kind] for name, column in decoded.items() if kind in column.counts}
    if not counts:
        return []
    columns = listed((f"{name} ({count})" for name, count in counts.items()), limit=100)
    return [f"{counted(sum(counts.values()), 'cell')} {what}: {columns}."]
