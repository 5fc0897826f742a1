"""Propositions that paths differ between groups."""

import numpy as np
import pytest

import surveysem as ss
from surveysem.propositions import GroupDifferenceTest, PathTest
from surveysem.study.groups import GroupComparison, group_difference

MODEL = "f =~ a + b + c; g =~ d + e + h; g ~ P*f"
TEST = GroupDifferenceTest(group="side", paths=(PathTest(outcome="g", predictor="f"),))
OPTIONS = {"estimator": "MLR", "missing": "listwise", "engine": "native"}


def answers(slopes, loadings=(0.8, 0.8), n=300, seed=4):
    import pandas as pd

    rng = np.random.default_rng(seed)
    frames = []
    for side, (slope, loading) in enumerate(zip(slopes, loadings, strict=True)):
        f = rng.standard_normal(n)
        g = slope * f + rng.standard_normal(n)
        columns = {name: 0.8 * f + 0.6 * rng.standard_normal(n) for name in "abc"}
        columns |= {name: 0.8 * g + 0.6 * rng.standard_normal(n) for name in "de"}
        columns["h"] = loading * g + 0.6 * rng.standard_normal(n)
        frames.append(pd.DataFrame(columns).assign(side=side))
    return pd.concat(frames, ignore_index=True)


def evidence(frame):
    from surveysem.specification import parse_syntax

    return group_difference(TEST, GroupComparison(statements=parse_syntax(MODEL), frame=frame, options=OPTIONS))


def test_a_true_difference_is_found_and_its_absence_too():
    found, absent = evidence(answers((0.1, 0.8))), evidence(answers((0.5, 0.5)))
    assert found.df_difference == absent.df_difference == 1
    assert found.p_value < 0.001 < 0.05 < absent.p_value
    assert not found.obstacle
    assert not absent.obstacle


def test_loadings_that_differ_stand_in_the_way():
    result = evidence(answers((0.5, 0.5), loadings=(0.2, 1.6)))
    assert "loadings differ between the groups of side" in result.obstacle
    assert np.isnan(result.p_value)


def test_absent_columns_and_impossible_groups_are_obstacles_with_reasons():
    frame = answers((0.5, 0.5))
    assert evidence(frame.drop(columns="side")).obstacle == "the answers have no column side"
    assert "could not be compared" in evidence(frame.assign(side=1)).obstacle
    assert "could not be compared" in evidence(frame.groupby("side").head(5)).obstacle


def test_the_real_survey_compares_its_groups(influencer_csv):
    result = ss.fit_study(ss.load_study("influencer_endorsement"), influencer_csv)
    row = result.verdicts.loc["I7"]
    assert row["verdict"] in ("supported", "not supported", "not testable")
    if row["verdict"] != "not testable":
        assert 0 < row["p_value"] < 1
        assert "Δχ²(6)" in row["reason"]


def test_the_difference_test_is_lavaans(influencer_csv):
    # lavaan 0.6-14, by the script group_difference.R beside this file
    result = ss.fit_study(ss.load_study("influencer_endorsement"), influencer_csv)
    assert result.verdicts.loc["I7", "p_value"] == pytest.approx(0.09563, abs=5e-5)
