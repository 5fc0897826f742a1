"""Discriminant validity: heterotrait–monotrait ratios and the Fornell–Larcker table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.estimation import GroupSolution
from surveysem.inference.reliability import reliability_table
from surveysem.typing import FloatArray


def htmt_ratio(*, between: FloatArray, within_first: FloatArray, within_second: FloatArray, version: int = 1) -> float:
    """Heterotrait–monotrait ratio of correlations.

    Parameters
    ----------
    between : array of shape (j, k)
        Correlations of the items of one construct with those of another.
    within_first, within_second : arrays of shape (j, j) and (k, k)
        Correlations among the items of each; the diagonal is not used.
    version : {1, 2}
        Arithmetic or geometric means.

    Notes
    -----
    Absolute correlations are averaged, so that reverse-keyed items do not cancel.

    References
    ----------
    henseler_2015, roemer_2021

    Examples
    --------
    >>> within = np.array([[1.0, 0.5], [0.5, 1.0]])
    >>> htmt_ratio(between=np.full((2, 2), 0.25), within_first=within, within_second=within)
    0.5
    """
    mean = _MEANS[version]
    within = [mean(np.abs(block[np.tril_indices_from(block, -1)])) for block in (within_first, within_second)]
    return float(mean(np.abs(between)) / np.sqrt(within[0] * within[1]))


def _geometric_mean(values: FloatArray) -> float:
    return float(np.exp(np.mean(np.log(values))))


_MEANS: dict[int, Callable[[FloatArray], float]] = {1: lambda values: float(np.mean(values)), 2: _geometric_mean}


def htmt_table(solution: GroupSolution, *, version: int = 1) -> pd.DataFrame:
    """HTMT of every pair of latent variables with at least two indicators each, as a symmetric frame.

    The diagonal is NaN. *version* is that of :func:`htmt_ratio`.

    Raises
    ------
    UnsupportedError
        For another version than 1 and 2.
    """
    if version not in _MEANS:
        raise UnsupportedError(f"There is no HTMT version {version!r}. Available: 1, 2.")
    scale = np.sqrt(np.diag(solution.moments.covariance))
    correlation = solution.moments.covariance / np.outer(scale, scale)
    items = {
        name: [solution.structure.observed.index(item) for item in solution.table.indicators_of(name)]
        for name in reliability_table(solution).index
    }
    names = [name for name, positions in items.items() if len(positions) > 1]
    table = pd.DataFrame(np.nan, index=names, columns=names)
    for number, first in enumerate(names):
        for second in names[:number]:
            i, j = items[first], items[second]
            ratio = htmt_ratio(
                between=correlation[np.ix_(i, j)],
                within_first=correlation[np.ix_(i, i)],
                within_second=correlation[np.ix_(j, j)],
                version=version,
            )
            table.loc[first, second] = table.loc[second, first] = ratio
    return table


def fornell_larcker_table(solution: GroupSolution) -> pd.DataFrame:
    """Correlations of the latent variables, with the square root of AVE on the diagonal."""
    reliability = reliability_table(solution)
    names = list(reliability.index)
    at = [solution.structure.latent.index(name) for name in names]
    covariance = solution.implied.latent_covariance[np.ix_(at, at)]
    scale = np.sqrt(np.diag(covariance))
    table = pd.DataFrame(covariance / np.outer(scale, scale), index=names, columns=names)
    for name in names:
        table.loc[name, name] = np.sqrt(reliability.loc[name, "average_variance_extracted"])
    return table
