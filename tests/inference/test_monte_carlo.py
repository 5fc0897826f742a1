"""Monte Carlo intervals of defined quantities."""

import numpy as np
import pytest

from surveysem.errors import UnsupportedError
from surveysem.inference.monte_carlo import monte_carlo_intervals
from surveysem.modelling import sem

MEDIATION = "y1 ~ a*x1; y5 ~ b*y1 + c*x1; indirect := a*b; total := a*b + c; root := sqrt(a - 100)"


@pytest.fixture(scope="module")
def fit(democracy):
    return sem(MEDIATION, democracy)


def test_quantiles_are_those_of_the_product_of_two_normal_estimates(fit):
    table = monte_carlo_intervals(fit, 200_000, seed=1).set_index("lhs")
    paths = fit.estimates.set_index("label").loc[["a", "b"]]
    assert fit.parameter_covariance[0, 1] == pytest.approx(0, abs=1e-8)
    draws = np.random.default_rng(2).normal(paths["estimate"], paths["std_error"], (200_000, 2)).prod(axis=1)
    expected = np.quantile(draws, [0.025, 0.975])
    # 1 % of the width: Monte Carlo error of extreme quantiles of two sets of 200 000 draws
    width = expected[1] - expected[0]
    assert table.loc["indirect", "ci_lower"] == pytest.approx(expected[0], abs=0.01 * width)
    assert table.loc["indirect", "ci_upper"] == pytest.approx(expected[1], abs=0.01 * width)
    assert table.loc["indirect", "std_error"] == pytest.approx(draws.std(), rel=0.01)


def test_a_sum_of_normal_estimates_has_the_wald_interval(democracy):
    fit = sem("y1 ~ a*x1; y5 ~ b*y1 + c*x1; sum := b + c", democracy)
    row = monte_carlo_intervals(fit, 200_000, seed=1, level=0.9).iloc[0]
    wald = fit.estimates[fit.estimates["lhs"] == "sum"].iloc[0]
    assert row["estimate"] == wald["estimate"]
    assert row["std_error"] == pytest.approx(wald["std_error"], rel=0.01)
    assert row["ci_upper"] - row["ci_lower"] == pytest.approx(2 * 1.6449 * wald["std_error"], rel=0.01)
    assert row["p_value"] == pytest.approx(wald["p_value"], abs=0.01)


def test_definitions_of_definitions_and_fixed_labels_are_followed(democracy):
    fit = sem("y1 ~ a*x1; y5 ~ b*y1; y6 ~ k*y1; y6 ~ 2*x1; twice := 2*a; again := twice + a - twice", democracy)
    table = monte_carlo_intervals(fit, 2000, seed=3).set_index("lhs")
    label_a = fit.estimates.set_index("label").loc["a"]
    assert table.loc["again", "estimate"] == pytest.approx(label_a["estimate"])
    assert table.loc["twice", "ci_lower"] == pytest.approx(2 * table.loc["again", "ci_lower"], rel=1e-9)


def test_quantities_that_are_no_real_numbers_are_left_open(fit):
    row = monte_carlo_intervals(fit, 500, seed=1).set_index("lhs").loc["root"]
    assert row["n_draws"] == 0
    assert np.isnan([row["estimate"], row["ci_lower"], row["p_value"]]).all()


def test_constraints_hold_in_the_draws(democracy):
    fit = sem("y1 ~ a*x1; y5 ~ b*x1; a == b; difference := a - b; both := a + b", democracy)
    table = monte_carlo_intervals(fit, 2000, seed=3).set_index("lhs")
    assert table.loc["difference", "std_error"] == pytest.approx(0, abs=1e-6)
    assert table.loc["both", "std_error"] == pytest.approx(
        fit.estimates.set_index("lhs").loc["both", "std_error"], rel=0.1
    )


def test_the_seed_decides(fit):
    first, again, other = (monte_carlo_intervals(fit, 1000, seed=seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_what_makes_no_sense_is_refused(democracy, fit):
    with pytest.raises(UnsupportedError, match="this model has none"):
        monte_carlo_intervals(sem("y1 ~ x1", democracy), seed=1)
    with pytest.raises(UnsupportedError, match="level=95"):
        monte_carlo_intervals(fit, seed=1, level=95)
