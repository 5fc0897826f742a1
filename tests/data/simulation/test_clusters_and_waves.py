"""What clusters and waves share: intraclass correlations and stabilities with known truth."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.data import PopulationValues
from surveysem.data.simulation.latent import latent_sampler, nested_inputs, repeated_inputs
from surveysem.errors import StudyError

STUDY = ss.load_study("b2b_micro_influencer")
MODERATED = PopulationValues(
    paths={("m", "x"): 0.4, ("m", "z"): 0.2, ("y", "m"): 0.35, ("y", "x"): 0.25, ("y", "w"): 0.1},
    interactions={("y", "x", "w"): -0.3},
    exogenous_correlations={("x", "z"): 0.5, ("w", "z"): 0.3},
)
LATENT = ("y", "x", "m", "z", "w")
PAIRS = 200_000
MONTE_CARLO = 5 / np.sqrt(PAIRS)  # five standard errors of a correlation near 0; products have larger ones


@pytest.fixture(scope="module")
def sampler():
    return latent_sampler(MODERATED, LATENT)


def pairs_in_clusters(sampler, shares):
    rng = np.random.default_rng(3)
    nested = nested_inputs(sampler, MODERATED, shares)
    of_clusters = rng.standard_normal((PAIRS, len(LATENT)))
    return [sampler.scores(nested.inputs(of_clusters, rng.standard_normal(of_clusters.shape))) for _ in range(2)]


def pairs_of_waves(sampler, shares, *, waves=2):
    rng = np.random.default_rng(4)
    repeated = repeated_inputs(sampler, MODERATED, shares)
    inputs = [sampler.inputs(rng.standard_normal((PAIRS, len(LATENT))))]
    for _ in range(waves - 1):
        inputs.append(repeated.inputs(inputs[-1], rng.standard_normal(inputs[0].shape)))
    return [sampler.scores(each) for each in inputs]


@pytest.mark.parametrize("pairs", [pairs_in_clusters, pairs_of_waves])
@pytest.mark.parametrize(
    "shares",
    [dict.fromkeys(LATENT, 0.3), {"x": 0.5, "z": 0.4, "w": 0.2, "y": 0.25, "m": 0.3}, {"x": 0.3}, {"y": 0.2}],
    ids=["all", "each", "one exogenous", "one outcome"],
)
def test_each_latent_variable_shares_what_was_asked_for(sampler, pairs, shares):
    first, second = pairs(sampler, shares)
    shared = [np.corrcoef(first[:, column], second[:, column])[0, 1] for column in range(len(LATENT))]
    found = dict(zip(LATENT, shared, strict=True))
    for name, value in shares.items():
        assert found[name] == pytest.approx(value, abs=2 * MONTE_CARLO), name
    for scores in (first, second):
        np.testing.assert_allclose(scores.var(axis=0), 1, atol=3 * MONTE_CARLO)
        np.testing.assert_allclose(np.corrcoef(scores.T)[1, 3], 0.5, atol=MONTE_CARLO)
        design = np.column_stack([scores[:, 2], scores[:, 1], scores[:, 4], scores[:, 1] * scores[:, 4]])
        paths = np.linalg.lstsq(design - design.mean(axis=0), scores[:, 0], rcond=None)[0]
        np.testing.assert_allclose(paths, [0.35, 0.25, 0.1, -0.3], atol=2 * MONTE_CARLO)


def test_what_predictors_pass_on_is_known(sampler):
    """An outcome that is not named has the share of its predictors: b² of x alone for m."""
    first, second = pairs_in_clusters(sampler, {"x": 0.3})
    assert np.corrcoef(first[:, 2], second[:, 2])[0, 1] == pytest.approx(0.4**2 * 0.3, abs=2 * MONTE_CARLO)


def test_stability_fades_as_autoregression_does(sampler):
    waves = pairs_of_waves(sampler, dict.fromkeys(LATENT, 0.6), waves=4)
    for lag in (1, 2, 3):
        found = np.corrcoef(waves[0][:, 1], waves[lag][:, 1])[0, 1]
        assert found == pytest.approx(0.6**lag, abs=MONTE_CARLO)
        assert waves[lag].var(axis=0) == pytest.approx(1, abs=3 * MONTE_CARLO)


def test_answers_in_clusters(simulator):
    """Items have the loading squared of the latent variable's intraclass correlation (paths: one for each cluster)."""
    made = simulator(clusters={"number": 2000, "intraclass_correlation": 0.25})
    frame = made.draw_items(n=40_000, seed=1)
    sizes = frame["influencer_id"].value_counts()
    assert (len(sizes), sizes.min(), sizes.max()) == (2000, 20, 20)
    found = ss.intraclass_correlations(frame, cluster="influencer_id", items=["x1", "w2"])
    np.testing.assert_allclose(found.table["icc"] if hasattr(found, "table") else found["icc"], 0.16, atol=0.02)


def test_clusters_change_no_other_answers():
    plain = ss.simulate_responses(STUDY, n=100, seed=7)
    nested = ss.simulate_responses(
        STUDY, n=100, seed=7, clusters={"number": 10, "intraclass_correlation": 0.2, "column": "panel"}
    )
    same = ["screen_purchase", "influencer_id", "sector", "firm_size", "country"]
    pd.testing.assert_frame_equal(plain[same], nested[same])
    assert nested["panel"].nunique() == 10
    assert set(nested["panel"].value_counts()) == {10}


def test_an_influencer_has_one_number_of_followers():
    clusters = {"number": 12, "intraclass_correlation": 0.2}
    frame = ss.simulate_responses(STUDY, n=200, seed=7, clusters=clusters)
    records = ["nrr_relevant_followers", "nrr_total_followers", "years_of_practice", "degree_centrality"]
    assert frame.groupby("influencer_id")[records].nunique().max().max() == 1
    assert (frame["nrr_relevant_followers"] <= frame["nrr_total_followers"]).all()
    assert frame.groupby("influencer_id")["sales_cycle_days"].nunique().min() > 1


def test_long_waves_are_what_longitudinal_invariance_takes(simulator, model):
    frame = simulator(waves={"number": 3, "stability": 0.7, "residual_stability": 0.4, "change": {"x": 0.5}}).draw(
        n=3000, seed=5
    )
    assert frame.shape[0] == 9000
    assert frame["sector"].groupby(frame["respondent"]).nunique().max() == 1
    result = ss.longitudinal_invariance("x =~ x1 + x2 + x3", frame, id="respondent", wave="wave")
    assert result.highest == "strict"
    estimates = result.fits["strict"].estimates.set_index(["lhs", "op", "rhs"])["estimate"]
    standardised = estimates["x_1", "~~", "x_2"] / np.sqrt(
        estimates["x_1", "~~", "x_1"] * estimates["x_2", "~~", "x_2"]
    )
    assert standardised == pytest.approx(0.7, abs=0.04)
    means = [estimates["x_2", "~1", ""], estimates["x_3", "~1", ""]]
    np.testing.assert_allclose(means, [0.5 * 0.8, 1.0 * 0.8], atol=0.06)  # in the unit of the first item
    residuals = estimates["x1_1", "~~", "x1_3"] / estimates["x1_1", "~~", "x1_1"]
    assert residuals == pytest.approx(0.4, abs=0.06)
    assert len(model.indicators["x"]) == 3


def test_wide_waves_hold_the_same_answers(simulator, model):
    options = {"number": 2, "stability": 0.5}
    long = simulator(waves=options).draw(n=50, seed=5)
    wide = simulator(waves={**options, "layout": "wide"}).draw(n=50, seed=5)
    for wave in (1, 2):
        ours = long[long["wave"] == wave].reset_index(drop=True)
        for item in model.indicators["y"]:
            np.testing.assert_array_equal(wide[f"{item}_w{wave}"], ours[item])
    assert wide["sector"].tolist() == long[long["wave"] == 1]["sector"].tolist()
    result = ss.longitudinal_invariance(
        "y =~ y1 + y2 + y3",
        simulator(waves={**options, "layout": "wide"}).draw(n=400, seed=5),
        waves=("_w1", "_w2"),
    )
    assert result.waves == ("w1", "w2")


def test_attrition_loses_its_share_for_good(simulator):
    waves = {"number": 3, "attrition": 0.2}
    frame = simulator(waves=waves).draw(n=1000, seed=5)
    assert frame.groupby("wave").size().tolist() == [1000, 800, 640]
    later = set(frame.loc[frame["wave"] == 3, "respondent"])
    assert later < set(frame.loc[frame["wave"] == 2, "respondent"])
    wide = simulator(waves={**waves, "layout": "wide"}).draw(n=1000, seed=5)
    assert wide[["x1_w1", "x1_w2", "x1_w3"]].isna().sum().tolist() == [0, 200, 360]


def test_long_answers_are_read(tmp_path):
    frame = ss.simulate_responses(STUDY, n=80, seed=7, careless=0, ineligible=0, waves=2)
    ss.write_table(frame, tmp_path / "panel.csv")
    read = ss.read_responses(tmp_path / "panel.csv", STUDY)
    assert read.n_obs == 160
    assert read.simulated


def test_shares_that_no_population_has_are_told():
    with pytest.raises(StudyError) as caught:
        ss.simulate_responses(
            STUDY, n=5, seed=1, clusters={"number": 9, "intraclass_correlation": {"perceived_credibility": 0.9}}
        )
    assert "clusters, intraclass_correlation of perceived_credibility: 0.9 cannot be reached" in str(caught.value)
    with pytest.raises(StudyError, match=r"stability of network_relevance.*nothing is left that differs"):
        ss.simulate_responses(
            STUDY, n=5, seed=1, waves={"number": 2, "stability": {"network_relevance": 0.95, "product_complexity": 0.1}}
        )


def test_draw_items_is_of_one_wave(simulator):
    with pytest.raises(StudyError, match="Use draw"):
        simulator(waves=2).draw_items(n=5, seed=1)
