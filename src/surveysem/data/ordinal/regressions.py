"""First stage beside observed exogenous variables: the regression of each variable on them, and its influence values.

Ordered variables are regressed by probit (their latent responses have residual variance 1), continuous ones by least
squares. Exogenous variables are standardised meanwhile; what is reported is in their own units.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtr, ndtri

from surveysem.data.ordinal.columns import BEYOND
from surveysem.errors import EstimationError, Problem
from surveysem.typing import FloatArray, IntArray

_MOST_STEPS = 50
_LAST_DECREMENT = 1e-20
_LARGEST_ERROR = 1e3  # of a coefficient of standardised predictors; where the maximum is at infinity it is beyond 1e6
_SMALLEST = np.finfo(np.float64).tiny


@dataclass(frozen=True, kw_only=True, eq=False)
class Covariates:
    """Observed exogenous variables, *k* of them, in *n* rows.

    Parameters
    ----------
    values : ndarray, shape (k, n)
        Standardised.
    means, scales : ndarray, shape (k,)
        Means and standard deviations, by which they were standardised.
    """

    values: FloatArray
    means: FloatArray
    scales: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Limits:
    """Interval of the residual latent response that each row's category stands for.

    Parameters
    ----------
    lower, upper : ndarray, shape (n,)
        Thresholds less what the exogenous variables explain; ``BEYOND`` where infinite.
    """

    lower: FloatArray
    upper: FloatArray

    @property
    def probability(self) -> FloatArray:
        """Probability of the interval, shape (n,)."""
        sign = np.where(self.lower > 0.0, -1.0, 1.0)  # differences in the lower tail keep their digits
        probability: FloatArray = np.abs(ndtr(sign * self.upper) - ndtr(sign * self.lower))
        return probability


@dataclass(frozen=True, kw_only=True, eq=False)
class OrderedRegression:
    """Probit regression of one ordered variable, with *t* thresholds.

    Parameters
    ----------
    codes : ndarray, shape (n,)
        Categories, counted from 0.
    covariates : Covariates
        Predictors.
    coefficients : ndarray, shape (t + k,)
        Thresholds and slopes, of standardised predictors.
    """

    codes: IntArray
    covariates: Covariates
    coefficients: FloatArray

    @property
    def n_thresholds(self) -> int:
        """*t*."""
        return len(self.coefficients) - len(self.covariates.means)

    @property
    def slopes(self) -> FloatArray:
        """Slopes, shape (k,)."""
        slopes: FloatArray = self.coefficients[self.n_thresholds :] / self.covariates.scales
        return slopes

    @property
    def thresholds(self) -> FloatArray:
        """Thresholds where the exogenous variables are 0, shape (t,)."""
        thresholds: FloatArray = self.coefficients[: self.n_thresholds] + self.slopes @ self.covariates.means
        return thresholds

    @cached_property
    def limits(self) -> Limits:
        """Interval of each row."""
        explained = self.coefficients[self.n_thresholds :] @ self.covariates.values
        ends = np.array([-BEYOND, *self.coefficients[: self.n_thresholds], BEYOND])
        lower, upper = ends[self.codes], ends[self.codes + 1]
        return Limits(
            lower=np.where(self.codes > 0, lower - explained, lower),
            upper=np.where(self.codes < self.n_thresholds, upper - explained, upper),
        )

    def carried(self, at_lower: FloatArray, at_upper: FloatArray) -> FloatArray:
        """Derivatives with respect to the limits (n,) carried to thresholds and slopes, summed over the rows: (t + k,).

        The derivative must be 0 at infinite limits.
        """
        t = self.n_thresholds
        of_thresholds = np.bincount(self.codes, at_upper, minlength=t + 1)[:t]
        of_thresholds = of_thresholds + np.bincount(self.codes, at_lower, minlength=t + 1)[1:]
        return np.concatenate([of_thresholds, -self.covariates.values @ (at_lower + at_upper)])

    @cached_property
    def scores(self) -> FloatArray:
        """Derivatives of each row's log-probability, shape (t + k, n)."""
        at_lower, at_upper = limit_scores(self.limits)
        category = np.arange(self.n_thresholds)[:, None]
        of_thresholds = np.where(self.codes == category, at_upper, 0.0)
        of_thresholds += np.where(self.codes == category + 1, at_lower, 0.0)
        return np.concatenate([of_thresholds, -self.covariates.values * (at_lower + at_upper)])

    @cached_property
    def influence(self) -> FloatArray:
        """Influence of each row on thresholds and slopes of standardised predictors, shape (t + k, n)."""
        return _influence(self.scores)

    def through(self, at_lower: FloatArray, at_upper: FloatArray) -> FloatArray:
        """What each row contributes through this stage to a mean with these derivatives by the limits, shape (n,)."""
        through: FloatArray = self.carried(at_lower, at_upper) @ self.influence / len(self.codes)
        return through

    @property
    def own_influence(self) -> tuple[FloatArray, FloatArray]:
        """Influence on thresholds (t, n) and slopes (k, n) of the predictors in their own units."""
        slopes = self.influence[self.n_thresholds :] / self.covariates.scales[:, None]
        return self.influence[: self.n_thresholds] + self.covariates.means @ slopes, slopes


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearRegression:
    """Least-squares regression of one continuous variable.

    Parameters
    ----------
    covariates : Covariates
        Predictors.
    coefficients : ndarray, shape (1 + k,)
        Mean and slopes, of standardised predictors.
    variance : float
        Residual variance, divided by *n*.
    standardised : ndarray, shape (n,)
        Residuals divided by their standard deviation.
    """

    covariates: Covariates
    coefficients: FloatArray
    variance: float
    standardised: FloatArray

    @property
    def slopes(self) -> FloatArray:
        """Slopes, shape (k,)."""
        slopes: FloatArray = self.coefficients[1:] / self.covariates.scales
        return slopes

    @property
    def intercept(self) -> float:
        """Mean where the exogenous variables are 0."""
        return float(self.coefficients[0] - self.slopes @ self.covariates.means)

    @cached_property
    def influence(self) -> FloatArray:
        """Influence of each row on mean, slopes of standardised predictors and residual variance, shape (k + 2, n).

        The information is the mean outer product of the normal scores, as in lavaan's two-stage estimator.
        """
        z, scale = self.standardised, np.sqrt(self.variance)
        of_variance = (z**2 - 1.0) / (2.0 * self.variance)
        return _influence(np.vstack([z / scale, self.covariates.values * z / scale, of_variance]))

    def through(self, score: FloatArray, score_of_z: FloatArray) -> FloatArray:
        """What each row contributes through this stage to a mean of products of scores, shape (n,).

        Parameters
        ----------
        score : ndarray, shape (n,)
            Derivative of each row's log-likelihood with respect to a correlation.
        score_of_z : ndarray, shape (n,)
            Minus that with respect to the standardised residual.
        """
        z, n = self.standardised, len(self.standardised)
        by_mean = score * score_of_z / np.sqrt(self.variance)
        by_variance = score @ (score_of_z * z - 1.0) / (2.0 * self.variance)
        carried = np.concatenate([[by_mean.sum()], self.covariates.values @ by_mean, [by_variance]])
        through: FloatArray = carried @ self.influence / n
        return through

    @property
    def own_influence(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Influence on the intercept (n,), the slopes (k, n) in own units, and the residual variance (n,)."""
        slopes = self.influence[1:-1] / self.covariates.scales[:, None]
        return self.influence[0] - self.covariates.means @ slopes, slopes, self.influence[-1]


def covariates(values: FloatArray) -> Covariates:
    """Exogenous variables (k, n), standardised."""
    means, scales = values.mean(axis=1), values.std(axis=1)
    return Covariates(values=(values - means[:, None]) / scales[:, None], means=means, scales=scales)


def linear_regression(values: FloatArray, predictors: Covariates) -> LinearRegression:
    """Regression of a continuous variable (n,) on exogenous ones."""
    design = np.vstack([np.ones(len(values)), predictors.values])
    coefficients: FloatArray = np.linalg.lstsq(design.T, values, rcond=None)[0].astype(np.float64)
    residuals = values - coefficients @ design
    variance = float(np.mean(residuals**2))
    return LinearRegression(
        covariates=predictors,
        coefficients=coefficients,
        variance=variance,
        standardised=residuals / np.sqrt(variance),
    )


def ordered_regression(name: str, codes: IntArray, predictors: Covariates) -> OrderedRegression:
    """Probit regression of an ordered variable (n,), categories counted from 0, by maximum likelihood.

    Raises
    ------
    EstimationError
        When there is no maximum: the exogenous variables tell categories apart without error.

    Notes
    -----
    Newton's method; the log-likelihood is concave in thresholds and slopes.
    """
    shares = np.bincount(codes).cumsum()[:-1] / len(codes)
    start = np.concatenate([ndtri(shares), np.zeros(len(predictors.means))])
    fit = OrderedRegression(codes=codes, covariates=predictors, coefficients=start)
    for _ in range(_MOST_STEPS):
        score = fit.scores.sum(axis=1)
        step = _newton_step(fit, score)
        if step is None:
            break
        if score @ step <= _LAST_DECREMENT * len(codes):
            if _is_determined(fit):
                return fit
            break
        fit = _shortened(fit, step)
    raise _no_maximum(name)


def limit_scores(limits: Limits) -> tuple[FloatArray, FloatArray]:
    """Derivatives of the log-probability of each interval with respect to its lower and its upper limit, each (n,)."""
    probability = np.maximum(limits.probability, _SMALLEST)
    lower, upper = (np.exp(-(end**2) / 2.0) / np.sqrt(2.0 * np.pi) for end in (limits.lower, limits.upper))
    return -lower / probability, upper / probability


def _influence(scores: FloatArray) -> FloatArray:
    influence: FloatArray = np.linalg.solve(scores @ scores.T / scores.shape[1], scores)
    return influence


def _is_determined(fit: OrderedRegression) -> bool:
    """Whether all coefficients have a standard error; far out, a log-likelihood without maximum looks flat."""
    return bool((np.diag(np.linalg.inv(_information(fit))) < _LARGEST_ERROR**2).all())


def _newton_step(fit: OrderedRegression, score: FloatArray) -> FloatArray | None:
    """Newton step; None where the information is singular."""
    try:
        root = np.linalg.cholesky(_information(fit))
    except np.linalg.LinAlgError:
        return None
    step: FloatArray = np.linalg.solve(root.T, np.linalg.solve(root, score))
    return step


def _information(fit: OrderedRegression) -> FloatArray:
    """Minus the second derivatives of the log-likelihood, shape (t + k, t + k)."""
    at_lower, at_upper = limit_scores(fit.limits)
    t, values = fit.n_thresholds, fit.covariates.values
    of_lower, of_upper = np.zeros((len(fit.coefficients), len(fit.codes))), np.zeros_like(fit.scores)
    category = np.arange(t)[:, None]
    of_lower[:t], of_lower[t:] = fit.codes == category + 1, np.where(fit.codes > 0, -values, 0.0)
    of_upper[:t], of_upper[t:] = fit.codes == category, np.where(fit.codes < t, -values, 0.0)
    both = -at_lower * at_upper
    mixed = (of_lower * both) @ of_upper.T
    information = (of_upper * (fit.limits.upper * at_upper + at_upper**2)) @ of_upper.T
    information += (of_lower * (fit.limits.lower * at_lower + at_lower**2)) @ of_lower.T
    total: FloatArray = information - mixed - mixed.T
    return total


def _shortened(fit: OrderedRegression, step: FloatArray) -> OrderedRegression:
    """The fit after a step, halved until the thresholds ascend and the log-likelihood does not fall."""
    before = _log_likelihood(fit)
    for halvings in range(40):
        coefficients = fit.coefficients + step / 2.0**halvings
        following = OrderedRegression(codes=fit.codes, covariates=fit.covariates, coefficients=coefficients)
        ascending = (np.diff(coefficients[: fit.n_thresholds]) > 0.0).all()
        if ascending and _log_likelihood(following) >= before - 1e-12 * abs(before):
            return following
    return fit


def _log_likelihood(fit: OrderedRegression) -> float:
    return float(np.log(np.maximum(fit.limits.probability, _SMALLEST)).sum())


def _no_maximum(name: str) -> EstimationError:
    problem = Problem(
        where=f"ordered variable {name}",
        found="its probit regression on the observed exogenous variables has no maximum: they tell some of its "
        "categories apart without error",
        remedy="Join rare categories, or leave out the exogenous variable that separates them (cross-tabulate them).",
    )
    return EstimationError("An ordered variable cannot be regressed on the exogenous ones.", [problem])
