"""Least-squares discrepancies: sample against implied statistics, with fixed weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveysem.implied import (
    ImpliedMoments,
    has_exact_hessian,
    implied_statistics,
    mean_gradient,
    mean_hessian,
    mean_products,
    statistics_hessian,
    statistics_jacobian,
    trace_gradient,
    trace_hessian,
    trace_products,
)
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class LeastSquares:
    """F = (n − 1)/n (s − σ)ᵀ V (s − σ), so that the statistic of fit is n − 1 times the sum of squares.

    Parameters
    ----------
    statistics : array of shape (k,)
        Those of the sample, in the order of :func:`~surveysem.implied.implied_statistics`; covariances of continuous
        variables divided by *n* − 1.
    weight : array of shape (k,) or (k, k)
        V, or its diagonal.
    gamma : array of shape (k, k)
        Asymptotic covariance matrix of √n times the statistics.
    n_obs : int
        Rows of the group, *n*.

    References
    ----------
    browne_1984, muthen_1984
    """

    statistics: FloatArray
    weight: FloatArray
    gamma: FloatArray
    n_obs: int

    @property
    def correction(self) -> float:
        """(n − 1)/n."""
        return (self.n_obs - 1) / self.n_obs

    def weighted(self, values: FloatArray) -> FloatArray:
        """V times *values* of shape (k,) or (k, r)."""
        if self.weight.ndim == 2:
            return np.asarray(self.weight @ values)
        return (self.weight * values.T).T

    def value(self, implied: ImpliedMoments) -> float:
        """F."""
        residual = self.statistics - implied_statistics(implied)
        return self.correction * float(residual @ self.weighted(residual))

    def gradient(self, implied: ImpliedMoments) -> FloatArray:
        """−2 ∂σᵀ V (s − σ), of shape (q,), times (n − 1)/n."""
        residual = self.statistics - implied_statistics(implied)
        gradient: FloatArray = -2.0 * self.correction * (self.weighted(residual) @ statistics_jacobian(implied))
        return gradient

    def hessian(self, implied: ImpliedMoments) -> FloatArray:
        """Second derivatives of shape (q, q); without the curvature of σ where ordered variables act as latent."""
        expected = self.expected_hessian(implied)
        if not has_exact_hessian(implied.structure):
            return expected
        residual = self.statistics - implied_statistics(implied)
        return expected - 2.0 * self.correction * statistics_hessian(implied, self.weighted(residual))

    def expected_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """2 ∂σᵀ V ∂σ, of shape (q, q), times (n − 1)/n."""
        jacobian = statistics_jacobian(implied)
        hessian: FloatArray = 2.0 * self.correction * (jacobian.T @ self.weighted(jacobian))
        return (hessian + hessian.T) / 2.0

    def structured_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """The same: the weights do not depend on the model."""
        return self.expected_hessian(implied)


@dataclass(frozen=True, kw_only=True, eq=False)
class GeneralizedLeastSquares:
    """F = (n − 1)/n {½ tr[(I − S⁻¹Σ)²] + (m − μ)ᵀ S⁻¹ (m − μ)}; means count where the model has them.

    Parameters
    ----------
    means : array of shape (p,)
        m.
    covariance, inverse : arrays of shape (p, p)
        S, divided by *n* − 1, and its inverse.
    n_obs : int
        Rows of the group, *n*.

    References
    ----------
    browne_1974
    """

    means: FloatArray
    covariance: FloatArray
    inverse: FloatArray
    n_obs: int

    @property
    def correction(self) -> float:
        """(n − 1)/n."""
        return (self.n_obs - 1) / self.n_obs

    def _residuals(self, implied: ImpliedMoments) -> tuple[FloatArray, FloatArray]:
        """S⁻¹(m − μ) of shape (p,), zero without means, and S − Σ."""
        differs = self.inverse @ (self.means - implied.mean)
        return differs if implied.structure.has_means else np.zeros_like(differs), self.covariance - implied.covariance

    def value(self, implied: ImpliedMoments) -> float:
        """F."""
        of_mean, residual = self._residuals(implied)
        weighted = self.inverse @ residual
        return self.correction * float(np.sum(weighted * weighted.T) / 2.0 + of_mean @ self.covariance @ of_mean)

    def gradient(self, implied: ImpliedMoments) -> FloatArray:
        """∂F/∂θ of shape (q,)."""
        of_mean, residual = self._residuals(implied)
        gradient = -trace_gradient(implied, self.inverse @ residual @ self.inverse)
        if implied.structure.has_means:
            gradient = gradient - 2.0 * mean_gradient(implied, of_mean)
        return self.correction * gradient

    def hessian(self, implied: ImpliedMoments) -> FloatArray:
        """Exact second derivatives."""
        of_mean, residual = self._residuals(implied)
        curvature = -trace_hessian(implied, self.inverse @ residual @ self.inverse)
        if implied.structure.has_means:
            curvature = curvature - 2.0 * mean_hessian(implied, of_mean)
        return self.correction * curvature + self.expected_hessian(implied)

    def expected_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """tr(S⁻¹ ∂Σa S⁻¹ ∂Σb) + 2 ∂μaᵀ S⁻¹ ∂μb, times (n − 1)/n."""
        hessian = trace_products(implied, self.inverse, self.inverse)
        if implied.structure.has_means:
            hessian = hessian + 2.0 * mean_products(implied, self.inverse)
        return self.correction * hessian

    def structured_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """The same: the weights do not depend on the model."""
        return self.expected_hessian(implied)
