"""Where the bundled instruments and models lie, in a checkout and in an installed copy."""

from __future__ import annotations

from pathlib import Path

from surveysem.errors import InputFileError, Problem

_PACKAGE = Path(__file__).resolve().parent


def bundled_folder(kind: str) -> Path:
    """Folder that holds the bundled files of one kind.

    Parameters
    ----------
    kind : {"instruments", "models"}
        What is looked for.

    Returns
    -------
    pathlib.Path
        Inside the installed package, or beside ``src`` in a checkout.

    Examples
    --------
    >>> bundled_folder("models").name
    'models'
    """
    installed = _PACKAGE / "bundled" / kind
    return installed if installed.is_dir() else _PACKAGE.parents[1] / kind


def bundled_names(kind: str) -> tuple[str, ...]:
    """Names of the bundled files of one kind, sorted, without their ending."""
    return tuple(sorted(path.stem for path in bundled_folder(kind).glob("*.yaml")))


def find_file(kind: str, name_or_path: str | Path, *, beside: Path | None = None) -> Path:
    """Path of a bundled file by its name, or of a file of the user's own.

    Parameters
    ----------
    kind : {"instruments", "models"}
        What is looked for.
    name_or_path : str or pathlib.Path
        A bundled name such as ``"b2b_micro_influencer"``, or a path to a ``.yaml`` file.
    beside : pathlib.Path, optional
        File that names it: a folder *kind* next to that file's own is tried first, then the file's own folder.

    Raises
    ------
    InputFileError
        When there is no such file; the bundled names are listed.
    """
    given = Path(name_or_path)
    bases = [Path()] if beside is None else [beside.parent.parent / kind, beside.parent, Path()]
    names = [given] if given.suffix in {".yaml", ".yml"} else [given, given.with_name(f"{given.name}.yaml")]
    for base in bases:
        for name in names:
            if (base / name).is_file() and base / name != beside:
                return base / name
    if given.parent == Path() and given.stem in bundled_names(kind):
        return bundled_folder(kind) / f"{given.stem}.yaml"
    raise InputFileError(
        f"There is no file '{name_or_path}' for {kind}.",
        [
            Problem(
                where=str(name_or_path),
                found="no such file, and no bundled one of that name",
                remedy=f"Give the path of a .yaml file or one of: {', '.join(bundled_names(kind))}.",
            )
        ],
    )
