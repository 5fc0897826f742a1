"""The likelihood-ratio statistics of a model and of the model of independence, plain and corrected."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from surveysem.data.missing import saturated_observed_information, saturated_scores, saturated_trace_missing
from surveysem.estimation import FullInformation, GroupSolution, Solution
from surveysem.inference.indices.likelihood import log_likelihood
from surveysem.inference.indices.scaling import (
    conditional_trace,
    saturated_trace,
    yuan_bentler_scaling_factor,
)
from surveysem.inference.information import (
    expected_information,
    first_order_information,
    invert_information,
    observed_information,
    structured_information,
    summed_by_cluster,
)
from surveysem.inference.least_squares import (
    UNCORRECTED,
    independence_statistic,
    independence_traces,
    is_least_squares,
    residual_traces,
    weight_information,
)
from surveysem.inference.satorra_bentler import ScalingTraces, independence_scaling, scaling_traces
from surveysem.linalg import log_determinant
from surveysem.typing import EstimatorName, FloatArray, IntArray


@dataclass(frozen=True, kw_only=True)
class ChiSquare:
    """A likelihood-ratio statistic and its correction for non-normality.

    Parameters
    ----------
    plain : float
        *n* times the discrepancy.
    degrees_of_freedom : int
        Of the plain statistic.
    mean_factor : float
        tr(UΓ) / df, which robust versions of fit indices use; 1 without correction.
    scaled : float
        Corrected statistic.
    scaled_degrees_of_freedom : float
        Of the corrected statistic.
    factor : float
        Number the statistic was divided by.
    shift : float
        Number then added (``MLMV``).
    """

    plain: float
    degrees_of_freedom: int
    mean_factor: float
    scaled: float
    scaled_degrees_of_freedom: float
    factor: float
    shift: float = 0.0


def uncorrected(plain: float, degrees_of_freedom: int) -> ChiSquare:
    """The statistic as it stands."""
    return divided(plain, degrees_of_freedom, 1.0)


def divided(plain: float, degrees_of_freedom: int, factor: float) -> ChiSquare:
    """The statistic divided by a factor that gives it the mean of its degrees of freedom.

    References
    ----------
    satorra_bentler_1994, yuan_bentler_2000
    """
    return ChiSquare(
        plain=plain,
        degrees_of_freedom=degrees_of_freedom,
        mean_factor=factor,
        scaled=plain / factor,
        scaled_degrees_of_freedom=float(degrees_of_freedom),
        factor=factor,
    )


def mean_and_variance_adjusted(plain: float, degrees_of_freedom: int, traces: ScalingTraces) -> ChiSquare:
    """The statistic with mean and variance corrected by fractional degrees of freedom (Satterthwaite; ``MLMVS``).

    References
    ----------
    satorra_bentler_1994
    """
    adjusted = traces.trace**2 / traces.trace_of_square
    factor = traces.trace / adjusted
    return ChiSquare(
        plain=plain,
        degrees_of_freedom=degrees_of_freedom,
        mean_factor=traces.trace / degrees_of_freedom,
        scaled=plain / factor,
        scaled_degrees_of_freedom=adjusted,
        factor=factor,
    )


def scaled_and_shifted(plain: float, degrees_of_freedom: int, traces: ScalingTraces) -> ChiSquare:
    """The statistic scaled and shifted to the mean and variance of its degrees of freedom (``MLMV``).

    References
    ----------
    asparouhov_muthen_2010
    """
    scale = sqrt(degrees_of_freedom / traces.trace_of_square)
    shift = degrees_of_freedom - scale * traces.trace
    return ChiSquare(
        plain=plain,
        degrees_of_freedom=degrees_of_freedom,
        mean_factor=traces.trace / degrees_of_freedom,
        scaled=scale * plain + shift,
        scaled_degrees_of_freedom=float(degrees_of_freedom),
        factor=1.0 / scale,
        shift=shift,
    )


_CORRECTIONS = {
    **dict.fromkeys(("MLMV", "WLSMV", "ULSMV"), scaled_and_shifted),
    **dict.fromkeys(("MLMVS", "WLSMVS", "ULSMVS"), mean_and_variance_adjusted),
}


def model_statistic(solution: Solution, estimator: EstimatorName, *, curved: bool = True) -> ChiSquare:
    """Statistic of the model under an estimator; *curved* counts the model's curvature in the information of MLR."""
    plain, df = solution.n_obs * solution.discrepancy, solution.table.degrees_of_freedom
    if estimator == "ML" or estimator in UNCORRECTED or df == 0:
        return uncorrected(plain, df)
    if is_least_squares(solution):
        inverse = invert_information(weight_information(solution), solution)
        return _corrected(plain, df, estimator, residual_traces(solution, inverse))
    if estimator == "MLR":
        return divided(plain, df, _yuan_bentler(solution, curved=curved))
    inverse = invert_information(expected_information(solution), solution)
    return _corrected(plain, df, estimator, scaling_traces(solution.groups, inverse))


def baseline_statistic(solution: Solution, estimator: EstimatorName) -> ChiSquare:
    """Statistic of the model of independence under an estimator."""
    p, n_exogenous = len(solution.table.observed), len(solution.table.exogenous_observed)
    df = len(solution.groups) * (p * (p - 1) // 2 - n_exogenous * (n_exogenous - 1) // 2)
    if is_least_squares(solution):
        # Given observed exogenous variables, slopes on them are free.
        pairs = (p - n_exogenous) * (p - n_exogenous - 1) // 2
        return _least_squares_baseline(solution, estimator, len(solution.groups) * pairs)
    plain = solution.n_obs * sum(group.weight * _independence_discrepancy(group) for group in solution.groups)
    if estimator == "ML" or df == 0:
        return uncorrected(plain, df)
    if estimator == "MLR":
        return divided(plain, df, abs(_saturated_trace(solution) - independence_trace(solution)) / df)
    return _corrected(plain, df, estimator, independence_scaling(solution))


def _least_squares_baseline(solution: Solution, estimator: EstimatorName, df: int) -> ChiSquare:
    plain = independence_statistic(solution)
    if estimator in UNCORRECTED or df == 0:
        return uncorrected(plain, df)
    return _corrected(plain, df, estimator, independence_traces(solution))


def _corrected(plain: float, df: int, estimator: EstimatorName, traces: ScalingTraces) -> ChiSquare:
    if estimator in _CORRECTIONS:
        return _CORRECTIONS[estimator](plain, df, traces)
    return divided(plain, df, traces.trace / df)


def _yuan_bentler(solution: Solution, *, curved: bool) -> float:
    information = observed_information(solution) if curved else structured_information(solution)
    return yuan_bentler_scaling_factor(
        saturated_trace=_saturated_trace(solution),
        first_order=first_order_information(solution),
        inverse_observed=invert_information(information, solution),
        degrees_of_freedom=solution.table.degrees_of_freedom,
    )


def _saturated_trace(solution: Solution) -> float:
    """Over all groups."""
    return sum(_group_saturated_trace(group) for group in solution.groups)


def _group_saturated_trace(group: GroupSolution) -> float:
    exogenous = np.isin(group.moments.variables, group.table.exogenous_observed)
    if isinstance(group.discrepancy, FullInformation):
        return _incomplete_saturated_trace(group.discrepancy, exogenous, group.moments.clusters)
    if exogenous.any():
        clusters = group.moments.clusters
        return conditional_trace(_centred(group), exogenous, has_means=group.structure.has_means, clusters=clusters)
    return saturated_trace(
        _centred(group),
        group.moments.covariance,
        has_means=group.structure.has_means,
        clusters=group.moments.clusters,
    )


def _incomplete_saturated_trace(
    discrepancy: FullInformation, exogenous: NDArray[np.bool_], clusters: IntArray | None
) -> float:
    """Over the moments that the model explains: those among observed exogenous variables are no parameters."""
    missing, saturated = discrepancy.missing, discrepancy.saturated
    if clusters is None and not exogenous.any():
        return saturated_trace_missing(missing, saturated)
    row, column = np.tril_indices(len(exogenous))
    kept = ~np.concatenate([exogenous, exogenous[row] & exogenous[column]])
    at = (missing, saturated.means, saturated.covariance)
    information = saturated_observed_information(*at)[np.ix_(kept, kept)]
    scores = summed_by_cluster(saturated_scores(*at)[:, kept], clusters)
    return float(np.sum(np.linalg.inv(information) * (scores.T @ scores))) / missing.n_obs


def independence_trace(solution: Solution) -> float:
    """tr(B₀A₀⁻¹) of the model of independence over all groups; ½ Σ(κᵢ − 1) in each without clusters, κ the kurtosis."""
    return sum(_independence_trace(group) for group in solution.groups)


def _independence_trace(group: GroupSolution) -> float:
    if isinstance(group.discrepancy, FullInformation):
        explained = ~np.isin(group.moments.variables, group.table.exogenous_observed)
        observations = group.discrepancy.missing.observations[:, explained]
        return _incomplete_independence_trace(observations, group.moments.clusters)
    explained = ~np.isin(group.moments.variables, group.table.exogenous_observed)
    scaled = (_centred(group) / np.sqrt(np.diag(group.moments.covariance)))[:, explained]
    variances = summed_by_cluster((scaled**2 - 1.0) / 2.0, group.moments.clusters)
    means = summed_by_cluster(scaled, group.moments.clusters)
    total = 2.0 * float(np.sum(variances**2))
    return (total + float(np.sum(means**2)) if group.structure.has_means else total) / len(scaled)


def _incomplete_independence_trace(observations: FloatArray, clusters: IntArray | None) -> float:
    """Each variable has the mean and variance of the rows that have it."""
    shares = np.isfinite(observations).mean(axis=0)
    centred = observations - np.nanmean(observations, axis=0)
    scaled = np.nan_to_num(centred / np.sqrt(np.nanmean(centred**2, axis=0)))
    variances = np.where(np.isfinite(observations), (scaled**2 - 1.0) / 2.0, 0.0)
    squares = 2.0 * summed_by_cluster(variances, clusters) ** 2 + summed_by_cluster(scaled, clusters) ** 2
    return float(np.sum(squares.sum(axis=0) / shares)) / len(observations)


def _centred(group: GroupSolution) -> FloatArray:
    centred: FloatArray = group.moments.observations - group.moments.means
    return centred


def _independence_discrepancy(group: GroupSolution) -> float:
    """F of independence in one group; observed exogenous variables keep their covariances."""
    if isinstance(group.discrepancy, FullInformation):
        return _incomplete_independence(group, group.discrepancy)
    covariance = group.moments.covariance
    exogenous = np.isin(group.moments.variables, group.table.exogenous_observed)
    free = np.log(np.diag(covariance)[~exogenous]).sum()
    kept = covariance[np.ix_(exogenous, exogenous)]
    return float(free) + (log_determinant(kept) if exogenous.any() else 0.0) - log_determinant(covariance)


def _incomplete_independence(group: GroupSolution, discrepancy: FullInformation) -> float:
    """F of independence in incomplete rows; observed exogenous variables are complete."""
    observations, n_obs = discrepancy.missing.observations, discrepancy.missing.n_obs
    exogenous = np.isin(group.moments.variables, group.table.exogenous_observed)
    counts = np.isfinite(observations).sum(axis=0)
    variances = np.nanvar(observations, axis=0)
    each = -counts / 2.0 * (np.log(2.0 * np.pi * variances) + 1.0)
    total = float(each[~exogenous].sum())
    if exogenous.any():
        total += normal_log_likelihood(np.array(group.moments.covariance)[np.ix_(exogenous, exogenous)], n_obs)
    return 2.0 / n_obs * (discrepancy.saturated.log_likelihood - total)


def normal_log_likelihood(covariance: FloatArray, n_obs: int) -> float:
    """Log-likelihood of complete normal rows at their own means and *covariance* (p, p)."""
    return log_likelihood(
        discrepancy=0.0, log_determinant_sample=log_determinant(covariance), n_variables=len(covariance), n_obs=n_obs
    )
