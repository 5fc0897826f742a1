import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.data.simulation import default_thresholds, ordinal_skewness, skewed_thresholds
from surveysem.errors import StudyError

STUDY = ss.load_study("b2b_micro_influencer")


@pytest.mark.parametrize("n_options", [2, 3, 5, 7, 11])
@pytest.mark.parametrize("skewness", [-4.0, -2.5, -1.0, 0.0, 0.7, 3.0])
def test_thresholds_have_the_skewness_asked_for(n_options, skewness):
    cuts = skewed_thresholds(n_options, skewness)
    assert (np.diff(cuts) > 0).all()
    assert ordinal_skewness(cuts) == pytest.approx(skewness, abs=1e-9)


def test_skewness_of_two_options_is_that_of_a_bernoulli_variable():
    # share p of the second option: (1 - 2p) / sqrt(p (1 - p)); Phi(1) = 0.8413
    share = 0.8413447460685429
    expected = (1 - 2 * share) / np.sqrt(share * (1 - share))
    assert ordinal_skewness(np.array([-1.0])) == pytest.approx(expected, abs=1e-12)


def test_default_thresholds_belong_to_the_family():
    cuts = default_thresholds(7)
    np.testing.assert_allclose(skewed_thresholds(7, ordinal_skewness(cuts)), cuts, atol=1e-8)


@pytest.mark.parametrize("skewness", [-4.1, np.nan, np.inf])
def test_skewness_that_is_not_solved_for(skewness):
    with pytest.raises(StudyError, match="Give a value from -4 to 4"):
        skewed_thresholds(7, skewness)


def test_answers_reach_the_skewness():
    n = 50_000
    simulator = ss.response_simulator(STUDY, ss.simulation_options(skew=-1.2))
    answers = simulator.draw_items(n=n, seed=4)
    # standard error of a skewness near 0 is sqrt(6 / n) = 0.011; of these skewed ordinal items, by simulation, 0.013
    np.testing.assert_allclose(answers.skew(), -1.2, atol=5 * 0.013)


def test_skew_by_item_leaves_the_others_alone():
    options = {"n": 300, "seed": 5, "careless": 0.0}
    plain = ss.simulate_responses(STUDY, **options)
    skewed = ss.simulate_responses(STUDY, skew={"pc_1": -1.5, "pc_2": 1.0}, **options)
    changed = [name for name in plain if not plain[name].equals(skewed[name])]
    assert changed == ["pc_1", "pc_2"]


def test_reverse_keyed_items_are_skewed_after_they_are_turned_round(small_simulation):
    frame = small_simulation(n=20_000, seed=3, careless=0.0, skew=-1.0)
    assert frame["tr_1"].skew() == pytest.approx(-1.0, abs=0.1)
    assert frame["tr_2"].skew() == pytest.approx(1.0, abs=0.1)


def test_items_with_numbers_cannot_be_skewed(simulator):
    with pytest.raises(StudyError, match="they are answered with numbers, not with options"):
        simulator(skew=-1.0)


def test_given_thresholds_and_skew_are_recorded():
    frame = ss.simulate_responses(STUDY, n=5, seed=1, skew={"pc_1": -1.0})
    cuts = frame.attrs["surveysem"]["thresholds"]
    assert ordinal_skewness(np.array(cuts["pc_1"])) == pytest.approx(-1.0)
    np.testing.assert_allclose(cuts["pc_2"], default_thresholds(7))
    assert isinstance(frame, pd.DataFrame)
