"""Standardised solutions: special cases that must collapse, and the delta method by finite differences."""

from dataclasses import replace

import numpy as np
import pytest

from surveysem.implied import implied_moments
from surveysem.inference.standardized import plain_rows, standardized_rows
from surveysem.modelling import sem


def _at(solution, theta):
    """The same solution at other estimates."""
    return replace(
        solution,
        implied=implied_moments(solution.structure, theta),
        engine_result=replace(solution.engine_result, theta=theta),
    )


@pytest.mark.parametrize("kind", ["std_lv", "std_all"])
def test_jacobian_by_finite_differences(any_fit, kind):
    solution, step = any_fit.solution, 1e-6
    rows = standardized_rows(solution, kind)
    numeric = np.column_stack(
        [
            (
                standardized_rows(_at(solution, solution.theta + step * unit), kind).values
                - standardized_rows(_at(solution, solution.theta - step * unit), kind).values
            )
            / (2 * step)
            for unit in np.eye(solution.table.n_free)
        ]
    )
    # 1e-8: rounding of a central difference with step 1e-6
    np.testing.assert_allclose(rows.jacobian, numeric, rtol=1e-6, atol=1e-8)


def test_jacobian_with_a_latent_product(democracy):
    fit = sem("f =~ x1 + x2 + x3; g =~ y1 + y2 + y3; fg =~ y4 + y7; h =~ y5 + y6; h ~ f + g + fg", democracy)
    solution, step, products = fit.solution, 1e-6, {"fg": ("f", "g")}
    numeric = np.column_stack(
        [
            (
                standardized_rows(_at(solution, solution.theta + step * unit), "std_all", products).values
                - standardized_rows(_at(solution, solution.theta - step * unit), "std_all", products).values
            )
            / (2 * step)
            for unit in np.eye(solution.table.n_free)
        ]
    )
    rows = standardized_rows(solution, "std_all", products)
    np.testing.assert_allclose(rows.jacobian, numeric, rtol=1e-6, atol=1e-8)


def test_standard_errors_are_the_delta_method(any_fit):
    rows = standardized_rows(any_fit.solution, "std_all")
    expected = np.sqrt(np.diag(rows.jacobian @ any_fit.parameter_covariance @ rows.jacobian.T))
    estimates = any_fit.estimates[any_fit.estimates["op"] != ":="]
    np.testing.assert_allclose(estimates["std_std_error"], expected, rtol=1e-10, atol=1e-12)


def test_standardised_data_with_unit_variances_need_no_standardising(holzinger):
    columns = [f"x{number}" for number in range(1, 7)]
    scores = (holzinger[columns] - holzinger[columns].mean()) / holzinger[columns].std(ddof=0)
    fit = sem("f =~ x1 + x2 + x3; g =~ x4 + x5 + x6", scores, std_lv=True)
    np.testing.assert_allclose(fit.estimates["std_all"], fit.estimates["estimate"], rtol=1e-6)
    np.testing.assert_allclose(fit.estimates["std_lv"], fit.estimates["estimate"], rtol=1e-6)


def test_scaling_of_latent_variables_leaves_the_standardised_solution(holzinger):
    text = "f =~ {}x1 + x2 + x3; g =~ x4 + x5 + x6; g ~ f"
    marker, unit = sem(text.format(""), holzinger), sem(text.format("NA*") + "; f ~~ 1*f", holzinger)
    key = ["lhs", "op", "rhs"]
    merged = marker.estimates.merge(unit.estimates, on=key, suffixes=("", "_unit"))
    assert len(merged) == len(marker.estimates)
    for column in ("std_all", "std_std_error"):
        # 1e-5: the two runs stop about 1e-6 standard errors from the minimum
        np.testing.assert_allclose(merged[column], merged[f"{column}_unit"], rtol=1e-5, atol=1e-9)


def test_equations_of_a_standardised_solution_account_for_all_variance(democracy_fit):
    estimates = democracy_fit.estimates.set_index(["lhs", "op", "rhs"])["std_all"]
    assert estimates["dem60", "~~", "dem60"] + estimates["dem60", "~", "ind60"] ** 2 == pytest.approx(1.0)
    assert estimates["x1", "~~", "x1"] + estimates["ind60", "=~", "x1"] ** 2 == pytest.approx(1.0)
    assert estimates["ind60", "~~", "ind60"] == 1.0


def test_what_is_one_by_construction_has_no_standard_error(any_fit):
    """Not 1e-17, which would make z = 1e16 and p = 0."""
    table = any_fit.estimates
    tiny = table[(table["std_std_error"] > 0) & (table["std_std_error"] < 1e-9)]
    assert tiny.empty
    fixed = table[table["std_std_error"] == 0]
    assert fixed[["std_ci_lower", "std_ci_upper", "std_p_value"]].isna().all(axis=None)


def test_negative_variances_cannot_standardise(democracy_fit):
    solution = democracy_fit.solution
    number = next(row.free for row in solution.table if row.name == "ind60~~ind60")
    theta = solution.theta.copy()
    theta[number - 1] = -0.1
    values = standardized_rows(_at(solution, theta), "std_all").values
    rows = [row for row in solution.table if row.op != ":="]
    named = {row.name: value for row, value in zip(rows, values, strict=True)}
    assert np.isnan(named["ind60=~x1"])
    assert np.isnan(named["ind60~~ind60"])
    assert not np.isnan(named["dem60=~y1"])


def test_plain_rows_are_the_estimates(any_fit):
    table = any_fit.estimates
    np.testing.assert_array_equal(plain_rows(any_fit.solution).values, table[table["op"] != ":="]["estimate"])
