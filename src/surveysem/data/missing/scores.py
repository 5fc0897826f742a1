"""Derivatives of each incomplete row's log-likelihood."""

from __future__ import annotations

import numpy as np

from surveysem.data.missing.conditioning import Conditioning, conditioning
from surveysem.data.missing.gathers import Elements
from surveysem.data.missing.layout import PatternLayout, casewise_layout
from surveysem.data.missing.patterns import MissingMoments
from surveysem.typing import FloatArray, IntArray


def casewise_scores_missing(
    missing: MissingMoments,
    mu: FloatArray,
    sigma: FloatArray,
    *,
    columns: FloatArray,
    u: IntArray,
    v: IntArray,
    scale: FloatArray,
    mean_directions: FloatArray,
) -> FloatArray:
    """Derivatives of each row's log-likelihood with respect to *e* elements, of shape (n, e).

    Parameters
    ----------
    missing : MissingMoments
        The rows; the scores stand in their order.
    mu, sigma : arrays of shape (p,) and (p, p)
        Mean and covariance at which they are taken.
    columns : array of shape (p, c)
        Dictionary D whose columns make the derivatives of Σ.
    u, v : int arrays of shape (e,)
        Columns of each element: ∂Σ = scale (u vᵀ + v uᵀ).
    scale : array of shape (e,)
        ½ for elements on a diagonal, else 1; 0 for an element that leaves Σ as it is.
    mean_directions : array of shape (p, e)
        ∂μ of each element.

    Raises
    ------
    numpy.linalg.LinAlgError
        When *sigma* is not positive definite.

    Notes
    -----
    ½ zᵀ ∂Σ z − ½ tr(W ∂Σ) + zᵀ ∂μ with z = W (x − μ) and W the inverse of the row's observed block, padded with zeros.

    Examples
    --------
    >>> import pandas as pd
    >>> from surveysem.data.missing import missing_patterns
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 4.0, np.nan], "b": [2.0, 1.0, np.nan, 4.0]})
    >>> missing = missing_patterns(frame, ["a", "b"])
    >>> variance_of_a = {"columns": np.eye(2), "u": np.array([0]), "v": np.array([0]), "scale": np.array([0.5])}
    >>> means = np.zeros((2, 1))
    >>> casewise_scores_missing(missing, np.zeros(2), np.eye(2), **variance_of_a, mean_directions=means).ravel()
    array([0. , 1.5, 7.5, 0. ])
    """
    elements = Elements(columns=columns, u=u, v=v, scale=scale)
    order = np.argsort(missing.pattern_of_row, kind="stable")
    layout = casewise_layout(missing.observations, missing.layout.observed, missing.pattern_of_row)
    at = conditioning(layout, mu, sigma)
    along = at.solved @ columns
    traces = _traces(layout, at, elements)[layout.row_pattern]
    scores = np.empty((len(order), len(scale)))
    scores[order] = scale * (along[:, u] * along[:, v] - traces) + at.solved @ mean_directions
    return scores


def _traces(layout: PatternLayout, at: Conditioning, elements: Elements) -> FloatArray:
    """uᵀ W v of each pattern and element, of shape (K, e)."""
    projected = at.precision @ elements.columns
    complete = elements.columns.T @ projected
    traces = np.repeat(complete[elements.u, elements.v][None], len(layout.counts), axis=0)
    for block, roots in zip(layout.blocks, at.roots, strict=True):
        half = roots @ projected[block.missing]
        for missing in range(half.shape[1]):
            row = half[:, missing]
            traces[block.patterns] -= row[:, elements.u] * row[:, elements.v]
    return traces
