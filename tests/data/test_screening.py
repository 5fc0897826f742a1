import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.data import ScreeningRules, read_responses
from surveysem.data.responses import screen_again
from surveysem.data.screening import screen_answers
from surveysem.errors import UnsupportedError

BUNDLED = Path(__file__).parents[2] / "models"
ITEMS = ("tr_1", "tr_2", "tr_3", "us_1", "us_2")


def screened(frame, instrument, **rules):
    coded = frame.astype(float).set_axis(pd.RangeIndex(2, len(frame) + 2, name="row"))
    return screen_answers(coded, instrument, required=ITEMS, rules=ScreeningRules(**rules))


def step(screening, name):
    return screening.flow.set_index("step").loc[name]


def test_clean_answers_pass_every_rule(instrument, answers):
    kept, screening = screened(answers, instrument)
    assert len(kept) == screening.n_analysed == screening.n_imported == 6
    assert screening.dropped.empty
    assert screening.flow["step"].tolist() == [
        "imported",
        "eligibility",
        "duplicate_ids",
        "duplicate_rows",
        "attention_checks",
        "straight_lining",
        "incomplete",
        "analysed",
    ]


def test_who_is_not_eligible_is_left_out(instrument, answers):
    answers["buyer"] = [1, 0, 1, np.nan, 1, 1]
    kept, screening = screened(answers, instrument)
    assert kept.index.tolist() == [2, 4, 6, 7]
    assert screening.dropped["row"].tolist() == [3, 5]
    assert screening.dropped["reason"].tolist() == ["not eligible: buyer"] * 2
    assert step(screening, "eligibility")[["n_affected", "n_remaining"]].tolist() == [2, 4]


def test_failed_attention_checks(instrument, answers):
    answers["att_1"] = [6, 5, 6, 6, 1, np.nan]
    answers["att_2"] = [2, 2, 2, 3, 1, 2]
    _, screening = screened(answers, instrument)
    assert dict(zip(screening.dropped["row"], screening.dropped["reason"], strict=True)) == {
        3: "attention check failed: att_1",
        5: "attention check failed: att_2",
        6: "attention check failed: att_1, att_2",
        7: "attention check failed: att_1",
    }
    _, tolerant = screened(answers, instrument, max_failed_attention_checks=1)
    assert tolerant.dropped["row"].tolist() == [6]


def test_flagged_rows_stay(instrument, answers):
    answers["att_1"] = [6, 5, 6, 6, 6, 6]
    kept, screening = screened(answers, instrument, attention_checks="flag")
    assert len(kept) == 6
    assert screening.dropped.empty
    assert screening.flagged.to_dict("records") == [
        {"row": 3, "step": "attention_checks", "reason": "attention check failed: att_1"}
    ]
    assert step(screening, "attention_checks")[["action", "n_affected", "n_remaining"]].tolist() == ["flag", 1, 6]


def test_rules_switched_off_affect_nobody(instrument, answers):
    answers["att_1"] = 1
    _, screening = screened(answers, instrument, attention_checks="off")
    assert step(screening, "attention_checks")[["action", "n_affected", "n_remaining"]].tolist() == ["off", 0, 6]


def test_rules_without_their_columns_say_so(instrument, answers):
    _, screening = screened(answers.drop(columns=["buyer", "att_1"]), instrument, id_column="email")
    assert step(screening, "eligibility")["action"] == "not applied: column buyer absent"
    assert step(screening, "duplicate_ids")["action"] == "not applied: column email absent"
    assert step(screening, "attention_checks")["rule"] == "at most 0 failed of att_2 (absent: att_1)"
    _, screening = screened(answers.drop(columns=["att_1", "att_2"]), instrument)
    assert step(screening, "attention_checks")["action"] == "not applied: columns att_1, att_2 absent"
    assert step(screening, "duplicate_ids")["action"] == "not applied: no id column is named"


def test_duplicate_ids_keep_the_first(instrument, answers):
    answers["email"] = ["a", "b", "a", "", "", "b"]
    data = read_responses(answers, instrument, rules=ScreeningRules(id_column="email"))
    assert data.frame.index.tolist() == [2, 3, 5, 6]
    assert data.screening.dropped["reason"].tolist() == ["email a occurred before", "email b occurred before"]


def test_ids_of_the_ineligible_do_not_count_as_earlier(instrument, answers):
    answers["email"] = ["a", "b", "c", "d", "e", "a"]
    answers["buyer"] = [0, 1, 1, 1, 1, 1]
    data = read_responses(answers, instrument, rules=ScreeningRules(id_column="email"))
    assert data.frame.index.tolist() == [3, 4, 5, 6, 7]


def test_duplicate_rows(instrument, answers):
    doubled = pd.concat([answers, answers.iloc[[1]]], ignore_index=True)
    assert screened(doubled, instrument)[1].n_analysed == 7
    _, screening = screened(doubled, instrument, duplicate_rows="exclude")
    assert screening.dropped["row"].tolist() == [8]


def test_straight_lining_looks_at_answers_before_reverse_coding(instrument, answers):
    answers.loc[3, list(ITEMS)] = 4
    answers.loc[4, list(ITEMS)] = [5, 3, 5, 5, 5]
    _, screening = screened(answers, instrument, straight_lining="exclude", longest_run=4)
    assert screening.dropped["row"].tolist() == [5]
    assert screening.dropped["reason"].tolist() == ["5 equal answers in a row"]
    assert step(screening, "straight_lining")["rule"] == "fewer than 4 equal answers in a row over 5 items"


def test_incomplete_answers_name_the_items(instrument, answers):
    answers = answers.astype(float)
    answers.loc[5, ["tr_1", "us_2"]] = np.nan
    _, screening = screened(answers, instrument)
    assert screening.dropped["reason"].tolist() == ["no answer to: tr_1, us_2"]


def test_invalid_rules_come_in_one_error():
    with pytest.raises(UnsupportedError) as caught:
        ScreeningRules(eligibility="drop", straight_lining="flag", max_failed_attention_checks=-1)
    text = str(caught.value)
    assert "screening rule eligibility: 'drop'. Choose one of: exclude, flag, off." in text
    assert "screening rule max_failed_attention_checks: -1" in text
    assert "screening rule straight_lining: 'flag' without a longest_run" in text
    with pytest.raises(UnsupportedError, match="longest_run: 1"):
        ScreeningRules(longest_run=1)


CUT_OFFS = {
    "longest_run": 4,
    "time_column": "seconds",
    "minimum_seconds": 10.0,
    "minimum_variability": 0.5,
    "maximum_missing": 0.1,
    "mahalanobis_p": 0.3,
}


def random_case(seed):
    """Some answers with gaps, failures and repetitions, and what to do about each."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 20))
    frame = pd.DataFrame(rng.integers(3, 6, size=(n, 5)), columns=ITEMS, dtype=float)
    frame = frame.mask(rng.random((n, 5)) < 0.05)
    frame = frame.assign(
        att_1=rng.choice([6, 5], p=[0.8, 0.2], size=n), att_2=2, buyer=rng.choice([1, 0], p=[0.8, 0.2], size=n)
    )
    frame["seconds"] = rng.choice([50.0, 5.0, np.nan], p=[0.8, 0.1, 0.1], size=n)
    rules = ("eligibility", "attention_checks", "straight_lining", "duplicate_rows", "incomplete")
    rules += ("completion_time", "low_variability", "missing_answers", "mahalanobis")
    return frame, {rule: str(rng.choice(["exclude", "flag", "off"], p=[0.6, 0.2, 0.2])) for rule in rules}


@pytest.mark.parametrize("seed", range(60))
def test_nobody_disappears_unaccounted(instrument, seed):
    frame, rules = random_case(seed)
    kept, screening = screened(frame, instrument, **CUT_OFFS, **rules)
    everyone = sorted([*kept.index, *screening.dropped["row"]])
    assert everyone == list(range(2, len(frame) + 2))
    flow = screening.flow
    excluded = flow["n_affected"].where(flow["action"] == "exclude", 0)
    assert (flow["n_remaining"] == len(frame) - excluded.cumsum()).all()
    assert excluded.sum() == len(screening.dropped)
    assert flow.loc[flow["action"] == "flag", "n_affected"].sum() == len(screening.flagged)


def test_random_cases_exercise_every_rule(instrument):
    cases = [random_case(seed) for seed in range(60)]
    accounts = [screened(frame, instrument, **CUT_OFFS, **rules)[1] for frame, rules in cases]
    for account in ("dropped", "flagged"):
        steps = {name for screening in accounts for name in getattr(screening, account)["step"]}
        assert steps >= {"eligibility", "attention_checks", "straight_lining", "incomplete", "completion_time"}
        assert steps >= {"low_variability", "missing_answers", "mahalanobis"}


def test_fast_respondents_by_seconds_and_by_seconds_per_answer(instrument, answers):
    answers = answers.astype(float).assign(seconds=[30.0, 9.0, 4.0, np.nan, 10.0, 8.0])
    answers.loc[5, ["tr_1", "tr_2"]] = np.nan
    options = {"completion_time": "exclude", "time_column": "seconds"}
    _, screening = screened(answers, instrument, minimum_seconds_per_item=2.0, incomplete="off", **options)
    assert screening.dropped["row"].tolist() == [3, 4]
    assert screening.dropped["reason"].tolist() == ["9 seconds for 5 answers", "4 seconds for 5 answers"]
    assert step(screening, "completion_time")["rule"] == (
        "at least 2 seconds per answered item in seconds (1 respondent without a time kept)"
    )
    _, screening = screened(answers, instrument, minimum_seconds=9.0, incomplete="off", **options)
    assert screening.dropped["row"].tolist() == [4, 7]


def test_times_that_are_no_seconds_are_not_applied(instrument, answers):
    options = {"completion_time": "exclude", "time_column": "time", "minimum_seconds": 9.0}
    rules = ScreeningRules(**options)
    for times, told in (
        (["5", " 20 ", "", "30", "40", "50"], "exclude"),
        (["00:12", "20", "", "30", "40", "50"], "not applied: column time holds values that are no seconds"),
        ([-5, 20, 10, 30, 40, 50], "not applied: column time holds values that are no seconds"),
    ):
        screening = read_responses(answers.assign(time=times), instrument, rules=rules).screening
        assert step(screening, "completion_time")["action"] == told
    screening = read_responses(answers, instrument, rules=rules).screening
    assert step(screening, "completion_time")["action"] == "not applied: column time absent"


def test_answers_that_hardly_vary(instrument, answers):
    answers.loc[2, list(ITEMS)] = [4, 4, 4, 4, 4]
    _, screening = screened(answers, instrument, low_variability="flag", minimum_variability=0.4)
    assert screening.flagged["reason"].tolist() == ["standard deviation of the answers 0.00"]


def test_a_share_of_exactly_the_maximum_stays(instrument, answers):
    answers = answers.astype(float)
    answers.loc[0, "tr_1"] = np.nan
    answers.loc[1, ["tr_1", "tr_2"]] = np.nan
    options = {"missing_answers": "exclude", "incomplete": "off"}
    _, screening = screened(answers, instrument, maximum_missing=0.2, **options)
    assert screening.dropped.to_dict("records") == [
        {"row": 3, "step": "missing_answers", "reason": "2 of 5 items unanswered"}
    ]
    assert step(screening, "missing_answers")["rule"] == "at most 20% of 5 items unanswered"


def test_distances_are_those_of_the_rows_left_and_told_where_there_are_none(instrument, answers):
    _, screening = screened(answers.iloc[:4], instrument, mahalanobis="exclude", mahalanobis_p=0.01)
    assert step(screening, "mahalanobis")["action"].startswith("not applied: the covariances")
    rng = np.random.default_rng(4)
    many = pd.DataFrame(rng.integers(3, 6, size=(200, 5)), columns=ITEMS).assign(att_1=6, att_2=2, buyer=1)
    many.loc[7, list(ITEMS)] = [7, 1, 7, 1, 7]
    _, screening = screened(many, instrument, mahalanobis="exclude", mahalanobis_p=0.0001)
    assert screening.dropped["row"].tolist() == [9]
    assert screening.dropped["reason"].iloc[0].endswith("on 5 degrees of freedom")


def test_indices_that_need_more_scales_or_pairs_say_so(instrument, answers):
    _, screening = screened(
        answers,
        instrument,
        even_odd="exclude",
        minimum_even_odd=0.3,
        synonyms="exclude",
        minimum_synonyms=0.2,
        synonym_correlation=0.999,
        antonyms="flag",
        maximum_antonyms=0.0,
        antonym_correlation=-0.999,
    )
    assert step(screening, "even_odd")["action"] == "not applied: fewer than 3 constructs have two items or more"
    assert step(screening, "synonyms")["action"] == "not applied: there are fewer than 3 pairs"
    assert step(screening, "antonyms")["action"] == "not applied: there are fewer than 3 pairs"
    assert screening.n_analysed == 6


def test_random_answers_are_found_and_honest_ones_kept():
    study = ss.load_study("b2b_micro_influencer")
    frame = ss.simulate_responses(study, n=400, seed=7, careless=0.0, ineligible=0.0)
    items = [item.id for item in study.instrument.items]
    frame.loc[:39, items] = np.random.default_rng(1).integers(1, 8, size=(40, len(items)))
    rules = ScreeningRules(
        attention_checks="off",
        even_odd="flag",
        minimum_even_odd=0.3,
        synonyms="flag",
        minimum_synonyms=0.2,
        antonyms="flag",
        maximum_antonyms=0.2,
        antonym_correlation=-0.5,
        synonym_correlation=0.5,
        mahalanobis="flag",
        mahalanobis_p=0.001,
    )
    flagged = read_responses(frame, study.instrument, rules=rules).screening.flagged
    for name in ("even_odd", "synonyms", "mahalanobis"):
        rows = flagged.loc[flagged["step"] == name, "row"] - 2
        assert (rows < 40).sum() > 25, name
        assert (rows >= 40).sum() < 40, name


def test_cut_offs_out_of_range_and_rules_without_one_come_together():
    with pytest.raises(UnsupportedError) as caught:
        ScreeningRules(
            mahalanobis="exclude", mahalanobis_p=1.5, even_odd="flag", completion_time="exclude", maximum_missing=1.0
        )
    text = str(caught.value)
    for part in ("mahalanobis_p: 1.5", "even_odd: 'flag' without a minimum_even_odd", "maximum_missing: 1.0"):
        assert part in text
    assert "completion_time: 'exclude' without a minimum_seconds or minimum_seconds_per_item" in text
    assert "completion_time: 'exclude' without a time_column" in text


def test_a_study_file_declares_the_rules(tmp_path):
    text = (BUNDLED / "political_democracy.yaml").read_text(encoding="utf-8")
    text += (
        "\nscreening: {mahalanobis: flag, mahalanobis_p: 0.01, low_variability: exclude, minimum_variability: 0.2}\n"
    )
    file = tmp_path / "study.yaml"
    file.write_text(text, encoding="utf-8")
    study = ss.load_study(file)
    assert (study.screening.mahalanobis, study.screening.minimum_variability) == ("flag", 0.2)
    screening = ss.read_responses(study.bundled_data(), study).screening
    assert "low_variability" in screening.flow["step"].tolist()


def test_a_hundred_thousand_rows_take_seconds():
    study = ss.load_study("b2b_micro_influencer")
    frame = ss.simulate_responses(study, n=2000, seed=1, careless=0.0, ineligible=0.0)
    items = [item.id for item in study.instrument.items]
    rng = np.random.default_rng(1)
    many = pd.concat([frame[items].astype(float)] * 50, ignore_index=True).mask(
        rng.random((100_000, len(items))) < 0.01
    )
    many = many.assign(seconds=rng.lognormal(6.0, 0.5, 100_000)).set_axis(pd.RangeIndex(2, 100_002))
    rules = ScreeningRules(
        attention_checks="off",
        eligibility="off",
        duplicate_rows="flag",
        incomplete="flag",
        completion_time="flag",
        straight_lining="flag",
        low_variability="flag",
        missing_answers="flag",
        mahalanobis="flag",
        even_odd="flag",
        synonyms="flag",
        minimum_even_odd=0.3,
        minimum_synonyms=0.2,
        **CUT_OFFS,
    )
    began = time.process_time()
    screen_answers(many, study.instrument, required=items, rules=rules)
    assert time.process_time() - began < 6.0  # seconds of a processor; about 2 on one made in 2020


def test_declared_rules_that_could_not_be_applied_are_findings(instrument, answers):
    rules = ScreeningRules(
        id_column="email", completion_time="exclude", time_column="secs", minimum_seconds=10, incomplete="flag"
    )
    data = read_responses(answers, instrument, rules=rules)
    told = [each for each in data.findings if each.where.startswith("screening rule")]
    assert [(each.severity, each.where) for each in told] == [
        ("warning", "screening rule duplicate_ids"),
        ("warning", "screening rule completion_time"),
    ]
    assert "was not applied: column secs absent" in told[1].message
    again = screen_again(data, instrument, required=ITEMS, rules=ScreeningRules())
    assert not [each for each in again.findings if each.where.startswith("screening rule")]
