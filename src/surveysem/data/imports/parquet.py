"""Parquet files."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from io import BytesIO

import pandas as pd

from surveysem.errors import InputFileError, Problem, UnsupportedError


def read_parquet(content: bytes, source: str) -> pd.DataFrame:
    """Frame stored in a Parquet file.

    Parameters
    ----------
    content : bytes
        The file.
    source : str
        Its path, for messages.

    Raises
    ------
    InputFileError
        When the file is damaged.
    UnsupportedError
        When pyarrow is not installed.
    """
    check_pyarrow(source)
    try:
        frame = import_module("pyarrow.parquet").read_table(BytesIO(content)).to_pandas()
    except Exception as error:  # the parser raises whatever the damage leads it to
        found = f"the Parquet file is damaged or cut off ({type(error).__name__})"
        raise InputFileError(
            f"{source} could not be read.",
            [Problem(where=source, found=found, remedy="Write it again, and copy the whole file.")],
        ) from None
    return pd.DataFrame(frame)


def check_pyarrow(source: str) -> None:
    """Raise an :class:`UnsupportedError` when the package that knows Parquet is not installed."""
    if find_spec("pyarrow") is None:
        remedy = 'Install it with: pip install "surveysem[parquet]"; or use CSV.'
        raise UnsupportedError(
            "Parquet files need the package pyarrow.",
            [Problem(where=source, found="pyarrow is not installed", remedy=remedy)],
        )
