"""Information matrices and the parameter covariance they give."""

from __future__ import annotations

import numpy as np

from surveysem.errors import EstimationError
from surveysem.estimation import GroupSolution, Solution
from surveysem.implied import ImpliedMoments, element_columns, element_to_parameter, mean_weights
from surveysem.linalg import inverse_positive_definite, is_positive_definite
from surveysem.typing import EstimatorName, FloatArray


def expected_information(solution: Solution) -> FloatArray:
    """Expected information of one observation, of shape (q, q)."""
    return solution.problem.expected_hessian(_implied(solution)) / 2.0


def observed_information(solution: Solution) -> FloatArray:
    """Observed information of one observation, of shape (q, q): half the Hessian of the discrepancy."""
    return solution.problem.hessian(_implied(solution)) / 2.0


def _implied(solution: Solution) -> tuple[ImpliedMoments, ...]:
    return tuple(group.implied for group in solution.groups)


def first_order_information(solution: Solution) -> FloatArray:
    """Mean cross-product of the casewise scores, of shape (q, q)."""
    total = np.zeros((solution.table.n_free, solution.table.n_free))
    for group in solution.groups:
        scores = casewise_scores(group)
        total += scores.T @ scores / solution.n_obs
    return total


def casewise_scores(group: GroupSolution) -> FloatArray:
    """Derivatives of each observation's log-likelihood in one group, of shape (n, q)."""
    implied = group.implied
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


def parameter_covariance(solution: Solution, estimator: EstimatorName) -> FloatArray:
    """Covariance of the estimates, of shape (q, q).

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    estimator : {"ML", "MLR"}
        Inverse expected information, or the sandwich of observed and first-order information
        (Huber and White; Yuan & Bentler 2000).

    Raises
    ------
    EstimationError
        When the information is not positive definite: the estimates are no minimum.

    References
    ----------
    yuan_bentler_2000
    """
    n = solution.n_obs
    if estimator == "ML":
        return invert_information(expected_information(solution), solution) / n
    bread = invert_information(observed_information(solution), solution)
    return bread @ first_order_information(solution) @ bread / n


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
