"""Standardised root mean square residual."""

from __future__ import annotations

import numpy as np

from surveysem.typing import FloatArray


def srmr(
    *, sample_covariance: FloatArray, implied_covariance: FloatArray, mean_residual: FloatArray | None = None
) -> float:
    """Standardised root mean square residual, Bentler's form (lavaan's ``srmr``).

    Residuals are divided by the sample standard deviations; the mean is over the p(p + 1)/2 distinct covariances and,
    in models with means, the p means.

    Parameters
    ----------
    sample_covariance, implied_covariance : arrays of shape (p, p)
        Same denominators.
    mean_residual : array of shape (p,), optional
        Sample less implied means, in models with means.

    References
    ----------
    bentler_1995

    Examples
    --------
    >>> srmr(sample_covariance=np.eye(2), implied_covariance=np.eye(2))
    0.0
    """
    scale = np.sqrt(np.diag(sample_covariance))
    residual = (sample_covariance - implied_covariance) / np.outer(scale, scale)
    distinct = residual[np.tril_indices_from(residual)]
    if mean_residual is not None:
        distinct = np.concatenate([distinct, mean_residual / scale])
    return float(np.sqrt(np.mean(distinct**2)))


def correlation_srmr(*, sample_covariance: FloatArray, implied_covariance: FloatArray, n_exogenous: int = 0) -> float:
    """Standardised root mean square residual of models with ordered variables (lavaan's ``srmr``).

    Variances count as fitted: their residuals are taken to be 0, but they count in the mean over p(p + 1)/2 moments.
    Thresholds and means do not count.

    Parameters
    ----------
    sample_covariance, implied_covariance : arrays of shape (p, p)
        Of latent responses with variance 1, and continuous variables; given observed exogenous variables.
    n_exogenous : int
        Number of these; lavaan counts each as one more moment that is fitted.

    References
    ----------
    bentler_1995

    Examples
    --------
    >>> correlation_srmr(sample_covariance=np.eye(2), implied_covariance=np.array([[1.0, 0.3], [0.3, 1.0]]))
    0.17320508075688773
    """
    scale = np.sqrt(np.diag(sample_covariance))
    residual = (sample_covariance - implied_covariance) / np.outer(scale, scale)
    p = len(residual)
    return float(np.sqrt(np.sum(residual[np.triu_indices(p, 1)] ** 2) / (p * (p + 1) / 2 + n_exogenous)))
