"""Text files whose cells are separated by commas, semicolons, tabs or vertical bars."""

from __future__ import annotations

import csv
import re
from io import StringIO
from itertools import islice
from typing import NamedTuple

from surveysem.data.imports.encodings import decoded_text
from surveysem.data.imports.table import (
    DELIMITERS,
    RAGGED_ROWS_LISTED,
    RawTable,
    empty_file,
    frame_of_rows,
    not_a_table,
)
from surveysem.errors import InputFileError, Problem
from surveysem.findings import Finding

_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_FIRST_LINE = re.compile(r'(?:"[^"]*"|[^"\r\n]++)*+')  # possessive: a long line is not stored piece by piece
_ROWS_TRIED = 25
_CHARACTERS_TRIED = 1_000_000
_LONGEST_CELL = csv.field_size_limit()


def read_delimited(content: bytes, source: str, *, encoding: str | None = None) -> RawTable:
    """Raw cells of a delimited text file.

    Parameters
    ----------
    content : bytes
        The file.
    source : str
        Its path, for messages.
    encoding : str, optional
        Instead of the encoding detected.

    Raises
    ------
    InputFileError
        When the bytes are not text, the delimiter cannot be told, a quote is not closed, or rows do not fit the header.

    Examples
    --------
    >>> read_delimited(b"a;b\\n1;2,5\\n", "answers.csv").frame.loc[2].tolist()
    ['1', '2,5']
    """
    read = decoded_text(content, source, encoding=encoding)
    text = _checked(read.text.removeprefix("\ufeff"), source)
    declared = _SEPARATOR_LINE.match(text)
    if declared:
        text = text[declared.end() :]
    delimiter = _delimiter(source, text, declared.group(1) if declared else "")
    records = _records(source, text, delimiter)
    if not records.rows:
        raise empty_file(source)
    remark = [Finding(severity="warning", where=source, message=read.remark)] if read.remark else []
    return RawTable(
        frame=frame_of_rows(source, records.rows, records.cells),
        source=source,
        delimiter=delimiter,
        decimal_comma=delimiter != ",",
        n_blank_lines=records.n_blank,
        kind=f"{read.encoding} text delimited by {DELIMITERS[delimiter]}s",
        findings=tuple(remark),
    )


def _checked(text: str, source: str) -> str:
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        found = "a zero byte, which text does not contain"
        remedy = "The file is damaged, or is not the text file its name says. Export the answers again."
        raise InputFileError(
            f"{source} is not text.", [Problem(where=f"{source}, line {line}", found=found, remedy=remedy)]
        )
    if not text.strip():
        raise empty_file(source)
    return text


def _delimiter(source: str, text: str, declared: str) -> str:
    """The sign that cuts header and first rows alike; failing that, the one that cuts the header into most cells."""
    if declared in DELIMITERS:
        return declared
    regular = [sign for sign in DELIMITERS if _cuts_evenly(text, sign)]
    return regular[0] if len(regular) == 1 else _delimiter_of_header(source, text)


def _cuts_evenly(text: str, sign: str) -> bool:
    reader = csv.reader(StringIO(text[:_CHARACTERS_TRIED], newline=""), delimiter=sign)
    try:
        widths = {len(record) for record in islice(reader, _ROWS_TRIED) if record}
    except csv.Error:
        return False
    return len(widths) == 1 and widths != {1}


def _delimiter_of_header(source: str, text: str) -> str:
    first_line = _FIRST_LINE.match(text.lstrip("\r\n"))
    header = _QUOTED.sub("", first_line.group() if first_line else "")
    cuts = {sign: header.count(sign) for sign in DELIMITERS}
    most = max(cuts.values())
    candidates = [sign for sign, count in cuts.items() if count == most]
    if most and len(candidates) > 1:
        names = " and ".join(DELIMITERS[sign] for sign in candidates)
        found = f"{names} cut the header into {most + 1} cells each, so the delimiter cannot be told"
        remedy = "Put column names that contain one of these signs between double quotes, or rename them."
        raise not_a_table(source, [Problem(where=f"{source}, row 1", found=found, remedy=remedy)])
    return candidates[0]


class _Records(NamedTuple):
    """Rows with content: their numbers and cells, and how many rows have none."""

    rows: list[int]
    cells: list[list[str]]
    n_blank: int


def _records(source: str, text: str, delimiter: str) -> _Records:
    rows: list[int] = []
    cells: list[list[str]] = []
    row = n_ragged = 0
    try:
        for row, record in enumerate(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True), start=1):
            if _is_blank(record):
                continue
            rows.append(row)
            cells.append(record)
            n_ragged += len(record) != len(cells[0])
            if n_ragged > RAGGED_ROWS_LISTED:
                break
    except csv.Error as error:
        raise not_a_table(source, [_broken_record(source, text, delimiter, error)]) from None
    return _Records(rows, cells, row - len(rows))


def _is_blank(record: list[str]) -> bool:
    return not any(record) or not any(map(str.strip, record))


def _broken_record(source: str, text: str, delimiter: str, error: csv.Error) -> Problem:
    """Where the row begins that cannot be cut into cells: an open quote swallows all that follows it."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row, line = 1, 1
    try:
        for _ in reader:
            row, line = row + 1, reader.line_num + 1
    except csv.Error:
        pass
    reason = f"a cell of more than {_LONGEST_CELL:,} characters" if "field limit" in str(error) else str(error)
    return Problem(
        where=f"{source}, row {row}, line {line}",
        found=f"the cells cannot be told apart: {reason} (noticed in line {reader.line_num})",
        remedy="Look in this row for a double quote that is opened and not closed, or stands inside a cell undoubled.",
    )
