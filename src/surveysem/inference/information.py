"""Information matrices and the parameter covariance they give."""

from __future__ import annotations

import numpy as np

from surveysem.errors import EstimationError
from surveysem.estimation import Solution, ml_expected_hessian, ml_hessian
from surveysem.implied import ImpliedMoments, element_columns, element_to_parameter
from surveysem.linalg import inverse_positive_definite, is_positive_definite
from surveysem.typing import EstimatorName, FloatArray


def expected_information(solution: Solution) -> FloatArray:
    """Expected information of one observation, of shape (q, q)."""
    return ml_expected_hessian(solution.implied) / 2.0


def observed_information(solution: Solution) -> FloatArray:
    """Observed information of one observation, of shape (q, q): half the Hessian of the discrepancy."""
    return ml_hessian(solution.implied, solution.moments.covariance) / 2.0


def first_order_information(solution: Solution) -> FloatArray:
    """Mean cross-product of the casewise scores, of shape (q, q)."""
    scores = casewise_scores(solution.implied, solution.moments.observations - solution.moments.means)
    return scores.T @ scores / solution.moments.n_obs


def casewise_scores(implied: ImpliedMoments, centred: FloatArray) -> FloatArray:
    """Derivatives of each observation's log-likelihood, of shape (n, q).

    Parameters
    ----------
    implied : ImpliedMoments
        Where they are taken.
    centred : array of shape (n, p)
        Observations less their means.
    """
    at = element_columns(implied.structure)
    weighted = inverse_positive_definite(implied.covariance) @ implied.columns
    gram = implied.columns.T @ weighted
    projected = centred @ weighted
    elements = at.scale * (projected[:, at.u] * projected[:, at.v] - gram[at.u, at.v])
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
    n = solution.moments.n_obs
    if estimator == "ML":
        return _inverse(expected_information(solution)) / n
    bread = _inverse(observed_information(solution))
    return bread @ first_order_information(solution) @ bread / n


def _inverse(information: FloatArray) -> FloatArray:
    scale = np.sqrt(np.abs(np.diag(information)))
    if not is_positive_definite(information / np.outer(scale, scale)):
        raise EstimationError(
            "Standard errors cannot be computed: the information matrix is not positive definite at the estimates, "
            "so they are no minimum of the discrepancy."
        )
    return inverse_positive_definite(information)
