"""Careless respondents, observed measures, fixed seeds and the record kept with the data."""

import json
import pickle

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.data import PopulationValues
from surveysem.data.simulation import SimulationOptions, response_simulator, simulation_options
from surveysem.errors import StudyError

STUDY = ss.load_study("b2b_micro_influencer")
ITEMS = [item.id for item in STUDY.instrument.items]
SUM_OF_ITEMS, SUM_OF_GROUPS = 119984, 2932
FIRST_ANSWERS = [[3, 3, 6, 5], [6, 3, 2, 4], [2, 2, 4, 5], [5, 4, 4, 5], [6, 3, 5, 7]]
KINDS = {"random": 0.05, "straight_lining": 0.1, "alternating": 0.1, "diagonal": 0.1, "too_fast": 0.1}


@pytest.fixture(scope="module")
def careless():
    return ss.simulate_responses(STUDY, n=400, seed=3, careless=KINDS, ineligible=0)


@pytest.fixture(scope="module")
def kinds(careless):
    return {
        kind: [number - 1 for number in who]
        for kind, who in careless.attrs["surveysem"]["careless_respondents"].items()
    }


def test_careless_respondents_have_their_shares(kinds):
    assert {kind: len(who) for kind, who in kinds.items()} == {kind: share * 400 for kind, share in KINDS.items()}
    assert len({number for who in kinds.values() for number in who}) == 180


def test_patterns_are_what_they_are_called(careless, kinds):
    asked = [
        question.id for question in STUDY.instrument.questions if question.id in [*ITEMS, "attention_1", "attention_2"]
    ]
    answers = careless[asked]
    assert answers.iloc[kinds["straight_lining"]].nunique(axis=1).max() == 1
    alternating = answers.iloc[kinds["alternating"]]
    assert (alternating.nunique(axis=1) == 2).all()
    assert (alternating.diff(axis=1).iloc[:, 1:] != 0).all().all()
    assert (answers.iloc[kinds["diagonal"]].diff(axis=1).iloc[:, 1:].abs() == 1).all().all()
    assert set(np.unique(answers.iloc[kinds["diagonal"]])) == set(range(1, 8))


def test_who_is_too_fast_takes_less_than_two_seconds_an_item(careless, kinds):
    seconds = careless["completion_seconds"]
    assert (seconds.iloc[kinds["too_fast"]] < 2 * len(ITEMS)).all()
    others = seconds.drop(index=kinds["too_fast"])
    assert (others > 2 * len(ITEMS)).all()
    rules = ss.ScreeningRules(
        attention_checks="off",
        completion_time="exclude",
        time_column="completion_seconds",
        minimum_seconds_per_item=2.0,
    )
    assert ss.read_responses(careless, STUDY, screening=rules).n_obs == 360


def test_straight_lining_is_found_by_its_index(careless, kinds):
    assert (careless[ITEMS].iloc[kinds["straight_lining"]].std(axis=1) == 0).all()
    attentive = careless[ITEMS].drop(index=[number for who in kinds.values() for number in who])
    assert (attentive.std(axis=1) > 0).all()


def test_a_number_is_the_share_of_random_answers():
    plain = ss.simulate_responses(STUDY, n=60, seed=3, careless=0.1)
    named = ss.simulate_responses(STUDY, n=60, seed=3, careless={"random": 0.1})
    pd.testing.assert_frame_equal(plain, named)
    assert "completion_seconds" not in plain


def test_a_seed_gives_the_answers_it_has_always_given():
    """Sums of answers of the first release; observed measures are not among them."""
    frame = ss.simulate_responses(STUDY, n=400, seed=7)
    assert frame[ITEMS].to_numpy().sum() == SUM_OF_ITEMS
    assert frame.loc[:4, ["nr_1", "pc_1", "bt_6", "da_4"]].to_numpy().tolist() == FIRST_ANSWERS
    assert frame[["sector", "regulated", "firm_size"]].to_numpy().sum() == SUM_OF_GROUPS


def test_followers_go_with_network_relevance():
    frame = ss.simulate_responses(STUDY, n=5000, seed=2, careless=0)
    relevant, total = frame["nrr_relevant_followers"], frame["nrr_total_followers"]
    assert (relevant <= total).all()
    score = frame[["nr_1", "nr_2", "nr_3", "nr_4"]].mean(axis=1)
    ratio = relevant / total
    assert 0.4 < ratio.corr(score) < 0.6  # 0.6 with the latent variable, weakened by the scale's reliability
    assert 0.2 < ratio.median() < 0.35
    assert abs(total.corr(score, method="spearman")) < 0.05


@pytest.mark.parametrize(
    ("measure", "items", "low", "high"),
    [
        ("echo_internal_shares", "oe", 0.4, 0.65),
        ("echo_crm_mentions", "oe", 0.3, 0.55),
        ("echo_document_reuse", "oe", 0.3, 0.55),
        ("sales_cycle_days", "de", -0.45, -0.25),
        ("n_stakeholders", "de", -0.35, -0.15),
        ("years_of_practice", "pe", 0.3, 0.55),
    ],
)
def test_companions_go_with_their_construct(measure, items, low, high):
    frame = ss.simulate_responses(STUDY, n=5000, seed=2, careless=0)
    score = frame[[name for name in ITEMS if name.startswith(items)]].mean(axis=1)
    assert low < frame[measure].corr(score, method="spearman") < high
    assert frame["n_stakeholders"].min() >= 2
    assert frame["sales_cycle_days"].min() >= 1


def test_the_record_says_everything_and_is_json():
    frame = ss.simulate_responses(
        STUDY,
        n=30,
        seed=4,
        skew=-1.0,
        missing={"share": 0.1, "depends_on": "firm_size"},
        groups={"regulated": {"Yes": {"share": 0.5, "means": {"brand_trust": 0.3}}}},
        clusters={"number": 5, "intraclass_correlation": 0.1},
    )
    record = frame.attrs["surveysem"]
    assert json.loads(json.dumps(record)) == record
    assert frame.copy().attrs["surveysem"]["options"] is record["options"]  # pandas copies it at every step
    assert pickle.loads(pickle.dumps(frame)).attrs == frame.attrs
    assert (record["n"], record["seed"], record["simulated"]) == (30, 4, True)
    assert record["options"]["missing"] == {"share": 0.1, "depends_on": "firm_size", "strength": 1.0}
    assert record["options"]["clusters"]["intraclass_correlation"] == 0.1
    assert record["groups"][1]["means"] == {"brand_trust": 0.3}
    assert record["population"]["paths"]["brand_trust ~ perceived_credibility"] == 0.3


def test_one_frozen_value_holds_all_options():
    options = simulation_options(skew=-1.0, missing=0.1, clusters={"number": 5, "intraclass_correlation": 0.1})
    by_value = ss.simulate_responses(STUDY, n=30, seed=4, options=options)
    by_name = ss.simulate_responses(
        STUDY, n=30, seed=4, skew=-1.0, missing=0.1, clusters={"number": 5, "intraclass_correlation": 0.1}
    )
    pd.testing.assert_frame_equal(by_value, by_name)
    assert simulation_options() == SimulationOptions()
    with pytest.raises(StudyError, match="not both"):
        ss.simulate_responses(STUDY, n=30, seed=4, options=options, skew=-1.0)


def test_items_drawn_fast_are_those_collected(instrument):
    """Means and correlations of coded answers agree, reverse-keyed items turned round, and they are marked."""
    population = PopulationValues(loadings={"tr_1": 0.9, "tr_2": 0.8, "tr_3": 0.7})
    options = simulation_options(careless=0.0, ineligible=0.0, missing={"share": 0.1, "depends_on": "regulated"})
    simulator = response_simulator(
        population, instrument, indicators={"trust": ["tr_1", "tr_2", "tr_3"]}, options=options
    )
    fast = simulator.draw_items(n=20_000, seed=5)
    collected = simulator.draw(n=20_000, seed=5)
    items = ["tr_1", "tr_2", "tr_3"]
    reverse = [item.id for item in instrument.items if item.reverse]
    coded = collected[items].apply(lambda column: 8 - column if column.name in reverse else column)
    np.testing.assert_allclose(fast[items].mean(), coded.mean(), atol=0.06)  # four standard errors
    np.testing.assert_allclose(fast[items].corr(), coded.corr(), atol=0.03)
    assert (fast[items].corr() > 0.4).all().all()
    assert fast["regulated"].isin([0, 1]).all()
    assert fast.attrs["surveysem"]["reverse_coded"]


def test_fields_that_are_unknown_or_absent_are_told_together():
    with pytest.raises(StudyError) as caught:
        simulation_options(clusters={"numbr": 4}, missing={"strength": 1}, careless={"lazy": 1}, waves="many", forms=3)
    text = str(caught.value)
    assert "careless, lazy: there is no such option" in text
    assert "missing: it is not complete ('share' missing)" in text
    assert "clusters, numbr: there is no such option. Did you mean number?" in text
    assert "forms: 3. Give a mapping with A, B, C." in text


def test_values_out_of_range_are_told_together():
    with pytest.raises(StudyError) as caught:
        ss.simulate_responses(
            STUDY,
            n=0,
            seed=1,
            careless={"random": 0.6, "diagonal": 0.6},
            skew={"pc_9": -9},
            missing={"share": 1.2, "depends_on": "country", "strength": np.nan},
            forms={"A": ["pc_1"], "B": ["pc_1"]},
            does_not_apply=-1,
            clusters={"number": 1, "intraclass_correlation": {"trust": 0.1}, "column": "sector"},
            waves={"number": 1, "stability": 2, "layout": "both", "attrition": 1, "change": {"brand_trust": np.inf}},
        )
    text = str(caught.value)
    for part in (
        "n: 0. Give a whole number",
        "careless: the shares add up to 1.2",
        "skew, pc_9: there is no such item among the indicators",
        "skew, pc_9: -9. Give a skewness from -4 to 4",
        "missing, share: 1.2.",
        "missing, strength: nan",
        "missing, depends_on, country: it is answered in words",
        "forms, pc_1: it stands 2 times",
        "forms, block C: it is empty",
        "does_not_apply: -1.",
        "clusters, number: 1.",
        "clusters, intraclass_correlation, trust: there is no such latent variable",
        "clusters, column sector: this question is not answered in words",
        "waves, number: 1.",
        "waves, stability: 2.",
        "waves, attrition: 1.",
        "waves, change, brand_trust: inf.",
        "waves, layout: 'both'",
        "clusters and waves: they are not simulated together",
    ):
        assert part in text, part
