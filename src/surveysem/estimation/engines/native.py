"""Our own engine: exact Newton steps with Fisher scoring where the Hessian is not positive definite."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from scipy.linalg.lapack import dposv

from surveysem.errors import EstimationError, Problem
from surveysem.estimation.engines.quasi_newton import CLOSE_ENOUGH, approach, evaluate
from surveysem.estimation.problem import EstimationProblem
from surveysem.estimation.solution import EngineResult
from surveysem.estimation.start import start_values
from surveysem.implied import ImpliedMoments
from surveysem.typing import FloatArray

_LARGEST_HALVINGS = 30
_NEWTON_WITHIN = 0.5
"""Expected decrease of F from which on exact Newton steps are tried; Fisher scoring goes straighter from afar."""
_FISHER_STEPS = 5
"""Iterations after which they are tried in any case."""
_GOOD_PROGRESS = 0.05
"""Share of the expected decrease left after a step, up to which a costly Hessian is kept for the next."""
_LEAST_CURVATURE = 0.05
"""Smallest curvature, relative to the expected one, that a step away from a saddle reckons with."""
_ROUNDING_FLOOR = 1e-13
"""Decrease of F that cannot be told from rounding, relative to F + 1."""


@dataclass(frozen=True, kw_only=True)
class NativeEngine:
    """surveysem's own minimiser."""

    name: str = "native"
    max_iterations: int = 500

    def fit(self, problem: EstimationProblem) -> EngineResult:
        """Estimates of one model; see :class:`~surveysem.estimation.solution.Engine`."""
        start = start_values(problem.table, problem.samples) if problem.start is None else problem.start
        if problem.constraints is not None:
            start = problem.constraints.project(start)
        approached = 0
        if problem.is_integrated:
            start, approached = approach(problem, start, max_iterations=self.max_iterations)
        theta, n_iterations, message = self._minimise(problem, start)
        return EngineResult(
            engine=f"surveysem {version('surveysem')}",
            theta=theta,
            standard_errors=np.full(len(theta), np.nan),
            n_iterations=approached + n_iterations,
            message=message,
        )

    def _minimise(self, problem: EstimationProblem, theta: FloatArray) -> tuple[FloatArray, int, str]:
        """Newton iterations; where they end, how many there were, and why they ended."""
        evaluated = evaluate(problem, theta)
        if evaluated is None:
            theta, evaluated = _retreat(problem, theta)
        implied, value = evaluated
        exact, decrement, kept = False, np.inf, None
        for iteration in range(self.max_iterations):
            problem = problem.at(theta)
            gradient = problem.gradient(implied)
            step, kept = _step(problem, implied, gradient, exact=exact, kept=kept)
            before, decrement = decrement, float(-gradient @ step)
            if not problem.exact_hessian_is_costly or problem.is_curved or decrement > _GOOD_PROGRESS * before:
                kept = None
            exact = decrement < _NEWTON_WITHIN or iteration + 1 >= _FISHER_STEPS
            if np.sqrt(problem.n_obs / 2.0 * max(decrement, 0.0)) < CLOSE_ENOUGH:
                return theta, iteration, "the gradient vanished"
            length = 1.0
            for _ in range(_LARGEST_HALVINGS):
                candidate = problem.move(theta, length * step)
                evaluated = evaluate(problem, candidate)
                if evaluated is not None and evaluated[1] <= value - 1e-4 * length * decrement + _floor(value):
                    break
                length /= 2.0
            else:
                return theta, iteration, "no step decreased the discrepancy"
            theta, (implied, value) = candidate, evaluated
        return theta, self.max_iterations, "the limit of iterations was reached"


def _floor(value: float) -> float:
    return _ROUNDING_FLOOR * (1.0 + abs(value))


def _retreat(
    problem: EstimationProblem, theta: FloatArray
) -> tuple[FloatArray, tuple[tuple[ImpliedMoments, ...], float]]:
    """A start at which Σ is positive definite: covariances and paths shrunk towards 0."""
    shrinkable = np.ones(len(theta), dtype=bool)
    for row in problem.table.parameters:
        keeps = row.op in ("~1", "|", "=~") or (row.op == "~~" and row.lhs == row.rhs)
        if row.free and keeps:
            shrinkable[row.free - 1] = False
    for _ in range(8):
        theta = np.where(shrinkable, theta / 2.0, theta)
        if problem.constraints is not None:
            theta = problem.constraints.project(theta)
        evaluated = evaluate(problem, theta)
        if evaluated is not None:
            return theta, evaluated
    found = Problem(
        where="engine native, before the first iteration",
        found="at the start values the implied covariance matrix is not positive definite",
        remedy="Look for variances, covariances and loadings fixed to impossible values, or give start values "
        "(start(0.5)*x) for variances and loadings.",
    )
    raise EstimationError("The model could not be started.", [found])


def _step(
    problem: EstimationProblem,
    implied: tuple[ImpliedMoments, ...],
    gradient: FloatArray,
    *,
    exact: bool,
    kept: FloatArray | None,
) -> tuple[FloatArray, FloatArray | None]:
    """Newton step, or that of Fisher scoring where the Hessian is not positive definite, within the constraints.

    The Hessian comes with it, for it may be kept; *kept* is one from an earlier step.
    """
    basis = None if problem.constraints is None else problem.constraints.basis
    within = gradient if basis is None else basis.T @ gradient
    hessian = kept if kept is not None or not exact else _within(problem.lagrangian_hessian(implied), basis)
    step = None if hessian is None else _solve(hessian, within)
    if step is None:
        metric = _within(problem.metric_hessian(implied), basis)
        step = _solve(metric, within) if hessian is None else _reflected(hessian, metric, within)
        step = _damped(metric, within) if step is None else step
    return (step if basis is None else basis @ step), hessian


def _within(hessian: FloatArray, basis: FloatArray | None) -> FloatArray:
    return hessian if basis is None else basis.T @ hessian @ basis


def _solve(hessian: FloatArray, gradient: FloatArray) -> FloatArray | None:
    """Step to the minimum of a quadratic; None where it has none."""
    diagonal = hessian.diagonal()
    if not (diagonal > 0).all():
        return None
    scale = 1.0 / np.sqrt(diagonal)
    _, solved, info = dposv(hessian * scale[:, None] * scale, gradient * scale, lower=True)
    return None if info else -np.asarray(solved) * scale


def _reflected(hessian: FloatArray, metric: FloatArray, gradient: FloatArray) -> FloatArray | None:
    """Newton step of a Hessian with its negative curvatures reflected, in units of the metric: away from a saddle."""
    try:
        root = np.linalg.cholesky(metric)
    except np.linalg.LinAlgError:
        return None
    inverse = np.linalg.inv(root)
    curvatures, directions = np.linalg.eigh(inverse @ hessian @ inverse.T)
    along = directions.T @ (inverse @ gradient) / np.maximum(np.abs(curvatures), _LEAST_CURVATURE)
    step: FloatArray = -inverse.T @ (directions @ along)
    return step


def _damped(hessian: FloatArray, gradient: FloatArray) -> FloatArray:
    """A descent step where even expected information is singular; the rank is judged after fitting."""
    scale = np.sqrt(np.maximum(np.diag(hessian), 1e-8))
    ridge = hessian / np.outer(scale, scale) + 1e-4 * np.eye(len(hessian))
    return -np.linalg.solve(ridge, gradient / scale) / scale
