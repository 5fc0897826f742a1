"""How strongly information criteria speak for each of several models."""

from __future__ import annotations

import numpy as np

from surveysem.typing import FloatArray


def akaike_weights(aic: FloatArray) -> FloatArray:
    """Akaike weights exp(−Δ/2) / Σ exp(−Δ/2), with Δ the difference to the smallest AIC, of shape (k,).

    Parameters
    ----------
    aic : array of shape (k,)
        Of models of the same data; NaN where there is none, which has no weight (NaN).

    Notes
    -----
    Of the models compared, and of these alone, the weight is how probable it is that one predicts new answers best.

    References
    ----------
    burnham_anderson_2004, wagenmakers_farrell_2004

    Examples
    --------
    >>> akaike_weights(np.array([204.0, 202.0, 206.0, 206.0, 214.0])).round(3)
    array([0.224, 0.609, 0.082, 0.082, 0.002])
    """
    if np.isnan(aic).all():
        return np.full(len(aic), np.nan)
    likelihood = np.exp(-0.5 * (aic - np.nanmin(aic)))
    weights: FloatArray = likelihood / np.nansum(likelihood)
    return weights
