"""The maximum likelihood discrepancy and its gradient for many samples of one group at once.

Σ = (ΛA) Ψ (ΛA)ᵀ + Θ with A = (I − B)⁻¹, so that by Woodbury's identity inverses of size *m* suffice, ten times cheaper
than Σ⁻¹. It holds while Θ and Ψ are positive definite; samples at which they are not, or nearly not, are evaluated
with Σ itself. Stacks have the sample along the first axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveysem.estimation.stacks import BoolArray, SampleStack, StackedGroup, stacked_cholesky, stacked_inverse
from surveysem.implied import Matrix
from surveysem.typing import FloatArray, IntArray

_LEAST_RESIDUAL = 1e-4
"""Share of an indicator's variance below which its residual variance is too small to divide by."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelPoint:
    """Model matrices of one group at many points, and the means they imply (0 where means are not modelled)."""

    loadings: FloatArray
    total: FloatArray
    latent_residual: FloatArray
    residual: FloatArray
    residual_block: FloatArray
    latent_mean: FloatArray
    mean: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _Point(ModelPoint):
    """The same with the moments to hold them against: sample less implied means, and the covariance about these."""

    difference: FloatArray
    about: FloatArray

    def take(self, chosen: BoolArray) -> _Point:
        return _Point(**{name: value[chosen] for name, value in vars(self).items()})


@dataclass(frozen=True, kw_only=True, eq=False)
class Slopes:
    """F without its constant, and what its derivatives are made of, with W = Σ⁻¹ and Ω = W − WTW.

    Parameters
    ----------
    value : array of shape (b,)
        ln|Σ| + tr(TΣ⁻¹); infinite where Σ is not positive definite.
    loadings, paths, latent : arrays of shape (b, p, m), (b, m, m) and (b, m, m)
        ΩΛΦ, AᵀΛᵀΩΛΦ and AᵀΛᵀΩΛA.
    residual, residual_block : arrays of shape (b, p) and (b, k, k)
        Diagonal of Ω, and its block of the indicators with correlated residuals.
    direction : array of shape (b, p)
        W(m − μ).
    """

    value: FloatArray
    loadings: FloatArray
    paths: FloatArray
    latent: FloatArray
    residual: FloatArray
    residual_block: FloatArray
    direction: FloatArray


def stacked_discrepancy(group: StackedGroup, theta: FloatArray, samples: SampleStack) -> tuple[FloatArray, FloatArray]:
    """F without the constant −ln|S| − p, and ∂F/∂θ.

    Parameters
    ----------
    group : StackedGroup
        The model.
    theta : array of shape (b, q)
        One point a sample.
    samples : SampleStack
        *b* samples.

    Returns
    -------
    value, gradient : arrays of shape (b,) and (b, q)
        Infinite, and 0, where the implied covariance is not positive definite.
    """
    point = _point(group, theta, samples)
    usable, factor = _woodbury_holds(group, point)
    if usable.all():
        slopes = _by_woodbury(group, point, factor)
        return slopes.value, gradient_along(group, point, slopes)
    value, gradient = np.full(len(theta), np.inf), np.zeros((len(theta), theta.shape[1]))
    if usable.any():
        part = point.take(usable)
        slopes = _by_woodbury(group, part, factor[usable])
        value[usable], gradient[usable] = slopes.value, gradient_along(group, part, slopes)
    part = point.take(~usable)
    slopes = _by_covariance(group, part)
    value[~usable], gradient[~usable] = slopes.value, gradient_along(group, part, slopes)
    gradient[~np.isfinite(value)] = 0.0
    return value, gradient


def model_point(group: StackedGroup, theta: FloatArray, samples: SampleStack) -> ModelPoint:
    """Model matrices at points *theta* (b, q); those of samples where observed exogenous variables are concerned."""
    loadings = group.fill(Matrix.LOADINGS, theta, samples)
    total = np.broadcast_to(np.eye(loadings.shape[2]), (len(theta), *2 * loadings.shape[2:]))
    if group.has_paths:
        total = stacked_inverse(total - group.fill(Matrix.PATHS, theta, samples))
    latent_mean, mean = np.zeros(loadings.shape[::2]), np.zeros(loadings.shape[:2])
    if group.structure.has_means:
        latent_mean = _times(total, group.fill(Matrix.LATENT_MEANS, theta, samples)[:, :, 0])
        mean = group.fill(Matrix.INTERCEPTS, theta, samples)[:, :, 0] + _times(loadings, latent_mean)
    return ModelPoint(
        loadings=loadings,
        total=total,
        latent_residual=group.fill(Matrix.LATENT_COVARIANCE, theta, samples),
        residual=group.residual_variances(theta),
        residual_block=group.residual_block(theta),
        latent_mean=latent_mean,
        mean=mean,
    )


def _point(group: StackedGroup, theta: FloatArray, samples: SampleStack) -> _Point:
    point = model_point(group, theta, samples)
    difference, about = np.zeros_like(samples.means), samples.covariances
    if group.structure.has_means:
        difference = samples.means - point.mean
        about = about + difference[:, :, None] * difference[:, None, :]
    return _Point(**vars(point), difference=difference, about=about)


def _woodbury_holds(group: StackedGroup, point: _Point) -> tuple[BoolArray, FloatArray]:
    """Where Θ and Ψ are safely positive definite, and the Cholesky factors of Ψ."""
    totals = _diagonal(point.about)
    usable = (point.residual > _LEAST_RESIDUAL * totals).all(axis=1)
    factor = stacked_cholesky(point.latent_residual)
    usable &= np.isfinite(factor[:, 0, 0]) & np.isfinite(point.total[:, 0, 0])
    if len(group.correlated):
        block = stacked_cholesky(point.residual_block)
        safe = _diagonal(block) ** 2 > _LEAST_RESIDUAL * totals[:, group.correlated]
        usable &= safe.all(axis=1)
    return usable, factor


@dataclass(frozen=True, kw_only=True, eq=False)
class _ResidualInverse:
    """Θ⁻¹ in two pieces: a diagonal, and a block of the indicators whose residuals are correlated.

    Parameters
    ----------
    at : int array of shape (k,)
        Indicators of the block.
    diagonal : array of shape (b, p)
        Inverse variances; 0 for those of the block.
    block : array of shape (b, k, k)
        Inverse of the block.
    log_determinant : array of shape (b,)
        ln|Θ|.
    """

    at: IntArray
    diagonal: FloatArray
    block: FloatArray
    log_determinant: FloatArray

    def times(self, columns: FloatArray) -> FloatArray:
        """Θ⁻¹X for X of shape (b, p, c)."""
        product: FloatArray = self.diagonal[:, :, None] * columns
        if len(self.at):
            product[:, self.at] = self.block @ columns[:, self.at]
        return product

    def trace(self, about: FloatArray) -> FloatArray:
        """tr(Θ⁻¹T), of shape (b,)."""
        traces: FloatArray = (self.diagonal * _diagonal(about)).sum(axis=1)
        if len(self.at):
            traces = traces + (self.block * _block(about, self.at)).sum(axis=(1, 2))
        return traces

    def own(self, about: FloatArray, u: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Diagonal of Ω, right outside the block, and Ω within the block, from Ω = Θ⁻¹ − Θ⁻¹TΘ⁻¹ + (XUᵀ + UXᵀ)/2."""
        diagonal = self.diagonal - self.diagonal**2 * _diagonal(about) + np.einsum("bpm,bpm->bp", x, u)
        if not len(self.at):
            return diagonal, np.zeros((len(u), 0, 0))
        across = x[:, self.at] @ _t(u[:, self.at])
        inner = self.block - self.block @ _block(about, self.at) @ self.block
        return diagonal, inner + (across + _t(across)) / 2.0


def _residual_inverse(group: StackedGroup, point: _Point) -> _ResidualInverse:
    variances, at, block = point.residual, group.correlated, point.residual_block
    if not len(at):
        logs = np.log(variances).sum(axis=1)
        return _ResidualInverse(at=at, diagonal=1.0 / variances, block=block, log_determinant=logs)
    alone = variances.copy()
    alone[:, at] = 1.0
    diagonal = 1.0 / alone
    diagonal[:, at] = 0.0
    logs = np.log(alone).sum(axis=1) + 2.0 * np.log(_diagonal(stacked_cholesky(block))).sum(axis=1)
    return _ResidualInverse(at=at, diagonal=diagonal, block=stacked_inverse(block), log_determinant=logs)


def _by_woodbury(group: StackedGroup, point: _Point, factor: FloatArray) -> Slopes:
    """F and its slopes with inverses of size *m*: W = Θ⁻¹ − UKUᵀ, where U = Θ⁻¹ΛA and K = (Ψ⁻¹ + UᵀΛA)⁻¹."""
    inverse = _residual_inverse(group, point)
    columns = point.loadings @ point.total
    u = inverse.times(columns)
    gram = _t(columns) @ u
    inner = np.eye(columns.shape[2]) + _t(factor) @ gram @ factor
    k = factor @ stacked_inverse(inner) @ _t(factor)
    about_u = point.about @ u
    k_products = k @ (_t(u) @ about_u)
    z = inverse.times(about_u)
    # ΩΛA = d C, C = I − K UᵀΛA, and C Ψ = K.
    d = u - z + u @ k_products
    core = _t(columns) @ d
    through = k @ _t(point.total)
    residual, block = inverse.own(point.about, u, (z - d) @ k)
    direction = point.difference
    if group.structure.has_means:
        difference = point.difference[:, :, None]
        direction = (inverse.times(difference) - u @ (k @ (_t(u) @ difference)))[:, :, 0]
    log_inner = 2.0 * np.log(_diagonal(stacked_cholesky(inner))).sum(axis=1)
    return Slopes(
        value=inverse.log_determinant + log_inner + inverse.trace(point.about) - _diagonal(k_products).sum(axis=1),
        loadings=d @ through,
        paths=core @ through,
        latent=core - core @ k @ gram,
        residual=residual,
        residual_block=block,
        direction=direction,
    )


def _by_covariance(group: StackedGroup, point: _Point) -> Slopes:
    """F and its slopes with Σ itself: slower, and right wherever Σ is positive definite."""
    inverse, log_determinant = stacked_precision(group, point)
    omega = inverse - inverse @ point.about @ inverse
    value = log_determinant + (inverse * point.about).sum(axis=(1, 2))
    return slopes_along(group, point, value=value, omega=omega, direction=_times(inverse, point.difference))


def stacked_precision(group: StackedGroup, point: ModelPoint) -> tuple[FloatArray, FloatArray]:
    """Σ⁻¹ (b, p, p) and ln|Σ| (b,); the identity and infinity where Σ is not positive definite."""
    columns = point.loadings @ point.total
    covariance = columns @ point.latent_residual @ _t(columns)
    covariance[:, group.correlated[:, None], group.correlated] += point.residual_block
    alone = np.setdiff1d(np.arange(covariance.shape[1]), group.correlated)
    covariance[:, alone, alone] += point.residual[:, alone]
    factor = stacked_cholesky(np.where(np.isfinite(covariance), covariance, 0.0))
    definite = np.isfinite(factor[:, 0, 0])
    identity = np.eye(covariance.shape[1])
    inverse = stacked_inverse(np.where(definite[:, None, None], covariance, identity))
    log_determinant = 2.0 * np.log(_diagonal(np.where(definite[:, None, None], factor, identity))).sum(axis=1)
    return inverse, np.where(definite, log_determinant, np.inf)


def slopes_along(
    group: StackedGroup, point: ModelPoint, *, value: FloatArray, omega: FloatArray, direction: FloatArray
) -> Slopes:
    """Slopes from Ω (b, p, p) and the direction (b, p): dF = tr(Ω dΣ) − 2 direction · dμ."""
    slope = omega @ point.loadings
    core = _t(point.total) @ (_t(point.loadings) @ slope)
    through = point.latent_residual @ _t(point.total)
    return Slopes(
        value=value,
        loadings=slope @ point.total @ through,
        paths=core @ point.total @ through,
        latent=core @ point.total,
        residual=_diagonal(omega),
        residual_block=_block(omega, group.correlated),
        direction=direction,
    )


def gradient_along(group: StackedGroup, point: ModelPoint, slopes: Slopes) -> FloatArray:
    """∂F/∂θ of shape (b, q), gathered from the slopes."""
    structure, elements = group.structure, group.elements
    by_element = np.zeros((len(slopes.value), len(structure.matrix)))
    at, row, column, _ = elements[Matrix.LOADINGS]
    by_element[:, at] = 2.0 * slopes.loadings[:, row, column]
    at, row, column, _ = elements[Matrix.PATHS]
    by_element[:, at] = 2.0 * slopes.paths[:, row, column]
    at, row, column, _ = elements[Matrix.LATENT_COVARIANCE]
    by_element[:, at] = np.where(row == column, 1.0, 2.0) * slopes.latent[:, row, column]
    at, row, column, _ = elements[Matrix.RESIDUAL_COVARIANCE]
    if not len(group.correlated):
        by_element[:, at] = slopes.residual[:, row]
    elif len(at):
        place = np.searchsorted(group.correlated, np.arange(len(structure.observed)))
        place = np.minimum(place, len(group.correlated) - 1)
        inside = np.isin(row, group.correlated)
        within = slopes.residual_block[:, place[row], place[column]]
        twice = np.where(row == column, 1.0, 2.0)
        by_element[:, at] = np.where(inside, twice * within, slopes.residual[:, row])
    if structure.has_means:
        _add_mean_slopes(group, point, slopes.direction, by_element)
    if structure.is_one_to_one:
        gradient = np.zeros((len(by_element), structure.n_free))
        gradient[:, structure.parameter] = by_element
        return gradient
    summed: FloatArray = by_element @ structure.incidence
    return summed


def _add_mean_slopes(group: StackedGroup, point: ModelPoint, direction: FloatArray, by_element: FloatArray) -> None:
    """Add −2 (m − μ)ᵀ W ∂μ to the derivatives of the elements."""
    inward = _times(_t(point.loadings @ point.total), direction)
    for kind, outer, inner in (
        (Matrix.LOADINGS, direction, point.latent_mean),
        (Matrix.PATHS, inward, point.latent_mean),
        (Matrix.INTERCEPTS, direction, None),
        (Matrix.LATENT_MEANS, inward, None),
    ):
        at, row, column, _ = group.elements[kind]
        by_element[:, at] -= 2.0 * outer[:, row] * (1.0 if inner is None else inner[:, column])


def _t(stack: FloatArray) -> FloatArray:
    return stack.swapaxes(1, 2)


def _times(stack: FloatArray, vectors: FloatArray) -> FloatArray:
    product: FloatArray = (stack @ vectors[:, :, None])[:, :, 0]
    return product


def _diagonal(stack: FloatArray) -> FloatArray:
    diagonal: FloatArray = np.einsum("bii->bi", stack)
    return diagonal


def _block(stack: FloatArray, at: IntArray) -> FloatArray:
    return stack[:, at[:, None], at]
