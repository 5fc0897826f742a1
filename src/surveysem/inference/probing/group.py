"""One group of a fitted model, as the questions about its interactions see it.

A latent product enters an equation as (a − cₐ)(b − c_b). The centres c are 0 where the product itself is in the model;
where products of indicators measure it, they are where these were centred. All else follows from that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from surveysem.errors import Problem, UnsupportedError
from surveysem.estimation import GroupSolution
from surveysem.implied import Matrix, ModeratedStructure
from surveysem.implied.moderated import _latent_moments, _stacked_matrices
from surveysem.inference.fit import Fit
from surveysem.inference.probing.centres import product_centres
from surveysem.inference.scores import _latent_mean
from surveysem.specification import Parameter
from surveysem.typing import FloatArray

Points: TypeAlias = Any
"""Values of the parameters at *b* points, of shape (b, q), real or complex, and what is computed from them."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """One term of an equation: a coefficient times a variable or the product of two.

    Parameters
    ----------
    factors : tuple of str
        One or two variables.
    row : Parameter
        The coefficient.
    centres : tuple of float
        What is taken from each of two variables before they are multiplied.
    """

    factors: tuple[str, ...]
    row: Parameter
    centres: tuple[float, ...] = ()

    def coefficient(self, thetas: Points) -> Points:
        """The coefficient at each point, of shape (b, 1)."""
        values = thetas[:, self.row.free - 1] if self.row.free else np.full(len(thetas), self.row.value or 0.0)
        return values[:, None]


@dataclass(frozen=True, kw_only=True, eq=False)
class LatentMoments:
    """Means and covariances of the variables of a model's equations at *b* points.

    Parameters
    ----------
    names : tuple of str
        The variables, *m* of them.
    mean : array of shape (b, m)
    covariance : array of shape (b, m, m)
    """

    names: tuple[str, ...]
    mean: Points
    covariance: Points

    def mean_of(self, name: str) -> Points:
        """Mean of one variable, of shape (b, 1)."""
        return self.mean[:, [self.names.index(name)]]

    def covariance_of(self, first: str, second: str) -> Points:
        """Covariance of two variables, of shape (b, 1)."""
        return self.covariance[:, self.names.index(first), [self.names.index(second)]]

    def deviation_of(self, name: str) -> Points:
        """Standard deviation of one variable, of shape (b, 1); NaN where the variance is not positive."""
        variance = self.covariance_of(name, name)
        return np.sqrt(np.where(variance.real > 0.0, variance, np.nan))


@dataclass(frozen=True, kw_only=True, eq=False)
class ProbedGroup:
    """One group at the estimates, with its equations.

    Parameters
    ----------
    label : str
        Value of the grouping variable; empty where there is one group.
    solution : GroupSolution
        The group at the estimates.
    products : Mapping of str to (str, str)
        Latent products by the name they have in the table, with their factors.
    """

    label: str
    solution: GroupSolution
    products: Mapping[str, tuple[str, str]]

    @property
    def names(self) -> tuple[str, ...]:
        """Variables that take part in equations, *m* of them."""
        return self.solution.structure.latent

    @cached_property
    def means(self) -> Mapping[str, float]:
        """Means of the variables at the estimates; without a mean structure, observed ones have those of the sample."""
        group, structure = self.solution, self.solution.structure
        if structure.has_means:
            return dict(zip(structure.latent, group.implied.latent_mean.tolist(), strict=True))
        sample = dict(zip(structure.observed, group.moments.means.tolist(), strict=True))
        latent = dict(zip(group.table.latent, _latent_mean(group).tolist(), strict=True))
        return {name: latent.get(name, sample.get(name, 0.0)) for name in structure.latent}

    @cached_property
    def deviations(self) -> Mapping[str, float]:
        """Standard deviations at the estimates; NaN where a variance is not positive."""
        variances = np.diag(self.solution.implied.latent_covariance)
        return {
            name: float(np.sqrt(value)) if value > 0 else float("nan")
            for name, value in zip(self.names, variances.tolist(), strict=True)
        }

    @property
    def has_products(self) -> bool:
        """Whether products themselves are in the model, and not indicators of them."""
        return isinstance(self.solution.structure, ModeratedStructure)

    @cached_property
    def centres(self) -> Mapping[str, tuple[float, float]]:
        """What is taken from the factors of each product before they are multiplied."""
        if self.has_products:
            return dict.fromkeys(self.products, (0.0, 0.0))
        return product_centres(self.solution, self.products, self.means)

    def equation(self, outcome: str) -> tuple[Term, ...]:
        """Terms of the equation of one variable; empty where it has none."""
        return tuple(
            Term(factors=self.products[row.rhs], row=row, centres=self.centres[row.rhs])
            if row.rhs in self.products
            else Term(factors=(row.rhs,), row=row)
            for row in self.solution.table.parameters
            if row.op == "~" and row.lhs == outcome
        )

    def is_observed(self, name: str) -> bool:
        """Whether a variable is a column of the data."""
        return name in self.solution.table.observed

    def observations_of(self, name: str) -> FloatArray:
        """Values (n,) of an observed variable in this group."""
        values: FloatArray = self.solution.moments.observations[:, self.solution.table.observed.index(name)]
        return values

    def latent_moments(self, thetas: Points) -> LatentMoments:
        """Moments at *b* points of the parameters; means that are not modelled stay as they are."""
        structure = self.solution.structure
        matrices = _stacked_matrices(structure, thetas)
        if isinstance(structure, ModeratedStructure):
            mean, covariance, _ = _latent_moments(structure, matrices, structure.coefficients(thetas))
            return LatentMoments(names=self.names, mean=mean, covariance=covariance)
        total = np.linalg.inv(np.eye(len(self.names)) - matrices[Matrix.PATHS])
        covariance = total @ matrices[Matrix.LATENT_COVARIANCE] @ np.swapaxes(total, -1, -2)
        mean = (total @ matrices[Matrix.LATENT_MEANS])[..., 0]
        if not structure.has_means:
            mean = np.tile([self.means[name] for name in self.names], (len(thetas), 1))
        return LatentMoments(names=self.names, mean=mean, covariance=covariance)


def probed_groups(fit: Fit) -> tuple[ProbedGroup, ...]:
    """The groups of a fit.

    Raises
    ------
    UnsupportedError
        Where equations have ordered variables, whose variance follows from other parameters.
    """
    groups = fit.solution.groups
    acting = sorted({name for group in groups for name in group.structure.latent} & set(fit.table.ordered))
    if acting:
        raise UnsupportedError(
            f"Interactions cannot be probed in a model with ordered variables in its equations ({', '.join(acting)}). "
            "Available for latent variables and continuous or 0/1 observed ones."
        )
    labels = fit.group_labels or ("",)
    products = {**_observed_products(fit), **fit.products}
    return tuple(
        ProbedGroup(label=label, solution=group, products=products) for label, group in zip(labels, groups, strict=True)
    )


def _observed_products(fit: Fit) -> dict[str, tuple[str, str]]:
    """Columns named ``a:b`` that are products of two other observed variables of the equations."""
    acting = {name for group in fit.solution.groups for name in group.structure.latent}
    split = {name: name.split(":") for name in fit.table.observed if name.count(":") == 1}
    return {
        name: (parts[0], parts[1]) for name, parts in split.items() if set(parts) <= acting & set(fit.table.observed)
    }


def chosen_group(fit: Fit, group: str | None) -> ProbedGroup:
    """The group asked for, or the only one.

    Raises
    ------
    UnsupportedError
        For an unknown group, or none where there are several.
    """
    groups = probed_groups(fit)
    if group is None and len(groups) == 1:
        return groups[0]
    for each in groups:
        if each.label == str(group) and len(groups) > 1:
            return each
    available = ", ".join(repr(each.label) for each in groups)
    remedy = "Leave it out: there is one group." if len(groups) == 1 else f"Choose one of: {available}."
    problem = Problem(
        where="group", found="none is chosen" if group is None else f"there is no {group!r}", remedy=remedy
    )
    raise UnsupportedError("The group is not determined.", [problem])


def check_interaction(groups: Sequence[ProbedGroup], *, x: str, moderator: str, outcome: str) -> None:
    """Refuse a question about an interaction that the model does not have; everything wrong at once.

    Raises
    ------
    UnsupportedError
        Lists the names that do not fit and those that would.
    """
    group = groups[0]
    equation = group.equation(outcome)
    if not equation:
        outcomes = dict.fromkeys(row.lhs for row in group.solution.table.parameters if row.op == "~")
        problems = [_problem("outcome", f"{outcome!r} has no equation", outcomes)]
        raise UnsupportedError("The interaction cannot be probed.", problems)
    predictors = dict.fromkeys(name for term in equation for name in term.factors)
    named = {"x": x, "moderator": moderator}
    problems = [
        _problem(where, f"{name!r} is no predictor of {outcome}", predictors)
        for where, name in named.items()
        if name not in predictors
    ]
    pairs = {":".join(term.factors): set(term.factors) for term in equation if len(term.factors) > 1}
    if not problems and {x, moderator} not in pairs.values():
        found = f"the equation of {outcome} has no product {x}:{moderator}"
        problems = [_problem("x, moderator", found, pairs)]
    if problems:
        raise UnsupportedError("The interaction cannot be probed.", problems)


def _problem(where: str, found: str, available: Mapping[str, object]) -> Problem:
    return Problem(where=where, found=found, remedy=f"Available: {', '.join(available) or 'none'}.")
