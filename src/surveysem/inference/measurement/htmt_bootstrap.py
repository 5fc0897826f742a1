"""Heterotrait–monotrait ratios with percentile bootstrap intervals, from resampled correlations alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveysem.data.ordinal.columns import ordered_columns
from surveysem.data.ordinal.polychoric import pair_tables, polychoric_pairs
from surveysem.errors import EstimationError, SurveySEMError, UnsupportedError
from surveysem.estimation import FullInformation, GroupSolution
from surveysem.inference.bootstrap_intervals import bootstrap_interval
from surveysem.inference.fit import Fit
from surveysem.inference.resampling import RowSampler, weighted_moments
from surveysem.inference.validity import htmt_table
from surveysem.typing import FloatArray, IntArray

_CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scales:
    """Latent variables with two or more observed items.

    Parameters
    ----------
    names : tuple of str
        The latent variables, *m* of them.
    membership : array of shape (p, m)
        1 where an item belongs to a latent variable.
    """

    names: tuple[str, ...]
    membership: FloatArray


def htmt_ratios(correlations: FloatArray, membership: FloatArray, *, version: int = 1) -> FloatArray:
    """Heterotrait–monotrait ratios of many correlation matrices at once, shape (b, m, m); the diagonal is 1.

    Parameters
    ----------
    correlations : array of shape (b, p, p)
        Of the items.
    membership : array of shape (p, m)
        1 where an item belongs to a construct, which needs at least two.
    version : {1, 2}
        Arithmetic or geometric means of absolute correlations.

    References
    ----------
    henseler_2015, roemer_2021

    Examples
    --------
    >>> correlations = np.full((1, 4, 4), 0.25) + 0.75 * np.eye(4)
    >>> correlations[0, :2, :2] = correlations[0, 2:, 2:] = [[1.0, 0.5], [0.5, 1.0]]
    >>> htmt_ratios(correlations, np.repeat(np.eye(2), 2, axis=0))[0, 0, 1]
    np.float64(0.5)
    """
    sizes = membership.sum(axis=0)
    pairs = np.outer(sizes, sizes) - np.diag(sizes)
    off_diagonal = ~np.eye(len(membership), dtype=bool)
    absolute = np.abs(correlations)
    if version == 2:
        return _geometric_ratios(absolute, off_diagonal, membership, pairs)
    means = membership.T @ (absolute * off_diagonal) @ membership / pairs
    own = np.diagonal(means, axis1=1, axis2=2)
    ratios: FloatArray = means / np.sqrt(own[:, :, None] * own[:, None, :])
    return ratios


def _geometric_ratios(
    absolute: FloatArray, off_diagonal: NDArray[np.bool_], membership: FloatArray, pairs: FloatArray
) -> FloatArray:
    """Ratios of geometric means: 0 where one of the correlations between is 0, NaN where one within is."""
    positive = off_diagonal & (absolute > 0.0)
    logs = np.log(absolute, where=positive, out=np.zeros_like(absolute))
    means = membership.T @ logs @ membership / pairs
    vanishes = membership.T @ (off_diagonal & ~positive).astype(np.float64) @ membership > 0.0
    own = np.where(np.diagonal(vanishes, axis1=1, axis2=2), np.nan, np.diagonal(means, axis1=1, axis2=2))
    ratios: FloatArray = np.exp(means - (own[:, :, None] + own[:, None, :]) / 2.0)
    return np.where(vanishes & ~np.isnan(ratios), 0.0, ratios)


def htmt_intervals(
    fit: Fit, *, version: int = 1, n_replicates: int = 5000, seed: int, level: float = 0.95
) -> pd.DataFrame:
    """Heterotrait–monotrait ratios of all pairs of latent variables, with percentile bootstrap intervals.

    Parameters
    ----------
    fit : Fit
        A measurement model. Rows, or whole clusters, are resampled and correlations computed anew; the model is not
        fitted again. Of ordered items the correlations are polychoric, which takes far longer.
    version : {1, 2}
        HTMT (Henseler et al. 2015) or HTMT2 (Roemer et al. 2021), which does not assume equal loadings.
    n_replicates : int
        Number of samples.
    seed : int
        The same seed gives the same draws.
    level : float
        Confidence level; 0.90 gives a one-sided test at 5 % by the upper limit.

    Returns
    -------
    pandas.DataFrame
        Columns first, second, (group,) htmt, ci_lower, ci_upper, excludes_1 (the interval lies below 1), below_0.85
        and below_0.90 (the ratio does: conceptually distinct, or similar constructs), n_draws (samples in which the
        ratio was defined).

    Raises
    ------
    UnsupportedError
        For another version; for incomplete rows; where fewer than two latent variables have two items, or an item
        belongs to two of them.
    EstimationError
        When fewer than half of the samples give a ratio.

    Notes
    -----
    Point estimates are those of ``htmt()`` of the R package semTools (``htmt2 =`` FALSE and TRUE).

    References
    ----------
    henseler_2015, roemer_2021, franke_sarstedt_2019

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> fit = ss.cfa("dem60 =~ y1 + y2 + y3 + y4; dem65 =~ y5 + y6 + y7 + y8", data)
    >>> htmt_intervals(fit, seed=1, n_replicates=500)["excludes_1"].tolist()
    [False]
    """
    if n_replicates < 100:
        raise UnsupportedError(f"n_replicates={n_replicates} is too few for intervals. Use 1000 or more.")
    if version not in (1, 2):
        raise UnsupportedError(f"There is no HTMT version {version!r}. Available: 1, 2.")
    parts = []
    streams = np.random.SeedSequence(seed).spawn(len(fit.solution.groups))
    for number, (group, stream) in enumerate(zip(fit.solution.groups, streams, strict=True)):
        table = _table(group, version, n_replicates, np.random.default_rng(stream), level)
        if fit.group_labels:
            table.insert(2, "group", fit.group_labels[number])
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def _table(
    group: GroupSolution, version: int, n_replicates: int, rng: np.random.Generator, level: float
) -> pd.DataFrame:
    scales = _scales(group)
    point = htmt_table(group, version=version)
    chunks = [htmt_ratios(each, scales.membership, version=version) for each in _resampled(group, n_replicates, rng)]
    draws = np.concatenate(chunks)
    rows = []
    for j, second in enumerate(scales.names):
        for i, first in enumerate(scales.names[:j]):
            value = float(point.loc[first, second])  # type: ignore[arg-type]
            interval = bootstrap_interval(draws[:, i, j], value, level=level)
            if interval.n_draws < n_replicates / 2:
                raise EstimationError(
                    f"HTMT of {first} and {second}: only {interval.n_draws} of {n_replicates} samples gave a ratio."
                )
            rows.append(
                {
                    "first": first,
                    "second": second,
                    "htmt": value,
                    "ci_lower": interval.lower,
                    "ci_upper": interval.upper,
                    "excludes_1": interval.upper < 1.0,
                    "below_0.85": value < 0.85,
                    "below_0.90": value < 0.90,
                    "n_draws": interval.n_draws,
                }
            )
    return pd.DataFrame(rows)


def _scales(group: GroupSolution) -> _Scales:
    observed, table = group.structure.observed, group.table
    items = {name: table.indicators_of(name) for name in table.latent}
    kept = {name: each for name, each in items.items() if len(each) > 1 and set(each) <= set(observed)}
    if len(kept) < 2:
        raise UnsupportedError(
            "HTMT compares latent variables with two or more items each; the model has fewer than two."
        )
    membership = np.array([[float(item in each) for each in kept.values()] for item in observed])
    shared = [item for item, row in zip(observed, membership, strict=True) if row.sum() > 1]
    if shared:
        raise UnsupportedError(
            f"HTMT has no meaning where items belong to two latent variables ({', '.join(shared)}). "
            "Use factor_correlations()."
        )
    if isinstance(group.discrepancy, FullInformation):
        raise UnsupportedError(
            'Bootstrap intervals of HTMT need complete rows. Fit with missing="listwise", or use factor_correlations().'
        )
    if group.table.ordered and set(group.table.ordered) != set(observed):
        raise UnsupportedError("Bootstrap intervals of HTMT need items that are all ordered or all continuous.")
    return _Scales(names=tuple(kept), membership=membership)


def _resampled(group: GroupSolution, n_replicates: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Correlations (b, p, p) of samples of rows or clusters, some at a time."""
    sampler = RowSampler(n_obs=group.moments.n_obs, clusters=group.moments.clusters)
    observations = group.moments.observations
    n, p = observations.shape
    size = max(1, _CELLS_AT_ONCE // max(n, p * p))
    ordered = group.table.ordered
    for first in range(0, n_replicates, size):
        frequencies = sampler.frequencies(min(size, n_replicates - first), rng)
        if ordered:
            yield np.array([_polychoric(group, row.astype(np.int64)) for row in frequencies])
        else:
            covariances = weighted_moments(observations, frequencies).covariances
            deviations = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
            yield covariances / (deviations[:, :, None] * deviations[:, None, :])


def _polychoric(group: GroupSolution, frequency: IntArray) -> FloatArray:
    """Polychoric correlations (p, p) of one sample; NaN where there are none."""
    p = len(group.structure.observed)
    rows = np.repeat(group.moments.observations, frequency, axis=0)
    codings = [np.unique(column, return_inverse=True)[1] for column in rows.T]
    correlation = np.eye(p)
    first, second = np.tril_indices(p, -1)
    try:
        columns = ordered_columns(np.array(codings), np.array([code.max() + 1 for code in codings]))
        found = polychoric_pairs(columns, pair_tables(columns, first, second)).correlation
    except SurveySEMError:
        return np.full((p, p), np.nan)
    correlation[first, second] = correlation[second, first] = found
    return correlation
