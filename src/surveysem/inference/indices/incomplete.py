"""Statistics that robust fit indices of incomplete rows are made of.

Indices of the statistic of full information shrink where much is missing, since it weights misfit by what was observed.
These judge the saturated means and covariances as if rows were complete, at the estimates of full information.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from surveysem.data.missing import saturated_observed_information, saturated_scores
from surveysem.estimation import FullInformation, GroupSolution, Solution
from surveysem.estimation.discrepancy import ml_discrepancy
from surveysem.implied import covariance_jacobian, mean_jacobian
from surveysem.inference.indices.distances import GroupMoments, covariance_metric, expected_distance
from surveysem.inference.indices.statistics import ChiSquare, divided
from surveysem.inference.information import invert_information, summed_by_cluster
from surveysem.linalg import inverse_positive_definite
from surveysem.typing import EstimatorName, FloatArray

BoolArray: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Saturated:
    """What is known of the saturated moments of one group, those among observed exogenous variables left out.

    Parameters
    ----------
    group : GroupSolution
        The model of the group at its estimates.
    discrepancy : FullInformation
        Its discrepancy.
    exogenous, kept : bool arrays of shape (p,) and (s,)
        Which variables are exogenous, and which means and covariances (lower triangle, row by row) are explained.
    information : array of shape (k, k)
        Observed information of one observation on the moments that are explained.
    moments : GroupMoments
        Their covariance and how misfit is judged; no parameters yet.
    """

    group: GroupSolution
    discrepancy: FullInformation
    exogenous: BoolArray
    kept: BoolArray
    information: FloatArray
    moments: GroupMoments

    def with_parameters(self, jacobian: FloatArray) -> GroupMoments:
        """With the derivatives (k, q) of the implied moments, which full information weights by its information."""
        return replace(self.moments, jacobian=jacobian, loaded=self.information @ jacobian)


def complete_data_statistics(solution: Solution, estimator: EstimatorName) -> tuple[ChiSquare, ChiSquare] | None:
    """Statistics of the saturated moments were rows complete, of the model and of independence, with scaling factors.

    None where the observed information on the saturated moments is not positive definite.

    Parameters
    ----------
    solution : Solution
        A model of incomplete rows at the estimates of full information.
    estimator : str
        ML takes the covariance of the saturated moments from the observed information, MLR from the sandwich with
        first-order information, summed over clusters where there are any.

    Notes
    -----
    With complete rows the factors are 1 under ML, and the statistics those of maximum likelihood.

    References
    ----------
    zhang_savalei_2023
    """
    found = [_saturated(group, estimator) for group in solution.groups]
    groups = [each for each in found if each is not None]
    return (_model(solution, groups), _independence(groups)) if len(groups) == len(found) else None


def _saturated(group: GroupSolution, estimator: EstimatorName) -> _Saturated | None:
    discrepancy, exogenous = group.discrepancy, np.isin(group.moments.variables, group.table.exogenous_observed)
    assert isinstance(discrepancy, FullInformation)
    row, column = np.tril_indices(len(exogenous))
    kept = ~np.concatenate([exogenous, exogenous[row] & exogenous[column]])
    sample = discrepancy.saturated
    everything = saturated_observed_information(discrepancy.missing, sample.means, sample.covariance)
    information = _among(everything, kept)
    try:
        inverse = inverse_positive_definite(information)
    except np.linalg.LinAlgError:
        return None
    nothing = np.empty((len(information), 0))
    moments = GroupMoments(
        share=group.weight,
        gamma=_sandwich(group, discrepancy, inverse, kept) if estimator == "MLR" else inverse,
        jacobian=nothing,
        loaded=nothing,
        metric=_among(_metric(sample.covariance), kept),
    )
    return _Saturated(
        group=group, discrepancy=discrepancy, exogenous=exogenous, kept=kept, information=information, moments=moments
    )


def _among(matrix: FloatArray, kept: BoolArray) -> FloatArray:
    """Rows and columns that are kept; large matrices are not copied where that is all of them."""
    return matrix if kept.all() else matrix[np.ix_(kept, kept)]


def _sandwich(group: GroupSolution, discrepancy: FullInformation, inverse: FloatArray, kept: BoolArray) -> FloatArray:
    """Covariance (k, k) of the saturated moments that holds without normality."""
    missing, sample = discrepancy.missing, discrepancy.saturated
    scores = saturated_scores(missing, sample.means, sample.covariance)[:, kept]
    influence = summed_by_cluster(scores, group.moments.clusters) @ inverse
    covariance: FloatArray = influence.T @ influence / missing.n_obs
    return covariance


def _metric(covariance: FloatArray) -> FloatArray:
    """Information of one complete row on means and covariances, of shape (s, s)."""
    p = len(covariance)
    row, column = np.tril_indices(p)
    metric = np.zeros((p + len(row), p + len(row)))
    metric[:p, :p] = inverse_positive_definite(covariance)
    metric[p:, p:] = covariance_metric(covariance, row, column)
    return metric


def _model(solution: Solution, groups: list[_Saturated]) -> ChiSquare:
    implied = [each.group.implied for each in groups]
    plain = sum(_distance(each, at.mean, at.covariance) for each, at in zip(groups, implied, strict=True))
    df = solution.table.degrees_of_freedom
    if df == 0:
        return divided(plain, df, 1.0)
    parts = [each.with_parameters(_jacobian(each)) for each in groups]
    information = sum((part.share * part.jacobian.T @ part.loaded for part in parts), start=np.zeros(()))
    return divided(plain, df, expected_distance(parts, invert_information(information, solution)) / df)


def _jacobian(saturated: _Saturated) -> FloatArray:
    """Derivatives of the implied means and covariances that are explained, of shape (k, q)."""
    implied = saturated.group.implied
    row, column = np.tril_indices(len(saturated.exogenous))
    everything = np.hstack([mean_jacobian(implied), covariance_jacobian(implied)[:, row, column]])
    return np.ascontiguousarray(everything.T[saturated.kept])


def _distance(saturated: _Saturated, mean: FloatArray, covariance: FloatArray) -> float:
    """n times the discrepancy of the saturated moments from implied ones."""
    sample = saturated.discrepancy.saturated
    residual = sample.means - mean
    of_means = float(residual @ np.linalg.solve(covariance, residual))
    return saturated.discrepancy.missing.n_obs * (ml_discrepancy(covariance, sample.covariance) + of_means)


def _independence(groups: list[_Saturated]) -> ChiSquare:
    """Each variable has the mean and variance of the rows that have it; nothing is shared by groups."""
    plain, expected, df = 0.0, 0.0, 0
    for each in groups:
        plain += _distance(each, *_independent_moments(each))
        jacobian = _independent_jacobian(each)
        part = replace(each.with_parameters(jacobian), share=1.0)
        expected += expected_distance([part], inverse_positive_definite(part.jacobian.T @ part.loaded))
        df += len(jacobian) - jacobian.shape[1]
    return divided(plain, df, expected / df if df else 1.0)


def _independent_moments(saturated: _Saturated) -> tuple[FloatArray, FloatArray]:
    """Means and covariances of independent variables; observed exogenous ones, which are complete, keep theirs."""
    observations, exogenous = saturated.discrepancy.missing.observations, saturated.exogenous
    covariance = np.diag(np.nanvar(observations, axis=0))
    among = np.ix_(exogenous, exogenous)
    covariance[among] = saturated.discrepancy.saturated.covariance[among]
    return np.nanmean(observations, axis=0), covariance


def _independent_jacobian(saturated: _Saturated) -> FloatArray:
    """Derivatives of the moments that are explained with respect to the means and variances among them."""
    row, column = np.tril_indices(len(saturated.exogenous))
    free = np.concatenate([np.ones(len(saturated.exogenous), dtype=bool), row == column])[saturated.kept]
    return np.eye(len(free))[:, free]
