"""Verdicts under several screenings."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.data import ScreeningRules
from surveysem.errors import UnsupportedError
from surveysem.study.screening_sensitivity import without_careless_exclusions


@pytest.fixture(scope="module")
def study():
    return ss.load_study("political_democracy")


@pytest.fixture(scope="module")
def with_noise(study):
    """The real answers and as many rows without any structure, each answered in no time."""
    frame = study.bundled_data().assign(seconds=600.0)
    rng = np.random.default_rng(1)
    noise = pd.DataFrame({name: rng.permutation(frame[name]) for name in frame.columns}).assign(seconds=20.0)
    return pd.concat([frame, noise], ignore_index=True)


def test_verdicts_with_and_without_the_fast_ones(study, with_noise):
    timed = {"time_column": "seconds", "minimum_seconds": 100.0}
    rules = {
        "slow only": ScreeningRules(completion_time="exclude", **timed),
        "all": ScreeningRules(completion_time="flag", **timed),
    }
    comparison = ss.compare_screening(study, with_noise, rules)
    assert comparison.samples.loc["slow only"].tolist() == [150, 75, 75]
    assert comparison.samples.loc["all", "analysed"] == 150
    clean = ss.fit_study(study, study.bundled_data()).verdicts
    found = comparison.verdicts["slow only"]
    assert found["verdict"].tolist() == clean["verdict"].tolist()
    np.testing.assert_allclose(found["std_estimate"].astype(float), clean["std_estimate"].astype(float), rtol=1e-6)
    weaker = comparison.verdicts["all"]["std_estimate"].astype(float).abs()
    assert (weaker < clean["std_estimate"].astype(float).abs()).any()
    assert set(comparison.changed) == {
        name for name in clean.index if comparison.verdicts["all"].loc[name, "verdict"] != clean.loc[name, "verdict"]
    }


def test_answers_once_read_are_screened_anew_with_all_respondents(study, with_noise):
    timed = {"time_column": "seconds", "minimum_seconds": 100.0}
    rules = {
        "slow only": ScreeningRules(completion_time="exclude", **timed),
        "all": ScreeningRules(completion_time="flag", **timed),
    }
    read = ss.read_responses(with_noise, study, screening=rules["slow only"])
    comparison, expected = (ss.compare_screening(study, data, rules) for data in (read, with_noise))
    pd.testing.assert_frame_equal(comparison.samples, expected.samples)
    pd.testing.assert_frame_equal(comparison.verdicts, expected.verdicts)


def test_a_screening_that_leaves_too_few_is_told_of(study, with_noise):
    nobody = ScreeningRules(completion_time="exclude", time_column="seconds", minimum_seconds=1000.0)
    comparison = ss.compare_screening(study, with_noise, {"all": ScreeningRules(), "nobody": nobody})
    assert list(comparison.results) == ["all"]
    assert "No rows are left" in comparison.failures["nobody"]
    assert "there is no result" in str(comparison)
    with pytest.raises(ss.SurveySEMError, match="No rows are left"):
        ss.compare_screening(study, with_noise, {"nobody": nobody})


def test_default_screenings_differ_in_the_careless_alone():
    rules = ScreeningRules(attention_checks="exclude", straight_lining="exclude", longest_run=9, incomplete="exclude")
    kept = without_careless_exclusions(rules)
    assert (kept.attention_checks, kept.straight_lining) == ("flag", "flag")
    assert (kept.eligibility, kept.incomplete, kept.longest_run) == ("exclude", "exclude", 9)


def test_rules_need_names(study):
    with pytest.raises(UnsupportedError, match="by name"):
        ss.compare_screening(study, study.bundled_data(), [ScreeningRules()])
    with pytest.raises(UnsupportedError, match="by name"):
        ss.compare_screening(study, study.bundled_data(), {})
