"""Samples made ready for least squares: ordered variables, or continuous ones free of distributional assumptions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import pandas as pd

from surveysem.data.fourth_moments import covariance_statistics
from surveysem.data.moments import SampleMoments, sample_moments
from surveysem.data.ordinal import OrdinalMoments, ordinal_moments
from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.estimation import Discrepancy, GeneralizedLeastSquares, LeastSquares
from surveysem.findings import Finding
from surveysem.linalg import inverse_positive_definite, is_positive_definite
from surveysem.typing import EstimatorName, FloatArray, LeastSquaresName

_SINGULAR = 1e-12


@dataclass(frozen=True, kw_only=True)
class Weighting:
    """How a group's statistics are made and weighted.

    Parameters
    ----------
    estimator : str
        Its name.
    ordered : tuple of str
        Ordered variables.
    has_means : bool
        Whether means are modelled.
    exogenous : tuple of str
        Observed exogenous variables.
    """

    estimator: EstimatorName
    ordered: tuple[str, ...]
    has_means: bool
    exogenous: tuple[str, ...] = ()

    @property
    def is_least_squares(self) -> bool:
        """Whether the estimator is one of least squares."""
        return self.estimator in get_args(LeastSquaresName)


def resolve_estimator(
    estimator: EstimatorName, *, ordered: Collection[str], missing: str
) -> tuple[EstimatorName, tuple[Finding, ...]]:
    """The estimator used: WLSMV in place of ML where variables are ordered, with a note that says so.

    Raises
    ------
    UnsupportedError
        For unknown estimators, and combinations that are not offered.
    """
    if estimator not in get_args(EstimatorName):
        raise UnsupportedError(f"There is no estimator {estimator!r}. Available: {', '.join(get_args(EstimatorName))}.")
    least_squares = [name for name in get_args(LeastSquaresName) if name != "GLS"]
    if missing == "fiml" and (ordered or estimator not in ("ML", "MLR")):
        what = "Ordered variables need" if ordered else f"estimator={estimator!r} needs"
        raise UnsupportedError(
            f"{what} complete rows. Available with missing='fiml': ML and MLR of continuous variables. Use "
            "missing='listwise', which leaves incomplete rows out and counts them."
        )
    if not ordered or estimator in least_squares:
        return estimator, ()
    if estimator != "ML":
        raise UnsupportedError(
            f"estimator={estimator!r} is not available with ordered variables. Available: {', '.join(least_squares)}."
        )
    message = "Ordered variables are fitted by WLSMV: diagonally weighted least squares with robust inference."
    return "WLSMV", (Finding(severity="note", where="estimator", message=message),)


def least_squares(
    frame: pd.DataFrame, variables: Sequence[str], weighting: Weighting
) -> tuple[SampleMoments, Discrepancy, tuple[Finding, ...]]:
    """Moments of complete rows of one group, the discrepancy to minimise, and what was noticed.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of one group.
    variables : sequence of str
        Observed variables of the model.
    weighting : Weighting
        Estimator and ordered variables.

    Raises
    ------
    DataError
        When the data cannot carry the statistics, or there are too few rows for a full weight matrix.
    """
    if weighting.ordered:
        return _of_ordered(frame, variables, weighting)
    sample = sample_moments(frame, variables)
    n = sample.n_obs
    sample = replace(sample, covariance=sample.covariance * n / (n - 1))
    if weighting.estimator == "GLS":
        inverse = inverse_positive_definite(sample.covariance)
        covariance = np.asarray(sample.covariance)
        return sample, GeneralizedLeastSquares(means=sample.means, covariance=covariance, inverse=inverse, n_obs=n), ()
    statistics, gamma = covariance_statistics(sample.observations, has_means=weighting.has_means)
    return sample, _discrepancy(statistics, gamma, n, weighting), ()


def _of_ordered(
    frame: pd.DataFrame, variables: Sequence[str], weighting: Weighting
) -> tuple[SampleMoments, Discrepancy, tuple[Finding, ...]]:
    explained = [name for name in variables if name not in weighting.exogenous]
    moments = ordinal_moments(frame, explained, weighting.ordered, weighting.exogenous)
    means, covariance = _joint_moments(moments, frame, variables)
    sample = SampleMoments(
        variables=tuple(variables),
        covariance=covariance,
        means=means,
        n_obs=moments.n_obs,
        observations=frame.loc[:, list(variables)].to_numpy(dtype=np.float64),
        thresholds=moments.thresholds,
    )
    discrepancy = _discrepancy(moments.statistics, moments.gamma, moments.n_obs, weighting)
    return sample, discrepancy, moments.findings


def _joint_moments(
    moments: OrdinalMoments, frame: pd.DataFrame, variables: Sequence[str]
) -> tuple[FloatArray, FloatArray]:
    """Means (p,) and covariances (p, p) of latent responses and of continuous variables, exogenous ones included.

    Those of the exogenous variables, divided by *n* − 1, are carried to the others by the slopes; means of latent
    responses stay 0.
    """
    names = (*moments.variables, *moments.exogenous)
    means = np.array([moments.means.get(name, 0.0) for name in names])
    covariance = np.zeros((len(names), len(names)))
    p = len(moments.variables)
    covariance[:p, :p] = moments.covariance
    if moments.exogenous:
        given = sample_moments(frame, moments.exogenous)
        among = given.covariance * given.n_obs / (given.n_obs - 1)
        effects = np.vstack([moments.slopes, np.eye(len(among))])
        covariance += effects @ among @ effects.T
        means[p:] = given.means
        continuous = [index for index, name in enumerate(moments.variables) if name in moments.means]
        means[continuous] += moments.slopes[continuous] @ given.means
    at = [names.index(name) for name in variables]
    return means[at], covariance[np.ix_(at, at)]


def _discrepancy(statistics: FloatArray, gamma: FloatArray, n_obs: int, weighting: Weighting) -> LeastSquares:
    if weighting.estimator == "WLS":
        weight = _full_weight(gamma, n_obs)
    elif weighting.estimator.startswith("ULS"):
        weight = np.ones(len(statistics))
    else:
        weight = 1.0 / np.diag(gamma)
    return LeastSquares(statistics=statistics, weight=weight, gamma=gamma, n_obs=n_obs)


def _full_weight(gamma: FloatArray, n_obs: int) -> FloatArray:
    scale = np.sqrt(np.diag(gamma))
    if not is_positive_definite(gamma / np.outer(scale, scale), tolerance=_SINGULAR):
        problem = Problem(
            where="the analysed rows",
            found=f"{n_obs} rows for {len(gamma)} statistics, whose covariance matrix is singular",
            remedy="Use an estimator with diagonal weights (WLSMV, DWLS, ULSMV), more rows or fewer variables.",
        )
        raise DataError("The weight matrix of WLS cannot be computed.", [problem])
    return inverse_positive_definite(gamma)
