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


@pytest.mark.parametrize("options", [{"group": "half"}, {"cluster": "tenth"}, {"group": "half", "cluster": "tenth"}])
def test_labels_of_rows_that_repeat(frame, options):
    """As of two files put one below the other: the same fit as with labels of their own."""
    data = frame.assign(half=np.arange(100) % 2, tenth=np.arange(100) // 10, a=frame["a"].where(frame.index != 3))
    once, twice = (sem(ONE_FACTOR, each, **options) for each in (data, data.set_axis(np.arange(100) % 60)))
    pd.testing.assert_frame_equal(once.estimates, twice.estimates)
    assert twice.fit_indices == once.fit_indices
    assert twice.factor_scores().index.get_level_values("row")[0] == 0


UNUSABLE = {
    "no rows": (lambda frame: frame.iloc[:0], "0 rows for 8 free parameters"),
    "fewer rows than parameters": (lambda frame: frame.head(7), "7 rows for 8 free parameters"),
    "all missing": (lambda frame: frame.assign(a=np.nan), "variable a: no row has a value"),
    "no complete row": (
        lambda frame: frame.assign(a=frame["a"].where(frame.index % 4 > 0), b=frame["b"].where(frame.index % 4 == 0)),
        'variable a: 25 of 100 values missing. Use missing="fiml"',
    ),
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
