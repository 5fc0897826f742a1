"""Nodes of the integral over the held latent factors: a lattice for each group of rows, dense where they may lie.

The trapezoidal rule on a lattice converges faster than any power of the spacing for integrands as smooth as normal
densities: with the spacing equal to the posterior standard deviation the relative error is about 2 exp(−2π²) = 5e-9.
The lattice is skewed as the posterior is, so that it serves several dimensions alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from surveysem.estimation.latent_moderation.rows import RowGroups
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """Cells: *c* nodes of *d* dimensions, each for one group of rows.

    Parameters
    ----------
    nodes : array of shape (c, d)
        Values of the held latent factors.
    group : int array of shape (c,)
        Group of rows, ascending.
    log_weight : array of shape (c,)
        Logarithm of the volume a node stands for.
    bounds : int array of shape (o + 1,)
        Group g has the cells from ``bounds[g]`` to ``bounds[g + 1]``.
    """

    nodes: FloatArray
    group: IntArray
    log_weight: FloatArray
    bounds: IntArray

    @property
    def largest(self) -> int:
        """Nodes of the group that has most."""
        return int(np.diff(self.bounds).max())

    def part(self, first: int, last: int) -> Grid:
        """The cells of groups from *first* up to but not including *last*."""
        at = slice(int(self.bounds[first]), int(self.bounds[last]))
        return Grid(
            nodes=self.nodes[at],
            group=self.group[at] - first,
            log_weight=self.log_weight[at],
            bounds=self.bounds[first : last + 1] - self.bounds[first],
        )


def lattice_grid(rows: RowGroups, means: FloatArray, covariances: FloatArray, *, spacing: float, radius: float) -> Grid:
    """Lattice points near the posterior of some row.

    Parameters
    ----------
    rows : RowGroups
        The rows.
    means : array of shape (n, d)
        Posterior means of the held latent factors, of each sorted row.
    covariances : array of shape (o, d, d)
        Posterior covariances, of each group.
    spacing, radius : float
        Between nodes, and from a row's mean to the farthest node, in posterior standard deviations.

    Raises
    ------
    numpy.linalg.LinAlgError
        Where a covariance matrix is not positive definite.
    """
    d = means.shape[1]
    offsets = _ball(d, radius / spacing + np.sqrt(d) / 2.0)
    nodes = []
    for number, at in enumerate(rows.slices()):
        basis = spacing * np.linalg.cholesky(covariances[number])
        centres = np.rint(np.linalg.solve(basis, means[at].T).T)
        points = np.unique((centres[:, None, :] + offsets).reshape(len(centres) * len(offsets), d), axis=0)
        nodes.append((points @ basis.T, float(np.log(np.diag(basis)).sum())))
    return _grid(nodes)


def product_grid(rows: RowGroups, means: FloatArray, covariances: FloatArray, *, nodes: int, radius: float) -> Grid:
    """A given number of nodes in each dimension; see :func:`lattice_grid`."""
    parts = []
    for number, at in enumerate(rows.slices()):
        root = np.linalg.cholesky(covariances[number])
        centres = np.linalg.solve(root, means[at].T)
        axes = [np.linspace(row.min() - radius, row.max() + radius, nodes) for row in centres]
        spacings = [axis[1] - axis[0] for axis in axes]
        points = np.array(list(product(*axes)), dtype=np.float64)
        parts.append((points @ root.T, float(np.log(np.diag(root)).sum() + np.log(spacings).sum())))
    return _grid(parts)


def _ball(d: int, radius: float) -> FloatArray:
    """Points with whole coordinates within a radius of 0, of shape (k, d)."""
    reach = int(np.ceil(radius))
    axis = np.arange(-reach, reach + 1, dtype=np.float64)
    points = np.array(list(product(*[axis] * d)), dtype=np.float64)
    return np.asarray(points[(points**2).sum(axis=1) <= radius**2])


def _grid(parts: list[tuple[FloatArray, float]]) -> Grid:
    counts = [len(nodes) for nodes, _ in parts]
    return Grid(
        nodes=np.concatenate([nodes for nodes, _ in parts]),
        group=np.repeat(np.arange(len(parts)), counts),
        log_weight=np.repeat([weight for _, weight in parts], counts),
        bounds=np.concatenate([[0], np.cumsum(counts)]),
    )
