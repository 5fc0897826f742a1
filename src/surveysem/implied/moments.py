"""Implied moments and their derivatives, by a dictionary of columns.

Every derivative of Σ with respect to an element of the model matrices is s (u vᵀ + v uᵀ), where u and v are columns
of D = [I, ΛA, ΛAΨAᵀ], A = (I − B)⁻¹, and s is ½ on diagonals, 0 for means and 1 elsewhere. The derivative of μ is w u,
with w an element of Aα, 1 or 0. Gradients, information and Hessians are then gathers from Gram matrices of D.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri

from surveysem.implied.structure import ElementColumns, Matrix, MomentStructure
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ImpliedMoments:
    """Model-implied moments of one group and the pieces their derivatives are made of.

    Parameters
    ----------
    structure : MomentStructure
        The model.
    theta : array of shape (q,)
        Free parameters.
    covariance : array of shape (p, p)
        Σ.
    mean : array of shape (p,)
        μ; zeros where the model has no means.
    latent_covariance : array of shape (m, m)
        Φ = A Ψ Aᵀ.
    latent_mean : array of shape (m,)
        A α.
    total_effects : array of shape (m, m)
        A = (I − B)⁻¹.
    columns : array of shape (p, p + 2m)
        The dictionary D.
    """

    structure: MomentStructure
    theta: FloatArray
    covariance: FloatArray
    mean: FloatArray
    latent_covariance: FloatArray
    latent_mean: FloatArray
    total_effects: FloatArray
    columns: FloatArray

    @cached_property
    def _cholesky(self) -> FloatArray:
        factor, info = dpotrf(self.covariance, lower=True)
        if info or not np.isfinite(self.covariance).all():
            raise np.linalg.LinAlgError("the implied covariance matrix is not positive definite")
        return np.asarray(factor)

    @cached_property
    def log_determinant(self) -> float:
        """ln|Σ|; raises :class:`numpy.linalg.LinAlgError` where Σ is not positive definite."""
        return 2.0 * float(np.log(self._cholesky.diagonal()).sum())

    @cached_property
    def inverse(self) -> FloatArray:
        """Σ⁻¹, exactly symmetric; raises :class:`numpy.linalg.LinAlgError` where Σ is not positive definite."""
        lower = np.tril(dpotri(self._cholesky, lower=True)[0])
        inverse: FloatArray = lower + np.tril(lower, -1).T
        return inverse

    @cached_property
    def weighted_columns(self) -> FloatArray:
        """Σ⁻¹D of shape (p, p + 2m)."""
        product: FloatArray = self.inverse @ self.columns
        return product

    @cached_property
    def gram(self) -> FloatArray:
        """DᵀΣ⁻¹D of shape (p + 2m, p + 2m)."""
        product: FloatArray = self.columns.T @ self.weighted_columns
        return product


def implied_moments(structure: MomentStructure, theta: FloatArray) -> ImpliedMoments:
    """Implied moments at *theta* (q,), with what their derivatives need.

    Raises
    ------
    numpy.linalg.LinAlgError
        When I − B is singular.
    """
    loadings, paths, latent_residual, residual, intercepts, latent_intercepts = structure.matrices(theta)
    # The inverse leaves 1e-17 where no path leads; what is fixed by construction would then seem to vary.
    total: FloatArray = np.linalg.inv(np.eye(len(paths)) - paths) * structure.reached
    latent = total @ latent_residual @ total.T
    latent_mean = total @ latent_intercepts[:, 0]
    cross = loadings @ latent
    covariance = cross @ loadings.T + residual
    return ImpliedMoments(
        structure=structure,
        theta=theta,
        covariance=(covariance + covariance.T) / 2.0,
        mean=intercepts[:, 0] + loadings @ latent_mean,
        latent_covariance=latent,
        latent_mean=latent_mean,
        total_effects=total,
        columns=np.hstack([np.eye(len(loadings)), loadings @ total, cross]),
    )


def given_exogenous(moments: ImpliedMoments) -> ImpliedMoments:
    """Moments given observed exogenous variables at 0, beside ordered variables; else the moments themselves."""
    structure = moments.structure.given_exogenous
    return moments if structure is moments.structure else implied_moments(structure, moments.theta)


def element_columns(structure: MomentStructure) -> ElementColumns:
    """Columns of the dictionary for each free element of a structure."""
    return structure.columns


def element_to_parameter(structure: MomentStructure) -> FloatArray:
    """Matrix of shape (e, q) that sums derivatives of elements into derivatives of parameters."""
    return structure.incidence


def mean_weights(moments: ImpliedMoments) -> FloatArray:
    """Factors w of shape (e,) in ∂μ/∂element = w D_u."""
    structure = moments.structure
    directed = structure.matrix <= Matrix.PATHS
    weights = np.where(structure.matrix >= Matrix.INTERCEPTS, 1.0, 0.0)
    weights[directed] = moments.latent_mean[structure.column[directed]]
    return weights


def mean_jacobian(moments: ImpliedMoments) -> FloatArray:
    """∂μ/∂θ of shape (q, p)."""
    elements = mean_weights(moments)[:, None] * moments.columns.T[moments.structure.columns.u]
    return moments.structure.sum_elements(elements)


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
    at = structure.columns
    p, m = len(structure.observed), len(structure.latent)
    latent_columns = np.hstack([np.zeros((m, p)), moments.total_effects, moments.latent_covariance])
    observed = structure.sum_elements(2.0 * at.scale[:, None] * columns.T[at.u] * columns.T[at.v])
    latent = structure.sum_elements(2.0 * at.scale[:, None] * latent_columns.T[at.u] * latent_columns.T[at.v])
    if structure.responses is None:
        return observed, latent
    # Residual variances of ordered variables move along, so that the variances of their responses keep to 1/δ².
    along = _residual_jacobian(moments)
    own = structure.responses.residual_columns
    return observed + along @ columns.T[own] ** 2, latent + along @ latent_columns.T[own] ** 2


def residual_variances(moments: ImpliedMoments) -> tuple[FloatArray, FloatArray]:
    """Residual variances (o,) of the ordered variables, which follow from the parameters, and their derivatives (q, o).

    Raises
    ------
    ValueError
        In models without ordered variables.
    """
    structure, responses = moments.structure, moments.structure.responses
    if responses is None:
        raise ValueError("no variable is ordered")
    matrices = structure.matrices(moments.theta)
    latent_residual, residual = matrices[Matrix.LATENT_COVARIANCE], matrices[Matrix.RESIDUAL_COVARIANCE]
    outside = residual.diagonal()[responses.ordered]
    values = np.where(responses.acting < 0, outside, latent_residual.diagonal()[responses.acting])
    return values, _residual_jacobian(moments)


def _residual_jacobian(moments: ImpliedMoments) -> FloatArray:
    """Derivatives of the residual variances of ordered variables, of shape (q, o)."""
    structure, columns = moments.structure, given_exogenous(moments).columns
    assert structure.responses is not None
    at = structure.columns
    variances = structure.sum_elements(2.0 * at.scale[:, None] * columns.T[at.u] * columns.T[at.v])
    return structure.responses.residual_jacobian(moments.theta, columns, variances)
