"""First and second derivatives of tr(Q Σ) and cᵀμ, and the trace products that information matrices are made of."""

from __future__ import annotations

import numpy as np

from surveysem.implied.moments import ImpliedMoments, mean_weights
from surveysem.implied.structure import Matrix
from surveysem.typing import FloatArray, IntArray


def trace_gradient(moments: ImpliedMoments, weight: FloatArray) -> FloatArray:
    """tr(Q ∂Σ/∂θ) of shape (q,) for a symmetric *weight* Q (p, p)."""
    at = moments.structure.columns
    weighted = weight @ moments.columns
    products = np.einsum("pe,pe->e", moments.columns.take(at.u, axis=1), weighted.take(at.v, axis=1))
    return moments.structure.sum_elements(2.0 * at.scale * products)


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
    at = moments.structure.columns
    if first is second:
        gram = _gram(moments, first)
        uv = _gather(gram, at.u, at.v)
        products = _gather(gram, at.u, at.u) * _gather(gram, at.v, at.v) + uv * uv.T
        return moments.structure.sum_pairs(2.0 * at.scales * products)
    left, right = _gram(moments, first), _gram(moments, second)
    products = _gather(left, at.u, at.u) * _gather(right, at.v, at.v)
    products += _gather(left, at.v, at.v) * _gather(right, at.u, at.u)
    across = _gather(left, at.u, at.v) * _gather(right, at.u, at.v).T
    products += across + across.T
    return moments.structure.sum_pairs(at.scales * products)


def _gram(moments: ImpliedMoments, weight: FloatArray) -> FloatArray:
    """DᵀWD, from the cache where W is Σ⁻¹ (looked up, since Σ need not be positive definite for other weights)."""
    if weight is moments.__dict__.get("inverse"):
        return moments.gram
    gram: FloatArray = moments.columns.T @ weight @ moments.columns
    return gram


def _gather(matrix: FloatArray, rows: IntArray, columns: IntArray) -> FloatArray:
    """matrix[rows][:, columns]; two takes are ten times faster than one open mesh."""
    return matrix.take(rows, axis=0).take(columns, axis=1)


def trace_hessian(moments: ImpliedMoments, weight: FloatArray) -> FloatArray:
    """tr(Q ∂²Σ/∂θa∂θb) of shape (q, q) for a symmetric *weight* Q (p, p).

    The derivative of a column of the dictionary with respect to element b is again a combination of the two columns
    u and v of that element, ∂D_c/∂b = s_b (α₁[b, c] D_u + α₂[b, c] D_v), so that gathers suffice. Σ is linear in
    residual covariances, whose rows and columns are 0.
    """
    structure = moments.structure
    curved = np.flatnonzero(structure.matrix < Matrix.RESIDUAL_COVARIANCE)
    at = structure.columns
    u, v = at.u[curved], at.v[curved]
    gram = _gram(moments, weight)
    along_u, along_v = (along[curved] for along in _column_derivatives(moments))
    uv = _gather(gram, u, v)
    # Rows are element b; columns are element a, whose derivative u_a v_aᵀ is differentiated.
    second = along_u.take(u, axis=1) * uv + along_v.take(u, axis=1) * _gather(gram, v, v)
    second += along_u.take(v, axis=1) * _gather(gram, u, u) + along_v.take(v, axis=1) * uv.T
    second *= np.outer(at.scale[curved], at.scale[curved])
    elements = np.zeros((len(at.u), len(at.u)))
    elements[np.ix_(curved, curved)] = second + second.T
    return structure.sum_pairs(elements)


def mean_gradient(moments: ImpliedMoments, direction: FloatArray) -> FloatArray:
    """cᵀ ∂μ/∂θ of shape (q,) for a *direction* c (p,)."""
    at = moments.structure.columns
    elements = mean_weights(moments) * (direction @ moments.columns)[at.u]
    return moments.structure.sum_elements(elements)


def mean_hessian(moments: ImpliedMoments, direction: FloatArray) -> FloatArray:
    """cᵀ ∂²μ/∂θa∂θb of shape (q, q) for a *direction* c (p,)."""
    structure = moments.structure
    at, weights = structure.columns, mean_weights(moments)
    along_u, _ = _column_derivatives(moments)
    projected = (direction @ moments.columns)[at.u]
    # Rows are element a, whose derivative w_a D_u is differentiated; columns are element b.
    of_column = weights[:, None] * along_u[:, at.u].T * projected[None, :]
    of_weight = projected[:, None] * _weight_derivatives(moments)
    hessian = structure.sum_pairs(of_column + of_weight)
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
    at = moments.structure.columns
    projected = vector @ moments.columns
    gram = _gram(moments, weight)
    elements = at.scale[:, None] * (
        projected[at.u][:, None] * _gather(gram, at.v, at.u) + projected[at.v][:, None] * _gather(gram, at.u, at.u)
    )
    return moments.structure.sum_pairs(elements * mean_weights(moments)[None, :])


def mean_products(moments: ImpliedMoments, weight: FloatArray) -> FloatArray:
    """∂μ/∂θaᵀ W ∂μ/∂θb of shape (q, q) for a symmetric *weight* W (p, p)."""
    at, weights = moments.structure.columns, mean_weights(moments)
    gram = _gram(moments, weight)
    return moments.structure.sum_pairs(weights[:, None] * _gather(gram, at.u, at.u) * weights)


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
