"""Rows drawn with replacement, and the moments of what was drawn, without copying rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveysem.estimation import GroupSolution
from surveysem.estimation.stacks import SampleStack
from surveysem.typing import FloatArray, IntArray

_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, kw_only=True, eq=False)
class RowSampler:
    """Draws from the rows of one group: single rows, or whole clusters.

    Parameters
    ----------
    n_obs : int
        Rows, *n*.
    clusters : int array of shape (n,) or None
        Cluster of each row, counted from 0; ``None`` where rows are independent.

    References
    ----------
    cameron_gelbach_miller_2008, field_welsh_2007

    Examples
    --------
    >>> sampler = RowSampler(n_obs=5, clusters=np.array([0, 0, 1, 1, 1]))
    >>> sampler.frequencies(2, np.random.default_rng(1))
    array([[1., 1., 1., 1., 1.],
           [0., 0., 2., 2., 2.]])
    """

    n_obs: int
    clusters: IntArray | None = None

    def frequencies(self, n_samples: int, rng: np.random.Generator) -> FloatArray:
        """How often each row is in each of *b* samples of as many rows or clusters as there are, of shape (b, n)."""
        if self.clusters is None:
            return _counts(self.n_obs, n_samples, rng)
        return _counts(int(self.clusters.max()) + 1, n_samples, rng)[:, self.clusters]


def resampled_moments(observations: FloatArray, n_samples: int, rng: np.random.Generator) -> SampleStack:
    """Means and covariances (divided by *n*) of samples of *n* rows drawn with replacement.

    Parameters
    ----------
    observations : array of shape (n, p)
        The rows.
    n_samples : int
        Number of samples, *b*.
    rng : numpy.random.Generator
        Source of the draws.

    Examples
    --------
    >>> rows = np.array([[1.0, 2.0], [3.0, 1.0], [5.0, 6.0]])
    >>> resampled_moments(rows, 4, np.random.default_rng(1)).covariances.shape
    (4, 2, 2)
    """
    return weighted_moments(observations, RowSampler(n_obs=len(observations)).frequencies(n_samples, rng))


def weighted_moments(observations: FloatArray, frequencies: FloatArray) -> SampleStack:
    """Means and covariances (divided by the number of rows) of samples in which rows count repeatedly.

    How often each row counts, times the pairwise products of the centred variables, gives all second moments in one
    matrix product.

    Parameters
    ----------
    observations : array of shape (n, p)
        The rows.
    frequencies : array of shape (b, n)
        How often each row is in each sample.

    Examples
    --------
    >>> weighted_moments(np.array([[1.0], [4.0]]), np.array([[1.0, 2.0]])).means
    array([[3.]])
    """
    n, p = observations.shape
    totals = frequencies.sum(axis=1, keepdims=True)
    centre = observations.mean(axis=0)
    centred = observations - centre
    i, j = np.tril_indices(p)
    products = np.zeros((len(frequencies), len(i)))
    for first in range(0, n, _ROWS_AT_ONCE):
        rows = centred[first : first + _ROWS_AT_ONCE]
        products += frequencies[:, first : first + _ROWS_AT_ONCE] @ (rows.take(i, axis=1) * rows.take(j, axis=1))
    means = frequencies @ centred / totals
    covariances = products / totals - means.take(i, axis=1) * means.take(j, axis=1)
    return SampleStack(
        covariances=covariances.take(_unfolding(p), axis=1), means=means + centre, n_obs=totals.reshape(-1)
    )


def _counts(n: int, n_samples: int, rng: np.random.Generator) -> FloatArray:
    """How often each of *n* units is in each sample, of shape (b, n)."""
    drawn = rng.integers(0, n, size=(n_samples, n)) + n * np.arange(n_samples)[:, None]
    return np.bincount(drawn.ravel(), minlength=n * n_samples).reshape(n_samples, n).astype(np.float64)


def _unfolding(p: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Places of the elements of a symmetric matrix (p, p) among those of its lower triangle."""
    places = np.zeros((p, p), dtype=np.int64)
    i, j = np.tril_indices(p)
    places[i, j] = places[j, i] = np.arange(len(i))
    return places


def model_conforming_rows(group: GroupSolution) -> FloatArray:
    """Observations (n, p) transformed so that their moments are those the model implies (Bollen & Stine 1992).

    Notes
    -----
    z = S^(−½) Σ^(½) applied to centred rows, with symmetric roots, plus the implied means.
    """
    moments, implied = group.moments, group.implied
    centred = moments.observations - moments.means
    transformation = _root(moments.covariance, -0.5) @ _root(implied.covariance, 0.5)
    mean = implied.mean if group.structure.has_means else moments.means
    rows: FloatArray = centred @ transformation + mean
    return rows


def _root(matrix: FloatArray, power: float) -> FloatArray:
    values, vectors = np.linalg.eigh(matrix)
    root: FloatArray = (vectors * values**power) @ vectors.T
    return root
