from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.errors import DataError, UnsupportedError
from surveysem.inference.probing import predicted_values, simple_slopes
from surveysem.modelling.sem import fit_statements
from surveysem.specification import parse_syntax

REFERENCE = Path(__file__).resolve().parents[2] / "reference" / "lavaan_probing"
QUESTION = {"x": "X", "moderator": "Z", "outcome": "Y"}
LAVAAN = pd.read_csv(REFERENCE / "quantities.csv").set_index(["case", "estimator", "quantity"]).sort_index()
POINTS = ("low", "mean", "high")


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
@pytest.mark.parametrize("kind", ["slope", "std_slope"])
def test_slopes_are_lavaans(probed_fit, estimator, kind):
    slopes = simple_slopes(probed_fit("one_int", estimator), **QUESTION)
    expected = LAVAAN.loc["one_int", estimator].loc[[f"{kind}_{point}" for point in POINTS]]
    prefix = "std_" if kind == "std_slope" else ""
    names = {"est": kind, "se": f"{prefix}std_error", "ci.lower": f"{prefix}ci_lower", "ci.upper": f"{prefix}ci_upper"}
    for theirs, ours in names.items():
        np.testing.assert_allclose(slopes[ours], expected[theirs], rtol=1e-5, atol=1e-7)


def test_slopes_are_the_published_ones(probed_fit):
    slopes = simple_slopes(probed_fit("one_int"), **QUESTION)
    assert slopes["slope"].round(3).tolist() == [-0.033, 0.675, 1.382]
    assert slopes["std_error"].round(3).tolist() == [0.038, 0.027, 0.038]


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_predicted_values_are_lavaans(probed_fit, estimator):
    values = predicted_values(probed_fit("one_int", estimator), **QUESTION, x_at=(0, 1))
    names = [f"predicted_{x}_{z}" for z in POINTS for x in ("mean", "high")]
    expected = LAVAAN.loc["one_int", estimator].loc[names]
    for theirs, ours in {"est": "predicted", "se": "std_error", "ci.lower": "ci_lower"}.items():
        np.testing.assert_allclose(values[ours], expected[theirs], rtol=1e-5)


def test_slopes_are_those_of_the_predicted_lines(grouped_fit):
    slopes = simple_slopes(grouped_fit, **QUESTION, at=(-1.5, 0.7))
    ends = predicted_values(grouped_fit, **QUESTION, at=(-1.5, 0.7), x_at=(-1, 2))
    lines = ends.groupby(["group", "at"], sort=False)[["x_value", "predicted"]].agg(np.ptp)
    signs = np.sign(ends.groupby(["group", "at"], sort=False)["predicted"].agg(lambda line: line.diff().iloc[1]))
    np.testing.assert_allclose(signs * lines["predicted"] / lines["x_value"], slopes["slope"], rtol=1e-10)


def test_predictions_average_to_the_mean_of_the_outcome(small_fit):
    # Normal X and Z by Gauss–Hermite quadrature, exact for a product: the intercept is what makes this hold.
    points, weights = np.polynomial.hermite_e.hermegauss(9)
    group = small_fit.solution.groups[0]
    among = group.implied.latent_covariance[:2, :2]
    root = np.linalg.cholesky(among)
    total = 0.0
    for x, wx in zip(points, weights, strict=True):
        for z, wz in zip(points, weights, strict=True):
            at_x, at_z = root @ np.array([x, z])
            value = predicted_values(small_fit, **QUESTION, at=[at_z], x_at=[at_x], units="raw")["predicted"].iloc[0]
            total += wx * wz * value
    assert abs(total / weights.sum() ** 2) < 1e-10


def test_slopes_in_groups_are_those_of_the_population(grouped_fit):
    # True slopes at Z = 0 and 1 are 0.4 and 0.65 in both groups, whose means of Z are 0 and 0.8.
    slopes = simple_slopes(grouped_fit, **QUESTION, at=(0, 1), units="raw")
    assert slopes["group"].tolist() == ["other", "other", "regulated", "regulated"]
    np.testing.assert_array_less(np.abs(slopes["slope"] - [0.4, 0.65, 0.4, 0.65]), 4 * slopes["std_error"])
    standard = slopes["at"].to_numpy()
    np.testing.assert_allclose(standard[:2], [0, 1], atol=0.1)
    np.testing.assert_allclose(standard[2:], [-0.8, 0.2], atol=0.1)


def test_order_of_the_factors_does_not_matter(small_fit):
    turned = simple_slopes(small_fit, x="Z", moderator="X", outcome="Y", at=(0,))
    row = small_fit.estimates.query("op == '~' and rhs == 'Z'").iloc[0]
    assert turned.loc[0, "slope"] == pytest.approx(row["estimate"])
    assert turned.loc[0, "std_error"] == pytest.approx(row["std_error"])
    assert turned.loc[0, "std_slope"] == pytest.approx(row["std_all"])
    assert turned.loc[0, "std_std_error"] == pytest.approx(row["std_std_error"])


def test_change_of_standardised_slope_is_the_appropriate_interaction(small_fit):
    slopes = simple_slopes(small_fit, **QUESTION)
    row = small_fit.estimates.query("rhs == 'X:Z'").iloc[0]
    np.testing.assert_allclose(slopes["std_slope"].diff().dropna(), row["std_all"], rtol=1e-10)


def test_bootstrap_intervals_are_quantiles_of_the_draws(small_fit):
    bootstrap = small_fit.bootstrap(200, seed=1)
    slopes = simple_slopes(small_fit, **QUESTION, bootstrap=bootstrap)
    draws = bootstrap.draws["estimate"]
    low = draws["Y~X"] + slopes.loc[0, "moderator_value"] * draws["Y~X:Z"]
    assert slopes.loc[0, "ci_lower"] == pytest.approx(np.quantile(low, 0.025, method="weibull"))
    assert slopes.loc[0, "std_error"] == pytest.approx(low.std(ddof=1))
    standardized = bootstrap.draws["std_all"]
    high = standardized["Y~X"] + standardized["Y~X:Z"]
    assert slopes.loc[2, "std_ci_upper"] == pytest.approx(np.quantile(high, 0.975, method="weibull"))


def test_bca_intervals_of_a_slope_at_the_mean_are_those_of_the_coefficient(small_fit):
    bootstrap = small_fit.bootstrap(200, seed=1, confidence="bca")
    slopes = simple_slopes(small_fit, **QUESTION, at=(0,), bootstrap=bootstrap)
    row = bootstrap.intervals.query("op == '~' and rhs == 'X'").iloc[0]
    for name in ("ci_lower", "ci_upper", "p_value", "std_error"):
        assert slopes.loc[0, name] == pytest.approx(row[name])


def test_a_bootstrap_of_another_fit_is_refused(small_fit, grouped_fit):
    with pytest.raises(DataError, match="another fit"):
        simple_slopes(small_fit, **QUESTION, bootstrap=grouped_fit.bootstrap(20, seed=1))


def test_monte_carlo_agrees_with_the_delta_method_for_a_linear_function(small_fit):
    delta = simple_slopes(small_fit, **QUESTION)
    drawn = simple_slopes(small_fit, **QUESTION, intervals="monte_carlo", n_draws=40_000)
    # Standard deviation of a standard deviation of 40 000 draws: 0.35 %.
    np.testing.assert_allclose(drawn["std_error"], delta["std_error"], rtol=0.015)
    assert drawn["z"].isna().all()


@pytest.fixture(scope="module")
def quadratic(add_products):
    rng = np.random.default_rng(11)
    x, z = rng.normal(size=(2, 4000))
    y = 0.4 * x + 0.3 * z + 0.2 * x * z + 0.15 * x**2 - 0.1 * z**2 + rng.normal(size=4000) * 0.6
    values = {"x": x, "z": z, "y": y}
    frame = pd.DataFrame({f"{n}{i}": values[n] + rng.normal(size=4000) * 0.4 for n in values for i in (1, 2, 3)})
    frame = add_products(frame, ("x", "z"), ("x", "x"), ("z", "z"))
    syntax = """
    X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3
    XZ =~ x1.z1 + x2.z2 + x3.z3; XX =~ x1.x1 + x2.x2 + x3.x3; ZZ =~ z1.z1 + z2.z2 + z3.z3
    Y ~ X + Z + XZ + XX + ZZ
    """
    products = {"XZ": ("X", "Z"), "XX": ("X", "X"), "ZZ": ("Z", "Z")}
    return fit_statements(parse_syntax(syntax), frame, products=products)


def test_quadratic_terms_belong_to_the_slope(quadratic):
    at_high_x = simple_slopes(quadratic, **QUESTION, at=(0,), x_at=1.0)
    coefficients = quadratic.estimates.query("op == '~'").set_index("rhs")["estimate"]
    deviation = np.sqrt(quadratic.estimates.query("lhs == 'X' and rhs == 'X' and op == '~~'")["estimate"].iloc[0])
    assert at_high_x.loc[0, "slope"] == pytest.approx(coefficients["X"] + 2 * coefficients["X:X"] * deviation)
    assert at_high_x.loc[0, "slope"] == pytest.approx(0.4 + 0.3, abs=0.06)
    curve = simple_slopes(quadratic, x="X", moderator="X", outcome="Y", at=(-1, 1))
    assert curve["slope"].tolist()[1] == pytest.approx(at_high_x.loc[0, "slope"])


def test_quadratic_terms_belong_to_predictions(quadratic):
    values = predicted_values(quadratic, **QUESTION, at=(0, 1), x_at=(0, 1))["predicted"].to_numpy()
    # 0.4x + 0.3z + 0.2xz + 0.15x² − 0.1z² less its mean, 0.05, where X and Z have variance 1.
    expected = np.array([0.0, 0.55, 0.2, 0.95]) - 0.05
    np.testing.assert_allclose(values, expected, atol=0.08)


@pytest.fixture(scope="module")
def dummy():
    rng = np.random.default_rng(2)
    x, w = rng.normal(size=600), (rng.uniform(size=600) < 0.3).astype(float)
    y = 0.4 * x + 0.3 * w + 0.5 * x * w + rng.normal(size=600) * 0.6
    values = {"x": x, "y": y}
    frame = pd.DataFrame({f"{n}{i}": values[n] + rng.normal(size=600) * 0.4 for n in values for i in (1, 2, 3)})
    centred = frame[["x1", "x2", "x3"]].apply(lambda item: (item - item.mean()) * (w - w.mean()))
    frame = frame.assign(w=w, **{f"{name}.w": item - item.mean() for name, item in centred.items()})
    syntax = "X =~ x1 + x2 + x3; Y =~ y1 + y2 + y3; XW =~ x1.w + x2.w + x3.w; Y ~ X + w + XW"
    return fit_statements(parse_syntax(syntax), frame, products={"XW": ("X", "w")})


def test_an_observed_moderator_with_two_values_is_probed_at_both(dummy):
    slopes = simple_slopes(dummy, x="X", moderator="w", outcome="Y")
    assert slopes["moderator_value"].tolist() == [0.0, 1.0]
    np.testing.assert_array_less(np.abs(slopes["slope"] - [0.4, 0.9]), 3.5 * slopes["std_error"])
    by_hand = dummy.estimates.query("op == '~'").set_index("rhs")["estimate"]
    mean = float(dummy.solution.groups[0].moments.observations[:, dummy.table.observed.index("w")].mean())
    assert slopes.loc[0, "slope"] == pytest.approx(by_hand["X"] - mean * by_hand["X:w"])
    explicit = simple_slopes(dummy, x="X", moderator="w", outcome="Y", at=(0, 1), units="raw")
    pd.testing.assert_frame_equal(slopes, explicit)


def test_means_and_scale_of_the_items_change_nothing_standardised(small_fit, make_sample, add_products):
    frame = make_sample(300, seed=3, effects=(0.4, 0.3, 0.25)).mul(10.0).add(50.0)
    statements = parse_syntax(
        "\n".join(
            ["X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3", "XZ =~ x1.z1 + x2.z2 + x3.z3; Y ~ X + Z + XZ"]
        )
    )
    scaled = fit_statements(statements, add_products(frame, ("x", "z")), products={"XZ": ("X", "Z")})
    ours, theirs = (simple_slopes(each, **QUESTION) for each in (scaled, small_fit))
    for name in ("std_slope", "std_std_error"):
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5)


def test_mean_structure_changes_no_slope(small_fit, make_sample, add_products):
    frame = add_products(make_sample(300, seed=3, effects=(0.4, 0.3, 0.25)), ("x", "z"))
    text = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3; XZ =~ x1.z1 + x2.z2 + x3.z3; Y ~ X + Z + XZ"
    with_means = fit_statements(parse_syntax(text), frame, products={"XZ": ("X", "Z")}, meanstructure=True)
    for question in (simple_slopes, predicted_values):
        ours, theirs = (question(fit, **QUESTION) for fit in (with_means, small_fit))
        pd.testing.assert_frame_equal(ours, theirs, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"outcome": "Q"}, "'Q' has no equation. Available: Y"),
        ({"x": "Q", "moderator": "R"}, "'R' is no predictor of Y. Available: X, Z"),
        ({"x": "X", "moderator": "X"}, "has no product X:X. Available: X:Z"),
        ({"at": (np.nan,)}, "are no values"),
        ({"at": ()}, "are no values"),
        ({"at": "mean"}, "are no values"),
        ({"units": "cm"}, "Use 'sd' or 'raw'"),
        ({"units": "raw"}, "no values of Z are given"),
        ({"level": 95}, "between 0 and 1"),
        ({"intervals": "bayes"}, "available: delta, monte_carlo, bootstrap"),
        ({"intervals": "bootstrap"}, r"bootstrap=fit.bootstrap\(...\)"),
    ],
)
def test_wrong_questions_are_answered_with_the_right_ones(small_fit, changed, message):
    with pytest.raises(UnsupportedError, match=message):
        simple_slopes(small_fit, **{**QUESTION, **changed})
