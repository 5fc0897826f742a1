"""Reports written to disk: all of a report or nothing of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from matplotlib.figure import Figure

from surveysem.errors import InputFileError, Problem, UnsupportedError
from surveysem.report.content import ReportContent
from surveysem.report.document import Document
from surveysem.report.figures import paper_figures
from surveysem.report.narrative import build_document
from surveysem.report.render.html import render_html
from surveysem.report.render.markdown import FIGURE_FOLDER, render_markdown
from surveysem.report.render.pictures import png_bytes

FORMATS = ("html", "markdown")


def write_report(
    content: ReportContent, folder: str | Path, formats: Sequence[str] = ("html", "markdown")
) -> tuple[Path, ...]:
    """The report written into a folder.

    Everything is rendered before anything is written, and files take their place only when all are complete.
    Other files in the folder are left alone.

    Parameters
    ----------
    content : ReportContent
        Results of the analysis.
    folder : str or pathlib.Path
        Made if it does not exist.
    formats : sequence of {"html", "markdown"}
        What to write: ``report.html``; ``report.md`` with PNG files under ``figures``.

    Returns
    -------
    tuple of pathlib.Path
        The files written.

    Raises
    ------
    UnsupportedError
        For another format; those supported are named.
    InputFileError
        When the folder is a file or cannot be written.
    """
    _check_formats(formats)
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise _unwritable(target, "there is a file of that name")
    files = _render(build_document(content), paper_figures(content), formats)
    try:
        return _write_together(files, target)
    except OSError as error:
        raise _unwritable(Path(error.filename or target), error.strerror or str(error)) from None


def _check_formats(formats: Sequence[str]) -> None:
    supported = ", ".join(FORMATS)
    if isinstance(formats, str):
        raise UnsupportedError(f"formats={formats!r} is a word, not a sequence. Write formats=({formats!r},).")
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        found = ", ".join(map(repr, unknown)) or "nothing"
        raise UnsupportedError(f"A report cannot be written as {found}. Supported formats: {supported}.")


def _unwritable(path: Path, found: str) -> InputFileError:
    problem = Problem(where=str(path), found=found, remedy="Choose another folder, or one you may write to.")
    return InputFileError("The report could not be written; nothing was changed.", [problem])


def _render(document: Document, figures: Mapping[str, Figure], formats: Sequence[str]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    if "html" in formats:
        files["report.html"] = render_html(document, figures).encode("utf-8")
    if "markdown" in formats:
        files["report.md"] = render_markdown(document).encode("utf-8")
        files |= {f"{FIGURE_FOLDER}/{name}.png": png_bytes(figure) for name, figure in figures.items()}
    return files


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
