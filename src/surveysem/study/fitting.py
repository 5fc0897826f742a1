"""From answers to verdicts: measurement model, structural model, evidence, judgement."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from surveysem.data import Responses
from surveysem.errors import Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.modelling import fit_statements, rows_left_out
from surveysem.modelling.advice import advise_estimator
from surveysem.modelling.latent_moderation import check_interaction
from surveysem.propositions import judge_fit, judge_propositions
from surveysem.study.evidence import collect_evidence
from surveysem.study.groups import GroupComparison
from surveysem.study.moderation_methods import ModerationComparison, compare_methods
from surveysem.study.responses import model_frame, read_responses
from surveysem.study.result import StudyResult
from surveysem.study.structural import fit_structural
from surveysem.study.study import Study
from surveysem.typing import EstimatorName


def fit_study(
    study: Study,
    data: Responses | pd.DataFrame | str | Path,
    *,
    estimator: EstimatorName | Literal["auto"] | None = None,
    missing: str | None = None,
    interaction: str | None = None,
    centering: str | None = None,
    nodes: int | None = None,
    engine: str = "native",
    allow_inadmissible: bool = False,
    compare_interactions: bool | None = None,
) -> StudyResult:
    """A study fitted to answers, with a verdict on each of its propositions.

    Parameters
    ----------
    study : Study
        Questionnaire, model, propositions and rules.
    data : Responses, pandas.DataFrame, str or pathlib.Path
        Screened answers, or what :func:`read_responses` reads.
    estimator : str, optional
        One of those :func:`surveysem.sem` knows, instead of the one the study declares; ``"auto"`` follows
        :func:`surveysem.advise_estimator`, within maximum likelihood, and reports why.
    missing : {"listwise", "fiml"}, optional
        Treatment of missing answers, instead of the declared one.
    interaction : {"product_indicator", "lms", "qml"}, optional
        Method of latent moderation, instead of the declared one; see :func:`surveysem.sem`.
    centering : {"double", "residual", "unconstrained", "constrained"}, optional
        How product indicators are made, instead of as declared.
    nodes : int, optional
        Nodes of quadrature in each dimension, for ``interaction="lms"``.
    engine : {"native", "semopy"}
        Software that minimises.
    allow_inadmissible : bool
        Let propositions be judged on a solution that no population could have; the result and its report say so.
    compare_interactions : bool, optional
        Fit the latent interactions by all methods and report them beside each other (:func:`compare_moderation`),
        instead of as declared.

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
    settings = _settings(
        study,
        estimator=estimator,
        missing=missing,
        interaction=interaction,
        centering=centering,
        nodes=nodes,
        engine=engine,
    )
    responses = data if isinstance(data, Responses) else read_responses(data, study)
    frame, notes = _analysed_rows(study, responses, settings["missing"])
    if settings["estimator"] == "auto":
        items = study.specification.indicators
        advice = advise_estimator(frame, items, missing=settings["missing"], categorical=False)
        settings["estimator"], notes = advice.estimator, (*notes, *advice.findings)
    options: dict[str, Any] = {name: settings[name] for name in ("estimator", "missing", "engine")}
    measurement = fit_statements(study.statements("measurement"), frame, notes=notes, **options)
    fits = fit_structural(study.specification, frame, settings, notes)
    structural = fits.full
    groups = _group_comparison(study, responses, frame, options)
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
        structural_linear=fits.linear,
        product_tests=fits.product_tests,
        methods=_compared(study, responses, settings, compare_interactions),
        judged=verdicts,
        judged_extensions=extensions,
        fit_judgement=tuple(
            judge_fit(fit.fit_indices, study.fit_criteria, model=name)
            for name, fit in (("measurement model", measurement), fits.judged)
        ),
        settings=settings,
        overrides=(
            *_overrides(structural, allow_inadmissible=allow_inadmissible),
            *_undeclared(study, settings),
        ),
    )


def _settings(study: Study, *, engine: str, nodes: int | None, **given: str | None) -> dict[str, Any]:
    """The options of the analysis; those of latent interactions where they have a part in it."""
    declared = study.analysis.model_dump()
    settings = {name: value or declared[name] for name, value in given.items()}
    check_interaction(settings["interaction"], centering=settings["centering"], pairs="all")
    _check_fitting_together(settings["interaction"], centering=given["centering"], nodes=nodes)
    if settings["interaction"] != "product_indicator" or not study.specification.interactions:
        del settings["centering"]
    if nodes is not None:
        settings["nodes"] = nodes
    return settings | {"engine": engine}


def _check_fitting_together(interaction: str, *, centering: str | None, nodes: int | None) -> None:
    problems = []
    if centering is not None and interaction != "product_indicator":
        remedy = 'Leave it out, or use interaction="product_indicator".'
        problems.append(
            Problem(where="centering", found=f"{centering!r} with interaction={interaction!r}", remedy=remedy)
        )
    if nodes is not None and interaction != "lms":
        remedy = 'Leave it out, or use interaction="lms".'
        problems.append(Problem(where="nodes", found=f"{nodes!r} with interaction={interaction!r}", remedy=remedy))
    if problems:
        raise UnsupportedError("The options of the latent interactions do not go together.", problems)


def _compared(
    study: Study, responses: Responses, settings: Mapping[str, Any], asked: bool | None
) -> ModerationComparison | None:
    wanted = study.analysis.compare_interactions if asked is None else asked
    if not wanted:
        return None
    return compare_methods(study, responses, estimator=settings["estimator"], missing=settings["missing"])


def _analysed_rows(study: Study, responses: Responses, missing: str) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """The columns of the models, with incomplete rows or without, and what was left out."""
    items = responses.frame[list(study.specification.indicators)]
    if missing == "fiml":
        return model_frame(study, items), ()
    complete = items.dropna()
    return model_frame(study, complete), rows_left_out(len(complete), len(items))


def _group_comparison(
    study: Study, responses: Responses, frame: pd.DataFrame, options: Mapping[str, str]
) -> GroupComparison:
    names = [question.id for question in study.instrument.grouping_questions if question.id in responses.frame.columns]
    return GroupComparison(
        statements=study.statements("structural"),
        frame=pd.concat([frame, responses.frame.loc[frame.index, names]], axis=1),
        options=options,
    )


def _obstacle(structural: Fit) -> str:
    serious = [finding.message for finding in structural.findings if finding.severity == "serious"]
    return f"the solution is inadmissible ({' '.join(serious).rstrip('.')})"


def _overrides(structural: Fit, *, allow_inadmissible: bool) -> tuple[Finding, ...]:
    if structural.admissible or not allow_inadmissible:
        return ()
    message = "The propositions were judged on an inadmissible solution because the researcher asked for it."
    return (Finding(severity="serious", where="verdicts", message=message),)


def _undeclared(study: Study, settings: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Methods of latent interactions that are not those the study declares."""
    if not study.specification.interactions:
        return ()
    declared = study.analysis.model_dump()
    changed = [name for name in ("interaction", "centering") if settings.get(name, declared[name]) != declared[name]]
    return tuple(
        Finding(
            severity="note",
            where="latent interactions",
            message=f"The study declares {name}: {declared[name]}; {settings[name]} was used instead. A method chosen "
            "after seeing results makes their p meaningless.",
        )
        for name in changed
    )
