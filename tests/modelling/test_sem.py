"""Models on their own: options, missing values, and everything that must end in an error of ours."""

import contextlib

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveysem.data import read_political_democracy
from surveysem.errors import (
    DataError,
    EstimationError,
    IdentificationError,
    ModelSyntaxError,
    SurveySEMError,
    UnsupportedError,
)
from surveysem.modelling import cfa, rows_left_out, sem

ONE_FACTOR = "f =~ a + b + c + d"


def _frame(n=100, seed=0):
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal((n, 1)) + rng.standard_normal((n, 4))
    return pd.DataFrame(scores, columns=list("abcd"))


@pytest.fixture
def frame():
    return _frame()


@pytest.fixture(scope="module")
def democracy():
    return read_political_democracy()


def test_cfa_is_sem(frame):
    pd.testing.assert_frame_equal(cfa(ONE_FACTOR, frame).estimates, sem(ONE_FACTOR, frame).estimates)


def test_two_fits_are_equal(frame):
    first = sem(ONE_FACTOR, frame, estimator="MLR")
    sem(ONE_FACTOR, 3 * frame)
    second = sem(ONE_FACTOR, frame, estimator="MLR")
    pd.testing.assert_frame_equal(first.estimates, second.estimates, check_exact=True)
    assert dict(first.fit_indices) == dict(second.fit_indices)


def test_the_data_are_left_alone(frame):
    before = frame.copy(deep=True)
    sem(ONE_FACTOR, frame)
    pd.testing.assert_frame_equal(frame, before)


def test_rows_with_missing_values_are_left_out_and_counted(frame):
    holes = frame.assign(other=np.nan)
    holes.loc[[1, 5], "a"] = np.nan
    holes.loc[[5, 9], "d"] = np.nan
    fit = sem(ONE_FACTOR, holes)
    assert fit.n_obs == 97
    assert fit.warnings == ("3 of 100 rows have a missing value in a variable of the model and were left out.",)
    pd.testing.assert_frame_equal(fit.estimates, sem(ONE_FACTOR, frame.drop([1, 5, 9])).estimates)


def test_nothing_left_out_is_no_finding():
    assert rows_left_out(10, 10) == ()


def test_unit_variances_change_nothing_but_the_scale(frame):
    marker, unit = sem(ONE_FACTOR, frame), sem(ONE_FACTOR, frame, std_lv=True)
    assert unit.fit_indices["chisq"] == pytest.approx(marker.fit_indices["chisq"], rel=1e-8)
    assert unit.fit_indices["npar"] == marker.fit_indices["npar"] == 8
    variance = unit.estimates.query("lhs == 'f' and op == '~~'")["estimate"].iloc[0]
    assert variance == 1.0


def test_as_written(frame):
    text = "f =~ 1*a + b + c + d; f ~~ f; a ~~ a; b ~~ b; c ~~ c; d ~~ d"
    written, automatic = sem(text, frame, auto=False), sem(ONE_FACTOR, frame)
    assert written.fit_indices["chisq"] == pytest.approx(automatic.fit_indices["chisq"], rel=1e-8)
    assert written.fit_indices["df"] == automatic.fit_indices["df"]


@pytest.mark.parametrize("kind", ["bool", "boolean", "Int64", "float32", "int8"])
def test_numeric_columns_of_any_kind(frame, kind):
    whole = (2 * frame).round()
    binary = kind in ("bool", "boolean")
    whole = whole.assign(a=(whole["a"] > 0).astype(kind)) if binary else whole.astype(kind)
    assert sem(ONE_FACTOR, whole).fit_indices["df"] == 2


OPTIONS = {
    "estimator": ("BAYES", "There is no estimator 'BAYES'. Available: ML, MLR, MLM, MLMV, MLMVS"),
    "missing": ("pairwise", "missing='pairwise' is not available. Available: listwise, fiml."),
    "engine": ("lisrel", "There is no engine 'lisrel'. Available: native, semopy."),
    "group_equal": (["loading"], "group_equal='loading' is not offered. Available: loadings, intercepts, means"),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_options_that_are_not_offered(frame, option):
    value, message = OPTIONS[option]
    group = {"group": "half"} if option.startswith("group") else {}
    with pytest.raises(UnsupportedError) as caught:
        sem(ONE_FACTOR, frame.assign(half=np.arange(100) % 2), **{option: value}, **group)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("data", [None, 5, "answers.csv", {"a": [1]}, np.zeros((5, 4))])
def test_something_else_than_a_frame(data):
    with pytest.raises(DataError, match="must be a pandas DataFrame, not"):
        sem(ONE_FACTOR, data)


def test_absent_variables_are_all_named(frame):
    with pytest.raises(DataError) as caught:
        sem("f =~ a + b + nobody + nothing", frame)
    assert [problem.found for problem in caught.value.problems] == ["no column 'nobody'", "no column 'nothing'"]


UNUSABLE = {
    "no rows": (lambda frame: frame.iloc[:0], "0 rows for 8 free parameters"),
    "fewer rows than parameters": (lambda frame: frame.head(7), "7 rows for 8 free parameters"),
    "all missing": (lambda frame: frame.assign(a=np.nan), "0 rows for 8 free parameters"),
    "constant": (lambda frame: frame.assign(b=2.0), "variable b: it does not vary (always 2)"),
    "copied": (lambda frame: frame.assign(c=frame["a"]), "variables a and c: one repeats the other"),
    "reversed copy": (lambda frame: frame.assign(c=7 - frame["a"]), "variables a and c: one repeats the other"),
    "sum": (lambda frame: frame.assign(d=frame["a"] + frame["b"]), "variables a, b, d"),
    "infinite": (lambda frame: frame.assign(a=np.inf), "cells infinite"),
    "words": (lambda frame: frame.assign(a="often"), "variable a: the column is not numeric"),
    "enormous": (lambda frame: frame.assign(a=1e200 * frame["a"]), "cells above 1e100"),
    "repeated name": (lambda frame: pd.concat([frame, frame[["a"]]], axis=1), "variable a: 2 columns have this name"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_data_that_cannot_carry_the_model(frame, case):
    change, message = UNUSABLE[case]
    with pytest.raises(DataError) as caught:
        sem(ONE_FACTOR, change(frame))
    assert message in str(caught.value)


def test_fewer_rows_than_variables():
    """More variables than rows, although there are fewer parameters than rows."""
    rng = np.random.default_rng(0)
    names = [f"x{number}" for number in range(12)]
    frame = pd.DataFrame(rng.standard_normal((12, 12)), columns=names)
    text = f"f =~ {' + '.join(f'1*{name}' for name in names)}; " + "; ".join(f"{name} ~~ 1*{name}" for name in names)
    with pytest.raises(DataError, match="fewer rows than variables, or as many"):
        sem(text, frame)


NOT_IDENTIFIED = {
    "f =~ NA*a + b + c + d": "latent variable 'f': nothing sets its scale",
    "f =~ a + b; f ~~ f; a ~~ b": "5 free parameters for 3 sample moments",
    "f =~ a + b; g =~ c + d; f ~~ 0*g": "cannot be told apart",
    "f =~ a + b + c + d; f ~~ 0*f": "f=~b, f=~c, f=~d cannot be told apart",
    "f =~ a + b + c + d; f ~ a": "cannot be told apart",
    "f =~ a; a ~~ NA*a; g =~ b + c + d; g ~ f": "latent variable 'f': one indicator only, 'a'",
    "f =~ a + b + c + d; g =~ a + b + c + d": "13 free parameters for 10 sample moments",
    "a ~ b; b ~ a": "4 free parameters for 3 sample moments",
}


@pytest.mark.parametrize("text", NOT_IDENTIFIED)
def test_models_that_are_not_identified(frame, text):
    with pytest.raises(SurveySEMError) as caught:
        sem(text, frame)
    assert isinstance(caught.value, IdentificationError)
    assert NOT_IDENTIFIED[text] in str(caught.value)


NO_MINIMUM = {
    "impossible variance": "f =~ a + b + c + d; a ~~ -1*a",
    "enormous loading": "f =~ a + 1e200*b + c + d",
    "impossible covariance": "f =~ a + b + c + d; a ~~ 50*b",
}


@pytest.mark.parametrize("engine", ["native", "semopy"])
@pytest.mark.parametrize("case", NO_MINIMUM)
def test_a_model_without_a_minimum_has_no_fit(frame, case, engine):
    with pytest.raises(EstimationError) as caught:
        sem(NO_MINIMUM[case], frame, engine=engine)
    assert f"engine {engine}" in str(caught.value)


def test_a_run_cut_short_is_no_fit(frame, monkeypatch):
    """An optimiser that stops early and calls it success is not believed."""
    from surveysem.estimation.engines import semopy

    monkeypatch.setitem(semopy._OPTIONS, "ftol", 1e-1)
    with pytest.raises(EstimationError, match=r"did not converge: the estimates lie .* standard errors"):
        sem(ONE_FACTOR, frame, engine="semopy")


def test_too_few_iterations_are_no_fit(frame, monkeypatch):
    from surveysem.estimation import fitting
    from surveysem.estimation.engines.native import NativeEngine

    monkeypatch.setattr(fitting, "find_engine", lambda name: NativeEngine(max_iterations=2))
    with pytest.raises(EstimationError, match="after 2 iterations: the limit of iterations was reached"):
        sem(ONE_FACTOR, frame)


def test_no_numbers_without_a_minimum(frame, monkeypatch):
    """Estimates that are not numbers never become a Fit."""
    from dataclasses import replace

    from surveysem.estimation import fitting

    engine = fitting.find_engine("semopy")

    class Broken:
        name = "broken"

        def fit(self, problem):
            result = engine.fit(problem)
            return replace(result, theta=np.full_like(result.theta, np.nan))

    monkeypatch.setattr(fitting, "find_engine", lambda name: Broken())
    with pytest.raises(EstimationError, match="did not converge"):
        sem(ONE_FACTOR, frame)


def test_unrelated_items_do_not_pass_for_a_scale():
    """Independent items: either no solution, or one whose loadings are not significant or that is inadmissible."""
    rng = np.random.default_rng(11)
    frame = pd.DataFrame(rng.standard_normal((300, 4)), columns=list("abcd"))
    try:
        fit = sem(ONE_FACTOR, frame)
    except SurveySEMError:
        return
    loadings = fit.estimates.query("op == '=~' and free > 0")
    assert not fit.admissible or (loadings["p_value"] > 0.01).any()


NAMES = st.sampled_from("abcdfg")
CELLS = st.one_of(
    st.floats(-1e6, 1e6),
    st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1.0]),
    st.integers(-9, 9),
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=4, max_size=4), max_size=14),
    st.sampled_from(["a", "b", "x"]),
    st.sampled_from([float, object, str]),
)
def test_any_frame_is_fitted_or_refused(rows, first_name, dtype):
    frame = pd.DataFrame(rows, columns=[first_name, "b", "c", "d"])
    try:
        fit = sem("f =~ a + b + c", frame.astype({"c": dtype}), estimator="MLR")
    except SurveySEMError:
        return
    assert fit.estimates["estimate"].notna().all()
    assert np.isfinite(fit.fit_indices["chisq"])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_random_small_samples_give_a_minimum_or_an_error(seed):
    try:
        fit = sem(ONE_FACTOR, _frame(n=15, seed=seed))
    except SurveySEMError:
        return
    assert fit.solution.distance < 1e-3
    assert fit.fit_indices["chisq"] >= 0
    assert fit.estimates[["estimate", "std_error"]].notna().all(axis=None)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NAMES, st.sampled_from(["=~", "~", "~~"]), NAMES), max_size=7))
def test_any_model_is_fitted_or_refused(formulas):
    text = "\n".join(" ".join(formula) for formula in formulas)
    with contextlib.suppress(SurveySEMError):  # any other error fails the test
        assert sem(text, _frame()).estimates["estimate"].notna().all()


def test_bad_text_and_bad_data_are_told_apart(frame):
    with pytest.raises(ModelSyntaxError):
        sem("f = a + b", frame)
    with pytest.raises(DataError):
        sem("f =~ a + b + c", frame.drop(columns="a"))


def test_a_single_indicator_model_of_real_data(democracy):
    fit = sem("f =~ x1; g =~ y1 + y2 + y3 + y4; g ~ f", democracy)
    assert fit.fit_indices["df"] == 5
    assert fit.admissible


TWO_FACTORS = "f =~ y1 + y2 + y3; g =~ y5 + y6 + y7; g ~ f"


@pytest.fixture(scope="module")
def halves(democracy):
    return democracy.assign(half=np.where(np.arange(75) % 2, "odd", "even"), firm=np.arange(75) % 15)


def _estimate(fit, lhs, op, rhs, group=1):
    table = fit.estimates
    row = table[(table["lhs"] == lhs) & (table["op"] == op) & (table["rhs"] == rhs) & table["group"].isin([group, 0])]
    return row["estimate"].item()


def test_groups_without_constraints_are_two_fits(halves):
    both = sem(TWO_FACTORS, halves, group="half")
    apart = [sem(TWO_FACTORS, halves[halves["half"] == name], meanstructure=True) for name in ("even", "odd")]
    assert both.group_labels == ("even", "odd")
    assert both.n_obs == 75
    for name in ("chisq", "df", "npar", "logl"):
        total = sum(fit.fit_indices[name] for fit in apart)
        assert both.fit_indices[name] == pytest.approx(total, rel=1e-8), name
    table = both.estimates
    assert table["group"].unique().tolist() == [1, 2]
    for number, fit in enumerate(apart, start=1):
        part = table[table["group"] == number]
        for column in ("estimate", "std_error", "std_all"):
            np.testing.assert_allclose(part[column], fit.estimates[column], rtol=1e-5, atol=1e-7)
    pd.testing.assert_series_equal(both.r_squared["odd"], apart[1].r_squared, rtol=1e-5)


def test_groups_are_in_order_of_appearance_and_rows_without_one_are_left_out(halves):
    frame = halves.assign(half=halves["half"].where(halves.index > 2))
    fit = sem(TWO_FACTORS, frame, group="half")
    assert fit.group_labels == ("odd", "even")
    assert fit.n_obs == 72
    assert fit.warnings[0].startswith("3 of 75 rows have a missing value")


def test_what_is_held_equal_is_equal_and_what_is_freed_is_not(halves):
    fit = sem(TWO_FACTORS, halves, group="half", group_equal="loadings", group_partial="g =~ y7")
    pairs = {
        item: [_estimate(fit, latent, "=~", item, group) for group in (1, 2)]
        for latent, item in (("f", "y2"), ("f", "y3"), ("g", "y6"), ("g", "y7"))
    }
    assert {item for item, (first, second) in pairs.items() if first == second} == {"y2", "y3", "y6"}
    free = sem(TWO_FACTORS, halves, group="half")
    assert fit.fit_indices["df"] == free.fit_indices["df"] + 3
    assert fit.fit_indices["chisq"] > free.fit_indices["chisq"]


def test_equal_intercepts_set_latent_means_free(halves):
    fit = sem(TWO_FACTORS, halves, group="half", group_equal=["loadings", "intercepts"])
    assert [_estimate(fit, "f", "~1", "", group) == 0 for group in (1, 2)] == [True, False]
    assert [_estimate(fit, "y1", "~1", "", group) for group in (1, 2)] == [_estimate(fit, "y1", "~1", "")] * 2


def test_labels_and_values_by_group(halves):
    text = "f =~ y1 + c(a, a)*y2 + c(b1, b2)*y3 + y4; f ~~ c(4, NA)*f; gap := b1 - b2"
    fit = sem(text, halves, group="half")
    assert _estimate(fit, "f", "=~", "y2") == _estimate(fit, "f", "=~", "y2", 2)
    assert _estimate(fit, "f", "~~", "f") == 4.0
    assert _estimate(fit, "f", "~~", "f", 2) != 4.0
    difference = _estimate(fit, "f", "=~", "y3") - _estimate(fit, "f", "=~", "y3", 2)
    assert _estimate(fit, "gap", ":=", "b1 - b2") == pytest.approx(difference)


def test_modifiers_for_another_number_of_groups_are_refused(halves):
    with pytest.raises(ModelSyntaxError, match="3 modifiers for 2 groups"):
        sem("f =~ y1 + c(a, b, d)*y2 + y3", halves, group="half")
    with pytest.raises(ModelSyntaxError, match="2 modifiers for 1 group"):
        sem("f =~ y1 + c(a, b)*y2 + y3", halves)


GROUP_ERRORS = {
    "absent": ({"group": "sector"}, "group='sector': no such column"),
    "one value": ({"group": "same"}, "column same: 1 value(s)"),
    "small": ({"group": "few"}, "Group few = 1: "),
    "no parameter": ({"group": "half", "group_partial": ["f =~ y9"]}, "'f=~y9' is no parameter of the model"),
    "no clusters": ({"cluster": "sector"}, "cluster='sector': no such column"),
    "one cluster": ({"cluster": "same"}, "column same: one cluster"),
    "unclustered": ({"cluster": "holes"}, "column holes: 1 missing"),
    "repeated": ({"group": "twice"}, "variable twice: 2 columns have this name"),
}


@pytest.mark.parametrize("case", GROUP_ERRORS)
def test_groups_and_clusters_that_cannot_be_used(halves, case):
    options, message = GROUP_ERRORS[case]
    frame = halves.assign(same=1, few=(np.arange(75) < 3).astype(float), holes=halves["firm"].where(halves.index > 0))
    frame = pd.concat([frame, halves[["half", "half"]].set_axis(["twice", "twice"], axis=1)], axis=1)
    with pytest.raises(SurveySEMError) as caught:
        sem(TWO_FACTORS, frame, **options)
    assert message in str(caught.value)


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
    "a == z": (ModelSyntaxError, "no parameter is labelled z"),
    "a == b; a == b + 1": (ModelSyntaxError, "contradict each other"),
    "a == b^2": (UnsupportedError, "is not linear"),
    "a > 0": (UnsupportedError, "Inequality constraints are not available (a > 0)"),
    "a < b": (UnsupportedError, "Inequality constraints are not available (a < b)"),
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


def test_clusters_change_standard_errors_but_not_estimates(halves):
    plain, clustered = (
        sem(TWO_FACTORS, halves, estimator="MLR", meanstructure=True),
        sem(TWO_FACTORS, halves, cluster="firm"),
    )
    assert clustered.estimator == "MLR"
    np.testing.assert_array_equal(clustered.estimates["estimate"], plain.estimates["estimate"])
    free = clustered.estimates["free"] > 0
    assert (clustered.estimates["std_error"] != plain.estimates["std_error"])[free].all()


@pytest.mark.parametrize("estimator", ["MLR", "MLM", "MLMV", "MLMVS"])
def test_robust_estimators_share_estimates_with_maximum_likelihood(democracy, estimator):
    plain, robust = sem(TWO_FACTORS, democracy), sem(TWO_FACTORS, democracy, estimator=estimator)
    np.testing.assert_array_equal(robust.estimates["estimate"], plain.estimates["estimate"])
    assert robust.fit_indices["chisq"] == plain.fit_indices["chisq"]
    assert robust.fit_indices["chisq.scaled"] != plain.fit_indices["chisq"]
    with pytest.raises(UnsupportedError, match="not available in models with observed exogenous variables"):
        sem("f =~ y1 + y2 + y3; f ~ x1", democracy, estimator=estimator)


def test_products_of_observed_variables_are_made(democracy):
    made = sem("y1 ~ x1 + x2 + x1:x2", democracy)
    given = sem("y1 ~ x1 + x2 + x12", democracy.assign(x12=democracy["x1"] * democracy["x2"]))
    np.testing.assert_allclose(made.estimates["estimate"], given.estimates["estimate"], rtol=1e-12)


def test_products_of_latent_variables_are_refused(democracy):
    with pytest.raises(ModelSyntaxError, match="f:g: a product of latent variables"):
        sem("f =~ x1 + x2 + x3; g =~ y1 + y2 + y3; y5 ~ f + g + f:g", democracy)


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
