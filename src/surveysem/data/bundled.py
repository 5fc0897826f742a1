"""Data sets that are installed along with a dependency, for examples and tests."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pandas as pd

from surveysem.data.marking import ATTRIBUTE
from surveysem.errors import InputFileError, Problem

_PACKAGE = "semopy"
_FILE = "semopy/examples/pd_data.csv"
_COLUMNS = (*(f"y{number}" for number in range(1, 9)), "x1", "x2", "x3")
_N_ROWS = 75


def read_political_democracy() -> pd.DataFrame:
    """Bollen's data on industrialisation and political democracy in 75 countries.

    Returns
    -------
    pandas.DataFrame, shape (75, 11)
        ``y1`` to ``y8`` (democracy in 1960 and 1965) and ``x1`` to ``x3`` (industrialisation in 1960).

    Raises
    ------
    InputFileError
        When the installed copy is absent or is not this data set.

    References
    ----------
    bollen_1989

    Examples
    --------
    >>> read_political_democracy().shape
    (75, 11)
    """
    path = _installed_file()
    try:
        frame = pd.read_csv(path, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise _unusable(path, f"it cannot be read ({error})") from None
    if not set(_COLUMNS) <= set(frame.columns) or len(frame) != _N_ROWS:
        raise _unusable(path, f"{len(frame)} rows with columns {', '.join(map(str, frame.columns))}")
    frame = frame.loc[:, list(_COLUMNS)].astype(float)
    frame.attrs[ATTRIBUTE] = {"source": "bundled data of Bollen (1989)"}
    return frame


def _installed_file() -> Path:
    try:
        return Path(str(distribution(_PACKAGE).locate_file(_FILE)))
    except PackageNotFoundError:
        raise _unusable(Path(_FILE), f"the package {_PACKAGE} is not installed") from None


def _unusable(path: Path, found: str) -> InputFileError:
    remedy = f"Install {_PACKAGE} again (it ships {_N_ROWS} rows with columns y1 to y8 and x1 to x3 in {_FILE})."
    return InputFileError(
        "The political democracy data are not available.", [Problem(where=str(path), found=found, remedy=remedy)]
    )
