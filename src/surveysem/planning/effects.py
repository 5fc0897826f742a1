"""Population effects of a study, replaced by others for the purpose of planning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import nan
from typing import Literal, TypeAlias, TypeVar

from surveysem.data import PopulationValues
from surveysem.errors import Problem, StudyError
from surveysem.propositions import InteractionTest, PathTest, Proposition
from surveysem.study import Study

EffectValue: TypeAlias = float | Literal["zero", "reversed"]
Place = TypeVar("Place", tuple[str, str], tuple[str, str, str])
Effects: TypeAlias = Mapping[str, EffectValue] | Literal["zero", "reversed"]


def with_effects(study: Study, effects: Effects | None = None) -> Study:
    """The study with some of its population effects replaced.

    Parameters
    ----------
    study : Study
        With population values.
    effects : Mapping or {"zero", "reversed"}, optional
        From the id of a path or interaction to its standardised value, ``"zero"`` or ``"reversed"`` (the sign the
        study states, turned). A single word applies to every effect that a proposition or extension tests.

    Raises
    ------
    StudyError
        When the study states no population values; lists ids that are unknown and values that are none.

    Examples
    --------
    >>> import surveysem as ss
    >>> study = with_effects(ss.load_study("b2b_micro_influencer"), {"P1": "zero", "P4": 0.1})
    >>> study.population.paths["risk_reduction", "perceived_credibility"]
    0.1
    """
    population = population_of(study)
    if effects is None:
        return study
    paths = {path.label: (path.outcome, path.predictor) for path in study.specification.paths if path.label}
    products = {each.label: (each.outcome, each.predictor, each.moderator) for each in study.specification.interactions}
    wanted = dict.fromkeys(_tested_ids(study, paths, products), effects) if isinstance(effects, str) else dict(effects)
    problems = [problem for name, value in wanted.items() for problem in _problems(name, value, [*paths, *products])]
    if problems:
        raise StudyError("The population effects cannot be replaced as asked.", problems)
    return replace(
        study,
        population=replace(
            population,
            paths=_replaced(population.paths, paths, wanted),
            interactions=_replaced(population.interactions, products, wanted),
        ),
    )


def population_of(study: Study) -> PopulationValues:
    """The population values a study states.

    Raises
    ------
    StudyError
        When it states none.
    """
    if study.population is None:
        raise StudyError(
            f"The study {study.id} states no population values, so its power cannot be computed. "
            "Add a `population:` section to its file."
        )
    return study.population


def population_effect(population: PopulationValues, proposition: Proposition) -> float:
    """Standardised effect that a proposition is about; 0 where the population has none, NaN for other tests."""
    test = proposition.test
    if isinstance(test, PathTest):
        return population.paths.get((test.outcome, test.predictor), 0.0)
    if isinstance(test, InteractionTest):
        return population.interactions.get((test.outcome, test.predictor, test.moderator), 0.0)
    return nan


def _tested_ids(
    study: Study, paths: Mapping[str, tuple[str, str]], products: Mapping[str, tuple[str, str, str]]
) -> list[str]:
    tests = [part.test for each in (*study.propositions, *study.extensions) for part in (each.parts or (each,))]
    tested: set[tuple[str, ...]] = set()
    for test in tests:
        if isinstance(test, PathTest):
            tested.add((test.outcome, test.predictor))
        elif isinstance(test, InteractionTest):
            tested.add((test.outcome, test.predictor, test.moderator))
    places: dict[str, tuple[str, ...]] = {**paths, **products}
    return [name for name, place in places.items() if place in tested]


def _problems(name: str, value: object, known: list[str]) -> list[Problem]:
    if name not in known:
        return [Problem(where=f"effects, {name}", found="no such effect", remedy=f"Effects: {', '.join(known)}.")]
    if value in ("zero", "reversed") or (isinstance(value, int | float) and not isinstance(value, bool)):
        return []
    remedy = 'Give a standardised value, "zero" or "reversed".'
    return [Problem(where=f"effects, {name}", found=f"{value!r}", remedy=remedy)]


def _replaced(
    values: Mapping[Place, float], places: Mapping[str, Place], wanted: Mapping[str, EffectValue]
) -> dict[Place, float]:
    changed = dict(values)
    for name, place in places.items():
        if name not in wanted:
            continue
        value = wanted[name]
        before = changed.get(place, 0.0)
        changed[place] = 0.0 if value == "zero" else -before if value == "reversed" else float(value)
    return changed
