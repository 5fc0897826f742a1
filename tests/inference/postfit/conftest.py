"""Fits whose post-fit quantities lavaan's are stored for."""

from collections.abc import Callable
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import pandas as pd
import pytest

from surveysem.data import read_political_democracy
from surveysem.inference import Fit
from surveysem.modelling import sem

REFERENCE = Path(__file__).resolve().parents[2] / "reference"
FOLDER = REFERENCE / "lavaan_postfit"


def _holzinger() -> pd.DataFrame:
    path = Path(str(distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv")))
    return pd.read_csv(path, encoding="utf-8")


def _holzinger_missing() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "lavaan_missing" / "holzinger" / "data.csv", encoding="utf-8")


LOADINGS = {"group": "school", "group_equal": ("loadings",)}
SCALAR = {"group": "school", "group_equal": ("loadings", "intercepts")}
CASES = {
    "democracy": ("democracy", read_political_democracy, {}),
    "democracy_means": ("democracy", read_political_democracy, {"meanstructure": True}),
    "democracy_equal": ("democracy_equal", read_political_democracy, {}),
    "democracy_labelled": ("democracy_labelled", read_political_democracy, {}),
    "democracy_labelled_mlr": ("democracy_labelled", read_political_democracy, {"estimator": "MLR"}),
    "democracy_mlr": ("democracy", read_political_democracy, {"estimator": "MLR"}),
    "holzinger": ("holzinger", _holzinger, {}),
    "holzinger_std_lv": ("holzinger", _holzinger, {"std_lv": True}),
    "holzinger_missing": ("holzinger", _holzinger_missing, {"missing": "fiml"}),
    "second_order": ("second_order", _holzinger, {}),
    "covariates": ("covariates", _holzinger, {}),
    "observed_paths": ("observed_paths", read_political_democracy, {}),
    "configural": ("holzinger", _holzinger, {"group": "school"}),
    "metric": ("holzinger", _holzinger, LOADINGS),
    "scalar": ("holzinger", _holzinger, SCALAR),
    "configural_mlr": ("holzinger", _holzinger, {"group": "school", "estimator": "MLR"}),
    "metric_mlr": ("holzinger", _holzinger, LOADINGS | {"estimator": "MLR"}),
    "scalar_mlr": ("holzinger", _holzinger, SCALAR | {"estimator": "MLR"}),
}


def _models() -> dict[str, str]:
    sections = (FOLDER / "models.txt").read_text(encoding="utf-8").split("%%")[1:]
    parts = [section.split("\n", maxsplit=1) for section in sections]
    return {name.strip(): text for name, text in parts}


@cache
def _fit(case: str) -> Fit:
    model, data, options = CASES[case]
    return sem(_models()[model], data(), **options)


@pytest.fixture(scope="session")
def fit_of() -> Callable[[str], Fit]:
    """One case, fitted."""
    return _fit


@pytest.fixture(scope="session")
def stored() -> Callable[..., pd.DataFrame]:
    """Rows of a stored table whose columns have the given values."""

    def rows(name: str, **values: object) -> pd.DataFrame:
        table = pd.read_csv(FOLDER / f"{name}.csv", na_values=[""], keep_default_na=False)
        for column, value in values.items():
            table = table[table[column] == value]
        assert len(table), f"no rows {values} are stored in {name}.csv"
        return table

    return rows
