"""The stages of an analysis, from what is asked for to the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from surveysem.data import Responses
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.modelling import fit_statements
from surveysem.propositions import Verdict, judge_fit
from surveysem.report.deviations import PreregistrationCheck
from surveysem.study.analysis import (
    advised_settings,
    analysis_settings,
    check_comparison,
    continuous_note,
    fit_options,
)
from surveysem.study.judging import analysed_rows, judge_study
from surveysem.study.moderation.methods import ModerationComparison, compare_methods
from surveysem.study.progress import stage
from surveysem.study.reduced import measured_study, reduction_findings, reduction_sentences
from surveysem.study.registration.deviations import deviation_findings, held_against
from surveysem.study.registration.registered import bootstrap_settings
from surveysem.study.resampling import check_bootstrap, resample, with_bootstrap
from surveysem.study.responses import read_responses
from surveysem.study.result import StudyResult
from surveysem.study.rivals.fits import RivalComparison, fit_rivals
from surveysem.study.robustness.multiverse import Multiverse
from surveysem.study.structural import StructuralFits, fit_structural
from surveysem.study.study import Study


@dataclass(frozen=True, kw_only=True, eq=False)
class Request:
    """What :func:`~surveysem.study.fitting.fit_study` is asked for.

    Parameters
    ----------
    study : Study
        As declared.
    options : Mapping of str to object
        Those of :func:`~surveysem.study.analysis.analysis_settings`; None for what is left to the study.
    bootstrap : Mapping of str to object
        Replicates, seed and confidence, likewise.
    unmeasured, allow_inadmissible, compare_interactions, robustness, rivals, progress, n_jobs
        As there.
    """

    study: Study
    options: Mapping[str, Any]
    bootstrap: Mapping[str, Any]
    unmeasured: str | None
    allow_inadmissible: bool
    compare_interactions: bool | None
    robustness: bool | Multiverse | None
    rivals: bool
    progress: bool
    n_jobs: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """The rows analysed, and by which study and settings.

    Parameters
    ----------
    study : Study
        As far as the answers measure it.
    responses : Responses
        The answers.
    frame : pandas.DataFrame
        The columns of the models, rows that are analysed alone.
    settings : Mapping of str to object
        Of the analysis.
    notes : tuple of Finding
        What was left out, and why the settings are these.
    """

    study: Study
    responses: Responses
    frame: pd.DataFrame
    settings: Mapping[str, Any]
    notes: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Models:
    """The fitted models: measurement alone, and with the paths."""

    measurement: Fit
    structural: StructuralFits


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """Verdicts on the propositions and on the extensions."""

    propositions: tuple[Verdict, ...]
    extensions: tuple[Verdict, ...]


def check_request(request: Request) -> None:
    """Refuse options that do not go together, before anything is read."""
    settings = analysis_settings(request.study, **request.options)
    check_comparison(request.study, settings, request.compare_interactions)
    bootstrap = request.bootstrap
    check_bootstrap(
        bootstrap["replicates"], bootstrap["seed"], bootstrap["confidence"], interaction=settings["interaction"]
    )


def analysed_sample(request: Request, data: Responses | pd.DataFrame | str | Path) -> Sample:
    """Answers read, the study reduced to what they measure, incomplete rows left out as the settings say."""
    declared, asked = request.study, request.unmeasured
    responses = data if isinstance(data, Responses) else read_responses(data, declared, unmeasured=asked)
    study = measured_study(declared, responses, asked)
    settings = analysis_settings(study, **request.options)
    if study.not_measured:
        settings["not_measured"] = tuple(each.name for each in study.not_measured)
    frame, notes = analysed_rows(study, responses, settings)
    told = reduction_findings(reduction_sentences(declared, study))
    return Sample(study=study, responses=responses, frame=frame, settings=settings, notes=(*told, *notes))


def held_to_plan(
    request: Request, sample: Sample, preregistration: str | Path | None, deviations: str
) -> PreregistrationCheck | None:
    """The analysis held against its preregistration, where there is one.

    Options are those of the study as declared: what goes with a construct that was not measured is told once, by the
    construct.
    """
    done = {
        **analysis_settings(request.study, **request.options),
        **bootstrap_settings(request.study, **request.bootstrap),
        "allow_inadmissible": request.allow_inadmissible,
    }
    items = list(sample.study.specification.indicators)
    return held_against(
        preregistration,
        deviations,
        request.study,
        sample.responses,
        settings=done,
        compared=request.compare_interactions,
        n_analysed=len(sample.frame[items].dropna(how="all")),
        not_measured=tuple(request.study.labels[each.name] for each in sample.study.not_measured),
        without_rivals=not request.rivals,
        without_robustness=request.robustness is False,
    )


def with_advice(sample: Sample) -> Sample:
    """The sample with the estimator its answers call for, where that was left to them."""
    settings, reasons = advised_settings(sample.study, sample.frame, sample.settings)
    return replace(sample, settings=settings, notes=(*sample.notes, *reasons, *continuous_note(settings)))


def fitted_models(sample: Sample) -> Models:
    """The measurement model and the structural one."""
    study, settings = sample.study, sample.settings
    measurement = fit_statements(
        study.statements("measurement"), sample.frame, notes=sample.notes, **fit_options(settings)
    )
    structural = fit_structural(study.specification, sample.frame, settings, sample.notes)
    return Models(measurement=measurement, structural=structural)


def judged(request: Request, sample: Sample, models: Models) -> Judged:
    """Evidence collected and judged by the declared rules."""
    propositions, extensions = judge_study(
        sample.study,
        sample.responses,
        sample.frame,
        fit_options(sample.settings),
        structural=models.structural.full,
        measurement=models.measurement,
        allow_inadmissible=request.allow_inadmissible,
    )
    return Judged(propositions=propositions, extensions=extensions)


def gathered(
    request: Request, sample: Sample, models: Models, verdicts: Judged, registered: PreregistrationCheck | None
) -> StudyResult:
    """Everything as a result, with the bootstrap, the rivals and the methods of moderation that were asked for."""
    study, settings, structural = sample.study, sample.settings, models.structural.full
    resampled, told = resample(
        structural, study.analysis, **request.bootstrap, progress=request.progress, n_jobs=request.n_jobs
    )
    return StudyResult(
        study=study,
        responses=sample.responses,
        measurement=models.measurement,
        structural=structural,
        structural_linear=models.structural.linear,
        product_tests=models.structural.product_tests,
        methods=_compared(request, sample),
        judged=verdicts.propositions,
        judged_extensions=verdicts.extensions,
        fit_judgement=tuple(
            judge_fit(fit.fit_indices, study.fit_criteria, model=name)
            for name, fit in (("measurement model", models.measurement), models.structural.judged)
        ),
        settings=with_bootstrap(settings, study.analysis, resampled),
        overrides=(
            *_overrides(structural, allow_inadmissible=request.allow_inadmissible),
            *_undeclared(study, settings),
            *told,
            *(() if registered is None else deviation_findings(registered)),
        ),
        bootstrap=resampled,
        rival_models=_rivals(request, sample, structural),
        preregistration=registered,
        left_out=reduction_sentences(request.study, study),
    )


def _rivals(request: Request, sample: Sample, structural: Fit) -> RivalComparison | None:
    if not request.rivals:
        return None
    with stage("Fitting rival models", progress=request.progress):
        return fit_rivals(sample.study, structural, sample.frame, sample.settings, n_jobs=request.n_jobs)


def _compared(request: Request, sample: Sample) -> ModerationComparison | None:
    study, settings, asked = sample.study, sample.settings, request.compare_interactions
    wanted = study.analysis.compare_interactions if asked is None else asked
    if not wanted or (study.not_measured and not study.specification.interactions):
        return None
    return compare_methods(study, sample.responses, estimator=settings["estimator"], missing=settings["missing"])


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
