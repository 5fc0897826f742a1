"""The moderation propositions of a study as regressions of scale or factor scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from surveysem.data import Responses
from surveysem.errors import StudyError, UnsupportedError
from surveysem.inference.moderated_regression import RegressionCovariance
from surveysem.modelling import fit_statements
from surveysem.modelling.moderated_regression import ModeratedRegression, moderated_regression
from surveysem.modelling.regression_checks import Centre
from surveysem.modelling.regression_scores import Scores
from surveysem.propositions import DecisionRule, InteractionTest, Proposition
from surveysem.study.analysis import declared_options
from surveysem.study.reduced import measured_study, unmeasured_evidence
from surveysem.study.responses import read_responses
from surveysem.study.study import Study


def moderated_regression_of(
    study: Study,
    data: Responses | pd.DataFrame | str | Path,
    *,
    proposition: str,
    covariates: Sequence[str] | None = None,
    scores: Scores = "scale",
    covariance: RegressionCovariance = "HC3",
    cluster: str | None = None,
    centre: Centre | None = "mean",
    at: Sequence[float] | None = None,
    level: float = 0.95,
) -> ModeratedRegression:
    """Moderated regression of one of a study's propositions on an interaction.

    Parameters
    ----------
    study : Study
        Questionnaire, model and propositions.
    data : Responses, pandas.DataFrame, str or pathlib.Path
        Screened answers, or what :func:`surveysem.read_responses` reads.
    proposition : str
        Id of a proposition (or part of one) on an interaction, such as ``"P9"`` or ``"P10c"``.
    covariates : sequence of str, optional
        Constructs or columns; by default what else predicts the outcome in the study's model, other
        interactions included.
    scores : {"scale", "factor"}
        Means of the items of each construct, or factor scores from the study's measurement model.
    covariance, cluster, centre, at, level
        As of :func:`surveysem.moderated_regression`; the level of the tests is the proposition's.

    Raises
    ------
    StudyError
        When the proposition is not on an interaction; those that are, are listed.
    DataError, EstimationError, UnsupportedError
        As :func:`surveysem.moderated_regression`.

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("b2b_micro_influencer")
    >>> answers = ss.simulate_responses(study, n=300, seed=7)
    >>> result = ss.moderated_regression_of(study, answers, proposition="P9")
    >>> result.term
    'perceived_credibility:product_complexity'
    """
    chosen = _interaction(study, proposition)
    test = chosen.test
    assert isinstance(test, InteractionTest)
    responses = data if isinstance(data, Responses) else read_responses(data, study)
    study = measured_study(study, responses)
    for absent in unmeasured_evidence(study, [chosen]).values():
        raise UnsupportedError(f"{chosen.id} cannot be tested: {absent.obstacle}.")
    others = _other_predictors(study, test) if covariates is None else tuple(covariates)
    items = {each.name: each.indicators for each in study.specification.latent_variables}
    fit = None
    if scores == "factor":
        options = declared_options(study, responses.frame)
        fit = fit_statements(study.statements("measurement"), responses.frame, **options)
    result = moderated_regression(
        responses.frame,
        outcome=test.outcome,
        predictor=test.predictor,
        moderator=test.moderator,
        covariates=others,
        scores=scores,
        items=None if fit is not None else items,
        fit=fit,
        covariance=covariance,
        cluster=cluster,
        centre=centre,
        at=at,
        alpha=chosen.rule.alpha if isinstance(chosen.rule, DecisionRule) else 0.05,
        level=level,
    )
    return replace(result, findings=(*responses.findings, *result.findings))


def _interaction(study: Study, proposition: str) -> Proposition:
    """The proposition of that id, if it is on an interaction."""
    everything = [each for whole in (*study.propositions, *study.extensions) for each in (whole.parts or (whole,))]
    available = [each for each in everything if isinstance(each.test, InteractionTest)]
    for each in available:
        if each.id == proposition:
            return each
    named = ", ".join(each.id for each in available) or "none"
    raise StudyError(
        f"The study {study.id} has no proposition {proposition!r} on an interaction. Propositions on interactions: "
        f"{named}."
    )


def _other_predictors(study: Study, test: InteractionTest) -> tuple[str, ...]:
    """What else the model has in the equation of the outcome."""
    factors = (test.predictor, test.moderator)
    predictors = [path.predictor for path in study.specification.paths if path.outcome == test.outcome]
    products = [
        f"{each.predictor}:{each.moderator}"
        for each in study.specification.interactions
        if each.outcome == test.outcome and {each.predictor, each.moderator} != set(factors)
    ]
    return (*(name for name in dict.fromkeys(predictors) if name not in factors), *products)
