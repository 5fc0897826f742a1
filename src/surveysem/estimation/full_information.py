"""Full-information maximum likelihood: every row counts with the variables it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from surveysem.data.missing import (
    MissingMoments,
    PatternInformation,
    SaturatedMoments,
    likelihood_weights,
    mean_precision,
    observed_log_likelihood,
    pattern_information,
)
from surveysem.implied import (
    ImpliedMoments,
    element_columns,
    element_to_parameter,
    mean_gradient,
    mean_hessian,
    mean_products,
    mean_weights,
    trace_gradient,
    trace_hessian,
    trace_products,
)
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class FullInformation:
    """Normal-theory maximum likelihood from incomplete rows; F = 2/n (ln L saturated − ln L).

    Parameters
    ----------
    missing : MissingMoments
        Rows of one group, by pattern of missing values.
    saturated : SaturatedMoments
        Their unrestricted means and covariances.

    References
    ----------
    arbuckle_1996
    """

    missing: MissingMoments
    saturated: SaturatedMoments
    _kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def value(self, implied: ImpliedMoments) -> float:
        """F."""
        log_likelihood = observed_log_likelihood(self.missing, implied.mean, implied.covariance)
        return 2.0 / self.missing.n_obs * (self.saturated.log_likelihood - log_likelihood)

    def gradient(self, implied: ImpliedMoments) -> FloatArray:
        """∂F/∂θ of shape (q,), summed over patterns before it is carried to the parameters."""
        weights = likelihood_weights(self.missing, implied.mean, implied.covariance)
        return trace_gradient(implied, weights.covariance_weight) + mean_gradient(implied, weights.mean_gradient)

    def hessian(self, implied: ImpliedMoments) -> FloatArray:
        """Exact second derivatives."""
        weights = likelihood_weights(self.missing, implied.mean, implied.covariance)
        curvature = trace_hessian(implied, weights.covariance_weight) + mean_hessian(implied, weights.mean_gradient)
        return curvature + self.structured_hessian(implied)

    def expected_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """Expectation of the Hessian under the model, the missing values being missing completely at random."""
        pieces = self._pieces(implied)
        return _carried(implied, pieces.expected, pieces.mean)

    def metric_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """The expected Hessian with the patterns' average weight in place of each pattern's.

        It is exact for complete rows, a lower bound otherwise, and far cheaper: good enough to find the way by.
        """
        average = mean_precision(self.missing, implied.mean, implied.covariance)
        return trace_products(implied, implied.inverse, average) + 2.0 * mean_products(implied, average)

    def structured_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """The Hessian without the curvature of the model."""
        pieces = self._pieces(implied)
        return _carried(implied, pieces.observed, pieces.mean, cross=pieces.cross)

    def _pieces(self, implied: ImpliedMoments) -> PatternInformation:
        """Pieces of the Hessians, kept until they are asked for elsewhere: they are most of the work."""
        if self._kept.get("implied") is not implied:
            self._kept.update(implied=implied, pieces=self._made(implied))
        pieces: PatternInformation = self._kept["pieces"]
        return pieces

    def _made(self, implied: ImpliedMoments) -> PatternInformation:
        at = element_columns(implied.structure)
        return pattern_information(
            self.missing,
            implied.mean,
            implied.covariance,
            columns=implied.columns,
            u=at.u,
            v=at.v,
            scale=at.scale,
        )


def _carried(
    implied: ImpliedMoments, covariances: FloatArray, means: FloatArray, cross: FloatArray | None = None
) -> FloatArray:
    """Second derivatives with respect to Σ and μ carried to the parameters."""
    directions = implied.columns[:, element_columns(implied.structure).u] * mean_weights(implied)
    elements = covariances + 2.0 * directions.T @ means @ directions
    if cross is not None:
        crossed = cross @ directions
        elements = elements + crossed + crossed.T
    to_parameter = element_to_parameter(implied.structure)
    hessian: FloatArray = to_parameter.T @ elements @ to_parameter
    return (hessian + hessian.T) / 2.0
