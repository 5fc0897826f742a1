"""Quasi-Newton steps (Broyden, Fletcher, Goldfarb, Shanno) for discrepancies whose exact Hessian costs much."""

from __future__ import annotations

import numpy as np

from surveysem.estimation.problem import EstimationProblem
from surveysem.implied import ImpliedMoments
from surveysem.typing import FloatArray

CLOSE_ENOUGH = 1e-7
"""Distance to the minimum, in standard errors, at which iteration stops."""
_LARGEST_HALVINGS = 12
_LEAST_CURVATURE = 1e-8
"""Change of the gradient along a step, relative to what the metric expects, worth learning from."""


def evaluate(problem: EstimationProblem, theta: FloatArray) -> tuple[tuple[ImpliedMoments, ...], float] | None:
    """Implied moments and F; None where Σ is not positive definite or θ or F is not finite, overflow included."""
    if not np.isfinite(theta).all():
        return None
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            implied = problem.implied(theta)
            value = problem.value(implied)
    except (np.linalg.LinAlgError, ValueError):
        return None
    return (implied, value) if np.isfinite(value) else None


def approach(
    problem: EstimationProblem,
    theta: FloatArray,
    *,
    max_iterations: int,
    close_enough: float = CLOSE_ENOUGH,
) -> tuple[FloatArray, int]:
    """Where quasi-Newton steps lead from *theta* (q,), and how many there were.

    The first metric is the problem's; each step corrects it by the change of the gradient along it. Steps end at the
    minimum, or where none decreases the discrepancy: exact Newton steps may go on from there.
    """
    evaluated = evaluate(problem, theta)
    if evaluated is None:
        return theta, 0
    implied, value = evaluated
    problem = problem.at(theta)
    gradient, inverse = _within(problem, implied), _metric(problem, implied)
    for iteration in range(max_iterations):
        step = -inverse @ gradient
        decrement = float(-gradient @ step)
        if np.sqrt(problem.n_obs / 2.0 * max(decrement, 0.0)) < close_enough:
            return theta, iteration
        length, along = 1.0, problem.basis @ step
        for _ in range(_LARGEST_HALVINGS):
            candidate = problem.move(theta, length * along)
            evaluated = evaluate(problem, candidate)
            if evaluated is not None and evaluated[1] <= value - 1e-4 * length * decrement + 1e-13 * (1.0 + abs(value)):
                break
            length /= 2.0
        else:
            return theta, iteration
        theta, (implied, value) = candidate, evaluated
        coordinates, problem = problem.coordinates, problem.at(theta)
        before, gradient = gradient, _within(problem, implied)
        if problem.coordinates == coordinates:
            inverse = corrected(inverse, length * step, gradient - before)
        else:  # what was learnt is of no use in other coordinates
            inverse = _metric(problem, implied)
    return theta, max_iterations


def _within(problem: EstimationProblem, implied: tuple[ImpliedMoments, ...]) -> FloatArray:
    """Gradient along the constraints."""
    within: FloatArray = problem.basis.T @ problem.gradient(implied)
    return within


def _metric(problem: EstimationProblem, implied: tuple[ImpliedMoments, ...]) -> FloatArray:
    """The first inverse Hessian along the constraints."""
    basis = problem.basis
    metric = basis.T @ problem.metric_hessian(implied) @ basis
    diagonal = metric.diagonal()
    scales = 1.0 / np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    units = np.outer(scales, scales)
    return np.asarray(np.linalg.pinv(metric * units, hermitian=True)) * units


def corrected(inverse: FloatArray, step: FloatArray, change: FloatArray) -> FloatArray:
    """Inverse Hessian (q, q) that leads from the *change* of the gradient to the *step* (q,) that made it.

    It is left as it is where the gradient did not grow along the step.

    Examples
    --------
    >>> corrected(np.eye(2), np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist()
    [[0.25, 0.0], [0.0, 1.0]]
    """
    curvature, moved = float(step @ change), inverse @ change
    if curvature <= _LEAST_CURVATURE * float(change @ moved):
        return inverse
    factor = (1.0 + float(change @ moved) / curvature) / curvature
    crossed = np.outer(moved, step) / curvature
    result: FloatArray = inverse + factor * np.outer(step, step) - crossed - crossed.T
    return result
