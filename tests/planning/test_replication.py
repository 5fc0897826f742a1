"""Fast replications give what an analysis of the same answers gives."""

from __future__ import annotations

import numpy as np
import pytest

import surveysem as ss
from surveysem.planning.design import power_design
from surveysem.planning.full_replication import FullReplication
from surveysem.planning.outcomes import FAILED, INADMISSIBLE, NUMBERS, VERDICTS
from surveysem.study.structural import fit_structural

NONE = {"estimator": None, "missing": None, "interaction": None, "centering": None}


@pytest.fixture(scope="module")
def study():
    return ss.load_study("b2b_micro_influencer")


@pytest.fixture(scope="module")
def replication(study):
    return power_design(study, 300, reps=2, seed=1, **NONE).replication()


@pytest.mark.parametrize("seed", [11, 12])
def test_numbers_and_verdicts_are_those_of_an_analysis(study, replication, seed):
    responses = ss.read_responses(ss.simulate_responses(study, n=300, seed=seed), study)
    result = ss.fit_study(study, responses)
    outcomes = replication.of_answers([responses.frame[list(study.specification.indicators)].to_numpy(float)])
    judged = [each for family in replication.families for each in family.judged]
    table = {**result.verdicts.to_dict("index"), **result.extensions.to_dict("index")}
    for place, proposition in enumerate(judged):
        row = table[proposition.id]
        assert VERDICTS[outcomes.verdicts[0, place]] == row["verdict"]
        expected = [row[name] for name in NUMBERS]
        # The analysis stops within 1e-3 standard errors of the minimum, and p of 1e-20 move by more than that.
        np.testing.assert_allclose(outcomes.numbers[0, place, :6], expected[:6], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(outcomes.numbers[0, place, 6], expected[6], rtol=5e-3)


def test_maximum_likelihood_errors_are_those_of_an_analysis(study):
    replication = power_design(study, 300, reps=1, seed=1, **{**NONE, "estimator": "ML"}).replication()
    responses = ss.read_responses(ss.simulate_responses(study, n=300, seed=5), study)
    result = ss.fit_study(study, responses, estimator="ML")
    outcomes = replication.of_answers([responses.frame[list(study.specification.indicators)].to_numpy(float)])
    expected = result.verdicts.loc["P9", ["std_error", "std_std_error"]].to_numpy(float)
    place = [each.id for family in replication.families for each in family.judged].index("P9")
    np.testing.assert_allclose(outcomes.numbers[0, place, [1, 3]], expected, rtol=1e-4)


def test_fewer_rows_than_parameters_fail_as_in_an_analysis(study, replication):
    outcomes = replication.run(200, [np.random.SeedSequence(1)] * 2)
    assert outcomes.status.tolist() == [FAILED, FAILED]
    assert {VERDICTS[each] for each in outcomes.verdicts.ravel()} == {"not testable"}
    assert "fewer rows than parameters" in outcomes.reasons[0]
    with pytest.raises(ss.SurveySEMError, match="fewer rows than parameters"):
        ss.fit_study(study, ss.simulate_responses(study, n=200, seed=1, careless=0.0, ineligible=0.0))


def test_an_item_that_all_answer_alike_is_a_failure(study, replication):
    answers = (
        ss.response_simulator(study).draw_items(n=300, seed=1)[list(study.specification.indicators)].to_numpy(copy=True)
    )
    answers[:, 3] = 4.0
    outcomes = replication.of_answers([answers])
    assert outcomes.status.tolist() == [FAILED]
    assert "same answer" in outcomes.reasons[0]
    assert np.isnan(outcomes.numbers).all()


def test_inadmissible_solutions_are_not_testable(study, replication):
    """An item that repeats another, but for a few answers, has a negative residual variance."""
    rng = np.random.default_rng(2)
    names = list(study.specification.indicators)
    answers = ss.response_simulator(study).draw_items(n=300, seed=1)[names].to_numpy(copy=True)
    first = names.index(study.specification.latent_variables[1].indicators[0])
    answers[:, first + 1] = answers[:, first] + (rng.random(300) < 0.02)
    answers[:, first + 2 : first + 4] += rng.normal(0, 3, size=(300, 2)).round()
    outcomes = replication.of_answers([answers])
    assert outcomes.status.tolist() == [INADMISSIBLE]
    assert "inadmissible" in outcomes.reasons[0]
    assert {VERDICTS[each] for each in outcomes.verdicts.ravel()} == {"not testable"}


def test_whole_analyses_give_the_same_record(study, replication):
    """Both ways of replicating, on answers that are the same: those of one function."""
    answers = ss.simulate_responses(study, n=300, seed=21, careless=0.0, ineligible=0.0)
    whole = FullReplication(
        study=study, families=replication.families, options={}, answers=lambda study, n, seed: answers.copy()
    )
    found = whole.run(300, [np.random.SeedSequence(1)])
    items = ss.read_responses(answers, study).frame[list(study.specification.indicators)].to_numpy(float)
    fast = replication.of_answers([items])
    assert found.verdicts.tolist() == fast.verdicts.tolist()
    np.testing.assert_allclose(found.numbers[..., :6], fast.numbers[..., :6], rtol=1e-4, atol=1e-6)


def test_errors_of_an_analysis_are_recorded(study, replication):
    small = ss.simulate_responses(study, n=100, seed=1, careless=0.0, ineligible=0.0)
    whole = FullReplication(
        study=study, families=replication.families, options={}, answers=lambda study, n, seed: small
    )
    found = whole.run(100, [np.random.SeedSequence(1)])
    assert found.status.tolist() == [FAILED]
    assert "fewer rows" in found.reasons[0]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"missing": "fiml"}, None),
        ({"interaction": "lms"}, "lms"),
        ({"centering": "residual"}, "residual"),
        ({"estimator": "MLM"}, None),
    ],
)
def test_what_is_refitted_in_stacks(study, options, reason):
    design = power_design(study, 300, reps=1, seed=1, **{**NONE, **options})
    assert bool(design.obstacles_to_speed) == (reason is not None)
    assert reason is None or reason in design.obstacles_to_speed[0]


def test_full_information_is_that_of_an_analysis(small_study):
    design = power_design(small_study, 200, reps=1, seed=1, missing_share=0.05, **{**NONE, "missing": "fiml"})
    answers = design.simulator.draw(n=200, seed=4)
    result = ss.fit_study(small_study, ss.read_responses(answers, small_study), missing="fiml")
    items = ss.read_responses(answers, small_study).frame[list(design.items)].to_numpy(float)
    assert np.isnan(items).any()
    outcomes = design.replication().of_answers([items])
    expected = result.verdicts[list(NUMBERS)].to_numpy(float)
    np.testing.assert_allclose(outcomes.numbers[0, :, :6], expected[:, :6], rtol=1e-4, atol=1e-6)
    assert [VERDICTS[place] for place in outcomes.verdicts[0]] == result.verdicts["verdict"].tolist()


def test_full_information_makes_products_as_an_analysis_does(flagship):
    """An interaction from incomplete answers; the structural model alone, which is what is judged."""
    design = power_design(flagship, 320, reps=1, seed=1, missing_share=0.03, **{**NONE, "missing": "fiml"})
    frame = design.simulator.draw_items(n=320, seed=4)[list(design.items)]
    fit = fit_structural(flagship.specification, frame, design.options).full
    replication = design.replication()
    outcomes = replication.of_answers([frame.to_numpy(float)])
    places = [each.id for family in replication.families for each in family.judged]
    estimates = fit.estimates.set_index(["lhs", "op", "rhs"])
    row = estimates.loc[("risk_reduction", "~", "perceived_credibility:product_complexity")]
    expected = row[["estimate", "std_error", "std_all", "std_std_error"]].to_numpy(float)
    np.testing.assert_allclose(outcomes.numbers[0, places.index("P9"), :4], expected, rtol=1e-4)
