"""Tables written as CSV or Excel files that no spreadsheet program takes for formulas."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from surveysem.data.wording import counted, listed
from surveysem.errors import InputFileError, Problem, UnsupportedError

_FORMULA = re.compile(r"[\s]*[=+\-@＝＋－＠]|[\t\r]")
_NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?\s*", re.ASCII | re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LONGEST_CELL = 32_767
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384


def write_table(frame: pd.DataFrame, path: str | Path, *, force: bool = False) -> None:
    """A frame as a CSV or Excel file, whole or not at all, with formulas made harmless.

    Parameters
    ----------
    frame : pandas.DataFrame
        Its index is not written.
    path : str or pathlib.Path
        Ends in ``.csv`` (commas), ``.tsv`` (tabs) or ``.xlsx``; text is UTF-8.
    force : bool
        Whether a file of that name is replaced.

    Raises
    ------
    InputFileError
        When the file exists and may not be replaced, cannot be written, or has no place for the table.
    UnsupportedError
        When the ending is another.

    Notes
    -----
    Spreadsheet programs run text that begins with ``=``, ``+``, ``-`` or ``@``. In CSV an apostrophe is put before
    such text, unless it is a number; in Excel files it is stored as text, unchanged.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "table.csv"
    ...     write_table(pd.DataFrame({"note": ["=1+1", "-99"]}), file)
    ...     file.read_text(encoding="utf-8").split()
    ['note', "'=1+1", '-99']
    """
    path = Path(path)
    writers: dict[str, Callable[[pd.DataFrame, str], None]] = {
        ".csv": lambda table, name: _write_text(table, name, ","),
        ".tsv": lambda table, name: _write_text(table, name, "\t"),
        ".xlsx": _write_excel,
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        found = f"a file ending in {path.suffix!r}"
        problem = Problem(where=str(path), found=found, remedy=f"Written are: {', '.join(writers)}.")
        raise UnsupportedError("Tables are not written in this kind of file.", [problem])
    if path.suffix.lower() == ".xlsx":
        _check_excel(frame, path)
    write_whole(path, lambda name: writer(frame, name), force=force)


def write_whole(path: Path, write: Callable[[str], None], *, force: bool) -> None:
    """Write a file under another name and rename it when complete.

    Raises
    ------
    InputFileError
        When the file exists and may not be replaced, or cannot be written.
    """
    if path.exists() and not force:
        found = "there is a file or folder of that name already"
        raise _not_written(path, [Problem(where=str(path), found=found, remedy="Choose another name, or force=True.")])
    name = ""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".surveysem-", suffix=path.suffix)
        os.close(handle)
        write(name)
        os.replace(name, path)
    except OSError as error:
        remedy = "Choose a folder that exists and may be written."
        problem = Problem(where=str(path), found=error.strerror or str(error), remedy=remedy)
        raise _not_written(path, [problem]) from None
    finally:
        if name:
            Path(name).unlink(missing_ok=True)


def harmless(cell: object) -> object:
    """A cell of a CSV file, with an apostrophe before text a spreadsheet program would run.

    Examples
    --------
    >>> harmless("@SUM(A1)"), harmless("-5"), harmless("5-1")
    ("'@SUM(A1)", '-5', '5-1')
    """
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _write_text(frame: pd.DataFrame, name: str, delimiter: str) -> None:
    safe = frame.copy(deep=False)
    safe.columns = pd.Index([harmless(str(column)) for column in frame.columns], dtype=object)
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        if not pd.api.types.is_numeric_dtype(column.dtype):
            safe.isetitem(position, column.astype(object).map(harmless).to_numpy())
    safe.to_csv(name, index=False, sep=delimiter, encoding="utf-8", lineterminator="\n")


def _write_excel(frame: pd.DataFrame, name: str) -> None:
    library = import_module("openpyxl")
    make = import_module("openpyxl.cell").WriteOnlyCell
    book = library.Workbook(write_only=True)
    sheet = book.create_sheet("answers")
    sheet.append([_excel_cell(make, sheet, str(column)) for column in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        sheet.append([_excel_cell(make, sheet, cell) for cell in row])
    book.save(name)


def _excel_cell(make: Callable[..., Any], sheet: object, cell: object) -> object:
    if pd.api.types.is_scalar(cell) and pd.isna(cell):  # type: ignore[call-overload]
        return None
    if not isinstance(cell, str):
        return cell
    text = make(sheet, value=cell)
    if _FORMULA.match(cell):
        text.data_type = "s"
        text.quotePrefix = True
    return text


def _check_excel(frame: pd.DataFrame, path: Path) -> None:
    problems = []
    if len(frame) >= _MOST_ROWS or frame.shape[1] > _MOST_COLUMNS:
        found = f"a sheet holds {_MOST_ROWS:,} rows and {_MOST_COLUMNS:,} columns, the table has more"
        problems.append(Problem(where=str(path), found=found, remedy="Write it as .csv."))
    for name, column in frame.items():
        if pd.api.types.is_numeric_dtype(column.dtype):
            continue
        bad = [place for place, cell in enumerate(column, start=2) if isinstance(cell, str) and _unfit(cell)]
        if bad:
            found = f"{counted(len(bad), 'cell')} with control characters or too long for Excel (rows {listed(bad)})"
            problems.append(Problem(where=f"column {name}", found=found, remedy="Write the table as .csv."))
    if problems:
        raise _not_written(path, problems)


def _unfit(cell: str) -> bool:
    return len(cell) > _LONGEST_CELL or bool(_CONTROL.search(cell))


def _not_written(path: Path, problems: list[Problem]) -> InputFileError:
    return InputFileError(f"{path} was not written.", problems)
