"""Factor scores from ordered indicators: the most probable values of the latent variables given the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import log_ndtr

from surveysem.errors import EstimationError, Problem, UnsupportedError
from surveysem.estimation import GroupSolution
from surveysem.linalg import inverse_positive_definite
from surveysem.typing import FloatArray, IntArray

OrdinalMethod: TypeAlias = Literal["ebm", "ml"]

_ITERATIONS, _HALVINGS = 100, 40
_SMALL_STEP = 1e-10
"""Last step towards a mode, in standard deviations of the latent variables."""
_RIDGE = 1e-13
"""Added to curvatures in the steps alone, lest that of a row without a maximum be singular."""
_ROUNDING = 1e-9
_LEAST_INFORMATION = 1e-8
"""Curvature at a maximum, relative to that of the unscaled answers, below which it is the plain at infinity."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """What *n* rows say about *r* standard normal variables u that the latent variables are made of.

    Parameters
    ----------
    slopes : array of shape (o, r)
        Of the *o* latent responses on u, in units of their residual standard deviation.
    lower, upper : arrays of shape (n, o)
        Thresholds about each answer, less the intercept, in the same units; infinite at the ends.
    precision : array of shape (r, r)
        Information of the continuous variables about u.
    pull : array of shape (n, r)
        Their score at u = 0.
    """

    slopes: FloatArray
    lower: FloatArray
    upper: FloatArray
    precision: FloatArray
    pull: FloatArray

    def value(self, u: FloatArray) -> FloatArray:
        """Log-likelihood of each row, of shape (n,), but for constants."""
        lower, upper = self._bounds(u)
        quadratic = np.einsum("nr,rs,ns->n", u, self.precision, u)
        value: FloatArray = log_interval(lower, upper).sum(axis=1) + np.sum(self.pull * u, axis=1) - quadratic / 2.0
        return value

    def derivatives(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gradient (n, r) and negative Hessian (n, r, r) of the log-likelihoods."""
        lower, upper = self._bounds(u)
        log_probability = log_interval(lower, upper)
        at_lower, at_upper = (np.exp(_log_density(bound) - log_probability) for bound in (lower, upper))
        score = at_lower - at_upper
        curvature = score**2 + _times(upper, at_upper) - _times(lower, at_lower)
        gradient = score @ self.slopes + self.pull - u @ self.precision
        hessian = np.einsum("no,or,os->nrs", curvature, self.slopes, self.slopes, optimize=True) + self.precision
        return gradient, hessian

    def _bounds(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        moved = u @ self.slopes.T
        return self.lower - moved, self.upper - moved


def log_interval(lower: FloatArray, upper: FloatArray) -> FloatArray:
    """ln[Φ(upper) − Φ(lower)], also far out in the tails.

    Examples
    --------
    >>> bool(np.isclose(log_interval(np.array(-1.96), np.array(1.96)), np.log(0.95), atol=1e-4))
    True
    >>> float(log_interval(np.array(30.0), np.array(np.inf)).round(3))
    -454.321
    """
    flipped = lower + upper > 0
    low, high = np.where(flipped, -upper, lower), np.where(flipped, -lower, upper)
    top = log_ndtr(high)
    return np.asarray(top + np.log1p(-np.exp(log_ndtr(low) - top)))


def _log_density(x: FloatArray) -> FloatArray:
    density: FloatArray = -0.5 * (x**2 + np.log(2.0 * np.pi))
    return density


def _times(bound: FloatArray, density: FloatArray) -> FloatArray:
    """Their product, 0 where the bound is infinite."""
    finite = np.isfinite(bound)
    return np.where(finite, np.where(finite, bound, 0.0) * density, 0.0)


def ordinal_scores(group: GroupSolution, method: OrdinalMethod) -> FloatArray:
    """Scores (n, m) of one group with ordered indicators.

    Parameters
    ----------
    group : GroupSolution
        The group at the estimates.
    method : {"ebm", "ml"}
        With the normal distribution of the latent variables (given observed exogenous ones) as prior, or without: the
        mode of the posterior (empirical Bayes modal) or of the likelihood.

    Raises
    ------
    UnsupportedError
        Where answers are dependent given the latent variables, a latent response has no residual variance,
        thresholds do not ascend, or, for ``ml``, the indicators do not determine the latent variables.

    References
    ----------
    muthen_1984
    """
    given = _given_covariates(group)
    root = _root(given.latent_covariance)
    answers = _answers(group, given, root)
    if method == "ml":
        _check_determined(answers)
    modes = posterior_modes(answers, prior=1.0 if method == "ebm" else 0.0)
    scores: FloatArray = given.latent_mean + modes @ root.T
    return scores


@dataclass(frozen=True, kw_only=True, eq=False)
class _GivenCovariates:
    """Joint moments of latent variables and responses given the observed exogenous variables, where there are any.

    Parameters
    ----------
    latent_mean, mean : arrays of shape (n, m) and (n, p), or (m,) and (p,)
        Of the latent variables and the responses.
    latent_covariance, across, covariance : arrays of shape (m, m), (p, m) and (p, p)
        Among the latent variables, between them and the responses, and among the responses.
    """

    latent_mean: FloatArray
    mean: FloatArray
    latent_covariance: FloatArray
    across: FloatArray
    covariance: FloatArray


def _given_covariates(group: GroupSolution) -> _GivenCovariates:
    implied, m = group.implied, len(group.table.latent)
    across = group.structure.matrices(group.theta)[0] @ implied.latent_covariance[:, :m]
    latent_mean, latent = implied.latent_mean[:m], implied.latent_covariance[:m, :m]
    at = [group.structure.observed.index(name) for name in group.table.exogenous_observed]
    if not at:
        return _GivenCovariates(
            latent_mean=latent_mean,
            mean=implied.mean,
            latent_covariance=latent,
            across=across,
            covariance=implied.covariance,
        )
    precision = inverse_positive_definite(implied.covariance[np.ix_(at, at)])
    of_responses, of_latent = implied.covariance[:, at] @ precision, across[at].T @ precision
    away = group.moments.observations[:, at] - implied.mean[at]
    return _GivenCovariates(
        latent_mean=latent_mean + away @ of_latent.T,
        mean=implied.mean + away @ of_responses.T,
        latent_covariance=latent - of_latent @ across[at],
        across=across - of_responses @ across[at],
        covariance=implied.covariance - of_responses @ implied.covariance[at],
    )


def posterior_modes(answers: Answers, *, prior: float) -> FloatArray:
    """Values of u, of shape (n, r), at which each row's log-likelihood less prior·uᵀu/2 is largest.

    Without a prior, NaN where there is no maximum, as when every answer is the highest.

    Raises
    ------
    EstimationError
        When a mode that exists is not found.
    """
    n, r = answers.pull.shape
    u = np.zeros((n, r))
    eye = np.eye(r)
    value = answers.value(u)
    arrived = np.zeros(n, dtype=bool)
    for _ in range(_ITERATIONS):
        gradient, hessian = answers.derivatives(u)
        slope = gradient - prior * u
        step = np.linalg.solve(hessian + (prior + _RIDGE) * eye, slope[:, :, None])[:, :, 0]
        arrived = np.abs(step).max(axis=1) < _SMALL_STEP * (1.0 + np.abs(u).max(axis=1))
        if arrived.all():
            break
        u, value = _ascend(answers, prior, u, value, np.where(arrived[:, None], 0.0, step))
    if prior:
        if not arrived.all():
            raise EstimationError(f"Factor scores of {np.sum(~arrived)} rows were not found.")
        return u
    scale = np.linalg.eigvalsh(answers.slopes.T @ answers.slopes + answers.precision)[-1]
    exists = arrived & (np.linalg.eigvalsh(answers.derivatives(u)[1])[:, 0] > _LEAST_INFORMATION * scale)
    return np.where(exists[:, None], u, np.nan)


def _ascend(
    answers: Answers, prior: float, u: FloatArray, value: FloatArray, step: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Where the step leads, halved in rows where it would lead down, and the values there."""
    length = np.ones(len(u))
    floor = value - _ROUNDING * (1.0 + np.abs(value))
    for _ in range(_HALVINGS):
        candidate = u + length[:, None] * step
        reached = answers.value(candidate) - prior / 2.0 * np.sum(candidate**2, axis=1)
        worse = ~(reached >= floor)
        if not worse.any():
            break
        length[worse] /= 2.0
    return candidate, reached


def _root(latent_covariance: FloatArray) -> FloatArray:
    """L of shape (m, r), of full column rank, with LLᵀ = Φ the covariance of the latent variables."""
    values, vectors = np.linalg.eigh(latent_covariance)
    if values[0] < -_ROUNDING * values[-1]:
        raise UnsupportedError(
            "There are no factor scores: the covariance matrix of the latent variables is not positive definite. See "
            "fit.findings."
        )
    kept = values > _ROUNDING * values[-1]
    root: FloatArray = vectors[:, kept] * np.sqrt(values[kept])
    return root


def _answers(group: GroupSolution, given: _GivenCovariates, root: FloatArray) -> Answers:
    """Answers of one group, conditional on u."""
    slopes: FloatArray = given.across @ np.linalg.pinv(root).T
    left = given.covariance - slopes @ slopes.T
    ordered, continuous = _kinds(group)
    _check_residuals(group, left, ordered)
    spread = np.sqrt(np.diag(left)[ordered])
    lower, upper = _bounds(group, ordered)
    mean = np.broadcast_to(given.mean, group.moments.observations.shape)
    weighted = _weighted(left[np.ix_(continuous, continuous)], slopes[continuous])
    return Answers(
        slopes=slopes[ordered] / spread[:, None],
        lower=(lower - mean[:, ordered]) / spread,
        upper=(upper - mean[:, ordered]) / spread,
        precision=slopes[continuous].T @ weighted,
        pull=(group.moments.observations - mean)[:, continuous] @ weighted,
    )


def _weighted(residual: FloatArray, slopes: FloatArray) -> FloatArray:
    """Residual precision of the continuous variables times their slopes, of shape (c, r)."""
    return inverse_positive_definite(residual) @ slopes if len(residual) else slopes


def _kinds(group: GroupSolution) -> tuple[IntArray, IntArray]:
    """Positions of the ordered and of the continuous variables, exogenous ones left out."""
    responses, observed = group.structure.responses, group.structure.observed
    ordered = np.empty(0, dtype=np.int64) if responses is None else responses.ordered
    exogenous = [observed.index(name) for name in group.table.exogenous_observed]
    return ordered, np.setdiff1d(np.arange(len(observed)), [*ordered.tolist(), *exogenous])


def _bounds(group: GroupSolution, ordered: IntArray) -> tuple[FloatArray, FloatArray]:
    """Thresholds below and above each answer, of shape (n, o)."""
    responses, observations = group.structure.responses, group.moments.observations
    if responses is None:
        return np.empty((len(observations), 0)), np.empty((len(observations), 0))
    thresholds = responses.thresholds.at(group.theta)
    edges = [
        np.concatenate([[-np.inf], thresholds[responses.threshold_variable == variable], [np.inf]])
        for variable in ordered.tolist()
    ]
    names = group.structure.observed
    crossed = [names[at] for at, edge in zip(ordered.tolist(), edges, strict=True) if not (np.diff(edge) > 0).all()]
    if crossed:
        raise UnsupportedError(f"There are no factor scores: thresholds of {', '.join(crossed)} do not ascend.")
    answers = [np.unique(observations[:, at], return_inverse=True)[1].ravel() for at in ordered.tolist()]
    below = [edge[answer] for edge, answer in zip(edges, answers, strict=True)]
    above = [edge[answer + 1] for edge, answer in zip(edges, answers, strict=True)]
    return np.column_stack(below), np.column_stack(above)


def _check_residuals(group: GroupSolution, left: FloatArray, ordered: IntArray) -> None:
    """Refuse what makes the likelihood of answers other than a product over the ordered variables."""
    names, scale = group.structure.observed, np.sqrt(np.diag(group.implied.covariance))
    relative = left / np.outer(scale, scale)
    problems = [
        Problem(
            where=f"ordered variable {names[at]}",
            found=f"residual variance {left[at, at]:.3g}: the latent variables leave nothing of its latent response",
            remedy="Give its latent variable further indicators.",
        )
        for at in ordered.tolist()
        if relative[at, at] <= _ROUNDING
    ]
    problems += [
        Problem(
            where=f"{names[at]} and {names[other]}",
            found="dependent given the latent variables",
            remedy="Leave the residual covariance or path out, or replace it by a latent variable.",
        )
        for at in ordered.tolist()
        for other in range(len(names))
        if (other < at or other not in ordered) and other != at and abs(relative[at, other]) > _ROUNDING
    ]
    if problems:
        raise UnsupportedError("Factor scores of ordered variables need independent residuals.", problems)


def _check_determined(answers: Answers) -> None:
    information = answers.slopes.T @ answers.slopes + answers.precision
    values = np.linalg.eigvalsh(information)
    if values[0] <= _LEAST_INFORMATION * values[-1]:
        raise UnsupportedError(
            "Maximum likelihood scores do not exist: the indicators do not determine the latent variables. Use "
            "method='ebm'."
        )
