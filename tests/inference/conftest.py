"""Fits that several tests look at."""

from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.data import read_political_democracy
from surveysem.modelling import sem

DEMOCRACY = """
ind60 =~ x1 + x2 + x3
dem60 =~ y1 + l2*y2 + y3 + y4
dem65 =~ y5 + y6 + y7 + y8
dem60 ~ a*ind60
dem65 ~ c*ind60 + b*dem60
y1 ~~ y5
y2 ~~ y4 + y6
indirect := a*b
total := indirect + c
"""
MODELS = {
    "democracy": DEMOCRACY,
    "unit variances": "f =~ NA*y1 + y2 + y3; f ~~ 1*f; g =~ NA*y5 + y6 + y7; g ~~ 1*g; f ~~ g",
    "second order": "f =~ x1 + x2 + x3; g =~ y1 + y2 + y3; h =~ y5 + y6 + y7; top =~ f + g + h",
    "covariates": "f =~ y1 + y2 + y3; f ~ x1 + x2; y5 ~ f + x1",
    "non-recursive": "f =~ y1 + y2 + y3; g =~ y5 + y6 + y7; f ~ x1 + g; g ~ x2 + f",
}


GROUPED = {"group": "half", "group_equal": ["loadings", "intercepts"]}
FURTHER = {
    "means": ("f =~ y1 + y2 + y3; g =~ y5 + y6 + y7; g ~ f; f ~ 1; y1 ~ 0*1; g ~ x1", {"meanstructure": True}),
    "equal labels": ("f =~ y1 + a*y2 + b*y3 + y4; g =~ y5 + a*y6 + b*y7 + y8; y1 ~~ v*y1; y5 ~~ v*y5", {}),
    "linear constraints": ("f =~ y1 + a*y2 + b*y3 + y4; g =~ y5 + c*y6 + d*y7; a + b == c + d; c == 0.8*d", {}),
    "two groups": ("f =~ y1 + y2 + y3; g =~ y5 + y6 + y7; g ~ f", GROUPED),
    "incomplete rows": ("f =~ y1 + y2 + y3; g =~ y5 + y6 + y7; g ~ f + x1", {"missing": "fiml"}),
    "incomplete groups": ("f =~ y1 + y2 + y3; g =~ y5 + y6 + y7; g ~ f", {"missing": "fiml", **GROUPED}),
}


@pytest.fixture(scope="session")
def democracy() -> pd.DataFrame:
    """Bollen's data."""
    return read_political_democracy()


@pytest.fixture(scope="session")
def holzinger() -> pd.DataFrame:
    """Holzinger and Swineford's data as semopy ships them."""
    path = Path(str(distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv")))
    return pd.read_csv(path, encoding="utf-8")


@pytest.fixture(scope="session")
def democracy_fit(democracy):
    """Bollen's model, robust."""
    return sem(DEMOCRACY, democracy, estimator="MLR")


@pytest.fixture(scope="session", params=MODELS)
def any_fit(request, democracy):
    """Models of every kind, by maximum likelihood."""
    return sem(MODELS[request.param], democracy)


def _with_holes(frame: pd.DataFrame) -> pd.DataFrame:
    holes = frame.assign(half=np.where(np.arange(len(frame)) % 2, "odd", "even"))
    for shift, name in enumerate(("y2", "y5", "y7")):
        holes.loc[shift :: 9 + shift, name] = np.nan
    return holes


@pytest.fixture(scope="session", params=[*MODELS, *FURTHER])
def every_fit(request, democracy):
    """Models of every kind, with groups, means, constraints and incomplete rows too, by maximum likelihood."""
    if request.param in MODELS:
        return sem(MODELS[request.param], democracy)
    text, options = FURTHER[request.param]
    holes = _with_holes(democracy)
    return sem(text, holes if "missing" in options else democracy.assign(half=holes["half"]), **options)
