from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.errors import UnsupportedError
from surveysem.inference.probing import conditional_indirect, simple_slopes

REFERENCE = Path(__file__).resolve().parents[2] / "reference" / "lavaan_probing"
LAVAAN = pd.read_csv(REFERENCE / "quantities.csv").set_index(["case", "estimator", "quantity"]).sort_index()
QUESTION = {"path": ("ATT", "INT", "BEH"), "moderator": "PBC"}
NAMES = {"est": "", "se": "std_error", "pvalue": "p_value", "ci.lower": "ci_lower", "ci.upper": "ci_upper"}


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
@pytest.mark.parametrize("case", ["second_stage", "both_stages"])
def test_effects_and_differences_are_lavaans(probed_fit, case, estimator):
    result = conditional_indirect(probed_fit(case, estimator), **QUESTION, intervals="delta")
    expected = LAVAAN.loc[case, estimator]
    for theirs, ours in NAMES.items():
        effects = expected.loc[["indirect_low", "indirect_mean", "indirect_high"], theirs]
        np.testing.assert_allclose(result.effects[ours or "indirect"], effects, rtol=1e-4, atol=1e-7)
        difference = result.differences.query("from_at == -1 and to_at == 1")[ours or "difference"].iloc[0]
        assert difference == pytest.approx(expected.loc["difference", theirs], rel=1e-4)


def test_index_is_lavaans(probed_fit):
    result = conditional_indirect(probed_fit("second_stage"), **QUESTION, intervals="delta")
    expected = LAVAAN.loc["second_stage", "ML"].loc["index"]
    for theirs, ours in NAMES.items():
        assert result.index.loc[0, ours or "index"] == pytest.approx(expected[theirs], rel=1e-4)
    assert result.moderated_steps == (("INT", "BEH"),)
    assert "its slope is the index" in result.description


def test_there_is_no_index_where_both_stages_are_moderated(probed_fit):
    result = conditional_indirect(probed_fit("both_stages"), **QUESTION, intervals="delta")
    assert result.index.empty
    assert "quadratic in PBC: there is no single index" in result.description


def test_standardised_effect_is_the_product_of_standardised_slopes(probed_fit):
    fit = probed_fit("both_stages")
    result = conditional_indirect(fit, **QUESTION, intervals="delta")
    first = simple_slopes(fit, x="ATT", moderator="PBC", outcome="INT")["std_slope"]
    second = simple_slopes(fit, x="INT", moderator="PBC", outcome="BEH")["std_slope"]
    np.testing.assert_allclose(result.effects["std_indirect"], first * second, rtol=1e-10)


def test_index_is_what_one_standard_deviation_changes(probed_fit):
    result = conditional_indirect(probed_fit("second_stage"), **QUESTION, intervals="delta")
    changes = result.effects[["indirect", "std_indirect", "moderator_value"]].diff().dropna()
    np.testing.assert_allclose(changes["indirect"] / changes["moderator_value"], result.index.loc[0, "index"])
    np.testing.assert_allclose(changes["std_indirect"], result.index.loc[0, "std_index"])


def test_monte_carlo_quantiles_are_those_of_the_products_distribution(probed_fit):
    fit = probed_fit("second_stage")
    result = conditional_indirect(fit, **QUESTION, at=(0,), seed=3)
    assert result.intervals == "Monte Carlo"
    rows = {row.label: row.free - 1 for row in fit.table.parameters if row.label in ("a1", "c1")}
    at = [rows["a1"], rows["c1"]]
    draws = np.random.default_rng(8).multivariate_normal(
        fit.solution.theta[at], fit.parameter_covariance[np.ix_(at, at)], size=200_000
    )
    low, high = np.quantile(draws.prod(axis=1), [0.025, 0.975])
    # Quantiles of 20 000 draws have standard errors of about 0.02 standard deviations.
    spread = draws.prod(axis=1).std()
    assert result.effects.loc[0, "ci_lower"] == pytest.approx(low, abs=0.08 * spread)
    assert result.effects.loc[0, "ci_upper"] == pytest.approx(high, abs=0.08 * spread)


def test_bootstrap_intervals_are_quantiles_of_products_of_draws(probed_fit):
    fit = probed_fit("second_stage")
    bootstrap = fit.bootstrap(100, seed=2)
    result = conditional_indirect(fit, **QUESTION, bootstrap=bootstrap)
    draws = bootstrap.draws["estimate"]
    index = draws["INT~ATT"] * draws["BEH~INT:PBC"]
    assert result.index.loc[0, "ci_upper"] == pytest.approx(np.quantile(index, 0.975, method="weibull"))
    assert result.intervals == "bootstrap, percentile"


def test_the_predictor_itself_can_be_the_moderator(probed_fit):
    fit = probed_fit("second_stage")
    result = conditional_indirect(fit, path=("PBC", "INT", "BEH"), moderator="PBC", intervals="delta", at=(1,))
    paths = fit.estimates.query("op == '~'").set_index(["lhs", "rhs"])["estimate"]
    value = result.effects.loc[0, "moderator_value"]
    second = paths["BEH", "INT"] + paths["BEH", "INT:PBC"] * value
    assert result.effects.loc[0, "indirect"] == pytest.approx(paths["INT", "PBC"] * second)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"path": ("ATT", "BEH")}, "is no indirect path"),
        ({"path": ("ATT", "INT", "ATT")}, "is no indirect path"),
        ({"path": ("ATT", "SN", "BEH")}, "ATT does not predict SN. Predictors of SN: none"),
        ({"moderator": "SN"}, "'SN' moderates no step of the path. Available for moderators of a step: PBC"),
        ({"n_draws": 5}, "at least 100"),
    ],
)
def test_wrong_questions_are_answered_with_the_right_ones(probed_fit, changed, message):
    with pytest.raises(UnsupportedError, match=message):
        conditional_indirect(probed_fit("second_stage"), **{**QUESTION, **changed})
