"""Modification indices and score tests: against lavaan, against refitting, against differences of the gradient."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from surveysem.errors import UnsupportedError
from surveysem.inference.extended import extend
from surveysem.inference.modification import modification_indices, release, score_test
from surveysem.modelling import sem
from surveysem.specification import Parameter

# lavaan's estimates, at the tightest stop its optimiser knows, are up to 1e-4 standard errors from the minimum;
# z = √MI inherits that. Our own are checked against differences below.
DISTANCE = 2e-4
CASES = {
    "democracy": "democracy",
    "democracy_equal": "democracy_equal",
    "holzinger": "holzinger",
    "holzinger_std_lv": "holzinger_std_lv",
    "holzinger_missing": "holzinger_missing",
    "second_order": "second_order",
    # Paths to exogenous variables change what lavaan counts as fixed: its values with fixed.x = FALSE are right.
    "covariates": "covariates_random",
    "observed_paths": "observed_paths_random",
    "configural": "configural",
    "metric": "metric",
    "scalar": "scalar",
    "scalar_mlr": "scalar_mlr",
}


def keyed(table):
    rows = zip(table["lhs"], table["op"], table["rhs"], table["group"], strict=True)
    keys = [(*sorted((lhs, rhs)), op, group) if op == "~~" else (lhs, rhs, op, group) for lhs, op, rhs, group in rows]
    return table.set_axis(pd.Index(keys, tupleize_cols=False), axis=0)


@pytest.mark.parametrize("case", CASES)
def test_candidates_are_lavaans(case, fit_of, stored):
    ours, theirs = modification_indices(fit_of(case)), stored("modification_indices", case=CASES[case])
    assert sorted(keyed(ours).index, key=str) == sorted(keyed(theirs).index, key=str)


@pytest.mark.parametrize("case", CASES)
def test_indices_and_changes_are_lavaans(case, fit_of, stored):
    ours = keyed(modification_indices(fit_of(case)))
    theirs = keyed(stored("modification_indices", case=CASES[case])).loc[list(ours.index)]
    z, their_z = (np.sign(table["epc"]) * np.sqrt(table["mi"]) for table in (ours, theirs))
    np.testing.assert_allclose(z, their_z, rtol=1e-4, atol=DISTANCE)
    error = (ours["epc"] / z).abs()
    for name, their_name in (("epc", "epc"), ("sepc_lv", "sepc.lv"), ("sepc_all", "sepc.all")):
        unit = error * (ours[name] / ours["epc"]).abs()
        np.testing.assert_allclose(ours[name] / unit, theirs[their_name] / unit, rtol=1e-4, atol=DISTANCE)


def test_changes_that_touch_no_exogenous_moment_are_lavaans_with_fixed_x(fit_of, stored):
    ours, theirs = (
        keyed(table)
        for table in (
            modification_indices(fit_of("covariates")),
            stored("modification_indices", case="covariates"),
        )
    )
    inward = [key for key in ours.index if not (key[2] == "~" and key[0] in ("sex", "ageyr", "grade"))]
    assert len(inward) > 60
    np.testing.assert_allclose(
        np.sqrt(ours.loc[inward, "mi"]), np.sqrt(theirs.loc[inward, "mi"]), rtol=1e-4, atol=DISTANCE
    )


def test_lavaans_other_candidates_are_moments_among_exogenous_variables(fit_of, stored):
    ours, theirs = (
        keyed(table)
        for table in (
            modification_indices(fit_of("covariates")),
            stored("modification_indices", case="covariates"),
        )
    )
    left_out = theirs.loc[[key for key in theirs.index if key not in ours.index]]
    # sex and age regress on everything visual does: freed beside the moments of x these are not identified.
    assert {key[0] for key in left_out.index} == {"sex", "ageyr", "grade"}
    assert left_out["mi"].max() < 1e-6


def test_sorted_with_numeric_columns(fit_of):
    indices = modification_indices(fit_of("scalar"))
    assert list(indices.columns) == ["lhs", "op", "rhs", "group", "mi", "epc", "sepc_lv", "sepc_all"]
    assert indices["mi"].is_monotonic_decreasing
    assert set(indices["group"]) == {1, 2}
    assert indices.notna().all(axis=None)


def test_a_freed_parameter_changes_about_as_expected(holzinger, fit_of):
    fit = fit_of("holzinger")
    first = modification_indices(fit).iloc[0]
    assert (first["lhs"], first["op"], first["rhs"]) == ("visual", "=~", "x9")
    syntax = "visual =~ x1 + x2 + x3 + x9; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9"
    freed = sem(syntax, holzinger)
    drop = fit.fit_indices["chisq"] - freed.fit_indices["chisq"]
    row = freed.estimates.query("lhs == 'visual' and rhs == 'x9'").iloc[0]
    # Score and likelihood-ratio statistics agree only to first order: 36.4 against 32.9 here.
    assert drop == pytest.approx(first["mi"], rel=0.15)
    assert row["estimate"] == pytest.approx(first["epc"], rel=0.5)


def test_a_path_to_a_covariate_changes_about_as_expected(fit_of, democracy):
    """The path enters beside free moments of the covariates, which lavaan's default leaves out of the information."""
    fit = fit_of("observed_paths")
    row = modification_indices(fit).query("lhs == 'x3' and rhs == 'y5'").iloc[0]
    syntax = """
        y1 ~ x1 + x2
        y5 ~ y1 + x1
        y6 ~ y1 + x3
        x3 ~ y5 + x1 + x2
        y5 ~~ y6
    """
    freed = sem(syntax, democracy)
    drop = fit.fit_indices["chisq"] - freed.fit_indices["chisq"]
    assert drop == pytest.approx(row["mi"], rel=0.1)


def test_numbers_are_those_of_the_gradients_differences(fit_of):
    """MI and EPC by their definition, from numeric derivatives of the gradient in the model with one more loading."""
    fit = fit_of("democracy_means")
    candidate = Parameter(lhs="ind60", op="=~", rhs="y2")
    row = modification_indices(fit).query("lhs == 'ind60' and op == '=~' and rhs == 'y2'").iloc[0]
    model = extend(fit.solution, [candidate])
    theta, problem = model.implied[0].theta, model.problem
    exact = replace(
        problem,
        discrepancies=tuple(
            replace(each, moments=replace(each.moments, covariance=moments.covariance, means=moments.mean))
            for each, moments in zip(problem.discrepancies, model.implied, strict=True)
        ),
    )
    # At data that the model fits exactly the Hessian is its expectation, and is the Jacobian of the gradient.
    unit = 1e-6 * np.eye(len(theta))
    hessian = np.array(
        [(exact.gradient(exact.implied(theta + e)) - exact.gradient(exact.implied(theta - e))) / 2e-6 for e in unit]
    )
    unit_value = 1e-5 * np.eye(len(theta))[-1]
    up, down = (problem.value(problem.implied(theta + sign * unit_value)) for sign in (1, -1))
    score = -(up - down) / 2e-5 / 2
    information = hessian / 2
    left = information[-1, -1] - information[-1, :-1] @ np.linalg.solve(information[:-1, :-1], information[:-1, -1])
    assert row["mi"] == pytest.approx(fit.n_obs * score**2 / left, rel=1e-4)
    assert row["epc"] == pytest.approx(score / left, rel=1e-4)


def test_the_extended_model_stands_where_the_solution_does(fit_of):
    fit = fit_of("scalar")
    model = extend(fit.solution, [Parameter(lhs="visual", op="=~", rhs="x9", group=2)])
    for group, implied in zip(fit.solution.groups, model.implied, strict=True):
        np.testing.assert_allclose(implied.covariance, group.implied.covariance, rtol=1e-12)
        np.testing.assert_allclose(implied.mean, group.implied.mean, rtol=1e-12)


def test_a_direction_the_model_has_already_cannot_be_released():
    curvature = np.array([[2.0, 2.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.0, 4.0]])
    released = release(np.array([0.0, 0.0, -2.0]), curvature, np.eye(3)[:, :1], np.eye(3)[:, 1:], 10)
    assert np.isnan(released.statistic[0])
    assert released.statistic[1] == pytest.approx(10 * 1.0**2 / 2.0)
    assert released.change[1] == pytest.approx(0.5)


@pytest.mark.parametrize("case", ["democracy_equal", "metric", "scalar"])
def test_score_tests_are_lavaans(case, fit_of, stored):
    test = score_test(fit_of(case))
    theirs = stored("score_tests", case=case)
    univariate = theirs[theirs["first"] != "total"].set_index(["first", "second"])["X2"]
    ours = test.constraints.set_index(["lhs", "rhs"])["chi_square"]
    assert set(ours.index) == set(univariate.index)
    np.testing.assert_allclose(np.sqrt(ours.loc[univariate.index]), np.sqrt(univariate), rtol=1e-4, atol=DISTANCE)
    assert test.chi_square == pytest.approx(theirs.set_index("first").loc["total", "X2"], rel=1e-4)


def test_the_total_score_test_is_near_the_likelihood_ratio(fit_of):
    """With the degrees of freedom of the models' difference; lavaan counts 15 constraints, 3 of which set scales."""
    scalar, configural = fit_of("scalar").fit_indices, fit_of("configural").fit_indices
    test = score_test(fit_of("scalar"))
    assert test.degrees_of_freedom == scalar["df"] - configural["df"] == 12
    assert test.chi_square == pytest.approx(scalar["chisq"] - configural["chisq"], rel=0.05)


def test_a_released_constraint_changes_about_as_expected(holzinger, fit_of):
    scalar = fit_of("scalar")
    first = score_test(scalar).constraints.iloc[0]
    assert first["parameter"] == "x3~1"
    freed = sem(
        "visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9",
        holzinger,
        group="school",
        group_equal=("loadings", "intercepts"),
        group_partial=[first["parameter"]],
    )
    drop = scalar.fit_indices["chisq"] - freed.fit_indices["chisq"]
    intercepts = freed.estimates.query("lhs == 'x3' and op == '~1'")["estimate"].to_numpy()
    assert drop == pytest.approx(first["chi_square"], rel=0.1)
    assert intercepts[0] - intercepts[1] == pytest.approx(first["epc"], rel=0.2)


def test_models_without_constraints_are_refused(fit_of):
    with pytest.raises(UnsupportedError, match="no equality constraints"):
        score_test(fit_of("holzinger"))
