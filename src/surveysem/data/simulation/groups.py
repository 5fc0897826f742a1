"""Groups that differ in their structure, their loadings or their level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from surveysem.data.population import PopulationMoments, PopulationValues
from surveysem.data.simulation.checks import finite_problems, unknown_names
from surveysem.data.simulation.options import Groups, SimulatedGroup
from surveysem.data.wording import listed
from surveysem.errors import Problem, StudyError
from surveysem.instrument import Instrument, ResponseScale

_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupPopulation:
    """One group with its own population.

    Parameters
    ----------
    code : int or None
        Option of the grouping question; None where there are no groups.
    share : float
        Share of respondents.
    population : PopulationValues
        Parameters within the group.
    means, intercepts : Mapping of str to float
        Means of latent variables and additions to items that are not 0.
    """

    code: int | None
    share: float
    population: PopulationValues
    means: Mapping[str, float]
    intercepts: Mapping[str, float]


def group_populations(
    groups: Groups | None,
    population: PopulationValues,
    instrument: Instrument,
    indicators: Mapping[str, Sequence[str]],
    effect_names: Mapping[str, str],
) -> tuple[tuple[GroupPopulation, ...], list[Problem]]:
    """A population for each group, and everything that is wrong with the groups.

    Parameters
    ----------
    groups : Groups or None
        None gives one group with the population stated.
    population : PopulationValues
        The population stated.
    instrument : Instrument
        Its grouping questions tell the groups.
    indicators : Mapping
        Latent variables and their items.
    effect_names : Mapping of str to str
        Effect as ``"y ~ x"`` or ``"y ~ x:z"`` by the id of a path or moderation.
    """
    if groups is None:
        return (GroupPopulation(code=None, share=1.0, population=population, means={}, intercepts={}),), []
    questions = [
        each.id for each in instrument.grouping_questions if instrument.scale(each.scale).kind in ("nominal", "ordinal")
    ]
    problems = list(unknown_names("groups", [groups.question], questions, "grouping question with options"))
    if problems:
        return (), problems
    scale = instrument.scale(instrument.question(groups.question).scale)
    named: dict[int, SimulatedGroup] = {}
    for option, group in groups.groups.items():
        code = _code(option, scale)
        if code is None or code in named:
            found = "there is no such option" if code is None else "this option is named twice"
            remedy = f"Options: {listed(_options(scale), limit=12)}."
            problems.append(Problem(where=f"groups, {groups.question}, {option}", found=found, remedy=remedy))
        else:
            named[code] = group
    shares, wrong = _shares(named, scale.codes, groups.question)
    problems += wrong
    made = []
    for code in scale.codes:
        group = named.get(code, SimulatedGroup())
        where = f"groups, {groups.question}, {code}"
        wrong = list(_group_problems(where, group, population, indicators, effect_names))
        own, impossible = (None, wrong) if wrong else _own_population(where, group, population, effect_names)
        problems += impossible
        if own is not None:
            made.append(
                GroupPopulation(
                    code=code, share=shares[code], population=own, means=group.means, intercepts=group.intercepts
                )
            )
    return tuple(each for each in made if each.share > 0), problems


def _code(option: str, scale: ResponseScale) -> int | None:
    """Code of an option given by its code or, in whatever case, its label in any language."""
    for code, label in scale.options.items():
        if option == str(code) or option.casefold() in [text.casefold() for text in label.values()]:
            return code
    return None


def _options(scale: ResponseScale) -> list[str]:
    return [f"{code} ({next(iter(label.values()))})" for code, label in scale.options.items()]


def _shares(
    named: Mapping[int, SimulatedGroup], codes: Sequence[int], question: str
) -> tuple[dict[int, float], list[Problem]]:
    given = {code: group.share for code, group in named.items() if group.share is not None}
    where = f"groups, {question}, shares"
    wrong = [share for share in given.values() if not isinstance(share, int | float) or not 0 < share <= 1]
    if wrong:
        found = listed(map(repr, wrong))
        return dict.fromkeys(codes, 0.0), [Problem(where=where, found=found, remedy="Give shares above 0, 1 at most.")]
    rest, others = 1 - sum(given.values()), [code for code in codes if code not in given]
    without = [code for code in others if code in named]
    if rest < -_ROUNDING or (not others and rest > _ROUNDING) or (without and rest < _ROUNDING):
        found = f"they add up to {sum(given.values()):g}"
        remedy = "Let all shares add up to 1, or leave some out: they divide what is left."
        return dict.fromkeys(codes, 0.0), [Problem(where=where, found=found, remedy=remedy)]
    return {code: given[code] if code in given else max(rest, 0.0) / len(others) for code in codes}, []


def _group_problems(
    where: str,
    group: SimulatedGroup,
    population: PopulationValues,
    indicators: Mapping[str, Sequence[str]],
    effect_names: Mapping[str, str],
) -> Iterator[Problem]:
    items = [name for each in indicators.values() for name in each]
    known = population.as_text_keys()
    effects = [*known["paths"], *known["interactions"]]
    plain = [name for name in group.effects if effect_names.get(name, name) not in effects]
    yield from unknown_names(f"{where}, effects", plain, [*effect_names, *effects], "path or moderation")
    yield from unknown_names(f"{where}, loadings", group.loadings, items, "item among the indicators")
    yield from unknown_names(f"{where}, means", group.means, list(indicators), "latent variable")
    yield from unknown_names(f"{where}, intercepts", group.intercepts, items, "item among the indicators")
    for name in ("effects", "loadings", "means", "intercepts"):
        yield from finite_problems(f"{where}, {name}", getattr(group, name))


def _own_population(
    where: str, group: SimulatedGroup, population: PopulationValues, effect_names: Mapping[str, str]
) -> tuple[PopulationValues | None, list[Problem]]:
    own = {effect_names.get(name, name): float(value) for name, value in group.effects.items()}
    paths = {key: own.get(f"{key[0]} ~ {key[1]}", value) for key, value in population.paths.items()}
    interactions = {
        key: own.get(f"{key[0]} ~ {key[1]}:{key[2]}", value) for key, value in population.interactions.items()
    }
    try:
        made = PopulationValues(
            paths=paths,
            interactions=interactions,
            loadings={**population.loadings, **group.loadings},
            exogenous_correlations=population.exogenous_correlations,
        )
        PopulationMoments(made)
    except StudyError as error:
        wrong = [
            Problem(where=f"{where}, {each.where}", found=each.found, remedy=each.remedy) for each in error.problems
        ]
        return None, wrong
    return made, []


def group_numbers(shares: Sequence[float], n: int, rng: np.random.Generator) -> np.ndarray:
    """Place of each respondent's group, shape (n,); shares are rounded to whole respondents."""
    ends = np.round(np.cumsum(shares) * n).astype(int)
    return np.searchsorted(ends, rng.permutation(n), side="right")
