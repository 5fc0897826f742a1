"""Latent interactions by product indicators: rows used, options, what is refused and what a reader is told."""

import numpy as np
import pandas as pd
import pytest

from surveysem.data import product_indicators
from surveysem.errors import DataError, UnsupportedError
from surveysem.modelling import sem
from surveysem.modelling.product_indicator import with_product_indicators
from surveysem.specification import parse_syntax, product_pairs

MEASUREMENT = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3"
MODEL = f"{MEASUREMENT}; Y ~ X + Z + X:Z"


def _frame(n=400, seed=1, means=(3.0, -2.0)) -> pd.DataFrame:
    """Simulated: Y = .4 X + .3 Z + .5 XZ + noise, in deviations of X and Z from their means."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    z = 0.4 * x + np.sqrt(1 - 0.4**2) * rng.standard_normal(n)
    y = 0.4 * x + 0.3 * z + 0.5 * x * z + 0.6 * rng.standard_normal(n)
    latent = {"x": x + means[0], "z": z + means[1], "y": y}
    items = {
        f"{name}{i}": (1.2 - 0.2 * i) * scores + 0.4 * rng.standard_normal(n)
        for name, scores in latent.items()
        for i in (1, 2, 3)
    }
    return pd.DataFrame(items).assign(part=np.where(np.arange(n) % 3, "a", "b"), m=rng.integers(0, 2, n))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return _frame()


def _path(fit, rhs, lhs="Y") -> pd.Series:
    table = fit.estimates
    return table[(table["op"] == "~") & (table["lhs"] == lhs) & (table["rhs"] == rhs)].iloc[0]


def _model(frame, syntax=MODEL, **options):
    return with_product_indicators(parse_syntax(syntax), frame, **options)


@pytest.mark.parametrize("centering", ["double", "residual", "unconstrained"])
def test_shifted_items_change_nothing(frame, centering):
    shifted = frame.assign(x1=frame["x1"] + 100, z2=frame["z2"] - 7)
    first, second = (sem(MODEL, each, centering=centering) for each in (frame, shifted))
    for name in ("X", "Z", "X:Z"):
        assert _path(second, name)["estimate"] == pytest.approx(_path(first, name)["estimate"], rel=1e-6)


def test_the_effect_is_that_of_the_population():
    """Four standard errors about the values that were simulated, which the items' scales leave as they are."""
    fit = sem(MODEL, _frame(n=4000, seed=5), estimator="MLR")
    for name, value in {"X": 0.4, "Z": 0.3, "X:Z": 0.5}.items():
        row = _path(fit, name)
        assert abs(row["estimate"] - value) < 4 * row["std_error"], name


def test_products_are_centred_at_the_rows_that_are_used(frame):
    holes = frame.copy()
    holes.loc[[3, 8, 9], "y1"] = np.nan
    holes.loc[[9, 20], "x1"] = np.nan
    fit = sem(MODEL, holes)
    assert fit.n_obs == 396
    assert any("4 of 400 rows" in message for message in fit.warnings)
    expected = sem(MODEL, frame.drop([3, 8, 9, 20]))
    pd.testing.assert_frame_equal(fit.estimates, expected.estimates)


def test_an_index_with_repeated_labels(frame):
    repeated = frame.set_axis([0] * len(frame), axis=0)
    pd.testing.assert_frame_equal(sem(MODEL, repeated).estimates, sem(MODEL, frame).estimates)


def test_the_data_are_left_alone(frame):
    before = frame.copy(deep=True)
    sem(MODEL, frame)
    pd.testing.assert_frame_equal(frame, before)


def test_products_of_groups_are_of_deviations_from_their_own_means(frame):
    """A shift of a whole group changes nothing, since latent variables have mean 0 in each group."""
    shifted = frame.copy()
    items = ["x1", "x2", "x3", "z1", "z2", "z3"]
    shifted.loc[shifted["part"] == "b", items] += 2.0
    first, second = (sem(MODEL, each, group="part") for each in (frame, shifted))
    paths = [fit.estimates.query("op == '~'")[["estimate", "std_error"]] for fit in (first, second)]
    np.testing.assert_allclose(paths[1], paths[0], rtol=1e-5)
    alone = sem(MODEL, frame[frame["part"] == "b"])
    of_b = first.estimates[(first.estimates["group"] == 2) | (first.estimates["group"] == 1)]
    groups = dict(zip(first.group_labels, (1, 2), strict=True))
    of_b = of_b[(of_b["group"] == groups["b"]) & (of_b["op"] == "~")]
    np.testing.assert_allclose(of_b["estimate"], alone.estimates.query("op == '~'")["estimate"], rtol=1e-5)


def test_residuals_are_unrelated_to_all_items_of_both_variables(frame):
    made = _model(frame, centering="residual").frame
    products = made.filter(like=".").columns
    assert len(products) == 9
    items = ["x1", "x2", "x3", "z1", "z2", "z3"]
    covariances = made[[*items, *products]].cov(ddof=0).loc[items, products]
    np.testing.assert_allclose(covariances, 0, atol=1e-10)
    own = product_indicators(frame, product_pairs(["x1"], ["z1"], "all"), centering="residual")["x1.z1"]
    assert not np.allclose(own, made["x1.z1"])


def test_residuals_of_incomplete_rows(frame):
    holes = frame.copy()
    holes.loc[0, "x1"] = np.nan
    made = product_indicators(
        holes,
        product_pairs(["x2"], ["z1"], "all"),
        centering="residual",
        predictors={"x2.z1": ["x1", "x2", "z1"]},
        incomplete=True,
    )["x2.z1"]
    assert made.isna().tolist() == [True] + [False] * (len(frame) - 1)
    rest = holes.drop(index=0)
    basis = np.column_stack([np.ones(len(rest)), rest[["x1", "x2", "z1"]]])
    np.testing.assert_allclose(basis.T @ made[1:], 0, atol=1e-8)


def test_one_fixed_covariate_without_a_value_takes_its_row_out_of_the_means(frame):
    holes = frame.assign(c=np.arange(len(frame)) % 7.0)
    holes.loc[[1, 2], "c"] = np.nan
    made = _model(holes, f"{MODEL} + c", missing="fiml").frame
    assert made["x1.z1"].isna().sum() == 2
    assert abs(made["x1.z1"].mean()) < 1e-12


def test_a_binary_moderator_of_any_type(frame):
    text = f"{MEASUREMENT}; Y ~ X + m + X:m"
    numbers = sem(text, frame)
    pd.testing.assert_frame_equal(sem(text, frame.assign(m=frame["m"].astype(bool))).estimates, numbers.estimates)
    assert _path(numbers, "X:m")["std_all"] == pytest.approx(
        _path(numbers, "X:m")["estimate"] * _deviation(numbers, "X") * frame["m"].std(ddof=0) / _deviation(numbers, "Y")
    )


def _deviation(fit, name) -> float:
    (group,) = fit.solution.groups
    at = group.structure.latent.index(name)
    return group.implied.latent_covariance[at, at] ** 0.5


def test_observed_products_stay_what_they_are(frame):
    """A product of two observed variables is a column, made of the values as they are."""
    fit = sem(f"{MEASUREMENT}; Y ~ X + x1 + m + x1:m", frame.assign(c=1.0))
    assert "x1:m" in fit.table.observed


def test_both_orders_of_a_product_are_one(frame):
    text = f"{MEASUREMENT}; W =~ m1 + m2; Y ~ X + Z + X:Z; W ~ X + Z + Z:X"
    rng = np.random.default_rng(0)
    common = frame["y1"] + rng.standard_normal(len(frame))
    fit = sem(text, frame.assign(m1=common + rng.standard_normal(len(frame)), m2=common), std_lv=False)
    assert _path(fit, "X:Z", "W")["estimate"] != _path(fit, "X:Z", "Y")["estimate"]


UNIT_VARIANCES = {
    "double": (MODEL, {}),
    "groups": (MODEL, {"pairs": "matched", "group": "part"}),
    "observed moderator": (f"{MEASUREMENT}; Y ~ X + m + X:m", {}),
    "square": (f"{MEASUREMENT}; Y ~ X + Z + X:Z + X:X", {"pairs": "matched", "estimator": "MLR"}),
    "unconstrained": (MODEL, {"centering": "unconstrained", "pairs": "matched"}),
    "constrained": (MODEL, {"centering": "constrained"}),
}


@pytest.mark.parametrize("case", UNIT_VARIANCES)
def test_unit_variances_change_nothing_but_the_scale(frame, case):
    """1e-6: both are minima of the same function, found from different starts."""
    syntax, options = UNIT_VARIANCES[case]
    marker, unit = (sem(syntax, frame, std_lv=std_lv, **options) for std_lv in (False, True))
    assert unit.fit_indices["chisq"] == pytest.approx(marker.fit_indices["chisq"], rel=1e-6)
    assert unit.fit_indices["df"] == marker.fit_indices["df"]
    paths = [fit.estimates.query("op == '~'")[["std_all", "std_std_error"]] for fit in (marker, unit)]
    np.testing.assert_allclose(paths[1], paths[0], rtol=1e-6, atol=1e-8)


NOTES = {
    "double": ({}, "Measured by 9 products of items (x1.z1 to x3.z3), centred before and after multiplying, after Lin"),
    "matched": ({"pairs": "matched"}, "Measured by 3 products of items (x1.z1 to x3.z3)"),
    "residual": ({"centering": "residual"}, "replaced by residuals of their regression on all items of both, after"),
    "conditional": ({}, "the effect of X is that at the mean of Z, and the effect of Z that at the mean of X."),
    "average": ({"centering": "residual"}, "Beside this product the effects of X and Z are as without it"),
    "groups": ({"group": "part"}, "the effect of X is that at the mean of Z of its group"),
    "normality": ({}, 'Use estimator="MLR".'),
}


@pytest.mark.parametrize("case", NOTES)
def test_what_a_reader_is_told(frame, case):
    options, text = NOTES[case]
    assert any(text in finding.message for finding in _model(frame, **options).notes)


def test_robust_standard_errors_need_no_warning(frame):
    for options in ({"estimator": "MLR"}, {"estimator": "ML", "cluster": "part"}):
        assert all(finding.severity == "note" for finding in _model(frame, **options).notes)


def test_missing_products_are_a_warning(frame):
    holes = frame.copy()
    holes.loc[[3, 8, 9], "x2"] = np.nan
    notes = _model(holes, missing="fiml", estimator="MLR").notes
    assert [finding.severity for finding in notes] == ["note", "note", "warning"]
    assert notes[-1].message.startswith("3 rows without all products")
    assert len(_model(holes, estimator="MLR").notes) == 2


def test_items_left_aside_and_errors_not_taken_out(frame):
    notes = _model(frame, "X =~ x1 + x2 + x3; Z =~ z1 + z2 + x3; Y =~ y1 + y2; Y ~ X + Z + X:Z").notes
    assert sum("x3 of" in finding.message for finding in notes) == 2
    notes = _model(frame, "X =~ x1 + x2; Z =~ z1; z1 ~~ 0.2*z1; Y =~ y1 + y2; Y ~ X + Z + X:Z").notes
    assert any("The measurement error of z1" in finding.message for finding in notes)


REFUSED = {
    "auto": ({"auto": False}, "auto=False adds nothing"),
    "ordered items": ({"ordered": ["x1"]}, "Products of ordered items are not available (x1)"),
    "all ordered": ({"ordered": True}, "Products of ordered items are not available (x1, x2, x3, z1, z2, z3)"),
    "equal formulas": (
        {"group": "part", "group_equal": ["loadings"], "centering": "unconstrained"},
        "group_equal is not available where",
    ),
    "centering": ({"centering": "none"}, "'none' is not offered"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_options_that_do_not_go_together(frame, case):
    options, message = REFUSED[case]
    with pytest.raises(UnsupportedError) as caught:
        sem(MODEL, frame, **options)
    assert message in str(caught.value)


BAD = {
    "absent": (lambda frame: frame.drop(columns=["x1", "y2"]), ["no column 'x1'", "no column 'y2'"]),
    "repeated": (lambda frame: pd.concat([frame, frame[["z1"]]], axis=1), ["2 columns have this name"]),
    "taken": (lambda frame: frame.assign(**{"x1.z1": 1.0}), ["another column has this name"]),
    "words": (lambda frame: frame.assign(x2="often"), ["the column is not numeric"]),
    "infinite": (lambda frame: frame.assign(x2=np.inf), ["400 infinite values"]),
}


@pytest.mark.parametrize("case", BAD)
def test_data_that_cannot_carry_products(frame, case):
    change, found = BAD[case]
    with pytest.raises(DataError) as caught:
        sem(MODEL, change(frame))
    assert [problem.found for problem in caught.value.problems] == found


def test_no_rows(frame):
    with pytest.raises(DataError, match="variable y1: no row has a value"):
        sem(MODEL, frame.assign(y1=np.nan))


@pytest.mark.parametrize("data", [None, "answers.csv"])
def test_something_else_than_a_frame(data):
    with pytest.raises(DataError, match="must be a pandas DataFrame"):
        sem(MODEL, data)


def test_the_bootstrap_knows_the_products_it_can_centre_anew(frame):
    assert [pair.name for pair in sem(MODEL, frame, pairs="matched").product_indicators] == ["x1.z1", "x2.z2", "x3.z3"]
    assert sem(MODEL, frame, pairs="matched", centering="residual").product_indicators == ()


def test_standard_errors_of_main_effects_take_means_for_known(frame):
    """The bootstrap adds the squared interaction times the variance of the moderator's mean."""
    fit = sem(MODEL, frame, pairs="matched", estimator="MLR")
    draws = fit.bootstrap(400, seed=3).intervals
    again = draws[(draws["op"] == "~") & (draws["rhs"] == "X")]["std_error"].iloc[0]
    row, product = _path(fit, "X"), _path(fit, "X:Z")
    expected = np.hypot(row["std_error"], product["estimate"] * frame["z1"].std() / np.sqrt(len(frame)))
    # 15 %: 400 replicates leave a standard error of 3.5 % in a standard deviation, and both are estimates
    assert again == pytest.approx(expected, rel=0.15)
    assert again > 1.1 * row["std_error"]
