"""Latent moderated structural equations through ``sem``."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import DataError, EstimationError, UnsupportedError
from surveysem.estimation.latent_moderation import fitting
from surveysem.inference.information import casewise_scores, first_order_information, observed_information
from surveysem.inference.moderation_test import difference_scaling

MEASUREMENT = "X =~ x1 + x2 + x3\nZ =~ z1 + z2 + z3\nY =~ y1 + y2 + y3\n"
LINEAR = MEASUREMENT + "Y ~ X + Z"
MODEL = LINEAR + " + X:Z"


def simulate(n_obs: int, *, seed: int = 1, interaction: float = 0.3, quadratic: float = 0.0) -> pd.DataFrame:
    """Rows of a model with an interaction and perhaps a quadratic effect; latent means 0, loadings 1, .8 and .9."""
    rng = np.random.default_rng(seed)
    x, z = rng.multivariate_normal([0.0, 0.0], [[1.0, 0.3], [0.3, 1.0]], n_obs).T
    y = 0.4 * x + 0.3 * z + interaction * x * z + quadratic * x * x + 0.7 * rng.standard_normal(n_obs)
    columns = {
        f"{name}{number}": 1.0 + loading * values + 0.6 * rng.standard_normal(n_obs)
        for name, values in (("x", x), ("z", z), ("y", y))
        for number, loading in enumerate((1.0, 0.8, 0.9), start=1)
    }
    return pd.DataFrame(columns).assign(w=x + rng.standard_normal(n_obs), group=rng.integers(1, 3, n_obs))


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    return simulate(400)


@pytest.fixture(scope="module")
def fit(data):
    return ss.sem(MODEL, data, interaction="lms")


def row(fit, name: str, column: str = "estimate") -> float:
    table = fit.estimates
    return float(table.loc[table.lhs + table.op + table.rhs == name, column].iloc[0])


def test_the_truth_is_found_in_a_large_sample():
    fit = ss.sem(LINEAR + " + X:Z + X:X", simulate(4000, seed=5, quadratic=-0.2), interaction="lms")
    truth = {"Y~X": 0.4, "Y~Z": 0.3, "Y~X:Z": 0.3, "Y~X:X": -0.2, "Y~~Y": 0.49, "X~~Z": 0.3, "Y=~y2": 0.8}
    for name, value in truth.items():
        assert abs(row(fit, name) - value) < 3.5 * row(fit, name, "std_error"), name
    assert row(fit, "Y~X:Z", "std_error") < 0.03


def test_interactions_without_a_common_factor_take_two_dimensions():
    rng = np.random.default_rng(4)
    latent = rng.multivariate_normal(np.zeros(4), 0.3 * np.ones((4, 4)) + 0.7 * np.eye(4), 500).T
    names = dict(zip("abcd", latent, strict=True))
    names["y"] = 0.2 * latent.sum(axis=0) + 0.25 * latent[0] * latent[1] - 0.25 * latent[2] * latent[3]
    names["y"] = names["y"] + 0.7 * rng.standard_normal(500)
    data = pd.DataFrame(
        {f"{name}{k}": values + 0.7 * rng.standard_normal(500) for name, values in names.items() for k in (1, 2)}
    )
    syntax = "\n".join(f"{name.upper()} =~ {name}1 + {name}2" for name in names)
    fit = ss.sem(syntax + "\nY ~ A + B + C + D + A:B + C:D", data, interaction="lms")
    for name, value in {"Y~A:B": 0.25, "Y~C:D": -0.25}.items():
        assert abs(row(fit, name) - value) < 3.0 * row(fit, name, "std_error")
    assert " over A, " in fit.warnings[0] or " over B, " in fit.warnings[0]


def test_without_the_interaction_it_is_maximum_likelihood(data):
    fixed = ss.sem(LINEAR + " + 0*X:Z", data, interaction="lms")
    linear = ss.sem(LINEAR, data, meanstructure=True)
    assert fixed.fit_indices["logl"] == pytest.approx(linear.fit_indices["logl"], abs=1e-6)
    # Fixed rows aside the tables are alike; standard errors differ, those of LMS being from observed information.
    merged = fixed.estimates.merge(linear.estimates, on=["lhs", "op", "rhs"])
    np.testing.assert_allclose(merged.estimate_x, merged.estimate_y, atol=1e-5)


def test_full_information_from_complete_rows_is_the_same(data, fit):
    full = ss.sem(MODEL, data, interaction="lms", missing="fiml")
    np.testing.assert_allclose(full.estimates.estimate, fit.estimates.estimate, atol=1e-6)
    np.testing.assert_allclose(full.estimates.std_error, fit.estimates.std_error, atol=1e-6)
    assert full.fit_indices["logl"] == pytest.approx(fit.fit_indices["logl"], abs=1e-6)


def test_missing_answers_cost_precision_but_no_bias(data, fit):
    lost = np.random.default_rng(2).random((len(data), 9)) < 0.15
    names = [f"{name}{number}" for name in "xzy" for number in (1, 2, 3)]
    holes = data.assign(**data[names].mask(lost))
    full = ss.sem(MODEL, holes, interaction="lms", missing="fiml")
    assert full.n_obs == len(data)
    assert abs(row(full, "Y~X:Z") - row(fit, "Y~X:Z")) < 2.0 * row(fit, "Y~X:Z", "std_error")
    assert full.estimates.std_error.mean() > fit.estimates.std_error.mean()
    without = ss.sem(LINEAR, holes, missing="fiml")
    test = ss.compare(without, full).iloc[1]
    assert test.df_diff == 1
    assert test.p_value < 1e-4


def test_units_do_not_matter(data, fit):
    units = {name: {"x": 1e5, "z": 1.0, "y": 1e-3}[name[0]] for name in fit.table.observed}
    rescaled = ss.sem(MODEL, data[list(units)] * pd.Series(units) + 7.0, interaction="lms")
    scaled = fit.estimates.op != "~1"
    np.testing.assert_allclose(rescaled.estimates.std_all[scaled], fit.estimates.std_all[scaled], rtol=1e-5, atol=1e-6)
    shift = len(data) * np.log(list(units.values())).sum()
    assert rescaled.fit_indices["logl"] == pytest.approx(fit.fit_indices["logl"] - shift, abs=1e-5)


def test_the_order_of_rows_does_not_matter(data, fit):
    shuffled = ss.sem(MODEL, data.sample(frac=1.0, random_state=1), interaction="lms")
    np.testing.assert_allclose(shuffled.estimates.estimate, fit.estimates.estimate, atol=1e-7)


def test_the_name_of_the_factor_that_comes_first_does_not_matter(data, fit):
    other = ss.sem(LINEAR + " + Z:X", data, interaction="lms")
    assert row(other, "Y~Z:X") == pytest.approx(row(fit, "Y~X:Z"), abs=1e-6)
    assert row(other, "Y~Z:X", "std_error") == pytest.approx(row(fit, "Y~X:Z", "std_error"), abs=1e-6)


def test_groups_are_fitted_side_by_side(data):
    both = ss.sem(MODEL, data, interaction="lms", group="group")
    labels = both.group_labels
    separate = [ss.sem(MODEL, data[data.group == int(label)], interaction="lms") for label in labels]
    assert both.fit_indices["logl"] == pytest.approx(sum(each.fit_indices["logl"] for each in separate), abs=1e-5)
    first = both.estimates[both.estimates.group == 1]
    np.testing.assert_allclose(first.estimate, separate[0].estimates.estimate, atol=1e-4)
    np.testing.assert_allclose(first.std_error, separate[0].estimates.std_error, rtol=1e-3, atol=1e-6)


def test_equality_across_groups_and_as_a_formula_agree(data):
    shared = ss.sem(LINEAR + " + c(w, w)*X:Z", data, interaction="lms", group="group")
    formula = ss.sem(LINEAR + " + c(w, v)*X:Z\nw == v", data, interaction="lms", group="group")
    free = ss.sem(MODEL, data, interaction="lms", group="group")
    rows = shared.estimates[shared.estimates.rhs == "X:Z"].estimate
    assert rows.iloc[0] == rows.iloc[1]
    assert formula.fit_indices["logl"] == pytest.approx(shared.fit_indices["logl"], abs=1e-6)
    assert formula.fit_indices["npar"] == shared.fit_indices["npar"]
    np.testing.assert_allclose(formula.estimates[formula.estimates.rhs == "X:Z"].estimate, rows, atol=1e-6)
    assert ss.compare(shared, free).df_diff.iloc[1] == 1


def test_an_observed_moderator_needs_no_integral(data):
    fit = ss.sem("X =~ x1 + x2 + x3\nY =~ y1 + y2 + y3\nY ~ X + w + X:w", data, interaction="lms")
    assert "nothing had to be integrated" in " ".join(fit.warnings)
    binary = data.assign(w=(data.w > 0).astype(float))
    # With a moderator of two values it is a model of two groups in which only the path and the intercept differ.
    fit = ss.sem("X =~ x1 + x2 + x3\nY =~ y1 + y2 + y3\nY ~ X + w + X:w", binary, interaction="lms")
    grouped = ss.sem(
        "X =~ x1 + x2 + x3\nY =~ y1 + y2 + y3\nY ~ c(b0, b1)*X\nX ~~ c(v, v)*X\nY ~~ c(r, r)*Y\n"
        "X ~ c(0, 0)*1\nY ~ c(0, NA)*1\ndifference := b1 - b0",
        binary.sort_values("w"),
        group="w",
        group_equal=["loadings", "intercepts", "residuals"],
    )
    assert row(fit, "Y~X:w") == pytest.approx(row(grouped, "difference:=b1 - b0"), abs=1e-5)


def test_fit_indices_are_those_of_the_likelihood(fit, data):
    assert set(fit.fit_indices) == {"npar", "ntotal", "logl", "aic", "bic", "bic2"}
    assert fit.fit_indices["npar"] == 31
    assert fit.fit_indices["aic"] == pytest.approx(-2.0 * fit.fit_indices["logl"] + 62.0)
    assert "ln L" in repr(fit)
    assert "log-likelihood" in fit.summary()
    assert "CFI" not in fit.summary()


def test_what_has_no_meaning_is_refused(fit):
    for call, advice in (
        (fit.modification_indices, "compare"),
        (fit.score_test, "compare"),
        (lambda: fit.bootstrap(10, seed=1), "bootstrap"),
        (lambda: fit.residuals("standardized"), "cor"),
        (lambda: fit.factor_scores("bartlett"), "regression"),
    ):
        with pytest.raises(UnsupportedError, match=advice):
            call()
    assert "not refitted with semopy" in str(fit.agreement)


def test_raw_residuals_are_those_of_the_moments_with_products(fit, data):
    names = list(fit.table.observed)
    sample = data[names].cov(ddof=0)
    np.testing.assert_allclose(fit.residuals().to_numpy(), sample - fit.implied_covariance.to_numpy(), atol=1e-10)


def test_effect_sizes_agree_with_the_variance_explained(fit):
    explained, f_squared = fit.r_squared["Y"], fit.effect_sizes["Y", "X:Z"]
    latent = fit.solution.groups[0].implied.latent_covariance
    variance = row(fit, "Y~X:Z") ** 2 * (latent[0, 0] * latent[1, 1] + latent[0, 1] ** 2)
    # The product is uncorrelated with centred normal factors: what it adds to R² is its own variance.
    assert f_squared * (1.0 - explained) == pytest.approx(variance / latent[2, 2], rel=1e-8)


def test_after_quasi_maximum_likelihood_scores_are_those_of_its_estimates(fit, data):
    quasi = ss.sem(MODEL, data, interaction="qml")
    assert np.abs(quasi.factor_scores() - fit.factor_scores()).max().max() < 0.01


def test_an_index_that_is_not_there_says_so(fit):
    with pytest.raises(KeyError, match=r"no χ², and nothing made of it\. Available: npar") as caught:
        fit.fit_indices["cfi"]
    assert isinstance(caught.value, ss.SurveySEMError)
    assert fit.fit_indices.get("cfi") is None


def test_factor_scores_predict_the_latent_variables(fit, data):
    scores = fit.factor_scores()
    assert list(scores.columns) == ["X", "Z", "Y"]
    assert np.corrcoef(scores.X, data.x1)[0, 1] > 0.85
    # Posterior means of the outcome follow the product too.
    product = scores.X * scores.Z - (scores.X * scores.Z).mean()
    assert np.corrcoef(scores.Y, product)[0, 1] > 0.2


def test_robust_standard_errors_are_the_sandwich(data):
    fit = ss.sem(MODEL, data, interaction="lms", estimator="MLR")
    solution = fit.solution
    scores = casewise_scores(solution.groups[0])
    bread = np.linalg.inv(observed_information(solution))
    expected = bread @ (scores.T @ scores / len(data)) @ bread / len(data)
    np.testing.assert_allclose(fit.parameter_covariance, expected, rtol=1e-8, atol=1e-14)
    np.testing.assert_allclose(scores.mean(axis=0), 0.0, atol=1e-6)


def test_clusters_sum_the_scores(data):
    clustered = ss.sem(MODEL, data.assign(firm=np.arange(len(data)) % 80), interaction="lms", cluster="firm")
    alone = ss.sem(MODEL, data.assign(firm=np.arange(len(data))), interaction="lms", cluster="firm")
    plain = ss.sem(MODEL, data, interaction="lms", estimator="MLR")
    assert clustered.estimator == "MLR"
    ratio = np.sqrt(len(data) / (len(data) - 1.0))
    free = plain.estimates.free > 0
    np.testing.assert_allclose(alone.estimates.std_error[free], ratio * plain.estimates.std_error[free], rtol=1e-4)
    assert not np.allclose(clustered.estimates.std_error[free], alone.estimates.std_error[free], rtol=1e-3)


def test_the_robust_likelihood_ratio_is_scaled_by_the_larger_model(data):
    larger = ss.sem(MODEL, data, interaction="lms", estimator="MLR")
    for means in (True, None):
        restricted = ss.sem(LINEAR, data, estimator="MLR", meanstructure=means)
        test = ss.compare(restricted, larger).iloc[1]
        # Of one parameter fixed at 0, the scaling is the ratio of its robust to its plain variance.
        at = larger.table.free_names.index("Y~X:Z")
        inverse = np.linalg.inv(observed_information(larger.solution))
        robust = inverse @ first_order_information(larger.solution) @ inverse
        assert difference_scaling(restricted.solution, larger.solution) == pytest.approx(
            robust[at, at] / inverse[at, at]
        )
        plain = 2.0 * (larger.fit_indices["logl"] - restricted.fit_indices["logl"])
        assert test.chisq_diff == pytest.approx(plain * inverse[at, at] / robust[at, at])


def test_wald_tests_definitions_and_monte_carlo(data):
    syntax = MEASUREMENT + "Y ~ b*X + Z + i*X:Z\nslope := b + i"
    fit = ss.sem(syntax, data, interaction="lms")
    assert row(fit, "slope:=b + i") == pytest.approx(row(fit, "Y~X") + row(fit, "Y~X:Z"))
    assert fit.wald_test("i == 0").p_value == pytest.approx(row(fit, "Y~X:Z", "p_value"), rel=1e-6)
    interval = fit.monte_carlo_intervals(2000, seed=1).iloc[0]
    assert interval.ci_lower < row(fit, "slope:=b + i") < interval.ci_upper


def test_standardized_errors_follow_from_the_parameters(fit):
    table = fit.standardized()
    line = table[(table.op == "~") & (table.rhs == "X:Z")].iloc[0]
    assert line.est_std == pytest.approx(row(fit, "Y~X:Z", "std_all"))
    assert 0.0 < line.std_error < 0.1


def test_a_dozen_nodes_are_told_to_be_too_few(data, fit):
    few = ss.sem(MODEL, data, interaction="lms", nodes=8)
    serious = [finding for finding in few.findings if finding.severity == "serious"]
    assert len(serious) == 1
    assert "8 nodes" in serious[0].message
    many = ss.sem(MODEL, data, interaction="lms", nodes=40)
    assert many.admissible
    np.testing.assert_allclose(many.estimates.estimate, fit.estimates.estimate, atol=1e-5)


def test_a_second_maximum_is_told(data, monkeypatch):
    standardized = ss.sem(MODEL, data, interaction="lms", std_lv=True)
    # All signs of X reversed make the same model: a second maximum, of the same height.
    mirrored = np.array(standardized.solution.theta)
    for line in standardized.table:
        if line.free and (line.lhs == "X") != ("X" in line.rhs.split(":")):
            mirrored[line.free - 1] *= -1.0
    monkeypatch.setattr(fitting, "_second_search", lambda solution, start: mirrored)
    same = ss.sem(MODEL, data, interaction="lms", std_lv=True)
    assert "Two maxima" not in " ".join(same.warnings)
    monkeypatch.setattr(fitting, "_LEAST_DEFICIT", -1.0)
    assert "Two maxima" in " ".join(ss.sem(MODEL, data, interaction="lms", std_lv=True).warnings)


def test_a_second_search_that_ends_at_no_maximum_is_told(data, fit, monkeypatch):
    settled, searches = fitting._settled, []

    def once(*arguments):
        searches.append(arguments)
        if len(searches) > 1:
            raise EstimationError("No maximum was found.")
        return settled(*arguments)

    monkeypatch.setattr(fitting, "_second_search", lambda solution, start: start)
    monkeypatch.setattr(fitting, "_settled", once)
    told = ss.sem(MODEL, data, interaction="lms")
    assert len(searches) == 2
    assert "ended at no maximum" in " ".join(told.warnings)
    assert "ended at no maximum" not in " ".join(fit.warnings)
    np.testing.assert_allclose(told.estimates.estimate, fit.estimates.estimate)


def test_an_integral_that_does_not_settle_is_refused(data, monkeypatch):
    monkeypatch.setattr(fitting, "LARGEST_CHANGE", -1.0)
    with pytest.raises(EstimationError, match="did not settle"):
        ss.sem(MODEL, data, interaction="lms")


def test_too_coarse_a_start_is_refined(data, fit, monkeypatch):
    # Node spacings of 4 posterior standard deviations are far too wide.
    monkeypatch.setattr(fitting, "SPACING", 4.0)
    monkeypatch.setattr("surveysem.estimation.latent_moderation.likelihood.SPACING", 4.0)
    refined = ss.sem(MODEL, data, interaction="lms")
    np.testing.assert_allclose(refined.estimates.estimate, fit.estimates.estimate, atol=1e-4)


def test_a_residual_variance_below_zero_in_the_linear_model_is_no_obstacle():
    data = simulate(60, seed=14)
    data["x1"] = data[["x2", "x3"]].mean(axis=1) * 1.3 + 0.25 * data["x1"]
    linear = ss.sem(LINEAR, data, meanstructure=True)
    fit = ss.sem(MODEL, data, interaction="lms")
    assert fit.fit_indices["logl"] >= linear.fit_indices["logl"] - 1e-6 or not linear.admissible


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"estimator": "MLM"}, "MLM"),
        ({"engine": "semopy"}, "semopy"),
        ({"nodes": 1}, "nodes"),
        ({"nodes": 2.5}, "nodes"),
        ({"meanstructure": False}, "meanstructure"),
    ],
)
def test_options_that_are_not_offered_are_refused(data, options, told):
    with pytest.raises(UnsupportedError, match=told):
        ss.sem(MODEL, data, interaction="lms", **options)


def test_observed_factors_must_be_complete(data):
    holes = data.assign(w=data.w.where(data.index > 5))
    syntax = "X =~ x1 + x2 + x3\nY =~ y1 + y2 + y3\nY ~ X + w + X:w\nw ~ X"
    with pytest.raises(DataError, match="w"):
        ss.sem(syntax, holes, interaction="lms", missing="fiml")


def test_criteria_of_a_linear_model_do_not_depend_on_whether_its_means_are_written():
    data = ss.load_study("political_democracy").bundled_data()
    linear = "ind60 =~ x1 + x2 + x3; dem60 =~ y1 + y2 + y3 + y4; dem60 ~ ind60"
    product = ss.sem(f"{linear} + ind60:ind60", data, interaction="lms")
    without, with_means = (ss.sem(linear, data, meanstructure=means) for means in (False, True))
    columns = ["npar", "logl", "aic", "bic"]
    expected = ss.compare(with_means, product)[columns].to_numpy(dtype=float)
    np.testing.assert_allclose(ss.compare(without, product)[columns].to_numpy(dtype=float), expected, rtol=1e-9)
    assert expected[1, 0] == with_means.fit_indices["npar"]
