"""Casewise scores and Hessian of the log-likelihood, cell by cell.

By Fisher's identity the score of a row is the posterior mean, over the nodes, of its scores in the cells; by Louis'
the Hessian is the posterior mean of the Hessians there, plus the posterior covariance of the scores.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from surveysem.estimation.latent_moderation.elements import Elements, elements
from surveysem.estimation.latent_moderation.posterior import Posterior
from surveysem.implied import Matrix
from surveysem.typing import FloatArray, IntArray

_NEGLIGIBLE = 1e-14
"""Posterior probability of a node that adds nothing to scores and Hessian."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cell:
    """One cell and its rows of more than negligible weight; scores lack the elements' scale.

    Parameters
    ----------
    number : int
        The cell.
    rows : int array of shape (k,)
        Sorted rows.
    weights : array of shape (k,)
        Posterior probability of the node, row by row.
    left, right : arrays of shape (k, e)
        Coordinates P_u and P_v of each element.
    spread : array of shape (p + 1 + 2m, p + 1 + 2m)
        Posterior covariances of the coordinates, less what complete data tell.
    returning : array of shape (e, e) or None
        Total effects from the source of one path to the target of another, where paths lead in a circle.
    held : array of shape (e,)
        Values of the factors that multiply elements of Ω; 1 for others.
    """

    number: int
    rows: IntArray
    weights: FloatArray
    left: FloatArray
    right: FloatArray
    spread: FloatArray
    returning: FloatArray | None
    held: FloatArray

    def scores(self, of: Elements) -> FloatArray:
        """Scores of the rows, (k, e)."""
        gram = self.spread[of.u, of.v]
        if self.returning is not None:
            gram = gram - self.returning.diagonal()
        scores = self.left * self.right
        scores += gram
        scores *= self.held
        return scores

    def curvature(self, of: Elements) -> FloatArray:
        """Weighted sum of the second derivatives of the rows' log-densities, (e, e)."""
        quadratic, means = slice(0, of.n_quadratic), slice(of.n_quadratic, None)
        u, v, count = of.u[quadratic], of.v[quadratic], float(self.weights.sum())
        left, right = self.left[:, quadratic], self.right[:, quadratic]
        weighted = self.weights[:, None] * right
        k_uu, k_uv, k_vv = (_gathered(self.spread, a, b) for a, b in ((u, u), (u, v), (v, v)))
        crossed = k_uv * (weighted.T @ left + 0.5 * count * k_uv.T)
        both = crossed + crossed.T
        both += k_uu * (weighted.T @ right + count * k_vv)
        both += k_vv * (left.T @ (self.weights[:, None] * left))
        if self.returning is not None:
            returning = self.returning[quadratic, quadratic]
            both -= count * returning * returning.T
        one = of.u[means]
        across = _gathered(self.spread, one, v) * (self.weights @ left)
        across += _gathered(self.spread, one, u) * (self.weights @ right)
        curvature = np.block([[both, across.T], [across, count * _gathered(self.spread, one, one)]])
        for element in np.flatnonzero(of.held >= 0):
            curvature[element] *= self.held[element]
            curvature[:, element] *= self.held[element]
        return curvature


def casewise_scores(at: Posterior, parameters: IntArray | None = None) -> FloatArray:
    """Derivatives of each sorted row's log-likelihood, of shape (n, q).

    Where only some *parameters* are asked for, those of others are 0.
    """
    of = elements(at.structure, at.factors)
    if parameters is not None:
        of = of.of(parameters)
    scores = np.zeros((at.rows.n_obs, len(of.u)))
    for cell in _cells(at, of):
        scores[cell.rows] += cell.weights[:, None] * cell.scores(of)
    return of.summed(scores, at.structure.n_free)


def log_likelihood_hessian(at: Posterior) -> FloatArray:
    """Second derivatives of the log-likelihood, of shape (q, q)."""
    of = elements(at.structure, at.factors)
    scores = np.zeros((at.rows.n_obs, len(of.u)))
    hessian = np.zeros((len(of.u), len(of.u)))
    for cell in _cells(at, of):
        each = cell.scores(of)
        weighted = cell.weights[:, None] * each
        scores[cell.rows] += weighted
        hessian += weighted.T @ each
        hessian += cell.curvature(of)
    hessian -= scores.T @ scores
    n_free = at.structure.n_free
    summed = of.summed(of.summed(hessian, n_free).T, n_free)
    return (summed + summed.T) / 2.0


def _cells(at: Posterior, of: Elements) -> Iterator[_Cell]:
    held = np.hstack([at.held, np.ones((len(at.held), 1))])[:, of.held]
    for (rows, cells), weights in zip(at.blocks(), at.weights, strict=True):
        for column, number in enumerate(range(cells.start, cells.stop)):
            kept = np.flatnonzero(weights[:, column] > _NEGLIGIBLE)
            if not len(kept):
                continue
            coordinates = _coordinates(at, number, rows.start + kept)
            yield _Cell(
                number=number,
                rows=rows.start + kept,
                weights=weights[kept, column],
                left=coordinates.take(of.u, axis=1),
                right=coordinates.take(of.v, axis=1),
                spread=_spread(at, number),
                returning=_returning(at, of, number) if of.circular else None,
                held=held[number],
            )


def _coordinates(at: Posterior, number: int, rows: IntArray) -> FloatArray:
    """z (p), 1, r (m) and η (m) of some rows in one cell."""
    measured, m = at.measured, len(at.structure.latent)
    latent = measured.features[rows] @ at.cells.maps[number].T
    present = at.rows.present[at.grid.group[number]]
    fitted = latent[:, 1 + m : 1 + 2 * m] @ at.matrices[Matrix.LOADINGS].T
    z = (measured.centred[rows] - fitted * present) * measured.precision
    z[:, measured.exact] = latent[:, 1 + 2 * m :]
    return np.hstack([z, latent[:, : 1 + 2 * m]])


def _spread(at: Posterior, number: int) -> FloatArray:
    measured, cells, m = at.measured, at.cells, len(at.structure.latent)
    p, exact, inner = len(measured.precision), measured.exact, cells.spread[number]
    informed = measured.precision * at.rows.present[at.grid.group[number]]
    loaded = at.matrices[Matrix.LOADINGS] * informed[:, None]
    r, eta = slice(p + 1, p + 1 + m), slice(p + 1 + m, None)
    spread = np.zeros((p + 1 + 2 * m, p + 1 + 2 * m))
    spread[p:, p:] = inner[: 1 + 2 * m, : 1 + 2 * m]
    spread[:p, eta] = -loaded @ cells.posterior[number]
    spread[:p, r] = -loaded @ (cells.shrink[number].T @ cells.total[number])
    spread[:p, :p] = -loaded @ spread[:p, eta].T
    spread[np.arange(p), np.arange(p)] -= informed
    if len(exact):
        spread[exact, p:] = inner[1 + 2 * m :, : 1 + 2 * m]
        spread[exact, :p] = cells.crossing[number] @ loaded.T
        spread[:p, exact] = spread[exact, :p].T
        spread[np.ix_(exact, exact)] = inner[1 + 2 * m :, 1 + 2 * m :]
    spread[p:, :p] = spread[:p, p:].T
    return spread


def _returning(at: Posterior, of: Elements, number: int) -> FloatArray:
    """A[j of a, i of b] for paths a and b (i ← j), else 0."""
    p, m = len(at.structure.observed), len(at.structure.latent)
    paths = np.flatnonzero((of.u > p) & (of.v > p + m))
    returning = np.zeros((len(of.u), len(of.u)))
    sources, targets = of.v[paths] - p - 1 - m, of.u[paths] - p - 1
    returning[np.ix_(paths, paths)] = at.cells.total[number][np.ix_(sources, targets)]
    return returning


def _gathered(matrix: FloatArray, rows: IntArray, columns: IntArray) -> FloatArray:
    """matrix[rows][:, columns]; two takes are ten times faster than one open mesh."""
    return matrix.take(rows, axis=0).take(columns, axis=1)
