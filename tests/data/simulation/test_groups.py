"""Groups with known differences."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import StudyError

STUDY = ss.load_study("b2b_micro_influencer")
DIFFERENCES = {
    "sector": {
        "Regulated": {
            "share": 0.5,
            "effects": {"y ~ x": 0.0, "w ~ y": 0.7},
            "means": {"z": 0.6, "w": -0.4},
            "loadings": {"y2": 0.5},
            "intercepts": {"x3": 0.3},
        },
        "3": {"share": 0.1},
    }
}


@pytest.fixture(scope="module")
def frame(simulator):
    return simulator(groups=DIFFERENCES).draw_items(n=40_000, seed=6)


def test_groups_have_their_shares(frame):
    assert (frame["sector"].value_counts(normalize=True).sort_index() == [0.5, 0.4, 0.1]).all()


@pytest.mark.parametrize(("code", "paths"), [(1, (0.0, 0.3, 0.7)), (2, (0.4, 0.3, 0.5)), (3, (0.4, 0.3, 0.5))])
def test_paths_hold_within_groups(frame, model, code, paths):
    rows = frame[frame["sector"] == code]
    solution = ss.sem(model.structure, rows, std_lv=True).standardized().set_index(["lhs", "op", "rhs"])["est_std"]
    found = [solution["y", "~", "x"], solution["y", "~", "z"], solution["w", "~", "y"]]
    np.testing.assert_allclose(found, paths, atol=4 / np.sqrt(len(rows)) * 1.3)
    assert solution["y", "=~", "y2"] == pytest.approx(0.5 if code == 1 else 0.8, abs=0.05)


def test_latent_means_and_intercepts_differ(frame, model):
    """Items in the first group: mean of the latent variable times the loading, plus the intercept."""
    first, second = frame[frame["sector"] == 1], frame[frame["sector"] == 2]
    difference = first.mean() - second.mean()
    expected = {"z1": 0.6 * 0.8, "w2": -0.4 * 0.8, "x3": 0.3, "x1": 0.0, "y2": 0.0}
    for item, value in expected.items():
        assert difference[item] == pytest.approx(value, abs=5 * np.sqrt(2 / 16_000)), item
    assert first[model.indicators["z"]].var().to_numpy() == pytest.approx(1, abs=0.05)


def test_scalar_invariance_fails_where_an_item_favours_a_group(simulator, model):
    differences = {"sector": {"1": {"share": 0.5, "intercepts": {"x3": 0.4}, "means": {"x": 0.5}}, "2": {"share": 0.5}}}
    rows = simulator(groups=differences).draw_items(n=2000, seed=6)
    result = ss.measurement_invariance("x =~ x1 + x2 + x3\nz =~ z1 + z2 + z3", rows, group="sector")
    assert result.highest == "metric"
    freed = ss.measurement_invariance(
        "x =~ x1 + x2 + x3\nz =~ z1 + z2 + z3", rows, group="sector", group_partial=["x3~1"]
    )
    assert freed.highest == "strict"
    assert len(model.indicators) == 4


def test_effects_are_named_by_proposition():
    groups = {"regulated": {"Sim": {"share": 0.4, "effects": {"P7": 0.1, "P9": 0.3}}}}
    frame = ss.simulate_responses(STUDY, n=50, seed=1, groups=groups)
    assert (frame["regulated"] == 1).sum() == 20
    (_, regulated) = frame.attrs["surveysem"]["groups"]
    assert regulated["code"] == 1
    assert regulated["population"]["paths"]["brand_trust ~ perceived_credibility"] == 0.1
    assert regulated["population"]["interactions"]["risk_reduction ~ perceived_credibility:product_complexity"] == 0.3
    assert regulated["population"]["paths"]["risk_reduction ~ perceived_credibility"] == 0.4


def test_groups_without_differences_change_no_answer():
    plain = ss.simulate_responses(STUDY, n=100, seed=7)
    grouped = ss.simulate_responses(STUDY, n=100, seed=7, groups={"regulated": {"Yes": {"share": 0.3}}})
    pd.testing.assert_frame_equal(plain.drop(columns="regulated"), grouped.drop(columns="regulated"))
    assert (grouped["regulated"] == 1).sum() == 30


def test_clusters_and_groups_together(simulator):
    made = simulator(groups=DIFFERENCES, clusters={"number": 50, "intraclass_correlation": 0.2})
    frame = made.draw_items(n=500, seed=2)
    assert frame.groupby("influencer_id")["sector"].nunique().max() > 1
    assert list(frame.columns[-2:]) == ["sector", "influencer_id"]


def test_everything_wrong_with_groups_is_told():
    groups = {
        "regulated": {
            "Yes": {"share": 0.7, "effects": {"P77": 0.1, "P4": np.inf}, "means": {"trust": 1}},
            "yes": {"loadings": {"pc_9": 0.4}},
            "perhaps": {},
            "0": {"share": 0.7, "effects": {"P4": 0.99, "complexity_main": 0.9}},
        }
    }
    with pytest.raises(StudyError) as caught:
        ss.simulate_responses(STUDY, n=5, seed=1, groups=groups)
    text = str(caught.value)
    assert "groups, regulated, yes: this option is named twice" in text
    assert "groups, regulated, perhaps: there is no such option. Options: 0 (No), 1 (Yes)." in text
    assert "groups, regulated, shares: they add up to 1.4" in text
    assert "effects, P77: there is no such path or moderation. Did you mean P7?" in text
    assert "effects, P4: inf. Give a finite number." in text
    assert "means, trust: there is no such latent variable" in text
    assert "equation of risk_reduction" in text


def test_shared_variance_is_checked_in_each_group():
    groups = {"regulated": {"Yes": {"effects": {"P4": 0.9}}}}
    clusters = {"number": 9, "intraclass_correlation": {"perceived_credibility": 0.5, "risk_reduction": 0.1}}
    ss.simulate_responses(STUDY, n=20, seed=1, clusters=clusters)
    with pytest.raises(StudyError, match=r"groups, regulated, 1, clusters.* of risk_reduction: 0.1 cannot be reached"):
        ss.simulate_responses(STUDY, n=20, seed=1, clusters=clusters, groups=groups)


def test_groups_need_a_question_with_options():
    with pytest.raises(StudyError, match="groups, country: there is no such grouping question with options"):
        ss.simulate_responses(STUDY, n=5, seed=1, groups={"country": {"PT": {}}})
    with pytest.raises(StudyError, match="Give one grouping question"):
        ss.simulate_responses(STUDY, n=5, seed=1, groups={"sector": {}, "regulated": {}})
