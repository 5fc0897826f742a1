from math import inf
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from surveysem.errors import UnsupportedError
from surveysem.inference.probing import johnson_neyman, significance_boundaries, simple_slopes

REFERENCE = Path(__file__).resolve().parents[2] / "reference" / "lavaan_probing"
QUESTION = {"x": "X", "moderator": "Z", "outcome": "Y"}
LAVAAN = pd.read_csv(REFERENCE / "boundaries.csv")


@pytest.mark.parametrize("row", LAVAAN.to_dict("records"), ids=lambda row: f"{row['estimator']}-{row['alpha']}")
def test_boundaries_are_lavaans(probed_fit, row):
    result = johnson_neyman(probed_fit("one_int", row["estimator"]), **QUESTION, alpha=row["alpha"])
    np.testing.assert_allclose(result.boundaries, [row["lower"], row["upper"]], rtol=1e-5)


def test_boundaries_are_the_published_ones(probed_fit):
    result = johnson_neyman(probed_fit("one_int"), **QUESTION)
    assert tuple(round(each, 3) for each in result.boundaries) == (-1.069, -0.863)
    assert [region.sign for region in result.regions] == ["negative", "none", "positive"]


def test_slopes_at_the_boundaries_have_a_p_of_alpha(small_fit):
    result = johnson_neyman(small_fit, **QUESTION, alpha=0.1)
    slopes = simple_slopes(small_fit, **QUESTION, at=result.boundaries, units="raw")
    np.testing.assert_allclose(slopes["p_value"], 0.1, rtol=1e-8)


def test_regions_cover_the_axis_and_their_shares_add_up(grouped_fit):
    result = johnson_neyman(grouped_fit, **QUESTION, group="regulated")
    assert (result.regions[0].lower, result.regions[-1].upper) == (-inf, inf)
    assert sum(region.share_normal for region in result.regions) == pytest.approx(1)
    assert sum(region.share_respondents for region in result.regions) == pytest.approx(1)
    mean = grouped_fit.solution.groups[1].implied.latent_mean[1]
    spread = np.sqrt(grouped_fit.solution.groups[1].implied.latent_covariance[1, 1])
    assert result.regions[0].share_normal == pytest.approx(norm.cdf(result.boundaries[0], mean, spread))
    scores = grouped_fit.factor_scores().loc["regulated", "Z"]
    assert result.regions[-1].share_respondents == pytest.approx((scores > result.boundaries[-1]).mean())
    np.testing.assert_allclose((np.array(result.boundaries) - mean) / spread, result.boundaries_sd)


def test_curve_is_that_of_the_slopes(small_fit):
    curve = johnson_neyman(small_fit, **QUESTION).curve
    slopes = simple_slopes(small_fit, **QUESTION, at=(-3, 3))
    for name in ("slope", "std_error", "ci_lower", "ci_upper"):
        np.testing.assert_allclose(curve[name].iloc[[0, -1]], slopes[name], rtol=1e-8)
    assert (curve["significant"] == ((curve["ci_lower"] > 0) | (curve["ci_upper"] < 0))).all()


@pytest.mark.parametrize(
    ("line", "covariance", "expected"),
    [
        # Significant outside, between and nowhere; a slope that does not vary; roots that nearly cancel.
        ([0.0, 2.0], [[1.0, 0.0], [0.0, 0.0]], [-1.0, 1.0]),
        ([3.0, 0.1], [[1.0, 0.0], [0.0, 1.0]], None),
        ([0.5, 0.1], [[1.0, 0.0], [0.0, 1.0]], []),
        ([3.0, 0.0], [[1.0, 0.0], [0.0, 0.0]], []),
        ([1.0, 1e-9], [[1e-4, 0.0], [0.0, 1e-22]], None),
    ],
)
def test_boundaries_solve_their_equation(line, covariance, expected):
    line, covariance = np.array(line), np.array(covariance)
    found = significance_boundaries(line, covariance, 2.0)
    if expected is not None:
        assert list(found) == pytest.approx(expected)
    else:
        assert len(found) == 2
    for z in found:
        weights = np.array([1.0, z])
        assert abs(weights @ line) == pytest.approx(2.0 * np.sqrt(weights @ covariance @ weights), rel=1e-9)


def test_region_between_two_boundaries_can_be_the_significant_one(small_fit):
    # At so strict a level the interaction is not significant, the slope at the mean is.
    interaction = small_fit.estimates.query("rhs == 'X:Z'")["p_value"].iloc[0]
    at_mean = small_fit.estimates.query("op == '~' and rhs == 'X'")["p_value"].iloc[0]
    assert at_mean < interaction / 100
    result = johnson_neyman(small_fit, **QUESTION, alpha=interaction / 10)
    assert [region.sign for region in result.regions] == ["none", "positive", "none"]
    assert "positive and significant from" in result.description


def test_no_real_solution_is_said_in_words(small_fit):
    result = johnson_neyman(small_fit, **QUESTION, alpha=1e-40)
    assert result.boundaries == ()
    assert result.description == "At α = 1e-40, the slope of X on Y is not significant at every value of Z."


def test_simultaneous_control_holds_the_level_over_the_whole_line():
    # Lines drawn where no slope exists: the share with any rejection on the whole axis is α, pointwise it is more.
    rng = np.random.default_rng(4)
    covariance = np.array([[1.0, 0.3], [0.3, 0.5]])
    lines = rng.multivariate_normal([0.0, 0.0], covariance, size=20_000)
    at = np.linspace(-60, 60, 4001)
    weights = np.stack([np.ones_like(at), at])
    ratio = np.abs(lines[:4000] @ weights) / np.sqrt(np.einsum("ik,ij,jk->k", weights, covariance, weights))
    critical = np.sqrt(-2.0 * np.log(0.05))
    share = (ratio.max(axis=1) > critical).mean()
    # Four standard errors of a share of 0.05 in 4000 draws; the axis is cut off at 60.
    assert share == pytest.approx(0.05, abs=0.014)


def test_simultaneous_control_uses_that_critical_value(small_fit):
    result = johnson_neyman(small_fit, **QUESTION, control="simultaneous")
    assert result.critical == pytest.approx(np.sqrt(-2.0 * np.log(0.05)))
    pointwise = johnson_neyman(small_fit, **QUESTION)
    assert result.boundaries[0] < pointwise.boundaries[0] < pointwise.boundaries[1] < result.boundaries[1]
    assert "for all values at once" in result.description


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"alpha": 5}, "a level lies between 0 and 1"),
        ({"control": "fdr"}, "available: pointwise, simultaneous"),
        ({"group": "a"}, "Leave it out"),
        ({"moderator": "Q"}, "'Q' is no predictor of Y"),
    ],
)
def test_wrong_questions_are_refused(small_fit, changed, message):
    with pytest.raises(UnsupportedError, match=message):
        johnson_neyman(small_fit, **{**QUESTION, **changed})


def test_a_group_must_be_chosen(grouped_fit):
    with pytest.raises(UnsupportedError, match="Choose one of: 'other', 'regulated'"):
        johnson_neyman(grouped_fit, **QUESTION)
