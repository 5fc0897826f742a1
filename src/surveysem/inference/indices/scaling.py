"""Scaling factors of the Yuan–Bentler statistic, for data that are not normal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from surveysem.linalg import inverse_positive_definite
from surveysem.typing import FloatArray, IntArray


def saturated_trace(
    centred: FloatArray, sample_covariance: FloatArray, *, has_means: bool = False, clusters: IntArray | None = None
) -> float:
    """tr(B₁A₁⁻¹) of the saturated model: half of (mean d⁴ − p), d² the squared Mahalanobis distance.

    A₁ is its expected and B₁ its first-order information. Under normality the value is p(p + 1)/2, and p more with
    means.

    Parameters
    ----------
    centred : array of shape (n, p)
        Observations less their means.
    sample_covariance : array of shape (p, p)
        Divided by *n*.
    has_means : bool
        Count the means too.
    clusters : int array of shape (n,), optional
        Cluster of each case; scores are summed within the *c* clusters, and the trace is stretched by c / (c − 1).
    """
    inverse = inverse_positive_definite(sample_covariance)
    if clusters is not None:
        return _clustered_trace(centred, sample_covariance, inverse, clusters, has_means=has_means)
    distances = np.sum((centred @ inverse) * centred, axis=1)
    return float((np.mean(distances**2) - centred.shape[1]) / 2.0) + (centred.shape[1] if has_means else 0)


def conditional_trace(
    centred: FloatArray, exogenous: NDArray[np.bool_], *, has_means: bool = False, clusters: IntArray | None = None
) -> float:
    """tr(B₁A₁⁻¹) of the saturated model of some variables given others, whose moments are no parameters.

    The parameters are the coefficients of the regression on the exogenous variables, the covariances of its residuals
    and, with means, its intercepts.

    Parameters
    ----------
    centred : array of shape (n, p)
        Observations less their means.
    exogenous : bool array of shape (p,)
        Which variables are given.
    has_means : bool
        Count the intercepts too.
    clusters : int array of shape (n,), optional
        As in :func:`saturated_trace`.
    """
    given, explained = centred[:, exogenous], centred[:, ~exogenous]
    residuals = explained - given @ np.linalg.lstsq(given, explained, rcond=None)[0]
    if clusters is not None:
        return _clustered_conditional_trace(_whitened(given), _whitened(residuals), clusters, has_means=has_means)
    of_given, of_residuals = (np.sum(_whitened(part) ** 2, axis=1) for part in (given, residuals))
    trace = float(np.mean(of_residuals**2) - explained.shape[1]) / 2.0 + float(np.mean(of_given * of_residuals))
    return trace + (explained.shape[1] if has_means else 0)


def _whitened(centred: FloatArray) -> FloatArray:
    """Uncorrelated linear combinations with variance 1, of shape (n, r)."""
    inverse = inverse_positive_definite(centred.T @ centred / len(centred))
    whitened: FloatArray = centred @ np.linalg.cholesky(inverse)
    return whitened


def _clustered_conditional_trace(
    given: FloatArray, residuals: FloatArray, clusters: IntArray, *, has_means: bool
) -> float:
    """Squared sums of the scores within the clusters, whose information is 1 after whitening."""
    total = 0.0
    found = np.unique(clusters)
    for cluster in found:
        own = residuals[clusters == cluster]
        total += float(np.sum((own.T @ own - len(own) * np.eye(own.shape[1])) ** 2)) / 2.0
        total += float(np.sum((own.T @ given[clusters == cluster]) ** 2))
        if has_means:
            total += float(np.sum(own.sum(axis=0) ** 2))
    return total * len(found) / (len(found) - 1) / len(given)


def _clustered_trace(
    centred: FloatArray, sample_covariance: FloatArray, inverse: FloatArray, clusters: IntArray, *, has_means: bool
) -> float:
    total = 0.0
    for cluster in np.unique(clusters):
        rows = centred[clusters == cluster]
        deviation = (rows.T @ rows - len(rows) * sample_covariance) @ inverse
        total += float(np.sum(deviation * deviation.T)) / 2.0
        if has_means:
            sums = rows.sum(axis=0)
            total += float(sums @ inverse @ sums)
    n_clusters = len(np.unique(clusters))
    return total * n_clusters / (n_clusters - 1) / len(centred)


def yuan_bentler_scaling_factor(
    *, saturated_trace: float, first_order: FloatArray, inverse_observed: FloatArray, degrees_of_freedom: int
) -> float:
    """Scaling factor *c* of the Yuan–Bentler statistic, in the form of Mplus and of lavaan's ``MLR``.

    c = [tr(B₁A₁⁻¹) − tr(B₀A₀⁻¹)] / df.

    Parameters
    ----------
    saturated_trace : float
        tr(B₁A₁⁻¹); see :func:`saturated_trace`.
    first_order, inverse_observed : arrays of shape (q, q)
        B₀ and A₀⁻¹ of one observation.
    degrees_of_freedom : int
        Of the model; 0 gives 1.

    References
    ----------
    yuan_bentler_2000
    """
    if degrees_of_freedom == 0:
        return 1.0
    model_trace = float(np.sum(inverse_observed * first_order))
    return abs(saturated_trace - model_trace) / degrees_of_freedom
