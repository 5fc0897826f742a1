"""Multiple imputation of incomplete rows by data augmentation under the multivariate normal model.

Missing values and parameters are drawn in turn: values given the parameters and the observed ones, then the covariance
from its inverse Wishart and the means from their normal distribution given the completed rows, under the prior
|Σ|^−(p+1)/2. The chain starts at the maximum likelihood moments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from surveysem.data.missing.patterns import MissingMoments
from surveysem.data.missing.saturated import SaturatedMoments
from surveysem.errors import DataError, UnsupportedError
from surveysem.linalg import inverse_positive_definite
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Imputations:
    """Completed rows and how independent they are.

    Parameters
    ----------
    values : array of shape (m, n, p)
        Completed rows of each imputation.
    autocorrelation : float
        Largest correlation, over means and variances, of draws as far apart as two imputations; near 0 where these are
        independent.
    """

    values: FloatArray
    autocorrelation: float

    def __post_init__(self) -> None:
        self.values.setflags(write=False)


class _Gap(NamedTuple):
    """Rows that miss *k* variables, and which."""

    rows: IntArray
    columns: IntArray


def impute_normal(
    missing: MissingMoments,
    saturated: SaturatedMoments,
    *,
    n_imputations: int,
    rng: np.random.Generator,
    burn_in: int = 200,
    spacing: int = 100,
) -> Imputations:
    """Draws of the missing values from their posterior under the multivariate normal model.

    Parameters
    ----------
    missing : MissingMoments
        The rows, *n* of *p* variables.
    saturated : SaturatedMoments
        Their maximum likelihood moments, where the chain starts.
    n_imputations : int
        Completed data sets, *m*.
    rng : numpy.random.Generator
        Source of the draws.
    burn_in, spacing : int
        Steps before the first imputation, and from one to the next.

    Raises
    ------
    UnsupportedError
        When a number is too small.
    DataError
        When there are not more rows than variables.

    References
    ----------
    schafer_1997

    Examples
    --------
    >>> import pandas as pd
    >>> from surveysem.data.missing import missing_patterns, saturated_moments
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 4.0, 3.0, 5.0], "b": [2.0, 1.0, 5.0, 3.0, np.nan]})
    >>> rows = missing_patterns(frame, ["a", "b"])
    >>> drawn = impute_normal(rows, saturated_moments(rows), n_imputations=3, rng=np.random.default_rng(1))
    >>> drawn.values.shape, bool(np.isnan(drawn.values).any())
    ((3, 5, 2), False)
    """
    if n_imputations < 2 or burn_in < 0 or spacing < 1:
        raise UnsupportedError("Imputation needs n_imputations of 2 or more, burn_in of 0 or more and spacing above 0.")
    n, p = missing.observations.shape
    if n - 1 < p:
        raise DataError(f"Imputation needs more rows than variables; there are {n} rows of {p} variables.")
    centre, spread = saturated.means, np.sqrt(np.diag(saturated.covariance))
    rows = (missing.observations - centre) / spread
    chain = _chain(rows, saturated.covariance / np.outer(spread, spread), rng)
    for _ in range(burn_in):
        next(chain)
    imputed = np.empty((n_imputations, n, p))
    trace = []
    for number in range(n_imputations):
        for _ in range(spacing):
            completed, parameters = next(chain)
            trace.append(parameters)
        imputed[number] = centre + spread * completed
    return Imputations(values=imputed, autocorrelation=_autocorrelation(np.array(trace), spacing))


def _chain(
    rows: FloatArray, covariance: FloatArray, rng: np.random.Generator
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Completed rows, overwritten at each step, and the means and variances they were drawn from."""
    gaps = _gaps(np.isnan(rows))
    completed = np.where(np.isnan(rows), 0.0, rows)
    mean, precision = np.zeros(rows.shape[1]), inverse_positive_definite(covariance)
    while True:
        _draw_values(completed, gaps, mean, precision, rng)
        yield completed, np.concatenate([mean, np.diag(precision)])
        mean, precision = _draw_parameters(completed, rng)


def _gaps(missing: np.ndarray) -> list[_Gap]:
    counts = missing.sum(axis=1)
    gaps = []
    for count in np.unique(counts[counts > 0]):
        rows = np.flatnonzero(counts == count)
        gaps.append(_Gap(rows, np.nonzero(missing[rows])[1].reshape(len(rows), count)))
    return gaps


def _draw_values(
    completed: FloatArray, gaps: list[_Gap], mean: FloatArray, precision: FloatArray, rng: np.random.Generator
) -> None:
    """Missing values given the others: their precision is the block P of the precision, their mean μ − P⁻¹ b."""
    for rows, columns in gaps:
        deviations = completed[rows] - mean
        np.put_along_axis(deviations, columns, 0.0, axis=1)
        pull = np.take_along_axis(deviations @ precision, columns, axis=1)
        roots = np.linalg.cholesky(precision[columns[:, :, None], columns[:, None, :]])
        noise = rng.standard_normal(columns.shape)
        half = np.linalg.solve(roots, pull[:, :, None])[:, :, 0]
        drawn = np.linalg.solve(np.swapaxes(roots, 1, 2), (noise - half)[:, :, None])[:, :, 0]
        completed[rows[:, None], columns] = mean[columns] + drawn


def _draw_parameters(completed: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Means and precision given complete rows: Σ⁻¹ from a Wishart with n − 1 degrees of freedom, μ given Σ."""
    n, p = completed.shape
    centre = completed.mean(axis=0)
    deviations = completed - centre
    root = np.linalg.cholesky(inverse_positive_definite(deviations.T @ deviations))
    bartlett = np.tril(rng.standard_normal((p, p)), -1)
    bartlett[np.diag_indices(p)] = np.sqrt(rng.chisquare(n - 1 - np.arange(p)))
    factor = root @ bartlett
    mean = centre + np.linalg.solve(factor.T, rng.standard_normal(p)) / np.sqrt(n)
    return mean, factor @ factor.T


def _autocorrelation(trace: FloatArray, lag: int) -> float:
    """Largest correlation of the columns with themselves *lag* steps later."""
    centred = trace - trace.mean(axis=0)
    products = (centred[:-lag] * centred[lag:]).mean(axis=0)
    variances = (centred**2).mean(axis=0)
    return float(np.max(products[variances > 0] / variances[variances > 0], initial=0.0))
