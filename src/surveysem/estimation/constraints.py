"""Equality constraints written as formulas, turned into directions in which the parameters may move."""

from __future__ import annotations

import numpy as np
from scipy.linalg import null_space

from surveysem.errors import ModelSyntaxError, Problem, UnsupportedError
from surveysem.estimation.problem import LinearConstraints
from surveysem.specification import Parameter, ParameterTable
from surveysem.specification.expressions import evaluate, gradient, names_in
from surveysem.typing import FloatArray


def linear_constraints(table: ParameterTable) -> LinearConstraints | None:
    """The linear equality constraints of a table (``==``); None when it has none.

    Raises
    ------
    ModelSyntaxError
        When a constraint names an unknown label, or constraints contradict each other.
    UnsupportedError
        For constraints that are not linear, and for inequalities.
    """
    rows = table.constraints
    if not rows:
        return None
    _refuse_inequalities(rows)
    labels = {row.label: row.free for row in table if row.label}
    values = {row.label: row.value for row in table if row.label and row.value is not None}
    lines = [_line(row, labels, values, table.n_free) for row in rows]
    matrix = np.array([coefficients for coefficients, _ in lines])
    constants = np.array([constant for _, constant in lines])
    origin = np.linalg.lstsq(matrix, -constants, rcond=None)[0]
    if not np.allclose(matrix @ origin, -constants, atol=1e-9):
        raise ModelSyntaxError("The equality constraints contradict each other.", [_problem(row) for row in rows])
    return LinearConstraints(origin=origin, basis=null_space(matrix))


def _refuse_inequalities(rows: tuple[Parameter, ...]) -> None:
    found = [f"{row.lhs} {row.op} {row.rhs}" for row in rows if row.op != "=="]
    if found:
        raise UnsupportedError(
            f"Inequality constraints are not available ({'; '.join(found)}). Fit without them and look at the estimate."
        )


def _line(row: Parameter, labels: dict[str, int], values: dict[str, float], n_free: int) -> tuple[FloatArray, float]:
    """Coefficients and constant of left side minus right side."""
    expression = f"({row.lhs}) - ({row.rhs})"
    names = tuple(names_in(expression))
    free = tuple(name for name in names if labels.get(name))
    unknown = [name for name in names if name not in labels]
    if unknown:
        remedy = f"Label the parameter, or use one of: {', '.join(labels) or 'no label is given'}."
        problem = Problem(
            where=f"{row.lhs} == {row.rhs}", found=f"no parameter is labelled {unknown[0]}", remedy=remedy
        )
        raise ModelSyntaxError("An equality constraint cannot be understood.", [problem])
    points = np.random.default_rng(0).uniform(0.5, 1.5, (2, len(free)))
    slopes = [_slopes(expression, free, point, values) for point in points]
    if not np.allclose(slopes[0], slopes[1], rtol=1e-9, atol=1e-12):
        raise UnsupportedError(f"The constraint {row.lhs} == {row.rhs} is not linear; only linear ones are available.")
    coefficients = np.zeros(n_free)
    for name, slope in zip(free, slopes[0], strict=True):
        coefficients[labels[name] - 1] += slope
    at_zero = evaluate(expression, {**values, **dict.fromkeys(free, 0.0)}).real
    return coefficients, at_zero


def _slopes(expression: str, free: tuple[str, ...], point: FloatArray, values: dict[str, float]) -> FloatArray:
    names = (*free, *values)
    slopes = gradient(expression, names, np.array([*point, *values.values()]))
    return slopes[: len(free)]


def _problem(row: Parameter) -> Problem:
    return Problem(where=f"{row.lhs} == {row.rhs}", found="it cannot hold beside the others", remedy="Remove one.")
