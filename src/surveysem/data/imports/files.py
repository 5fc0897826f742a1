"""Files found, opened and told apart by their content, not by their name alone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias
from zipfile import BadZipFile, ZipFile

from surveysem.data.wording import closest
from surveysem.errors import InputFileError, Problem, UnsupportedError

FileKind: TypeAlias = Literal["text", "excel", "spss", "stata", "parquet"]
ENDINGS: dict[str, FileKind] = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".sav": "spss",
    ".zsav": "spss",
    ".dta": "stata",
    ".parquet": "parquet",
}
_NAMES: dict[FileKind, str] = {
    "text": "delimited text",
    "excel": "an Excel workbook (.xlsx)",
    "spss": "an SPSS file (.sav)",
    "stata": "a Stata file (.dta)",
    "parquet": "a Parquet file (.parquet)",
}
_STARTS: tuple[tuple[bytes, FileKind], ...] = (
    (b"$FL2", "spss"),
    (b"$FL3", "spss"),
    (b"<stata_dta>", "stata"),
    (b"PAR1", "parquet"),
)
_OLD_STATA = {bytes([version, order]) for version in (104, 105, 108, 110, 111, 113, 114, 115) for order in (1, 2)}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FOREIGN = (
    (b"%pdf", "a PDF document"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf", "a compressed archive (7z)"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "an XML file"),
)


class OpenedFile(NamedTuple):
    """A file's content and what kind of file it is."""

    content: bytes
    kind: FileKind


def open_file(path: Path) -> OpenedFile:
    """Content of a file of answers, its kind checked against its name.

    Parameters
    ----------
    path : pathlib.Path
        With one of the known endings.

    Raises
    ------
    InputFileError
        When there is no such file, it is a folder or empty, it is locked by a password, or its content is not what its
        name says.
    UnsupportedError
        When the ending is not known; those known are named.
    """
    named = _named_kind(path)
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise InputFileError(f"{path} could not be read.", [_unreadable(path, error)]) from None
    if not content:
        problem = Problem(where=str(path), found="the file is empty", remedy="Export the answers again.")
        raise InputFileError(f"{path} does not hold a table of answers.", [problem])
    _check_content(path, content, named)
    return OpenedFile(content, named)


def _named_kind(path: Path) -> FileKind:
    kind = ENDINGS.get(path.suffix.lower())
    if kind is not None or path.is_dir():
        return kind or "text"
    ending = f"a file ending in {path.suffix!r}" if path.suffix else "a file name without an ending"
    remedy = f"Read now: {', '.join(ENDINGS)}, and pandas DataFrames."
    if path.suffix.lower() in (".xls", ".ods", ".numbers"):
        remedy += " Open it in your spreadsheet program and save it as .xlsx or CSV."
    else:
        remedy += " Export the answers as CSV, or load the file with pandas and pass the DataFrame."
    raise UnsupportedError(
        f"{path} is of a kind that is not read.", [Problem(where=str(path), found=ending, remedy=remedy)]
    )


def _check_content(path: Path, content: bytes, named: FileKind) -> None:
    if content.startswith(_OLE):
        raise _refused(path, *_about_ole(content))
    foreign = next((name for start, name in _FOREIGN if content[:64].lstrip().lower().startswith(start)), "")
    if foreign:
        raise _refused(path, f"the file is {foreign}", f"{_export_again(path)}")
    found = _kind_of(path, content)
    if found is not None and found != named:
        endings = [ending for ending, kind in ENDINGS.items() if kind == found]
        remedy = f"Rename it so that it ends in {endings[0]}, or export it again as {path.suffix.lower()}."
        raise _refused(path, f"the file is {_NAMES[found]}, not {_NAMES[named]} as its name says", remedy)
    if found is None and named != "text":
        raise _refused(path, f"the content is not that of {_NAMES[named]}: damaged or misnamed", _export_again(path))


def _kind_of(path: Path, content: bytes) -> FileKind | None:
    """Kind told by the first bytes; None for text, which has no sign of its own."""
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    if content[:2] in _OLD_STATA and content[2:3] == b"\x01":
        return "stata"
    if content.startswith(b"PK\x03\x04"):
        return _kind_of_archive(path)
    return None


def _kind_of_archive(path: Path) -> FileKind:
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        found = "the file begins like a workbook but is damaged or cut off"
        raise _refused(path, found, _export_again(path)) from None
    if "xl/workbook.xml" in names or any(name.startswith("xl/workbook") for name in names):
        return "excel"
    if "mimetype" in names or "content.xml" in names:
        raise _refused(path, "the file is an OpenDocument file", "Save it as .xlsx or CSV.")
    found = "the file is a zip archive"
    raise _refused(path, found, "Unpack it and read the file inside that holds the answers.")


def _about_ole(content: bytes) -> tuple[str, str]:
    """What an OLE container is: an encrypted workbook, or one of Excel 97-2003."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return "the workbook is locked by a password", "Open it in Excel and save it without the password."
    return "the workbook is in the format of Excel 97-2003 (.xls)", "Save it in Excel as .xlsx or CSV."


def _export_again(path: Path) -> str:
    return f"Export the answers again as {path.suffix.lower()} and copy the whole file."


def _refused(path: Path, found: str, remedy: str) -> InputFileError:
    return InputFileError(f"{path} could not be read.", [Problem(where=str(path), found=found, remedy=remedy)])


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
