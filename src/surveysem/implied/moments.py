"""Implied moments and their derivatives, by a dictionary of columns.

Every derivative of Σ with respect to an element of the model matrices is s (u vᵀ + v uᵀ), where u and v are columns of
D = [I, ΛA, ΛAΨAᵀ], A = (I − B)⁻¹, and s is ½ on diagonals and 1 elsewhere. Gradients, expected information and Hessians
are then gathers from Gram matrices of D.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveysem.implied.structure import CovarianceStructure, Matrix
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True)
class ImpliedMoments:
    """Model-implied covariance and the pieces its derivatives are made of.

    Parameters
    ----------
    structure : CovarianceStructure
        The model.
    theta : array of shape (q,)
        Free parameters.
    covariance : array of shape (p, p)
        Σ.
    latent_covariance : array of shape (m, m)
        Φ = A Ψ Aᵀ.
    total_effects : array of shape (m, m)
        A = (I − B)⁻¹.
    columns : array of shape (p, p + 2m)
        The dictionary D.
    """

    structure: CovarianceStructure
    theta: FloatArray
    covariance: FloatArray
    latent_covariance: FloatArray
    total_effects: FloatArray
    columns: FloatArray


def implied_moments(structure: CovarianceStructure, theta: FloatArray) -> ImpliedMoments:
    """Implied covariance at *theta* (q,), with what its derivatives need.

    Raises
    ------
    numpy.linalg.LinAlgError
        When I − B is singular.
    """
    loadings, paths, latent_residual, residual = structure.matrices(theta)
    total: FloatArray = np.linalg.inv(np.eye(len(paths)) - paths).astype(np.float64)
    latent = total @ latent_residual @ total.T
    cross = loadings @ latent
    covariance = cross @ loadings.T + residual
    return ImpliedMoments(
        structure=structure,
        theta=theta,
        covariance=(covariance + covariance.T) / 2.0,
        latent_covariance=latent,
        total_effects=total,
        columns=np.hstack([np.eye(len(loadings)), loadings @ total, cross]),
    )


@dataclass(frozen=True, kw_only=True)
class ElementColumns:
    """Which columns of the dictionary make the derivative of each free element.

    Parameters
    ----------
    u, v : int arrays of shape (e,)
        Columns of D.
    scale : array of shape (e,)
        ½ for diagonal elements, else 1.
    """

    u: IntArray
    v: IntArray
    scale: FloatArray


def element_columns(structure: CovarianceStructure) -> ElementColumns:
    """Columns of the dictionary for each free element of a structure."""
    p, m = len(structure.observed), len(structure.latent)
    total, cross = p, p + m
    offsets = {
        Matrix.LOADINGS: (0, cross),
        Matrix.PATHS: (total, cross),
        Matrix.LATENT_COVARIANCE: (total, total),
        Matrix.RESIDUAL_COVARIANCE: (0, 0),
    }
    first = np.array([offsets[Matrix(kind)][0] for kind in structure.matrix], dtype=np.int64)
    second = np.array([offsets[Matrix(kind)][1] for kind in structure.matrix], dtype=np.int64)
    u, v = first + structure.row, second + structure.column
    return ElementColumns(u=u, v=v, scale=np.where(u == v, 0.5, 1.0))


def element_to_parameter(structure: CovarianceStructure) -> FloatArray:
    """Matrix of shape (e, q) that sums derivatives of elements into derivatives of parameters."""
    incidence = np.zeros((len(structure.parameter), structure.n_free))
    incidence[np.arange(len(structure.parameter)), structure.parameter] = 1.0
    return incidence


def covariance_jacobian(moments: ImpliedMoments) -> FloatArray:
    """∂Σ/∂θ of shape (q, p, p): the simple form, and the oracle of the gathers."""
    structure, columns = moments.structure, moments.columns
    at = element_columns(structure)
    half = at.scale[:, None, None] * columns.T[at.u][:, :, None] * columns.T[at.v][:, None, :]
    elements = half + half.transpose(0, 2, 1)
    jacobian: FloatArray = np.einsum("eq,eij->qij", element_to_parameter(structure), elements)
    return jacobian


def variance_jacobian(moments: ImpliedMoments) -> tuple[FloatArray, FloatArray]:
    """Derivatives of the variances of observed (q, p) and latent (q, m) variables."""
    structure, columns = moments.structure, moments.columns
    at, to_parameter = element_columns(structure), element_to_parameter(structure)
    p, m = len(structure.observed), len(structure.latent)
    latent_columns = np.hstack([np.zeros((m, p)), moments.total_effects, moments.latent_covariance])
    observed = 2.0 * at.scale[:, None] * columns.T[at.u] * columns.T[at.v]
    latent = 2.0 * at.scale[:, None] * latent_columns.T[at.u] * latent_columns.T[at.v]
    return to_parameter.T @ observed, to_parameter.T @ latent
