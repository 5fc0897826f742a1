"""Files the commands write."""

from __future__ import annotations

from pathlib import Path

from surveysem.errors import InputFileError, Problem


def refuse_existing(path: Path, *, force: bool) -> None:
    """Refuse a path that is taken, unless it may be replaced, before any work is done.

    Raises
    ------
    InputFileError
        When there is a file or folder of that name; it tells of ``--force``.
    """
    if path.exists() and not force:
        found = "there is a file or folder of that name already"
        problem = Problem(where=str(path), found=found, remedy="Choose another name, or add --force.")
        raise InputFileError(f"{path} was not written.", [problem])
