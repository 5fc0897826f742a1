"""From answers to verdicts: measurement model, structural model, evidence, judgement."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from surveysem.data import Responses
from surveysem.errors import UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.modelling import fit_statements, rows_left_out
from surveysem.propositions import judge_fit, judge_propositions
from surveysem.specification import Statement
from surveysem.study.evidence import collect_evidence
from surveysem.study.groups import GroupComparison
from surveysem.study.responses import model_frame, read_responses
from surveysem.study.result import StudyResult
from surveysem.study.study import Study
from surveysem.typing import EstimatorName

_INTERACTIONS = ("product_indicator",)


def fit_study(
    study: Study,
    data: Responses | pd.DataFrame | str | Path,
    *,
    estimator: EstimatorName | None = None,
    missing: str | None = None,
    interaction: str | None = None,
    engine: str = "native",
    allow_inadmissible: bool = False,
) -> StudyResult:
    """A study fitted to answers, with a verdict on each of its propositions.

    Parameters
    ----------
    study : Study
        Questionnaire, model, propositions and rules.
    data : Responses, pandas.DataFrame, str or pathlib.Path
        Screened answers, or what :func:`read_responses` reads.
    estimator : str, optional
        One of those :func:`surveysem.sem` knows, instead of the one the study declares.
    missing : {"listwise", "fiml"}, optional
        Treatment of missing answers, instead of the declared one.
    interaction : {"product_indicator"}, optional
        Method of latent moderation, instead of the declared one.
    engine : {"native", "semopy"}
        Software that minimises.
    allow_inadmissible : bool
        Let propositions be judged on a solution that no population could have; the result and its report say so.

    Raises
    ------
    DataError, EstimationError, IdentificationError, UnsupportedError
        Each says where, what was found and what to do.

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("political_democracy")
    >>> ss.fit_study(study, study.bundled_data()).verdicts["verdict"].tolist()
    ['supported', 'supported', 'supported']
    """
    settings = _settings(study, estimator=estimator, missing=missing, interaction=interaction, engine=engine)
    responses = data if isinstance(data, Responses) else read_responses(data, study)
    frame, notes = _analysed_rows(study, responses, settings["missing"])
    measurement = _fit(study.statements("measurement"), frame, settings, notes)
    products = {each.product_name: (each.predictor, each.moderator) for each in study.specification.interactions}
    structural = _fit(study.statements("structural"), frame, settings, notes, products=products)
    groups = _group_comparison(study, responses, frame, settings)
    obstacle = "" if structural.admissible or allow_inadmissible else _obstacle(structural)
    verdicts, extensions = (
        judge_propositions(family, collect_evidence(family, structural, groups, obstacle=obstacle), study.labels)
        for family in (study.propositions, study.extensions)
    )
    return StudyResult(
        study=study,
        responses=responses,
        measurement=measurement,
        structural=structural,
        judged=verdicts,
        judged_extensions=extensions,
        fit_judgement=tuple(
            judge_fit(fit.fit_indices, study.fit_criteria, model=f"{name} model")
            for name, fit in (("measurement", measurement), ("structural", structural))
        ),
        settings=settings,
        overrides=_overrides(structural, allow_inadmissible=allow_inadmissible),
    )


def _settings(study: Study, *, engine: str, **given: str | None) -> dict[str, str]:
    declared = study.analysis.model_dump()
    settings = {name: value or declared[name] for name, value in given.items()}
    if settings["interaction"] not in _INTERACTIONS:
        raise UnsupportedError(
            f"interaction={settings['interaction']!r} is not available. Available: {', '.join(_INTERACTIONS)}."
        )
    return settings | {"engine": engine}


def _analysed_rows(study: Study, responses: Responses, missing: str) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """The columns of the models, with incomplete rows or without, and what was left out."""
    items = responses.frame[list(study.specification.indicators)]
    if missing == "fiml":
        return model_frame(study, items), ()
    complete = items.dropna()
    return model_frame(study, complete), rows_left_out(len(complete), len(items))


def _group_comparison(
    study: Study, responses: Responses, frame: pd.DataFrame, settings: dict[str, str]
) -> GroupComparison:
    names = [question.id for question in study.instrument.grouping_questions if question.id in responses.frame.columns]
    return GroupComparison(
        statements=study.statements("structural"),
        frame=pd.concat([frame, responses.frame.loc[frame.index, names]], axis=1),
        options={name: settings[name] for name in ("estimator", "missing", "engine")},
    )


def _fit(
    statements: tuple[Statement, ...],
    frame: pd.DataFrame,
    settings: dict[str, str],
    notes: tuple[Finding, ...],
    *,
    products: dict[str, tuple[str, str]] | None = None,
) -> Fit:
    return fit_statements(
        statements,
        frame,
        estimator=settings["estimator"],  # type: ignore[arg-type]  # checked where it is used
        missing=settings["missing"],
        engine=settings["engine"],
        products=products,
        notes=notes,
    )


def _obstacle(structural: Fit) -> str:
    serious = [finding.message for finding in structural.findings if finding.severity == "serious"]
    return f"the solution is inadmissible ({' '.join(serious).rstrip('.')})"


def _overrides(structural: Fit, *, allow_inadmissible: bool) -> tuple[Finding, ...]:
    if structural.admissible or not allow_inadmissible:
        return ()
    message = "The propositions were judged on an inadmissible solution because the researcher asked for it."
    return (Finding(severity="serious", where="verdicts", message=message),)
