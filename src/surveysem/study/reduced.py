"""A study without the constructs that the answers do not measure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from types import MappingProxyType
from typing import get_args

from surveysem.data import Responses
from surveysem.data.item_sets import ItemSets
from surveysem.data.wording import listed
from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.propositions import Evidence, Proposition
from surveysem.specification import ModelSpecification
from surveysem.specification.expressions import names_in
from surveysem.study.document import AnalysisEntry
from surveysem.study.proposition_document import UnmeasuredTreatment
from surveysem.study.quality.document import MeasurementQualityEntry
from surveysem.study.quality.minimum import constructs_of
from surveysem.study.rivals.models import RivalModel
from surveysem.study.robustness.plan import MeasurementVariant, RobustnessPlan
from surveysem.study.study import Study

WAY_OUT = (
    "If the construct was not asked, declare `decision: {unmeasured: not_testable}` in the study file, or give "
    "unmeasured='not_testable' (--unmeasured not_testable): the model is then fitted without it, and the propositions "
    "that need it are not testable."
)


def treatment_of(study: Study, unmeasured: str | None) -> UnmeasuredTreatment:
    """What becomes of constructs without answers: as asked for, or else as declared.

    Raises
    ------
    UnsupportedError
        For another treatment.
    """
    known = get_args(UnmeasuredTreatment)
    if unmeasured is not None and unmeasured not in known:
        raise UnsupportedError(f"unmeasured={unmeasured!r} is not offered. Available: {', '.join(known)}.")
    return next((name for name in known if name == unmeasured), study.unmeasured)


def item_sets(study: Study, unmeasured: str | None = None) -> ItemSets:
    """Items of each latent variable, by readers' names, and whether they may all be absent."""
    model = study.specification
    return ItemSets(
        items={study.labels[each.name]: each.indicators for each in model.latent_variables},
        may_be_absent=treatment_of(study, unmeasured) == "not_testable",
        remedy=WAY_OUT,
    )


def measured_study(study: Study, responses: Responses, unmeasured: str | None = None) -> Study:
    """The study as far as the answers measure it; the same where they measure all its constructs.

    Parameters
    ----------
    study : Study
        As declared.
    responses : Responses
        Whose columns say what was asked.
    unmeasured : {"refuse", "not_testable"}, optional
        What becomes of constructs none of whose items are there, instead of as declared.

    Returns
    -------
    Study
        Its ``not_measured`` names the latent variables left out. Its propositions are all still there.

    Raises
    ------
    DataError
        When constructs are not measured and that is refused, or when none is.
    UnsupportedError
        For another treatment.
    """
    treatment = treatment_of(study, unmeasured)
    columns = set(responses.frame.columns)
    absent = [each for each in study.specification.latent_variables if not columns & set(each.indicators)]
    if not absent:
        return study
    if treatment == "refuse" or len(absent) == len(study.specification.latent_variables):
        problems = [
            Problem(
                where=f"{responses.source}, construct {study.labels[each.name]}",
                found=f"none of its items is among the answers ({listed(each.indicators, limit=12)})",
                remedy=WAY_OUT,
            )
            for each in absent
        ]
        raise DataError(f"The answers do not measure every construct of the study {study.id}.", problems)
    return reduced(study, [each.name for each in absent])


def reduced(study: Study, without: Collection[str]) -> Study:
    """The study without some latent variables and without all that needs them, its propositions excepted.

    Parameters
    ----------
    study : Study
        As declared.
    without : collection of str
        Names of latent variables.

    Notes
    -----
    Paths, interactions, residual covariances, indirect effects and rivals go where one variable of theirs does. What is
    left is a model like any other, with the same defaults: an outcome that has lost all its predictors is exogenous.
    Stated population values go altogether, because they are those of the whole model.
    """
    model = _model_without(study.specification, without)
    gone = tuple(each for each in study.specification.latent_variables if each.name in without)
    return replace(
        study,
        specification=model,
        effect_titles=MappingProxyType({name: study.effect_titles[name] for name in model.definitions}),
        rival_models=tuple(each for each in study.rival_models if _is_whole(each, study, model)),
        robustness=None if study.robustness is None else _plan_without(study.robustness, model),
        analysis=_analysis_without(study.analysis, model),
        measurement_quality=_quality_without(study.measurement_quality, without),
        population=None,
        not_measured=(*study.not_measured, *gone),
    )


def _model_without(model: ModelSpecification, without: Collection[str]) -> ModelSpecification:
    gone = set(without)
    latent = tuple(each for each in model.latent_variables if each.name not in gone)
    known = {name for each in latent for name in (each.name, *each.indicators)}
    paths = tuple(each for each in model.paths if not gone & {each.outcome, each.predictor})
    interactions = tuple(
        each for each in model.interactions if not gone & {each.outcome, each.predictor, each.moderator}
    )
    left = replace(
        model,
        latent_variables=latent,
        paths=paths,
        interactions=interactions,
        residual_covariances=tuple(pair for pair in model.residual_covariances if set(pair) <= known),
        definitions=MappingProxyType({}),
    )
    labels = set(_effect_names(left))
    kept = {name: expression for name, expression in model.definitions.items() if set(names_in(expression)) <= labels}
    return replace(left, definitions=MappingProxyType(kept))


def _effect_names(model: ModelSpecification) -> list[str]:
    return [path.label for path in model.paths] + [each.label for each in model.interactions]


def _is_whole(rival: RivalModel, study: Study, model: ModelSpecification) -> bool:
    """Whether a rival claims nothing about what the model has lost."""
    lost = set(_effect_names(study.specification)) - set(_effect_names(model))
    named = {*rival.dropped_paths, *rival.dropped_moderation, *(name for names in rival.equal for name in names)}
    known = {each.name for each in model.latent_variables}
    return not named & lost and all({each.outcome, each.predictor} <= known for each in rival.added_paths)


def _plan_without(plan: RobustnessPlan, model: ModelSpecification) -> RobustnessPlan:
    """The plan without measurements of what is gone, and without methods of interactions where none is left."""
    variants = {name: _variant_without(each, model) for name, each in plan.measurement.items()}
    return replace(
        plan,
        measurement={name: each for name, each in variants.items() if each.applied_to(model) != model},
        interactions=plan.interactions if model.interactions else (),
        centerings=plan.centerings if model.interactions else (),
    )


def _analysis_without(entry: AnalysisEntry, model: ModelSpecification) -> AnalysisEntry:
    ordered = entry.ordered
    if not isinstance(ordered, bool):
        ordered = tuple(name for name in ordered if name in model.indicators)
    compared = entry.compare_interactions and bool(model.interactions)
    return entry.model_copy(update={"ordered": ordered, "compare_interactions": compared})


def _variant_without(variant: MeasurementVariant, model: ModelSpecification) -> MeasurementVariant:
    names = {each.name for each in model.latent_variables}
    return replace(
        variant,
        drop=tuple(item for item in variant.drop if item in model.indicators),
        indicators={name: items for name, items in variant.indicators.items() if name in names},
        parcels={name: parcels for name, parcels in variant.parcels.items() if name in names},
    )


def _quality_without(entry: MeasurementQualityEntry, without: Collection[str]) -> MeasurementQualityEntry:
    ladders = [
        each.model_copy(update={"constructs": tuple(name for name in each.constructs if name not in without)})
        for each in entry.invariance
        if not each.constructs or not set(each.constructs) <= set(without)
    ]
    marker = None if entry.marker in without else entry.marker
    return entry.model_copy(update={"invariance": tuple(ladders), "marker": marker})


def unmeasured_evidence(study: Study, propositions: Iterable[Proposition]) -> dict[str, Evidence]:
    """Evidence that says which constructs were not measured, by id of the propositions and parts that need them.

    Parameters
    ----------
    study : Study
        Perhaps reduced.
    propositions : iterable of Proposition
        Of the study.
    """
    parts = [part for each in propositions for part in each.parts or (each,)]
    found = {each.id: _not_measured(study, each) for each in parts}
    return {name: evidence for name, evidence in found.items() if evidence is not None}


def _not_measured(study: Study, proposition: Proposition) -> Evidence | None:
    gone = {each.name for each in study.not_measured}
    named = [study.labels[name] for name in constructs_of(proposition) if name in gone]
    if not named:
        return None
    verb = "was" if len(named) == 1 else "were"
    return Evidence(obstacle=f"{listed(named, limit=12)} {verb} not measured: none of the items is among the answers")


def reduction_sentences(declared: Study, study: Study) -> tuple[str, ...]:
    """What a reduced study left out of the declared one, in sentences; none where it is the same.

    Parameters
    ----------
    declared, study : Study
        As written, and as far as the answers measure it.
    """
    if not study.not_measured:
        return ()
    labels = declared.labels
    names = [labels[each.name] for each in study.not_measured]
    kept = _effect_names(study.specification)
    lost = [name for name in _effect_names(declared.specification) if name not in kept]
    told = [f"No item of {listed(names, limit=12)} is among the answers: the model was fitted without."]
    if lost:
        told.append(f"Effects left out with them: {listed(lost, limit=30)}.")
    indirect = [name for name in declared.specification.definitions if name not in study.specification.definitions]
    rivals = [each.id for each in declared.rival_models if each not in study.rival_models]
    told += [f"Indirect effects left out: {listed(indirect, limit=30)}."] if indirect else []
    told += [f"Rival models left out: {listed(rivals, limit=30)}."] if rivals else []
    outcomes = _outcomes_that_lost_control(declared.specification, study.specification)
    if outcomes:
        affected = listed([labels[name] for name in outcomes], limit=12)
        told.append(f"The remaining effects on {affected} are estimated without holding constant what was left out.")
    return tuple(told)


def _outcomes_that_lost_control(declared: ModelSpecification, model: ModelSpecification) -> tuple[str, ...]:
    left = {each.outcome for each in model.paths}
    kept = {(each.outcome, each.predictor) for each in model.paths}
    lost = {each.outcome for each in declared.paths if (each.outcome, each.predictor) not in kept}
    return tuple(each.name for each in model.latent_variables if each.name in left & lost)


def reduction_findings(sentences: tuple[str, ...]) -> tuple[Finding, ...]:
    """The sentences as one finding."""
    if not sentences:
        return ()
    return (Finding(severity="warning", where="constructs not measured", message=" ".join(sentences)),)
