"""Files the commands write."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pandas as pd

from surveysem.errors import InputFileError, Problem


def write_table(frame: pd.DataFrame, path: Path, *, force: bool) -> None:
    """A frame as a UTF-8 CSV file, whole or not at all.

    Raises
    ------
    InputFileError
        When the file exists and may not be replaced, or cannot be written.
    """
    if path.exists() and not force:
        raise _refused(path, "there is a file or folder of that name already", "Choose another name, or add --force.")
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=".surveysem-", suffix=".csv", delete=False
        ) as file:
            frame.to_csv(file, index=False)
        os.replace(file.name, path)
    except OSError as error:
        raise _refused(path, error.strerror or str(error), "Choose a folder that exists and may be written.") from None


def _refused(path: Path, found: str, remedy: str) -> InputFileError:
    return InputFileError(f"{path} was not written.", [Problem(where=str(path), found=found, remedy=remedy)])
