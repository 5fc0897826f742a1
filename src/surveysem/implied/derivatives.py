"""First and second derivatives of tr(Q Σ) and the trace products that information matrices are made of."""

from __future__ import annotations

import numpy as np

from surveysem.implied.moments import ImpliedMoments, element_columns, element_to_parameter
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
