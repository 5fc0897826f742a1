"""Second derivatives of the incomplete-data discrepancy with respect to the elements of a model.

An observed block's inverse is P less a matrix of rank *m*, the number of missing variables. Sums over patterns are
therefore what complete rows would give, from Gram matrices, less cross-products of small arrays, all rows at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from surveysem.data.missing.conditioning import Conditioning, conditioning, mean_inverse
from surveysem.data.missing.gathers import Elements, gram_products
from surveysem.data.missing.layout import PatternBlock, PatternLayout
from surveysem.data.missing.patterns import MissingMoments
from surveysem.typing import FloatArray, IntArray

_CHUNK = 2**21  # numbers in a temporary array


@dataclass(frozen=True, kw_only=True, eq=False)
class PatternInformation:
    """Pieces of the Hessian of F = −2/n log L, for *e* elements of Σ and *p* means.

    Parameters
    ----------
    observed : array of shape (e, e)
        Σ_k n_k/n [2 tr(W T W ∂_aΣ W ∂_bΣ) − tr(W ∂_aΣ W ∂_bΣ)].
    expected : array of shape (e, e)
        Σ_k n_k/n tr(W ∂_aΣ W ∂_bΣ).
    cross : array of shape (e, p)
        Σ_k n_k/n 2 W ∂_aΣ W d, the derivatives of ∂F/∂μ; their expectation is zero.
    mean : array of shape (p, p)
        Σ_k n_k/n W, half the second derivative with respect to μ.
    """

    observed: FloatArray
    expected: FloatArray
    cross: FloatArray
    mean: FloatArray

    def __post_init__(self) -> None:
        for array in (self.observed, self.expected, self.cross, self.mean):
            array.setflags(write=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Chunk:
    """Some patterns of a block, and their rows.

    ``roots`` (c, m, m), ``along_u`` and ``along_v`` (c, m, e) are C⁻¹ and C⁻¹ P_m· times the columns u and v.
    """

    patterns: slice
    rows: slice
    position: IntArray
    missing: IntArray
    roots: FloatArray
    along_u: FloatArray
    along_v: FloatArray


def mean_precision(missing: MissingMoments, mu: FloatArray, sigma: FloatArray) -> FloatArray:
    """Mean over rows of the inverse of their observed block of Σ, padded with zeros, of shape (p, p).

    Raises
    ------
    numpy.linalg.LinAlgError
        When *sigma* is not positive definite.
    """
    return mean_inverse(missing.layout, conditioning(missing.layout, mu, sigma))


def pattern_information(
    missing: MissingMoments,
    mu: FloatArray,
    sigma: FloatArray,
    *,
    columns: FloatArray,
    u: IntArray,
    v: IntArray,
    scale: FloatArray,
) -> PatternInformation:
    """Pieces of the observed and expected Hessian of F = −2/n log L, summed over patterns.

    Parameters
    ----------
    missing : MissingMoments
        The rows.
    mu, sigma : arrays of shape (p,) and (p, p)
        Mean and covariance at which they are taken.
    columns : array of shape (p, c)
        Dictionary D whose columns make the derivatives of Σ.
    u, v : int arrays of shape (e,)
        Columns of each element: ∂Σ = scale (u vᵀ + v uᵀ).
    scale : array of shape (e,)
        ½ for elements on a diagonal, else 1; 0 for an element that leaves Σ as it is.

    Raises
    ------
    numpy.linalg.LinAlgError
        When *sigma* is not positive definite.

    Notes
    -----
    W is the inverse of a pattern's observed block of Σ, padded with zeros, d = m_k − μ and T = S_k + d dᵀ. The Hessian
    of F also has tr(Q ∂²Σ) and ∂F/∂μ · ∂²μ, with Q and ∂F/∂μ from :func:`likelihood_weights`.

    Examples
    --------
    >>> import pandas as pd
    >>> from surveysem.data.missing import missing_patterns
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, np.nan], "b": [2.0, 1.0, np.nan, 4.0]})
    >>> missing = missing_patterns(frame, ["a", "b"])
    >>> at = {"columns": np.eye(2), "u": np.array([0, 1]), "v": np.array([0, 1]), "scale": np.array([0.5, 0.5])}
    >>> pattern_information(missing, np.array([2.0, 2.0]), np.eye(2), **at).expected
    array([[0.75, 0.  ],
           [0.  , 0.75]])
    """
    layout, n = missing.layout, missing.n_obs
    elements = Elements(columns=columns, u=u, v=v, scale=scale)
    at = conditioning(layout, mu, sigma)
    inverse = mean_inverse(layout, at)
    scatter = at.solved.T @ at.solved / n
    expected, observed, cross = _as_if_complete(elements, at, inverse, scatter, layout.shift @ at.solved / n)
    along = at.solved @ columns
    for chunk in _chunks(layout, at, elements):
        expected += _expected_of(chunk, layout, scale)
        projected = _projected_rows(chunk, along, elements)
        flat = projected.reshape(-1, len(scale))
        observed -= 2.0 / n * (flat.T @ flat)
        cross -= 2.0 / n * _cross_of(chunk, layout, at, flat)
    return PatternInformation(observed=observed - expected, expected=expected, cross=cross, mean=inverse)


def _as_if_complete(
    elements: Elements, at: Conditioning, inverse: FloatArray, scatter: FloatArray, solved_mean: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The parts of expected, observed plus expected, and cross that are linear in the removed matrices."""
    columns, u, v = elements.columns, elements.u, elements.v
    projected = at.precision @ columns
    complete = columns.T @ projected
    # W = P − R gives tr(W dΣ W dΣ) = tr(P dΣ P dΣ) − 2 tr(P dΣ R dΣ) + tr(R dΣ R dΣ); 2 W̄ − P = P − 2 R̄.
    expected = gram_products(elements, complete, columns.T @ (2.0 * inverse - at.precision) @ columns)
    observed = 2.0 * gram_products(elements, columns.T @ scatter @ columns, complete)
    along = columns.T @ solved_mean
    cross = 2.0 * elements.scale * (projected[:, u] * along[v] + projected[:, v] * along[u])
    return expected, observed, cross.T.copy()


def _chunks(layout: PatternLayout, at: Conditioning, elements: Elements) -> Iterator[_Chunk]:
    projected = at.precision @ elements.columns
    for block, roots in zip(layout.blocks, at.roots, strict=True):
        for begin, end in _ranges(block, len(elements.u)):
            first, last = np.searchsorted(block.position, [begin, end])
            half = roots[begin:end] @ projected[block.missing[begin:end]]
            yield _Chunk(
                patterns=slice(block.patterns.start + begin, block.patterns.start + end),
                rows=slice(block.rows.start + int(first), block.rows.start + int(last)),
                position=block.position[first:last] - begin,
                missing=block.missing[begin:end],
                roots=roots[begin:end],
                along_u=half[:, :, elements.u],
                along_v=half[:, :, elements.v],
            )


def _ranges(block: PatternBlock, n_elements: int) -> Iterator[tuple[int, int]]:
    """Ranges of patterns that keep temporary arrays small."""
    n_patterns, m = block.missing.shape
    per_pattern = max(m * (m + 1) // 2, m * -(-len(block.position) // n_patterns)) * n_elements
    size = max(_CHUNK // per_pattern, 1)
    return ((begin, min(begin + size, n_patterns)) for begin in range(0, n_patterns, size))


def _expected_of(chunk: _Chunk, layout: PatternLayout, scale: FloatArray) -> FloatArray:
    """Σ_k n_k/n tr(R ∂_aΣ R ∂_bΣ) with R the matrix removed from P, of shape (e, e)."""
    i, j = np.tril_indices(chunk.missing.shape[1])
    twice = np.where(i == j, 1.0, np.sqrt(2.0))[:, None]
    inner = chunk.along_u[:, i] * chunk.along_v[:, j] + chunk.along_v[:, i] * chunk.along_u[:, j]
    weights = np.sqrt(layout.counts[chunk.patterns] / layout.n_obs)
    flat = (inner * (twice * scale) * weights[:, None, None]).reshape(-1, len(scale))
    cross_product: FloatArray = flat.T @ flat
    return cross_product


def _projected_rows(chunk: _Chunk, along: FloatArray, elements: Elements) -> FloatArray:
    """C⁻¹ P_m· ∂_aΣ z of each row z, of shape (r, m, e)."""
    of_u, of_v = along[chunk.rows][:, None, elements.u], along[chunk.rows][:, None, elements.v]
    rows: FloatArray = chunk.along_u[chunk.position] * of_v + chunk.along_v[chunk.position] * of_u
    rows *= elements.scale
    return rows


def _cross_of(chunk: _Chunk, layout: PatternLayout, at: Conditioning, flat: FloatArray) -> FloatArray:
    """Σ over rows of shift · R ∂_aΣ z, of shape (e, p)."""
    removed = (chunk.roots @ at.precision[chunk.missing])[chunk.position]
    shifted = removed * layout.shift[chunk.rows, None, None]
    product: FloatArray = flat.T @ shifted.reshape(len(flat), -1)
    return product
