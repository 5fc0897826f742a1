"""From answers to verdicts: measurement model, structural model, evidence, judgement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from surveysem.data import Responses
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.modelling import fit_statements
from surveysem.propositions import judge_fit
from surveysem.study.analysis import (
    advised_settings,
    analysis_settings,
    check_comparison,
    continuous_note,
    fit_options,
)
from surveysem.study.judging import analysed_rows, judge_study
from surveysem.study.moderation.methods import ModerationComparison, compare_methods
from surveysem.study.registration.deviations import deviation_findings, held_against
from surveysem.study.registration.registered import bootstrap_settings
from surveysem.study.resampling import check_bootstrap, resample, with_bootstrap
from surveysem.study.responses import read_responses
from surveysem.study.result import StudyResult
from surveysem.study.rivals.fits import fit_rivals
from surveysem.study.robustness.declared import with_robustness
from surveysem.study.robustness.multiverse import Multiverse
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
    ordered: Sequence[str] | bool | None = None,
    cluster: str | None = None,
    engine: str = "native",
    allow_inadmissible: bool = False,
    compare_interactions: bool | None = None,
    robustness: bool | Multiverse | None = None,
    bootstrap: int | None = None,
    seed: int | None = None,
    confidence: str | None = None,
    rivals: bool = True,
    progress: bool = False,
    n_jobs: int = 1,
    preregistration: str | Path | None = None,
    deviations: Literal["list", "refuse"] = "list",
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
        :func:`surveysem.advise_estimator` and reports why.
    missing : {"listwise", "fiml"}, optional
        Treatment of missing answers, instead of the declared one.
    interaction : {"product_indicator", "lms", "qml"}, optional
        Method of latent moderation, instead of the declared one; see :func:`surveysem.sem`.
    centering : {"double", "residual", "unconstrained", "constrained"}, optional
        How product indicators are made, instead of as declared.
    nodes : int, optional
        Nodes of quadrature in each dimension, for ``interaction="lms"``.
    ordered : sequence of str, or bool, optional
        Items whose answers are ordered categories, ``True`` for all of them, instead of those the study declares; they
        need an estimator of least squares such as WLSMV, and a study without latent interactions.
    cluster : str, optional
        Column whose values part the respondents into clusters (the influencer, the firm), instead of the one the study
        declares: standard errors and tests allow for dependence within them, under ML and MLR. An empty text for none.
    engine : {"native", "semopy"}
        Software that minimises.
    allow_inadmissible : bool
        Let propositions be judged on a solution that no population could have; the result and its report say so.
    compare_interactions : bool, optional
        Fit the latent interactions by all methods and report them beside each other (:func:`compare_moderation`),
        instead of as declared.
    robustness : bool or Multiverse, optional
        Fit the study in every combination of defensible choices (:func:`multiverse`), or take those that were fitted,
        instead of as declared.
    bootstrap : int, optional
        Replicates of a bootstrap of the structural model, for the intervals and p of paths and effects, instead of as
        declared; 0 for none. Verdicts rest on the estimator's own standard errors.
    seed : int, optional
        Of the bootstrap, instead of the one the study declares.
    confidence : {"percentile", "bca", "basic", "normal"}, optional
        Kind of bootstrap interval, likewise.
    rivals : bool
        Fit the rival models the study declares; see :func:`compare_rivals`.
    progress : bool
        Show a bar on a terminal while bootstrapping.
    n_jobs : int
        Processes for the bootstrap, the rivals and robustness; they gain where one process would need many seconds.
    preregistration : str or pathlib.Path, optional
        The ``preregistration.yaml`` that :func:`preregister` wrote: study, questionnaire, exclusions, options, sample
        are held against it before anything is fitted.
    deviations : {"list", "refuse"}
        What becomes of deviations from it: told in findings and in the report, or an error that lists them all.

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
    settings = analysis_settings(
        study,
        estimator=estimator,
        missing=missing,
        interaction=interaction,
        centering=centering,
        nodes=nodes,
        ordered=ordered,
        cluster=cluster,
        engine=engine,
    )
    check_comparison(study, settings, compare_interactions)
    check_bootstrap(bootstrap, seed, confidence, interaction=settings["interaction"])
    responses = data if isinstance(data, Responses) else read_responses(data, study)
    frame, notes = analysed_rows(study, responses, settings)
    registered = held_against(
        preregistration,
        deviations,
        study,
        responses,
        settings={
            **settings,
            **bootstrap_settings(study, bootstrap, seed, confidence),
            "allow_inadmissible": allow_inadmissible,
        },
        compared=compare_interactions,
        n_analysed=len(frame[list(study.specification.indicators)].dropna(how="all")),
    )
    settings, reasons = advised_settings(study, frame, settings)
    notes = (*notes, *reasons, *continuous_note(settings))
    options = fit_options(settings)
    measurement = fit_statements(study.statements("measurement"), frame, notes=notes, **options)
    fits = fit_structural(study.specification, frame, settings, notes)
    structural = fits.full
    verdicts, extensions = judge_study(
        study,
        responses,
        frame,
        options,
        structural=structural,
        measurement=measurement,
        allow_inadmissible=allow_inadmissible,
    )
    resampled, told = resample(
        structural,
        study.analysis,
        replicates=bootstrap,
        seed=seed,
        confidence=confidence,
        progress=progress,
        n_jobs=n_jobs,
    )
    result = StudyResult(
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
        settings=with_bootstrap(settings, study.analysis, resampled),
        overrides=(
            *_overrides(structural, allow_inadmissible=allow_inadmissible),
            *_undeclared(study, settings),
            *told,
            *(() if registered is None else deviation_findings(registered)),
        ),
        bootstrap=resampled,
        rival_models=fit_rivals(study, structural, frame, settings, n_jobs=n_jobs) if rivals else None,
        preregistration=registered,
    )
    return with_robustness(result, robustness, allow_inadmissible=allow_inadmissible, n_jobs=n_jobs, progress=progress)


def _compared(
    study: Study, responses: Responses, settings: Mapping[str, Any], asked: bool | None
) -> ModerationComparison | None:
    wanted = study.analysis.compare_interactions if asked is None else asked
    if not wanted:
        return None
    return compare_methods(study, responses, estimator=settings["estimator"], missing=settings["missing"])


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
