"""Implied statistics that least squares compares with those of the sample, and their derivatives.

Their order is that of :func:`surveysem.data.ordinal.ordinal_statistics`: thresholds of ordered variables and reversed
means of continuous ones, variable by variable; slopes; variances of the continuous ones; covariances, of latent
responses with their scales. Without ordered variables and means there are variances and covariances alone.

Beside observed exogenous variables, all of them are given these, at 0, and there are slopes on them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from surveysem.implied.derivatives import mean_hessian, trace_hessian
from surveysem.implied.moments import ImpliedMoments, given_exogenous, mean_jacobian
from surveysem.implied.structure import MomentStructure
from surveysem.typing import FloatArray, IntArray

BoolArray: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Layout:
    """Which variables the statistics are of.

    Parameters
    ----------
    location : int array of shape (l,)
        Variable of each threshold, mean or slope.
    threshold : int array of shape (l,)
        Which threshold it is; −1 for means and slopes.
    predictor : int array of shape (l,)
        Position among the latent variables of a slope's predictor; −1 for thresholds and means.
    continuous : int array of shape (c,)
        Variables with a variance.
    first, second : int arrays
        Pairs of variables.
    """

    location: IntArray
    threshold: IntArray
    predictor: IntArray
    continuous: IntArray
    first: IntArray
    second: IntArray


def _layout(structure: MomentStructure) -> _Layout:
    responses = structure.responses
    everything = np.arange(len(structure.observed))
    explained = everything if responses is None else np.setdiff1d(everything, responses.exogenous)
    first, second = explained[np.array(np.triu_indices(len(explained), 1))]
    continuous = explained if responses is None else np.setdiff1d(explained, responses.ordered)
    cut = np.empty(0, dtype=np.int64) if responses is None else responses.threshold_variable
    with_mean = continuous if structure.has_means else continuous[:0]
    variable = np.concatenate([cut, with_mean])
    number = np.concatenate([np.arange(len(cut)), np.full(len(with_mean), -1)])
    order = np.argsort(variable, kind="stable")
    predictors = everything[:0] if responses is None else responses.exogenous_latent
    predictor = np.repeat(predictors, len(explained))
    return _Layout(
        location=np.concatenate([variable[order], np.tile(explained, len(predictors))]),
        threshold=np.concatenate([number[order], np.full_like(predictor, -1)]),
        predictor=np.concatenate([np.full_like(order, -1), predictor]),
        continuous=continuous,
        first=first,
        second=second,
    )


def response_scales(moments: ImpliedMoments) -> FloatArray:
    """δ of each observed variable, of shape (p,); 1 for continuous ones."""
    responses = moments.structure.responses
    return np.ones(len(moments.mean)) if responses is None else responses.scales.at(moments.theta)


def response_covariance(moments: ImpliedMoments) -> FloatArray:
    """Implied covariances of the scaled latent responses and of continuous variables, (p, p).

    The variances of scaled latent responses are 1, given the observed exogenous variables.
    """
    scales = response_scales(moments)
    covariance: FloatArray = moments.covariance * np.outer(scales, scales)
    return covariance


def among_explained(structure: MomentStructure, covariance: FloatArray) -> FloatArray:
    """Covariances given the observed exogenous variables, of the others, beside ordered variables; else all of them.

    Parameters
    ----------
    structure : MomentStructure
        The model of *p* variables.
    covariance : array of shape (p, p)
        Joint covariances.
    """
    responses = structure.responses
    if responses is None or not responses.exogenous.size:
        return covariance
    given = responses.exogenous
    others = np.setdiff1d(np.arange(len(covariance)), given)
    across = covariance[np.ix_(given, others)]
    effects = np.linalg.solve(covariance[np.ix_(given, given)], across)
    left: FloatArray = covariance[np.ix_(others, others)] - across.T @ effects
    return left


def explained_variables(structure: MomentStructure) -> list[str]:
    """Names of the variables that :func:`among_explained` is of."""
    given = [] if structure.responses is None else structure.responses.exogenous.tolist()
    return [name for index, name in enumerate(structure.observed) if index not in given]


def _locations(moments: ImpliedMoments, at: _Layout) -> FloatArray:
    """τ − μ of shape (l,), before scaling; −μ for continuous variables; slopes."""
    total = moments.columns[at.location, len(moments.mean) + at.predictor]
    locations: FloatArray = np.where(at.predictor < 0, -moments.mean[at.location], total)
    responses = moments.structure.responses
    if responses is not None:
        cut = at.threshold >= 0
        locations[cut] += responses.thresholds.at(moments.theta)[at.threshold[cut]]
    return locations


def implied_statistics(moments: ImpliedMoments) -> FloatArray:
    """Implied thresholds δ(τ − μ), −μ, slopes, variances and covariances δδ'σ, of shape (k,)."""
    moments = given_exogenous(moments)
    at, scales = _layout(moments.structure), response_scales(moments)
    return np.concatenate(
        [
            scales[at.location] * _locations(moments, at),
            moments.covariance[at.continuous, at.continuous],
            scales[at.first] * scales[at.second] * moments.covariance[at.first, at.second],
        ]
    )


def statistics_jacobian(moments: ImpliedMoments) -> FloatArray:
    """Derivatives of the implied statistics, of shape (k, q)."""
    moments = given_exogenous(moments)
    at, scales = _layout(moments.structure), response_scales(moments)
    locations, variances, covariances = _unscaled_derivatives(moments, at)
    locations *= scales[at.location]
    covariances *= scales[at.first] * scales[at.second]
    for parameter, variable in _free_scales(moments):
        locations[parameter] += np.where(at.location == variable, _locations(moments, at), 0.0)
        partner, concerned = _partners(at, variable)
        change = scales[partner] * moments.covariance[at.first, at.second]
        covariances[parameter] += np.where(concerned, change, 0.0)
    return np.hstack([locations, variances, covariances]).T


def _unscaled_derivatives(moments: ImpliedMoments, at: _Layout) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Unscaled derivatives of τ − μ and slopes (q, l), variances of continuous variables (q, c), covariances (q, k)."""
    structure, columns = moments.structure, moments.columns
    parts = structure.columns
    u, v = columns.T[parts.u] * parts.scale[:, None], columns.T[parts.v]
    covariances = structure.sum_elements(u[:, at.first] * v[:, at.second] + u[:, at.second] * v[:, at.first])
    variances = structure.sum_elements(2.0 * u * v)
    responses = structure.responses
    if responses is not None and (responses.acting >= 0).any():
        along = responses.residual_jacobian(moments.theta, columns, variances)
        own = columns.T[responses.residual_columns]
        covariances += along @ (own[:, at.first] * own[:, at.second])
        variances += along @ own**2
    return _location_derivatives(moments, at), variances[:, at.continuous], covariances


def _location_derivatives(moments: ImpliedMoments, at: _Layout) -> FloatArray:
    locations: FloatArray = -mean_jacobian(moments)[:, at.location]
    responses = moments.structure.responses
    if responses is not None:
        positions = np.flatnonzero(at.threshold >= 0)
        parameters = responses.thresholds.parameter[at.threshold[positions]]
        free = parameters >= 0
        np.add.at(locations, (parameters[free], positions[free]), 1.0)
    for predictor in _predictors(at):
        slopes = at.predictor == predictor
        locations[:, slopes] = mean_jacobian(_moved_by(moments, predictor))[:, at.location[slopes]]
    return locations


def _predictors(at: _Layout) -> list[int]:
    """Exogenous variables by their positions among the latent variables."""
    return list(dict.fromkeys(at.predictor[at.predictor >= 0].tolist()))


def _moved_by(moments: ImpliedMoments, predictor: int) -> ImpliedMoments:
    """Moments whose mean is what one unit of an exogenous variable adds; it depends on loadings and paths alone."""
    effects: FloatArray = moments.total_effects[:, predictor]
    return replace(moments, structure=moments.structure.directed, latent_mean=effects)


def _free_scales(moments: ImpliedMoments) -> list[tuple[int, int]]:
    """Parameter and variable of each scale that is free."""
    responses = moments.structure.responses
    if responses is None:
        return []
    variables = responses.scales.is_free
    return list(zip(responses.scales.parameter[variables].tolist(), variables.tolist(), strict=True))


def _partners(at: _Layout, variable: int) -> tuple[IntArray, BoolArray]:
    """The other variable of each pair, and which pairs *variable* belongs to."""
    is_first = at.first == variable
    return np.where(is_first, at.second, at.first), is_first | (at.second == variable)


def has_exact_hessian(structure: MomentStructure) -> bool:
    """Whether :func:`statistics_hessian` is exact: no ordered variable acts as latent."""
    return structure.responses is None or bool((structure.responses.acting < 0).all())


def statistics_hessian(moments: ImpliedMoments, weights: FloatArray) -> FloatArray:
    """Σ w ∂²σ/∂θ∂θᵀ of shape (q, q) for *weights* w (k,) of the statistics; see :func:`has_exact_hessian`."""
    moments = given_exogenous(moments)
    at, scales = _layout(moments.structure), response_scales(moments)
    of_location, of_variance, of_pair = np.split(weights, np.cumsum([len(at.location), len(at.continuous)]))
    quadratic = np.zeros_like(moments.covariance)
    quadratic[at.continuous, at.continuous] = of_variance
    quadratic[at.first, at.second] = of_pair * scales[at.first] * scales[at.second] / 2.0
    quadratic[at.second, at.first] = quadratic[at.first, at.second]
    hessian = trace_hessian(moments, quadratic) + _scale_hessian(moments, of_location, of_pair)
    if not moments.structure.has_means:
        return hessian
    scaled = of_location * scales[at.location]
    for predictor in _predictors(at):
        direction = _by_variable(at.location, np.where(at.predictor == predictor, scaled, 0.0), len(scales))
        hessian = hessian + mean_hessian(_moved_by(moments, predictor), direction)
    direction = _by_variable(at.location, np.where(at.predictor < 0, -scaled, 0.0), len(scales))
    return hessian + mean_hessian(moments, direction)


def _by_variable(variable: IntArray, weights: FloatArray, n_variables: int) -> FloatArray:
    """Weights summed by the variable they belong to, of shape (p,)."""
    summed = np.zeros(n_variables)
    np.add.at(summed, variable, weights)
    return summed


def _scale_hessian(moments: ImpliedMoments, of_location: FloatArray, of_pair: FloatArray) -> FloatArray:
    """Part of Σ w ∂²σ/∂θ∂θᵀ in which scales are differentiated, once or twice."""
    n_free = moments.structure.n_free
    hessian = np.zeros((n_free, n_free))
    free = _free_scales(moments)
    if not free:
        return hessian
    at, scales = _layout(moments.structure), response_scales(moments)
    locations, _, covariances = _unscaled_derivatives(moments, at)
    by_variable = {variable: parameter for parameter, variable in free}
    for parameter, variable in free:
        partner, concerned = _partners(at, variable)
        slope = locations @ np.where(at.location == variable, of_location, 0.0)
        slope += covariances @ np.where(concerned, of_pair * scales[partner], 0.0)
        hessian[parameter] += slope
        hessian[:, parameter] += slope
    both = np.isin(at.first, list(by_variable)) & np.isin(at.second, list(by_variable))
    for pair in np.flatnonzero(both).tolist():
        first, second = by_variable[int(at.first[pair])], by_variable[int(at.second[pair])]
        product = of_pair[pair] * moments.covariance[at.first[pair], at.second[pair]]
        hessian[first, second] += product
        hessian[second, first] += product
    return hessian
