"""Power where answers are simulated of groups that differ."""

from __future__ import annotations

import pytest

import surveysem as ss


@pytest.fixture(scope="module")
def found(flagship):
    (regulated, *_) = (code for code in flagship.instrument.scale(_question(flagship).scale).codes)
    groups = {_question(flagship).id: {str(regulated): {"effects": {"P5": 0.0}}}}
    options = ss.simulation_options(careless=0.0, ineligible=0.0, groups=groups)
    return ss.power(flagship, n=300, reps=3, seed=1, n_jobs=1, responses=options)


def _question(study):
    scales = study.instrument
    return next(each for each in scales.grouping_questions if scales.scale(each.scale).kind == "nominal")


def test_effects_of_all_respondents_together_are_not_made_up(found):
    assert found.table[["population", "bias", "coverage"]].isna().all(axis=None)
    assert set(found.text_table["effect"]) == {"—"}
    assert "assumed effects" not in found.paragraph()
    assert any("Groups differ" in finding.message for finding in found.findings)
    assert found.out_of_reach == ()


def test_groups_alike_have_the_effects_stated(flagship):
    question = _question(flagship)
    code = str(flagship.instrument.scale(question.scale).codes[0])
    groups = {question.id: {code: {"share": 0.5}}}
    options = ss.simulation_options(careless=0.0, ineligible=0.0, groups=groups)
    alike = ss.power(flagship, n=100, reps=1, seed=1, n_jobs=1, responses=options)
    assert alike.table.loc[("P5", 100), "population"] == 0.5
