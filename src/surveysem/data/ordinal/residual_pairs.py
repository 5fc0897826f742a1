"""Second stage beside observed exogenous variables: correlations of residual latent responses, pair by pair.

Given the exogenous variables, every row has limits of its own, so that likelihoods are sums over rows, not over cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import ndtr

from surveysem.data.ordinal.bivariate_normal import bivariate_normal_cdf, bivariate_normal_density
from surveysem.data.ordinal.columns import BoolArray
from surveysem.data.ordinal.polyserial import Interval, end_derivatives, score_and_slope
from surveysem.data.ordinal.regressions import Limits, LinearRegression, OrderedRegression, limit_scores
from surveysem.data.ordinal.roots import score_roots
from surveysem.typing import FloatArray, IntArray

FirstStage: TypeAlias = OrderedRegression | LinearRegression

_IMPROBABLE = float(np.sqrt(np.finfo(np.float64).eps))  # a difference of probabilities below it keeps too few digits
_ROUNDING = 1e-16
_SMALLEST = np.finfo(np.float64).tiny


@dataclass(frozen=True, kw_only=True, eq=False)
class ResidualPair:
    """Correlation of the residuals of two variables.

    Parameters
    ----------
    correlation : float
        Estimate.
    influence : ndarray, shape (n,)
        Influence of each row on it.
    is_improbable : bool
        Whether the score of a row was set to 0 because its probability is too small.
    """

    correlation: float
    influence: FloatArray
    is_improbable: bool


def residual_pair(first: FirstStage, second: FirstStage) -> ResidualPair:
    """Polychoric, polyserial or product-moment correlation of residuals, the first stage held fixed.

    References
    ----------
    muthen_1984
    """
    if isinstance(first, OrderedRegression):
        if isinstance(second, OrderedRegression):
            return _polychoric(first, second)
        return _polyserial(first, second)
    if isinstance(second, OrderedRegression):
        return _polyserial(second, first)
    return _pearson(first, second)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rectangles:
    """Limits of two residual latent responses in each row."""

    first: FloatArray  # lower and upper, (n, 2)
    second: FloatArray

    @classmethod
    def of(cls, first: Limits, second: Limits) -> _Rectangles:
        return cls(
            first=np.column_stack([first.lower, first.upper]), second=np.column_stack([second.lower, second.upper])
        )

    def probability(self, correlation: float) -> FloatArray:
        below = bivariate_normal_cdf(self.first, self.second, np.full(len(self.first), correlation))
        return _differences(below)

    def derivatives(self, correlation: float) -> tuple[FloatArray, FloatArray]:
        """First and second derivative of the probabilities with respect to the correlation, each (n,)."""
        density = bivariate_normal_density(self.first, self.second, np.full(len(self.first), correlation))
        rest = 1.0 - correlation**2
        h, k = self.first[:, :, None], self.second[:, None, :]
        slope = density * (correlation / rest + (h - correlation * k) * (k - correlation * h) / rest**2)
        return _differences(density), _differences(slope)

    def limit_derivatives(self, correlation: float) -> tuple[FloatArray, FloatArray]:
        """Derivatives of the probabilities with respect to lower and upper limit of the first variable, each (n,)."""
        rest = np.sqrt(1.0 - correlation**2)
        below = ndtr((self.second[:, None, :] - correlation * self.first[:, :, None]) / rest)
        density = np.exp(-(self.first**2) / 2.0) / np.sqrt(2.0 * np.pi)
        slopes = density * (below[:, :, 1] - below[:, :, 0])
        return -slopes[:, 0], slopes[:, 1]

    def turned(self) -> _Rectangles:
        return _Rectangles(first=self.second, second=self.first)


def _differences(corners: FloatArray) -> FloatArray:
    differences: FloatArray = corners[:, 1, 1] - corners[:, 0, 1] - corners[:, 1, 0] + corners[:, 0, 0]
    return differences


def _polychoric(first: OrderedRegression, second: OrderedRegression) -> ResidualPair:
    rectangles = _Rectangles.of(first.limits, second.limits)

    def score(correlation: FloatArray, _: IntArray) -> tuple[FloatArray, FloatArray]:
        rho = float(correlation[0])
        probability = np.maximum(rectangles.probability(rho), _ROUNDING)
        slope, curvature = (derivative / probability for derivative in rectangles.derivatives(rho))
        return np.array([slope.sum()]), np.array([(curvature - slope**2).sum()])

    rho = float(score_roots(score, _one_step(_residual_scores(first), _residual_scores(second)))[0])
    probability = rectangles.probability(rho)
    is_reliable = probability > _IMPROBABLE
    inverse = np.divide(1.0, probability, out=np.zeros_like(probability), where=is_reliable)
    scores = rectangles.derivatives(rho)[0] * inverse
    weighted = scores * inverse
    through_first, through_second = (
        variable.through(*(weighted * slope for slope in turned.limit_derivatives(rho)))
        for variable, turned in ((first, rectangles), (second, rectangles.turned()))
    )
    return _pair(rho, scores, through_first + through_second, is_reliable)


def _residual_scores(variable: OrderedRegression) -> FloatArray:
    """Expected residual of the latent response in each row, given its category: minus the sum of the limit scores."""
    at_lower, at_upper = limit_scores(variable.limits)
    return -(at_lower + at_upper)


def _one_step(first: FloatArray, second: FloatArray) -> FloatArray:
    """One step of scoring from independence, where the score is the product of the residual scores, shape (1,)."""
    return np.array([np.sum(first * second) / np.sum(first**2 * second**2)])


def _polyserial(ordered: OrderedRegression, continuous: LinearRegression) -> ResidualPair:
    limits, z = ordered.limits, continuous.standardised

    def interval(correlation: FloatArray) -> Interval:
        return Interval(lower=limits.lower[None], upper=limits.upper[None], z=z[None], correlation=correlation[:, None])

    rho = score_roots(
        lambda correlation, _: score_and_slope(interval(correlation)), _one_step(z, _residual_scores(ordered))
    )
    at = interval(rho)
    is_reliable = at.probability > _SMALLEST
    inverse = np.divide(1.0, at.probability, out=np.zeros_like(at.z), where=is_reliable)
    scores = ((end_derivatives(at, at.upper)[0] - end_derivatives(at, at.lower)[0]) * inverse)[0]
    lower, upper = ((at.density(end) * inverse / at.rest)[0] for end in (at.lower, at.upper))
    through_ordered = ordered.through(-scores * lower, scores * upper)
    through_continuous = continuous.through(scores, float(rho[0]) * (upper - lower) + z)
    return _pair(float(rho[0]), scores, through_ordered + through_continuous, is_reliable[0])


def _pearson(first: LinearRegression, second: LinearRegression) -> ResidualPair:
    x, y = first.standardised, second.standardised
    rho = float(np.mean(x * y))
    rest = 1.0 - rho**2
    scores = rho / rest + (x - rho * y) * (y - rho * x) / rest**2
    through = first.through(scores, (x - rho * y) / rest) + second.through(scores, (y - rho * x) / rest)
    return _pair(rho, scores, through, np.ones(len(x), dtype=np.bool_))


def _pair(rho: float, scores: FloatArray, through: FloatArray, is_reliable: BoolArray) -> ResidualPair:
    influence: FloatArray = (scores - through) / np.mean(scores**2)
    return ResidualPair(correlation=rho, influence=influence, is_improbable=not is_reliable.all())
