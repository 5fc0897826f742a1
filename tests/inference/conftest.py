"""Fits that several tests look at."""

from importlib.metadata import distribution
from pathlib import Path

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
