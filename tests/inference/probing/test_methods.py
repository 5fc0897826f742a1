"""The same questions asked of fits by every method that ``sem`` offers."""

import numpy as np
import pandas as pd
import pytest

from surveysem.errors import UnsupportedError
from surveysem.inference.probing import johnson_neyman, moderation_effects, predicted_values, simple_slopes
from surveysem.inference.probing.group import probed_groups
from surveysem.modelling import sem

QUESTION = {"x": "X", "moderator": "Z", "outcome": "Y"}
MODEL = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3; Y ~ X + Z + X:Z"
METHODS = {
    "double": {"centering": "double"},
    "residual": {"centering": "residual"},
    "unconstrained": {"centering": "unconstrained"},
    "lms": {"interaction": "lms"},
    "qml": {"interaction": "qml"},
}


@pytest.fixture(scope="module")
def one_int_fit(read_shared):
    """oneInt by one of the methods."""
    known = {}

    def fit(method):
        if method not in known:
            known[method] = sem(MODEL, read_shared("oneInt"), **METHODS[method])
        return known[method]

    return fit


@pytest.mark.parametrize(
    ("method", "slopes", "errors", "boundaries"),
    [
        ("double", [-0.033, 0.675, 1.382], [0.038, 0.027, 0.038], (-1.069, -0.863)),
        ("unconstrained", [-0.033, 0.675, 1.382], [0.038, 0.027, 0.038], (-1.069, -0.863)),
        ("lms", [-0.052, 0.673, 1.397], [0.040, 0.031, 0.043], (-1.049, -0.835)),
    ],
)
def test_published_slopes_and_boundaries(one_int_fit, method, slopes, errors, boundaries):
    fit = one_int_fit(method)
    table = simple_slopes(fit, **QUESTION)
    assert table["slope"].round(3).tolist() == slopes
    assert table["std_error"].round(3).tolist() == errors
    assert tuple(round(each, 3) for each in johnson_neyman(fit, **QUESTION).boundaries) == boundaries


@pytest.mark.parametrize("method", METHODS)
def test_slope_at_the_mean_is_the_path(one_int_fit, method):
    fit = one_int_fit(method)
    at_mean = simple_slopes(fit, **QUESTION, at=(0,)).iloc[0]
    row = fit.estimates.query("op == '~' and rhs == 'X'").iloc[0]
    named = {"slope": "estimate", "std_error": "std_error", "std_slope": "std_all", "std_std_error": "std_std_error"}
    for ours, theirs in named.items():
        assert at_mean[ours] == pytest.approx(row[theirs], rel=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_standardised_slopes_differ_by_the_appropriate_interaction(one_int_fit, method):
    fit = one_int_fit(method)
    expected = fit.estimates.query("rhs == 'X:Z'")["std_all"].iloc[0]
    slopes = simple_slopes(fit, **QUESTION)["std_slope"]
    np.testing.assert_allclose(slopes.diff().dropna(), expected, rtol=1e-8)
    assert moderation_effects(fit).loc[0, "std_all"] == pytest.approx(expected)


@pytest.mark.parametrize("method", METHODS)
def test_predictions_average_to_the_implied_mean(one_int_fit, method):
    fit = one_int_fit(method)
    group = fit.solution.groups[0]
    root = np.linalg.cholesky(group.implied.latent_covariance[:2, :2])
    points, weights = np.polynomial.hermite_e.hermegauss(5)
    total = 0.0
    for x, wx in zip(points, weights / weights.sum(), strict=True):
        for z, wz in zip(points, weights / weights.sum(), strict=True):
            at_x, at_z = root @ np.array([x, z])
            value = predicted_values(fit, **QUESTION, at=[at_z], x_at=[at_x], units="raw").loc[0, "predicted"]
            total += wx * wz * value
    assert total == pytest.approx(probed_groups(fit)[0].means["Y"], abs=1e-8)


def test_lms_lines_go_through_the_intercept(one_int_fit):
    # The product itself is in the equation: at X = Z = 0 the prediction is the latent intercept, 0 by default.
    fit = one_int_fit("lms")
    origin = predicted_values(fit, **QUESTION, at=(0,), x_at=(0,), units="raw").loc[0, "predicted"]
    assert abs(origin) < 1e-12


@pytest.fixture(scope="module")
def sectors(make_sample):
    """Two groups whose moderator differs in mean by 0.8."""
    parts = [make_sample(1500, seed=5 + g, effects=(0.4, 0.3, 0.25), mean=0.8 * g) for g in (0, 1)]
    return pd.concat(parts, ignore_index=True).assign(sector=np.repeat(["other", "regulated"], 1500))


@pytest.mark.parametrize("method", ["double", "residual", "lms", "qml"])
def test_slopes_in_groups_are_those_of_the_population(sectors, method):
    fit = sem(MODEL, sectors, group="sector", group_equal=("loadings", "intercepts"), **METHODS[method])
    slopes = simple_slopes(fit, **QUESTION, at=(0, 1), units="raw")
    # True slopes at Z = 0 and 1 are 0.4 and 0.65 in both groups.
    np.testing.assert_array_less(np.abs(slopes["slope"] - [0.4, 0.65, 0.4, 0.65]), 4 * slopes["std_error"])
    np.testing.assert_allclose(slopes["at"].iloc[2:], [-0.8, 0.2], atol=0.12)


def test_products_centred_within_groups_are_recognised(sectors):
    fit = sem(MODEL, sectors, group="sector")
    for group in probed_groups(fit):
        assert group.centres["X_x_Z"] == pytest.approx((0.0, 0.0), abs=1e-6)


def test_products_centred_at_other_values_are_recognised(sectors):
    # Raw products: the path of X holds where Z is 0, not at its mean, so that slopes are the same at every value.
    frame = sectors.assign(**{f"x{i}.z{i}": sectors[f"x{i}"] * sectors[f"z{i}"] for i in (1, 2, 3)})
    text = MODEL.replace("; Y ~ X + Z + X:Z", "; P =~ x1.z1 + x2.z2 + x3.z3; Y ~ X + Z + P")
    from surveysem.modelling.sem import fit_statements
    from surveysem.specification import parse_syntax

    raw = fit_statements(parse_syntax(text), frame, products={"P": ("X", "Z")}, meanstructure=True)
    centre = probed_groups(raw)[0].centres["P"][1]
    assert centre == pytest.approx(-frame["z1"].mean(), abs=0.05)
    slopes = simple_slopes(raw, **QUESTION, at=(0,))
    row = raw.estimates.query("op == '~'").set_index("rhs")["estimate"]
    assert slopes.loc[0, "slope"] == pytest.approx(row["X"] - centre * row["X:Z"])
    assert slopes.loc[0, "slope"] == pytest.approx(0.4 + 0.25 * 0.4, abs=4 * slopes.loc[0, "std_error"])


def test_indicators_that_are_no_products_are_refused(small_fit, make_sample):
    from surveysem.modelling.sem import fit_statements
    from surveysem.specification import parse_syntax

    frame = make_sample(300, seed=3, effects=(0.4, 0.3, 0.25))
    frame = frame.assign(p1=frame["x1"] * frame["z1"] ** 2, p2=frame["x2"] * frame["z2"], p3=frame["x3"] * frame["z3"])
    text = MODEL.replace("; Y ~ X + Z + X:Z", "; P =~ p1 + p2 + p3; Y ~ X + Z + P")
    fit = fit_statements(parse_syntax(text), frame, products={"P": ("X", "Z")})
    with pytest.raises(UnsupportedError, match="p1 is no centred product of an item of X and one of Z"):
        simple_slopes(fit, **QUESTION)


def test_incomplete_rows(make_sample):
    frame = make_sample(800, seed=9, effects=(0.4, 0.3, 0.25), mean=2.0)
    frame.loc[frame["x1"] > frame["x1"].quantile(0.8), "z2"] = np.nan
    fit = sem(MODEL, frame, missing="fiml")
    slopes = simple_slopes(fit, **QUESTION)
    # At the mean of Z, which is 2, the slope is 0.4 + 0.25 × 2.
    assert slopes.loc[1, "slope"] == pytest.approx(0.9, abs=3 * slopes.loc[1, "std_error"])


@pytest.mark.parametrize("method", ["double", "lms", "qml"])
def test_observed_moderator(method):
    rng = np.random.default_rng(2)
    x, w = rng.normal(size=1500), (rng.uniform(size=1500) < 0.3).astype(float)
    y = 0.4 * x + 0.3 * w + 0.5 * x * w + rng.normal(size=1500) * 0.6
    values = {"x": x, "y": y}
    frame = pd.DataFrame({f"{n}{i}": values[n] + rng.normal(size=1500) * 0.4 for n in values for i in (1, 2, 3)})
    fit = sem("X =~ x1 + x2 + x3; Y =~ y1 + y2 + y3; Y ~ X + w + X:w", frame.assign(w=w), **METHODS[method])
    slopes = simple_slopes(fit, x="X", moderator="w", outcome="Y")
    assert slopes["moderator_value"].tolist() == [0.0, 1.0]
    np.testing.assert_array_less(np.abs(slopes["slope"] - [0.4, 0.9]), 3.5 * slopes["std_error"])


def test_bootstrap_with_products_centred_anew_needs_a_latent_moderator(make_sample):
    frame = make_sample(200, seed=4, effects=(0.4, 0.3, 0.25))
    latent = sem(MODEL, frame, pairs="matched")
    bootstrap = latent.bootstrap(100, seed=1)
    slopes = simple_slopes(latent, **QUESTION, bootstrap=bootstrap)
    delta = simple_slopes(latent, **QUESTION)
    # A standard deviation of 100 draws has a standard error of 7 %; the two differ by sampling of the means too.
    np.testing.assert_allclose(slopes["std_error"], delta["std_error"], rtol=0.35)
    observed = sem("X =~ x1 + x2 + x3; Y =~ y1 + y2 + y3; Y ~ X + z1 + X:z1", frame)
    with pytest.raises(UnsupportedError, match=r"does not keep the means of observed variables in them \(z1\)"):
        simple_slopes(observed, x="X", moderator="z1", outcome="Y", bootstrap=observed.bootstrap(20, seed=1))


def test_product_of_observed_variables():
    rng = np.random.default_rng(8)
    x, w = rng.normal(3.0, 1.0, size=500), rng.integers(0, 2, size=500).astype(float)
    y = 0.4 * x + 0.3 * w + 0.5 * x * w + rng.normal(size=500)
    fit = sem("y ~ x + w + x:w", pd.DataFrame({"x": x, "w": w, "y": y, "x:w": x * w}))
    slopes = simple_slopes(fit, x="x", moderator="w", outcome="y")
    # Least squares in each half of the data: the equation is saturated in w.
    for value, slope in zip((0.0, 1.0), slopes["slope"], strict=True):
        assert slope == pytest.approx(np.polyfit(x[w == value], y[w == value], 1)[0])
    lines = predicted_values(fit, x="x", moderator="w", outcome="y", x_at=(3.0,), at=(0.0, 1.0), units="raw")
    for value, predicted in zip((0.0, 1.0), lines["predicted"], strict=True):
        assert predicted == pytest.approx(np.polyval(np.polyfit(x[w == value], y[w == value], 1), 3.0))
