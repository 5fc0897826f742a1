"""Implied moments of models with products of latent variables.

With L = A (α + ζ) the part of the latent variables that is linear in what is normally distributed, and the factors of
products among those that depend on no product, η = L + AΩ(LⱼLₖ). Moments of products of normal variables give mean and
covariance of η exactly; derivatives are taken by complex steps, which are exact to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from surveysem.implied.moments import ImpliedMoments, implied_moments, variance_jacobian
from surveysem.implied.structure import Matrix, ModeratedStructure, MomentStructure
from surveysem.typing import FloatArray, IntArray

_STEP = 1e-30


@dataclass(frozen=True, kw_only=True, eq=False)
class ModeratedMoments(ImpliedMoments):
    """Means and covariances that a model with latent products implies, beside those of its linear part.

    Parameters
    ----------
    linear : ImpliedMoments
        Of the same model with all products' coefficients 0; the dictionary of columns is its own.
    with_products : array of shape (m + k, m + k)
        Covariance of the latent variables and, after them, of the *k* distinct products.
    """

    linear: ImpliedMoments
    with_products: FloatArray

    @cached_property
    def variance_derivatives(self) -> tuple[FloatArray, FloatArray]:
        """Derivatives of the variances of observed (q, p) and latent (q, m) variables."""
        structure = self.structure
        assert isinstance(structure, ModeratedStructure)
        stepped = self.theta + 1j * _STEP * np.eye(len(self.theta))
        matrices = _stacked_matrices(structure, stepped)
        _, latent, _ = _latent_moments(structure, matrices, structure.coefficients(stepped))
        loadings, residual = matrices[Matrix.LOADINGS], matrices[Matrix.RESIDUAL_COVARIANCE]
        observed = ((loadings @ latent) * loadings).sum(-1) + np.einsum("bii->bi", residual)
        return observed.imag / _STEP, np.einsum("bii->bi", latent).imag / _STEP


def model_moments(structure: MomentStructure, theta: FloatArray) -> ImpliedMoments:
    """Implied moments at *theta* (q,) of a linear model, or of one with latent products."""
    linear = implied_moments(structure, theta)
    return moderated_moments(structure, linear) if isinstance(structure, ModeratedStructure) else linear


def moderated_moments(structure: ModeratedStructure, linear: ImpliedMoments) -> ModeratedMoments:
    """Implied moments of a model with latent products, from those of its linear part at the same parameters."""
    theta = linear.theta
    loadings, paths, latent_residual, residual, intercepts, latent_intercepts = structure.matrices(theta)
    mean, latent, with_products = _latent_moments(
        structure,
        (loadings, paths, latent_residual, residual, intercepts, latent_intercepts),
        structure.coefficients(theta),
    )
    return ModeratedMoments(
        structure=structure,
        theta=theta,
        covariance=loadings @ latent @ loadings.T + residual,
        mean=intercepts[:, 0] + loadings @ mean,
        latent_covariance=latent,
        latent_mean=mean,
        total_effects=linear.total_effects,
        columns=linear.columns,
        linear=linear,
        with_products=with_products,
    )


def model_variance_jacobian(moments: ImpliedMoments) -> tuple[FloatArray, FloatArray]:
    """Derivatives of the variances of observed (q, p) and latent (q, m) variables, latent products reckoned with."""
    return moments.variance_derivatives if isinstance(moments, ModeratedMoments) else variance_jacobian(moments)


def distinct_products(structure: ModeratedStructure) -> tuple[tuple[int, int], ...]:
    """The *k* products, as pairs of positions among the latent variables, the smaller first, in order of appearance."""
    return tuple(dict.fromkeys(_pairs(structure)))


def _pairs(structure: ModeratedStructure) -> list[tuple[int, int]]:
    """The product each coefficient belongs to; ``X:Z`` and ``Z:X`` are one."""
    factors = zip(structure.first.tolist(), structure.second.tolist(), strict=True)
    return [(min(pair), max(pair)) for pair in factors]


def _latent_moments(
    structure: ModeratedStructure, matrices: tuple[FloatArray, ...], coefficients: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean (…, m) and covariance (…, m, m) of the latent variables, and that with products (…, m + k, m + k)."""
    paths, latent_residual = matrices[Matrix.PATHS], matrices[Matrix.LATENT_COVARIANCE]
    intercepts = matrices[Matrix.LATENT_MEANS][..., 0]
    total = np.linalg.inv(np.eye(paths.shape[-1]) - paths) * structure.reached
    mean = (total @ intercepts[..., None])[..., 0]
    linear = total @ latent_residual @ np.swapaxes(total, -1, -2)
    pairs = distinct_products(structure)
    i, j = np.array(pairs).T
    product_mean = mean[..., i] * mean[..., j] + linear[..., i, j]
    cross = mean[..., None, i] * linear[..., :, j] + mean[..., None, j] * linear[..., :, i]
    among = _product_covariance(mean, linear, i, j)
    omega = np.zeros((*paths.shape[:-1], len(pairs)), dtype=coefficients.dtype)
    at = [pairs.index(pair) for pair in _pairs(structure)]
    for position, (row, column) in enumerate(zip(structure.outcome.tolist(), at, strict=True)):
        omega[..., row, column] += coefficients[..., position]
    effects = total @ omega
    with_effects = cross @ np.swapaxes(effects, -1, -2)
    covariance = linear + with_effects + np.swapaxes(with_effects, -1, -2)
    covariance = covariance + effects @ among @ np.swapaxes(effects, -1, -2)
    covariance = (covariance + np.swapaxes(covariance, -1, -2)) / 2.0
    beside = cross + effects @ among
    extended = np.concatenate(
        [
            np.concatenate([covariance, beside], axis=-1),
            np.concatenate([np.swapaxes(beside, -1, -2), among], axis=-1),
        ],
        axis=-2,
    )
    return mean + (effects @ product_mean[..., None])[..., 0], covariance, extended


def _product_covariance(mean: FloatArray, covariance: FloatArray, i: IntArray, j: IntArray) -> FloatArray:
    """Covariances of the products LᵢLⱼ of normal variables, of shape (…, k, k)."""

    def between(a: IntArray, b: IntArray) -> FloatArray:
        found: FloatArray = covariance[..., a[:, None], b]
        return found

    def outer(a: IntArray, b: IntArray) -> FloatArray:
        found: FloatArray = mean[..., a, None] * mean[..., None, b]
        return found

    result: FloatArray = between(i, i) * between(j, j) + between(i, j) * between(j, i)
    for a, other_a in ((i, j), (j, i)):
        for b, other_b in ((i, j), (j, i)):
            result = result + outer(a, b) * between(other_a, other_b)
    return result


def _stacked_matrices(structure: MomentStructure, thetas: FloatArray) -> tuple[FloatArray, ...]:
    """The model matrices at *b* points (b, q), each of shape (b, …), of the points' own type."""
    values = thetas[:, structure.parameter]
    stacked = []
    for kind in Matrix:
        at = structure.matrix == kind
        filled = np.repeat(structure.fixed[kind][None].astype(thetas.dtype), len(thetas), axis=0)
        filled[:, structure.row[at], structure.column[at]] = values[:, at]
        if kind in (Matrix.LATENT_COVARIANCE, Matrix.RESIDUAL_COVARIANCE):
            filled[:, structure.column[at], structure.row[at]] = values[:, at]
        stacked.append(filled)
    return tuple(stacked)
