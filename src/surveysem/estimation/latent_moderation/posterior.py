"""The rows' log-likelihoods and their posterior distributions over the nodes, at given parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from surveysem.estimation.latent_moderation.cells import CellModels, cell_models, effects_at
from surveysem.estimation.latent_moderation.factors import HeldFactors
from surveysem.estimation.latent_moderation.measurement import Measurement, measurement
from surveysem.estimation.latent_moderation.quadrature import Grid
from surveysem.estimation.latent_moderation.rows import RowGroups
from surveysem.implied import ImpliedMoments, ModeratedStructure
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Posterior:
    """Rows and cells at given parameters.

    Parameters
    ----------
    structure : ModeratedStructure
        The model.
    matrices : tuple of arrays
        At the parameters.
    factors : HeldFactors
        What is held.
    rows : RowGroups
        The answers.
    grid : Grid
        The nodes.
    held : array of shape (c, d + given)
        Values of the held factors in each cell.
    measured : Measurement
        How the rows enter.
    cells : CellModels
        The linear model of each cell.
    """

    structure: ModeratedStructure
    matrices: tuple[FloatArray, ...]
    factors: HeldFactors
    rows: RowGroups
    grid: Grid
    held: FloatArray
    measured: Measurement
    cells: CellModels

    def blocks(self) -> list[tuple[slice, slice]]:
        """Sorted rows and cells of each group."""
        bounds = self.grid.bounds
        cells = [slice(int(begin), int(end)) for begin, end in pairwise(bounds)]
        return list(zip(self.rows.slices(), cells, strict=True))

    @cached_property
    def products(self) -> FloatArray:
        """Products of each row's features, (n, f²)."""
        features = self.measured.features
        outer: FloatArray = (features[:, :, None] * features[:, None, :]).reshape(len(features), -1)
        return outer

    @cached_property
    def _summed(self) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """Log-likelihood of each sorted row (n,), and weights of the nodes, group by group."""
        forms = self.cells.form.reshape(self.cells.n_cells, -1)
        total, weights = np.empty(self.rows.n_obs), []
        for at, cells in self.blocks():
            density = self.products[at] @ forms[cells].T + self.grid.log_weight[cells]
            largest = density.max(axis=1)
            density = np.exp(density - largest[:, None])
            sums = density.sum(axis=1)
            total[at] = largest + np.log(sums)
            weights.append(density / sums[:, None])
        return total + self.measured.constants, tuple(weights)

    @property
    def log_likelihood(self) -> FloatArray:
        """Of each sorted row, (n,)."""
        return self._summed[0]

    @property
    def weights(self) -> tuple[FloatArray, ...]:
        """Posterior probabilities of the nodes, (rows, nodes) of each group."""
        return self._summed[1]

    @cached_property
    def expected(self) -> FloatArray:
        """Posterior means of the latent variables of each sorted row, (n, m)."""
        m = self.cells.mean.shape[1]
        maps = self.cells.maps[:, 1 + m : 1 + 2 * m]
        expected = np.empty((self.rows.n_obs, m))
        for (at, cells), weights in zip(self.blocks(), self.weights, strict=True):
            averaged = (weights @ maps[cells].reshape(weights.shape[1], -1)).reshape(-1, m, maps.shape[2])
            expected[at] = (averaged @ self.measured.features[at][:, :, None])[:, :, 0]
        return expected


def posterior(
    implied: ImpliedMoments, factors: HeldFactors, rows: RowGroups, grid: Grid, *, scale: FloatArray
) -> Posterior:
    """Rows and cells at the parameters of *implied*.

    Parameters
    ----------
    implied : ImpliedMoments
        Of a model with products of latent variables.
    factors, rows, grid
        What is held, the answers and the nodes.
    scale : array of shape (p,)
        Variances of the variables, that tell which residual variances are small.
    """
    structure = implied.structure
    assert isinstance(structure, ModeratedStructure)
    matrices = structure.matrices(implied.theta)
    measured = measurement(structure, matrices, rows, scale)
    held = np.hstack([grid.nodes, rows.given[grid.group]])
    total = effects_at(structure, factors, implied.total_effects, structure.coefficients(implied.theta), held)
    cells = cell_models(
        matrices, factors.latent, measured, rows.present, total=total, held=grid.nodes, group=grid.group
    )
    return Posterior(
        structure=structure,
        matrices=matrices,
        factors=factors,
        rows=rows,
        grid=grid,
        held=held,
        measured=measured,
        cells=cells,
    )


def linear_posterior(implied: ImpliedMoments, rows: RowGroups, *, scale: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Posterior means (n, m) and covariances (o, m, m) of the latent variables if products had no effect.

    Parameters
    ----------
    implied : ImpliedMoments
        Of a model with products of latent variables.
    rows : RowGroups
        The answers; the means are those of the sorted rows.
    scale : array of shape (p,)
        Variances of the variables.
    """
    matrices = implied.structure.matrices(implied.theta)
    assert isinstance(implied.structure, ModeratedStructure)
    measured = measurement(implied.structure, matrices, rows, scale)
    n_groups, m = rows.n_groups, len(implied.structure.latent)
    cells = cell_models(
        matrices,
        (),
        measured,
        rows.present,
        total=np.broadcast_to(implied.total_effects, (n_groups, m, m)),
        held=np.zeros((n_groups, 0)),
        group=np.arange(n_groups),
    )
    maps = cells.maps[:, 1 + m : 1 + 2 * m][rows.group_of_row]
    return (maps @ measured.features[:, :, None])[:, :, 0], cells.posterior
