"""Population values of a standardised structural model, and the moments they imply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import combinations
from math import isfinite, sqrt
from numbers import Real
from typing import TypeAlias

import numpy as np

from surveysem.data.wording import listed
from surveysem.errors import Problem, StudyError
from surveysem.instrument.values import ReadOnlyMapping

Term: TypeAlias = tuple[str, ...]
"""A predictor ``(x,)`` or a product of two ``(x, z)``."""
Pair: TypeAlias = tuple[str, str] | frozenset[str]


@dataclass(frozen=True, kw_only=True)
class PopulationValues:
    """Standardised parameters that simulated answers are drawn from.

    Parameters
    ----------
    paths : Mapping
        From (outcome, predictor) to the standardised coefficient.
    interactions : Mapping
        From (outcome, predictor, moderator) to the coefficient of the product of the standardised latent variables.
    loadings : Mapping
        From item to its standardised loading, between −1 and 1.
    exogenous_correlations : Mapping
        From a pair of latent variables that nothing predicts, in any order, to their correlation; others are 0.

    Raises
    ------
    StudyError
        Lists every value out of range, every pair given twice and every circle among the paths.

    Notes
    -----
    All latent variables have variance 1; disturbances are uncorrelated.

    Examples
    --------
    >>> PopulationValues(paths={("trust", "credibility"): 0.5}).endogenous
    ('trust',)
    """

    paths: Mapping[tuple[str, str], float] = field(default_factory=dict)
    interactions: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    loadings: Mapping[str, float] = field(default_factory=dict)
    exogenous_correlations: Mapping[Pair, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _refuse(_shape_problems(self))
        pairs = [frozenset(pair) for pair in self.exogenous_correlations]
        problems = [*_range_problems(self), *_pair_problems(self, pairs), *_circle_problems(self)]
        _refuse(problems)
        correlations = dict(zip(pairs, self.exogenous_correlations.values(), strict=True))
        object.__setattr__(self, "exogenous_correlations", ReadOnlyMapping(correlations))
        for name in ("paths", "interactions", "loadings"):
            object.__setattr__(self, name, ReadOnlyMapping(getattr(self, name)))

    @property
    def endogenous(self) -> tuple[str, ...]:
        """Outcomes, each after all that predict it."""
        order = TopologicalSorter(_predictors(self)).static_order()
        outcomes = {key[0] for key in (*self.paths, *self.interactions)}
        return tuple(name for name in order if name in outcomes)

    @property
    def latent_variables(self) -> tuple[str, ...]:
        """Every latent variable named, exogenous ones first, each after all that predict it."""
        order = list(TopologicalSorter(_predictors(self)).static_order())
        others = [name for pair in self.exogenous_correlations for name in sorted(pair) if name not in order]
        return tuple(sorted(dict.fromkeys([*order, *others]), key=lambda name: name in self.endogenous))

    def equation(self, outcome: str) -> dict[Term, float]:
        """Terms that predict an outcome, with their coefficients."""
        linear: dict[Term, float] = {(x,): value for (y, x), value in self.paths.items() if y == outcome}
        products: dict[Term, float] = {(x, z): value for (y, x, z), value in self.interactions.items() if y == outcome}
        return {**linear, **products}

    def as_text_keys(self) -> dict[str, dict[str, float]]:
        """The values with keys written as in model syntax (``y ~ x:z``, ``x ~~ z``), for storing."""
        return {
            "paths": {f"{y} ~ {x}": value for (y, x), value in self.paths.items()},
            "interactions": {f"{y} ~ {x}:{z}": value for (y, x, z), value in self.interactions.items()},
            "loadings": dict(self.loadings),
            "exogenous_correlations": {
                " ~~ ".join(sorted(pair)): value for pair, value in self.exogenous_correlations.items()
            },
        }


class PopulationMoments:
    """Covariances among standardised latent variables and their products.

    Parameters
    ----------
    population : PopulationValues
        Parameters.

    Raises
    ------
    StudyError
        Lists correlations that cannot hold together, and every equation that explains all variance or more.

    Notes
    -----
    Variables are taken up in the order of the paths. A term's covariance with an outcome is the sum over the outcome's
    equation. For products of jointly normal variables Cov(XZ, WV) = r_XW·r_ZV + r_XV·r_ZW, hence Var(XZ) = 1 + r²_XZ,
    and Cov(XZ, V) is 0 unless V is itself moderated. This is exact unless a predictor or moderator in a product is
    itself moderated: then it is not normal, and the variance explained is an approximation.

    Examples
    --------
    >>> population = PopulationValues(
    ...     paths={("y", "x"): 0.4, ("y", "z"): 0.3},
    ...     interactions={("y", "x", "z"): 0.2},
    ...     exogenous_correlations={("x", "z"): 0.5},
    ... )
    >>> round(PopulationMoments(population).explained_variance("y"), 4)
    0.42
    """

    def __init__(self, population: PopulationValues) -> None:
        self._population = population
        self._equations = {name: population.equation(name) for name in population.endogenous}
        self._depth = {name: depth for depth, name in enumerate(population.latent_variables)}
        self._covariance = cache(self._computed_covariance)
        problems = [*_correlation_problems(population), *self._variance_problems()]
        if problems:
            raise StudyError("No population has these values.", problems)

    def covariance(self, first: Term, second: Term) -> float:
        """Covariance of two terms; of single latent variables, their correlation."""
        return self._covariance(first, second)

    def explained_variance(self, outcome: str) -> float:
        """Share of an outcome's variance that its equation explains."""
        equation = self._equations[outcome]
        return sum(
            coefficient * other * self.covariance(term, another)
            for term, coefficient in equation.items()
            for another, other in equation.items()
        )

    def _computed_covariance(self, first: Term, second: Term) -> float:
        if len(first) > len(second):
            first, second = second, first
        if len(first) == 2:
            return self._between_products(first, second)
        if first == second:
            return self._variance(first[0])
        if len(second) == 1 and self._depth.get(second[0], -1) > self._depth.get(first[0], -1):
            first, second = second, first
        if first[0] in self._equations:
            return sum(value * self.covariance(term, second) for term, value in self._equations[first[0]].items())
        return 0.0 if len(second) == 2 else self._given_correlation(first[0], second[0])

    def _between_products(self, first: Term, second: Term) -> float:
        (a, b), (c, d) = first, second
        straight = self.covariance((a,), (c,)) * self.covariance((b,), (d,))
        return straight + self.covariance((a,), (d,)) * self.covariance((b,), (c,))

    def _variance(self, name: str) -> float:  # noqa: ARG002 - shares of variance differ by name
        return 1.0

    def _given_correlation(self, first: str, second: str) -> float:
        return self._population.exogenous_correlations.get(frozenset((first, second)), 0.0)

    def _variance_problems(self) -> list[Problem]:
        explained = {outcome: self.explained_variance(outcome) for outcome in self._equations}
        return [
            Problem(
                where=f"equation of {outcome} ({listed(map(':'.join, self._equations[outcome]), limit=12)})",
                found=f"it explains {value:.3f} of a variance of 1",
                remedy="Lower its coefficients or the correlations of its predictors, so that a disturbance remains.",
            )
            for outcome, value in explained.items()
            if value >= 1
        ]


def correlation_matrix(population: PopulationValues, exogenous: Sequence[str]) -> np.ndarray:
    """Correlations of latent variables that nothing predicts, shape (m, m)."""
    matrix = np.eye(len(exogenous))
    for (i, first), (j, second) in combinations(enumerate(exogenous), 2):
        matrix[i, j] = matrix[j, i] = population.exogenous_correlations.get(frozenset((first, second)), 0.0)
    return matrix


def _predictors(population: PopulationValues) -> dict[str, set[str]]:
    predictors: dict[str, set[str]] = {}
    for outcome, *others in (*population.paths, *population.interactions):
        predictors.setdefault(outcome, set()).update(others)
    return predictors


def _refuse(problems: Iterable[Problem]) -> None:
    problems = tuple(problems)
    if problems:
        raise StudyError("The population values are not valid.", problems)


def _shape_problems(population: PopulationValues) -> Iterable[Problem]:
    """Keys that are not the names expected, and values that are not numbers."""
    for name, size in (("paths", 2), ("interactions", 3), ("loadings", 1), ("exogenous_correlations", 2)):
        for key, value in getattr(population, name).items():
            if not _is_key(key, size):
                remedy = "Use a name as key." if size == 1 else f"Use a tuple of {size} names as key."
                yield Problem(where=f"population {name}", found=f"the key {key!r}", remedy=remedy)
            if not isinstance(value, Real) or isinstance(value, bool):
                yield Problem(where=f"population {name}, {key!r}", found=f"{value!r}", remedy="Give a number.")


def _is_key(key: object, size: int) -> bool:
    if size == 1:
        return isinstance(key, str) and key != ""
    return isinstance(key, tuple | frozenset) and len(key) == size and all(isinstance(name, str) for name in key)


def _range_problems(population: PopulationValues) -> Iterable[Problem]:
    for key, value in (*population.paths.items(), *population.interactions.items()):
        if not isfinite(value):
            where = f"path {key[0]} ~ {':'.join(key[1:])}"
            yield Problem(where=where, found=f"{value}", remedy="Give a finite standardised coefficient.")
    for item, value in population.loadings.items():
        if not -1 <= value <= 1:
            remedy = "Give a standardised loading between -1 and 1."
            yield Problem(where=f"loading of {item}", found=f"{value}", remedy=remedy)
    for pair, value in population.exogenous_correlations.items():
        if not -1 < value < 1:
            where = f"correlation of {' and '.join(sorted(pair))}"
            yield Problem(where=where, found=f"{value}", remedy="Give a correlation between -1 and 1, both excluded.")


def _pair_problems(population: PopulationValues, pairs: list[frozenset[str]]) -> Iterable[Problem]:
    outcomes = {key[0] for key in (*population.paths, *population.interactions)}
    for pair in dict.fromkeys(pairs):
        where = f"correlation of {' and '.join(sorted(pair))}"
        if len(pair) != 2:
            yield Problem(where=where, found="not two different latent variables", remedy="Name two.")
        if pairs.count(pair) > 1:
            yield Problem(where=where, found="it is given twice", remedy="Give it once, in either order.")
        if predicted := sorted(pair & outcomes):
            found = f"{listed(predicted)} is predicted by a path"
            remedy = (
                "Only latent variables that nothing predicts have correlations of their own; the paths imply the rest."
            )
            yield Problem(where=where, found=found, remedy=remedy)


def _circle_problems(population: PopulationValues) -> Iterable[Problem]:
    try:
        TopologicalSorter(_predictors(population)).prepare()
    except CycleError as error:
        found = f"they lead back to where they start: {' → '.join(error.args[1])}"
        yield Problem(
            where="paths", found=found, remedy="Remove one of these paths; only models without circles are simulated."
        )


def _correlation_problems(population: PopulationValues) -> list[Problem]:
    exogenous = [name for name in population.latent_variables if name not in population.endogenous]
    if not exogenous:
        return []
    smallest = float(np.linalg.eigvalsh(correlation_matrix(population, exogenous))[0])
    if smallest > 0:
        return []
    return [
        Problem(
            where=f"correlations of {listed(exogenous, limit=20)}",
            found=f"they contradict each other (smallest eigenvalue {smallest:.3g})",
            remedy="Bring them closer to zero until they can hold at the same time.",
        )
    ]


def disturbance_deviation(moments: PopulationMoments, outcome: str) -> float:
    """Standard deviation of the part of an outcome that its equation leaves unexplained."""
    return sqrt(1 - moments.explained_variance(outcome))
