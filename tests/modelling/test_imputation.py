"""Multiple imputation: pooled by mice and semTools, and beside full-information maximum likelihood."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.data.missing import missing_patterns, saturated_moments
from surveysem.data.missing.augmentation import impute_normal
from surveysem.errors import DataError, EstimationError, UnsupportedError
from surveysem.inference.pooled_tests import pooled_fit_indices, pooled_fit_tests
from surveysem.inference.pooling import pool_chi_squares, pool_estimates, pool_likelihood_ratios
from surveysem.modelling.imputation import fit_imputed

REFERENCE = Path(__file__).parents[1] / "reference" / "imputation"
FACTORS = "a =~ x1 + x2 + x3\nb =~ x4 + x5 + x6\nb ~ a"
CASES = {
    "factors": (FACTORS, {}),
    "means": (FACTORS, {"meanstructure": True}),
    "covariate": (f"{FACTORS} + x7\na ~ x7", {"meanstructure": True}),
}


@pytest.fixture(scope="module")
def completed():
    frame = pd.read_csv(REFERENCE / "completed.csv", encoding="utf-8")
    return [part.drop(columns="imputation") for _, part in frame.groupby("imputation")]


@pytest.fixture(scope="module")
def values():
    return json.loads((REFERENCE / "values.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES)
def test_pooled_by_rubins_rules_as_mice_and_semtools_do(completed, values, case):
    syntax, options = CASES[case]
    expected = values[case]
    fits = [ss.sem(syntax, part, **options) for part in completed]
    tables = [fit.estimates[fit.estimates["free"] > 0] for fit in fits]
    columns = [np.array([table[name] for table in tables]) for name in ("estimate", "std_error")]
    complete_df = float(len(completed[0]) - fits[0].table.n_free)
    pooled = pool_estimates(*columns, complete_df=complete_df)
    # lavaan's optimiser stops a few millionths from the minimum.
    np.testing.assert_allclose(pooled.estimates, expected["estimates"], rtol=1e-5, atol=5e-6)
    reference = expected["mice"]
    for found, name in (
        (pooled.std_errors**2, "t"),
        (pooled.relative_increase, "r"),
        (pooled.missing_information, "fmi"),
        (pooled.degrees_of_freedom, "df"),
    ):
        # A mean of a complete variable has r = 0, of which mice makes 0.0001; small r magnify where lavaan stopped.
        at = pooled.relative_increase > 1e-6
        np.testing.assert_allclose(found[at], np.array(reference[name])[at], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_pooled_tests_are_those_of_semtools(completed, values, case):
    syntax, options = CASES[case]
    tests = pooled_fit_tests([ss.sem(syntax, part, **options) for part in completed])
    d3, d2 = values[case]["d3"], values[case]["d2"]
    found = tests.model
    assert found.degrees_of_freedom == d3[1]
    np.testing.assert_allclose(
        [found.statistic, found.denominator_degrees_of_freedom, found.p_value, found.relative_increase],
        [d3[0], *d3[2:5]],
        rtol=1e-4,
    )
    if case != "covariate":  # there semTools pools the moments of the covariate too in one of the two models compared
        indices = pooled_fit_indices([ss.sem(syntax, part, **options) for part in completed], tests)
        names = (
            "chisq",
            "df",
            "baseline.chisq",
            "baseline.df",
            "cfi",
            "tli",
            "rmsea",
            "rmsea.ci.lower",
            "rmsea.ci.upper",
        )
        np.testing.assert_allclose([indices[name] for name in names], values[case]["indices"][:9], rtol=1e-4)
    by_d2 = tests.model_by_d2
    np.testing.assert_allclose(
        [by_d2.statistic, by_d2.denominator_degrees_of_freedom, by_d2.p_value, by_d2.relative_increase],
        [d2[0], *d2[2:5]],
        rtol=1e-4,
    )


def test_rules_by_hand():
    pooled = pool_estimates(np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [1.0], [2.0]]), complete_df=np.inf)
    # W = 2, B = 1, T = 2 + 4/3; r = 2/3; ν = 2 (1 + 3/2)² where complete data would have infinitely many.
    assert pooled.std_errors[0] ** 2 == pytest.approx(10.0 / 3.0)
    assert pooled.relative_increase[0] == pytest.approx(2.0 / 3.0)


def test_a_negative_increase_counts_as_none_and_says_so():
    test = pool_likelihood_ratios(np.array([4.0, 5.0]), np.array([5.0, 6.0]), degrees_of_freedom=2)
    assert test.bounded
    assert test.statistic == pytest.approx(2.75)
    assert np.isinf(test.denominator_degrees_of_freedom)


def test_equal_statistics_pool_to_themselves():
    test = pool_chi_squares(np.array([9.0, 9.0, 9.0]), degrees_of_freedom=3)
    assert (test.chi_square, test.p_value) == (pytest.approx(9.0), pytest.approx(0.0292909, rel=1e-5))


@pytest.fixture(scope="module")
def missing_at_random():
    """Six indicators; three are missing more often where the first, always observed, is high."""
    rng = np.random.default_rng(3)
    n = 600
    first = rng.normal(size=n)
    second = 0.5 * first + np.sqrt(0.75) * rng.normal(size=n)
    scores = np.column_stack([first] * 3 + [second] * 3)
    frame = pd.DataFrame(0.8 * scores + 0.6 * rng.normal(size=(n, 6)), columns=[f"x{i}" for i in range(1, 7)])
    chance = 0.7 / (1.0 + np.exp(1.0 - 1.5 * frame["x1"]))
    return frame.assign(**{name: frame[name].mask(rng.random(n) < chance) for name in ("x3", "x5", "x6")})


def test_imputation_agrees_with_full_information(missing_at_random):
    imputed = fit_imputed(FACTORS, missing_at_random, n_imputations=60, seed=1)
    full = ss.sem(FACTORS, missing_at_random, missing="fiml")
    both = imputed.estimates.merge(full.estimates, on=["lhs", "op", "rhs"], suffixes=("", "_full"))
    free = both[both["free"] > 0]
    # Simulation error of the estimates is √(fmi/60) of a standard error: less than 0.08 with fmi below 0.35.
    assert (np.abs(free["estimate"] - free["estimate_full"]) < 0.25 * free["std_error_full"]).all()
    np.testing.assert_allclose(free["std_error"], free["std_error_full"], rtol=0.1)
    assert imputed.fit_indices["chisq"] == pytest.approx(full.fit_indices["chisq"], abs=1.5)
    assert free["fmi"].between(0.02, 0.45).all()
    deleted = ss.sem(FACTORS, missing_at_random, meanstructure=True).estimates.set_index(["lhs", "op"])["estimate"]
    means = missing_at_random.mean()
    assert deleted["x1", "~1"] < means["x1"] - 0.2  # which leaving rows out gets wrong


def test_the_seed_decides(missing_at_random):
    few = {"n_imputations": 3, "burn_in": 20, "spacing": 10}
    first, again, other = (fit_imputed(FACTORS, missing_at_random, seed=seed, **few) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first.estimates, again.estimates)
    assert not first.estimates["estimate"].equals(other.estimates["estimate"])


def test_observed_values_stay_and_groups_are_imputed_apart(missing_at_random):
    rng = np.random.default_rng(1)
    frame = missing_at_random.assign(firm=rng.integers(0, 2, len(missing_at_random)))
    frame.loc[frame["firm"] == 1, ["x1", "x2", "x3", "x4", "x5", "x6"]] += 10.0
    fit = fit_imputed(FACTORS, frame, n_imputations=3, seed=1, group="firm", group_equal=("loadings",))
    means = fit.estimates.query("op == '~1' and lhs == 'x5'").set_index("group")["estimate"]
    assert abs(means.iloc[0] - means.iloc[1]) == pytest.approx(10.0, abs=0.5)
    assert fit.fit_indices["df"] == ss.sem(FACTORS, frame, group="firm", group_equal=("loadings",)).fit_indices["df"]


def test_robust_estimators_scale_the_pooled_test(missing_at_random):
    fit = fit_imputed(FACTORS, missing_at_random, n_imputations=4, seed=1, estimator="MLR")
    indices = fit.fit_indices
    assert indices["chisq.scaled"] == pytest.approx(indices["chisq"] / indices["chisq.scaling.factor"])
    assert 0 <= indices["pvalue.scaled"] <= 1


def test_what_cannot_be_imputed_is_refused(missing_at_random):
    with pytest.raises(UnsupportedError, match="WLSMV"):
        fit_imputed(FACTORS, missing_at_random, seed=1, estimator="WLSMV")
    with pytest.raises(UnsupportedError, match="shrink"):
        fit_imputed("a =~ x1 + x2\nb =~ x3 + x4\nc =~ x5 + x6\nc ~ a + b + a:b", missing_at_random, seed=1)
    with pytest.raises(UnsupportedError, match="takes no ordered"):
        fit_imputed(FACTORS, missing_at_random, seed=1, ordered=("x1",))
    with pytest.raises(DataError, match="nothing to impute"):
        fit_imputed(FACTORS, missing_at_random.dropna(), seed=1)
    with pytest.raises(UnsupportedError, match="n_imputations"):
        fit_imputed(FACTORS, missing_at_random, seed=1, n_imputations=1)


def test_a_model_that_fails_in_some_imputations_is_an_error(missing_at_random, monkeypatch):
    from surveysem.modelling import imputation

    def sometimes(syntax, frame, **options):
        if frame["x5"].iloc[0] > missing_at_random["x5"].mean():
            raise EstimationError("No minimum was found.")
        return ss.sem(syntax, frame, **options)

    monkeypatch.setattr(imputation, "sem", sometimes)
    frame = missing_at_random.copy()
    frame.iloc[0, 4] = np.nan
    with pytest.raises(EstimationError, match="of 8 imputed data sets"):
        fit_imputed(FACTORS, frame, n_imputations=8, seed=1)


def test_chains_that_mix_slowly_are_told_of():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(60, 1)) + 0.3 * rng.normal(size=(60, 3)), columns=list("abc"))
    frame.loc[6:, "c"] = np.nan
    frame = frame.assign(d=frame["a"] + rng.normal(size=60), e=rng.normal(size=60))
    fit = fit_imputed("f =~ a + b + d\nf ~~ c", frame, n_imputations=4, seed=1, spacing=1, burn_in=5)
    assert any("depend on each other" in each.message for each in fit.findings)


def test_draws_have_the_posterior_mean_and_spread():
    # One value missing of two variables: its predictive distribution is Student's t about the regression line.
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"a": rng.normal(size=40)})
    frame["b"] = 2.0 * frame["a"] + rng.normal(size=40)
    frame.loc[0, "b"] = np.nan
    rows = missing_patterns(frame, ["a", "b"])
    drawn = impute_normal(
        rows, saturated_moments(rows), n_imputations=20_000, rng=np.random.default_rng(5), burn_in=50, spacing=1
    ).values[:, 0, 1]
    x, y = frame["a"][1:].to_numpy(), frame["b"][1:].to_numpy()
    slope, intercept = np.polyfit(x, y, 1)
    expected = intercept + slope * frame["a"][0]
    residual = np.sum((y - intercept - slope * x) ** 2)
    leverage = 1 + 1 / 39 + (frame["a"][0] - x.mean()) ** 2 / np.sum((x - x.mean()) ** 2)
    # Under the prior |Σ|^−(p+1)/2 with p = 2 the regression of b on a has n − 1 = 38 degrees of freedom, given the
    # completed rows; of the 39 observed ones that is 38 as well, so the variance is residual/38 · 38/36 · leverage.
    assert np.mean(drawn) == pytest.approx(expected, abs=4 * drawn.std() / np.sqrt(20_000) * 1.5)
    assert np.var(drawn) == pytest.approx(residual / 36.0 * leverage, rel=0.06)
