"""Reference cases: their models, data, stored numbers, and R to make them anew."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from surveysem.data import product_indicators, read_political_democracy
from surveysem.inference import Fit
from surveysem.modelling import sem
from surveysem.specification import Pairs, product_pairs

LAVAAN = Path(__file__).parent / "lavaan"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def _shared(name: str) -> pd.DataFrame:
    path = SHARED / name
    if not path.is_file():
        pytest.skip(f"{name} is not beside this checkout (../shared/data)")
    return pd.read_csv(path, encoding="utf-8")


def _holzinger() -> pd.DataFrame:
    path = Path(str(distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv")))
    return pd.read_csv(path, encoding="utf-8")


def _holzinger_missing() -> pd.DataFrame:
    """About one value in ten left out, by the rule of ``delete_values`` in ``reference.R``."""
    frame = _holzinger()
    row = np.arange(1, len(frame) + 1)
    for j in range(1, 10):
        frame.loc[(7 * row**2 + 31 * row * j + 13 * j) % 101 < 10, f"x{j}"] = np.nan
    return frame


def _holzinger_clusters() -> pd.DataFrame:
    frame = _holzinger()
    return frame.assign(cluster=frame["id"] % 40)


def _holzinger_missing_clusters() -> pd.DataFrame:
    frame = _holzinger_missing()
    return frame.assign(cluster=frame["id"] % 40)


def _with_products(name: str, x: list[str], z: list[str], pairs: Pairs) -> pd.DataFrame:
    frame = _shared(name)
    return pd.concat([frame, product_indicators(frame, product_pairs(x, z, pairs))], axis=1)


def _one_int(pairs: Pairs) -> pd.DataFrame:
    return _with_products("oneInt.csv", ["x1", "x2", "x3"], ["z1", "z2", "z3"], pairs)


DATA: dict[str, Callable[[], pd.DataFrame]] = {
    "clusters": _holzinger_clusters,
    "clusters_covariates": _holzinger_clusters,
    "clusters_fiml": _holzinger_missing_clusters,
    "clusters_fiml_covariates": _holzinger_missing_clusters,
    "clusters_groups": _holzinger_clusters,
    "clusters_huber_white": _holzinger_clusters,
    "covariates": _holzinger,
    "covariates_groups_satorra_bentler": _holzinger,
    "covariates_satorra_bentler": _holzinger,
    "defined_quantities": read_political_democracy,
    "effects_by_group": _holzinger_missing,
    "equal_labels": read_political_democracy,
    "fiml": _holzinger_missing,
    "fiml_covariates": _holzinger_missing,
    "fiml_groups": _holzinger_missing,
    "groups_configural": _holzinger,
    "groups_intercepts": _holzinger,
    "groups_loadings": _holzinger,
    "groups_partial": _holzinger,
    "groups_regressions": _holzinger,
    "groups_residuals": _holzinger,
    "growth": read_political_democracy,
    "holzinger": _holzinger,
    "holzinger_correlated_residuals": _holzinger,
    "holzinger_cross_loading": _holzinger,
    "holzinger_second_order": _holzinger,
    "holzinger_std_lv": _holzinger,
    "holzinger_structural_std_lv": _holzinger,
    "influencer": lambda: _shared("influencer_data.csv"),
    "labelled_expressions": _holzinger,
    "linear_constraints": read_political_democracy,
    "mean_structure": read_political_democracy,
    "nonlinear_constraints": _holzinger,
    "nonlinear_constraints_groups": _holzinger,
    "non_recursive": read_political_democracy,
    "observed_outcome": _holzinger,
    "observed_paths": read_political_democracy,
    "one_int_all_pairs": lambda: _one_int("all"),
    "one_int_matched": lambda: _one_int("matched"),
    "political_democracy": read_political_democracy,
    "random_covariates": _holzinger,
    "satorra_bentler": _holzinger,
    "saturated": _holzinger,
    "saturated_paths": _holzinger,
    "second_order_std_lv": _holzinger,
    "single_indicator": _holzinger,
    "start_and_fixed": _holzinger,
    "tpb_all_pairs": lambda: _with_products("TPB.csv", ["int1", "int2", "int3"], ["pbc1", "pbc2", "pbc3"], "all"),
}
STORED = {name: pd.read_csv(LAVAAN / name / "estimates.csv", keep_default_na=False) for name in DATA}
STRONG = ["loadings", "intercepts"]
OPTIONS: dict[str, dict[str, Any]] = {
    "clusters": {"cluster": "cluster"},
    "clusters_covariates": {"cluster": "cluster"},
    "clusters_fiml": {"cluster": "cluster", "missing": "fiml"},
    "clusters_fiml_covariates": {"cluster": "cluster", "missing": "fiml"},
    "clusters_groups": {"cluster": "cluster", "group": "school", "group_equal": ["loadings"]},
    "clusters_huber_white": {"cluster": "cluster"},
    "covariates_groups_satorra_bentler": {"group": "school", "group_equal": ["loadings", "intercepts"]},
    "effects_by_group": {"missing": "fiml", "group": "school", "group_equal": [*STRONG, "residuals"]},
    "fiml": {"missing": "fiml"},
    "fiml_covariates": {"missing": "fiml"},
    "fiml_groups": {"missing": "fiml", "group": "school", "group_equal": STRONG},
    "groups_configural": {"group": "school"},
    "groups_intercepts": {"group": "school", "group_equal": STRONG},
    "groups_loadings": {"group": "school", "group_equal": ["loadings"]},
    "groups_partial": {"group": "school", "group_equal": STRONG, "group_partial": ["x3~1", "x7~1"]},
    "nonlinear_constraints_groups": {"group": "school"},
    "groups_regressions": {"group": "school", "group_equal": ["loadings", "regressions"]},
    "groups_residuals": {"group": "school", "group_equal": [*STRONG, "residuals"]},
    **{name: {"std_lv": True} for name in DATA if name.endswith("std_lv")},
}
"""What :func:`sem` is told besides the model, as make.R tells it to lavaan."""

BEYOND_SEMOPY = {"equal_labels", "growth", "linear_constraints", "mean_structure", "nonlinear_constraints"} | {
    name for name, options in OPTIONS.items() if set(options) - {"std_lv"}
}
RUNS = [(name, estimator, "native") for name, table in STORED.items() for estimator in table["estimator"].unique()]
# Estimates do not depend on which standard errors are wanted: semopy is asked once a model.
RUNS += [(name, table["estimator"].iloc[0], "semopy") for name, table in STORED.items() if name not in BEYOND_SEMOPY]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A model, our fit of it, and lavaan's numbers."""

    name: str
    estimator: str
    fit: Fit
    estimates: pd.DataFrame
    measures: pd.Series


_FITS: dict[tuple[str, str, str], Fit] = {}


def _our_fit(name: str, estimator: str, engine: str) -> Fit:
    key = (name, estimator, engine)
    if key not in _FITS:
        syntax = (LAVAAN / name / "model.txt").read_text(encoding="utf-8")
        _FITS[key] = sem(syntax, DATA[name](), estimator=estimator, engine=engine, **OPTIONS.get(name, {}))
    return _FITS[key]


def reference(name: str, estimator: str, engine: str = "native") -> Reference:
    """One stored run and our fit of the same model."""
    estimates = STORED[name][STORED[name]["estimator"] == estimator].drop(columns="estimator")
    numeric = [column for column in estimates.columns if column not in ("lhs", "op", "rhs", "label")]
    estimates[numeric] = estimates[numeric].apply(pd.to_numeric)
    fit = pd.read_csv(LAVAAN / name / "fit.csv", dtype=str)
    fit = fit[(fit["estimator"] == estimator) & (fit["measure"] != "lavaan.version")]
    measures = fit.set_index("measure")["value"].astype(float)
    fitted = _our_fit(name, estimator, engine)
    return Reference(name=name, estimator=estimator, fit=fitted, estimates=estimates, measures=measures)


@pytest.fixture(params=RUNS, ids="-".join)
def run(request) -> Reference:
    """Every stored run in turn."""
    return reference(*request.param)


@pytest.fixture
def reference_of() -> Callable[[str, str], Reference]:
    """One stored run by name."""
    return reference


@pytest.fixture(scope="session")
def rscript() -> Callable[..., str]:
    """Runs Rscript and returns what it prints; skips where R or lavaan is not installed."""
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("R is not installed")
    if subprocess.run([program, "-e", "library(lavaan)"], capture_output=True, check=False).returncode:
        pytest.skip("the R package lavaan is not installed")

    def run(*arguments: str, folder: Path) -> str:
        done = subprocess.run(
            [program, *arguments], cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def holzinger() -> pd.DataFrame:
    """Holzinger and Swineford's data as semopy ships them."""
    return _holzinger()


@pytest.fixture
def frame_of() -> Callable[[str], pd.DataFrame]:
    """The data of one case."""
    return lambda name: DATA[name]()


@pytest.fixture
def lavaan_folder() -> Path:
    """Where the stored cases are."""
    return LAVAAN
