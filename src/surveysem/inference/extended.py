"""A solution seen as a point of a larger model: the same data, more parameters, nothing refitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import block_diag

from surveysem.estimation import EstimationProblem, Solution
from surveysem.implied import ImpliedMoments, moment_structure
from surveysem.inference.standardized import plain_rows
from surveysem.specification import Parameter, ParameterTable
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ExtendedModel:
    """The larger model at the estimates.

    Parameters
    ----------
    problem : EstimationProblem
        With *q* + *k* parameters, those added last; without constraints, which *basis* carries.
    implied : tuple of ImpliedMoments
        Of each group, the same as those of the solution.
    basis : array of shape (q + k, r + k)
        Directions in which the parameters may move: those of the solution, then each added one.
    """

    problem: EstimationProblem
    implied: tuple[ImpliedMoments, ...]
    basis: FloatArray

    def gradient(self) -> FloatArray:
        """∂F/∂θ of shape (q + k,)."""
        return self.problem.gradient(self.implied)

    def expected_hessian(self) -> FloatArray:
        """Expectation of the Hessian of F, of shape (q + k, q + k)."""
        return self.problem.expected_hessian(self.implied)


def extend(solution: Solution, added: Sequence[Parameter]) -> ExtendedModel:
    """The solution with fixed or absent parameters made free where they stand.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    added : sequence of Parameter
        Rows of the table, or rows it could have; *k* of them. A row the model lacks is 0.
    """
    numbers = {parameter_key(row): solution.table.n_free + number for number, row in enumerate(added, start=1)}
    kept = [row for row in solution.table if parameter_key(row) not in numbers]
    freed = [replace(row, free=numbers[parameter_key(row)], value=None, exogenous=False) for row in added]
    problem = rebuilt_problem(solution, replace(solution.table, rows=(*kept, *freed)))
    present = _present_values(solution)
    theta = np.concatenate([solution.theta, [present.get(parameter_key(row), 0.0) for row in added]])
    constraints = solution.problem.constraints
    within = np.eye(solution.table.n_free) if constraints is None else constraints.basis
    return ExtendedModel(problem=problem, implied=problem.implied(theta), basis=block_diag(within, np.eye(len(added))))


def exogenous_moments(solution: Solution) -> list[Parameter]:
    """Moments of observed exogenous variables, which the model takes from the sample, of all groups."""
    return [row for row in solution.table if row.exogenous]


def rebuilt_problem(solution: Solution, table: ParameterTable) -> EstimationProblem:
    """The same problem for another table of the same variables, without constraints."""
    structures = tuple(
        moment_structure(table.in_group(number), table.n_free, sample.covariance, sample.means)
        for number, sample in enumerate(solution.problem.samples, start=1)
    )
    return replace(solution.problem, table=table, structures=structures, constraints=None)


def parameter_key(row: Parameter) -> tuple[object, ...]:
    """Identity of a parameter; covariances are symmetric."""
    sides = frozenset((row.lhs, row.rhs)) if row.op == "~~" else (row.lhs, row.rhs)
    return row.group, row.op, sides


def _present_values(solution: Solution) -> dict[tuple[object, ...], float]:
    """Values of the parameters the model has."""
    return {
        parameter_key(row): value
        for group in solution.groups
        for row, value in zip(group.table.parameters, plain_rows(group).values.tolist(), strict=True)
    }
