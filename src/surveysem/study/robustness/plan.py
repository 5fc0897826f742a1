"""Other defensible ways to analyse the same answers, and all their combinations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import product
from types import MappingProxyType
from typing import TypeVar

from surveysem.data import ScreeningRules
from surveysem.errors import Problem, UnsupportedError
from surveysem.specification import LatentVariable, ModelSpecification
from surveysem.study.careless_kept import without_careless_exclusions
from surveysem.study.document import MeasurementVariantEntry, RobustnessEntry, ScreeningVariantEntry

AS_DECLARED = "declared"
MOST_SPECIFICATIONS = 200
Level = TypeVar("Level")


@dataclass(frozen=True, kw_only=True)
class MeasurementVariant:
    """Another measurement of the same latent variables.

    Parameters
    ----------
    drop : tuple of str
        Items left out.
    indicators : Mapping of str to tuple of str
        Items that measure a latent variable instead, by its name.
    parcels : Mapping of str to Mapping of str to tuple of str
        By latent variable the parcels that measure it instead, by name, and the items whose mean each is.

    Examples
    --------
    >>> MeasurementVariant(drop=("y4",)).drop
    ('y4',)
    """

    drop: tuple[str, ...] = ()
    indicators: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parcels: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def applied_to(self, specification: ModelSpecification) -> ModelSpecification:
        """The model with this measurement; covariances of residuals of items that are gone are gone too."""
        latent = tuple(self._measured(each) for each in specification.latent_variables)
        known = {name for each in latent for name in (each.name, *each.indicators)}
        kept = tuple(pair for pair in specification.residual_covariances if set(pair) <= known)
        return replace(specification, latent_variables=latent, residual_covariances=kept)

    def problems(self, specification: ModelSpecification, items: Iterable[str], where: str) -> Iterator[Problem]:
        """What is wrong with this measurement of a model, with the items that could measure it."""
        latent, known = {each.name: each for each in specification.latent_variables}, set(items)
        yield from _unknown(where, "latent variable of the study", {*self.indicators, *self.parcels}, latent)
        mentioned = {item for each in self.indicators.values() for item in each}
        mentioned |= {item for parcels in self.parcels.values() for each in parcels.values() for item in each}
        yield from _unknown(where, "item of the instrument", mentioned, known)
        yield from _unknown(where, "indicator of the model", self.drop, specification.indicators)
        for name in sorted({*self.indicators} & {*self.parcels}):
            remedy = "Give it indicators or parcels, not both."
            yield Problem(where=where, found=f"{name} has indicators and parcels", remedy=remedy)
        made = [name for parcels in self.parcels.values() for name in parcels]
        for name in sorted({name for name in made if made.count(name) > 1 or name in known or name in latent}):
            yield Problem(where=where, found=f"the name {name!r} of a parcel is taken", remedy="Choose another.")
        used = [item for each in latent.values() for item in self._measured(each).indicators]
        for item in sorted({item for item in used if used.count(item) > 1}):
            remedy = "Let it measure one."
            yield Problem(where=where, found=f"{item} would measure two latent variables", remedy=remedy)
        for each in latent.values():
            if not self._measured(each).indicators:
                yield Problem(where=where, found=f"nothing would measure {each.name}", remedy="Keep an item of it.")

    def _measured(self, latent: LatentVariable) -> LatentVariable:
        if latent.name in self.parcels:
            return replace(latent, indicators=tuple(self.parcels[latent.name]))
        items = self.indicators.get(latent.name, latent.indicators)
        return replace(latent, indicators=tuple(item for item in items if item not in self.drop))


@dataclass(frozen=True, kw_only=True)
class RobustnessPlan:
    """Alternatives to the declared analysis, of which all combinations are fitted.

    Parameters
    ----------
    estimators, missing, interactions, centerings : tuple of str
        Alternatives by name, as :func:`~surveysem.study.fitting.fit_study` knows them.
    screening : Mapping of str to ScreeningRules
        Screenings by name.
    measurement : Mapping of str to MeasurementVariant
        Measurements by name.
    max_specifications : int
        Most combinations that are fitted.
    clusters : str
        Column of the groups of respondents each of which is left out in turn; empty for none.
    always : bool
        Whether every analysis of the study includes them.
    """

    estimators: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    interactions: tuple[str, ...] = ()
    centerings: tuple[str, ...] = ()
    screening: Mapping[str, ScreeningRules] = field(default_factory=dict)
    measurement: Mapping[str, MeasurementVariant] = field(default_factory=dict)
    max_specifications: int = MOST_SPECIFICATIONS
    clusters: str = ""
    always: bool = True


@dataclass(frozen=True, kw_only=True)
class AnalysisChoice:
    """One way to analyse the answers.

    Parameters
    ----------
    number : int
        From 1, the declared analysis.
    measurement, screening, missing, interaction, centering, estimator : str
        What was chosen; no interaction or centering where it has no part.
    """

    number: int
    measurement: str
    screening: str
    missing: str
    interaction: str
    centering: str
    estimator: str


def plan_of(entry: RobustnessEntry, declared: ScreeningRules) -> RobustnessPlan:
    """The plan that a study file declares, with its screenings as rules."""
    return RobustnessPlan(
        estimators=entry.estimators,
        missing=entry.missing,
        interactions=entry.interactions,
        centerings=entry.centerings,
        screening=MappingProxyType({each.id: _rules(each, declared) for each in entry.screening}),
        measurement=MappingProxyType({each.id: variant_of(each) for each in entry.measurement}),
        max_specifications=entry.max_specifications,
        clusters=entry.clusters or "",
        always=entry.always,
    )


def choices_of(plan: RobustnessPlan, base: AnalysisChoice, *, moderated: bool) -> tuple[AnalysisChoice, ...]:
    """All combinations of a plan with the declared analysis, which comes first.

    Parameters
    ----------
    plan : RobustnessPlan
        Alternatives.
    base : AnalysisChoice
        The declared analysis.
    moderated : bool
        Whether the model has latent interactions.

    Raises
    ------
    UnsupportedError
        When there are more than the plan allows, or alternatives that can make no difference.

    Examples
    --------
    >>> base = AnalysisChoice(number=1, measurement="declared", screening="declared", missing="listwise",
    ...                       interaction="", centering="", estimator="ML")
    >>> found = choices_of(RobustnessPlan(estimators=("MLR",), missing=("fiml",)), base, moderated=False)
    >>> [(each.missing, each.estimator) for each in found]
    [('listwise', 'ML'), ('listwise', 'MLR'), ('fiml', 'ML'), ('fiml', 'MLR')]
    """
    if not moderated and (plan.interactions or plan.centerings):
        remedy = "Leave interactions and centerings out."
        problem = Problem(
            where="robustness", found="methods of latent interactions, of which there are none", remedy=remedy
        )
        raise UnsupportedError("The alternatives do not suit the study.", [problem])
    levels = (
        _levels(base.measurement, plan.measurement),
        _levels(base.screening, plan.screening),
        _levels(base.missing, plan.missing),
        _moderation_levels(plan, base) if moderated else [("", "")],
        _levels(base.estimator, plan.estimators),
    )
    combinations = list(product(*levels))
    if len(combinations) > plan.max_specifications:
        counts = " × ".join(str(len(each)) for each in levels if len(each) > 1)
        remedy = f"Shorten the lists, or set max_specifications to {len(combinations)}."
        found = f"{counts} = {len(combinations)} specifications where {plan.max_specifications} are allowed"
        raise UnsupportedError(
            "There are too many specifications.", [Problem(where="robustness", found=found, remedy=remedy)]
        )
    return tuple(
        AnalysisChoice(
            number=number,
            measurement=measurement,
            screening=screening,
            missing=missing,
            interaction=interaction,
            centering=centering,
            estimator=estimator,
        )
        for number, (measurement, screening, missing, (interaction, centering), estimator) in enumerate(combinations, 1)
    )


def _moderation_levels(plan: RobustnessPlan, base: AnalysisChoice) -> list[tuple[str, str]]:
    """Methods of latent interactions with the way product indicators are made, which has a part in one of them only."""
    found = [(base.interaction, base.centering)]
    centerings = _levels(base.centering, plan.centerings) if base.centering else list(plan.centerings) or ["double"]
    for method in _levels(base.interaction, plan.interactions):
        found += [(method, each) for each in centerings] if method == "product_indicator" else [(method, "")]
    return list(dict.fromkeys(found))


def _levels(base: Level, others: Iterable[Level]) -> list[Level]:
    return list(dict.fromkeys((base, *others)))


def _unknown(where: str, what: str, names: Iterable[str], available: Iterable[str]) -> Iterator[Problem]:
    known = list(available)
    for name in sorted(set(names) - set(known)):
        yield Problem(where=where, found=f"{name!r} is no {what}", remedy=f"Available: {', '.join(sorted(known))}.")


def _rules(entry: ScreeningVariantEntry, declared: ScreeningRules) -> ScreeningRules:
    rules = without_careless_exclusions(declared) if entry.keep_careless else declared
    if entry.rules is None:
        return rules
    written = {each.name: getattr(entry.rules, each.name) for each in fields(ScreeningRules)}
    return replace(rules, **{name: written[name] for name in entry.rules.model_fields_set})


def variant_of(entry: MeasurementVariantEntry) -> MeasurementVariant:
    """The measurement that a study file declares."""
    parcels: dict[str, dict[str, tuple[str, ...]]] = {}
    for each in entry.parcels:
        parcels.setdefault(each.latent_variable, {})[each.id] = each.items
    return MeasurementVariant(drop=entry.drop, indicators=dict(entry.indicators), parcels=parcels)
