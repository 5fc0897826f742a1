"""Tables written to disk as data: comma-separated values or an Excel workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from surveysem.data.imports.writing import harmless
from surveysem.errors import UnsupportedError
from surveysem.report.document import SIMULATED_MARK
from surveysem.report.render.folder import write_together
from surveysem.report.render.spreadsheet import render_xlsx
from surveysem.report.table import Table

TABLE_FORMATS = ("csv", "xlsx")


def write_tables(
    tables: Mapping[str, Table], folder: str | Path, formats: Sequence[str] = TABLE_FORMATS
) -> tuple[Path, ...]:
    """Tables written into a folder, all of them or none.

    Parameters
    ----------
    tables : mapping of str to Table
        By name.
    folder : str or pathlib.Path
        Made if it does not exist; other files in it are left alone.
    formats : sequence of {"csv", "xlsx"}
        ``<name>.csv`` per table, unrounded, columns by key, UTF-8 with the mark by which Excel knows it;
        ``tables.xlsx`` with a sheet per table, unrounded numbers shown with the paper's decimals.

    Returns
    -------
    tuple of pathlib.Path
        The files written.

    Raises
    ------
    UnsupportedError
        For another format, or without any table.
    InputFileError
        When the folder is a file or cannot be written.
    """
    _check(tables, formats)
    files: dict[str, bytes] = {}
    if "csv" in formats:
        files |= {f"{name}.csv": csv_bytes(table) for name, table in tables.items()}
    if "xlsx" in formats:
        files["tables.xlsx"] = render_xlsx(list(tables.values()))
    return write_together(files, Path(folder), "The tables")


def csv_bytes(table: Table) -> bytes:
    """Unrounded cells; text that a spreadsheet program would compute gets an apostrophe in front.

    A last column marks simulated data in every row.
    """
    frame = table.to_frame().map(_cell)
    frame.columns = pd.Index([harmless(str(column)) for column in frame.columns])
    if table.simulated:
        frame["data"] = SIMULATED_MARK
    text: str = frame.to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def _cell(cell: object) -> object:
    if isinstance(cell, tuple):
        return f"[{', '.join(map(repr, cell))}]"
    return harmless(cell)


def _check(tables: Mapping[str, Table], formats: Sequence[str]) -> None:
    if isinstance(formats, str):
        raise UnsupportedError(f"formats={formats!r} is a word, not a sequence. Write formats=({formats!r},).")
    unknown = [name for name in formats if name not in TABLE_FORMATS]
    if unknown or not formats:
        found = ", ".join(map(repr, unknown)) or "nothing"
        raise UnsupportedError(f"Tables cannot be written as {found}. Supported formats: {', '.join(TABLE_FORMATS)}.")
    if not tables:
        raise UnsupportedError("There is no table to write.")
