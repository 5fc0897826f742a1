"""Factor scores: the latent variables' values of each respondent, as far as the answers tell them."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.estimation import GroupSolution
from surveysem.implied import Matrix
from surveysem.inference.fit import Fit
from surveysem.typing import FloatArray

ScoreMethod: TypeAlias = Literal["regression", "bartlett"]

_SINGULAR = 1e-10


def factor_scores(fit: Fit, method: ScoreMethod = "regression") -> pd.DataFrame:
    """Factor scores of all latent variables.

    Parameters
    ----------
    fit : Fit
        The fitted model.
    method : {"regression", "bartlett"}
        Regression scores ΦΛᵀΣ⁻¹(y − μ), which vary less than the latent variable, or Bartlett's
        (ΛᵀΣ⁻¹Λ)⁻¹ΛᵀΣ⁻¹(y − μ), which are unbiased; each plus the latent mean.

    Returns
    -------
    pandas.DataFrame, shape (n, m)
        In the order of the rows used; group after group, with the group as first index level, where there are
        several. NaN where a row answers nothing that would tell a Bartlett score.

    Raises
    ------
    UnsupportedError
        For an unknown method, and for Bartlett scores where indicators do not determine the latent variables, as
        those that have latent indicators only.

    Notes
    -----
    In models without means the answers are centred on the sample means. A row with missing answers is scored from
    those it gives.

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
    if method not in ("regression", "bartlett"):
        raise UnsupportedError(f"There are no factor scores {method!r}. Available: 'regression', 'bartlett'.")
    if method == "bartlett":
        _check_determined(fit)
    frames = [
        pd.DataFrame(_scores(group, method), columns=list(group.table.latent)).rename_axis("row")
        for group in fit.solution.groups
    ]
    return frames[0] if len(frames) == 1 else pd.concat(frames, keys=fit.group_labels, names=["group"])


def _check_determined(fit: Fit) -> None:
    group = fit.solution.groups[0]
    unmeasured = [
        name
        for name in group.table.latent
        if not any(indicator in group.table.observed for indicator in group.table.indicators_of(name))
    ]
    if unmeasured or not _is_regular(_precision(group, np.arange(len(group.structure.observed)))):
        named = f" ({', '.join(unmeasured)} has no observed indicators)" if unmeasured else ""
        raise UnsupportedError(
            f"Bartlett scores do not exist: the indicators do not determine the latent variables{named}. "
            "Use method='regression'."
        )


def _scores(group: GroupSolution, method: ScoreMethod) -> FloatArray:
    """Scores (n, m) of one group, pattern of missing answers by pattern."""
    observations, implied = group.moments.observations, group.implied
    mean = implied.mean if group.structure.has_means else group.moments.means
    answered = ~np.isnan(observations)
    patterns, pattern_of = np.unique(answered, axis=0, return_inverse=True)
    scores = np.empty((len(observations), len(group.table.latent)))
    for number, pattern in enumerate(patterns):
        rows, seen = np.flatnonzero(pattern_of.ravel() == number), np.flatnonzero(pattern)
        weights = _weights(group, seen, method)
        centred = observations[np.ix_(rows, seen)] - mean[seen]
        scores[rows] = (centred @ weights.T + _latent_mean(group))[:, : scores.shape[1]]
    return scores


def _latent_mean(group: GroupSolution) -> FloatArray:
    """Latent means; where means are not modelled, what follows for them from the means of exogenous variables."""
    if group.structure.has_means:
        return group.implied.latent_mean
    return np.zeros(len(group.structure.latent))


def _weights(group: GroupSolution, seen: np.ndarray, method: ScoreMethod) -> FloatArray:
    """Weights (m, o) of the *o* variables that are answered; NaN where they tell no Bartlett score."""
    loadings = group.structure.matrices(group.theta)[Matrix.LOADINGS][seen]
    covariance = group.implied.covariance[np.ix_(seen, seen)]
    weighted: FloatArray = np.linalg.solve(covariance, loadings).T
    if method == "regression":
        return group.implied.latent_covariance @ weighted
    precision = _precision(group, seen)
    if not _is_regular(precision):
        return np.full(weighted.shape, np.nan)
    scores: FloatArray = np.linalg.solve(precision, weighted)
    return scores


def _precision(group: GroupSolution, seen: np.ndarray) -> FloatArray:
    """ΛᵀΣ⁻¹Λ of shape (m, m)."""
    loadings = group.structure.matrices(group.theta)[Matrix.LOADINGS][seen]
    precision: FloatArray = loadings.T @ np.linalg.solve(group.implied.covariance[np.ix_(seen, seen)], loadings)
    return precision


def _is_regular(precision: FloatArray) -> bool:
    scale = np.sqrt(np.diag(precision))
    if not (scale > 0).all():
        return False
    return bool(np.linalg.eigvalsh(precision / np.outer(scale, scale))[0] > _SINGULAR)
