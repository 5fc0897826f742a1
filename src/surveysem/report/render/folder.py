"""Files written into a folder: all of them or none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from surveysem.errors import InputFileError, Problem


def check_folder(target: Path, what: str) -> None:
    """Refuses a folder that is a file.

    Raises
    ------
    InputFileError
        When there is a file of that name.
    """
    if target.exists() and not target.is_dir():
        raise _unwritable(target, "there is a file of that name", what)


def write_together(files: Mapping[str, bytes], target: Path, what: str) -> tuple[Path, ...]:
    """Files by their path in a folder, which is made if it does not exist; other files in it are left alone.

    Raises
    ------
    InputFileError
        When something cannot be written; whatever stood there before still stands.
    """
    check_folder(target, what)
    try:
        return _write_together(files, target)
    except OSError as error:
        raise _unwritable(Path(error.filename or target), error.strerror or str(error), what) from None


def _unwritable(path: Path, found: str, what: str) -> InputFileError:
    problem = Problem(where=str(path), found=found, remedy="Choose another folder, or one you may write to.")
    return InputFileError(f"{what} could not be written; nothing was changed.", [problem])


def _write_together(files: Mapping[str, bytes], target: Path) -> tuple[Path, ...]:
    is_new = not target.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    with _scratch_folder(target.parent if is_new else target) as scratch:
        for name, content in files.items():
            path = scratch / "new" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if is_new:
            os.replace(scratch / "new", target)
        else:
            _move_into(scratch, list(files), target)
    return tuple(target / name for name in files)


@contextmanager
def _scratch_folder(parent: Path) -> Iterator[Path]:
    """A hidden folder on the same disk, so that moving from it cannot stop half way; removed at the end."""
    scratch = parent / f".surveysem-{uuid4().hex}"
    scratch.mkdir()
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _move_into(scratch: Path, names: Sequence[str], target: Path) -> None:
    """New files in place of old ones; when one cannot be moved, the old ones are put back."""
    moved: list[str] = []
    try:
        for name in names:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            _set_aside(target / name, scratch / "old" / name)
            moved.append(name)
            os.replace(scratch / "new" / name, target / name)
    except OSError:
        for name in moved:
            (target / name).unlink(missing_ok=True)
            _set_aside(scratch / "old" / name, target / name)
        raise


def _set_aside(path: Path, elsewhere: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(21, "a folder stands where a file of the report belongs", str(path))
    if path.exists():
        elsewhere.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, elsewhere)
