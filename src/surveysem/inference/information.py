"""Information matrices and the parameter covariance they give."""

from __future__ import annotations

import numpy as np

from surveysem.data.missing import casewise_scores_missing
from surveysem.errors import EstimationError
from surveysem.estimation import FullInformation, GroupSolution, Solution
from surveysem.implied import (
    ImpliedMoments,
    ModeratedMoments,
    element_columns,
    element_to_parameter,
    mean_weights,
)
from surveysem.inference.latent_moderation import row_scores
from surveysem.inference.least_squares import is_least_squares, least_squares_covariance, weight_information
from surveysem.inference.satorra_bentler import sandwich_covariance
from surveysem.linalg import inverse_positive_definite, is_positive_definite
from surveysem.typing import EstimatorName, FloatArray, IntArray


def expected_information(solution: Solution) -> FloatArray:
    """Expected information of one observation, of shape (q, q)."""
    return solution.problem.expected_hessian(_implied(solution)) / 2.0


def observed_information(solution: Solution) -> FloatArray:
    """Observed information of one observation, of shape (q, q): half the Hessian of the discrepancy.

    Under constraints that are not linear it is half the Hessian of the Lagrangian, which within the constraints is that
    of the model written with independent parameters. (lavaan leaves their curvature out, so that its standard errors
    depend on how the model is written.)
    """
    information: FloatArray = solution.problem.lagrangian_hessian(_implied(solution)) / 2.0
    return information


def _implied(solution: Solution) -> tuple[ImpliedMoments, ...]:
    return tuple(group.implied for group in solution.groups)


def first_order_information(solution: Solution) -> FloatArray:
    """Mean cross-product of the casewise scores, of shape (q, q); scores are first summed over clusters."""
    total = np.zeros((solution.table.n_free, solution.table.n_free))
    for group in solution.groups:
        scores = summed_by_cluster(casewise_scores(group), group.moments.clusters)
        total += scores.T @ scores / solution.n_obs
    return total


def summed_by_cluster(values: FloatArray, clusters: IntArray | None) -> FloatArray:
    """Rows (n, k) summed within the *c* clusters and stretched by √[c / (c − 1)]; unchanged where there are none."""
    if clusters is None:
        return values
    n_clusters = int(clusters.max()) + 1
    sums = np.zeros((n_clusters, values.shape[1]))
    np.add.at(sums, clusters, values)
    stretched: FloatArray = sums * np.sqrt(n_clusters / (n_clusters - 1))
    return stretched


def structured_information(solution: Solution) -> FloatArray:
    """Observed information of one observation (q, q) without the curvature of the model.

    It is that of the saturated model at the implied moments, carried to the parameters by the Jacobian; lavaan's
    ``observed.information = "h1"``.
    """
    information: FloatArray = solution.problem.structured_hessian(_implied(solution)) / 2.0
    return information


def casewise_scores(group: GroupSolution) -> FloatArray:
    """Derivatives of each observation's log-likelihood in one group, of shape (n, q)."""
    implied = group.implied
    if isinstance(implied, ModeratedMoments):
        return row_scores(group)
    if isinstance(group.discrepancy, FullInformation):
        return _incomplete_scores(implied, group.discrepancy)
    mean = implied.mean if implied.structure.has_means else group.moments.means
    centred = group.moments.observations - mean
    at = element_columns(implied.structure)
    weighted = inverse_positive_definite(implied.covariance) @ implied.columns
    gram = implied.columns.T @ weighted
    projected = centred @ weighted
    elements = at.scale * (projected[:, at.u] * projected[:, at.v] - gram[at.u, at.v])
    if implied.structure.has_means:
        elements += mean_weights(implied) * projected[:, at.u]
    return elements @ element_to_parameter(implied.structure)


def _incomplete_scores(implied: ImpliedMoments, discrepancy: FullInformation) -> FloatArray:
    at = element_columns(implied.structure)
    elements = casewise_scores_missing(
        discrepancy.missing,
        implied.mean,
        implied.covariance,
        columns=implied.columns,
        u=at.u,
        v=at.v,
        scale=at.scale,
        mean_directions=implied.columns[:, at.u] * mean_weights(implied),
    )
    return elements @ element_to_parameter(implied.structure)


def parameter_covariance(solution: Solution, estimator: EstimatorName) -> FloatArray:
    """Covariance of the estimates, of shape (q, q).

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    estimator : str
        Inverse expected information (observed where rows are incomplete, and with latent products); the sandwich of
        observed and first-order information (Huber and White; Yuan & Bentler 2000); or, for the others, that of
        expected information and fourth moments (Satorra & Bentler 1994). Of least squares see
        :func:`~surveysem.inference.least_squares.least_squares_covariance`.

    Raises
    ------
    EstimationError
        When the information is not positive definite: the estimates are no minimum.

    References
    ----------
    satorra_bentler_1994, yuan_bentler_2000
    """
    n = solution.n_obs
    if is_least_squares(solution):
        inverse = invert_information(weight_information(solution), solution)
        return least_squares_covariance(solution, estimator, inverse)
    if estimator == "ML":
        information = observed_information(solution) if _is_observed(solution) else expected_information(solution)
        return invert_information(information, solution) / n
    if estimator != "MLR":
        return sandwich_covariance(solution, invert_information(expected_information(solution), solution))
    bread = invert_information(observed_information(solution), solution)
    return bread @ first_order_information(solution) @ bread / n


def _is_observed(solution: Solution) -> bool:
    """Whether expected information is not what normal-theory standard errors rest on."""
    return solution.incomplete or solution.has_latent_products


def invert_information(information: FloatArray, solution: Solution) -> FloatArray:
    """Inverse of an information matrix (q, q) within the model's constraints.

    Raises
    ------
    EstimationError
        When it is not positive definite.
    """
    constraints = solution.problem.constraints
    if constraints is not None:
        inner = constraints.basis.T @ information @ constraints.basis
        return constraints.basis @ _inverse(inner) @ constraints.basis.T
    return _inverse(information)


def _inverse(information: FloatArray) -> FloatArray:
    scale = np.sqrt(np.abs(np.diag(information)))
    if not is_positive_definite(information / np.outer(scale, scale)):
        raise EstimationError(
            "Standard errors cannot be computed: the information matrix is not positive definite at the estimates, "
            "so they are no minimum of the discrepancy."
        )
    return inverse_positive_definite(information)
