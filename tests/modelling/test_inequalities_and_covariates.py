"""Inequality constraints, and robust inference beside observed exogenous variables, against lavaan 0.6-14.

The numbers are those of inequalities_and_covariates.R beside this file.
"""

from importlib.metadata import distribution

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import UnsupportedError

MODEL = "visual =~ x1 + b*x2 + c*x3; textual =~ x4 + x5 + x6"
COVARIATES = "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; visual ~ ageyr + sex; textual ~ sex + visual"


@pytest.fixture(scope="module")
def pupils():
    return pd.read_csv(distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv"))


# lavaan's optimiser leaves 1e-5 in constrained estimates; its χ² is printed to three digits
@pytest.mark.parametrize(
    ("constraints", "chi_square", "df", "estimates", "errors", "boundaries"),
    [
        ("b > 0", 24.361, 8, (0.5589544, 0.7079415), (0.1054530, 0.1179188), 0),
        ("b > c", 26.262, 8, (0.6487108, 0.6487108), (0.09700992, 0.09700992), 1),
        ("b > c; c > 0.9", 30.043, 8, (0.9, 0.9), (0.0, 0.0), 2),
        ("b < 0.4; c == 2*b", 29.456, 9, (0.3563831, 0.7127663), (0.06123756, 0.12247512), 0),
    ],
)
def test_inequalities_are_lavaans(pupils, constraints, chi_square, df, estimates, errors, boundaries):
    fit = ss.cfa(f"{MODEL}; {constraints}", pupils)
    rows = fit.estimates[fit.estimates["label"].isin(["b", "c"])]
    assert fit.fit_indices["chisq"] == pytest.approx(chi_square, abs=6e-4)
    assert fit.fit_indices["df"] == df
    np.testing.assert_allclose(rows["estimate"], estimates, atol=2e-5)
    np.testing.assert_allclose(rows["std_error"], errors, atol=2e-5)
    assert sum("boundary" in finding.message for finding in fit.findings) == boundaries


def test_an_inequality_that_does_not_bind_changes_nothing(pupils):
    free, bounded = ss.cfa(MODEL, pupils), ss.cfa(f"{MODEL}; b < 3; c > 0", pupils)
    np.testing.assert_allclose(free.estimates["estimate"], bounded.estimates["estimate"], rtol=1e-12)


def test_contradictions_are_refused(pupils):
    with pytest.raises(ss.SurveySEMError, match=r"contradict|turn"):
        ss.cfa(f"{MODEL}; b > 2; b < 1", pupils)


@pytest.mark.parametrize("meanstructure", [False, True])
def test_robust_inference_with_covariates_is_lavaans(pupils, meanstructure):
    fit = ss.sem(COVARIATES, pupils, estimator="MLR", meanstructure=meanstructure)
    expected = {
        "chisq": 46.5742613,
        "chisq.scaled": 47.23177,
        "chisq.scaling.factor": 0.986079,
        "baseline.chisq.scaling.factor": 1.05271875,
        "cfi.robust": 0.9559685,
        "rmsea.robust": 0.07632731,
        "rmsea.ci.lower.scaled": 0.0511190,
        "logl": -2512.95018,
    }
    for name, value in expected.items():
        assert fit.fit_indices[name] == pytest.approx(value, rel=2e-6), name
    paths = fit.estimates[fit.estimates["op"] == "~"]
    np.testing.assert_allclose(paths["estimate"], [-0.094586, -0.347455, 0.335600, 0.578970], atol=2e-6)
    np.testing.assert_allclose(paths["std_error"], [0.063069, 0.123994, 0.126364, 0.109092], atol=2e-6)


@pytest.mark.parametrize("estimator", ["GLS", "WLSMV"])
def test_least_squares_of_continuous_variables_is_refused_beside_covariates(pupils, estimator):
    with pytest.raises(UnsupportedError, match="observed exogenous variables"):
        ss.sem(COVARIATES, pupils, estimator=estimator)
