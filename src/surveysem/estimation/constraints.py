"""Constraints written as formulas: directions in which parameters may move, and boundaries they may be held to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import null_space

from surveysem.errors import ModelSyntaxError, Problem, UnsupportedError
from surveysem.estimation.constraint_equations import Equation, constraint_equations
from surveysem.estimation.nonlinear_constraints import ConstraintSystem, redundant
from surveysem.estimation.problem import LinearConstraints
from surveysem.specification import ParameterTable
from surveysem.typing import FloatArray

_VIOLATED = 1e-7
"""Excess over a boundary, and size of a multiplier, that is more than rounding."""


def constraints_of(
    table: ParameterTable, active: frozenset[int] = frozenset()
) -> LinearConstraints | ConstraintSystem | None:
    """The constraints that hold with equality; None where there are none, a system where one is not linear.

    Parameters
    ----------
    table : ParameterTable
        The model.
    active : frozenset of int
        Inequalities, by their place among ``table.constraints``, whose boundary the parameters are held to.

    Raises
    ------
    ModelSyntaxError
        When a constraint is no arithmetic of labels, follows from others or contradicts them.
    UnsupportedError
        For inequalities that are not linear.
    """
    equations = constraint_equations(table, table.constraints)
    _check_inequalities(equations)
    chosen = [index for index, each in enumerate(equations) if each.row.op == "==" or index in active]
    if not chosen:
        return None
    _check_independence([each for each in equations if each.row.op == "=="], table.n_free)
    held = tuple(equations[index] for index in chosen)
    boundaries = tuple(equations[index].written for index in chosen if index in active)
    linear = [each for each in held if each.is_linear]
    confined = _confined(linear, table.n_free, boundaries) if linear else None
    if len(linear) == len(held):
        return confined
    return ConstraintSystem(equations=held, n_free=table.n_free, boundaries=boundaries)


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
    equations = constraint_equations(table, table.constraints)
    found = [each.expanded(theta)[0] for each in equations]
    normals = [each.coefficients(one, table.n_free) for each, one in zip(equations, found, strict=True)]
    outward = [-1.0 if each.row.op == ">" else 1.0 for each in equations]
    violated = {
        index: outward[index] * one.value
        for index, one in enumerate(found)
        if equations[index].row.op != "==" and index not in active and outward[index] * one.value > _VIOLATED
    }
    if violated:
        return active | {max(violated, key=lambda index: violated[index])}
    held = sorted(active)
    if not held:
        return active
    equalities = [normal for each, normal in zip(equations, normals, strict=True) if each.row.op == "=="]
    pushing = np.array([outward[index] * normals[index] for index in held] + equalities)
    multipliers = np.linalg.lstsq(pushing.T, -gradient, rcond=None)[0][: len(held)]
    worst = int(np.argmin(multipliers))
    return active - {held[worst]} if multipliers[worst] < -_VIOLATED else active


def _confined(equations: Sequence[Equation], n_free: int, boundaries: tuple[str, ...]) -> LinearConstraints:
    """Parameters confined by linear equations."""
    found = [each.expanded(np.zeros(n_free))[0] for each in equations]
    matrix = np.array([each.coefficients(one, n_free) for each, one in zip(equations, found, strict=True)])
    constants = np.array([one.value for one in found])
    if not np.isfinite(constants).all():
        empty = [each for each, value in zip(equations, constants, strict=True) if not np.isfinite(value)]
        found_out = "it has no real value, whatever the parameters are"
        problems = [Problem(where=each.written, found=found_out, remedy="Correct it.") for each in empty]
        raise ModelSyntaxError("A constraint cannot be understood.", problems)
    origin = np.linalg.lstsq(matrix, -constants, rcond=None)[0]
    if not np.allclose(matrix @ origin, -constants, atol=1e-9):
        raise ModelSyntaxError("The constraints contradict each other.", [_problem(each) for each in equations])
    return LinearConstraints(origin=origin, basis=null_space(matrix), boundaries=boundaries)


def _check_inequalities(equations: Sequence[Equation]) -> None:
    problems = [
        Problem(
            where=each.written,
            found="it is not linear",
            remedy="Write a linear one; label a variance or product that should be bounded and bound the label.",
        )
        for each in equations
        if each.row.op != "==" and not each.is_linear
    ]
    if problems:
        raise UnsupportedError("Only linear inequality constraints are available.", problems)


def _check_independence(equations: Sequence[Equation], n_free: int) -> None:
    """Refuse equations that have no direction of their own anywhere: each must take one degree of freedom."""
    if not equations:
        return
    linear = [each for each in equations if each.is_linear]
    if linear:
        _confined(linear, n_free, ())
    point = np.random.default_rng(1).uniform(0.5, 1.5, n_free)
    jacobian = np.array([each.coefficients(each.expanded(point)[0], n_free) for each in equations])
    usable = np.isfinite(jacobian).all(axis=1)
    numbers = np.flatnonzero(usable)[redundant(jacobian[usable])]
    problems = [
        Problem(
            where=equations[number].written,
            found="it follows from the other constraints or contradicts them"
            if jacobian[number].any()
            else "it holds of no free parameter",
            remedy="Remove it.",
        )
        for number in numbers.tolist()
    ]
    if problems:
        raise ModelSyntaxError("The constraints are not independent of each other.", problems)


def _problem(each: Equation) -> Problem:
    return Problem(where=each.written, found="it cannot hold beside the others", remedy="Remove one.")
