import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import surveysem as ss
from surveysem.data.simulation.gaps import dealt_forms, gap_probabilities
from surveysem.errors import StudyError

STUDY = ss.load_study("b2b_micro_influencer")
ITEMS = list(STUDY.specification.indicators)


def test_probabilities_are_logistic_with_the_mean_asked_for():
    answers = np.random.default_rng(1).normal(3, 2, size=500)
    chances = gap_probabilities(answers, share=0.3, strength=-1.4)
    assert chances.mean() == pytest.approx(0.3, abs=1e-12)
    z = (answers - answers.mean()) / answers.std()
    odds = np.log(chances / (1 - chances))
    np.testing.assert_allclose(np.diff(odds), -1.4 * np.diff(z), rtol=1e-8)
    np.testing.assert_allclose(chances, expit(odds[0] - 1.4 * (z - z[0])))


def test_gaps_at_random_have_their_share_and_depend_on_nothing():
    n = 4000
    frame = ss.simulate_responses(STUDY, n=n, seed=2, careless=0.0, missing={"share": {"pc_1": 0.3, "bt_2": 0.1}})
    gone = frame[ITEMS].isna()
    assert gone.mean()[lambda share: share > 0].index.tolist() == ["pc_1", "bt_2"]
    assert gone["pc_1"].mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / n))
    complete = ss.simulate_responses(STUDY, n=n, seed=2, careless=0.0)
    assert abs(gone["pc_1"].corr(complete["pc_1"])) < 4 / np.sqrt(n)
    pd.testing.assert_frame_equal(frame.drop(columns=["pc_1", "bt_2"]), complete.drop(columns=["pc_1", "bt_2"]))
    kept = frame["pc_1"].notna()
    assert (frame.loc[kept, "pc_1"] == complete.loc[kept, "pc_1"]).all()


def test_gaps_follow_the_question_named():
    missing = {"share": 0.2, "depends_on": "firm_size", "strength": 1.0}
    frame = ss.simulate_responses(STUDY, n=6000, seed=3, missing=missing)
    gone = frame["pc_1"].isna()
    assert frame[ITEMS].isna().to_numpy().mean() == pytest.approx(0.2, abs=0.01)
    by_size = gone.groupby(frame["firm_size"]).mean()
    assert by_size.is_monotonic_increasing
    z = (frame["firm_size"] - frame["firm_size"].mean()) / frame["firm_size"].std(ddof=0)
    expected = gap_probabilities(frame["firm_size"].to_numpy(float), share=0.2, strength=1.0)
    by_chance = pd.Series(expected).groupby(frame["firm_size"]).mean()
    np.testing.assert_allclose(by_size, by_chance, atol=4 * np.sqrt(0.2 / 1200))
    assert z.abs().max() < 2


def test_the_question_gaps_depend_on_is_answered_by_all():
    options = {"missing": {"share": 0.4, "depends_on": "pc_2"}, "forms": True, "does_not_apply": 0.1}
    frame = ss.simulate_responses(STUDY, n=300, seed=3, **options)
    assert frame["pc_2"].isin(range(1, 8)).all()


def test_likelihood_of_all_answers_repairs_gaps_that_leaving_rows_out_does_not(simulator, model):
    """The mean of y2 is 0 in the population; who has high x1 is missing more often."""
    made = simulator(missing={"share": {"y1": 0.4, "y2": 0.4, "y3": 0.4}, "depends_on": "x1", "strength": 2.0})
    frame = made.draw_items(n=6000, seed=8)
    full = ss.sem(model.structure, frame, missing="fiml").estimates.set_index(["lhs", "op", "rhs"])["estimate"]
    listwise = ss.sem(model.structure, frame, missing="listwise", meanstructure=True).estimates
    left_out = listwise.set_index(["lhs", "op", "rhs"])["estimate"]
    assert full["y2", "~1", ""] == pytest.approx(0, abs=0.06)  # about three standard errors
    assert left_out["y2", "~1", ""] < -0.1
    assert left_out["x1", "~1", ""] < -0.5
    assert full["y", "~", "x"] == pytest.approx(model.population.paths["y", "x"], abs=0.06)


def test_three_forms_leave_one_block_out():
    frame = ss.simulate_responses(STUDY, n=301, seed=3, forms=True)
    forms = frame.attrs["surveysem"]["options"]["forms"]
    assert sorted(frame["form"].value_counts()) == [100, 100, 101]
    for number, block in {1: "C", 2: "B", 3: "A"}.items():
        rows = frame[frame["form"] == number]
        assert rows[forms[block]].isna().all().all()
        assert rows[[name for name in ITEMS if name not in forms[block]]].notna().all().all()
    dealt = [*forms["A"], *forms["B"], *forms["C"]]
    first = [latent.indicators[0] for latent in STUDY.specification.latent_variables]
    assert sorted([*dealt, *first]) == sorted(ITEMS)


def test_blocks_can_be_given(model):
    forms = {"A": ["pc_1"], "B": ["pc_2"], "C": ["pc_3", "bt_1"]}
    frame = ss.simulate_responses(STUDY, n=30, seed=3, forms=forms)
    assert frame[["pc_1", "pc_2", "pc_3", "bt_1"]].isna().sum().tolist() == [10] * 4
    assert frame.loc[frame["form"] == 1, ["pc_3", "bt_1"]].isna().all().all()
    assert dealt_forms(model.indicators).A == ("x2", "z3", "w2")


def test_does_not_apply_is_the_code_of_the_scale():
    frame = ss.simulate_responses(STUDY, n=5000, seed=3, does_not_apply={"pc_1": 0.25})
    assert (frame["pc_1"] == -99).mean() == pytest.approx(0.25, abs=0.025)
    assert (frame["pc_2"] != -99).all()
    read = ss.read_responses(frame, STUDY, screening=ss.ScreeningRules(incomplete="off"))
    assert read.frame["pc_1"].isna().mean() == pytest.approx(0.25, abs=0.025)


def test_gaps_survive_a_file(tmp_path):
    frame = ss.simulate_responses(STUDY, n=200, seed=3, missing=0.1)
    ss.write_table(frame, tmp_path / "answers.csv")
    read = pd.read_csv(tmp_path / "answers.csv")
    assert read[ITEMS].isna().equals(frame[ITEMS].isna())


def test_draw_items_has_such_gaps_too():
    made = ss.response_simulator(STUDY, ss.simulation_options(missing=0.2, does_not_apply={"pc_1": 0.5}))
    items = made.draw_items(n=4000, seed=2)
    assert items["pc_2"].isna().mean() == pytest.approx(0.2, abs=0.03)
    assert items["pc_1"].isna().mean() == pytest.approx(0.6, abs=0.03)
    assert items["pc_1"].dropna().isin(range(1, 8)).all()


def test_scales_without_a_code_cannot_be_refused(instrument, small_simulation):
    assert (small_simulation(n=500, seed=1, does_not_apply=0.5)["tr_1"] == -99).mean() > 0.4
    with pytest.raises(StudyError, match=r"does_not_apply, tr_9: there is no such item"):
        small_simulation(n=5, seed=1, does_not_apply={"tr_9": 0.5})
    assert instrument.scale("agree7").missing
