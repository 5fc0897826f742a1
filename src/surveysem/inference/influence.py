"""Estimates without each case, or without each cluster of cases: by refitting, or by one step from the estimates.

Refits start at the estimates and run for many samples at once (:mod:`surveysem.estimation.refit`). One Newton step
needs the slope of the discrepancy of each reduced sample at the estimates, which is their case's score; product
indicators are made anew without the case in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd

from surveysem.data.missing import missing_patterns
from surveysem.errors import UnsupportedError
from surveysem.estimation import FullInformation, Solution
from surveysem.estimation.incomplete_stacks import incomplete_stack
from surveysem.estimation.refit import RefitPlan, can_be_refitted
from surveysem.estimation.stacks import BoolArray, SampleStack
from surveysem.implied import moment_structure
from surveysem.inference.fit import Fit
from surveysem.inference.influence_distances import generalized_cook_distance, likelihood_distance
from surveysem.inference.information import casewise_scores, invert_information, observed_information
from surveysem.inference.recentring import product_columns, recentred_product_moments, recentred_product_rows
from surveysem.inference.replication import CompleteReplication, IncompleteReplication, likelihood_replication
from surveysem.inference.resampling import weighted_moments
from surveysem.typing import FloatArray, IntArray

InfluenceMethod: TypeAlias = Literal["exact", "one_step"]
_MOST_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True, eq=False)
class Deletion:
    """Estimates without each of *u* units, single cases or clusters.

    Parameters
    ----------
    method : {"exact", "one_step"}
        How they were found.
    theta : array of shape (u, q)
        Free parameters; NaN where there is no solution.
    generalized_distance, likelihood_distance : arrays of shape (u,)
        gCD and LD, see :mod:`surveysem.inference.influence_distances`.
    n_left_out : int array of shape (u,)
        Cases of each unit.
    failures : Mapping of int to str
        Why there is no solution, by unit.
    """

    method: InfluenceMethod
    theta: FloatArray
    generalized_distance: FloatArray
    likelihood_distance: FloatArray
    n_left_out: IntArray
    failures: Mapping[int, str] = field(default_factory=dict)


def delete_units(fit: Fit, units: IntArray, *, method: InfluenceMethod = "exact") -> Deletion:
    """Estimates without each unit in turn, and how far they are from those of all cases.

    Parameters
    ----------
    fit : Fit
        Fitted by maximum likelihood to complete or incomplete rows, any number of groups.
    units : int array of shape (n,)
        Unit of each row, counted from 0; rows of all groups one after the other.
    method : {"exact", "one_step"}
        Refit, or one Newton step: θ̂₍ᵢ₎ ≈ θ̂ − H⁻¹g₍ᵢ₎ with g₍ᵢ₎ the slope of the reduced sample's discrepancy at θ̂ and H
        the Hessian of the full one's. Models with latent products by LMS or QML have the step alone.

    Raises
    ------
    UnsupportedError
        For least squares; for refits of models with latent products; for constraints that are not linear.

    Notes
    -----
    V(θ̂₍ᵢ₎) of gCD is that of normal theory, from expected information, or observed where rows are incomplete, whatever
    the estimator; one step takes that of the full sample at θ̂.

    References
    ----------
    cook_1977, cook_1986, pek_maccallum_2011

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> fit = ss.sem("dem60 =~ y1 + y2 + y3 + y4", data)
    >>> exact, step = (delete_units(fit, np.arange(75), method=each) for each in ("exact", "one_step"))
    >>> bool(np.corrcoef(exact.generalized_distance, step.generalized_distance)[0, 1] > 0.95)
    True
    """
    solution = fit.solution
    _check(solution, method)
    n_left_out = np.bincount(units)
    if solution.has_latent_products:
        theta, failures = _stepped_from_scores(solution, units, n_left_out), dict[int, str]()
    else:
        theta, failures = _without_units(fit, units, len(n_left_out), method)
    solved = np.isfinite(theta).all(axis=1)
    distances, likelihoods = np.full(len(theta), np.nan), np.full(len(theta), np.nan)
    distances[solved] = list(_distances(solution, units, theta, np.flatnonzero(solved), method))
    values = [solution.problem.value(solution.problem.implied(each)) for each in theta[solved]]
    likelihoods[solved] = likelihood_distance(np.array(values), solution.discrepancy, solution.n_obs)
    return Deletion(
        method=method,
        theta=theta,
        generalized_distance=distances,
        likelihood_distance=likelihoods,
        n_left_out=n_left_out,
        failures=failures,
    )


def _check(solution: Solution, method: str) -> None:
    if method not in get_args(InfluenceMethod):
        available = ", ".join(map(repr, get_args(InfluenceMethod)))
        raise UnsupportedError(f"There is no method {method!r} for influence. Available: {available}.")
    constraints = solution.problem.constraints
    if (constraints is not None and constraints.is_curved) or any(
        row.op in ("<", ">") for row in solution.table.constraints
    ):
        raise UnsupportedError(
            "Influence is not available with constraints that are not linear equalities. Write the model without them."
        )
    if solution.has_latent_products:
        if method == "exact":
            raise UnsupportedError(
                "Models with latent products by LMS or QML are not refitted without each case. Available: "
                "method='one_step', or product indicators."
            )
    elif not can_be_refitted(solution):
        raise UnsupportedError(
            "Influence is available for models fitted by maximum likelihood (ML, MLR, MLM, MLMV, MLMVS), not for least "
            "squares."
        )


def _without_units(
    fit: Fit, units: IntArray, n_units: int, method: InfluenceMethod
) -> tuple[FloatArray, dict[int, str]]:
    """Estimates without each unit of a linear model, some units at a time."""
    observed = [np.asarray(group.moments.observations) for group in fit.solution.groups]
    columns = product_columns(fit.product_indicators, fit.table.observed, observed)
    replication = likelihood_replication(fit.solution, fit.products, columns)
    hessian = None if method == "exact" else _inverse_hessian(fit.solution)
    theta, failures = np.full((n_units, fit.table.n_free), np.nan), dict[int, str]()
    ends = np.cumsum([len(rows) for rows in observed])[:-1]
    size = min(replication.samples_at_once, _MOST_AT_ONCE)
    for first in range(0, n_units, size):
        chosen = np.arange(first, min(first + size, n_units))
        kept = np.split((units[None] != chosen[:, None]).astype(np.float64), ends, axis=1)
        samples = _samples(replication, kept)
        if hessian is None:
            refits = replication.plan.fit(samples)
            theta[chosen] = refits.theta
            failures |= {first + number: why for number, why in refits.failures.items()}
        else:
            theta[chosen] = _stepped(replication.plan, samples, hessian)
    return theta, failures


def _samples(replication: CompleteReplication | IncompleteReplication, kept: Sequence[FloatArray]) -> Sequence[Any]:
    """Stacks of reduced samples, with products of indicators made anew."""
    if isinstance(replication, CompleteReplication):
        stacks = [weighted_moments(rows, counts) for rows, counts in zip(replication.rows, kept, strict=True)]
        if len(replication.products):
            stacks = recentred_product_moments(stacks, replication.rows, replication.products)
        return stacks
    values: Sequence[FloatArray | None] = [None] * len(kept)
    if len(replication.products):
        rows = [each.observations for each in replication.rows]
        values = recentred_product_rows(rows, kept, replication.products)
    parts = zip(replication.rows, kept, values, strict=True)
    return [incomplete_stack(rows, counts, made) for rows, counts, made in parts]


def _stepped(plan: RefitPlan, samples: Sequence[SampleStack], inverse: FloatArray) -> FloatArray:
    tiled = np.tile(plan.theta, (len(samples[0]), 1))
    _, slopes = plan.value_and_gradient(tiled, samples)
    stepped: FloatArray = tiled - slopes @ inverse
    return stepped


def _inverse_hessian(solution: Solution) -> FloatArray:
    """H⁻¹ within the constraints, of shape (q, q)."""
    return invert_information(observed_information(solution), solution) / 2.0


def _stepped_from_scores(solution: Solution, units: IntArray, n_left_out: IntArray) -> FloatArray:
    """One step by the cases' own scores: θ̂₍ᵢ₎ ≈ θ̂ − I⁻¹s₍ᵢ₎ / (n − nᵢ)."""
    scores = np.vstack([casewise_scores(group) for group in solution.groups])
    summed = np.zeros((len(n_left_out), scores.shape[1]))
    np.add.at(summed, units, scores)
    inverse = invert_information(observed_information(solution), solution)
    stepped: FloatArray = solution.theta - summed @ inverse / (solution.n_obs - n_left_out)[:, None]
    return stepped


def _distances(
    solution: Solution, units: IntArray, theta: FloatArray, chosen: IntArray, method: InfluenceMethod
) -> Iterator[float]:
    if method == "one_step":
        normal = _is_observed(solution)
        whole = (
            observed_information(solution)
            if normal
            else solution.problem.expected_hessian(tuple(group.implied for group in solution.groups)) / 2.0
        )
        for unit in chosen:
            yield generalized_cook_distance(solution.theta - theta[unit], solution.n_obs * whole)
        return
    for unit in chosen:
        information = _information_without(solution, units != unit, theta[unit])
        yield generalized_cook_distance(solution.theta - theta[unit], information)


def _is_observed(solution: Solution) -> bool:
    return solution.incomplete or solution.has_latent_products


def _information_without(solution: Solution, kept: BoolArray, theta: FloatArray) -> FloatArray:
    """Information (q, q) of the rows that are kept, at their own estimates."""
    total = np.zeros((len(theta), len(theta)))
    parts = np.split(kept, np.cumsum([group.moments.n_obs for group in solution.groups])[:-1])
    for group, structure, rows in zip(solution.groups, solution.problem.structures, parts, strict=True):
        discrepancy = group.discrepancy
        if group.table.exogenous_observed:
            reduced = group.moments.observations[rows]
            covariance = np.atleast_2d(np.cov(reduced, rowvar=False, bias=True))
            structure = moment_structure(group.table, len(theta), covariance, reduced.mean(axis=0))
        implied = replace(solution.problem, structures=(structure,)).implied(theta)[0]
        if isinstance(discrepancy, FullInformation):
            frame = pd.DataFrame(discrepancy.missing.observations[rows], columns=list(group.moments.variables))
            reduced_rows = missing_patterns(frame, group.moments.variables)
            hessian = replace(discrepancy, missing=reduced_rows).hessian(implied)
        else:
            hessian = discrepancy.expected_hessian(implied)
        total += rows.sum() * hessian / 2.0
    return total
