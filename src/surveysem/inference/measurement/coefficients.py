"""Coefficients of measurement quality, each a plain function of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
from scipy.special import ndtr
from scipy.stats import f as f_distribution

from surveysem.data.ordinal.bivariate_normal import bivariate_normal_cdf
from surveysem.typing import FloatArray


def standardized_alpha(correlation: FloatArray) -> float:
    """Standardised alpha k r̄ / (1 + (k − 1) r̄): alpha of *k* items of equal variance.

    Parameters
    ----------
    correlation : array of shape (k, k)
        Of the items; polychoric correlations give ordinal alpha (Zumbo et al. 2007).

    References
    ----------
    cronbach_1951, zumbo_2007

    Examples
    --------
    >>> round(standardized_alpha(np.array([[1.0, 0.5], [0.5, 1.0]])), 4)
    0.6667
    """
    k = len(correlation)
    if k < 2:
        return nan
    mean = float((correlation.sum() - np.trace(correlation)) / (k * (k - 1)))
    return k * mean / (1.0 + (k - 1) * mean)


def feldt_interval(alpha: float, *, n_obs: int, n_items: int, level: float = 0.95) -> tuple[float, float]:
    """Feldt's interval of coefficient alpha.

    Parameters
    ----------
    alpha : float
        In the sample.
    n_obs, n_items : int
        Rows *n* and items *k*.
    level : float
        Confidence level, shared equally by both sides.

    Returns
    -------
    tuple of float
        Lower and upper limit; NaN for fewer than two items.

    Notes
    -----
    (1 − α̂)/(1 − α) follows F with n − 1 and (n − 1)(k − 1) degrees of freedom when items are normal and their true
    scores equal up to constants; ``alpha.ci()`` of the R package psych gives the same limits.

    References
    ----------
    feldt_1987

    Examples
    --------
    >>> [round(limit, 3) for limit in feldt_interval(0.79, n_obs=41, n_items=26)]
    [0.685, 0.873]
    """
    if n_items < 2:
        return nan, nan
    degrees = n_obs - 1, (n_obs - 1) * (n_items - 1)
    tail = (1.0 - level) / 2.0
    lower, upper = (1.0 - (1.0 - alpha) * float(f_distribution.ppf(p, *degrees)) for p in (1.0 - tail, tail))
    return lower, upper


def implied_average_variance_extracted(
    *, loadings: FloatArray, latent_variance: float, implied_variances: FloatArray
) -> float:
    """Average variance extracted Σλ²φ / Σσ: the share of the items' implied variances that one latent variable makes.

    Parameters
    ----------
    loadings, implied_variances : arrays of shape (k,)
        Unstandardised loadings on the latent variable, and the diagonal of the implied covariance matrix.
    latent_variance : float
        φ.

    Notes
    -----
    Σσ holds what cross-loadings and the covariances of the latent variables add. Without cross-loadings σ = λ²φ + θ,
    and this is Fornell and Larcker's form.

    References
    ----------
    fornell_larcker_1981

    Examples
    --------
    >>> implied_average_variance_extracted(loadings=np.array([1.0, 1.0]), latent_variance=1.0,
    ...                                    implied_variances=np.array([2.0, 2.0]))
    0.5
    """
    return float((loadings**2).sum() * latent_variance / implied_variances.sum())


def categorical_omega(*, common: FloatArray, total: FloatArray, thresholds: Sequence[FloatArray]) -> float:
    """Reliability of the sum of *k* ordered items' codes 0, 1, 2 …, from the model of their latent responses.

    Parameters
    ----------
    common : array of shape (k, k)
        Covariances that the latent variable makes among the latent responses, whose variance is 1; on the diagonal the
        squared standardised loadings.
    total : array of shape (k, k)
        Correlations of the latent responses: implied ones, or the sample's polychoric ones.
    thresholds : sequence of arrays
        Of each item, in units of the latent response's standard deviation.

    Notes
    -----
    The covariance of two items' codes is Σ Σ [Φ₂(τ_c, τ_d; ρ) − Φ(τ_c) Φ(τ_d)]. The numerator sums it over all pairs
    of items with ρ from *common*, an item with itself included as two parallel ones; the denominator is the variance
    of the sum with ρ from *total* and the variances of the codes on the diagonal. The R package semTools calls it
    ``omega`` of ``reliability()`` and ``compRelSEM(ord.scale = TRUE)``.

    Raises
    ------
    ValueError
        For a correlation beyond ±0.999.

    References
    ----------
    green_yang_2009

    Examples
    --------
    >>> halves = [np.zeros(1), np.zeros(1)]
    >>> common = np.full((2, 2), 0.5)
    >>> round(categorical_omega(common=common, total=np.array([[1.0, 0.5], [0.5, 1.0]]), thresholds=halves), 3)
    0.5
    """
    own = sum(_score_variance(each) for each in thresholds)
    between = _code_covariances(common, thresholds), _code_covariances(total - np.diag(np.diag(total)), thresholds)
    return float(between[0].sum() / (between[1].sum() + own))


def _code_covariances(correlation: FloatArray, thresholds: Sequence[FloatArray]) -> FloatArray:
    """Covariances (k, k) of codes; 0 where the correlation is 0."""
    found = np.zeros_like(correlation)
    for i, first in enumerate(thresholds):
        for j, second in enumerate(thresholds[: i + 1]):
            joint = bivariate_normal_cdf(first[None], second[None], correlation[[i], [j]])[0]
            found[i, j] = found[j, i] = float((joint - np.outer(ndtr(first), ndtr(second))).sum())
    return found


def _score_variance(thresholds: FloatArray) -> float:
    below = ndtr(thresholds)
    return float(np.minimum.outer(below, below).sum() - below.sum() ** 2)


def full_collinearity_vif(correlation: FloatArray) -> FloatArray:
    """Variance inflation factor of each of *m* latent variables given all others: the diagonal of R⁻¹, shape (m,).

    Parameters
    ----------
    correlation : array of shape (m, m)
        Of the latent variables or their scores; it must be positive definite.

    Notes
    -----
    Kock (2015) takes values above 3.3 for a sign of common method bias; they are as well a sign of constructs that are
    hard to tell apart, and low values do not exclude bias. The cut-off was proposed for scores: correlations of latent
    variables are larger, and so are their factors.

    References
    ----------
    kock_2015

    Examples
    --------
    >>> full_collinearity_vif(np.array([[1.0, 0.6], [0.6, 1.0]])).round(4)
    array([1.5625, 1.5625])
    """
    return np.diag(np.linalg.inv(correlation)).astype(np.float64)
