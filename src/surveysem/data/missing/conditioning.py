"""Inverses of the observed blocks of Σ, for all patterns at once, from the inverse of Σ.

With P = Σ⁻¹ and the missing block P_mm = C Cᵀ, the inverse of an observed block, padded with zeros, is
W = P − Lᵀ L with L = C⁻¹ P_m·, so that Σ is inverted once and only the small missing blocks are factored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveysem.data.missing.layout import PatternLayout
from surveysem.linalg import inverse_positive_definite, log_determinant
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Conditioning:
    """What every quantity of the likelihood is made of, at one (μ, Σ).

    Parameters
    ----------
    precision : array of shape (p, p)
        P = Σ⁻¹.
    roots : tuple of arrays of shape (c, m, m)
        C⁻¹ of each block of patterns, where C is the Cholesky factor of P_mm.
    log_determinants : array of shape (K,)
        log|Σ_oo| of each pattern.
    residuals : array of shape (R, p)
        Rows of the layout less the mean, zero where missing.
    solved : array of shape (R, p)
        W times these rows, zero where missing.
    """

    precision: FloatArray
    roots: tuple[FloatArray, ...]
    log_determinants: FloatArray
    residuals: FloatArray
    solved: FloatArray


def conditioning(layout: PatternLayout, mu: FloatArray, sigma: FloatArray) -> Conditioning:
    """Inverse, log-determinants and solved residuals at *mu* (p,) and *sigma* (p, p).

    Raises
    ------
    numpy.linalg.LinAlgError
        When *sigma* is not finite and positive definite.
    """
    if not np.isfinite(sigma).all():
        raise np.linalg.LinAlgError("the covariance matrix has entries that are not finite")
    log_determinants = np.full(len(layout.counts), log_determinant(sigma))
    precision = inverse_positive_definite(sigma)
    roots = []
    for block in layout.blocks:
        root = np.linalg.inv(np.linalg.cholesky(precision.reshape(-1)[block.cells]))
        log_determinants[block.patterns] -= 2.0 * np.log(np.einsum("cii->ci", root)).sum(axis=1)
        roots.append(root)
    residuals = layout.residuals(mu)
    return Conditioning(
        precision=precision,
        roots=tuple(roots),
        log_determinants=log_determinants,
        residuals=residuals,
        solved=_solved(layout, precision, roots, residuals),
    )


def _solved(layout: PatternLayout, precision: FloatArray, roots: list[FloatArray], residuals: FloatArray) -> FloatArray:
    """W times the residuals: P times the residuals completed by their conditional means −P_mm⁻¹ P_mo r."""
    projected = residuals @ precision
    completed = residuals.copy()
    for block, root in zip(layout.blocks, roots, strict=True):
        missing = block.missing[block.position]
        of_row = root[block.position]
        half = of_row @ np.take_along_axis(projected[block.rows], missing, axis=1)[:, :, None]
        filled = -(of_row.transpose(0, 2, 1) @ half)[:, :, 0]
        np.put_along_axis(completed[block.rows], missing, filled, axis=1)
    solved: FloatArray = completed @ precision
    solved[~layout.observed[layout.row_pattern]] = 0.0
    return solved


def conditional_covariance(layout: PatternLayout, roots: tuple[FloatArray, ...]) -> FloatArray:
    """Mean over observations of the conditional covariance P_mm⁻¹ of what is missing, of shape (p, p)."""
    p = layout.observed.shape[1]
    total = np.zeros(p * p)
    for block, root in zip(layout.blocks, roots, strict=True):
        weights = layout.counts[block.patterns] / layout.n_obs
        inverse = root.transpose(0, 2, 1) @ (root * weights[:, None, None])
        total += np.bincount(block.cells.reshape(-1), weights=inverse.reshape(-1), minlength=p * p)
    return total.reshape(p, p)


def mean_inverse(layout: PatternLayout, at: Conditioning) -> FloatArray:
    """Mean over observations of the padded inverse W, of shape (p, p)."""
    removed = at.precision @ conditional_covariance(layout, at.roots) @ at.precision
    inverse: FloatArray = at.precision - (removed + removed.T) / 2.0
    return inverse
