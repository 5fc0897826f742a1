"""SPSS and Stata files, with their labels and their declared missing values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from surveysem.data.imports.spss_dictionary import check_spss_dictionary
from surveysem.data.imports.table import RawTable, check_table
from surveysem.data.wording import listed
from surveysem.errors import InputFileError, Problem
from surveysem.findings import Finding


def read_spss(path: Path, source: str) -> RawTable:
    """Raw cells of an SPSS file (.sav, .zsav).

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source : str
        Its path, for messages.

    Returns
    -------
    RawTable
        Rows are numbered as cases, from 1. Values the file declares missing are kept as they stand and listed in
        ``missing``, so that they are counted.

    Raises
    ------
    InputFileError
        When the file is damaged or truncated.
    """
    _check_dictionary(path, source)
    frame, meta = _read("read_sav", path, source, user_missing=True)
    declared = {
        name: frozenset(value for value in frame[name].dropna().unique() if _within(value, ranges))
        for name, ranges in meta.missing_ranges.items()
    }
    return _table(frame, meta, source, declared, "SPSS file")


def read_stata(path: Path, source: str) -> RawTable:
    """Raw cells of a Stata file (.dta).

    Parameters
    ----------
    path : pathlib.Path
        The file.
    source : str
        Its path, for messages.

    Returns
    -------
    RawTable
        Rows are numbered as observations, from 1. Stata's missing values ``.a`` to ``.z`` are kept under that name and
        listed in ``missing``.

    Raises
    ------
    InputFileError
        When the file is damaged or truncated.
    """
    _check_end(path, source)
    frame, meta = _read("read_dta", path, source)
    letters, lettered = _read("read_dta", path, source, user_missing=True)
    for name in lettered.missing_user_values:
        # the reader leaves other missing cells of such columns undefined, so values are taken from the first reading
        cells = zip(frame[name], letters[name], strict=True)
        combined = [f".{letter}" if isinstance(letter, str) else value for value, letter in cells]
        frame[name] = pd.Series(combined, index=frame.index, dtype=object)
    declared = {
        name: frozenset(f".{letter}" for letter in found) for name, found in lettered.missing_user_values.items()
    }
    return _table(frame, meta, source, declared, "Stata file")


def _read(reader: str, path: Path, source: str, **options: bool) -> tuple[pd.DataFrame, Any]:
    library = import_module("pyreadstat")
    try:
        frame, meta = getattr(library, reader)(str(path), **options)
    except Exception as error:  # the parser raises whatever the damage leads it to
        raise _damaged(source, str(error)) from None
    return frame, meta


def _check_dictionary(path: Path, source: str) -> None:
    try:
        check_spss_dictionary(path.read_bytes())
    except ValueError as error:
        raise _damaged(source, str(error)) from None


def _check_end(path: Path, source: str) -> None:
    """The value labels stand last; the reader does without those that are cut off."""
    content = path.read_bytes()
    if content.startswith(b"<stata_dta>") and not content.rstrip(b"\0\r\n ").endswith(b"</stata_dta>"):
        raise _damaged(source, "the end is missing")


def _damaged(source: str, reason: str) -> InputFileError:
    found = f"the file is damaged, cut off or of another kind ({reason})"
    remedy = "Save it again in SPSS or Stata, or export the answers again, and copy the whole file."
    return InputFileError(f"{source} could not be read.", [Problem(where=source, found=found, remedy=remedy)])


def _within(value: object, ranges: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        isinstance(value, type(each["lo"]))
        and isinstance(value, type(each["hi"]))
        and each["lo"] <= value <= each["hi"]
        for each in ranges
    )


def _table(
    frame: pd.DataFrame, meta: Any, source: str, declared: Mapping[str, frozenset[object]], kind: str
) -> RawTable:
    check_table(source, [str(name) for name in frame.columns], n_rows=len(frame))
    declared = {name: values for name, values in declared.items() if values}
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="row")
    labels = {
        name: MappingProxyType({_as_cell(value): str(label) for value, label in labels.items()})
        for name, labels in meta.variable_value_labels.items()
    }
    return RawTable(
        frame=frame,
        source=source,
        kind=kind,
        texts=MappingProxyType({name: text for name, text in meta.column_names_to_labels.items() if text}),
        value_labels=MappingProxyType(labels),
        missing=MappingProxyType(declared),
        findings=_missing_findings(source, declared),
    )


def _as_cell(value: object) -> object:
    """A labelled value as it stands in the cells: Stata's missing values with their point."""
    return f".{value}" if isinstance(value, str) and len(value) == 1 and value.isalpha() else value


def _missing_findings(source: str, declared: Mapping[str, frozenset[object]]) -> tuple[Finding, ...]:
    if not declared:
        return ()
    columns = (f"{name} ({listed(sorted(map(_shown, values)))})" for name, values in declared.items())
    message = f"The file itself declares values missing, and they are read so: {listed(columns, limit=100)}."
    return (Finding(severity="note", where=source, message=message),)


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
