"""Equal labels, formulas, means, incomplete rows, robust estimators, products, and what semopy fits of them."""

import numpy as np
import pytest

from surveysem.data import read_political_democracy
from surveysem.errors import ModelSyntaxError, UnsupportedError
from surveysem.modelling import sem

TWO_FACTORS = "f =~ y1 + y2 + y3; g =~ y5 + y6 + y7; g ~ f"


@pytest.fixture(scope="module")
def democracy():
    return read_political_democracy()


@pytest.fixture(scope="module")
def halves(democracy):
    return democracy.assign(half=np.where(np.arange(75) % 2, "odd", "even"), firm=np.arange(75) % 15)


def _estimate(fit, lhs, op, rhs, group=1):
    table = fit.estimates
    row = table[(table["lhs"] == lhs) & (table["op"] == op) & (table["rhs"] == rhs) & table["group"].isin([group, 0])]
    return row["estimate"].item()


def test_equal_labels_are_equal(democracy):
    fit = sem("f =~ y1 + a*y2 + a*y3 + y4; g =~ y5 + a*y6 + y7; y1 ~~ v*y1; y5 ~~ v*y5", democracy)
    assert len(set(fit.estimates.query("label == 'a'")["estimate"])) == 1
    assert _estimate(fit, "y1", "~~", "y1") == _estimate(fit, "y5", "~~", "y5")
    free = sem("f =~ y1 + y2 + y3 + y4; g =~ y5 + y6 + y7", democracy)
    assert fit.fit_indices["df"] == free.fit_indices["df"] + 3
    assert fit.fit_indices["npar"] == free.fit_indices["npar"] - 3


def test_a_label_with_a_value_fixes_all_that_bear_it(democracy):
    fit = sem("f =~ y1 + a*1.2*y2 + a*y3 + y4", democracy)
    assert fit.estimates.query("label == 'a'")["estimate"].tolist() == [1.2, 1.2]


def test_linear_constraints_hold(democracy):
    free = sem("f =~ y1 + a*y2 + b*y3 + d*y4", democracy)
    fit = sem("f =~ y1 + a*y2 + b*y3 + d*y4; a + b == 2*d; a == 1.1", democracy)
    a, b, d = (_estimate(fit, "f", "=~", item) for item in ("y2", "y3", "y4"))
    assert (a, a + b) == (pytest.approx(1.1), pytest.approx(2 * d))
    assert fit.fit_indices["df"] == free.fit_indices["df"] + 2
    assert fit.fit_indices["npar"] == free.fit_indices["npar"] - 2
    assert fit.estimates.query("label == 'a'")["std_error"].item() == pytest.approx(0, abs=1e-9)


def test_a_constraint_that_equates_is_an_equal_label(democracy):
    by_label = sem("f =~ y1 + a*y2 + a*y3 + y4", democracy, estimator="MLR")
    by_formula = sem("f =~ y1 + a*y2 + b*y3 + y4; a == b", democracy, estimator="MLR")
    for name, value in by_label.fit_indices.items():
        assert by_formula.fit_indices[name] == pytest.approx(value, rel=1e-7, abs=1e-8), name
    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(by_formula.estimates[column], by_label.estimates[column], rtol=1e-5, atol=1e-8)


CONSTRAINT_ERRORS = {
    "a == z": (ModelSyntaxError, "no parameter is labelled 'z'"),
    "a == b; a == b + 1": (ModelSyntaxError, "contradict each other"),
    "a > b^2": (UnsupportedError, "it is not linear"),
}


@pytest.mark.parametrize("constraint", CONSTRAINT_ERRORS)
def test_constraints_that_are_refused(democracy, constraint):
    kind, message = CONSTRAINT_ERRORS[constraint]
    with pytest.raises(kind) as caught:
        sem(f"f =~ y1 + a*y2 + b*y3 + y4; {constraint}", democracy)
    assert message in str(caught.value)


def test_means_change_neither_fit_nor_estimates_where_they_are_free(democracy):
    plain, with_means = sem(TWO_FACTORS, democracy), sem(TWO_FACTORS, democracy, meanstructure=True)
    for name in ("chisq", "df", "cfi", "rmsea", "logl"):
        assert with_means.fit_indices[name] == pytest.approx(plain.fit_indices[name], rel=1e-8), name
    assert with_means.fit_indices["npar"] == plain.fit_indices["npar"] + 6
    assert _estimate(with_means, "y2", "~1", "") == pytest.approx(democracy["y2"].mean())
    error = with_means.estimates.query("lhs == 'y2' and op == '~1'")["std_error"].item()
    assert error == pytest.approx(np.sqrt(with_means.implied_covariance.loc["y2", "y2"] / 75))


def test_a_written_intercept_gives_means(democracy):
    fit = sem(f"{TWO_FACTORS}; y1 ~ 5*1", democracy)
    assert _estimate(fit, "y1", "~1", "") == 5.0
    assert fit.fit_indices["df"] == sem(TWO_FACTORS, democracy).fit_indices["df"] + 1


def test_every_row_counts_with_the_values_it_has(democracy):
    holes = democracy.assign(y2=democracy["y2"].where(np.arange(75) % 7 > 0))
    holes.loc[4] = np.nan
    fit = sem(TWO_FACTORS, holes, missing="fiml")
    assert fit.n_obs == 74
    assert "1 of 75 rows have no value" in fit.warnings[0]
    assert "11 of 74 rows used are incomplete" in fit.warnings[1]
    assert sem(TWO_FACTORS, holes).n_obs == 63


REFUSED_TOGETHER = {
    "means are needed": ({"missing": "fiml", "meanstructure": False}, "missing='fiml' models the means"),
    "complete rows": ({"missing": "fiml", "estimator": "MLM"}, "estimator='MLM' needs complete rows"),
    "clusters": ({"cluster": "firm", "estimator": "MLM"}, "estimator='MLM' does not allow for clusters"),
}


@pytest.mark.parametrize("case", REFUSED_TOGETHER)
def test_options_that_do_not_go_together(halves, case):
    options, message = REFUSED_TOGETHER[case]
    with pytest.raises(UnsupportedError) as caught:
        sem(TWO_FACTORS, halves, **options)
    assert message in str(caught.value)


@pytest.mark.parametrize("estimator", ["MLR", "MLM", "MLMV", "MLMVS"])
def test_robust_estimators_share_estimates_with_maximum_likelihood(democracy, estimator):
    plain, robust = sem(TWO_FACTORS, democracy), sem(TWO_FACTORS, democracy, estimator=estimator)
    np.testing.assert_array_equal(robust.estimates["estimate"], plain.estimates["estimate"])
    assert robust.fit_indices["chisq"] == plain.fit_indices["chisq"]
    assert robust.fit_indices["chisq.scaled"] != plain.fit_indices["chisq"]


def test_products_of_observed_variables_are_made(democracy):
    made = sem("y1 ~ x1 + x2 + x1:x2", democracy)
    given = sem("y1 ~ x1 + x2 + x12", democracy.assign(x12=democracy["x1"] * democracy["x2"]))
    np.testing.assert_allclose(made.estimates["estimate"], given.estimates["estimate"], rtol=1e-12)


def test_products_of_latent_variables_are_predictors_only(democracy):
    with pytest.raises(ModelSyntaxError, match="f:g: a product of latent variables where it is no predictor"):
        sem("f =~ x1 + x2 + x3; g =~ y1 + y2 + y3; y5 ~ f + g; y5 ~~ f:g", democracy)


SEMOPY_REFUSES = {
    "groups": ({"group": "half"}, TWO_FACTORS, "several groups, mean structures"),
    "means": ({"meanstructure": True}, TWO_FACTORS, "mean structures"),
    "incomplete rows": ({"missing": "fiml"}, TWO_FACTORS, "mean structures, other discrepancies than complete-data"),
    "formulas": ({}, "f =~ y1 + a*y2 + b*y3 + y4; a == b", "constraints written as formulas"),
    "labels": ({}, "f =~ y1 + a*y2 + a*y3 + y4", "equality constraints (label a)"),
}


@pytest.mark.parametrize("case", SEMOPY_REFUSES)
def test_what_semopy_does_not_fit(halves, case):
    options, text, message = SEMOPY_REFUSES[case]
    with pytest.raises(UnsupportedError) as caught:
        sem(text, halves, engine="semopy", **options)
    assert f"The semopy engine does not fit {message}" in str(caught.value)


@pytest.mark.parametrize("estimator", ["ML", "MLR", "MLMV"])
def test_both_engines_lead_to_one_fit(democracy, estimator):
    native, other = (sem(TWO_FACTORS, democracy, estimator=estimator, engine=name) for name in ("native", "semopy"))
    assert (native.engine.split()[0], other.engine.split()[0]) == ("surveysem", "semopy")
    for name, value in native.fit_indices.items():
        assert other.fit_indices[name] == pytest.approx(value, rel=1e-6, abs=1e-7), name
    np.testing.assert_allclose(other.estimates["std_error"], native.estimates["std_error"], rtol=1e-5)
