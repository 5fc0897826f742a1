"""Statistics that robust fit indices of ordered variables are made of.

They judge the correlations by maximum likelihood, at the estimates of least squares, and correct for the way these were
found: other discrepancies than that of maximum likelihood give CFI and RMSEA another meaning.
"""

from __future__ import annotations

import numpy as np

from surveysem.estimation import GroupSolution, LeastSquares, Solution
from surveysem.estimation.discrepancy import ml_discrepancy
from surveysem.implied import response_covariance, statistics_jacobian
from surveysem.inference.indices.distances import GroupMoments, covariance_metric, expected_distance
from surveysem.inference.indices.statistics import ChiSquare, divided
from surveysem.inference.information import invert_information
from surveysem.inference.least_squares import weight_information
from surveysem.linalg import is_positive_definite, log_determinant
from surveysem.typing import FloatArray


def correlation_statistics(solution: Solution) -> tuple[ChiSquare, ChiSquare] | None:
    """Maximum likelihood statistics of the correlations, of the model and of independence, with scaling factors.

    None where they are not defined or not offered: with continuous variables, thresholds or means that are restricted,
    no degrees of freedom, or correlations (of the sample or implied) that are not positive definite.

    Parameters
    ----------
    solution : Solution
        A model of ordered variables at its estimates.

    Notes
    -----
    Under independence the statistic of *g* groups has the expectation Σ tr(Γ) over the groups. lavaan 0.6-14 divides
    each group's Γ by its share of the rows there, though not in the factor of the model, so that its factor of the
    baseline is about *g* times this one and rows given twice, as two groups, change its robust CFI and TLI.

    References
    ----------
    savalei_2021
    """
    df = solution.table.degrees_of_freedom
    if df == 0 or not _concerns_correlations_alone(solution):
        return None
    correlations = [_correlations(group) for group in solution.groups]
    if not all(is_positive_definite(matrix) for pair in correlations for matrix in pair):
        return None
    parts = [_moments(group) for group in solution.groups]
    rows = [group.moments.n_obs for group in solution.groups]
    plain = sum(n * ml_discrepancy(implied, sample) for n, (sample, implied) in zip(rows, correlations, strict=True))
    inverse = invert_information(weight_information(solution), solution)
    model = divided(plain, df, expected_distance(parts, inverse) / df)
    pairs = sum(len(part.gamma) for part in parts)
    baseline = -sum(n * log_determinant(sample) for n, (sample, _) in zip(rows, correlations, strict=True))
    return model, divided(baseline, pairs, sum(float(np.trace(part.gamma)) for part in parts) / pairs)


def _concerns_correlations_alone(solution: Solution) -> bool:
    """Ordered variables whose thresholds are saturated in every group and do not restrict the rest."""
    table = solution.table
    thresholds = [row for row in table.parameters if row.op == "|"]
    free = {row.free for row in thresholds if row.free}
    unrestricted = len(free) == len(thresholds) and not (table.constraints and any(row.label for row in thresholds))
    means = any(row.op == "~1" and (row.free or row.value) for row in table.parameters)
    weighted = all(isinstance(group.discrepancy, LeastSquares) for group in solution.groups)
    return weighted and set(table.ordered) == set(table.observed) and unrestricted and not means


def _correlations(group: GroupSolution) -> tuple[FloatArray, FloatArray]:
    """Of the sample, and implied."""
    return np.asarray(group.moments.covariance), response_covariance(group.implied)


def _moments(group: GroupSolution) -> GroupMoments:
    """The correlations of one group, which least squares weights and maximum likelihood judges."""
    discrepancy = group.discrepancy
    assert isinstance(discrepancy, LeastSquares)
    sample, implied = _correlations(group)
    first, second = np.triu_indices(len(sample), 1)
    own = slice(len(discrepancy.statistics) - len(first), None)
    jacobian = statistics_jacobian(group.implied)
    return GroupMoments(
        share=group.weight,
        gamma=discrepancy.gamma[own, own],
        jacobian=jacobian[own],
        loaded=discrepancy.weighted(jacobian)[own],
        metric=covariance_metric(implied, first, second),
    )
