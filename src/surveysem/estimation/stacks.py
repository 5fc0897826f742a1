"""Samples of one model in stacks, and the model matrices at a stack of points.

Stacks have the sample along the first axis, *b* of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

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
        pattern = self.structure.fixed[Matrix.RESIDUAL_COVARIANCE] != 0
        _, row, column, _ = self.elements[Matrix.RESIDUAL_COVARIANCE]
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
    p = len(observed)
    places = []
    for row in group.table:
        if not row.exogenous:
            continue
        acts_latent, i = row.lhs in latent, observed.index(row.lhs)
        names = latent if acts_latent else observed
        if row.op == "~1":
            kind = Matrix.LATENT_MEANS if acts_latent else Matrix.INTERCEPTS
            places.append((kind, names.index(row.lhs), 0, p * p + i))
        else:
            kind = Matrix.LATENT_COVARIANCE if acts_latent else Matrix.RESIDUAL_COVARIANCE
            moment = p * i + observed.index(row.rhs)
            places.append((kind, names.index(row.lhs), names.index(row.rhs), moment))
    return StackedGroup(structure=group.structure, from_sample=np.array(places, dtype=np.int64).reshape(-1, 4).T)
