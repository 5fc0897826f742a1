"""Moderation propositions of the flagship study as regressions."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import StudyError


@pytest.fixture(scope="module")
def study():
    return ss.load_study("b2b_micro_influencer")


@pytest.fixture(scope="module")
def answers(study):
    return ss.read_responses(ss.simulate_responses(study, n=400, seed=7), study)


@pytest.mark.parametrize(("proposition", "covariates"), [("P9", ()), ("P10c", ("risk_reduction",))])
def test_propositions_on_interactions_run_from_the_study_file(study, answers, proposition, covariates):
    result = ss.moderated_regression_of(study, answers, proposition=proposition)
    assert result.covariates == covariates
    items = {each.name: list(each.indicators) for each in study.specification.latent_variables}
    names = [result.outcome, result.predictor, result.moderator, *covariates]
    means = pd.DataFrame({name: answers.frame[items[name]].mean(axis=1, skipna=False) for name in names})
    by_hand = ss.moderated_regression(
        means,
        outcome=result.outcome,
        predictor=result.predictor,
        moderator=result.moderator,
        covariates=covariates,
    )
    np.testing.assert_allclose(result.coefficients, by_hand.coefficients)
    assert any("simulated" in finding.message for finding in result.findings)
    assert result.alpha == 0.05


def test_factor_scores_of_the_measurement_model(study, answers):
    scale = ss.moderated_regression_of(study, answers, proposition="P9")
    factor = ss.moderated_regression_of(study, answers, proposition="P9", scores="factor", covariates=())
    assert factor.r_squared != scale.r_squared
    assert any(finding.where == "factor scores" for finding in factor.findings)
    assert factor.coefficients.loc[factor.term, "estimate"] * scale.coefficients.loc[scale.term, "estimate"] > 0


def test_other_propositions_are_refused_with_those_available(study, answers):
    for name in ("P1", "P10", "P99"):
        with pytest.raises(StudyError, match="Propositions on interactions: P9, P10c"):
            ss.moderated_regression_of(study, answers, proposition=name)


def test_other_interactions_of_the_equation_are_in_the_regression(study, answers):
    specification = study.specification
    of_p9, of_p10 = specification.interactions
    moved = replace(of_p10, outcome=of_p9.outcome, moderator=of_p10.moderator, label="")
    path = next(each for each in specification.paths if each.predictor == moved.moderator)
    paths = (*specification.paths, replace(path, outcome=of_p9.outcome, label=""))
    widened = replace(study, specification=replace(specification, paths=paths, interactions=(of_p9, moved)))
    result = ss.moderated_regression_of(widened, answers, proposition="P9")
    assert result.covariates == (moved.moderator, f"{moved.predictor}:{moved.moderator}")
    assert result.covariates[1] in result.coefficients.index
