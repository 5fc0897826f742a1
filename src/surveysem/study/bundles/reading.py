"""Bundles read from a folder or a ZIP file, without writing anything and without believing what they say."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from surveysem.errors import InputFileError, Problem
from surveysem.study.bundles.bundle import FORMAT, FORMAT_VERSION, MANIFEST, table_path
from surveysem.study.read import read_study_files
from surveysem.study.reduced import reduced
from surveysem.study.study import Study

_LARGEST = 500_000_000  # bytes of one file, unpacked
_FACTS = ("study", "fingerprint", "settings", "data", "models", "tables", "files", "software")


@dataclass(frozen=True, kw_only=True, eq=False)
class Bundle:
    """A bundle whose files are those its manifest lists.

    Parameters
    ----------
    path : pathlib.Path
        Folder or ZIP file.
    facts : Mapping of str to Any
        The manifest, ``bundle.json``.
    files : Mapping of str to bytes
        The files it lists, by path.
    """

    path: Path
    facts: Mapping[str, Any]
    files: Mapping[str, bytes]

    def table(self, name: str) -> pd.DataFrame:
        """A table of results by name, such as ``structural/parameters``."""
        return self.frame(table_path(name))

    def frame(self, name: str, *, index: bool = False) -> pd.DataFrame:
        """A CSV file as a table.

        Raises
        ------
        InputFileError
            When the bundle has no such file, or it is no table.
        """
        if name not in self.files:
            raise self.refused(name, "the file is missing", "Use the bundle as it was written.")
        try:
            return pd.read_csv(
                io.BytesIO(self.files[name]),
                index_col=0 if index else None,
                encoding="utf-8",
            )
        except (ValueError, UnicodeDecodeError) as error:
            raise self.refused(name, f"no table can be read from it ({error})", "Use the bundle as written.") from None

    def text(self, name: str) -> str:
        """A text file."""
        if name not in self.files:
            raise self.refused(name, "the file is missing", "Use the bundle as it was written.")
        return self.files[name].decode("utf-8")

    def study(self) -> Study:
        """The study, read from the bundle's own files; without constructs that the answers did not measure.

        Raises
        ------
        InputFileError
            When its files do not have the fingerprint of the manifest.
        """
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("study.yaml", "instrument.yaml")]
            for path in paths:
                path.write_text(self.text(path.name), encoding="utf-8", newline="\n")
            study = read_study_files(*paths)
        if study.fingerprint != self.facts["fingerprint"]:
            found = "study and instrument do not have the fingerprint under which the results were computed"
            raise self.refused(MANIFEST, found, "Ask for the bundle as it was written.")
        absent = self.facts["settings"].get("not_measured")
        return reduced(study, absent) if absent else study

    def refused(self, where: str, found: str, remedy: str) -> InputFileError:
        """The error for something wrong with one of the files."""
        problem = Problem(where=f"{self.path}, {where}", found=found, remedy=remedy)
        return InputFileError(f"{self.path} cannot be used as a bundle.", [problem])


def read_bundle(path: str | Path) -> Bundle:
    """A bundle, refused unless every file it lists is there and unchanged.

    Parameters
    ----------
    path : str or pathlib.Path
        Folder or ZIP file that :func:`~surveysem.study.bundles.bundle.write_bundle` wrote. Files that its manifest does
        not list are not looked at, and nothing is unpacked to disk.

    Raises
    ------
    InputFileError
        When it is no bundle, one of another version, or files are missing, changed or lie outside it.
    """
    place = Path(path)
    if not place.exists():
        raise _no_bundle(place, "no such file or folder", "Give the path of a folder or .zip that write_bundle made.")
    if place.is_dir():
        return _checked(place, lambda name: _from_folder(place, name))
    if not zipfile.is_zipfile(place):
        raise _no_bundle(place, "neither a folder nor a ZIP file", "Give what write_bundle made.")
    try:
        with zipfile.ZipFile(place) as archive:
            return _checked(place, lambda name: _from_archive(archive, name))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise _no_bundle(place, f"the ZIP file cannot be read ({error})", "Copy it again.") from None


def _from_folder(folder: Path, name: str) -> bytes | None:
    path = folder / name
    if not path.is_file() or folder.resolve() not in path.resolve().parents:
        return None
    return path.read_bytes() if path.stat().st_size <= _LARGEST else None


def _from_archive(archive: zipfile.ZipFile, name: str) -> bytes | None:
    found = [entry for entry in archive.infolist() if entry.filename == name]
    return archive.read(found[0]) if len(found) == 1 and found[0].file_size <= _LARGEST else None


def _checked(place: Path, read: Callable[[str], bytes | None]) -> Bundle:
    facts = _manifest(place, read(MANIFEST))
    problems: list[Problem] = []
    files: dict[str, bytes] = {}
    for name, expected in facts["files"].items():
        content = read(name) if is_inside(name) else None
        if not is_inside(name):
            problems.append(_problem(place, name, "its path leads out of the bundle", "Do not trust this bundle."))
        elif content is None:
            problems.append(_problem(place, name, "the file is missing or too large", "Copy the bundle again."))
        elif hashlib.sha256(content).hexdigest() != expected:
            problems.append(_problem(place, name, "it was changed after the bundle was written", "Restore it."))
        else:
            files[name] = content
    if problems:
        raise InputFileError(f"{place} is not the bundle that was written.", problems)
    return Bundle(path=place, facts=facts, files=files)


def _manifest(place: Path, content: bytes | None) -> Mapping[str, Any]:
    if content is None:
        raise _no_bundle(place, f"there is no {MANIFEST} in it", "Give what write_bundle made.")
    try:
        facts = json.loads(content.decode("utf-8"))
    except ValueError as error:
        raise _no_bundle(place, f"{MANIFEST} is not JSON ({error})", "Copy the bundle again.") from None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise _no_bundle(place, f"{MANIFEST} is not that of a surveysem bundle", "Give what write_bundle made.")
    if facts.get("version") != FORMAT_VERSION:
        found = f"version {facts.get('version')!r} of the format; this surveysem reads version {FORMAT_VERSION}"
        raise _no_bundle(place, found, "Use the surveysem that the bundle's README names.")
    lacking = [name for name in _FACTS if name not in facts]
    wrong = [name for name in ("settings", "data", "models", "files") if not isinstance(facts.get(name, {}), dict)]
    if lacking or wrong:
        names = ", ".join(lacking + wrong)
        raise _no_bundle(place, f"{MANIFEST} lacks or garbles {names}", "Copy the bundle again.")
    return facts


def is_inside(name: str) -> bool:
    r"""Whether a path in a bundle stays inside it.

    Examples
    --------
    >>> [is_inside(name) for name in ("models/a.csv", "../a.csv", "/a.csv", "C:\\a.csv", "a/../../b")]
    [True, False, False, False, False]
    """
    parts = name.split("/")
    return all(part not in ("", ".", "..") for part in parts) and not set(name) & set("\\:\0")


def _problem(place: Path, name: str, found: str, remedy: str) -> Problem:
    return Problem(where=f"{place}, {name}", found=found, remedy=remedy)


def _no_bundle(place: Path, found: str, remedy: str) -> InputFileError:
    return InputFileError(f"{place} is no bundle.", [Problem(where=str(place), found=found, remedy=remedy)])
