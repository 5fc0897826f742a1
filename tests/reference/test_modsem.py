"""Latent moderated structural equations against published values of modsem."""

import json
from pathlib import Path

import pandas as pd
import pytest

import surveysem as ss

VALUES = json.loads((Path(__file__).parent / "modsem" / "values.json").read_text(encoding="utf-8"))
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture(scope="module", params=VALUES)
def case(request):
    values = VALUES[request.param]
    path = SHARED / values["data"]
    if not path.is_file():
        pytest.skip(f"{values['data']} is not beside this checkout (../shared/data)")
    data = pd.read_csv(path, encoding="utf-8")
    return values, ss.sem(values["syntax"], data, interaction="lms"), data


def test_estimates_and_standard_errors(case):
    values, fit, _ = case
    rows = fit.estimates.set_index(fit.estimates.lhs + fit.estimates.op + fit.estimates.rhs)
    for name, (estimate, std_error) in values["estimates"].items():
        # Main effects are published to three digits; the interaction of oneInt to five.
        tolerance = 2e-4 if name == "Y~X:Z" else 6e-4
        assert rows.estimate[name] == pytest.approx(estimate, abs=tolerance), name
        if std_error is not None:
            assert rows.std_error[name] == pytest.approx(std_error, rel=0.03), name


def test_standardized_values_and_explained_variance(case):
    values, fit, _ = case
    rows = fit.estimates.set_index(fit.estimates.lhs + fit.estimates.op + fit.estimates.rhs)
    for name, value in values["standardized"].items():
        assert rows.std_all[name] == pytest.approx(value, abs=6e-4), name
    for name, value in values["r_squared"].items():
        assert fit.r_squared[name] == pytest.approx(value, abs=6e-4), name


def test_log_likelihoods_and_their_ratio(case):
    values, fit, data = case
    without = ss.sem(values["without"], data, meanstructure=True)
    assert fit.fit_indices["logl"] == pytest.approx(values["log_likelihood"], abs=0.006)
    assert without.fit_indices["logl"] == pytest.approx(values["log_likelihood_without"], abs=0.006)
    test = ss.compare(without, fit).iloc[1]
    assert test.df_diff == 1
    assert test.chisq_diff == pytest.approx(2.0 * (fit.fit_indices["logl"] - without.fit_indices["logl"]))
