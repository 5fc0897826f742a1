"""The log-likelihood of incomplete rows and its gradient with respect to the moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveysem.data.missing.conditioning import Conditioning, conditioning, mean_inverse
from surveysem.data.missing.layout import PatternLayout
from surveysem.data.missing.patterns import MissingMoments
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class LikelihoodWeights:
    """Log-likelihood of incomplete rows, and the gradient of F = −2/n log L.

    Parameters
    ----------
    log_likelihood : float
        Sum over the rows, with the constant.
    mean_gradient : array of shape (p,)
        ∂F/∂μ.
    covariance_weight : array of shape (p, p)
        Q of dF = tr(Q dΣ), symmetric.
    """

    log_likelihood: float
    mean_gradient: FloatArray
    covariance_weight: FloatArray

    def __post_init__(self) -> None:
        self.mean_gradient.setflags(write=False)
        self.covariance_weight.setflags(write=False)


def observed_log_likelihood(missing: MissingMoments, mu: FloatArray, sigma: FloatArray) -> float:
    """Log-likelihood of the observed values under normality.

    Parameters
    ----------
    missing : MissingMoments
        The rows.
    mu, sigma : arrays of shape (p,) and (p, p)
        Mean and covariance.

    Raises
    ------
    numpy.linalg.LinAlgError
        When *sigma* is not positive definite.

    Examples
    --------
    >>> import pandas as pd
    >>> from surveysem.data.missing import missing_patterns
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, np.nan], "b": [2.0, 1.0, np.nan, 4.0]})
    >>> round(observed_log_likelihood(missing_patterns(frame, ["a", "b"]), np.array([2.0, 2.0]), np.eye(2)), 4)
    -9.0136
    """
    return _log_likelihood(missing.layout, conditioning(missing.layout, mu, sigma))


def likelihood_weights(missing: MissingMoments, mu: FloatArray, sigma: FloatArray) -> LikelihoodWeights:
    """Log-likelihood of the observed values and the gradient of F = −2/n log L.

    Parameters
    ----------
    missing : MissingMoments
        The rows.
    mu, sigma : arrays of shape (p,) and (p, p)
        Mean and covariance.

    Raises
    ------
    numpy.linalg.LinAlgError
        When *sigma* is not positive definite.

    Notes
    -----
    With W_k the inverse of the observed block of Σ, padded with zeros, d_k = m_k − μ and T_k = S_k + d_k d_kᵀ,
    Q = Σ_k n_k/n (W_k − W_k T_k W_k) and ∂F/∂μ = −2 Σ_k n_k/n W_k d_k.

    Examples
    --------
    >>> import pandas as pd
    >>> from surveysem.data.missing import missing_patterns
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, np.nan], "b": [2.0, 1.0, np.nan, 4.0]})
    >>> likelihood_weights(missing_patterns(frame, ["a", "b"]), np.array([1.0, 2.0]), np.eye(2)).mean_gradient
    array([-1.5, -0.5])
    """
    return weights_at(missing.layout, mu, sigma)


def weights_at(layout: PatternLayout, mu: FloatArray, sigma: FloatArray) -> LikelihoodWeights:
    """:func:`likelihood_weights` of rows laid out by pattern."""
    at = conditioning(layout, mu, sigma)
    return LikelihoodWeights(
        log_likelihood=_log_likelihood(layout, at),
        mean_gradient=-2.0 / layout.n_obs * (layout.shift @ at.solved),
        covariance_weight=mean_inverse(layout, at) - at.solved.T @ at.solved / layout.n_obs,
    )


def _log_likelihood(layout: PatternLayout, at: Conditioning) -> float:
    constant = layout.counts @ layout.observed.sum(axis=1) * np.log(2.0 * np.pi)
    determinants = layout.counts @ at.log_determinants
    distances = np.vdot(at.residuals, at.solved)
    return float(-0.5 * (constant + determinants + distances))
