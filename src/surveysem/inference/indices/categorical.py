"""Statistics that robust fit indices of ordered variables are made of.

They judge the correlations by maximum likelihood, at the estimates of least squares, and correct for the way these were
found: other discrepancies than that of maximum likelihood give CFI and RMSEA another meaning.
"""

from __future__ import annotations

import numpy as np

from surveysem.estimation import GroupSolution, LeastSquares, Solution
from surveysem.estimation.discrepancy import ml_discrepancy
from surveysem.implied import response_covariance, statistics_jacobian
from surveysem.inference.indices.statistics import ChiSquare, divided
from surveysem.inference.information import invert_information
from surveysem.inference.least_squares import weight_information
from surveysem.linalg import inverse_positive_definite, is_positive_definite, log_determinant
from surveysem.typing import FloatArray


def correlation_statistics(solution: Solution) -> tuple[ChiSquare, ChiSquare] | None:
    """Maximum likelihood statistics of the correlations, of the model and of independence, with scaling factors.

    None where they are not defined or not offered: with continuous variables, several groups, thresholds or means that
    are restricted, no degrees of freedom, or correlations (of the sample or implied) that are not positive definite.

    Parameters
    ----------
    solution : Solution
        A model of ordered variables at its estimates.

    References
    ----------
    savalei_2021
    """
    group, discrepancy = solution.groups[0], solution.groups[0].discrepancy
    df = solution.table.degrees_of_freedom
    if not isinstance(discrepancy, LeastSquares) or df == 0 or not _concerns_correlations_alone(solution):
        return None
    sample, implied = np.asarray(group.moments.covariance), response_covariance(group.implied)
    if not (is_positive_definite(sample) and is_positive_definite(implied)):
        return None
    n, p = solution.n_obs, len(sample)
    pairs = p * (p - 1) // 2
    gamma = discrepancy.gamma[-pairs:, -pairs:]
    inverse = invert_information(weight_information(solution), solution)
    model = divided(n * ml_discrepancy(implied, sample), df, _trace(group, discrepancy, inverse, implied, gamma) / df)
    return model, divided(-n * log_determinant(sample), pairs, float(np.trace(gamma)) / pairs)


def _concerns_correlations_alone(solution: Solution) -> bool:
    """One group of ordered variables whose thresholds are saturated and do not restrict the rest."""
    table = solution.table
    thresholds = [row for row in table.parameters if row.op == "|"]
    free = {row.free for row in thresholds if row.free}
    unrestricted = len(free) == len(thresholds) and not (table.constraints and any(row.label for row in thresholds))
    means = any(row.op == "~1" and (row.free or row.value) for row in table.parameters)
    return len(solution.groups) == 1 and set(table.ordered) == set(table.observed) and unrestricted and not means


def _trace(
    group: GroupSolution, discrepancy: LeastSquares, inverse: FloatArray, implied: FloatArray, gamma: FloatArray
) -> float:
    """tr(PᵀVPΓ) over the correlations: V of maximum likelihood, P = I − Δ(ΔᵀWΔ)⁻¹ΔᵀW of the estimates."""
    jacobian = statistics_jacobian(group.implied)[-len(gamma) :]
    loaded = _rows(discrepancy.weight, len(gamma)) @ jacobian
    left = np.eye(len(gamma)) - jacobian @ inverse @ loaded.T
    first, second = np.triu_indices(len(implied), 1)
    weight = inverse_positive_definite(implied)
    information = weight[np.ix_(first, first)] * weight[np.ix_(second, second)]
    information += weight[np.ix_(first, second)] * weight[np.ix_(second, first)]
    return float(np.sum((information @ left) * (left @ gamma)))


def _rows(weight: FloatArray, n_pairs: int) -> FloatArray:
    """Weights of the correlations among each other."""
    if weight.ndim == 2:
        return weight[-n_pairs:, -n_pairs:]
    return np.diag(weight[-n_pairs:])
