"""The maximum likelihood discrepancy of one group, its gradient and its Hessians."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np

from surveysem.data.moments import SampleMoments
from surveysem.implied import (
    ImpliedMoments,
    cross_products,
    mean_gradient,
    mean_hessian,
    mean_products,
    trace_gradient,
    trace_hessian,
    trace_products,
)
from surveysem.linalg import log_determinant
from surveysem.typing import FloatArray


class Discrepancy(Protocol):
    """Distance between a group's sample and its implied moments.

    The statistic of fit is *n* times its minimum, and half its Hessian is the information of one observation. All
    methods raise :class:`numpy.linalg.LinAlgError` where the implied covariance is not positive definite.
    """

    def value(self, implied: ImpliedMoments) -> float:
        """F."""

    def gradient(self, implied: ImpliedMoments) -> FloatArray:
        """∂F/∂θ of shape (q,)."""

    def hessian(self, implied: ImpliedMoments) -> FloatArray:
        """∂²F/∂θ∂θᵀ of shape (q, q)."""

    def expected_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """Expectation of the Hessian under the model, of shape (q, q)."""

    def structured_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """The Hessian without the curvature of the model, of shape (q, q)."""


@runtime_checkable
class CostlyDiscrepancy(Discrepancy, Protocol):
    """A discrepancy whose exact Hessian costs many times a gradient."""

    def metric_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """A cheap positive definite stand-in for the Hessian, (q, q), to step and to measure distances by."""


def ml_discrepancy(implied_covariance: FloatArray, sample_covariance: FloatArray) -> float:
    """Maximum likelihood discrepancy F = ln|Σ| + tr(SΣ⁻¹) − ln|S| − p of a covariance structure.

    Parameters
    ----------
    implied_covariance, sample_covariance : arrays of shape (p, p)
        Σ and S, both positive definite; S divided by *n*.

    Raises
    ------
    numpy.linalg.LinAlgError
        When one of them is not positive definite.

    References
    ----------
    bollen_1989

    Examples
    --------
    >>> ml_discrepancy(np.eye(2), np.eye(2))
    0.0
    """
    weighted = np.linalg.solve(implied_covariance, sample_covariance)
    log_ratio = log_determinant(implied_covariance) - log_determinant(sample_covariance)
    return float(log_ratio + np.trace(weighted) - len(sample_covariance))


@dataclass(frozen=True, kw_only=True, eq=False)
class MaximumLikelihood:
    """Normal-theory maximum likelihood from complete data; means count where the model has them.

    F = ln|Σ| + tr(SΣ⁻¹) − ln|S| − p + (m − μ)ᵀ Σ⁻¹ (m − μ).

    Parameters
    ----------
    moments : SampleMoments
        Of one group; covariance divided by *n*.

    References
    ----------
    bollen_1989
    """

    moments: SampleMoments

    @cached_property
    def _log_determinant(self) -> float:
        return log_determinant(self.moments.covariance)

    def _residual(self, implied: ImpliedMoments) -> tuple[FloatArray, FloatArray]:
        """m − μ, and the covariance about μ."""
        if not implied.structure.has_means:
            return np.zeros(len(self.moments.variables)), self.moments.covariance
        difference = self.moments.means - implied.mean
        return difference, self.moments.covariance + np.outer(difference, difference)

    def value(self, implied: ImpliedMoments) -> float:
        """F."""
        _, about = self._residual(implied)
        log_ratio = implied.log_determinant - self._log_determinant
        return log_ratio + float(np.vdot(implied.inverse, about)) - len(about)

    def gradient(self, implied: ImpliedMoments) -> FloatArray:
        """tr[(W − WTW) ∂Σ] − 2 dᵀW ∂μ, with W = Σ⁻¹ and T the covariance about μ."""
        difference, about = self._residual(implied)
        inverse = implied.inverse
        gradient = trace_gradient(implied, inverse - inverse @ about @ inverse)
        if implied.structure.has_means:
            gradient = gradient - 2.0 * mean_gradient(implied, inverse @ difference)
        return gradient

    def hessian(self, implied: ImpliedMoments) -> FloatArray:
        """Exact second derivatives: tr[(W − WTW) ∂²Σ] + tr[(2 WTW − W) ∂Σa W ∂Σb], and those of the means."""
        difference, about = self._residual(implied)
        inverse = implied.inverse
        weighted = inverse @ about @ inverse
        curvature = trace_hessian(implied, inverse - weighted)
        if implied.structure.has_means:
            curvature = curvature - 2.0 * mean_hessian(implied, inverse @ difference)
        return curvature + self.structured_hessian(implied)

    def structured_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """tr[(2 WTW − W) ∂Σa W ∂Σb] and its counterparts for means: no second derivatives of Σ and μ."""
        difference, about = self._residual(implied)
        inverse = implied.inverse
        hessian = trace_products(implied, 2.0 * inverse @ about @ inverse - inverse, inverse)
        if not implied.structure.has_means:
            return hessian
        cross = 2.0 * cross_products(implied, inverse @ difference, inverse)
        return hessian + cross + cross.T + 2.0 * mean_products(implied, inverse)

    def expected_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """tr(W ∂Σa W ∂Σb) + 2 ∂μaᵀ W ∂μb."""
        inverse = implied.inverse
        hessian = trace_products(implied, inverse, inverse)
        return hessian + 2.0 * mean_products(implied, inverse) if implied.structure.has_means else hessian
