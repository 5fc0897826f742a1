"""Free elements of the model matrices, and which coordinates their scores are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from surveysem.estimation.latent_moderation.factors import HeldFactors
from surveysem.implied import Matrix, ModeratedStructure
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Elements:
    """Free elements of the matrices and of Ω; those of ν and α last.

    The score of an element in a cell is scale · (P_u P_v − G_uv), times the held factor's value for elements of Ω. The
    coordinates P are z = Σ⁻¹(y − μ) (p of them), 1, r and η (m each); G is 0 where one of them is 1.

    Parameters
    ----------
    u, v : int arrays of shape (e,)
        Coordinates of each element.
    scale : array of shape (e,)
        ½ for diagonal elements of covariance matrices, else 1.
    held : int array of shape (e,)
        Held factor that multiplies the element; −1 where none does.
    parameter : int array of shape (e,)
        Free parameter.
    n_quadratic : int
        Elements before those of ν and α.
    circular : bool
        Whether paths lead in a circle.
    """

    u: IntArray
    v: IntArray
    scale: FloatArray
    held: IntArray
    parameter: IntArray
    n_quadratic: int
    circular: bool

    def of(self, parameters: IntArray) -> Elements:
        """The elements of some parameters alone."""
        kept = np.flatnonzero(np.isin(self.parameter, parameters))
        chosen = {name: getattr(self, name)[kept] for name in ("u", "v", "scale", "held", "parameter")}
        return replace(self, **chosen, n_quadratic=int((kept < self.n_quadratic).sum()))

    def summed(self, values: FloatArray, n_free: int) -> FloatArray:
        """Elements (…, e) summed into parameters (…, q)."""
        incidence = np.zeros((len(self.parameter), n_free))
        incidence[np.arange(len(self.parameter)), self.parameter] = self.scale
        summed: FloatArray = values @ incidence
        return summed


def elements(structure: ModeratedStructure, factors: HeldFactors) -> Elements:
    """Free elements of a structure whose products hold given factors."""
    p, m = len(structure.observed), len(structure.latent)
    one, r, eta = p, p + 1, p + 1 + m
    first = np.array([0, r, r, 0, 0, r])[structure.matrix] + structure.row
    second = np.array([eta, eta, r, 0, one, one])[structure.matrix] + structure.column
    symmetric = np.isin(structure.matrix, [Matrix.LATENT_COVARIANCE, Matrix.RESIDUAL_COVARIANCE])
    free = structure.product_parameter >= 0
    u = np.concatenate([first, r + structure.outcome[free]])
    v = np.concatenate([second, eta + factors.other[free]])
    diagonal = np.concatenate([symmetric & (structure.row == structure.column), np.zeros(free.sum(), dtype=bool)])
    held = np.concatenate([np.full(len(structure.row), -1), factors.held[free]])
    parameter = np.concatenate([structure.parameter, structure.product_parameter[free]])
    order = np.argsort(v == one, kind="stable")
    paths = structure.matrix == Matrix.PATHS
    return Elements(
        u=u[order],
        v=v[order],
        scale=np.where(diagonal, 0.5, 1.0)[order],
        held=held[order],
        parameter=parameter[order],
        n_quadratic=int((v != one).sum()),
        circular=bool(structure.reached[structure.column[paths], structure.row[paths]].any()),
    )
