"""Standardised root mean square residual."""

from __future__ import annotations

import numpy as np

from surveysem.typing import FloatArray


def srmr(*, sample_covariance: FloatArray, implied_covariance: FloatArray) -> float:
    """Standardised root mean square residual of covariances, Bentler's form (lavaan's ``srmr``).

    Residuals are divided by the sample standard deviations; the mean is over the p(p + 1)/2 distinct elements.

    Parameters
    ----------
    sample_covariance, implied_covariance : arrays of shape (p, p)
        Same denominators.

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
    return float(np.sqrt(np.mean(distinct**2)))
