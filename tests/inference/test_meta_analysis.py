"""Random-effects meta-analysis against metafor, statsmodels and its own equations."""

from math import inf, isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from surveysem.errors import DataError, EstimationError, UnsupportedError
from surveysem.inference.meta_analysis import heterogeneity_variance, pool_effects, restricted_log_likelihood

METAFOR = Path(__file__).resolve().parents[1] / "reference" / "metafor"
NAMES = {"DL": "dersimonian_laird", "PM": "paule_mandel", "REML": "reml"}
SAME = (
    "estimate",
    "std_error",
    "ci_lower",
    "ci_upper",
    "statistic",
    "p_value",
    "tau_squared",
    "tau_squared_lower",
    "tau_squared_upper",
    "i_squared",
    "q",
    "q_p_value",
    "prediction_lower",
    "prediction_upper",
)
FITS = pd.read_csv(METAFOR / "fits.csv", encoding="utf-8")
STUDIES = pd.read_csv(METAFOR / "studies.csv", encoding="utf-8")


def _studies(name):
    rows = STUDIES[STUDIES["set"] == name]
    return rows["yi"].to_numpy(), np.sqrt(rows["vi"].to_numpy())


@pytest.mark.parametrize(
    "case", FITS.to_dict("records"), ids=lambda case: "-".join([case["set"], case["method"], case["test"]])
)
def test_metafor_gives_the_same(case):
    pooled = pool_effects(
        *_studies(case["set"]),
        heterogeneity=NAMES[case["method"]],
        interval="hartung_knapp" if case["test"] == "knha" else "normal",
    )
    assert pooled.n_studies == case["k"]
    assert pooled.df == (case["k"] - 1 if case["test"] == "knha" else inf)
    for name in SAME:
        found, told = getattr(pooled, name), case[name]
        assert (isnan(found) and isnan(told)) or found == pytest.approx(told, rel=1e-6, abs=1e-9), name


def test_published_vaccine_trials():
    """Trials of the BCG vaccine, as Viechtbauer (2010, section 4.1) prints them: four decimals."""
    pooled = pool_effects(*_studies("bcg"), interval="normal")
    found = (pooled.estimate, pooled.std_error, pooled.tau_squared, pooled.i_squared, pooled.q)
    assert found == pytest.approx((-0.7145, 0.1798, 0.3132, 0.9222, 152.2330), abs=5.1e-5)


@pytest.mark.parametrize(("method", "theirs"), [("dersimonian_laird", "dl"), ("paule_mandel", "pm")])
@pytest.mark.parametrize("name", ["bcg", "alike", "apart", "two"])
def test_statsmodels_gives_the_same(name, method, theirs):
    y, errors = _studies(name)
    other = combine_effects(y, errors**2, method_re=theirs, atol=1e-14)
    mine = pool_effects(y, errors, heterogeneity=method, interval="normal")
    assert mine.tau_squared == pytest.approx(max(other.tau2, 0.0), rel=1e-6, abs=1e-9)
    if mine.tau_squared > 0:
        assert mine.estimate == pytest.approx(other.mean_effect_re, rel=1e-6)
        assert mine.std_error == pytest.approx(other.sd_eff_w_re, rel=1e-6)


@pytest.mark.parametrize("name", ["bcg", "apart", "two"])
def test_reml_is_the_highest_point_of_its_likelihood(name):
    y, errors = _studies(name)
    best = heterogeneity_variance(y, errors**2, "reml")
    there = restricted_log_likelihood(y, errors**2, best)
    grid = [best * factor for factor in (0.0, 0.5, 0.9, 0.99, 1.01, 1.1, 2.0, 10.0)]
    assert all(restricted_log_likelihood(y, errors**2, value) < there for value in grid)


def test_weights_and_other_levels():
    pooled = pool_effects(*_studies("apart"))
    assert sum(pooled.weights) == pytest.approx(1.0)
    assert pooled.interval(0.95) == pytest.approx((pooled.ci_lower, pooled.ci_upper))
    narrow = pool_effects(*_studies("apart"), level=0.90)
    assert pooled.interval(0.90) == pytest.approx((narrow.ci_lower, narrow.ci_upper))


def test_intervals_cover_what_they_promise():
    """Five studies a time, 400 times: 95 % intervals of Hartung and Knapp; three binomial standard errors are .033."""
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(400):
        errors = rng.uniform(0.04, 0.09, 5)
        pooled = pool_effects(
            rng.normal(0.3, 0.1, 5) + rng.normal(0.0, errors), errors, heterogeneity="dersimonian_laird"
        )
        covered += pooled.ci_lower <= 0.3 <= pooled.ci_upper
    assert covered / 400 == pytest.approx(0.95, abs=0.033)


def test_what_cannot_be_pooled_is_refused():
    with pytest.raises(DataError, match="at least two"):
        pool_effects(np.array([0.1]), np.array([0.1]))
    with pytest.raises(DataError) as caught:
        pool_effects(np.array([0.1, np.nan, 0.3]), np.array([0.1, 0.1, 0.0]))
    assert [problem.where for problem in caught.value.problems] == ["study 2", "study 3"]
    with pytest.raises(UnsupportedError) as unknown:
        pool_effects(np.array([0.1, 0.2]), np.array([0.1, 0.1]), heterogeneity="ML", interval="wald")
    assert [problem.where for problem in unknown.value.problems] == ["heterogeneity", "interval"]
    with pytest.raises(EstimationError, match="equal"):
        pool_effects(np.array([0.2, 0.2]), np.array([0.1, 0.1]))
