"""Where the search for a constrained minimum starts: at a point that meets the constraints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from surveysem.errors import EstimationError, Problem
from surveysem.estimation.constraints import constraints_of
from surveysem.estimation.engines.quasi_newton import approach
from surveysem.estimation.nonlinear_constraints import ConstraintSystem
from surveysem.estimation.problem import EstimationProblem
from surveysem.estimation.start import start_values
from surveysem.typing import FloatArray

_FREE_STEPS = 20
"""Steps without the constraints, after which a point that meets them is looked for again."""


def confined(problem: EstimationProblem, active: frozenset[int] = frozenset()) -> EstimationProblem:
    """The problem with its constraints, and a start that meets those that are not linear.

    Parameters
    ----------
    problem : EstimationProblem
        Without constraints.
    active : frozenset of int
        Inequalities whose boundary the parameters are held to; see
        :func:`~surveysem.estimation.constraints.next_active`.

    Raises
    ------
    ModelSyntaxError, UnsupportedError
        See :func:`~surveysem.estimation.constraints.constraints_of`.
    EstimationError
        When no values near the start values meet the constraints, or these are not independent there.
    """
    constraints = constraints_of(problem.table, active)
    if not isinstance(constraints, ConstraintSystem):
        return replace(problem, constraints=constraints)
    start = start_values(problem.table, problem.samples) if problem.start is None else problem.start
    first = constraints.project(start, constraints.preferred())
    if np.isnan(first).any() or not constraints.is_regular(first):
        # Paths start at 0, where a product of them (a*b == c*d) has no derivative.
        nearer, _ = approach(problem, start, max_iterations=_FREE_STEPS)
        second = constraints.project(nearer, constraints.preferred())
        first = first if np.isnan(second).any() else second
    if np.isnan(first).any():
        raise _not_met(constraints, start)
    return replace(problem, constraints=constraints.at(first, constraints.preferred()), start=first)


def _not_met(constraints: ConstraintSystem, start: FloatArray) -> EstimationError:
    found = constraints.evaluated(start)
    problems = [
        Problem(
            where=each.written,
            found=f"at the start values the left side exceeds the right by {value:.3g}"
            if np.isfinite(value)
            else "it has no real value at the start values",
            remedy="Look for a contradiction, or give start values that nearly meet it (start(0.5)*x).",
        )
        for each, value, size in zip(constraints.equations, found.values, found.sizes, strict=True)
        if not abs(value) <= 1e-9 * size
    ]
    return EstimationError("No values of the parameters were found that meet the constraints.", problems)
