"""Latent interactions by quasi-maximum likelihood, from syntax to fit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.errors import UnsupportedError
from surveysem.inference.information import observed_information
from surveysem.modelling import sem

ROOT = Path(__file__).resolve().parents[2]
STORED = ROOT / "tests" / "reference" / "modsem_qml"
PUBLISHED = pd.read_csv(STORED / "published.csv", encoding="utf-8").set_index(["case", "quantity"])["value"]
FILES = {"one_int": "oneInt.csv", "tpb": "TPB.csv"}

TWO_PRODUCTS = """
    X =~ x1 + x2 + x3
    Z =~ z1 + z2 + z3
    Y =~ y1 + y2 + y3
    U =~ u1 + u2 + u3
    Z ~ X
    Y ~ X + Z + X:Z
    U ~ Y + X + X:X
"""
TRUTH = {
    ("Z", "X"): 0.4,
    ("Y", "X"): 0.4,
    ("Y", "Z"): 0.3,
    ("Y", "X:Z"): 0.25,
    ("U", "Y"): 0.5,
    ("U", "X"): 0.2,
    ("U", "X:X"): -0.2,
}


def _model(case):
    return (STORED / f"{case}.txt").read_text(encoding="utf-8")


def _data(case):
    path = ROOT.parent / "shared" / "data" / FILES[case]
    if not path.is_file():
        pytest.skip(f"{path.name} is not beside this checkout (../shared/data)")
    return pd.read_csv(path, encoding="utf-8")


def _simulated(n=800, seed=11):
    """Answers with the effects of TRUTH; three indicators a factor, reliabilities about .7."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(n)
    z = 0.4 * x + 0.9 * rng.standard_normal(n)
    y = 0.4 * x + 0.3 * z + 0.25 * x * z + 0.7 * rng.standard_normal(n)
    u = 0.5 * y + 0.2 * x - 0.2 * x**2 + 0.7 * rng.standard_normal(n)
    factors = {"x": x, "z": z, "y": y, "u": u}
    return pd.DataFrame(
        {
            f"{name}{item}": 3.0 + loading * factor + 0.6 * rng.standard_normal(n)
            for name, factor in factors.items()
            for item, loading in ((1, 1.0), (2, 0.9), (3, 1.1))
        }
    )


@pytest.fixture(scope="module")
def simulated():
    """Answers to twelve items."""
    return _simulated()


@pytest.fixture(scope="module")
def fit(simulated):
    """A model with a product into each of two outcomes."""
    return sem(TWO_PRODUCTS, simulated, interaction="qml")


def _row(fit, lhs, rhs):
    table = fit.estimates
    return table[(table["lhs"] == lhs) & (table["op"] == "~") & (table["rhs"] == rhs)].iloc[0]


def test_interaction_in_simulated_data_is_that_of_modsem():
    fit, published = sem(_model("one_int"), _data("one_int"), interaction="qml"), PUBLISHED["one_int"]
    row = _row(fit, "Y", "X:Z")
    # modsem prints five digits; where it stops leaves 1e-5 in the standard error (see the curvature test below).
    assert row["estimate"] == pytest.approx(published["Y ~ X:Z"], abs=2e-5)
    assert row["std_error"] == pytest.approx(published["std_error Y ~ X:Z"], rel=1e-3)
    assert fit.fit_indices["logl"] == pytest.approx(published["logl"], abs=1e-3)


def test_planned_behaviour_is_that_of_modsem():
    fit, published = sem(_model("tpb"), _data("tpb"), interaction="qml"), PUBLISHED["tpb"]
    assert fit.fit_indices["logl"] == pytest.approx(published["logl"], abs=5e-3)
    assert _row(fit, "BEH", "INT:PBC")["std_all"] == pytest.approx(published["std_all BEH ~ INT:PBC"], abs=5e-4)


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_integration_finds_the_same_on_normal_data(simulated, estimator):
    quasi = sem(TWO_PRODUCTS, simulated, interaction="qml", estimator=estimator).estimates
    integrated = sem(TWO_PRODUCTS, simulated, interaction="lms", estimator=estimator).estimates
    free = quasi["free"] > 0
    apart = (quasi["estimate"] - integrated["estimate"])[free] / integrated["std_error"][free]
    # The quasi-likelihood is an approximation: estimates and errors differ by a fraction of what chance does.
    assert apart.abs().max() < 0.15
    np.testing.assert_allclose(quasi["std_error"][free], integrated["std_error"][free], rtol=0.06)


def test_true_effects_are_recovered(fit):
    for (lhs, rhs), truth in TRUTH.items():
        row = _row(fit, lhs, rhs)
        assert abs(row["estimate"] - truth) < 3 * row["std_error"]
        assert row["std_error"] < 0.08


def test_standardised_product_is_that_of_the_factors(fit, simulated):
    latent = fit.solution.groups[0].implied.latent_covariance
    names = fit.solution.groups[0].structure.latent
    spread = {name: float(np.sqrt(latent[at, at])) for at, name in enumerate(names)}
    row = _row(fit, "Y", "X:Z")
    assert row["std_all"] == pytest.approx(row["estimate"] * spread["X"] * spread["Z"] / spread["Y"], rel=1e-10)


def test_one_group_twice_is_one_group(fit, simulated):
    twice = pd.concat([simulated.assign(half="a"), simulated.assign(half="b")], ignore_index=True)
    equal = ["loadings", "intercepts", "means", "regressions", "residuals", "latent_variances", "latent_covariances"]
    pooled = sem(TWO_PRODUCTS, twice, interaction="qml", group="half", group_equal=equal)
    assert pooled.solution.theta.shape == fit.solution.theta.shape
    first = pooled.estimates[pooled.estimates["group"] == 1].reset_index(drop=True)
    np.testing.assert_allclose(first["estimate"], fit.estimates["estimate"], atol=1e-7)
    free = fit.estimates["free"] > 0
    np.testing.assert_allclose(first["std_error"][free], fit.estimates["std_error"][free] / np.sqrt(2), rtol=1e-6)


def test_constraints_between_products_hold(simulated):
    syntax = TWO_PRODUCTS.replace("X:Z", "a*X:Z").replace("X:X", "b*X:X") + "a + b == 0"
    held = sem(syntax, simulated, interaction="qml")
    assert _row(held, "Y", "X:Z")["estimate"] == pytest.approx(-_row(held, "U", "X:X")["estimate"], abs=1e-10)
    assert np.isfinite(held.estimates.loc[held.estimates["free"] > 0, "std_error"]).all()


def test_full_information_of_complete_rows_is_the_same(fit, simulated):
    full = sem(TWO_PRODUCTS, simulated, interaction="qml", missing="fiml")
    np.testing.assert_allclose(full.estimates["estimate"], fit.estimates["estimate"], atol=1e-7)
    np.testing.assert_allclose(full.estimates["std_error"], fit.estimates["std_error"], atol=1e-7)


def test_incomplete_rows_agree_with_integration(simulated):
    holes = np.random.default_rng(1).random(simulated.shape) < 0.1
    # Rows must keep an indicator of Y, since U depends on it.
    holes[:, simulated.columns.get_loc("y1")] = False
    incomplete = simulated.mask(holes)
    quasi = sem(TWO_PRODUCTS, incomplete, interaction="qml", missing="fiml")
    integrated = sem(TWO_PRODUCTS, incomplete, interaction="lms", missing="fiml")
    assert quasi.n_obs == len(simulated)
    free = quasi.estimates["free"] > 0
    apart = (quasi.estimates["estimate"] - integrated.estimates["estimate"])[free]
    assert (apart / integrated.estimates["std_error"][free]).abs().max() < 0.15


def test_units_of_the_items_make_no_difference(fit, simulated):
    stretch = pd.Series(1.0, index=simulated.columns)
    stretch[["x1", "y2"]] = 100.0, 0.01
    other = sem(TWO_PRODUCTS, simulated * stretch, interaction="qml")
    assert other.fit_indices["logl"] == pytest.approx(
        fit.fit_indices["logl"] - len(simulated) * np.log(stretch).sum(), abs=1e-6
    )
    assert _row(other, "Y", "X:Z")["std_all"] == pytest.approx(_row(fit, "Y", "X:Z")["std_all"], rel=1e-6)
    assert _row(other, "Y", "X:Z")["z"] == pytest.approx(_row(fit, "Y", "X:Z")["z"], rel=1e-6)


def test_standard_errors_are_those_of_the_curvature(fit):
    """Second differences of the log-likelihood itself, along the two products."""
    solution = fit.solution
    step, covariance = 1e-3, np.linalg.inv(observed_information(solution) * fit.n_obs)
    for lhs, rhs in (("Y", "X:Z"), ("U", "X:X")):
        row = _row(fit, lhs, rhs)
        direction = covariance[:, int(row["free"]) - 1]
        values = [
            solution.problem.value(
                solution.problem.implied(solution.theta + sign * step / row["std_error"] * direction)
            )
            for sign in (-1, 0, 1)
        ]
        # Along this direction the profile of the log-likelihood falls by step²/2.
        second = -(values[0] - 2 * values[1] + values[2]) * fit.n_obs / 2 / step**2
        assert second == pytest.approx(-1.0, rel=1e-4)


def test_a_row_that_tells_of_an_outcome_by_its_consequences_alone_is_refused(simulated):
    incomplete = simulated.copy()
    incomplete.loc[:9, ["y1", "y2", "y3"]] = np.nan
    with pytest.raises(UnsupportedError, match="outcome Y"):
        sem(TWO_PRODUCTS, incomplete, interaction="qml", missing="fiml")
