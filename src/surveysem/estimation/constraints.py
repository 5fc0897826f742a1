"""Constraints written as formulas: directions in which parameters may move, and boundaries they may be held to."""

from __future__ import annotations

import numpy as np
from scipy.linalg import null_space

from surveysem.errors import ModelSyntaxError, Problem, UnsupportedError
from surveysem.estimation.problem import LinearConstraints
from surveysem.specification import Parameter, ParameterTable
from surveysem.specification.expressions import evaluate, gradient, names_in
from surveysem.typing import FloatArray

_VIOLATED = 1e-7
"""Excess over a boundary, and size of a multiplier, that is more than rounding."""


def linear_constraints(table: ParameterTable, active: frozenset[int] = frozenset()) -> LinearConstraints | None:
    """The linear constraints that hold with equality; None where there are none.

    Parameters
    ----------
    table : ParameterTable
        The model.
    active : frozenset of int
        Inequalities, by their place among ``table.constraints``, whose boundary the parameters are held to.

    Raises
    ------
    ModelSyntaxError
        When a constraint names an unknown label, or constraints contradict each other.
    UnsupportedError
        For constraints that are not linear.
    """
    lines = [_line(row, table) for row in table.constraints]
    chosen = [index for index, row in enumerate(table.constraints) if row.op == "==" or index in active]
    if not chosen:
        return None
    matrix = np.array([lines[index][0] for index in chosen])
    constants = np.array([lines[index][1] for index in chosen])
    origin = np.linalg.lstsq(matrix, -constants, rcond=None)[0]
    if not np.allclose(matrix @ origin, -constants, atol=1e-9):
        rows = [table.constraints[index] for index in chosen]
        raise ModelSyntaxError("The constraints contradict each other.", [_problem(row) for row in rows])
    boundaries = tuple(_written(table.constraints[index]) for index in chosen if index in active)
    return LinearConstraints(origin=origin, basis=null_space(matrix), boundaries=boundaries)


def next_active(
    table: ParameterTable, theta: FloatArray, gradient: FloatArray, active: frozenset[int]
) -> frozenset[int]:
    """Inequalities to hold as equalities next; the same as before where the estimates are final.

    The most violated one is added; where none is violated, the one with the most negative multiplier, which would
    rather be left, is given up.

    Parameters
    ----------
    table : ParameterTable
        The model.
    theta, gradient : arrays of shape (q,)
        Estimates under the present active set, and ∂F/∂θ there.
    active : frozenset of int
        The present active set.
    """
    outward = {index: _outward(row, table) for index, row in enumerate(table.constraints) if row.op != "=="}
    excess = {index: float(normal @ theta + constant) for index, (normal, constant) in outward.items()}
    violated = {index: value for index, value in excess.items() if index not in active and value > _VIOLATED}
    if violated:
        return active | {max(violated, key=lambda index: violated[index])}
    equalities = [_line(row, table)[0] for row in table.constraints if row.op == "=="]
    held = sorted(active)
    if not held:
        return active
    normals = np.array([outward[index][0] for index in held] + equalities)
    multipliers = np.linalg.lstsq(normals.T, -gradient, rcond=None)[0][: len(held)]
    worst = int(np.argmin(multipliers))
    return active - {held[worst]} if multipliers[worst] < -_VIOLATED else active


def _outward(row: Parameter, table: ParameterTable) -> tuple[FloatArray, float]:
    """Coefficients and constant of an expression that may not exceed 0."""
    coefficients, constant = _line(row, table)
    return (coefficients, constant) if row.op == "<" else (-coefficients, -constant)


def _written(row: Parameter) -> str:
    return f"{row.lhs} {row.op} {row.rhs}"


def _line(row: Parameter, table: ParameterTable) -> tuple[FloatArray, float]:
    """Coefficients and constant of left side minus right side."""
    labels = {each.label: each.free for each in table if each.label}
    values = {each.label: each.value for each in table if each.label and each.value is not None}
    expression = f"({row.lhs}) - ({row.rhs})"
    names = tuple(names_in(expression))
    free = tuple(name for name in names if labels.get(name))
    unknown = [name for name in names if name not in labels]
    if unknown:
        remedy = f"Label the parameter, or use one of: {', '.join(labels) or 'no label is given'}."
        problem = Problem(where=_written(row), found=f"no parameter is labelled {unknown[0]}", remedy=remedy)
        raise ModelSyntaxError("A constraint cannot be understood.", [problem])
    points = np.random.default_rng(0).uniform(0.5, 1.5, (2, len(free)))
    slopes = [_slopes(expression, free, point, values) for point in points]
    if not np.allclose(slopes[0], slopes[1], rtol=1e-9, atol=1e-12):
        raise UnsupportedError(f"The constraint {_written(row)} is not linear; only linear ones are available.")
    coefficients = np.zeros(table.n_free)
    for name, slope in zip(free, slopes[0], strict=True):
        coefficients[labels[name] - 1] += slope
    at_zero = evaluate(expression, {**values, **dict.fromkeys(free, 0.0)}).real
    return coefficients, at_zero


def _slopes(expression: str, free: tuple[str, ...], point: FloatArray, values: dict[str, float]) -> FloatArray:
    names = (*free, *values)
    slopes = gradient(expression, names, np.array([*point, *values.values()]))
    return slopes[: len(free)]


def _problem(row: Parameter) -> Problem:
    return Problem(where=_written(row), found="it cannot hold beside the others", remedy="Remove one.")
