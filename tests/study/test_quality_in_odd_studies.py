"""Sections on data and measurement where answers are ordered, or where screening left incomplete respondents out."""

from dataclasses import replace

import numpy as np
import pytest

import surveysem as ss
from surveysem.report.inline import plain
from surveysem.report.table import Table
from surveysem.study.quality.document import InvarianceEntry, MeasurementQualityEntry


def sections(result):
    return {
        each.heading: " ".join(plain(block.text) for block in each.blocks if hasattr(block, "text"))
        for each in ss.report.build_document(result._content).sections
    }


@pytest.fixture(scope="module")
def endorsement(influencer_csv):
    """The survey of real answers, some of them taken away, and its study without comparisons of groups and rivals."""
    study = ss.load_study("influencer_endorsement")
    kept = tuple(each for each in study.propositions if each.id != "I7")
    answers = ss.read_responses(influencer_csv, study).coded.copy()
    answers.iloc[:20, answers.columns.get_loc("pic_1")] = np.nan
    return replace(study, propositions=kept, rival_models=()), answers


def test_alternatives_of_ordered_answers_have_no_bic(endorsement):
    study, answers = endorsement
    study = replace(study, measurement_quality=MeasurementQualityEntry(checks=("alternatives",)))
    result = ss.fit_study(study, answers, estimator="WLSMV", ordered=True)
    text = sections(result)["Distinct constructs and single items"]
    assert "least squares has no likelihood, and so no BIC" in text
    table = result.tables["measurement_models"]
    assert not {"aic", "bic"} & {column.key for column in table.columns}
    assert not any("AIC" in plain(note) for note in table.notes)


def test_respondents_left_out_for_missing_answers_are_told_beside_the_amounts(endorsement):
    study, answers = endorsement
    left_out = ss.fit_study(study, ss.read_responses(answers, study, screening=ss.ScreeningRules()))
    text = sections(left_out)["Missing data"]
    assert "None of the answers of 202 respondents" in text
    assert "Screening had left out 20 of 222 respondents because an answer was missing (rule: incomplete)" in text
    flagged = ss.ScreeningRules(incomplete="flag")
    kept = ss.fit_study(study, ss.read_responses(answers, study, screening=flagged), missing="fiml")
    assert "Screening had left out" not in sections(kept)["Missing data"]
    assert sections(kept)["Sample and screening"].count("Of 222 respondents, 222 (100.0%)") == 1


def test_invariance_that_was_tested_is_ticked_off(endorsement):
    study, answers = endorsement
    entry = InvarianceEntry(group="influencer_group", constructs=["product_quality"], up_to="metric")
    study = replace(study, measurement_quality=MeasurementQualityEntry(invariance=[entry]))
    result = ss.fit_study(study, ss.read_responses(answers, study))
    document = ss.report.build_document(result._content)
    blocks = [block for each in document.sections if each.heading == "Reporting standards" for block in each.blocks]
    rows = [row for block in blocks if isinstance(block, Table) for row in block.rows]
    (invariance,) = [row for row in rows if "measurement invariance" in str(row.cells)]
    assert "does not apply" not in str(invariance.cells)
    assert "Measurement invariance" in str(invariance.cells)
