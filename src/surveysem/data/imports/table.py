"""Raw cells with the row numbers a person sees, and what keeps rows and a header from being a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

from surveysem.data.wording import counted, listed, rows_listed
from surveysem.errors import InputFileError, Problem
from surveysem.findings import Finding

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
RAGGED_ROWS_LISTED = 1_000
"""Rows unlike the header that are counted: a file of more has another delimiter or header, and is read no further."""
_REPEATABLE = frozenset({"Complete?", "Survey Timestamp", "Survey Identifier"})
"""Columns REDCap adds once an instrument, under the same label."""


def _nothing() -> Mapping[str, Mapping[object, str]]:
    return MappingProxyType({})


def _no_cells() -> Mapping[str, frozenset[object]]:
    return MappingProxyType({})


def _no_texts() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True, eq=False)
class RawTable:
    """Cells as they stand in the source.

    Parameters
    ----------
    frame : pandas.DataFrame
        Raw cells (text, for a text file), indexed by ``row``: the number seen in a spreadsheet, where the header is
        row 1; the number of the case, for SPSS and Stata.
    source : str
        Path of the file, ``"DataFrame"``, or the name this package gave a frame it made.
    delimiter : str or None
        Sign between the cells of a text file; None for other sources.
    decimal_comma : bool
        Whether ``3,5`` may stand for 3.5: in files delimited by anything but commas.
    n_blank_lines : int
        Rows without any content, passed over; they keep their row number.
    kind : str
        What was read, in words; empty for a DataFrame.
    texts : Mapping of str to str
        What the source says about a column besides its name: the question's text.
    value_labels : Mapping of str to Mapping
        Label of each coded value, by column; from SPSS and Stata.
    missing : Mapping of str to frozenset
        Values the source itself declares missing, by column; from SPSS and Stata.
    findings : tuple of Finding
        What a reader must know about how the source was read.
    tool : str
        Survey tool whose export this is; ``"plain"`` if none is known.
    """

    frame: pd.DataFrame
    source: str
    delimiter: str | None = None
    decimal_comma: bool = False
    n_blank_lines: int = 0
    kind: str = ""
    texts: Mapping[str, str] = field(default_factory=_no_texts)
    value_labels: Mapping[str, Mapping[object, str]] = field(default_factory=_nothing)
    missing: Mapping[str, frozenset[object]] = field(default_factory=_no_cells)
    findings: tuple[Finding, ...] = ()
    tool: str = "plain"

    @property
    def delimiter_name(self) -> str:
        """The delimiter in a word; empty for other sources than text."""
        return DELIMITERS[self.delimiter] if self.delimiter else ""


def frame_of_rows(
    source: str, rows: Sequence[int], records: Sequence[Sequence[object]], *, sheet: str = ""
) -> pd.DataFrame:
    """Frame of a header and its rows, all of one width.

    Parameters
    ----------
    source : str
        Path of the file, for messages.
    rows : sequence of int, length n + 1
        Row numbers; the first is the header's.
    records : sequence of sequences, length n + 1
        Cells.
    sheet : str
        Name of the sheet, for messages.

    Raises
    ------
    InputFileError
        When names repeat, rows are wider or narrower than the header, or there are no rows.
    """
    where = f"{source}, sheet {sheet}" if sheet else source
    header = header_names(records[0])
    body = records[1:]
    check_table(where, header, n_rows=len(body), rows=rows[1:], records=body)
    cells = np.empty((len(body), len(header)), dtype=object)
    cells[:] = body
    index = pd.Index(np.asarray(rows[1:], dtype=np.int64), name="row")
    return pd.DataFrame(cells, columns=pd.Index(header, dtype=object), index=index, dtype=object, copy=False)


def header_names(cells: Sequence[object]) -> list[str]:
    """Names of columns: trimmed, numbered where there is none or a tool repeats its own."""
    names = ["" if cell is None else " ".join(str(cell).split()) for cell in cells]
    seen: Counter[str] = Counter()
    for position, name in enumerate(names, start=1):
        seen[name] += 1
        if not name:
            names[position - 1] = f"unnamed_{position}"
        elif name in _REPEATABLE and seen[name] > 1:
            names[position - 1] = f"{name} ({seen[name]})"
    return names


def check_table(
    source: str,
    header: Sequence[str],
    *,
    n_rows: int,
    rows: Sequence[int] = (),
    records: Sequence[Sequence[object]] = (),
) -> None:
    """Raise an :class:`InputFileError` that lists all that is wrong with a header and its rows."""
    problems = [_repeated_name(source, header, name) for name, count in Counter(header).items() if count > 1 and name]
    problems += _ragged(source, len(header), rows, records)
    if not header:
        problems.append(Problem(where=source, found="there are no columns", remedy="Pass a frame with the answers."))
    if n_rows == 0:
        found = "there is a header but not one row of answers"
        problems.append(Problem(where=source, found=found, remedy="Export the answers again, with their rows."))
    if problems:
        raise not_a_table(source, problems)


def not_a_table(source: str, problems: Sequence[Problem]) -> InputFileError:
    """The error of a source that holds no table."""
    return InputFileError(f"{source} does not hold a table of answers.", problems)


def empty_file(source: str) -> InputFileError:
    """The error of a file without content."""
    return not_a_table(source, [Problem(where=source, found="the file is empty", remedy="Export the answers again.")])


def _repeated_name(source: str, header: Sequence[str], name: str) -> Problem:
    places = [position for position, other in enumerate(header, start=1) if other == name]
    return Problem(
        where=f"{source}, columns {listed(places)}",
        found=f"{len(places)} columns have the name {name!r}",
        remedy="Rename or delete all but one.",
    )


def _ragged(source: str, width: int, rows: Sequence[int], records: Sequence[Sequence[object]]) -> list[Problem]:
    odd = [(row, len(record)) for row, record in zip(rows, records, strict=True) if len(record) != width]
    if not odd:
        return []
    more = len(odd) > RAGGED_ROWS_LISTED
    odd = odd[:RAGGED_ROWS_LISTED]
    n_rows = f"more than {len(odd):,} rows" if more else counted(len(odd), "row")
    counts = listed(f"row {row}: {counted(cells, 'cell')}" for row, cells in odd)
    return [
        Problem(
            where=f"{source}, {rows_listed([row for row, _ in odd])}",
            found=f"{n_rows} with more or fewer cells than the header's {width} ({counts})",
            remedy="Put cells that contain the delimiter between double quotes, or export the file again.",
        )
    ]
