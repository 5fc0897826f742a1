"""Whether a solution can be the truth about any population."""

from __future__ import annotations

import numpy as np

from surveysem.estimation import GroupSolution
from surveysem.findings import Finding
from surveysem.implied import Matrix
from surveysem.inference.standardized import plain_rows
from surveysem.linalg import is_positive_definite

_TOLERANCE = 1e-10


def admissibility_findings(solution: GroupSolution) -> tuple[Finding, ...]:
    """Everything about a solution that no population could show; empty when it is admissible.

    Negative variances (Heywood cases), correlations beyond ±1 between latent variables or between residuals, and
    covariance matrices of latent variables that are not positive definite are named.
    """
    messages = [*_negative_variances(solution), *_impossible_correlations(solution), *_indefinite_matrices(solution)]
    return tuple(Finding(severity="serious", where="inadmissible solution", message=message) for message in messages)


def _negative_variances(solution: GroupSolution) -> list[str]:
    rows = list(solution.table.parameters)
    values = plain_rows(solution).values
    return [
        f"The {'variance' if row.lhs in solution.table.latent else 'residual variance'} of {row.lhs} is estimated "
        f"at {value:.3f}, below zero."
        for row, value in zip(rows, values, strict=True)
        if row.op == "~~" and row.lhs == row.rhs and value < 0
    ]


def _impossible_correlations(solution: GroupSolution) -> list[str]:
    matrices = solution.structure.matrices(solution.theta)
    latent_residual, residual = matrices[Matrix.LATENT_COVARIANCE], matrices[Matrix.RESIDUAL_COVARIANCE]
    latent = solution.structure.latent
    pairs = _beyond_one(latent_residual, latent, "residual correlation")
    pairs |= _beyond_one(solution.implied.latent_covariance, latent, "correlation")
    return list((pairs | _beyond_one(residual, solution.structure.observed, "residual correlation")).values())


def _beyond_one(covariance: np.ndarray, names: tuple[str, ...], what: str) -> dict[tuple[str, str], str]:
    variances = np.diag(covariance)
    found = {}
    for i in range(len(names)):
        for j in range(i):
            product = variances[i] * variances[j]
            if variances[i] > 0 and variances[j] > 0 and covariance[i, j] ** 2 > product * (1 + _TOLERANCE):
                r = covariance[i, j] / np.sqrt(product)
                found[names[j], names[i]] = (
                    f"The {what} of {names[j]} and {names[i]} is estimated at {r:.3f}, beyond ±1."
                )
    return found


def _indefinite_matrices(solution: GroupSolution) -> list[str]:
    matrices = solution.structure.matrices(solution.theta)
    named = [
        (solution.implied.latent_covariance, "covariance matrix of the latent variables"),
        (matrices[Matrix.RESIDUAL_COVARIANCE], "covariance matrix of the indicators' residuals"),
    ]
    if matrices[Matrix.PATHS].any():
        named.append((matrices[Matrix.LATENT_COVARIANCE], "covariance matrix of the latent residuals"))
    return [f"The {name} is not positive definite." for matrix, name in named if not _is_semidefinite(matrix)]


def _is_semidefinite(matrix: np.ndarray) -> bool:
    """Zero variances (single indicators, observed variables in regressions) are allowed."""
    used = np.abs(matrix).sum(axis=0) > 0
    if not used.any():
        return True
    part = matrix[np.ix_(used, used)]
    return is_positive_definite(part + _TOLERANCE * np.trace(np.abs(part)) * np.eye(len(part)))
