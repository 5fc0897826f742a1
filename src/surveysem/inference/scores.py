"""Factor scores: the latent variables' values of each respondent, as far as the answers tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.estimation import GroupSolution
from surveysem.implied import Matrix
from surveysem.inference.fit import Fit
from surveysem.inference.latent_moderation import expected_latent_variables
from surveysem.inference.ordinal_scores import ordinal_scores
from surveysem.typing import FloatArray, IntArray

ScoreMethod: TypeAlias = Literal["regression", "bartlett", "ebm", "ml"]

_SINGULAR = 1e-10


def factor_scores(fit: Fit, method: ScoreMethod | None = None) -> pd.DataFrame:
    """Factor scores of all latent variables.

    Parameters
    ----------
    fit : Fit
        The fitted model.
    method : {"regression", "bartlett", "ebm", "ml"}, optional
        Of continuous indicators regression scores ΦΛᵀΣ⁻¹(y − μ) (the default), which vary less than the latent
        variable, or Bartlett's (ΛᵀΣ⁻¹Λ)⁻¹ΛᵀΣ⁻¹(y − μ), which are unbiased; each plus the latent mean. Where indicators
        are ordered, the mode of the posterior distribution (empirical Bayes modal, ``ebm``, the default) or of the
        likelihood (``ml``). Of continuous indicators ``ebm`` is the regression score and ``ml`` Bartlett's.

    Returns
    -------
    pandas.DataFrame, shape (n, m)
        In the order of the rows used, labelled as in the data frame, so that ``data.join(scores)`` finds its
        respondents; group after group, with the group as first index level, where there are several
        (``scores.droplevel("group")`` to join). NaN where a row answers nothing that would tell a Bartlett score, or
        where the likelihood has no maximum, as when every answer to a latent variable's ordered indicators is the
        highest.

    Raises
    ------
    UnsupportedError
        For an unknown method or one that is not for the model's indicators; for Bartlett and ``ml`` scores where
        indicators do not determine the latent variables, as those that have latent indicators only; where ordered
        indicators are dependent given the latent variables.

    Notes
    -----
    Of models with latent products fitted by LMS, scores are posterior means, of which regression scores are the linear
    case. In models without means the answers are centred on the sample means. A row with missing answers is scored from
    those it gives. lavaan's scores are the same, but where an observed outcome predicts a latent variable: there it
    counts the outcome's residual as unrelated to the latent variable; and where residuals of ordered indicators
    covary: it ignores that, while they are refused here.

    References
    ----------
    bollen_1989

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> factor_scores(ss.sem("dem60 =~ y1 + y2 + y3 + y4", data)).shape
    (75, 1)
    """
    if fit.solution.has_latent_products:
        return _frame(fit, [_expected(group, method) for group in fit.solution.groups])
    chosen = _resolved(method, ordered=bool(fit.table.ordered))
    if chosen == "bartlett":
        _check_determined(fit)
    return _frame(fit, [_scores(group, chosen) for group in fit.solution.groups])


def _frame(fit: Fit, scores: Sequence[FloatArray]) -> pd.DataFrame:
    names = list(fit.table.latent)
    labels = fit.rows or (None,) * len(scores)
    frames = [
        pd.DataFrame(each, columns=names, index=rows).rename_axis("row")
        for each, rows in zip(scores, labels, strict=True)
    ]
    return frames[0] if len(frames) == 1 else pd.concat(frames, keys=fit.group_labels, names=["group"])


def _resolved(method: ScoreMethod | None, *, ordered: bool) -> ScoreMethod:
    """The method meant, among those for the kind of indicators."""
    if ordered:
        available: Mapping[str | None, ScoreMethod] = {None: "ebm", "ebm": "ebm", "ml": "ml"}
    else:
        available = {None: "regression", "regression": "regression", "bartlett": "bartlett"}
        available = {**available, "ebm": "regression", "ml": "bartlett"}
    if method not in available:
        kind = "ordered" if ordered else "continuous"
        offered = ", ".join(repr(name) for name in available if name is not None)
        raise UnsupportedError(f"There are no factor scores {method!r} of {kind} indicators. Available: {offered}.")
    return available[method]


def _expected(group: GroupSolution, method: ScoreMethod | None) -> FloatArray:
    """Posterior means of the latent variables, products among the predictors reckoned with."""
    if method not in (None, "regression"):
        raise UnsupportedError(
            f"Factor scores {method!r} are not available for models with latent products. Available: 'regression', "
            "which are posterior means there."
        )
    return expected_latent_variables(group)


def _check_determined(fit: Fit) -> None:
    group = fit.solution.groups[0]
    unmeasured = [
        name
        for name in group.table.latent
        if not any(indicator in group.table.observed for indicator in group.table.indicators_of(name))
    ]
    everything = np.arange(len(group.structure.observed))
    if unmeasured or np.isnan(_bartlett_weights(group, everything)).any():
        named = f" (no observed indicators: {', '.join(unmeasured)})" if unmeasured else ""
        raise UnsupportedError(
            f"Bartlett scores do not exist: the indicators do not determine the latent variables{named}. "
            "Use method='regression'."
        )


def _scores(group: GroupSolution, method: ScoreMethod) -> FloatArray:
    """Scores (n, m) of one group, of continuous indicators pattern of missing answers by pattern."""
    if method in ("ebm", "ml"):
        return ordinal_scores(group, "ebm" if method == "ebm" else "ml")
    observations, implied = group.moments.observations, group.implied
    mean = implied.mean if group.structure.has_means else group.moments.means
    weights_of = _regression_weights if method == "regression" else _bartlett_weights
    patterns, pattern_of = np.unique(~np.isnan(observations), axis=0, return_inverse=True)
    scores = np.empty((len(observations), len(group.table.latent)))
    for number, pattern in enumerate(patterns):
        rows, seen = np.flatnonzero(pattern_of.ravel() == number), np.flatnonzero(pattern)
        centred = observations[np.ix_(rows, seen)] - mean[seen]
        scores[rows] = centred @ weights_of(group, seen).T + _latent_mean(group)
    return scores


def _latent_mean(group: GroupSolution) -> FloatArray:
    """Means (m,) of the latent variables; without a mean structure, what exogenous variables' means make of them."""
    m, implied = len(group.table.latent), group.implied
    if group.structure.has_means:
        return implied.latent_mean[:m]
    exogenous = group.table.exogenous_observed
    at = [group.structure.latent.index(name) for name in exogenous]
    sampled = [group.structure.observed.index(name) for name in exogenous]
    mean: FloatArray = implied.total_effects[:m, at] @ group.moments.means[sampled]
    return mean


def _regression_weights(group: GroupSolution, seen: IntArray) -> FloatArray:
    """Weights (m, o) of the *o* variables that are answered."""
    loadings = group.structure.matrices(group.theta)[Matrix.LOADINGS][seen]
    covariance = group.implied.covariance[np.ix_(seen, seen)]
    weights = np.linalg.solve(covariance, loadings @ group.implied.latent_covariance).astype(np.float64)
    return weights.T[: len(group.table.latent)]


def _bartlett_weights(group: GroupSolution, seen: IntArray) -> FloatArray:
    """Weights (m, o) of the *o* variables that are answered; NaN where they do not tell a score."""
    loadings = _measurement(group)[seen]
    told = np.flatnonzero(loadings.any(axis=0))
    weights: FloatArray = np.full((loadings.shape[1], len(seen)), np.nan)
    weighted = np.linalg.solve(group.implied.covariance[np.ix_(seen, seen)], loadings[:, told]).T.astype(np.float64)
    precision = weighted @ loadings[:, told]
    if _is_regular(precision):
        weights[told] = np.linalg.solve(precision, weighted)
    return weights[: len(group.table.latent)]


def _measurement(group: GroupSolution) -> FloatArray:
    """Loadings (p, m): an observed outcome measures what its regression has on the right.

    Except where its residual covaries with latent variables, as that of an outcome which predicts one does: it would
    bias their scores.
    """
    loadings, paths, latent_residual, *_ = group.structure.matrices(group.theta)
    latent, m = group.structure.latent, len(group.table.latent)
    related = group.implied.total_effects[:m] @ latent_residual
    scale = np.sqrt(np.abs(np.outer(np.diag(group.implied.latent_covariance)[:m], np.diag(latent_residual))))
    for at in range(m, len(latent)):
        if paths[at].any() and (np.abs(related[:, at]) <= _SINGULAR * scale[:, at]).all():
            loadings[group.structure.observed.index(latent[at])] = paths[at]
    return loadings


def _is_regular(precision: FloatArray) -> bool:
    scale = np.sqrt(np.diag(precision))
    return bool(np.linalg.eigvalsh(precision / np.outer(scale, scale))[0] > _SINGULAR)
