"""Moderated regression: R's numbers, scores, findings and refusals."""

from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import DataError, UnsupportedError
from surveysem.inference.moderated_regression import least_squares_regression, product_reliability
from surveysem.modelling.moderated_regression import moderated_regression

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "lavaan_groups_moderation"
ITEMS = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
ROLES = {"outcome": "speed", "predictor": "visual", "moderator": "textual"}
CENTRES = {"mean": "mean", "z": "z", "none": None}
CASES = [("mean", "HC3"), ("mean", "nonrobust"), ("mean", "cluster"), ("z", "HC3"), ("none", "HC3")]
TESTED = ["estimate", "std_error", "t", "p_value", "ci_lower", "ci_upper"]


@cache
def school():
    frame = pd.read_csv(distribution("semopy").locate_file("semopy/examples/holzinger_swineford39_data.csv"))
    return frame.assign(cluster=frame["id"] % 40)


@cache
def result_of(case, covariance):
    cluster = "cluster" if covariance == "cluster" else None
    return moderated_regression(
        school(),
        **ROLES,
        covariates=["ageyr"],
        items=ITEMS,
        covariance=covariance,
        cluster=cluster,
        centre=CENTRES[case],
    )


def stored(name, case, covariance):
    return pd.read_csv(FOLDER / f"regression_{name}.csv", encoding="utf-8").query(
        "case == @case and covariance == @covariance"
    )


@pytest.mark.parametrize(("case", "covariance"), CASES)
def test_coefficients_are_those_of_r(case, covariance):
    ours, theirs = result_of(case, covariance).coefficients, stored("coefficients", case, covariance)
    assert list(ours.index) == theirs["term"].tolist()
    for column in [*TESTED, "beta"]:
        np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-8, err_msg=column)


@pytest.mark.parametrize(("case", "covariance"), CASES)
def test_simple_slopes_and_summary_are_those_of_r(case, covariance):
    result = result_of(case, covariance)
    slopes = stored("slopes", case, covariance).rename(columns={"estimate": "slope"})
    for column in ["at", "moderator_value", "slope", *TESTED[1:]]:
        np.testing.assert_allclose(result.simple_slopes[column], slopes[column], rtol=1e-8, atol=1e-12, err_msg=column)
    row = stored("summary", case, covariance).iloc[0]
    assert result.r_squared == pytest.approx(row["r_squared"], rel=1e-9)
    # ΔR² is the small difference of two shares near .2
    assert result.r_squared_change == pytest.approx(row["r_squared_change"], rel=1e-6)
    assert result.f_squared == pytest.approx(row["f_squared"], rel=1e-6)
    for column in ("F", "df2", "p_value"):
        assert result.interaction_test[column] == pytest.approx(row[column], rel=1e-7)


@pytest.mark.parametrize(("case", "covariance"), CASES)
def test_boundaries_of_significance_are_found_where_a_search_finds_them(case, covariance):
    result = result_of(case, covariance)
    theirs = stored("boundaries", case, covariance)["boundary"]
    np.testing.assert_allclose(result.johnson_neyman.boundaries, theirs, rtol=1e-8)
    signs = [region.sign for region in result.johnson_neyman.regions]
    assert signs == ["none", "positive", "none"]
    shares = [region.share_respondents for region in result.johnson_neyman.regions]
    assert sum(shares) == pytest.approx(1.0)
    curve = result.johnson_neyman.curve
    inside = curve["moderator_value"].between(*result.johnson_neyman.boundaries)
    assert (curve["significant"] == inside).all()


def simulated(n=4000, seed=2, slope=0.3):
    rng = np.random.default_rng(seed)
    x, z, e = rng.normal(size=(3, n))
    z = 0.4 * x + z
    return pd.DataFrame({"x": x, "z": z, "y": 1 + 0.4 * x + 0.2 * z + slope * x * z + (1 + x**2 / 4) * e})


def test_known_effects_are_recovered_and_regions_open_to_one_side():
    result = moderated_regression(simulated(), outcome="y", predictor="x", moderator="z", centre=None)
    truth = {"intercept": 1.0, "x": 0.4, "z": 0.2, "x:z": 0.3}
    for name, value in truth.items():
        row = result.coefficients.loc[name]
        assert abs(row["estimate"] - value) < 3.5 * row["std_error"]
    assert [region.sign for region in result.johnson_neyman.regions] == ["negative", "none", "positive"]
    assert result.johnson_neyman.boundaries[0] < -0.4 / 0.3 < result.johnson_neyman.boundaries[1]
    assert "The effect of x on y rises with z" in result.summary()
    assert "F(1, 3996)" in result.decision


def test_unequal_variances_need_robust_errors():
    roles = {"outcome": "y", "predictor": "x", "moderator": "z"}
    draws = [
        [
            moderated_regression(simulated(n=200, seed=seed), **roles, covariance=kind).coefficients.loc["x:z"]
            for kind in ("HC3", "nonrobust")
        ]
        for seed in range(60)
    ]
    spread = np.std([robust["estimate"] for robust, _ in draws])
    robust, plain = (np.mean([pair[i]["std_error"] for pair in draws]) for i in (0, 1))
    assert abs(robust - spread) < abs(plain - spread)
    assert plain < 0.85 * spread


def test_the_interaction_test_does_not_depend_on_the_centre():
    tests = [result_of(case, "HC3").interaction_test["F"] for case in CENTRES]
    np.testing.assert_allclose(tests, tests[0], rtol=1e-8)
    conditional = result_of("none", "HC3").coefficients.loc["visual", "estimate"]
    assert conditional != pytest.approx(result_of("mean", "HC3").coefficients.loc["visual", "estimate"], rel=1e-2)


def test_error_of_measurement_is_told_in_numbers():
    told = [finding for finding in result_of("mean", "HC3").findings if finding.where == "measurement error"]
    # psych::alpha: .626 and .883
    assert "(alpha) is .63 for visual and .88 for textual" in told[0].message
    means = school()[ITEMS["visual"]].mean(axis=1), school()[ITEMS["textual"]].mean(axis=1)
    r = np.corrcoef(*means)[0, 1]
    assert f"about {(0.6261 * 0.8830 + r**2) / (1 + r**2):.2f} (".replace("0.", ".") in told[0].message
    plain = moderated_regression(simulated(n=100), outcome="y", predictor="x", moderator="z")
    assert plain.findings[0].severity == "note"


def test_reliability_of_a_product_in_simulated_scores():
    rng = np.random.default_rng(3)
    x, u = rng.normal(size=(2, 400_000))
    z = 0.5 * x + np.sqrt(0.75) * u
    first, second = (true + np.sqrt(1 / 0.7 - 1) * rng.normal(size=len(x)) for true in (x, z))
    observed = np.corrcoef(first, second)[0, 1]
    share = np.corrcoef(x * z, first * second)[0, 1] ** 2
    # 400,000 draws: a standard error of about .002
    assert product_reliability(0.7, 0.7, correlation=observed) == pytest.approx(share, abs=0.01)


def test_clusters_are_counted_and_few_are_warned_of():
    notes = [each for each in result_of("mean", "cluster").findings if each.where == "clusters"]
    assert notes[0].severity == "note"
    assert "40 clusters" in notes[0].message
    assert "39 degrees of freedom" in notes[0].message
    few = school().assign(cluster=school()["id"] % 8)
    options = {"items": ITEMS, "covariance": "cluster", "cluster": "cluster"}
    result = moderated_regression(few, **ROLES, **options)
    told = next(each for each in result.findings if each.where == "clusters")
    assert told.severity == "warning"
    assert "reject too often" in told.message
    assert result.interaction_test["df2"] == 7


def test_factor_scores_of_a_fit_stand_beside_their_rows():
    data = school().copy()
    data.loc[[3, 50], "x2"] = np.nan
    fit = ss.cfa("visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9", data)
    result = moderated_regression(data, **ROLES, covariates=["ageyr"], fit=fit)
    scores = fit.factor_scores()
    frame = data.dropna(subset=["x2"]).reset_index(drop=True)
    x, z = (scores[name] - scores[name].mean() for name in ("visual", "textual"))
    design = np.column_stack([np.ones(len(x)), x, z, x * z, frame["ageyr"]])
    expected = np.linalg.lstsq(design, scores["speed"].to_numpy(), rcond=None)[0]
    np.testing.assert_allclose(result.coefficients["estimate"], expected, rtol=1e-8)
    where = [finding.where for finding in result.findings]
    assert "factor scores" in where
    assert "listwise deletion" in where
    full = ss.cfa("visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9", data, missing="fiml")
    assert moderated_regression(data, **ROLES, fit=full).n_obs == len(data)


def test_factor_scores_of_other_data_are_refused():
    fit = ss.cfa("visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9", school())
    with pytest.raises(DataError, match="not those of the fit"):
        moderated_regression(school().iloc[::-1], **ROLES, fit=fit)
    with pytest.raises(DataError, match="not those of the fit"):
        moderated_regression(school().drop(columns="x1"), **ROLES, fit=fit)
    groups = ss.cfa("visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9", school(), group="school")
    with pytest.raises(UnsupportedError, match="several groups"):
        moderated_regression(school(), **ROLES, fit=groups)


def test_incomplete_rows_are_left_out_and_told():
    data = school().copy()
    data.loc[:9, "x5"] = np.nan
    result = moderated_regression(data, **ROLES, items=ITEMS)
    assert result.n_obs == len(data) - 10
    assert "10 of 301 rows" in result.findings[0].message
    same = moderated_regression(data.iloc[10:], **ROLES, items=ITEMS)
    pd.testing.assert_frame_equal(same.coefficients, result.coefficients)


def test_a_binary_moderator_is_probed_at_both_values():
    data = simulated(n=500).assign(sector=lambda frame: (frame["z"] > 0.3).astype(int))
    result = moderated_regression(data, outcome="y", predictor="x", moderator="sector")
    assert result.simple_slopes["moderator_value"].tolist() == [0.0, 1.0]
    for row in result.simple_slopes.itertuples():
        part = data[data["sector"] == row.moderator_value]
        assert row.slope == pytest.approx(np.polyfit(part["x"], part["y"], 1)[0], rel=1e-8)


def test_values_asked_are_in_the_moderators_units_and_extrapolation_is_told():
    result = moderated_regression(simulated(n=300), outcome="y", predictor="x", moderator="z", centre="z", at=[0.5, 40])
    assert result.simple_slopes["moderator_value"].tolist() == [0.5, 40.0]
    plain = moderated_regression(simulated(n=300), outcome="y", predictor="x", moderator="z", centre=None, at=[0.5, 40])
    spread = simulated(n=300)["x"].std()
    np.testing.assert_allclose(result.simple_slopes["slope"], plain.simple_slopes["slope"] * spread, rtol=1e-8)
    assert any("some simple slopes lie beyond" in finding.message for finding in result.findings)


def test_results_print_themselves():
    html = result_of("mean", "HC3")._repr_html_()
    assert "not shown to depend on textual" in html
    assert "<table" in html
    assert "At α = 0.05, the slope of visual on speed" in repr(result_of("mean", "HC3"))


@pytest.mark.parametrize(
    ("options", "error", "texts"),
    [
        ({"covariance": "HC9", "centre": "median", "alpha": 2}, UnsupportedError, ["HC9", "'median'", "alpha"]),
        ({"covariance": "cluster"}, UnsupportedError, ["only one of the two"]),
        ({"covariates": ["x"]}, UnsupportedError, ["variable x: it has two roles"]),
        ({"scores": "scale"}, UnsupportedError, ["no items"]),
        ({"scores": "factor"}, UnsupportedError, ["no fit"]),
        ({"scores": "mean"}, UnsupportedError, ["'mean' is not offered"]),
        ({"at": [np.nan]}, UnsupportedError, ["Give finite values of z"]),
        ({"covariates": ["w", "who"]}, DataError, ["variable w: no such column", "variable who: not all values"]),
        ({"covariates": ["constant"]}, DataError, ["one value only"]),
        ({"covariates": ["copy"]}, DataError, ["collinear", "copy"]),
        ({"outcome": "sum"}, DataError, ["determine it"]),
        ({"covariates": ["alone"]}, DataError, ["HC3 does not exist", "row(s) 1 of those used"]),
        ({"covariance": "cluster", "cluster": "team"}, DataError, ["cluster='team'"]),
        ({"covariance": "cluster", "cluster": "constant"}, DataError, ["one cluster"]),
        ({"covariance": "cluster", "cluster": "gaps"}, DataError, ["5 missing"]),
    ],
)
def test_bad_input_is_refused(options, error, texts):
    data = simulated(n=60).assign(who="somebody", constant=3.0, gaps=lambda frame: frame["x"].round())
    data["copy"] = 2 * data["z"] + 1
    data["sum"] = 2 * data["x"] + data["z"]
    data["alone"] = (data.index == 0).astype(float)
    data.loc[:4, "gaps"] = np.nan
    with pytest.raises(error) as caught:
        moderated_regression(data, **{"outcome": "y", "predictor": "x", "moderator": "z"} | options)
    assert all(text in str(caught.value) for text in texts), str(caught.value)


def test_too_few_rows_and_halves_of_scores_are_refused():
    with pytest.raises(DataError, match="too few rows"):
        moderated_regression(simulated(n=4), outcome="y", predictor="x", moderator="z")
    data = simulated(n=60)
    with pytest.warns(UserWarning, match="cut in two"):
        data["half"] = ss.median_split(data["z"])
    with pytest.raises(DataError) as caught:
        moderated_regression(data, outcome="y", predictor="x", moderator="half")
    assert "Use the score itself" in str(caught.value)


def test_clusters_go_with_their_covariance_alone():
    design = np.column_stack([np.ones(5), np.arange(5.0)])
    with pytest.raises(UnsupportedError, match="Clusters go with"):
        least_squares_regression(np.arange(5.0) ** 2, design, covariance="HC3", clusters=np.arange(5))


def two_moderators(n=4000):
    """Correlated moderators w and d, of which only w moderates."""
    rng = np.random.default_rng(8)
    x, w, noise, e = rng.normal(size=(4, n))
    d = 0.6 * w + 0.8 * noise
    data = pd.DataFrame({"x": x + 1.0, "w": w - 2.0, "d": d + 3.0})
    return data.assign(y=0.3 * x + 0.3 * w + 0.3 * d + 0.4 * x * w + 0.5 * e)


def test_another_product_among_the_covariates_takes_its_part():
    data = two_moderators()
    roles = {"outcome": "y", "predictor": "x", "moderator": "d", "covariates": ["w", "x:w"]}
    result = moderated_regression(data, **roles)
    x, w, d = (data[name] - data[name].mean() for name in "xwd")
    design = np.column_stack([np.ones(len(x)), x, d, x * d, data["w"], x * w])
    by_hand = np.linalg.lstsq(design, data["y"], rcond=None)[0]
    np.testing.assert_allclose(result.coefficients["estimate"], by_hand, rtol=1e-8)
    assert list(result.coefficients.index) == ["intercept", "x", "d", "x:d", "w", "x:w"]
    rows = result.coefficients
    assert abs(rows.loc["x:d", "t"]) < 3.0
    beta = by_hand[5] * x.std() * w.std() / data["y"].std()
    assert rows.loc["x:w", "beta"] == pytest.approx(beta)
    standardized = moderated_regression(data, **roles, centre="z").coefficients
    np.testing.assert_allclose(standardized["beta"].to_numpy()[1:], rows["beta"].to_numpy()[1:], rtol=1e-8)
    # Without it the interaction of the other moderator is taken for that of this one.
    assert moderated_regression(data, **roles | {"covariates": ["w"]}).coefficients.loc["x:d", "t"] > 10.0


def test_slopes_are_those_at_the_mean_of_other_moderators():
    data = two_moderators()
    result = moderated_regression(data, outcome="y", predictor="x", moderator="d", covariates=["w", "x:w"])
    moved = data.assign(w=data["w"] + 7.0)
    again = moderated_regression(moved, outcome="y", predictor="x", moderator="d", covariates=["w", "x:w"])
    np.testing.assert_allclose(result.simple_slopes["slope"], again.simple_slopes["slope"], rtol=1e-8)


def test_products_count_among_the_coefficients():
    roles = {"outcome": "y", "predictor": "x", "moderator": "z", "covariates": ["x:x", "z:z"]}
    with pytest.raises(DataError, match="6 complete rows for 6 coefficients"):
        moderated_regression(simulated(n=6), **roles)


@pytest.mark.parametrize(("product", "told"), [("x:q", "q not in the equation"), ("x:z:x", "not two factors")])
def test_products_of_what_is_not_in_the_equation_are_refused(product, told):
    with pytest.raises(UnsupportedError, match=told):
        moderated_regression(simulated(n=60), outcome="y", predictor="x", moderator="z", covariates=[product])
