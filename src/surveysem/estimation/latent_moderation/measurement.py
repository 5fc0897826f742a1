"""How rows enter the likelihood: what their answers say of the latent variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from surveysem.estimation.latent_moderation.rows import RowGroups
from surveysem.implied import Matrix, ModeratedStructure
from surveysem.typing import FloatArray, IntArray

BoolArray: TypeAlias = NDArray[np.bool_]

_LEAST_UNIQUENESS = 1e-4
"""Residual variance, relative to the variance, up to which it is not divided by."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Measurement:
    """How the rows enter: regular and exact variables at given parameters.

    Parameters
    ----------
    exact : int array of shape (x,)
        Exact variables.
    regular : array of shape (p,)
        1 for regular variables, else 0.
    precision : array of shape (p,)
        Inverse residual variances of regular variables; 0 for exact ones.
    features : array of shape (n, 1 + m + x)
        (1, h, e) of each sorted row.
    constants : array of shape (n,)
        ln N(y; ν, Θ) of the regular variables.
    centred : array of shape (n, p)
        y − ν, 0 where missing.
    information : array of shape (o, m, m)
        M = ΛᵀΘ⁻¹Λ of the regular variables, by group.
    """

    exact: IntArray
    regular: FloatArray
    precision: FloatArray
    features: FloatArray
    constants: FloatArray
    centred: FloatArray
    information: FloatArray


def measurement(
    structure: ModeratedStructure, matrices: tuple[FloatArray, ...], rows: RowGroups, scale: FloatArray
) -> Measurement:
    """Regular and exact variables, and the features of each row.

    Parameters
    ----------
    structure : ModeratedStructure
        The model.
    matrices : tuple of arrays
        At the parameters.
    rows : RowGroups
        The answers.
    scale : array of shape (p,)
        Variances of the variables.
    """
    loadings, residual, intercepts = (
        matrices[kind] for kind in (Matrix.LOADINGS, Matrix.RESIDUAL_COVARIANCE, Matrix.INTERCEPTS)
    )
    variances = residual.diagonal()
    is_exact = _covarying(structure) | (variances <= _LEAST_UNIQUENESS * scale)
    exact = np.flatnonzero(is_exact)
    precision = np.where(is_exact, 0.0, 1.0 / np.where(is_exact, 1.0, variances))
    present = rows.present[rows.group_of_row]
    centred = (rows.values - intercepts[:, 0]) * present
    weighted = loadings * precision[:, None]
    squares = centred**2 @ precision
    log_variances = np.where(is_exact, 0.0, np.log(2.0 * np.pi * np.where(is_exact, 1.0, variances)))
    outer = (weighted[:, :, None] * loadings[:, None, :]).reshape(len(loadings), -1)
    m = loadings.shape[1]
    return Measurement(
        exact=exact,
        regular=(~is_exact).astype(np.float64),
        precision=precision,
        features=np.hstack([np.ones((rows.n_obs, 1)), centred @ weighted, centred[:, exact]]),
        constants=-0.5 * (present @ log_variances + squares),
        centred=centred,
        information=(rows.present @ outer).reshape(-1, m, m),
    )


def _covarying(structure: ModeratedStructure) -> BoolArray:
    """Variables whose residuals may covary with others, of shape (p,)."""
    fixed = structure.fixed[Matrix.RESIDUAL_COVARIANCE]
    tied = fixed - np.diag(fixed.diagonal()) != 0
    at = (structure.matrix == Matrix.RESIDUAL_COVARIANCE) & (structure.row != structure.column)
    tied[structure.row[at], structure.column[at]] = True
    return np.asarray(tied.any(axis=0) | tied.any(axis=1))
