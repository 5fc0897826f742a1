"""Gradient of the log-likelihood: by Fisher's identity, the complete-data gradient at posterior moments."""

from __future__ import annotations

import numpy as np

from surveysem.estimation.latent_moderation.posterior import Posterior
from surveysem.implied import Matrix
from surveysem.typing import FloatArray


def score_sum(at: Posterior) -> FloatArray:
    """Gradient of the log-likelihood, of shape (q,)."""
    structure, cells = at.structure, at.cells
    m = len(structure.latent)
    r, eta = slice(1, 1 + m), slice(1 + m, 1 + 2 * m)
    moments = _feature_moments(at)
    counts = moments[:, 0, 0]
    second = cells.maps @ moments @ cells.maps.transpose(0, 2, 1)
    scores = second + counts[:, None, None] * cells.spread
    scores[:, r, eta] -= counts[:, None, None] * cells.total.transpose(0, 2, 1)
    latent = np.add.reduceat(second[:, eta, eta] + counts[:, None, None] * cells.posterior, at.grid.bounds[:-1], axis=0)
    by_matrix = _by_matrix(at, scores.sum(axis=0), latent)
    places = zip(structure.matrix, structure.row, structure.column, strict=True)
    values = np.array([by_matrix[kind][i, j] for kind, i, j in places])
    symmetric = np.isin(structure.matrix, [Matrix.LATENT_COVARIANCE, Matrix.RESIDUAL_COVARIANCE])
    values[symmetric & (structure.row == structure.column)] /= 2.0
    gradient = structure.sum_elements(values)
    paths = scores[:, 1 + structure.outcome, 1 + m + at.factors.other]
    of_products = (paths * at.held[:, at.factors.held]).sum(axis=0)
    free = structure.product_parameter >= 0
    np.add.at(gradient, structure.product_parameter[free], of_products[free])
    return gradient


def _feature_moments(at: Posterior) -> FloatArray:
    """Sums over rows of the features' products, weighted by the posterior of the node, (c, f, f)."""
    size = at.measured.features.shape[1]
    moments = [
        (weights.T @ at.products[rows]).reshape(-1, size, size)
        for (rows, _), weights in zip(at.blocks(), at.weights, strict=True)
    ]
    return np.concatenate(moments)


def _by_matrix(at: Posterior, summed: FloatArray, latent: FloatArray) -> tuple[FloatArray, ...]:
    """Derivatives with respect to all elements of Λ, B, Ψ, Θ, ν and α; twice those on the diagonals of Ψ and Θ.

    Parameters
    ----------
    at : Posterior
        Rows and nodes.
    summed : array of shape (g, g)
        Scores of pairs of the coordinates (1, r, η, z), summed over cells.
    latent : array of shape (o, m, m)
        Sums over rows of E[ηηᵀ], by group.
    """
    measured, present, loadings = at.measured, at.rows.present.astype(np.float64), at.matrices[Matrix.LOADINGS]
    p, m = loadings.shape
    r, eta, z = slice(1, 1 + m), slice(1 + m, 1 + 2 * m), slice(1 + 2 * m, None)
    own = (present.T @ latent.reshape(len(latent), -1)).reshape(p, m, m)
    by_row = present[at.rows.group_of_row]
    crossed = measured.centred.T @ at.expected
    precision = measured.precision
    fitted = np.einsum("pij,pj->pi", own, loadings)
    squares = (measured.centred**2).sum(axis=0) - ((2.0 * crossed - fitted) * loadings).sum(axis=1)
    means = measured.centred.sum(axis=0) - (loadings * (by_row.T @ at.expected)).sum(axis=1)
    of_loadings = precision[:, None] * (crossed - fitted)
    of_residuals = np.diag(precision**2 * squares - precision * by_row.sum(axis=0))
    of_intercepts = (precision * means)[:, None]
    exact = measured.exact
    of_loadings[exact] = summed[z, eta]
    of_residuals[np.ix_(exact, exact)] = summed[z, z]
    of_intercepts[exact, 0] = summed[z, 0]
    return of_loadings, summed[r, eta], summed[r, r], of_residuals, of_intercepts, summed[r, :1]
