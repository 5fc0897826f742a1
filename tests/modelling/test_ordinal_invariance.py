"""Measurement invariance of ordered indicators: lavaan's and semTools' levels, and what is told about them."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.errors import UnsupportedError
from surveysem.inference.modification import modification_indices
from surveysem.modelling import InvarianceCriteria, measurement_invariance, sem

REFERENCE = Path(__file__).resolve().parents[1] / "reference"
FOLDER = REFERENCE / "lavaan_ordinal_invariance"
SEVEN = "f1 =~ x1 + x2 + x3 + x4; f2 =~ x5 + x6 + x7"
EIGHT = "f1 =~ x1 + x2 + x3 + x4; f2 =~ x5 + x6 + x7 + x8"
LENIENT = InvarianceCriteria(cfi=1.0, rmsea=1.0, srmr_metric=1.0, srmr_scalar=1.0)
CASES = {
    "groups": (SEVEN, {"ordered": True}),
    "three": (EIGHT, {"ordered": True}),
    "three_ulsmv": (EIGHT, {"ordered": True, "estimator": "ULSMV"}),
    "three_wlsm": (EIGHT, {"ordered": True, "estimator": "WLSM"}),
    "three_partial": (EIGHT, {"ordered": True, "group_partial": ("x3 ~ 1", "x2|t4", "f2 =~ x7")}),
    "some": (EIGHT, {"ordered": ("x1", "x2", "x3", "x4", "x5", "x6")}),
    "binary": (EIGHT, {"ordered": True}),
}
COLUMNS = {
    "chisq": "chisq_scaled",
    "df": "df",
    "cfi": "cfi",
    "rmsea": "rmsea",
    "srmr": "srmr",
    "chisq_diff": "chisq_diff",
    "df_diff": "df_diff",
    "p_value": "p_value",
}


@cache
def _data(name):
    folder = REFERENCE / "lavaan_least_squares" if name == "groups" else FOLDER
    return pd.read_csv(folder / f"{name}.csv", encoding="utf-8")


@cache
def _ladder(case):
    syntax, options = CASES[case]
    return measurement_invariance(
        syntax, _data(case.split("_")[0]), group="school", criteria=LENIENT, up_to="scalar", **options
    )


@pytest.mark.parametrize("case", CASES)
def test_levels_are_lavaans(case):
    theirs = pd.read_csv(FOLDER / "ladders.csv", encoding="utf-8").query("set == @case").set_index("level")
    table = _ladder(case).table
    assert list(table.index) == list(theirs.index)
    for ours, name in COLUMNS.items():
        np.testing.assert_allclose(table[ours], theirs[name], rtol=1e-4, atol=1e-6, err_msg=ours)
    assert set(table["version"]) == {"scaled"}


@pytest.mark.parametrize("case", CASES)
def test_changes_are_those_of_the_indices_shown(case):
    table = _ladder(case).table
    for name in ("cfi", "rmsea", "srmr"):
        np.testing.assert_allclose(table[f"d_{name}"].iloc[1:], table[name].diff().iloc[1:], atol=1e-12)


def test_latent_responses_are_identified_after_wu_and_estabrook():
    fits = _ladder("three").fits
    free = {level: {row.name for row in fit.table if row.free and row.group == 2} for level, fit in fits.items()}
    assert {"x1~1.g2", "x1~*~x1.g2"} <= free["thresholds"]
    assert "f1~1.g2" not in free["metric"]
    assert {"f1~1.g2", "x1~*~x1.g2"} <= free["scalar"]
    assert "x1~1.g2" not in free["scalar"]


def test_binary_items_are_tested_at_the_scalar_level_only():
    result = _ladder("binary")
    told = {finding.where: finding.message for finding in result.findings}
    assert "no restriction beyond the configural level" in told["thresholds level"]
    assert "no restriction beyond the configural level" in told["metric level"]
    assert "tested together" in told["binary items x1, x2, x3, x4, x5, x6, x7, x8"]


def test_binary_items_among_others_leave_the_first_levels_unrestricted():
    """Equal thresholds and loadings of x3 and x6 cost nothing: without them the fit is the same."""
    metric = _ladder("some").fits["metric"]
    freed = ("x3|t1", "x6|t1", "f1=~x3", "f2=~x6")
    options = CASES["some"][1] | {"group_partial": freed}
    other = measurement_invariance(EIGHT, _data("some"), group="school", criteria=LENIENT, **options).fits["metric"]
    assert other.fit_indices["df"] == metric.fit_indices["df"]
    assert other.fit_indices["chisq"] == pytest.approx(metric.fit_indices["chisq"], rel=1e-6)


def test_thresholds_of_three_categories_are_no_restriction():
    data = _data("three").query("school != 'c'")
    items = [f"x{number}" for number in range(1, 9)]
    data = data.assign(**{item: data[item].clip(2, 4) if data[item].max() > 3 else data[item] for item in items})
    result = measurement_invariance(EIGHT, data, group="school", ordered=True, criteria=LENIENT)
    assert list(result.fits) == ["configural", "metric", "scalar", "strict"]
    equal = sem(
        "; ".join(
            [EIGHT, *(f"{item} ~ c(0, NA)*1; {item} ~*~ c(1, NA)*{item}" for item in items), "f1 + f2 ~ c(0, 0)*1"]
        ),
        data,
        group="school",
        group_equal=("thresholds",),
        ordered=True,
    )
    assert equal.fit_indices["chisq"] == pytest.approx(result.fits["configural"].fit_indices["chisq"], rel=1e-6)


def test_it_stops_and_proposes_what_differs():
    """x3 of school b was shifted by 0.4; equal intercepts are what fails."""
    result = measurement_invariance(EIGHT, _data("three"), group="school", ordered=True)
    assert result.highest == "metric"
    assert "latent means cannot be compared" in result.decision
    proposed = result.proposals.iloc[0]
    assert (proposed["lhs"], proposed["parameter"]) == ("x3~1.g2", "x3~1")
    # The expected change is near the estimate once it is free: the score test's first step.
    options = {"group": "school", "ordered": True, "criteria": LENIENT}
    freed = measurement_invariance(EIGHT, _data("three"), group_partial=("x3~1",), **options).fits["scalar"]
    estimate = freed.estimates.query("lhs == 'x3' and op == '~1' and group == 2")["estimate"].item()
    assert proposed["epc"] == pytest.approx(estimate, rel=0.2)


def test_proposals_of_intercepts_are_modification_indices():
    result = measurement_invariance(EIGHT, _data("three"), group="school", ordered=True)
    indices = modification_indices(result.fits["scalar"]).query("op == '~1'")
    expected = {f"{row.lhs}~1.g{row.group}": row.mi for row in indices.itertuples() if row.group > 1}
    found = result.proposals.set_index("lhs")["chi_square"]
    assert len(expected) == 16
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_partial_invariance_frees_what_was_proposed():
    options = {"group": "school", "ordered": True}
    result = measurement_invariance(EIGHT, _data("three"), group_partial=("x3~1",), **options)
    assert result.highest == "strict"
    assert result.proposals.empty


def test_the_difference_test_decides_where_asked():
    strict = InvarianceCriteria(cfi=1.0, rmsea=1.0, srmr_metric=1.0, srmr_scalar=1.0, p_value=0.05)
    result = measurement_invariance(EIGHT, _data("three"), group="school", ordered=True, criteria=strict)
    assert result.table.index[~result.table["holds"]].tolist() == ["metric"]
    assert result.table.loc["metric", "p_value"] == pytest.approx(0.023, abs=1e-3)


def test_what_a_reader_must_know_is_printed():
    result = _ladder("binary")
    assert "metric level" in repr(result)
    assert "metric level" in result._repr_html_()


def test_a_fixed_latent_variance_is_pointed_out():
    syntax = "f1 =~ NA*x1 + x2 + x3 + x4; f1 ~~ 1*f1"
    result = measurement_invariance(syntax, _data("groups"), group="school", ordered=True, criteria=LENIENT)
    assert any("fixed to one value" in each.message and each.where.endswith("f1") for each in result.findings)


@pytest.mark.parametrize("estimator", ["DWLS", "ULS"])
def test_estimators_without_a_difference_test_are_refused(estimator):
    with pytest.raises(UnsupportedError, match=f"{estimator[-3:]}.*has no difference test"):
        measurement_invariance(SEVEN, _data("groups"), group="school", ordered=True, estimator=estimator)


@pytest.mark.parametrize("case", [case for case in CASES if case != "three_partial"])
def test_strict_invariance_is_lavaans_with_residual_variances_as_parameters(case):
    theirs = pd.read_csv(FOLDER / "strict.csv", encoding="utf-8").set_index("set").loc[case]
    syntax, options = CASES[case]
    data = _data(case.split("_")[0])
    ours = measurement_invariance(syntax, data, group="school", criteria=LENIENT, **options).table.loc["strict"]
    for name, stored in {name: stored for name, stored in COLUMNS.items() if stored in theirs.index}.items():
        # lavaan's search under this parameterisation ends within about 1e-5 of the minimum.
        assert ours[name] == pytest.approx(theirs[stored], rel=1e-4, abs=1e-6)


def test_residual_variances_that_differ_are_found_proposed_and_freed():
    rng = np.random.default_rng(11)
    n, names = 700, ["x1", "x2", "x3", "x4"]
    answers = []
    for spread in (1.0, 2.5):
        factor = rng.normal(size=(n, 1))
        noise = rng.normal(size=(n, 4)) * np.sqrt([spread, 1.0, 1.0, 1.0])
        answers.append(np.digitize(factor + noise, [-1.5, -0.5, 0.5, 1.5]))
    data = pd.DataFrame(np.vstack(answers), columns=names).assign(school=np.repeat(["a", "b"], n))
    criteria = InvarianceCriteria(cfi=1.0, rmsea=1.0, srmr_metric=1.0, srmr_scalar=1.0, p_value=0.01)
    options = {"group": "school", "ordered": True, "criteria": criteria}
    failed = measurement_invariance("f =~ x2 + x1 + x3 + x4", data, **options)
    assert failed.highest == "scalar"
    residuals = failed.proposals[failed.proposals["parameter"].str.contains("~~")]
    assert residuals["parameter"].iloc[0] == "x1~~x1"
    partial = measurement_invariance("f =~ x2 + x1 + x3 + x4", data, group_partial="x1~~x1", **options)
    assert partial.highest == "strict"
    assert partial.table.loc["strict", "df"] == failed.table.loc["strict", "df"] - 1
    # At the strict level the residual variances of the others, 1/δ² less what the factor explains, are equal.
    estimates = partial.fits["strict"].estimates
    rest = estimates[(estimates["op"] == "~~") & (estimates["lhs"] == estimates["rhs"]) & (estimates["lhs"] != "f")]
    by_item = rest.groupby("lhs")["estimate"].agg(["first", "last"])
    np.testing.assert_allclose(by_item.loc[["x2", "x3", "x4"], "first"], by_item.loc[["x2", "x3", "x4"], "last"])
    assert by_item.loc["x1", "last"] / by_item.loc["x1", "first"] == pytest.approx(2.5, rel=0.3)


def test_there_is_no_strict_level_where_it_cannot_be_written():
    with pytest.raises(UnsupportedError, match="thresholds, metric, scalar"):
        measurement_invariance(
            "f1 =~ x1 + x2 + x3; f2 =~ x5 + x6 + x7; f1 ~ f2",
            _data("three"),
            group="school",
            ordered=True,
            up_to="strict",
        )
