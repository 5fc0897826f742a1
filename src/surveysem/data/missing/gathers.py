"""Trace products of derivatives of Σ, as gathers from Gram matrices of a dictionary of columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Elements:
    """Derivatives ∂Σ/∂a = s (u vᵀ + v uᵀ) of *e* elements, where u and v are columns of a dictionary D.

    Parameters
    ----------
    columns : array of shape (p, c)
        The dictionary D.
    u, v : int arrays of shape (e,)
        Which columns make each derivative.
    scale : array of shape (e,)
        s: ½ for elements on a diagonal, else 1; 0 for an element that leaves Σ as it is.
    """

    columns: FloatArray
    u: IntArray
    v: IntArray
    scale: FloatArray


def gram_products(elements: Elements, left: FloatArray, right: FloatArray) -> FloatArray:
    """tr(W ∂Σ/∂a M ∂Σ/∂b) of shape (e, e), symmetric, from *left* = DᵀWD and *right* = DᵀMD of shape (c, c)."""
    u, v, scale = elements.u, elements.v, elements.scale
    products = (
        left[np.ix_(u, u)] * right[np.ix_(v, v)]
        + left[np.ix_(u, v)] * right[np.ix_(v, u)]
        + left[np.ix_(v, u)] * right[np.ix_(u, v)]
        + left[np.ix_(v, v)] * right[np.ix_(u, u)]
    )
    weighted: FloatArray = np.outer(scale, scale) * products
    return weighted
