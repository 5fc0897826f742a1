"""Polyserial correlations of continuous with ordered variables, and the influence of each row on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from surveysem.data.ordinal.columns import (
    BEYOND,
    BoolArray,
    ContinuousColumns,
    OrderedColumns,
    explained_by_moments,
    weighted_threshold_influence,
)
from surveysem.data.ordinal.roots import score_roots
from surveysem.typing import FloatArray, IntArray

_SMALLEST = np.finfo(np.float64).tiny


@dataclass(frozen=True, kw_only=True, eq=False)
class RowPairs:
    """Correlations of *b* pairs with at least one continuous variable.

    Parameters
    ----------
    correlation : ndarray, shape (b,)
        Estimates.
    influence : ndarray, shape (b, n)
        Influence of each row.
    is_improbable : ndarray of bool, shape (b,)
        Whether the score of a row was set to 0 because its probability is too small to be computed.
    """

    correlation: FloatArray
    influence: FloatArray
    is_improbable: BoolArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Interval:
    """Interval of the latent response that a row's category stands for: end points, standardised values given z."""

    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    correlation: FloatArray  # a column

    @property
    def rest(self) -> FloatArray:
        """Standard deviation of the latent response given z."""
        rest: FloatArray = np.sqrt(1.0 - self.correlation**2)
        return rest

    def given_z(self, end: FloatArray) -> FloatArray:
        """An end point standardised given z."""
        return (end - self.correlation * self.z) / self.rest

    def density(self, end: FloatArray) -> FloatArray:
        """Standard normal density at an end point, given z."""
        return _normal_density(self.given_z(end))

    @property
    def probability(self) -> FloatArray:
        """Probability of the interval given z."""
        lower, upper = self.given_z(self.lower), self.given_z(self.upper)
        sign = np.where(lower > 0.0, -1.0, 1.0)  # differences in the lower tail keep their digits
        probability: FloatArray = np.abs(ndtr(sign * upper) - ndtr(sign * lower))
        return probability


def polyserial_pairs(
    ordered: OrderedColumns, continuous: ContinuousColumns, ordered_index: IntArray, continuous_index: IntArray
) -> RowPairs:
    """Polyserial correlations by maximum likelihood, thresholds, means and variances held at their first-stage values.

    Parameters
    ----------
    ordered, continuous : OrderedColumns, ContinuousColumns
        First stage.
    ordered_index, continuous_index : ndarray, shape (b,)
        Numbers of the variables of each pair.

    References
    ----------
    olsson_drasgow_dorans_1982, muthen_1984
    """
    z = continuous.standardised[continuous_index]
    lower, upper = _interval_ends(ordered, ordered_index)

    def score(correlation: FloatArray, active: IntArray) -> tuple[FloatArray, FloatArray]:
        interval = Interval(lower=lower[active], upper=upper[active], z=z[active], correlation=correlation[:, None])
        return score_and_slope(interval)

    codes = ordered.codes[ordered_index].astype(np.float64)
    start = ((codes - codes.mean(axis=1, keepdims=True)) * z).mean(axis=1) / codes.std(axis=1)
    correlation = score_roots(score, start)
    interval = Interval(lower=lower, upper=upper, z=z, correlation=correlation[:, None])
    return _with_influence(ordered, continuous, ordered_index, continuous_index, interval)


def _interval_ends(ordered: OrderedColumns, index: IntArray) -> tuple[FloatArray, FloatArray]:
    ends = np.pad(ordered.thresholds, ((0, 0), (1, 1)), constant_values=((0.0, 0.0), (-BEYOND, BEYOND)))[index]
    codes = ordered.codes[index]
    return np.take_along_axis(ends, codes, axis=1), np.take_along_axis(ends, codes + 1, axis=1)


def _normal_density(values: FloatArray) -> FloatArray:
    density: FloatArray = np.exp(-(values**2) / 2.0) / np.sqrt(2.0 * np.pi)
    return density


def score_and_slope(interval: Interval) -> tuple[FloatArray, FloatArray]:
    """First and second derivative of the log-probability of the categories given z, summed over the rows."""
    probability = np.maximum(interval.probability, _SMALLEST)
    upper_first, upper_second = end_derivatives(interval, interval.upper)
    lower_first, lower_second = end_derivatives(interval, interval.lower)
    ratio = (upper_first - lower_first) / probability
    return ratio.sum(axis=1), ((upper_second - lower_second) / probability - ratio**2).sum(axis=1)


def end_derivatives(interval: Interval, end: FloatArray) -> tuple[FloatArray, FloatArray]:
    """First and second derivative of Φ(u), u = (τ − ρz) / √(1 − ρ²), with respect to ρ."""
    rho, rest = interval.correlation, interval.rest
    u = interval.given_z(end)
    first = (end * rho - interval.z) / rest**3
    second = (end + 2.0 * end * rho**2 - 3.0 * rho * interval.z) / rest**5
    density = _normal_density(u)
    return density * first, density * (second - u * first**2)


def _with_influence(
    ordered: OrderedColumns,
    continuous: ContinuousColumns,
    ordered_index: IntArray,
    continuous_index: IntArray,
    interval: Interval,
) -> RowPairs:
    """Estimates with the influence of each row: its score less what the first stage explains, over the information."""
    is_reliable = interval.probability > _SMALLEST
    inverse = np.divide(1.0, interval.probability, out=np.zeros_like(interval.z), where=is_reliable)
    score = (end_derivatives(interval, interval.upper)[0] - end_derivatives(interval, interval.lower)[0]) * inverse
    upper = interval.density(interval.upper) * inverse / interval.rest
    lower = interval.density(interval.lower) * inverse / interval.rest
    explained = _through_thresholds(ordered, ordered_index, score * upper, score * lower)
    score_of_z = interval.correlation * (upper - lower) + interval.z
    explained += explained_by_moments(continuous, continuous_index, score, score_of_z)
    return RowPairs(
        correlation=interval.correlation[:, 0],
        influence=(score - explained) / (score**2).mean(axis=1, keepdims=True),
        is_improbable=np.asarray(~is_reliable.all(axis=1)),
    )


def _through_thresholds(
    ordered: OrderedColumns, index: IntArray, at_upper: FloatArray, at_lower: FloatArray
) -> FloatArray:
    """Part of the score that a row explains by moving the thresholds of its ordered variable, shape (b, n)."""
    codes, n_obs = ordered.codes[index], ordered.n_obs
    most = ordered.thresholds.shape[1] + 1
    rows = zip(codes, at_upper, at_lower, strict=True)
    sums = [
        np.bincount(row, above, minlength=most)[:-1] - np.bincount(row, below, minlength=most)[1:]
        for row, above, below in rows
    ]
    cross = np.array(sums).reshape(len(index), most - 1) / n_obs
    real = ordered.is_threshold[index]
    weights = np.divide(cross, _normal_density(ordered.thresholds[index]), out=np.zeros_like(cross), where=real)
    by_category = weighted_threshold_influence(weights, ordered.cumulative[index])
    return np.take_along_axis(by_category, codes, axis=1)
