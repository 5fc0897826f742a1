"""Auxiliary variables beside the indicators, whose conditional moments are all that quasi-maximum likelihood needs.

To the *p* observed variables y of the linear part of a model are joined, for each of the *r* outcomes of products, a
variable that covaries with y as a unit of the outcome would move it, and each of the *f* factors of products itself.
Given y they have means t (r + f,) and a covariance Q (r + f, r + f); derivatives follow from the dictionary of columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveysem.errors import Problem, UnsupportedError
from surveysem.estimation.quasi_likelihood.rows import Products
from surveysem.implied import ImpliedMoments, Matrix, ModeratedStructure, MomentStructure, mean_weights
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Auxiliary:
    """A model with its auxiliary variables as further observed variables.

    Parameters
    ----------
    structure : MomentStructure
        Of p + r + f observed variables; the parameters are those of the model.
    products : Products
        Which coefficient belongs to which outcome and factors.
    reaches, measures : bool arrays of shape (p, r)
        Whether a variable depends on an outcome, and whether it is an indicator of it.
    """

    structure: MomentStructure
    products: Products
    reaches: np.ndarray
    measures: np.ndarray

    def outcomes_seen(self, observed: IntArray) -> IntArray:
        """Outcomes that the variables *observed* depend on.

        Raises
        ------
        UnsupportedError
            Where an outcome has lost all of its indicators, but not those of the variables that depend on it.
        """
        seen = self.reaches[observed].any(axis=0)
        unmeasured = np.flatnonzero(seen & ~self.measures[observed].any(axis=0))
        if unmeasured.size:
            names = [self.structure.latent[at] for at in self.products.outcomes[unmeasured]]
            raise UnsupportedError(
                "Quasi-maximum likelihood needs an indicator of each outcome of a product in every row that has "
                "variables which depend on it.",
                [
                    Problem(
                        where=f"outcome {name}",
                        found="in some rows none of its indicators is answered",
                        remedy="Use interaction='lms', which makes do with them.",
                    )
                    for name in names
                ],
            )
        return np.flatnonzero(seen)


def auxiliary(structure: ModeratedStructure) -> Auxiliary:
    """The model of a moderated structure's linear part with its auxiliary variables.

    Notes
    -----
    The variable that stands for an outcome has covariance 1 with a disturbance of variance 0 that moves the outcome by
    its own value: it leaves the moments of y as they are and covaries with y as Λ (I − B)⁻¹ has it.
    """
    products = Products.of(structure)
    n_outcomes, n_factors = len(products.outcomes), len(products.factors)
    stand_ins = [f"{kind} {number}" for kind in ("disturbance", "unit") for number in range(n_outcomes)]
    added = [f"outcome {number}" for number in range(n_outcomes)] + [f"factor {number}" for number in range(n_factors)]
    larger = MomentStructure(
        observed=(*structure.observed, *added),
        latent=(*structure.latent, *stand_ins),
        fixed=_fixed(structure, products),
        matrix=structure.matrix,
        row=structure.row,
        column=structure.column,
        parameter=structure.parameter,
        n_free=structure.n_free,
        has_means=structure.has_means,
    )
    reaches, measures = _indicators(structure, products.outcomes)
    return Auxiliary(structure=larger, products=products, reaches=reaches, measures=measures)


def _fixed(structure: MomentStructure, products: Products) -> tuple[FloatArray, ...]:
    """The model matrices with fixed values, auxiliary variables included."""
    p, m, r, f = len(structure.observed), len(structure.latent), len(products.outcomes), len(products.factors)
    observed, latent = p + r + f, m + 2 * r
    shapes = ((observed, latent), (latent, latent), (latent, latent), (observed, observed), (observed, 1), (latent, 1))
    fixed = tuple(np.zeros(shape) for shape in shapes)
    for larger, given in zip(fixed, structure.fixed, strict=True):
        larger[: given.shape[0], : given.shape[1]] = given
    disturbances, units = m + np.arange(r), m + r + np.arange(r)
    fixed[Matrix.PATHS][products.outcomes, disturbances] = 1.0
    fixed[Matrix.LATENT_COVARIANCE][disturbances, units] = 1.0
    fixed[Matrix.LATENT_COVARIANCE][units, disturbances] = 1.0
    fixed[Matrix.LOADINGS][p + np.arange(r), units] = 1.0
    fixed[Matrix.LOADINGS][p + r + np.arange(f), products.factors] = 1.0
    return fixed


def _indicators(structure: MomentStructure, outcomes: IntArray) -> tuple[np.ndarray, np.ndarray]:
    """Which observed variables (p, r) depend on each outcome, and which of them measure it.

    Those that load on the outcome measure it; of an outcome without such, all that depend on it.
    """
    loads = structure.fixed[Matrix.LOADINGS] != 0
    free = structure.matrix == Matrix.LOADINGS
    loads[structure.row[free], structure.column[free]] = True
    reaches = (loads @ structure.reached)[:, outcomes] > 0
    direct = loads[:, outcomes]
    return reaches, np.where(direct.any(axis=0), direct, reaches)


@dataclass(frozen=True, kw_only=True, eq=False)
class ConditionalMoments:
    """Moments of the *a* auxiliary variables that concern some rows, given what these rows have.

    Parameters
    ----------
    residuals : array of shape (n, p)
        y − μ; 0 where missing.
    inverse : array of shape (p, p)
        Σ⁻¹ of what is observed; 0 elsewhere.
    means : array of shape (a, n)
        t.
    covariance : array of shape (a, a)
        Q.
    carrier : array of shape (a, p + r + f)
        J = [−YᵀΣ⁻¹, I], with Y the covariances of y with auxiliary variables: ∂Q = J ∂Σ Jᵀ, Σ now being that of all.
    """

    residuals: FloatArray
    inverse: FloatArray
    means: FloatArray
    covariance: FloatArray
    carrier: FloatArray


def conditional_moments(
    implied: ImpliedMoments, inverse: FloatArray, observations: FloatArray, concerned: IntArray
) -> ConditionalMoments:
    """Moments of auxiliary variables given the rows of one pattern of missing values.

    Parameters
    ----------
    implied : ImpliedMoments
        Of the model with auxiliary variables.
    inverse : array of shape (p, p)
        Inverse of the covariance of what is observed, 0 elsewhere.
    observations : array of shape (n, p)
        NaN where missing.
    concerned : int array of shape (a,)
        Auxiliary variables that concern these rows.
    """
    p, at = observations.shape[1], observations.shape[1] + concerned
    residuals = np.nan_to_num(observations - implied.mean[:p])
    beside = implied.covariance[:p, at]
    carrier = np.zeros((len(at), len(implied.mean)))
    carrier[:, :p] = -beside.T @ inverse
    carrier[np.arange(len(at)), at] = 1.0
    return ConditionalMoments(
        residuals=residuals,
        inverse=inverse,
        means=implied.mean[at, None] - carrier[:, :p] @ residuals.T,
        covariance=implied.covariance[np.ix_(at, at)] + carrier[:, :p] @ beside,
        carrier=carrier,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class RowDirections:
    """First derivatives with respect to *q* parameters of what belongs to single rows.

    Parameters
    ----------
    means : array of shape (q, a, n)
        ∂t.
    log_likelihood : array of shape (q, n)
        Casewise scores of the linear part.
    """

    means: FloatArray
    log_likelihood: FloatArray


def row_directions(implied: ImpliedMoments, moments: ConditionalMoments, rows: slice) -> RowDirections:
    """Derivatives with respect to the parameters of what belongs to some rows.

    A derivative of Σ is s (u vᵀ + v uᵀ), and that of μ is w u, with u and v columns of the dictionary.
    """
    structure, p = implied.structure, len(moments.inverse)
    at, w = structure.columns, mean_weights(implied)[:, None]
    s, columns = at.scale[:, None], implied.columns[:p]
    residual = (moments.carrier @ implied.columns).T
    solved = (moments.residuals[rows] @ moments.inverse @ columns).T
    solved_u, solved_v = solved[at.u], solved[at.v]
    gram = ((moments.inverse @ columns)[:, at.u] * columns[:, at.v]).sum(axis=0)
    means = (w + s * solved_v)[:, None] * residual[at.u][:, :, None]
    means += (s * solved_u)[:, None] * residual[at.v][:, :, None]
    return RowDirections(
        means=structure.sum_elements(means),
        log_likelihood=structure.sum_elements(w * solved_u + s * (solved_u * solved_v - gram[:, None])),
    )


def covariance_directions(implied: ImpliedMoments, moments: ConditionalMoments) -> FloatArray:
    """∂Q with respect to *q* parameters, of shape (q, a, a)."""
    at = implied.structure.columns
    residual = (moments.carrier @ implied.columns).T
    of_u, of_v = at.scale[:, None] * residual[at.u], residual[at.v]
    half = of_u[:, :, None] * of_v[:, None]
    return implied.structure.sum_elements(half + half.swapaxes(1, 2))


def carried_curvature(
    implied: ImpliedMoments, moments: ConditionalMoments, weight: FloatArray, tau: FloatArray, gamma: FloatArray
) -> FloatArray:
    """What first derivatives of Σ and μ contribute to second derivatives of tr(W Q) and Σ wᵢᵀtᵢ, of shape (e, e).

    They are −tr(Zₐᵀ Σ⁻¹ (Z_b W + ∂_bμ τᵀ + ∂_bΣ Γ)), to be added to its transpose, with Z = ∂Y − ∂Σ Σ⁻¹Y. Derivatives
    are sums of two products of vectors, so that gathers from DᵀΣ⁻¹D suffice.

    Parameters
    ----------
    implied : ImpliedMoments
        Of the model with auxiliary variables.
    moments : ConditionalMoments
        Of some rows.
    weight : array of shape (a, a)
        W, symmetric.
    tau, gamma : arrays of shape (a,) and (p, a)
        Σ wᵢ and Σ⁻¹ Σ (yᵢ − μ) wᵢᵀ.
    """
    at, columns = implied.structure.columns, implied.columns[: len(moments.inverse)]
    gram = columns.T @ moments.inverse @ columns
    w, s = mean_weights(implied)[:, None], at.scale[:, None]
    residual = (moments.carrier @ implied.columns).T
    projected = residual @ weight + columns.T @ gamma
    beside_u, beside_v = s * residual[at.v], s * residual[at.u]
    along_u, along_v = s * projected[at.v] + w * tau, s * projected[at.u]
    from_u, from_v = gram.take(at.u, axis=0), gram.take(at.v, axis=0)
    elements: FloatArray = from_u.take(at.u, axis=1) * (beside_u @ along_u.T)
    elements += from_u.take(at.v, axis=1) * (beside_u @ along_v.T)
    elements += from_v.take(at.u, axis=1) * (beside_v @ along_u.T)
    elements += from_v.take(at.v, axis=1) * (beside_v @ along_v.T)
    return -elements
