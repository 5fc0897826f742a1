"""Excel workbooks; formulas stay the text they are written as."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from importlib import import_module
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from surveysem.data.imports.table import RawTable, frame_of_rows, not_a_table
from surveysem.data.wording import closest, listed
from surveysem.errors import InputFileError, Problem

_LARGEST = 2 * 1024**3  # bytes once unpacked: more than any sheet of answers, less than a machine's memory


def read_excel(content: bytes, source: str, *, sheet: str | None = None) -> RawTable:
    """Raw cells of one sheet of an .xlsx workbook.

    Parameters
    ----------
    content : bytes
        The file.
    source : str
        Its path, for messages.
    sheet : str, optional
        Name of the sheet; needed where several have content.

    Raises
    ------
    InputFileError
        When the file is damaged, there is no such sheet or a choice must be made (the sheets are named), or rows do not
        fit the header.

    Notes
    -----
    Formulas are not computed: ``=A2+1`` is read as that text, whatever Excel showed.
    """
    _check_size(content, source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions, which are not read
        try:
            sheets = _sheets(content)
        except Exception as error:  # the parser raises whatever the damage leads it to
            raise _damaged(source, error) from None
    name = _chosen(source, sheets, sheet)
    rows = [row for row, _ in sheets[name]]
    width = len(sheets[name][0][1])
    records = [[*record, *[None] * (width - len(record))] for _, record in sheets[name]]
    return RawTable(
        frame=frame_of_rows(source, rows, records, sheet=name),
        source=source,
        n_blank_lines=rows[-1] - len(rows),
        kind=f"sheet {name!r} of an Excel workbook",
    )


def _check_size(content: bytes, source: str) -> None:
    try:
        with ZipFile(BytesIO(content)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (BadZipFile, NotImplementedError) as error:
        raise _damaged(source, error) from None
    if size > _LARGEST:
        found = f"a workbook that unpacks to {size / 1024**3:.1f} GB"
        raise InputFileError(
            f"{source} is too large.", [Problem(where=source, found=found, remedy="Save the sheet as CSV.")]
        )


def _sheets(content: bytes) -> dict[str, list[tuple[int, list[Any]]]]:
    """Rows of every sheet, trimmed of empty cells at their ends."""
    book = import_module("openpyxl").load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        return {each.title: list(_rows(each)) for each in book.worksheets}
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    sheet.reset_dimensions()  # what writers note there is often wrong, and would cut the sheet off
    for row, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        last = max((position for position, cell in enumerate(cells, start=1) if not _is_blank(cell)), default=0)
        if last:
            yield row, list(cells[:last])


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _chosen(source: str, sheets: dict[str, list[tuple[int, list[Any]]]], wanted: str | None) -> str:
    filled = [name for name, rows in sheets.items() if rows]
    if wanted is not None:
        if wanted in filled:
            return wanted
        found = f"sheet {wanted!r} is empty" if wanted in sheets else f"there is no sheet {wanted!r}"
        match = closest(wanted, [name for name in filled if name != wanted])
        hint = f" Did you mean {match!r}?" if match else ""
        raise _sheet_problem(source, found, f"Sheets with content: {_quoted(filled)}.{hint}")
    if not filled:
        raise _sheet_problem(source, "the workbook has no sheet with content", "Export the answers again.")
    if len(filled) > 1:
        found = f"{len(filled)} sheets have content: {_quoted(filled)}"
        raise _sheet_problem(source, found, f"Name the one with the answers, for instance sheet={filled[0]!r}.")
    return filled[0]


def _quoted(names: Sequence[str]) -> str:
    return listed((repr(name) for name in names), limit=20) if names else "none"


def _sheet_problem(source: str, found: str, remedy: str) -> InputFileError:
    return not_a_table(source, [Problem(where=source, found=found, remedy=remedy)])


def _damaged(source: str, error: Exception) -> InputFileError:
    found = f"the workbook is damaged or is not an .xlsx file ({type(error).__name__})"
    remedy = "Open it in Excel or LibreOffice and save it again as .xlsx, or export the answers again."
    return InputFileError(f"{source} could not be read.", [Problem(where=source, found=found, remedy=remedy)])
