"""Means and covariances of incomplete rows without any model: the saturated model, by an accelerated EM algorithm.

By Fisher's identity a step of EM needs nothing but the gradient of the observed likelihood:
δ = −½ Σ ∂F/∂μ and Σ ← Σ − Σ Q Σ − δ δᵀ. Anderson's mixing of the last steps speeds it up where much is missing; a mixed
step that lowers the likelihood is replaced by the plain one, which never does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from surveysem.data.missing.checks import dependence_error
from surveysem.data.missing.layout import PatternLayout
from surveysem.data.missing.likelihood import LikelihoodWeights, observed_log_likelihood, weights_at
from surveysem.data.missing.patterns import MissingMoments
from surveysem.errors import DataError, Problem
from surveysem.linalg import inverse_positive_definite
from surveysem.typing import FloatArray

_MEMORY = 10  # steps that are mixed
_MAX_STEPS = 2000
_GRADIENT = 1e-10  # in standard errors times √n, were the rows complete
_ROUNDING = 10.0 * np.finfo(np.float64).eps  # of the gradient, where no variable is explained by the others
_DEPENDENT = (
    1e-7  # share of a variable's variance that the others leave unexplained; below it Σ⁻¹ loses half its digits
)


@dataclass(frozen=True, kw_only=True, eq=False)
class SaturatedMoments:
    """Maximum likelihood means and covariances of incomplete rows.

    Parameters
    ----------
    variables : tuple of str
        Names, in the order of the columns.
    means : array of shape (p,)
        Estimated means.
    covariance : array of shape (p, p)
        Estimated covariances, as with a division by *n*.
    log_likelihood : float
        Of the observed values at these moments: no model fits better.
    gradient : float
        Length of the gradient that is left, in standard errors times √n of complete rows; does not depend on units.
    n_steps : int
        Steps of the algorithm.
    """

    variables: tuple[str, ...]
    means: FloatArray
    covariance: FloatArray
    log_likelihood: float
    gradient: float
    n_steps: int

    def __post_init__(self) -> None:
        self.means.setflags(write=False)
        self.covariance.setflags(write=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class Iterate:
    """A point on the way to the maximum, in standardised units."""

    mu: FloatArray
    sigma: FloatArray
    weights: LikelihoodWeights


@dataclass(kw_only=True)
class _History:
    """Last points and EM steps, for Anderson's mixing."""

    points: list[FloatArray] = field(default_factory=list)
    steps: list[FloatArray] = field(default_factory=list)

    def add(self, point: FloatArray, step: FloatArray) -> None:
        self.points = [*self.points[-_MEMORY:], point]
        self.steps = [*self.steps[-_MEMORY:], step]

    def forget(self) -> None:
        """Keep the last point only."""
        self.points, self.steps = self.points[-1:], self.steps[-1:]

    def mixed(self) -> FloatArray:
        """Point where the EM step would vanish, were it linear along the last ones."""
        point_changes, step_changes = np.diff(self.points, axis=0), np.diff(self.steps, axis=0)
        share = np.linalg.lstsq(step_changes.T, self.steps[-1], rcond=None)[0]
        target: FloatArray = self.points[-1] + self.steps[-1] - share @ (point_changes + step_changes)
        return target


def saturated_moments(missing: MissingMoments) -> SaturatedMoments:
    """Maximum likelihood means and covariances of incomplete rows, and their log-likelihood.

    Parameters
    ----------
    missing : MissingMoments
        The rows.

    Raises
    ------
    DataError
        When the estimated covariance becomes singular, because variables depend on each other linearly or too few rows
        have them together, or when the gradient does not come down to rounding error.

    Notes
    -----
    The EM algorithm (Dempster, Laird and Rubin 1977) starts at the means and variances of the observed values and at
    zero covariances.

    Examples
    --------
    >>> import pandas as pd
    >>> from surveysem.data.missing import missing_patterns
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 4.0, 3.0], "b": [2.0, 1.0, 5.0, np.nan]})
    >>> saturated_moments(missing_patterns(frame, ["a", "b"])).means.round(6)
    array([2.5     , 2.857143])
    """
    center = np.nanmean(missing.observations, axis=0)
    spread = np.nanstd(missing.observations, axis=0)
    last, n_steps = _maximum(missing.layout.standardized(center, spread), missing.variables)
    means = center + spread * last.mu
    covariance = last.sigma * np.outer(spread, spread)
    return SaturatedMoments(
        variables=missing.variables,
        means=means,
        covariance=covariance,
        log_likelihood=observed_log_likelihood(missing, means, covariance),
        gradient=_gradient_length(last),
        n_steps=n_steps,
    )


def _maximum(layout: PatternLayout, variables: tuple[str, ...]) -> tuple[Iterate, int]:
    """Climb from zero covariances until the gradient is rounding error."""
    p = len(variables)
    now = iterate(layout, np.zeros(p), np.eye(p))
    history = _History()
    for n_steps in range(_MAX_STEPS):
        unexplained = _least_unexplained(now.sigma)
        if unexplained < _DEPENDENT:
            raise dependence_error(_correlation(now.sigma), variables)
        if _gradient_length(now) <= _GRADIENT + _ROUNDING / unexplained:
            return now, n_steps
        history.add(_packed(now.mu, now.sigma), _em_change(now))
        mixed = _mixed_step(layout, history, p)
        if mixed is None or mixed.weights.log_likelihood < now.weights.log_likelihood - _slack(layout):
            history.forget()
            mixed = _plain_step(layout, now, variables)
        now = mixed
    raise _not_converged(now, _MAX_STEPS)


def _plain_step(layout: PatternLayout, now: Iterate, variables: tuple[str, ...]) -> Iterate:
    try:
        return em_step(layout, now)
    except np.linalg.LinAlgError as error:
        _, sigma = _unpacked(_packed(now.mu, now.sigma) + _em_change(now), len(variables))
        raise dependence_error(_correlation(sigma), variables) from error


def iterate(layout: PatternLayout, mu: FloatArray, sigma: FloatArray) -> Iterate:
    """Likelihood and gradient at *mu* (p,) and *sigma* (p, p)."""
    return Iterate(mu=mu, sigma=sigma, weights=weights_at(layout, mu, sigma))


def em_step(layout: PatternLayout, now: Iterate) -> Iterate:
    """One plain step of EM, which never lowers the likelihood."""
    mu, sigma = _unpacked(_packed(now.mu, now.sigma) + _em_change(now), len(now.mu))
    return iterate(layout, mu, sigma)


def _em_change(now: Iterate) -> FloatArray:
    mu_change = -0.5 * now.sigma @ now.weights.mean_gradient
    sigma_change = -now.sigma @ now.weights.covariance_weight @ now.sigma - np.outer(mu_change, mu_change)
    return _packed(mu_change, sigma_change)


def _mixed_step(layout: PatternLayout, history: _History, p: int) -> Iterate | None:
    """The mixed point; None where its covariance is not positive definite, and at the first step."""
    if len(history.points) < 2:
        return None
    try:
        return iterate(layout, *_unpacked(history.mixed(), p))
    except np.linalg.LinAlgError:
        return None


def _gradient_length(now: Iterate) -> float:
    root = np.linalg.cholesky(now.sigma)
    of_covariance = root.T @ now.weights.covariance_weight @ root
    of_mean = root.T @ now.weights.mean_gradient
    squared = 0.25 * np.vdot(of_mean, of_mean) + 0.5 * np.vdot(of_covariance, of_covariance)
    return float(np.sqrt(squared))


def _slack(layout: PatternLayout) -> float:
    """Differences of log-likelihoods below this are rounding."""
    n_variables: int = layout.observed.shape[1]
    return 1e-12 * layout.n_obs * n_variables


def _least_unexplained(sigma: FloatArray) -> float:
    """Smallest share of a variable's variance that the other variables leave unexplained."""
    return float(1.0 / (np.diag(inverse_positive_definite(sigma)) * np.diag(sigma)).max())


def _correlation(sigma: FloatArray) -> FloatArray:
    spread = np.sqrt(np.diag(sigma))
    correlation: FloatArray = sigma / np.outer(spread, spread)
    return correlation


def _packed(mu: FloatArray, sigma: FloatArray) -> FloatArray:
    return np.concatenate([mu, sigma[np.tril_indices(len(mu))]])


def _unpacked(packed: FloatArray, p: int) -> tuple[FloatArray, FloatArray]:
    sigma = np.zeros((p, p))
    sigma[np.tril_indices(p)] = packed[p:]
    return packed[:p], sigma + np.tril(sigma, -1).T


def _not_converged(now: Iterate, n_steps: int) -> DataError:
    problem = Problem(
        where="the incomplete answers",
        found=f"after {n_steps} steps of the EM algorithm the gradient is still {_gradient_length(now):.1e}",
        remedy="Too little is observed together, or a variable nearly repeats others: leave out the variables with the "
        "most missing values.",
    )
    return DataError("The means and covariances of the saturated model could not be estimated.", [problem])
