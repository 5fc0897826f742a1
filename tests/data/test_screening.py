import numpy as np
import pandas as pd
import pytest

from surveysem.data import ScreeningRules, read_responses
from surveysem.data.screening import longest_runs, screen_answers
from surveysem.errors import UnsupportedError

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


def test_runs():
    table = pd.DataFrame([[1, 1, 2, 2, 2], [3, np.nan, 3, 3, np.nan], [np.nan] * 5])
    assert longest_runs(table).tolist() == [3, 2, 0]


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


def random_case(seed):
    """Some answers with gaps, failures and repetitions, and what to do about each."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 20))
    frame = pd.DataFrame(rng.integers(3, 6, size=(n, 5)), columns=ITEMS, dtype=float)
    frame = frame.mask(rng.random((n, 5)) < 0.05)
    frame = frame.assign(
        att_1=rng.choice([6, 5], p=[0.8, 0.2], size=n), att_2=2, buyer=rng.choice([1, 0], p=[0.8, 0.2], size=n)
    )
    rules = ("eligibility", "attention_checks", "straight_lining", "duplicate_rows", "incomplete")
    return frame, {rule: str(rng.choice(["exclude", "flag", "off"], p=[0.6, 0.2, 0.2])) for rule in rules}


@pytest.mark.parametrize("seed", range(60))
def test_nobody_disappears_unaccounted(instrument, seed):
    frame, rules = random_case(seed)
    kept, screening = screened(frame, instrument, longest_run=4, **rules)
    everyone = sorted([*kept.index, *screening.dropped["row"]])
    assert everyone == list(range(2, len(frame) + 2))
    flow = screening.flow
    excluded = flow["n_affected"].where(flow["action"] == "exclude", 0)
    assert (flow["n_remaining"] == len(frame) - excluded.cumsum()).all()
    assert excluded.sum() == len(screening.dropped)
    assert flow.loc[flow["action"] == "flag", "n_affected"].sum() == len(screening.flagged)


def test_random_cases_exercise_every_rule(instrument):
    cases = [random_case(seed) for seed in range(60)]
    accounts = [screened(frame, instrument, longest_run=4, **rules)[1] for frame, rules in cases]
    for account in ("dropped", "flagged"):
        steps = {name for screening in accounts for name in getattr(screening, account)["step"]}
        assert steps >= {"eligibility", "attention_checks", "straight_lining", "incomplete"}
