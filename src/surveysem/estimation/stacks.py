"""Samples of one model in stacks, and the model matrices at a stack of points.

Stacks have the sample along the first axis, *b* of them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from surveysem.data.moments import SampleMoments
from surveysem.estimation.discrepancy import Discrepancy, MaximumLikelihood
from surveysem.estimation.fitting import GroupSolution
from surveysem.implied import Matrix, MomentStructure
from surveysem.typing import FloatArray, IntArray

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
    n_obs : array of shape (b,)
        Rows of each sample, *n*.
    """

    covariances: FloatArray
    means: FloatArray
    n_obs: FloatArray

    def take(self, chosen: BoolArray | slice) -> SampleStack:
        """Some of the samples."""
        return SampleStack(covariances=self.covariances[chosen], means=self.means[chosen], n_obs=self.n_obs[chosen])

    @property
    def size_of_one(self) -> int:
        """Bytes of one sample."""
        return int(self.covariances[0].nbytes)

    def single(self, number: int, variables: tuple[str, ...]) -> tuple[SampleMoments, Discrepancy]:
        """One sample as an engine takes it; its rows are not known here."""
        moments = SampleMoments(
            variables=variables,
            covariance=self.covariances[number],
            means=self.means[number],
            n_obs=int(self.n_obs[number]),
            observations=np.zeros((0, len(variables))),
        )
        return moments, MaximumLikelihood(moments=moments)

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
        pattern = self.structure.fixed[Matrix.RESIDUAL_COVARIANCE] != 0
        _, row, column, _ = self.elements[Matrix.RESIDUAL_COVARIANCE]
        pattern[row, column] = pattern[column, row] = True
        np.fill_diagonal(pattern, False)
        return np.flatnonzero(pattern.any(axis=0))

    @cached_property
    def has_paths(self) -> bool:
        """Whether B is anything but 0."""
        return bool(len(self.elements[Matrix.PATHS][0]) or self.structure.fixed[Matrix.PATHS].any())

    def residual_variances(self, theta: FloatArray) -> FloatArray:
        """Diagonal of Θ at each point *theta* (b, q), of shape (b, p)."""
        fixed = self.structure.fixed[Matrix.RESIDUAL_COVARIANCE].diagonal()
        _, row, column, parameter = self.elements[Matrix.RESIDUAL_COVARIANCE]
        variances = np.tile(fixed, (len(theta), 1))
        variances[:, row[row == column]] = theta[:, parameter[row == column]]
        return variances

    def residual_block(self, theta: FloatArray) -> FloatArray:
        """Θ of the indicators with correlated residuals, of shape (b, k, k)."""
        if not len(self.correlated):
            return np.zeros((len(theta), 0, 0))
        fixed = self.structure.fixed[Matrix.RESIDUAL_COVARIANCE][np.ix_(self.correlated, self.correlated)]
        block = np.tile(fixed, (len(theta), 1, 1))
        _, row, column, parameter = self.elements[Matrix.RESIDUAL_COVARIANCE]
        inside = np.isin(row, self.correlated) & np.isin(column, self.correlated)
        i, j = np.searchsorted(self.correlated, row[inside]), np.searchsorted(self.correlated, column[inside])
        block[:, i, j] = block[:, j, i] = theta[:, parameter[inside]]
        return block

    def fill(self, kind: Matrix, theta: FloatArray, samples: SampleStack) -> FloatArray:
        """One of the other model matrices at each point *theta* (b, q), of shape (b, rows, columns)."""
        fixed = self.structure.fixed[kind]
        filled = np.empty((len(theta), *fixed.shape))
        filled[:] = fixed
        _, row, column, parameter = self.elements[kind]
        filled[:, row, column] = theta[:, parameter]
        if kind == Matrix.LATENT_COVARIANCE:
            filled[:, column, row] = theta[:, parameter]
        _, row, column, place = self.from_sample[:, self.from_sample[0] == kind]
        if len(place):
            p = samples.means.shape[1]
            moments = np.hstack([samples.covariances.reshape(len(theta), p * p), samples.means])
            filled[:, row, column] = moments[:, place]
            if kind == Matrix.LATENT_COVARIANCE:
                filled[:, column, row] = moments[:, place]
        return filled


def stacked_group(group: GroupSolution) -> StackedGroup:
    """A group of a fitted model, prepared for evaluation at many points and for many samples."""
    observed, latent = group.structure.observed, group.structure.latent
    p = len(observed)
    places = []
    for row in group.table:
        if not row.exogenous:
            continue
        moment, i = observed.index(row.lhs), latent.index(row.lhs)
        if row.op == "~1":
            places.append((Matrix.LATENT_MEANS, i, 0, p * p + moment))
        else:
            places.append((Matrix.LATENT_COVARIANCE, i, latent.index(row.rhs), p * moment + observed.index(row.rhs)))
    return StackedGroup(structure=group.structure, from_sample=np.array(places, dtype=np.int64).reshape(-1, 4).T)


def stacked_cholesky(stack: FloatArray) -> FloatArray:
    """Cholesky factors of a stack of symmetric matrices, NaN where one is not positive definite.

    Examples
    --------
    >>> stacked_cholesky(np.array([[[4.0]], [[-1.0]]])).ravel()
    array([ 2., nan])
    """
    return _each(lambda matrices: np.asarray(np.linalg.cholesky(matrices), dtype=np.float64), stack)


def stacked_inverse(stack: FloatArray) -> FloatArray:
    """Inverses of a stack of square matrices, NaN where one is singular."""
    return _each(lambda matrices: np.asarray(np.linalg.inv(matrices), dtype=np.float64), stack)


def _each(function: Callable[[FloatArray], FloatArray], stack: FloatArray) -> FloatArray:
    """A function of each matrix, NaN where it fails: numpy gives up on the whole stack if it does on one."""
    try:
        return function(stack)
    except np.linalg.LinAlgError:
        pass
    result = np.full(stack.shape, np.nan)
    for number, matrix in enumerate(stack):
        with suppress(np.linalg.LinAlgError):
            result[number] = function(matrix)
    return result
