"""The maximum likelihood discrepancy and its gradient for many samples of one group at once.

With Σ = GGᵀ + Θ, G = (I − B)⁻¹ c loaded by Λ and c the Cholesky factor of Ψ, Woodbury's identity needs factors of
size *m* only: Σ⁻¹ = Θ⁻¹ − YYᵀ, Y = Θ⁻¹G L⁻ᵀ, LLᵀ = I + GᵀΘ⁻¹G. It holds while Θ and Ψ are positive definite, so
samples at which they are not, or nearly not, are evaluated with Σ itself. Stacks have the sample along the first axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveysem.estimation.fitting import GroupSolution
from surveysem.implied import Matrix, MomentStructure
from surveysem.typing import FloatArray, IntArray

_LEAST_RESIDUAL = 1e-4
"""Share of an indicator's variance below which its residual variance is too small to divide by."""

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleStack:
    """Moments of many samples of one group.

    Parameters
    ----------
    covariances : array of shape (b, p, p)
        Divided by *n*.
    means : array of shape (b, p)
        Sample means.
    """

    covariances: FloatArray
    means: FloatArray

    def take(self, chosen: IntArray | BoolArray) -> SampleStack:
        """Some of the samples."""
        return SampleStack(covariances=self.covariances[chosen], means=self.means[chosen])

    def __len__(self) -> int:
        return len(self.means)


@dataclass(frozen=True, kw_only=True, eq=False)
class StackedGroup:
    """One group of a model, prepared for evaluation at many points.

    Parameters
    ----------
    structure : MomentStructure
        The model as matrices.
    from_sample : int array of shape (4, k)
        Matrix, row and column of elements fixed to sample moments, and the place of the moment in [vec(S), m].
    """

    structure: MomentStructure
    from_sample: IntArray

    @cached_property
    def elements(self) -> dict[Matrix, tuple[IntArray, IntArray, IntArray, IntArray]]:
        """Place among all elements, row, column and parameter of the free elements of each matrix."""
        structure = self.structure
        places = {kind: np.flatnonzero(structure.matrix == kind) for kind in Matrix}
        return {
            kind: (at, structure.row[at], structure.column[at], structure.parameter[at]) for kind, at in places.items()
        }

    @cached_property
    def correlated(self) -> IntArray:
        """Indicators whose residuals covary with others."""
        residual, (_, row, column, _) = self.structure.fixed[Matrix.RESIDUAL_COVARIANCE], self.elements[Matrix(3)]
        pattern = residual != 0
        pattern[row, column] = pattern[column, row] = True
        np.fill_diagonal(pattern, False)
        return np.flatnonzero(pattern.any(axis=0))

    @cached_property
    def has_paths(self) -> bool:
        """Whether B is anything but 0."""
        return bool(len(self.elements[Matrix.PATHS][0]) or self.structure.fixed[Matrix.PATHS].any())

    def fill(self, kind: Matrix, theta: FloatArray, samples: SampleStack) -> FloatArray:
        """One of the model matrices at each point *theta* (b, q), of shape (b, rows, columns)."""
        fixed = self.structure.fixed[kind]
        filled = np.empty((len(theta), *fixed.shape))
        filled[:] = fixed
        _, row, column, parameter = self.elements[kind]
        values = theta[:, parameter]
        filled[:, row, column] = values
        if kind in (Matrix.LATENT_COVARIANCE, Matrix.RESIDUAL_COVARIANCE):
            filled[:, column, row] = values
        _, row, column, place = self.from_sample[:, self.from_sample[0] == kind]
        if len(place):
            moments = np.hstack([samples.covariances.reshape(len(theta), -1), samples.means])
            filled[:, row, column] = moments[:, place]
            if kind <= Matrix.RESIDUAL_COVARIANCE:
                filled[:, column, row] = moments[:, place]
        return filled


def stacked_group(group: GroupSolution) -> StackedGroup:
    """A group of a fitted model, prepared for evaluation at many points and for many samples."""
    observed, latent = group.structure.observed, group.structure.latent
    places = []
    for row in group.table:
        if row.exogenous:
            i = observed.index(row.lhs)
            moment = len(observed) ** 2 + i if row.op == "~1" else len(observed) * i + observed.index(row.rhs)
            acts_latent = row.lhs in latent
            kind = (Matrix.INTERCEPTS, Matrix.LATENT_MEANS) if row.op == "~1" else (Matrix(3), Matrix(2))
            names = latent if acts_latent else observed
            column = 0 if row.op == "~1" else names.index(row.rhs)
            places.append((kind[acts_latent], names.index(row.lhs), column, moment))
    return StackedGroup(structure=group.structure, from_sample=np.array(places, dtype=np.int64).reshape(-1, 4).T)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Point:
    """Model matrices of one group at many points, and the moments to hold them against."""

    loadings: FloatArray
    total: FloatArray
    latent_residual: FloatArray
    residual: FloatArray
    latent_mean: FloatArray
    difference: FloatArray
    about: FloatArray

    def take(self, chosen: BoolArray) -> _Point:
        return _Point(**{name: value[chosen] for name, value in vars(self).items()})


@dataclass(frozen=True, kw_only=True, eq=False)
class _Slopes:
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


def stacked_discrepancy(
    group: StackedGroup, theta: FloatArray, samples: SampleStack
) -> tuple[FloatArray, FloatArray]:
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
        return slopes.value, _gradient(group, point, slopes)
    value, gradient = np.full(len(theta), np.inf), np.zeros((len(theta), theta.shape[1]))
    if usable.any():
        part = point.take(usable)
        slopes = _by_woodbury(group, part, factor[usable])
        value[usable], gradient[usable] = slopes.value, _gradient(group, part, slopes)
    part = point.take(~usable)
    slopes = _by_covariance(group, part)
    value[~usable], gradient[~usable] = slopes.value, _gradient(group, part, slopes)
    gradient[~np.isfinite(value)] = 0.0
    return value, gradient


def guarded(function: Callable[[FloatArray], FloatArray], stack: FloatArray) -> FloatArray:
    """A matrix function of each matrix of a stack, NaN where it fails: numpy gives up on all if one does."""
    try:
        return function(stack)
    except np.linalg.LinAlgError:
        pass
    result = np.full(stack.shape, np.nan)
    for number, matrix in enumerate(stack):
        with suppress(np.linalg.LinAlgError):
            result[number] = function(matrix)
    return result


def _point(group: StackedGroup, theta: FloatArray, samples: SampleStack) -> _Point:
    loadings = group.fill(Matrix.LOADINGS, theta, samples)
    total = np.broadcast_to(np.eye(loadings.shape[2]), (len(theta), *2 * loadings.shape[2:]))
    if group.has_paths:
        total = guarded(np.linalg.inv, total - group.fill(Matrix.PATHS, theta, samples))
    latent_mean, difference = np.zeros(loadings.shape[::2]), np.zeros_like(samples.means)
    about = samples.covariances
    if group.structure.has_means:
        latent_mean = _times(total, group.fill(Matrix.LATENT_MEANS, theta, samples)[:, :, 0])
        intercepts = group.fill(Matrix.INTERCEPTS, theta, samples)[:, :, 0]
        difference = samples.means - intercepts - _times(loadings, latent_mean)
        about = about + difference[:, :, None] * difference[:, None, :]
    return _Point(
        loadings=loadings,
        total=total,
        latent_residual=group.fill(Matrix.LATENT_COVARIANCE, theta, samples),
        residual=group.fill(Matrix.RESIDUAL_COVARIANCE, theta, samples),
        latent_mean=latent_mean,
        difference=difference,
        about=about,
    )


def _woodbury_holds(group: StackedGroup, point: _Point) -> tuple[BoolArray, FloatArray]:
    """Where Θ and Ψ are safely positive definite, and the Cholesky factors of Ψ."""
    variances, totals = _diagonal(point.residual), _diagonal(point.about)
    usable = (variances > _LEAST_RESIDUAL * totals).all(axis=1)
    factor = guarded(np.linalg.cholesky, point.latent_residual)
    usable &= np.isfinite(factor[:, 0, 0]) & np.isfinite(point.total[:, 0, 0])
    if len(group.correlated):
        block = guarded(np.linalg.cholesky, _block(point.residual, group.correlated))
        safe = _diagonal(block) ** 2 > _LEAST_RESIDUAL * totals[:, group.correlated]
        usable &= safe.all(axis=1)
    return usable, factor


def _by_woodbury(group: StackedGroup, point: _Point, factor: FloatArray) -> _Slopes:
    """F and its slopes with factors of size *m*."""
    weigh, log_residual, traced, blocks = _residual_weights(group, point)
    latent = point.total @ factor
    common = point.loadings @ latent
    weighted = weigh(common)
    lower = np.linalg.cholesky(np.eye(common.shape[2]) + _t(common) @ weighted)
    inner = np.linalg.inv(lower)
    y = weighted @ _t(inner)
    z = point.about @ y
    e = _t(y) @ z
    weighted_z = weigh(z)
    d = y - weighted_z + y @ e
    slope = d @ inner
    back = np.linalg.inv(factor)
    core = _t(back) @ (_t(common) @ slope)
    log_latent = 2.0 * np.log(_diagonal(lower)).sum(axis=1)
    own, own_block = blocks(y, weighted_z, d)
    direction = np.zeros_like(point.difference)
    if group.structure.has_means:
        difference = point.difference[:, :, None]
        direction = (weigh(difference) - y @ (_t(y) @ difference))[:, :, 0]
    return _Slopes(
        value=log_residual + log_latent + traced - _diagonal(e).sum(axis=1),
        loadings=slope @ _t(latent),
        paths=core @ _t(latent),
        latent=core @ back,
        residual=own,
        residual_block=own_block,
        direction=direction,
    )
