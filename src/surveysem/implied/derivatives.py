"""First and second derivatives of tr(Q Σ) and cᵀμ, and the trace products that information matrices are made of."""

from __future__ import annotations

import numpy as np

from surveysem.implied.moments import ImpliedMoments, element_columns, element_to_parameter, mean_weights
from surveysem.implied.structure import Matrix
from surveysem.typing import FloatArray, IntArray


def trace_gradient(moments: ImpliedMoments, weight: FloatArray) -> FloatArray:
    """tr(Q ∂Σ/∂θ) of shape (q,) for a symmetric *weight* Q (p, p)."""
    at = element_columns(moments.structure)
    gram = moments.columns.T @ weight @ moments.columns
    return element_to_parameter(moments.structure).T @ (2.0 * at.scale * gram[at.u, at.v])


def trace_products(moments: ImpliedMoments, first: FloatArray, second: FloatArray) -> FloatArray:
    """tr(W ∂Σ/∂θa M ∂Σ/∂θb) of shape (q, q), symmetric in a and b.

    With W = M = Σ⁻¹ this is twice the expected information of one observation.

    Parameters
    ----------
    moments : ImpliedMoments
        Where it is taken.
    first, second : arrays of shape (p, p)
        W and M, symmetric.
    """
    at = element_columns(moments.structure)
    columns = moments.columns
    left, right = columns.T @ first @ columns, columns.T @ second @ columns

    def gather(gram: FloatArray, i: IntArray, j: IntArray) -> FloatArray:
        return gram[np.ix_(i, j)]

    products = (
        gather(left, at.u, at.u) * gather(right, at.v, at.v)
        + gather(left, at.u, at.v) * gather(right, at.v, at.u)
        + gather(left, at.v, at.u) * gather(right, at.u, at.v)
        + gather(left, at.v, at.v) * gather(right, at.u, at.u)
    )
    to_parameter = element_to_parameter(moments.structure)
    return to_parameter.T @ (np.outer(at.scale, at.scale) * products) @ to_parameter


def trace_hessian(moments: ImpliedMoments, weight: FloatArray) -> FloatArray:
    """tr(Q ∂²Σ/∂θa∂θb) of shape (q, q) for a symmetric *weight* Q (p, p).

    The derivative of a column of the dictionary with respect to element b is again a combination of the two columns
    u and v of that element, ∂D_c/∂b = s_b (α₁[b, c] D_u + α₂[b, c] D_v), so that gathers suffice.
    """
    at = element_columns(moments.structure)
    gram = moments.columns.T @ weight @ moments.columns
    along_u, along_v = _column_derivatives(moments)
    uv, vv = gram[np.ix_(at.u, at.v)], gram[np.ix_(at.v, at.v)]
    uu = gram[np.ix_(at.u, at.u)]
    # Rows are element a, whose derivative u_a v_aᵀ is differentiated; columns are element b.
    of_u = along_u[:, at.u].T * uv.T + along_v[:, at.u].T * vv
    of_v = along_u[:, at.v].T * uu + along_v[:, at.v].T * uv
    elements = 2.0 * np.outer(at.scale, at.scale) * (of_u + of_v)
    to_parameter = element_to_parameter(moments.structure)
    hessian = to_parameter.T @ elements @ to_parameter
    return (hessian + hessian.T) / 2.0


def mean_gradient(moments: ImpliedMoments, direction: FloatArray) -> FloatArray:
    """cᵀ ∂μ/∂θ of shape (q,) for a *direction* c (p,)."""
    at = element_columns(moments.structure)
    elements = mean_weights(moments) * (direction @ moments.columns)[at.u]
    return element_to_parameter(moments.structure).T @ elements


def mean_hessian(moments: ImpliedMoments, direction: FloatArray) -> FloatArray:
    """cᵀ ∂²μ/∂θa∂θb of shape (q, q) for a *direction* c (p,)."""
    structure = moments.structure
    at, weights = element_columns(structure), mean_weights(moments)
    along_u, _ = _column_derivatives(moments)
    projected = (direction @ moments.columns)[at.u]
    # Rows are element a, whose derivative w_a D_u is differentiated; columns are element b.
    of_column = weights[:, None] * along_u[:, at.u].T * projected[None, :]
    of_weight = projected[:, None] * _weight_derivatives(moments)
    to_parameter = element_to_parameter(structure)
    hessian = to_parameter.T @ (of_column + of_weight) @ to_parameter
    return (hessian + hessian.T) / 2.0


def _weight_derivatives(moments: ImpliedMoments) -> FloatArray:
    """∂w_a/∂b of shape (e, e): the derivative of an element of Aα for loadings and paths, else 0."""
    structure, total = moments.structure, moments.total_effects
    directed = structure.matrix <= Matrix.PATHS
    inward = np.zeros((len(structure.matrix), len(structure.latent)))
    paths, means = structure.matrix == Matrix.PATHS, structure.matrix == Matrix.LATENT_MEANS
    latent_mean = moments.latent_mean[structure.column[paths]]
    inward[paths] = (total[:, structure.row[paths]] * latent_mean).T
    inward[means] = total[:, structure.row[means]].T
    derivatives = np.zeros((len(structure.matrix), len(structure.matrix)))
    derivatives[directed] = inward[:, structure.column[directed]].T
    return derivatives


def cross_products(moments: ImpliedMoments, vector: FloatArray, weight: FloatArray) -> FloatArray:
    """cᵀ ∂Σ/∂θa W ∂μ/∂θb of shape (q, q), not symmetric, for a *vector* c (p,) and a symmetric *weight* W (p, p)."""
    at = element_columns(moments.structure)
    projected = vector @ moments.columns
    gram = moments.columns.T @ weight @ moments.columns
    elements = at.scale[:, None] * (
        projected[at.u][:, None] * gram[np.ix_(at.v, at.u)] + projected[at.v][:, None] * gram[np.ix_(at.u, at.u)]
    )
    to_parameter = element_to_parameter(moments.structure)
    return to_parameter.T @ (elements * mean_weights(moments)[None, :]) @ to_parameter


def mean_products(moments: ImpliedMoments, weight: FloatArray) -> FloatArray:
    """∂μ/∂θaᵀ W ∂μ/∂θb of shape (q, q) for a symmetric *weight* W (p, p)."""
    at, weights = element_columns(moments.structure), mean_weights(moments)
    used = moments.columns[:, at.u] * weights
    to_parameter = element_to_parameter(moments.structure)
    return to_parameter.T @ (used.T @ weight @ used) @ to_parameter


def _column_derivatives(moments: ImpliedMoments) -> tuple[FloatArray, FloatArray]:
    """α₁ and α₂ of shape (e, p + 2m)."""
    structure = moments.structure
    p, m = len(structure.observed), len(structure.latent)
    total, latent = moments.total_effects, moments.latent_covariance
    along_u = np.zeros((len(structure.matrix), p + 2 * m))
    along_v = np.zeros_like(along_u)
    directed = np.isin(structure.matrix, [Matrix.LOADINGS, Matrix.PATHS])
    along_u[directed, p : p + m] = total[structure.column[directed]]
    along_u[directed, p + m :] = latent[structure.column[directed]]
    paths = structure.matrix == Matrix.PATHS
    along_v[paths, p + m :] = total[:, structure.row[paths]].T
    covariances = structure.matrix == Matrix.LATENT_COVARIANCE
    along_u[covariances, p + m :] = total[:, structure.column[covariances]].T
    along_v[covariances, p + m :] = total[:, structure.row[covariances]].T
    return along_u, along_v
