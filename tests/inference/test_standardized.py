"""Standardised solutions: special cases that must collapse, and the delta method by finite differences."""

from dataclasses import replace

import numpy as np
import pytest

from surveysem.implied import implied_moments
from surveysem.inference.standardized import plain_rows, standardized_rows
from surveysem.modelling import sem


def _at(group, theta):
    """The same group at other estimates."""
    return replace(group, implied=implied_moments(group.structure, theta))


def _numeric_jacobian(group, kind, products=None, step=1e-6):
    def values(theta):
        return standardized_rows(_at(group, theta), kind, products).values

    units = step * np.eye(len(group.theta))
    return np.column_stack([(values(group.theta + e) - values(group.theta - e)) / (2 * step) for e in units])


@pytest.mark.parametrize("kind", ["std_lv", "std_all", "std_nox"])
def test_jacobian_by_finite_differences(every_fit, kind):
    for group in every_fit.solution.groups:
        numeric = _numeric_jacobian(group, kind)
        # 1e-8: rounding of a central difference with step 1e-6
        np.testing.assert_allclose(standardized_rows(group, kind).jacobian, numeric, rtol=1e-6, atol=1e-8)


def test_jacobian_with_a_latent_product(democracy):
    fit = sem("f =~ x1 + x2 + x3; g =~ y1 + y2 + y3; fg =~ y4 + y7; h =~ y5 + y6; h ~ f + g + fg", democracy)
    (group,), products = fit.solution.groups, {"fg": ("f", "g")}
    numeric = _numeric_jacobian(group, "std_all", products)
    np.testing.assert_allclose(standardized_rows(group, "std_all", products).jacobian, numeric, rtol=1e-6, atol=1e-8)


def test_standard_errors_are_the_delta_method(every_fit):
    jacobian = np.vstack([standardized_rows(group, "std_all").jacobian for group in every_fit.solution.groups])
    expected = np.sqrt(np.diag(jacobian @ every_fit.parameter_covariance @ jacobian.T))
    estimates = every_fit.estimates[every_fit.estimates["op"] != ":="]
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
    assert estimates["ind60", "~~", "ind60"] == pytest.approx(1.0, abs=1e-15)


def test_what_is_one_by_construction_has_no_standard_error(every_fit):
    """Not 1e-17, which would make z = 1e16 and p = 0."""
    table = every_fit.estimates
    tiny = table[(table["std_std_error"] > 0) & (table["std_std_error"] < 1e-9)]
    assert tiny.empty
    fixed = table[table["std_std_error"] == 0]
    assert fixed[["std_ci_lower", "std_ci_upper", "std_p_value"]].isna().all(axis=None)


def test_negative_variances_cannot_standardise(democracy_fit):
    solution = democracy_fit.solution
    number = next(row.free for row in solution.table if row.name == "ind60~~ind60")
    theta = solution.theta.copy()
    theta[number - 1] = -0.1
    values = standardized_rows(_at(solution.groups[0], theta), "std_all").values
    rows = [row for row in solution.table if row.op != ":="]
    named = {row.name: value for row, value in zip(rows, values, strict=True)}
    assert np.isnan(named["ind60=~x1"])
    assert np.isnan(named["ind60~~ind60"])
    assert not np.isnan(named["dem60=~y1"])


def test_plain_rows_are_the_estimates(every_fit):
    table = every_fit.estimates
    values = np.concatenate([plain_rows(group).values for group in every_fit.solution.groups])
    np.testing.assert_array_equal(values, table[table["op"] != ":="]["estimate"])


def test_means_are_standardised_by_the_standard_deviation(democracy):
    fit = sem("f =~ y1 + y2 + y3; y1 ~ 0*1; f ~ 1", democracy)
    table = fit.estimates.set_index(["lhs", "op", "rhs"])
    mean, variance = table.loc[("f", "~1", "")], table.loc[("f", "~~", "f"), "estimate"]
    assert mean["estimate"] == pytest.approx(democracy["y1"].mean())
    assert mean["std_all"] == mean["std_lv"] == pytest.approx(mean["estimate"] / np.sqrt(variance))
    intercept = table.loc[("y2", "~1", "")]
    deviation = np.sqrt(fit.implied_covariance.loc["y2", "y2"])
    assert intercept["std_all"] == pytest.approx(intercept["estimate"] / deviation)
    assert intercept["std_lv"] == intercept["estimate"]
