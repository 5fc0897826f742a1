"""Whether one model is nested in another: fitted to what the other implies, a larger model misses nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from surveysem.data.moments import SampleMoments
from surveysem.errors import EstimationError, IdentificationError, UnsupportedError
from surveysem.estimation import GroupSolution, Solution, estimate_model
from surveysem.inference.fit import Fit
from surveysem.specification import Parameter, ParameterTable

Relation: TypeAlias = Literal["restricted", "larger", "equivalent", "not nested", "undecided"]

MISFIT_OF_ROUNDING = 1e-6
"""Misfit n·F that the stop of the search alone can leave (1e-5 standard errors a parameter)."""


@dataclass(frozen=True, kw_only=True)
class Nesting:
    """How a model relates to another.

    Parameters
    ----------
    relation : {"restricted", "larger", "equivalent", "not nested", "undecided"}
        The model is nested in the other; the other is nested in it; both imply the same moments with different
        parameters; neither; or it could not be found out.
    misfit : float
        n·F of the larger model fitted to what the smaller one implies; NaN where nothing was fitted.
    reason : str
        Why it is undecided; empty otherwise.
    """

    relation: Relation
    misfit: float
    reason: str = ""


def nesting(model: Fit, other: Fit) -> Nesting:
    """How a model relates to another of the same variables.

    Parameters
    ----------
    model, other : Fit
        Linear models, fitted to the same rows.

    Returns
    -------
    Nesting
        Of *model*, seen from *other*.

    Raises
    ------
    UnsupportedError
        For ordered variables and latent products by LMS or QML, whose means and covariances do not say all.

    Notes
    -----
    The model with fewer degrees of freedom is fitted by maximum likelihood to the means and covariances that the other
    implies at its estimates. Where it reproduces them (n·F below 1e-6), the other is nested in it there; with equal
    degrees of freedom the two are equivalent. Where one table frees all that the other frees, it is nested without
    that; a misfit then means that a search went astray, which is reported as undecided.

    References
    ----------
    bentler_satorra_2010

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> free = ss.sem("dem60 =~ y1 + y2 + y3 + y4", data)
    >>> equal = ss.sem("dem60 =~ y1 + a*y2 + a*y3 + a*y4", data)
    >>> nesting(equal, free).relation, nesting(free, equal).relation
    ('restricted', 'larger')
    """
    for fit in (model, other):
        if fit.solution.has_latent_products or fit.table.ordered:
            raise UnsupportedError("Nesting is decided from means and covariances of continuous variables alone.")
    difference = model.table.degrees_of_freedom - other.table.degrees_of_freedom
    restricted, larger = (model, other) if difference >= 0 else (other, model)
    try:
        misfit = misfit_to_implied(larger, restricted)
    except (EstimationError, IdentificationError) as error:
        return Nesting(relation="undecided", misfit=float("nan"), reason=error.message)
    if misfit <= MISFIT_OF_ROUNDING:
        found: Relation = "equivalent" if not difference else "restricted" if difference > 0 else "larger"
        return Nesting(relation=found, misfit=misfit)
    if difference and is_restriction(restricted.table, larger.table):
        reason = f"All that one model frees the other frees too, yet it misses what that implies by n·F = {misfit:.3g}."
        return Nesting(relation="undecided", misfit=misfit, reason=reason)
    return Nesting(relation="not nested", misfit=misfit)


def misfit_to_implied(larger: Fit, restricted: Fit) -> float:
    """n·F of a model fitted by maximum likelihood to the moments that another implies at its estimates.

    References
    ----------
    bentler_satorra_2010
    """
    samples = moments_as_implied(restricted.solution, larger.solution)
    solution = estimate_model(larger.table, samples, start=larger.solution.theta)
    return float(larger.n_obs * solution.discrepancy)


def moments_as_implied(restricted: Solution, larger: Solution) -> list[SampleMoments]:
    """Moments that a restricted model implies, as samples of the larger model's variables, one a group.

    Parameters
    ----------
    restricted, larger : Solution
        Models of the same rows; with variables in any order.
    """
    return [
        _as_implied(of, like.moments, has_means=restricted.table.has_means)
        for of, like in zip(restricted.groups, larger.groups, strict=True)
    ]


def _as_implied(group: GroupSolution, like: SampleMoments, *, has_means: bool) -> SampleMoments:
    """Moments a group's model implies, as if they were a sample's, in the order of another's variables."""
    names = group.structure.observed
    at = [names.index(name) for name in like.variables]
    covariance = np.asarray(group.implied.covariance)[np.ix_(at, at)]
    means = np.asarray(group.implied.mean)[at] if has_means else like.means
    return replace(like, covariance=(covariance + covariance.T) / 2.0, means=means)


def is_restriction(restricted: ParameterTable, larger: ParameterTable) -> bool:
    """Whether what one table frees is free in the other too, and what is fixed in both has one value.

    Constraints and shared labels of the larger model must stand in the restricted one too.
    """
    present = {_place(row): row for row in larger.parameters}
    for row in restricted.parameters:
        match = present.pop(_place(row), None)
        if match is None:
            if row.free or row.value:
                return False
        elif not match.free and (row.free or (row.value or 0.0) != (match.value or 0.0)):
            return False
    if any(not row.free and row.value for row in present.values()):
        return False
    return _equalities(larger) <= _equalities(restricted)


def _equalities(table: ParameterTable) -> set[object]:
    """Parameters held equal by a shared number, and formulas."""
    shared: dict[int, list[object]] = {}
    for row in table.parameters:
        if row.free:
            shared.setdefault(row.free, []).append(_place(row))
    together = {frozenset(places) for places in shared.values() if len(places) > 1}
    return {*together, *((row.lhs, row.op, row.rhs) for row in table.constraints)}


def _place(row: Parameter) -> tuple[object, ...]:
    sides: object = frozenset((row.lhs, row.rhs)) if row.op == "~~" else (row.lhs, row.rhs)
    return row.group, row.op, sides
