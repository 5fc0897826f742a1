"""How much alike respondents of one cluster answer: intraclass correlations and design effects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from surveysem.data.missing.checks import check_answers
from surveysem.data.missingness import numeric_columns
from surveysem.data.responses import Responses
from surveysem.errors import DataError, Problem
from surveysem.typing import FloatArray, IntArray


class _Clusters(NamedTuple):
    """Values of one item summarised by cluster."""

    sizes: FloatArray
    means: FloatArray
    within: float


def intraclass_correlations(
    data: pd.DataFrame | Responses, *, cluster: str, items: Sequence[str] | None = None
) -> pd.DataFrame:
    """Intraclass correlations and design effects of items whose respondents belong to clusters.

    Parameters
    ----------
    data : pandas.DataFrame or Responses
        One row a respondent; NaN where an answer is missing, which is left out item by item.
    cluster : str
        Column that names the cluster (the influencer, the firm); rows without one are left out of all items.
    items : sequence of str, optional
        Numeric columns; all others by default.

    Returns
    -------
    pandas.DataFrame
        Indexed by item: n, n_clusters, mean_size, icc (ICC(1) from the one-way analysis of variance, which may be
        negative), icc_ml (maximum likelihood, never negative), design_effect.

    Raises
    ------
    DataError
        When columns are absent or not numeric, or there are not two clusters, one of them with two respondents.

    Notes
    -----
    ICC(1) = (MSB − MSW)/(MSB + (k₀ − 1) MSW) with k₀ = (n − Σnⱼ²/n)/(J − 1). The design effect is
    1 + (n̄ − 1)·ICC, n̄ the mean size n/J and ICC that of the analysis of variance, or 1 where that is negative: what
    clustering multiplies the variance of a mean by.

    References
    ----------
    shrout_fleiss_1979, kish_1965

    Examples
    --------
    >>> frame = pd.DataFrame({"firm": list("aabbcc"), "x": [1.0, 2.0, 4.0, 5.0, 8.0, 9.0]})
    >>> intraclass_correlations(frame, cluster="firm")["icc"].round(4).tolist()
    [0.9603]
    """
    frame = data.frame if isinstance(data, Responses) else data
    if cluster not in frame:
        remedy = "Name the column that holds the clusters."
        raise DataError("There are no clusters.", [Problem(where=cluster, found="no such column", remedy=remedy)])
    names = [name for name in numeric_columns(frame) if name != cluster] if items is None else list(items)
    check_answers(frame, tuple(names))
    rows = [_row(_answers(frame, name, cluster), name) for name in names]
    return pd.DataFrame(rows, index=pd.Index(names, name="item"))


def intraclass_correlation(values: FloatArray, clusters: IntArray) -> float:
    """ICC(1) of values (n,) in clusters numbered from 0 (n,), from the one-way analysis of variance.

    References
    ----------
    shrout_fleiss_1979

    Examples
    --------
    >>> round(intraclass_correlation(np.array([1.0, 2.0, 4.0, 5.0]), np.array([0, 0, 1, 1])), 4)
    0.8947
    """
    return _from_variances(_summary(values, clusters))


def intraclass_correlation_ml(values: FloatArray, clusters: IntArray) -> float:
    """Maximum likelihood intraclass correlation of a normal one-way random-effects model.

    Parameters
    ----------
    values : array of shape (n,)
        Answers.
    clusters : int array of shape (n,)
        Clusters, numbered from 0.

    Notes
    -----
    The likelihood is maximised over the mean and the variance in closed form for each ρ between 0 and 1, and over ρ
    numerically; 0 where it falls from there.

    Examples
    --------
    >>> values, firms = np.array([1.0, 2.0, 4.0, 5.0, 8.0, 9.0]), np.array([0, 0, 1, 1, 2, 2])
    >>> round(intraclass_correlation_ml(values, firms), 3)
    0.941
    """
    summary = _summary(values, clusters)
    found = minimize_scalar(
        _profile, args=(summary,), bounds=(0.0, 1.0 - 1e-9), method="bounded", options={"xatol": 1e-9}
    )
    return 0.0 if _profile(0.0, summary) <= found.fun else float(found.x)


def _summary(values: FloatArray, clusters: IntArray) -> _Clusters:
    sizes = np.bincount(clusters).astype(np.float64)
    means = np.bincount(clusters, weights=values) / sizes
    return _Clusters(sizes, means, float(np.sum((values - means[clusters]) ** 2)))


def _from_variances(summary: _Clusters) -> float:
    sizes, means, within = summary
    n, n_clusters = sizes.sum(), len(sizes)
    between = float(np.sum(sizes * (means - sizes @ means / n) ** 2)) / (n_clusters - 1)
    error = within / (n - n_clusters)
    k0 = (n - np.sum(sizes**2) / n) / (n_clusters - 1)
    total = between + (k0 - 1.0) * error
    return float((between - error) / total) if total > 0 else float("nan")


def _profile(rho: float, summary: _Clusters) -> float:
    """−2 ln L at ρ, up to a constant: covariance within a cluster is σ²((1 − ρ) I + ρ 11ᵀ)."""
    sizes, means, within = summary
    n = sizes.sum()
    inflation = 1.0 - rho + sizes * rho
    weights = sizes / inflation
    mean = weights @ means / weights.sum()
    squares = within / (1.0 - rho) + weights @ (means - mean) ** 2
    return float(n * np.log(squares / n) + (n - len(sizes)) * np.log(1.0 - rho) + np.log(inflation).sum())


def _answers(frame: pd.DataFrame, name: str, cluster: str) -> tuple[FloatArray, IntArray]:
    known = frame[[name, cluster]].dropna()
    numbers, _ = pd.factorize(known[cluster])
    return known[name].to_numpy(dtype=np.float64), np.asarray(numbers, dtype=np.int64)


def _row(answers: tuple[FloatArray, IntArray], name: str) -> dict[str, float]:
    values, clusters = answers
    n_clusters = len(np.unique(clusters))
    if n_clusters < 2 or n_clusters == len(values):
        found = f"{n_clusters} clusters among {len(values)} answers"
        remedy = "Name a column with two clusters or more, one of which has two respondents."
        raise DataError("The clusters cannot be compared.", [Problem(where=name, found=found, remedy=remedy)])
    icc = intraclass_correlation(values, clusters)
    mean_size = len(values) / n_clusters
    constant = np.ptp(values) == 0
    return {
        "n": len(values),
        "n_clusters": n_clusters,
        "mean_size": mean_size,
        "icc": icc,
        "icc_ml": float("nan") if constant else intraclass_correlation_ml(values, clusters),
        "design_effect": 1.0 + (mean_size - 1.0) * max(icc, 0.0),
    }
