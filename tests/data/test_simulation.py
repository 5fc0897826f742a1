import copy
import pickle

import numpy as np
import pandas as pd
import pytest

from surveysem.data import (
    PopulationMoments,
    PopulationValues,
    default_thresholds,
    read_responses,
    simulate_latent_scores,
    simulate_responses,
)
from surveysem.errors import StudyError
from surveysem.instrument import Instrument

N_LARGE = 200_000
MONTE_CARLO = 5 / np.sqrt(N_LARGE)  # five standard errors of a correlation near 0; smaller elsewhere

MODERATED = PopulationValues(
    paths={("m", "x"): 0.4, ("m", "z"): 0.2, ("y", "m"): 0.35, ("y", "x"): 0.25, ("y", "w"): 0.1},
    interactions={("m", "x", "z"): 0.25, ("y", "x", "w"): -0.2},
    exogenous_correlations={("x", "z"): 0.5, ("w", "z"): 0.3},
    loadings={"x1": 0.9, "x2": 0.6, "y1": 0.8},
)
LATENT = ["y", "x", "m", "z", "w"]


@pytest.fixture(scope="module")
def scores() -> pd.DataFrame:
    return simulate_latent_scores(MODERATED, LATENT, N_LARGE, np.random.default_rng(11))


def test_latent_variables_are_standardised(scores):
    np.testing.assert_allclose(scores.mean(), 0, atol=MONTE_CARLO)
    np.testing.assert_allclose(scores.var(), 1, atol=2 * MONTE_CARLO)
    assert list(scores) == LATENT


def test_correlations_are_the_implied_ones(scores):
    moments = PopulationMoments(MODERATED)
    implied = [[moments.covariance((a,), (b,)) for b in LATENT] for a in LATENT]
    np.testing.assert_allclose(scores.corr(), implied, atol=MONTE_CARLO)
    assert implied[1][3] == 0.5


def test_covariances_with_products_are_the_implied_ones(scores):
    moments = PopulationMoments(MODERATED)
    product = scores["x"] * scores["w"]
    assert product.cov(scores["m"]) == pytest.approx(moments.covariance(("m",), ("x", "w")), abs=2 * MONTE_CARLO)
    assert moments.covariance(("m",), ("x", "w")) == pytest.approx(0.25 * 0.3)
    assert product.var() == pytest.approx(1.0, abs=5 * MONTE_CARLO)


@pytest.mark.parametrize(
    ("outcome", "linear", "product"),
    [("m", {"x": 0.4, "z": 0.2}, ("x", "z", 0.25)), ("y", {"m": 0.35, "x": 0.25, "w": 0.1}, ("x", "w", -0.2))],
)
def test_paths_and_interactions_are_recovered_by_regression(scores, outcome, linear, product):
    first, second, interaction = product
    design = np.column_stack([np.ones(N_LARGE), scores[list(linear)], scores[first] * scores[second]])
    estimates = np.linalg.lstsq(design, scores[outcome].to_numpy(), rcond=None)[0]
    np.testing.assert_allclose(estimates[1:], [*linear.values(), interaction], atol=MONTE_CARLO)


def test_explained_variance_is_the_textbook_formula():
    moments = PopulationMoments(MODERATED)
    by_hand = 0.4**2 + 0.2**2 + 2 * 0.4 * 0.2 * 0.5 + 0.25**2 * (1 + 0.5**2)
    assert moments.explained_variance("m") == pytest.approx(by_hand, abs=1e-14)


def test_quadratic_effects_have_variance_two():
    population = PopulationValues(interactions={("y", "x", "x"): 0.5})
    assert PopulationMoments(population).explained_variance("y") == pytest.approx(0.5)
    scores = simulate_latent_scores(population, ["x", "y"], N_LARGE, np.random.default_rng(3))
    assert scores["y"].mean() == pytest.approx(0, abs=MONTE_CARLO)
    assert scores["y"].var() == pytest.approx(1, abs=4 * MONTE_CARLO)


def test_equations_without_room_for_a_disturbance_are_all_listed():
    population = PopulationValues(paths={("a", "x"): 1.0, ("b", "x"): 0.9, ("b", "z"): 0.9, ("c", "x"): 0.3})
    with pytest.raises(StudyError) as caught:
        PopulationMoments(population)
    assert [problem.where for problem in caught.value.problems] == ["equation of a (x)", "equation of b (x, z)"]
    assert "explains 1.620 of a variance of 1" in str(caught.value)


def test_impossible_correlations():
    pairs = {("a", "b"): 0.9, ("b", "c"): 0.9, ("a", "c"): -0.9}
    with pytest.raises(StudyError, match=r"correlations of a, b, c: they contradict each other"):
        PopulationMoments(PopulationValues(exogenous_correlations=pairs))


def test_invalid_population_values_come_in_one_error():
    with pytest.raises(StudyError) as caught:
        PopulationValues(
            paths={("a", "b"): 0.1, ("b", "c"): 0.1, ("c", "a"): np.inf},
            interactions={("a", "d", "e"): np.nan},
            loadings={"a1": 1.2},
            exogenous_correlations={("d", "e"): 1.0, ("e", "d"): 0.2, ("a", "d"): 0.1, ("d", "d"): 0.1},
        )
    text = str(caught.value)
    assert "path c ~ a: inf" in text
    assert "path a ~ d:e: nan" in text
    assert "loading of a1: 1.2" in text
    assert "correlation of d and e: 1.0" in text
    assert "correlation of d and e: it is given twice" in text
    assert "correlation of a and d: a is predicted by a path" in text
    assert "correlation of d: not two different latent variables" in text
    assert "they lead back to where they start" in text


def test_population_values_of_the_wrong_shape_come_in_one_error():
    with pytest.raises(StudyError) as caught:
        PopulationValues(paths={"ab": 0.2}, loadings={"x1": "high"}, exogenous_correlations={"ab": 0.1, ("a",): 0.1})
    text = str(caught.value)
    assert "population paths: the key 'ab'. Use a tuple of 2 names as key." in text
    assert "population loadings, 'x1': 'high'. Give a number." in text
    assert "population exogenous_correlations: the key 'ab'" in text
    assert len(caught.value.problems) == 4


def test_population_values_are_read_only_and_can_be_copied():
    with pytest.raises(TypeError):
        MODERATED.paths["m", "x"] = 0.0
    assert pickle.loads(pickle.dumps(MODERATED)) == MODERATED
    assert copy.deepcopy(MODERATED) == MODERATED
    assert MODERATED.exogenous_correlations[frozenset(("z", "x"))] == 0.5


def test_latent_variables_that_are_not_simulated():
    with pytest.raises(StudyError, match=r"latent variable w: .*Simulated are: y, x, m, z"):
        simulate_latent_scores(MODERATED, ["y", "x", "m", "z"], 5, np.random.default_rng(1))
    with pytest.raises(StudyError, match=r"n: 0\. Give a whole number, 1 or more"):
        simulate_latent_scores(MODERATED, LATENT, 0, np.random.default_rng(1))


@pytest.mark.parametrize("n_options", [2, 5, 7, 11])
def test_default_thresholds_give_a_mild_left_skew(n_options):
    cuts = default_thresholds(n_options)
    assert cuts.shape == (n_options - 1,)
    assert (np.diff(cuts) > 0).all()
    tendency = np.random.default_rng(2).standard_normal(50_000)
    answers = pd.Series(np.searchsorted(cuts, tendency))
    assert -1 < answers.skew() < -0.1


# Answers to a questionnaire

POPULATION = PopulationValues(
    paths={("use", "trust"): 0.6},
    loadings={"tr_1": 0.9, "tr_2": 0.8, "tr_3": 0.7, "us_1": 0.9, "us_2": 0.8},
)
INDICATORS = {"trust": ["tr_1", "tr_2", "tr_3"], "use": ["us_1", "us_2"]}


def simulated(instrument, **options):
    return simulate_responses(POPULATION, instrument, **{"n": 500, "seed": 7, "indicators": INDICATORS, **options})


def test_answers_fit_the_questionnaire_and_are_marked(instrument, tmp_path):
    frame = simulated(instrument)
    assert list(frame) == ["respondent", *(question.id for question in instrument.questions), "simulated"]
    assert set(frame["simulated"]) == {"SIMULATED (seed 7)"}
    assert frame["respondent"].tolist() == list(range(1, 501))
    assert frame.attrs["surveysem"]["simulated"] is True
    assert frame.attrs["surveysem"]["population"]["paths"] == {"use ~ trust": 0.6}
    frame.to_csv(tmp_path / "a.csv", index=False, encoding="utf-8")
    for source in (frame, tmp_path / "a.csv", frame.drop(columns="simulated")):
        data = read_responses(source, instrument)
        assert data.simulated_note == "SIMULATED (seed 7)"


def test_same_seed_same_answers(instrument):
    pd.testing.assert_frame_equal(simulated(instrument), simulated(instrument))
    assert not simulated(instrument).equals(simulated(instrument, seed=8))


def test_careless_and_ineligible_respondents_have_their_share(instrument):
    frame = simulated(instrument, n=1000, careless=0.1, ineligible=0.05)
    failed = (frame["att_1"] != 6) | (frame["att_2"] != 2)
    assert 85 <= failed.sum() <= 100  # one in 49 of the hundred careless passes by luck
    assert (frame["buyer"] == 0).sum() == 50
    clean = simulated(instrument, careless=0, ineligible=0)
    assert (clean["att_1"] == 6).all()
    assert (clean["buyer"] == 1).all()


def test_reverse_keyed_items_are_written_in_reverse(instrument):
    frame = simulated(instrument, n=5000, careless=0)
    assert frame["tr_1"].corr(frame["tr_2"]) < -0.6
    data = read_responses(frame, instrument)
    assert data.frame["tr_1"].corr(data.frame["tr_2"]) > 0.6
    assert set(frame["tr_1"]) == set(range(1, 8))


def test_thresholds_can_be_given(instrument):
    frame = simulated(instrument, thresholds={7: [-9, -8, -7, 0, 7, 8]})
    assert set(frame["tr_3"].unique()) <= {4, 5} | set(range(1, 8))
    assert frame["tr_3"].isin([4, 5]).mean() > 0.95


def test_ordinal_shares_are_those_of_the_thresholds(instrument):
    frame = simulated(instrument, n=20_000, careless=0)
    shares = frame["us_1"].value_counts(normalize=True).sort_index()
    np.testing.assert_allclose(shares, [0.0104, 0.0629, 0.1403, 0.2129, 0.2503, 0.2229, 0.1003], atol=0.02)


def test_other_questions_are_within_their_scales(instrument):
    frame = simulated(instrument, n=2000)
    assert frame["cycle"].between(0, 1000).all()
    assert (frame["cycle"] % 1 == 0).all()
    assert frame["deal"].min() > 0
    assert set(frame["regulated"]) == {0, 1}
    assert frame["country"].str.startswith("country_").all()


def continuous(**bounds) -> Instrument:
    text = {"en": "Text"}
    names = [f"{letter}{number}" for letter in "xyz" for number in (1, 2)]
    return Instrument.model_validate(
        {
            "id": "continuous",
            "title": text,
            "version": "1",
            "languages": ("en",),
            "response_scales": ({"id": "any", "kind": "number", **bounds},),
            "constructs": tuple({"id": c, "role": "outcome", "label": text, "definition": text} for c in "xyz"),
            "items": tuple({"id": n, "construct": n[0], "scale": "any", "text": {"en": n}} for n in names),
        }
    )


CONTINUOUS = PopulationValues(
    paths={("y", "x"): 0.4, ("y", "z"): 0.3},
    interactions={("y", "x", "z"): 0.2},
    exogenous_correlations={("x", "z"): 0.4},
    loadings={"x1": 0.9, "x2": 0.7, "y1": 0.8, "y2": 0.8, "z1": 0.6, "z2": -0.9},
)
CONTINUOUS_ITEMS = {letter: [f"{letter}1", f"{letter}2"] for letter in "xyz"}


def test_continuous_items_have_the_implied_correlations():
    frame = simulate_responses(CONTINUOUS, continuous(), n=N_LARGE, seed=4, indicators=CONTINUOUS_ITEMS, careless=0)
    loading = CONTINUOUS.loadings
    moments = PopulationMoments(CONTINUOUS)
    for first, second in [("x1", "x2"), ("x1", "z2"), ("x2", "y1"), ("y2", "z1"), ("z1", "z2")]:
        latent = moments.covariance((first[0],), (second[0],))
        expected = loading[first] * loading[second] * latent
        assert frame[first].corr(frame[second]) == pytest.approx(expected, abs=MONTE_CARLO)
    product = (frame["x1"] * frame["z2"]).cov(frame["y1"])
    implied = loading["x1"] * loading["z2"] * loading["y1"] * 0.2 * (1 + 0.4**2)
    assert product == pytest.approx(implied, abs=2 * MONTE_CARLO)


@pytest.mark.parametrize("bounds", [{"minimum": 0.0, "maximum": 10.0}, {"minimum": 2.0}, {"maximum": -1.0}])
@pytest.mark.parametrize("integer", [False, True])
def test_bounded_continuous_items_stay_inside(bounds, integer):
    survey = continuous(**bounds, integer=integer)
    frame = simulate_responses(CONTINUOUS, survey, n=300, seed=4, indicators=CONTINUOUS_ITEMS, careless=0.1)
    assert read_responses(frame, survey).n_obs == 300


@pytest.mark.parametrize("bounds", [{}, {"maximum": -5.0}, {"minimum": 5.0}, {"minimum": 0.0, "maximum": 1.0}])
@pytest.mark.parametrize("integer", [False, True])
def test_observed_measures_stay_inside_any_bounds(bounds, integer):
    definition = continuous().model_dump()
    scale = {"id": "measured", "kind": "number", "integer": integer, **bounds}
    measure = {"id": "measure", "construct": "x", "scale": "measured", "text": {"en": "Measure"}}
    definition["response_scales"] = [*definition["response_scales"], scale]
    definition["observed_measures"] = [measure]
    survey = Instrument.model_validate(definition)
    frame = simulate_responses(CONTINUOUS, survey, n=300, seed=4, indicators=CONTINUOUS_ITEMS)
    assert read_responses(frame, survey).frame["measure"].notna().all()


def test_what_cannot_be_simulated_comes_in_one_error(instrument):
    population = PopulationValues(paths={("use", "faith"): 0.5}, loadings={"tr_1": 0.9, "tr_9": 0.4})
    with pytest.raises(StudyError) as caught:
        simulate_responses(
            population,
            instrument,
            n=0,
            seed=-1,
            indicators={"trust": ["tr_1", "tr_2"], "use": ["tr_1", "usage"]},
            thresholds={7: [0, 1], 3: [1, 0]},
            careless=1.0,
            ineligible=-0.1,
        )
    text = str(caught.value)
    assert "n: 0. Give a whole number, 1 or more." in text
    assert "seed: -1. Give a whole number, 0 or more." in text
    assert "careless: 1.0. Give a share from 0 up to, but not including, 1." in text
    assert "ineligible: -0.1." in text
    assert "thresholds of scales with 7 options: [0, 1]. Give 6 finite, increasing values." in text
    assert "thresholds of scales with 3 options: [1, 0]. Give 2 finite" in text
    assert "item tr_2: it has no loading" in text
    assert "indicator usage: there is no such item" in text
    assert "item tr_1: it is named 2 times" in text
    assert "loading of tr_9: there is no such item. Did you mean tr_" in text
    assert "latent variable faith: the population has it" in text
    assert len(caught.value.problems) == 11


def test_nothing_to_simulate(instrument):
    with pytest.raises(StudyError, match="indicators: no item is named"):
        simulate_responses(PopulationValues(), instrument, n=5, seed=1, indicators={})


def test_one_respondent(instrument):
    assert simulated(instrument, n=1).shape[0] == 1
