"""From the entries of a valid study file to the values the rooms work with."""

from __future__ import annotations

from itertools import combinations
from types import MappingProxyType

from surveysem.data import ImportSettings, PopulationValues, ScreeningRules
from surveysem.data.population import Pair
from surveysem.instrument import Instrument
from surveysem.propositions import (
    CompositeRule,
    CompositeTest,
    DecisionRule,
    FitCriteria,
    GroupDifferenceTest,
    InteractionTest,
    PathTest,
    ProposedTest,
    Proposition,
)
from surveysem.specification import LatentInteraction, LatentVariable, ModelSpecification, StructuralPath
from surveysem.study.document import AnalysisEntry, PopulationEntry, StudyDocument
from surveysem.study.proposition_document import PartEntry, PropositionEntry
from surveysem.study.rivals.models import build_rivals
from surveysem.study.robustness.plan import plan_of
from surveysem.study.study import Study


def build_study(entry: StudyDocument, instrument: Instrument, *, fingerprint: str) -> Study:
    """The study that a valid document describes."""
    language = instrument.default_language
    specification = _specification(entry, instrument)
    screening = ScreeningRules(**entry.screening.model_dump())
    return Study(
        id=entry.id,
        title=entry.title[language],
        titles=MappingProxyType(dict(entry.title)),
        description=entry.description.get(language, "") if entry.description else "",
        sources=entry.sources,
        instrument=instrument,
        specification=specification,
        propositions=tuple(_proposition(each, entry, language) for each in entry.propositions),
        extensions=tuple(_proposition(each, entry, language) for each in entry.extensions),
        effect_titles=MappingProxyType({effect.id: effect.title[language] for effect in entry.indirect_effects}),
        analysis=_analysis(entry),
        fit_criteria=FitCriteria(**entry.fit_criteria.model_dump()),
        screening=screening,
        imports=ImportSettings(**entry.import_.model_dump()),
        population=None if entry.population is None else _population(entry.population, entry, specification),
        population_note="" if entry.population is None else entry.population.note,
        bundled_data_name=entry.data or "",
        data_note=entry.data_note.get(language, "") if entry.data_note else "",
        fingerprint=fingerprint,
        measurement_quality=entry.measurement_quality,
        minimum_quality=entry.decision.minimum_quality,
        unmeasured=entry.decision.unmeasured,
        rival_models=build_rivals(entry, language),
        robustness=None if entry.robustness is None else plan_of(entry.robustness, screening),
    )


def _analysis(entry: StudyDocument) -> AnalysisEntry:
    """The analysis, with full information on missing answers where nothing is said of them and it can be had."""
    analysis = entry.analysis
    if "missing" in analysis.model_fields_set:
        return analysis
    products = bool(entry.moderation) and analysis.interaction == "product_indicator"
    available = analysis.estimator in ("ML", "MLR") and not analysis.ordered and not products
    return analysis.model_copy(update={"missing": "fiml" if available else "listwise"})


def _specification(entry: StudyDocument, instrument: Instrument) -> ModelSpecification:
    return ModelSpecification(
        latent_variables=tuple(
            LatentVariable(
                name=latent.id,
                construct=latent.id,
                indicators=latent.indicators or tuple(item.id for item in instrument.items_of(latent.id)),
            )
            for latent in entry.latent_variables
        ),
        paths=tuple(StructuralPath(outcome=p.outcome, predictor=p.predictor, label=p.id) for p in entry.paths),
        interactions=tuple(
            LatentInteraction(
                outcome=each.outcome,
                predictor=each.predictor,
                moderator=each.moderator,
                pairs=each.pairs,
                label=each.id,
            )
            for each in entry.moderation
        ),
        residual_covariances=entry.residual_covariances,
        definitions=MappingProxyType({effect.id: "*".join(effect.through) for effect in entry.indirect_effects}),
    )


def _proposition(entry: PartEntry, study: StudyDocument, language: str) -> Proposition:
    parts = entry.parts if isinstance(entry, PropositionEntry) else ()
    return Proposition(
        id=entry.id,
        statement=entry.statement[language],
        expected="composite" if parts else entry.expected or "two-sided",
        test=CompositeTest() if parts else _test(entry, study),
        rule=CompositeRule() if parts else _rule(entry, study),
        parts=tuple(_proposition(_within(part, entry), study, language) for part in parts),
        translations=MappingProxyType(dict(entry.statement)),
    )


def _within(part: PartEntry, whole: PartEntry) -> PartEntry:
    """A part with what it leaves to the proposition it is part of."""
    left = ("smallest_effect", "alpha", "sides", "family")
    return part.model_copy(update={name: getattr(whole, name) for name in left if getattr(part, name) is None})


def _rule(entry: PartEntry, study: StudyDocument) -> DecisionRule:
    decision = study.decision
    return DecisionRule(
        expected=entry.expected or "two-sided",
        alpha=entry.alpha or decision.alpha,
        sides=entry.sides or decision.sides,
        smallest_effect=entry.smallest_effect or decision.smallest_effect,
        multiplicity=decision.multiplicity,
        family=entry.family or "",
    )


def _test(entry: PartEntry, study: StudyDocument) -> ProposedTest:
    paths = {path.id: PathTest(outcome=path.outcome, predictor=path.predictor) for path in study.paths}
    if entry.differs is not None:
        return GroupDifferenceTest(group=entry.differs.group, paths=tuple(paths[name] for name in entry.differs.paths))
    name = entry.tests or entry.id
    if name in paths:
        return paths[name]
    moderation = next(each for each in study.moderation if each.id == name)
    return InteractionTest(outcome=moderation.outcome, predictor=moderation.predictor, moderator=moderation.moderator)


def _population(entry: PopulationEntry, study: StudyDocument, specification: ModelSpecification) -> PopulationValues:
    outcomes = {path.outcome for path in study.paths}
    exogenous = [latent.name for latent in specification.latent_variables if latent.name not in outcomes]
    correlations: dict[Pair, float] = {frozenset(pair): entry.correlation for pair in combinations(exogenous, 2)}
    correlations |= {frozenset(each.between): each.value for each in entry.correlations}
    return PopulationValues(
        paths={(path.outcome, path.predictor): entry.effects[path.id] for path in study.paths},
        interactions={
            (each.outcome, each.predictor, each.moderator): entry.effects[each.id] for each in study.moderation
        },
        loadings={item: entry.loadings.get(item, entry.loading) for item in specification.indicators},
        exogenous_correlations=correlations,
    )
