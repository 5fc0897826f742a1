"""Random-effects meta-analysis: one effect estimated in several independent samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import Literal, TypeAlias, get_args

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2, norm, t

from surveysem.errors import DataError, EstimationError, Problem, UnsupportedError
from surveysem.typing import FloatArray

HeterogeneityMethod: TypeAlias = Literal["reml", "paule_mandel", "dersimonian_laird"]
PooledInterval: TypeAlias = Literal["hartung_knapp", "normal"]


@dataclass(frozen=True, kw_only=True)
class PooledEffect:
    """The mean of the effects of *k* studies, and how much they differ.

    Parameters
    ----------
    n_studies : int
        *k*.
    estimate, std_error : float
        Mean μ of the distribution of effects, with its standard error.
    statistic, df, p_value : float
        Estimate over standard error; its degrees of freedom (∞ for the normal interval); two-sided p of μ = 0.
    ci_lower, ci_upper : float
        Confidence interval of μ.
    prediction_lower, prediction_upper : float
        Interval in which the effect of a new study from the same population of studies is expected; NaN for the normal
        interval over two studies, which leave no degree of freedom.
    tau_squared, tau_squared_lower, tau_squared_upper : float
        Variance of the effects, with its Q-profile interval.
    i_squared : float
        Share (0 to 1) of the variance of the estimates that differences of effects make.
    q, q_df, q_p_value : float
        Cochran's test of homogeneity.
    weights : tuple of float
        Weight of each study, summing to 1.
    model_std_error : float
        The normal standard error 1/√Σwᵢ, whatever interval was asked for.
    level : float
        Of the intervals.
    """

    n_studies: int
    estimate: float
    std_error: float
    statistic: float
    df: float
    p_value: float
    ci_lower: float
    ci_upper: float
    prediction_lower: float
    prediction_upper: float
    tau_squared: float
    tau_squared_lower: float
    tau_squared_upper: float
    i_squared: float
    q: float
    q_df: int
    q_p_value: float
    weights: tuple[float, ...]
    model_std_error: float
    level: float

    def interval(self, level: float) -> tuple[float, float]:
        """Confidence interval of μ at another level."""
        half = _quantile(self.df, level) * self.std_error
        return self.estimate - half, self.estimate + half


def pool_effects(
    estimates: FloatArray,
    std_errors: FloatArray,
    *,
    heterogeneity: HeterogeneityMethod = "reml",
    interval: PooledInterval = "hartung_knapp",
    level: float = 0.95,
) -> PooledEffect:
    """Mean effect of several studies under a random-effects model, yᵢ ~ N(μ, sᵢ² + τ²).

    Parameters
    ----------
    estimates, std_errors : ndarray of shape (k,)
        One effect a study, in one metric, from independent samples; at least two.
    heterogeneity : {"reml", "paule_mandel", "dersimonian_laird"}
        Estimator of τ².
    interval : {"hartung_knapp", "normal"}
        Standard error and distribution of the mean: with few studies, the normal interval is too narrow.
    level : float
        Of the intervals.

    Raises
    ------
    DataError
        For fewer than two studies, numbers that are not finite, or standard errors that are not positive.
    UnsupportedError
        For another method.
    EstimationError
        When no τ² is found.

    Notes
    -----
    With wᵢ = 1/(sᵢ² + τ²), μ = Σwᵢyᵢ/Σwᵢ. Its squared standard error is 1/Σwᵢ (normal) or
    Σwᵢ(yᵢ − μ)²/((k − 1)Σwᵢ) with *t* of k − 1 degrees of freedom (Hartung and Knapp). The prediction interval is
    μ ± *t* √(SE² + τ²), with k − 1 degrees of freedom beside the Hartung–Knapp interval and k − 2 beside the normal one
    (Higgins, Thompson and Spiegelhalter). I² is τ² over τ² plus the typical sampling variance.

    References
    ----------
    dersimonian_laird_1986, paule_mandel_1982, viechtbauer_2005, hartung_knapp_2001, higgins_thompson_2002,
    higgins_thompson_spiegelhalter_2009, inthout_2014, viechtbauer_2007

    Examples
    --------
    >>> import numpy as np
    >>> pooled = pool_effects(np.array([0.31, 0.28, 0.35]), np.array([0.05, 0.06, 0.04]))
    >>> round(pooled.estimate, 3), round(pooled.ci_lower, 3), round(pooled.ci_upper, 3)
    (0.323, 0.237, 0.409)
    """
    y, variances = _checked(estimates, std_errors)
    _check_methods(heterogeneity, interval)
    tau_squared = heterogeneity_variance(y, variances, heterogeneity)
    k = len(y)
    weights = 1.0 / (variances + tau_squared)
    mean = float(weights @ y / weights.sum())
    spread = float(weights @ (y - mean) ** 2)
    normal = interval == "normal"
    error = sqrt(1.0 / weights.sum() if normal else spread / ((k - 1) * weights.sum()))
    if not normal and np.ptp(y) == 0.0:
        raise EstimationError(
            "The estimates of all studies are equal, so the Hartung–Knapp standard error is 0. "
            'Check that the studies differ, or use interval="normal".'
        )
    df = inf if normal else float(k - 1)
    half = _quantile(df, level) * error
    predicted = _quantile(float(k - 2) if normal else df, level) * sqrt(error**2 + tau_squared)
    q = _q(y, variances, 0.0)
    lower, upper = _tau_squared_interval(y, variances, level)
    return PooledEffect(
        n_studies=k,
        estimate=mean,
        std_error=error,
        statistic=mean / error,
        df=df,
        p_value=float(2 * (norm.sf(abs(mean / error)) if normal else t.sf(abs(mean / error), df))),
        ci_lower=mean - half,
        ci_upper=mean + half,
        prediction_lower=mean - predicted,
        prediction_upper=mean + predicted,
        tau_squared=tau_squared,
        tau_squared_lower=lower,
        tau_squared_upper=upper,
        i_squared=tau_squared / (tau_squared + _typical_variance(variances)),
        q=q,
        q_df=k - 1,
        q_p_value=float(chi2.sf(q, k - 1)),
        weights=tuple(float(w) for w in weights / weights.sum()),
        model_std_error=float(1.0 / sqrt(weights.sum())),
        level=level,
    )


def heterogeneity_variance(y: FloatArray, variances: FloatArray, method: HeterogeneityMethod) -> float:
    """Variance τ² of the effects of studies, not negative.

    Parameters
    ----------
    y, variances : ndarray of shape (k,)
        Estimates and their sampling variances.
    method : {"reml", "paule_mandel", "dersimonian_laird"}
        Restricted maximum likelihood; the value at which Cochran's Q equals its expectation k − 1; moments.

    References
    ----------
    dersimonian_laird_1986, paule_mandel_1982, viechtbauer_2005
    """
    if method == "dersimonian_laird":
        weights = 1.0 / variances
        scale = weights.sum() - (weights**2).sum() / weights.sum()
        return float(max(0.0, (_q(y, variances, 0.0) - (len(y) - 1)) / scale))
    if method == "paule_mandel":
        return _crossing(lambda value: _q(y, variances, value), len(y) - 1.0, y, variances)
    return _restricted_maximum(y, variances)


def restricted_log_likelihood(y: FloatArray, variances: FloatArray, tau_squared: float) -> float:
    """Restricted log-likelihood of τ², up to a constant."""
    total = variances + tau_squared
    weights = 1.0 / total
    return float(-0.5 * (np.log(total).sum() + np.log(weights.sum()) + _q(y, variances, tau_squared)))


def _restricted_maximum(y: FloatArray, variances: FloatArray) -> float:
    """Highest point of the restricted likelihood among 0 and the roots of its derivative, which may be several."""

    def score(tau_squared: float) -> float:
        weights = 1.0 / (variances + tau_squared)
        mean = weights @ y / weights.sum()
        trace = weights.sum() - (weights**2).sum() / weights.sum()
        return float((weights**2) @ (y - mean) ** 2 - trace)

    highest = _upper_bound(y, variances)
    grid = np.concatenate([[0.0], np.geomspace(1e-8, 1.0, 400) * highest])
    scores = np.array([score(value) for value in grid])
    falls = np.flatnonzero((scores[:-1] > 0) & (scores[1:] <= 0))
    roots = [float(brentq(score, grid[i], grid[i + 1], xtol=1e-16, rtol=1e-14)) for i in falls]
    if scores[-1] > 0:
        raise EstimationError('REML found no variance between the studies. Use heterogeneity="paule_mandel".')
    return max([0.0, *roots], key=lambda value: restricted_log_likelihood(y, variances, value))


def _tau_squared_interval(y: FloatArray, variances: FloatArray, level: float) -> tuple[float, float]:
    """Q-profile interval: values at which Cochran's Q lies between two quantiles of its distribution."""
    df, tail = len(y) - 1, (1.0 - level) / 2.0
    upper, lower = (
        _crossing(lambda value: _q(y, variances, value), float(chi2.ppf(p, df)), y, variances)
        for p in (tail, 1.0 - tail)
    )
    return lower, upper


def _crossing(q: Callable[[float], float], target: float, y: FloatArray, variances: FloatArray) -> float:
    """Where Q, which falls in τ², meets a value; 0 where it starts below."""
    if q(0.0) <= target:
        return 0.0
    highest = _upper_bound(y, variances)
    while q(highest) > target:
        highest *= 4.0
    return float(brentq(lambda value: q(value) - target, 0.0, highest, xtol=1e-16, rtol=1e-14))


def _upper_bound(y: FloatArray, variances: FloatArray) -> float:
    """A variance far above that of the effects."""
    return float(100.0 * (np.ptp(y) ** 2 + variances.max()))


def _q(y: FloatArray, variances: FloatArray, tau_squared: float) -> float:
    weights = 1.0 / (variances + tau_squared)
    mean = weights @ y / weights.sum()
    return float(weights @ (y - mean) ** 2)


def _typical_variance(variances: FloatArray) -> float:
    """Sampling variance of a typical study (Higgins & Thompson 2002, equation 9)."""
    weights = 1.0 / variances
    return float((len(variances) - 1) * weights.sum() / (weights.sum() ** 2 - (weights**2).sum()))


def _quantile(df: float, level: float) -> float:
    upper = 0.5 + level / 2.0
    if df <= 0:
        return nan
    return float(norm.ppf(upper) if df == inf else t.ppf(upper, df))


def _checked(estimates: FloatArray, std_errors: FloatArray) -> tuple[FloatArray, FloatArray]:
    y, errors = np.asarray(estimates, dtype=float), np.asarray(std_errors, dtype=float)
    if y.shape != errors.shape or y.ndim != 1 or len(y) < 2:
        raise DataError(
            f"A meta-analysis needs at least two studies with an estimate and a standard error; got {y.size}."
        )
    problems = [
        Problem(where=f"study {i + 1}", found=f"estimate {y[i]:g}, standard error {errors[i]:g}", remedy="Correct it.")
        for i in range(len(y))
        if not (np.isfinite(y[i]) and np.isfinite(errors[i]) and errors[i] > 0)
    ]
    if problems:
        raise DataError("Estimates must be finite and standard errors positive.", problems)
    return y, errors**2


def _check_methods(heterogeneity: str, interval: str) -> None:
    problems = [
        Problem(where=name, found=f"{given!r}", remedy=f"Available: {', '.join(known)}.")
        for name, given, known in (
            ("heterogeneity", heterogeneity, get_args(HeterogeneityMethod)),
            ("interval", interval, get_args(PooledInterval)),
        )
        if given not in known
    ]
    if problems:
        raise UnsupportedError("These options of the meta-analysis are not offered.", problems)
