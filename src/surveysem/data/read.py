"""Tables of raw answers, from a file or a DataFrame, with the row numbers a person sees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from surveysem.data.imports.delimited import read_delimited
from surveysem.data.imports.detection import as_export
from surveysem.data.imports.excel import read_excel
from surveysem.data.imports.files import open_file
from surveysem.data.imports.parquet import read_parquet
from surveysem.data.imports.settings import ImportSettings
from surveysem.data.imports.statistical import read_spss, read_stata
from surveysem.data.imports.table import RawTable, check_table, not_a_table
from surveysem.data.marking import attribute
from surveysem.errors import Problem, UnsupportedError

__all__ = ["RawTable", "read_table"]


def read_table(
    source: str | Path | pd.DataFrame,
    *,
    settings: ImportSettings = ImportSettings(),  # noqa: B008 - frozen
) -> RawTable:
    """Raw cells of a file or a DataFrame.

    Parameters
    ----------
    source : str, pathlib.Path or pandas.DataFrame
        A file: text delimited by commas, semicolons, tabs or vertical bars (.csv, .tsv, .txt), an Excel workbook
        (.xlsx), an SPSS (.sav, .zsav), Stata (.dta) or Parquet file; or a frame. A frame whose index is named ``row``
        keeps it; otherwise its rows are numbered from 2, as in a spreadsheet with a header.
    settings : ImportSettings
        Survey tool, sheet and encoding, where they are not to be detected.

    Raises
    ------
    InputFileError
        When there is no such file, it cannot be read, or its cells do not make a table.
    UnsupportedError
        When the file is of another kind; the kinds read are named.

    Examples
    --------
    >>> read_table(pd.DataFrame({"cred_1": [5, 7]})).frame["cred_1"].to_dict()
    {2: 5, 3: 7}
    """
    if isinstance(source, pd.DataFrame):
        return as_export(_of_frame(source), settings.format)
    if not isinstance(source, str | Path):
        raise UnsupportedError(
            "Answers are read from a file or a DataFrame.",
            [Problem(where="source", found=f"a {type(source).__name__}", remedy="Give a path or a pandas DataFrame.")],
        )
    return as_export(_of_file(Path(source), settings), settings.format)


def _of_file(path: Path, settings: ImportSettings) -> RawTable:
    opened = open_file(path)
    if opened.kind == "excel":
        return read_excel(opened.content, str(path), sheet=settings.sheet)
    if opened.kind == "spss":
        return read_spss(path, str(path))
    if opened.kind == "stata":
        return read_stata(path, str(path))
    if opened.kind == "parquet":
        table = _of_frame(read_parquet(opened.content, str(path)))
        return replace(table, source=str(path), kind="Parquet file")
    return read_delimited(opened.content, str(path), encoding=settings.encoding)


def _of_frame(frame: pd.DataFrame) -> RawTable:
    if frame.columns.nlevels > 1 or frame.index.nlevels > 1:
        found = "its rows or columns have names on several levels (a MultiIndex)"
        remedy = "Flatten them, for instance with reset_index()."
        raise not_a_table("DataFrame", [Problem(where="DataFrame", found=found, remedy=remedy)])
    check_table("DataFrame", [str(name).strip() for name in frame.columns], n_rows=len(frame))
    table = frame.rename(columns=lambda name: str(name).strip())
    if table.index.name != "row" or not pd.api.types.is_integer_dtype(table.index) or not table.index.is_unique:
        table.index = pd.RangeIndex(2, len(table) + 2, name="row")
    return RawTable(frame=table, source=str(attribute(frame).get("source", "DataFrame")))
