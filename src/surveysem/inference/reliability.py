"""Reliability and convergent validity of the scales of a measurement model."""

from __future__ import annotations

from math import nan

import numpy as np
import pandas as pd

from surveysem.estimation import GroupSolution
from surveysem.implied import Matrix, response_scales
from surveysem.typing import FloatArray


def alpha(covariance: FloatArray) -> float:
    """Coefficient alpha of the sum of *k* items.

    Parameters
    ----------
    covariance : array of shape (k, k)
        Sample covariance of the items; any denominator.

    References
    ----------
    cronbach_1951

    Examples
    --------
    >>> round(alpha(np.array([[1.0, 0.5], [0.5, 1.0]])), 4)
    0.6667
    """
    k = len(covariance)
    return nan if k < 2 else float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def composite_reliability(*, loadings: FloatArray, latent_variance: float, implied_covariance: FloatArray) -> float:
    """Composite reliability (Σλ)²φ / 1ᵀΣ1: common variance over the implied variance of the sum.

    Parameters
    ----------
    loadings : array of shape (k,)
        Unstandardised.
    latent_variance : float
        φ.
    implied_covariance : array of shape (k, k)
        Σ of the items, of which correlated residuals and cross-loadings are part.

    Notes
    -----
    Without cross-loadings this is (Σλ)²φ / [(Σλ)²φ + 1ᵀΘ1]; ``compRelSEM(obs.var = FALSE)`` of the R package semTools
    gives the same values.

    References
    ----------
    joreskog_1971, raykov_1997

    Examples
    --------
    >>> round(composite_reliability(loadings=np.array([1.0, 1.0]), latent_variance=1.0,
    ...                             implied_covariance=np.array([[2.0, 1.0], [1.0, 2.0]])), 4)
    0.6667
    """
    return float(loadings.sum() ** 2 * latent_variance / implied_covariance.sum())


def omega(*, loadings: FloatArray, latent_variance: float, sample_covariance: FloatArray) -> float:
    """McDonald's omega (Σλ)²φ / 1ᵀS1: as composite reliability, but over the observed variance of the sum.

    Parameters
    ----------
    loadings : array of shape (k,)
        Unstandardised.
    latent_variance : float
        φ.
    sample_covariance : array of shape (k, k)
        Of the items, divided by *n*.

    Notes
    -----
    ``compRelSEM()`` of the R package semTools gives the same values by default, ``reliability()`` as its ``omega3``.

    References
    ----------
    mcdonald_1999
    """
    return float(loadings.sum() ** 2 * latent_variance / sample_covariance.sum())


def average_variance_extracted(
    *, loadings: FloatArray, latent_variance: float, residual_variances: FloatArray
) -> float:
    """Average variance extracted Σλ²φ / (Σλ²φ + Σθ).

    Parameters
    ----------
    loadings, residual_variances : arrays of shape (k,)
        Unstandardised, as in ``AVE(obs.var = FALSE)`` of the R package semTools; items of larger variance weigh more.
        Standardised ones give the mean of the squared standardised loadings.
    latent_variance : float
        φ; 1 with standardised loadings.

    References
    ----------
    fornell_larcker_1981

    Examples
    --------
    >>> round(average_variance_extracted(loadings=np.array([0.8, 0.6]), latent_variance=1.0,
    ...                                  residual_variances=np.array([0.36, 0.64])), 2)
    0.5
    """
    common = float((loadings**2).sum() * latent_variance)
    return common / (common + float(residual_variances.sum()))


def reliability_table(solution: GroupSolution) -> pd.DataFrame:
    """Reliability of every latent variable that is measured by observed indicators only.

    Returns
    -------
    pandas.DataFrame
        Indexed by latent variable; columns n_items, alpha, omega, composite_reliability,
        average_variance_extracted, which is NaN where an item loads on another latent variable too.
    """
    names = [name for name in solution.table.latent if _observed_only(solution, name)]
    rows = [_reliability_of(solution, name) for name in names]
    return pd.DataFrame(rows, index=pd.Index(names, name="latent_variable"))


def _observed_only(solution: GroupSolution, name: str) -> bool:
    return all(item in solution.structure.observed for item in solution.table.indicators_of(name))


def _reliability_of(solution: GroupSolution, name: str) -> dict[str, float]:
    items = [solution.structure.observed.index(item) for item in solution.table.indicators_of(name)]
    latent = solution.structure.latent.index(name)
    matrices = solution.structure.matrices(solution.theta)
    loadings = matrices[Matrix.LOADINGS][items, latent]
    variance = float(solution.implied.latent_covariance[latent, latent])
    among = np.ix_(items, items)
    scales = response_scales(solution.implied)[items]
    sample = solution.moments.covariance[among] / np.outer(scales, scales)
    implied = solution.implied.covariance[among]
    residual_variances = np.diag(matrices[Matrix.RESIDUAL_COVARIANCE])[items]
    is_cross_loaded = (matrices[Matrix.LOADINGS][items] != 0).sum(axis=1).max() > 1
    return {
        "n_items": len(items),
        "alpha": alpha(sample),
        "omega": omega(loadings=loadings, latent_variance=variance, sample_covariance=sample),
        "composite_reliability": composite_reliability(
            loadings=loadings, latent_variance=variance, implied_covariance=implied
        ),
        "average_variance_extracted": nan
        if is_cross_loaded
        else average_variance_extracted(
            loadings=loadings, latent_variance=variance, residual_variances=residual_variances
        ),
    }
