"""Tables of raw answers, from a CSV file or a DataFrame, with the row numbers a person sees."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pandas as pd

from surveysem.data.marking import attribute
from surveysem.data.wording import closest, counted, listed, rows_listed
from surveysem.errors import InputFileError, Problem, UnsupportedError

CSV_ENDINGS = (".csv", ".tsv", ".txt")
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_QUOTED = re.compile(r'"[^"]*"')
_FIRST_LINE = re.compile(r'("[^"]*"|[^"\r\n])*')
_SAVE_AS_UTF8 = (
    'Save the file as UTF-8: in Excel choose "CSV UTF-8 (comma delimited)", in LibreOffice the character set '
    '"Unicode (UTF-8)", and export again from the survey software if letters look wrong.'
)


@dataclass(frozen=True, kw_only=True, eq=False)
class RawTable:
    """Cells as they stand in the source.

    Parameters
    ----------
    frame : pandas.DataFrame
        Raw cells (text, for a file), indexed by ``row``: the number seen in a spreadsheet, where the header is row 1.
    source : str
        Path of the file, ``"DataFrame"``, or the name this package gave a frame it made.
    delimiter : str or None
        Sign between the cells of a file; None for a DataFrame.
    decimal_comma : bool
        Whether ``3,5`` may stand for 3.5: in files delimited by semicolons or tabs.
    n_blank_lines : int
        Lines without any cell, passed over; they keep their row number.
    """

    frame: pd.DataFrame
    source: str
    delimiter: str | None = None
    decimal_comma: bool = False
    n_blank_lines: int = 0

    @property
    def delimiter_name(self) -> str:
        """The delimiter in a word; empty for a DataFrame."""
        return _DELIMITERS[self.delimiter] if self.delimiter else ""


def read_table(source: str | Path | pd.DataFrame) -> RawTable:
    """Raw cells of a CSV file or a DataFrame.

    Parameters
    ----------
    source : str, pathlib.Path or pandas.DataFrame
        A UTF-8 file delimited by commas, semicolons or tabs (found from its header), or a frame. A frame whose index is
        named ``row`` keeps it; otherwise its rows are numbered from 2, as in a spreadsheet with a header.

    Raises
    ------
    InputFileError
        When there is no such file, it is not UTF-8 text, or its cells do not make a table.
    UnsupportedError
        When the file is of another kind; the kinds read are named.

    Examples
    --------
    >>> read_table(pd.DataFrame({"cred_1": [5, 7]})).frame["cred_1"].to_dict()
    {2: 5, 3: 7}
    """
    if isinstance(source, pd.DataFrame):
        return _read_frame(source)
    if not isinstance(source, str | Path):
        raise UnsupportedError(
            "Answers are read from a file or a DataFrame.",
            [Problem(where="source", found=f"a {type(source).__name__}", remedy="Give a path or a pandas DataFrame.")],
        )
    return _read_csv(Path(source))


def _read_frame(frame: pd.DataFrame) -> RawTable:
    if frame.columns.nlevels > 1 or frame.index.nlevels > 1:
        raise _not_a_table("DataFrame", [_several_levels()])
    _check_table("DataFrame", [str(name).strip() for name in frame.columns], n_rows=len(frame))
    table = frame.rename(columns=lambda name: str(name).strip())
    if table.index.name != "row" or not pd.api.types.is_integer_dtype(table.index) or not table.index.is_unique:
        table.index = pd.RangeIndex(2, len(table) + 2, name="row")
    return RawTable(frame=table, source=str(attribute(frame).get("source", "DataFrame")))


def _read_csv(path: Path) -> RawTable:
    text = _decoded(path)
    delimiter = _delimiter(path, text)
    records = _records(path, text, delimiter)
    filled = [(row, record) for row, record in enumerate(records, start=1) if record]
    header = [name.strip() or f"unnamed_{position}" for position, name in enumerate(filled[0][1], start=1)]
    _check_table(str(path), header, n_rows=len(filled) - 1, rows=filled[1:])
    index = pd.Index([row for row, _ in filled[1:]], name="row", dtype="int64")
    frame = pd.DataFrame([record for _, record in filled[1:]], columns=header, index=index, dtype=object)
    return RawTable(
        frame=frame,
        source=str(path),
        delimiter=delimiter,
        decimal_comma=delimiter != ",",
        n_blank_lines=len(records) - len(filled),
    )


def _decoded(path: Path) -> str:
    content = _content(path)
    for mark, name in ((codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16")):
        if content.startswith(mark):
            raise _not_text(path, f"{path}, byte 1", f"the file is encoded in {name}, not UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte {error.start + 1} of the file (0x{content[error.start]:02X}) is not UTF-8 text"
        raise _not_text(path, f"{path}, line {line}", found) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _not_text(path, f"{path}, line {line}", "a zero byte, which text does not contain")
    if not text.strip():
        raise _not_a_table(
            str(path), [Problem(where=str(path), found="the file is empty", remedy="Export the answers again.")]
        )
    return text


def _content(path: Path) -> bytes:
    if path.suffix.lower() not in CSV_ENDINGS and not path.is_dir():
        raise UnsupportedError(
            f"{path} is of a kind that is not read.",
            [
                Problem(
                    where=str(path),
                    found=f"a file ending in {path.suffix!r}" if path.suffix else "a file name without an ending",
                    remedy=f"Read now: {', '.join(CSV_ENDINGS)} (UTF-8 text) and pandas DataFrames. Export the answers "
                    "as CSV, or load the file with pandas and pass the DataFrame.",
                )
            ],
        )
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputFileError(f"{path} could not be read.", [_unreadable(path, error)]) from None


def _unreadable(path: Path, error: OSError | ValueError) -> Problem:
    if path.is_dir():
        return Problem(where=str(path), found="this is a folder", remedy="Name the file with the answers inside it.")
    if not isinstance(error, FileNotFoundError):
        reason = getattr(error, "strerror", None) or str(error)
        return Problem(where=str(path), found=reason, remedy="Check the path and whether you may read the file.")
    neighbours = [other.name for other in path.parent.glob("*")] if path.parent.is_dir() else []
    match = closest(path.name, neighbours)
    remedy = f"Did you mean {path.parent / match}?" if match else f"Check the path; paths start from {Path.cwd()}."
    return Problem(where=str(path), found="there is no such file", remedy=remedy)


def _delimiter(path: Path, text: str) -> str:
    """Sign that cuts the header into most cells; signs inside double quotes do not cut."""
    first_line = _FIRST_LINE.match(text.lstrip("\r\n"))
    header = _QUOTED.sub("", first_line.group() if first_line else "")
    cuts = {sign: header.count(sign) for sign in _DELIMITERS}
    most = max(cuts.values())
    candidates = [sign for sign, count in cuts.items() if count == most]
    if most and len(candidates) > 1:
        names = " and ".join(_DELIMITERS[sign] for sign in candidates)
        found = f"{names} cut the header into {most + 1} cells each, so the delimiter cannot be told"
        remedy = "Put column names that contain one of these signs between double quotes, or rename them."
        raise _not_a_table(str(path), [Problem(where=f"{path}, row 1", found=found, remedy=remedy)])
    return candidates[0]


def _records(path: Path, text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        found = f"the cells cannot be told apart: {error}"
        remedy = "Look for a double quote that is opened and not closed, near this line."
        raise _not_a_table(
            str(path), [Problem(where=f"{path}, line {reader.line_num}", found=found, remedy=remedy)]
        ) from None


def _check_table(
    source: str, header: Sequence[str], *, n_rows: int, rows: Sequence[tuple[int, Sequence[str]]] = ()
) -> None:
    problems = [_repeated_name(source, header, name) for name, count in Counter(header).items() if count > 1 and name]
    problems += _ragged(source, len(header), rows)
    if not header:
        problems.append(Problem(where=source, found="there are no columns", remedy="Pass a frame with the answers."))
    if n_rows == 0:
        found = "there is a header but not one row of answers"
        problems.append(Problem(where=source, found=found, remedy="Export the answers again, with their rows."))
    if problems:
        raise _not_a_table(source, problems)


def _repeated_name(source: str, header: Sequence[str], name: str) -> Problem:
    places = [position for position, other in enumerate(header, start=1) if other == name]
    return Problem(
        where=f"{source}, columns {listed(places)}",
        found=f"{len(places)} columns have the name {name!r}",
        remedy="Rename or delete all but one.",
    )


def _ragged(source: str, width: int, rows: Sequence[tuple[int, Sequence[str]]]) -> list[Problem]:
    odd = [(row, len(record)) for row, record in rows if len(record) != width]
    if not odd:
        return []
    counts = listed(f"row {row}: {counted(cells, 'cell')}" for row, cells in odd)
    return [
        Problem(
            where=f"{source}, {rows_listed([row for row, _ in odd])}",
            found=f"{counted(len(odd), 'row')} with more or fewer cells than the header's {width} ({counts})",
            remedy="Put cells that contain the delimiter between double quotes, or export the file again.",
        )
    ]


def _several_levels() -> Problem:
    found = "its rows or columns have names on several levels (a MultiIndex)"
    return Problem(where="DataFrame", found=found, remedy="Flatten them, for instance with reset_index().")


def _not_text(path: Path, where: str, found: str) -> InputFileError:
    return InputFileError(f"{path} is not UTF-8 text.", [Problem(where=where, found=found, remedy=_SAVE_AS_UTF8)])


def _not_a_table(source: str, problems: list[Problem]) -> InputFileError:
    return InputFileError(f"{source} does not hold a table of answers.", problems)
