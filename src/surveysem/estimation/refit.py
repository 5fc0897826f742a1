"""Refits: one model fitted to many samples that resemble the one it was fitted to before.

All refits start at the estimates of the full sample and share its metric, the inverse of the expected Hessian there,
as the first guess of limited-memory quasi-Newton iterations that run for a stack of samples at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

import numpy as np

from surveysem.errors import DataError, SurveySEMError, UnsupportedError
from surveysem.estimation.batched import stacked_discrepancy
from surveysem.estimation.discrepancy import MaximumLikelihood
from surveysem.estimation.fitting import Solution, estimate_model
from surveysem.estimation.full_information import FullInformation
from surveysem.estimation.incomplete_stacks import IncompleteStack, stacked_full_information
from surveysem.estimation.problem import LinearConstraints
from surveysem.estimation.stacks import BoolArray, SampleStack, StackedGroup, stacked_cholesky, stacked_group
from surveysem.implied import MomentStructure
from surveysem.specification import ParameterTable
from surveysem.typing import FloatArray, IntArray

Stack: TypeAlias = SampleStack | IncompleteStack
AnyStack = TypeVar("AnyStack", SampleStack, IncompleteStack)

_CLOSE_ENOUGH = 1e-5
"""Distance to the minimum, in standard errors, before the last step."""
_LARGEST_ITERATIONS = 40
_LARGEST_HALVINGS = 20
_MEMORY = 12
"""Steps remembered."""
_ROUNDING_FLOOR = 1e-12
"""Decrease of F that cannot be told from rounding, relative to F + 1."""
_CACHE = 2**20
"""Bytes of sample covariances evaluated at once: what stays in the processor's cache goes three times faster."""
_COMPACT_BELOW = 0.8
"""Share of unfinished samples in a stack below which the finished ones are taken out."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Refits:
    """Estimates from a stack of samples.

    Parameters
    ----------
    theta : array of shape (b, q)
        Free parameters; NaN where there is no solution.
    failures : Mapping of int to str
        Why, by place in the stack.
    n_retried : int
        Samples that the fast iterations gave up on and the native engine fitted anew, failed ones included.
    """

    theta: FloatArray
    failures: Mapping[int, str]
    n_retried: int


@dataclass(frozen=True, kw_only=True, eq=False)
class RefitPlan:
    """What all refits of a model share; small, for it is sent to other processes.

    Parameters
    ----------
    table : ParameterTable
        The model.
    theta : array of shape (q,)
        Estimates of the full sample.
    n_obs : int
        Its rows, *n*.
    groups : tuple of StackedGroup
        One a group.
    constraints : LinearConstraints or None
        Equality constraints beyond shared parameters.
    metric : array of shape (r, r)
        Inverse expected Hessian at the full-sample estimates, within the constraints.
    """

    table: ParameterTable
    theta: FloatArray
    n_obs: int
    groups: tuple[StackedGroup, ...]
    constraints: LinearConstraints | None
    metric: FloatArray

    def fit(self, samples: Sequence[AnyStack]) -> Refits:
        """Minima of the discrepancy for stacks of samples, one stack a group.

        Samples that do not converge are fitted once more by the native engine from its own start; what fails again
        is reported, never left out. Inequality constraints, which may bind in one sample and not in another, and
        constraints that are not linear are left to that engine altogether.
        """
        if self._is_curved or any(row.op != "==" for row in self.table.constraints):
            theta = np.full((len(samples[0]), self.table.n_free), np.nan)
        else:
            # Steps may lead where numbers overflow; what is not finite there is refused by the search along the step.
            with np.errstate(all="ignore"):
                theta = _minimise(self, samples)
        lost = np.flatnonzero(np.isnan(theta[:, 0]))
        failures = {}
        for number in lost.tolist():
            try:
                theta[number] = self._fit_exactly(samples, number)
            except SurveySEMError as error:
                failures[number] = reason_of(error)
        return Refits(theta=theta, failures=failures, n_retried=len(lost))

    def value_and_gradient(self, theta: FloatArray, samples: Sequence[AnyStack]) -> tuple[FloatArray, FloatArray]:
        """F without its constant (b,) and ∂F/∂θ (b, q), summed over groups by their share of each sample."""
        value, gradient = np.zeros(len(theta)), np.zeros_like(theta)
        for weight, group, stack in zip(_weights(samples), self.groups, samples, strict=True):
            size = max(_CACHE // max(stack.size_of_one, 1), 1)
            for first in range(0, len(theta), size):
                part = slice(first, first + size)
                one_value, one_gradient = _evaluated(group, theta[part], stack.take(part))
                value[part] += weight[part] * one_value
                gradient[part] += weight[part, None] * one_gradient
        return value, gradient

    def discrepancy(self, theta: FloatArray, samples: Sequence[SampleStack]) -> FloatArray:
        """F of complete samples, of shape (b,); infinite where a sample covariance is not positive definite."""
        value, _ = self.value_and_gradient(theta, samples)
        for weight, stack in zip(_weights(samples), samples, strict=True):
            factor = stacked_cholesky(stack.covariances)
            logs = 2.0 * np.log(np.einsum("bii->bi", factor)).sum(axis=1)
            value = value - weight * (np.where(np.isnan(logs), -np.inf, logs) + stack.means.shape[1])
        return value

    def _fit_exactly(self, samples: Sequence[AnyStack], number: int) -> FloatArray:
        """Estimates from one sample by the native engine."""
        variables = self.table.observed
        moments, discrepancies = zip(*(stack.single(number, variables) for stack in samples), strict=True)
        # Constraints that are not linear may have several branches; a replicate is to stay on that of the estimates.
        start = self.theta if self._is_curved else None
        return estimate_model(self.table, moments, discrepancies=discrepancies, start=start).theta

    @property
    def _is_curved(self) -> bool:
        return self.constraints is not None and self.constraints.is_curved


def reason_of(error: SurveySEMError) -> str:
    """An error in one line: its message and the first problem of the data, if any is named."""
    if isinstance(error, DataError) and error.problems:
        first = error.problems[0]
        return f"{error.message} {first.where}: {first.found}."
    return error.message


def _weights(samples: Sequence[Stack]) -> FloatArray:
    """Share of each group in the rows of each sample, of shape (g, b)."""
    n_obs = np.array([stack.n_obs for stack in samples])
    weights: FloatArray = n_obs / n_obs.sum(axis=0)
    return weights


def _evaluated(group: StackedGroup, theta: FloatArray, stack: Stack) -> tuple[FloatArray, FloatArray]:
    if isinstance(stack, IncompleteStack):
        return stacked_full_information(group, theta, stack)
    return stacked_discrepancy(group, theta, stack)


def plan_refits(solution: Solution) -> RefitPlan:
    """Preparation of refits of a fitted model.

    Parameters
    ----------
    solution : Solution
        Fitted by maximum likelihood to complete or incomplete rows, with any engine.

    Raises
    ------
    UnsupportedError
        For other discrepancies.
    """
    if not can_be_refitted(solution):
        raise UnsupportedError("Fast refits are available for linear models fitted by maximum likelihood only.")
    problem = solution.problem
    hessian = problem.expected_hessian(tuple(group.implied for group in solution.groups))
    if problem.constraints is not None:
        hessian = problem.constraints.basis.T @ hessian @ problem.constraints.basis
    scale = 1.0 / np.sqrt(hessian.diagonal())
    inverse = np.linalg.inv(hessian * scale[:, None] * scale) * scale[:, None] * scale
    return RefitPlan(
        table=solution.table,
        theta=np.array(solution.theta),
        n_obs=solution.n_obs,
        groups=tuple(stacked_group(group) for group in solution.groups),
        constraints=problem.constraints,
        metric=(inverse + inverse.T) / 2.0,
    )


def can_be_refitted(solution: Solution) -> bool:
    """Whether :func:`plan_refits` takes a solution: maximum likelihood, in all groups alike, of a linear model."""
    return any(
        all(
            isinstance(group.discrepancy, kind) and type(group.structure) is MomentStructure
            for group in solution.groups
        )
        for kind in (MaximumLikelihood, FullInformation)
    )


@dataclass(kw_only=True, eq=False)
class _Iterations:
    """Where each sample of a stack stands: *b* points γ within the constraints, and the way they came."""

    number: IntArray
    open: BoolArray
    gamma: FloatArray
    value: FloatArray
    gradient: FloatArray
    samples: list[Any]
    steps: list[FloatArray] = field(default_factory=list)
    changes: list[FloatArray] = field(default_factory=list)
    curvatures: list[FloatArray] = field(default_factory=list)

    def direction(self, metric: FloatArray) -> FloatArray:
        """−Hg with H the inverse Hessian learnt so far (two-loop recursion), of shape (b, r)."""
        rest, shares = self.gradient.copy(), []
        past = list(zip(self.steps, self.changes, self.curvatures, strict=True))
        for step, change, curvature in reversed(past):
            shares.append(_dot(step, rest) * curvature)
            rest -= shares[-1][:, None] * change
        direction: FloatArray = rest @ metric
        for (step, change, curvature), share in zip(past, reversed(shares), strict=True):
            direction += (share - _dot(change, direction) * curvature)[:, None] * step
        return -direction

    def remember(self, step: FloatArray, change: FloatArray) -> None:
        """Learn from one step (b, r) and the change of the gradient along it; steps of no curvature teach nothing."""
        product = _dot(step, change)
        self.steps.append(step)
        self.changes.append(change)
        self.curvatures.append(np.divide(1.0, product, out=np.zeros_like(product), where=product > 0))
        for past in (self.steps, self.changes, self.curvatures):
            del past[:-_MEMORY]

    def compact(self) -> None:
        """Take out the finished samples."""
        keep, self.open = self.open, self.open[self.open]
        self.number, self.gamma, self.value, self.gradient = (
            self.number[keep],
            self.gamma[keep],
            self.value[keep],
            self.gradient[keep],
        )
        self.samples = [stack.take(keep) for stack in self.samples]
        for past in (self.steps, self.changes, self.curvatures):
            past[:] = [each[keep] for each in past]


def _minimise(plan: RefitPlan, samples: Sequence[AnyStack]) -> FloatArray:
    """Minima of shape (b, q), NaN where iteration did not converge."""
    constraints = plan.constraints
    origin, basis = (0.0, None) if constraints is None else (constraints.origin, constraints.basis)

    def theta_at(gamma: FloatArray) -> FloatArray:
        return gamma if basis is None else origin + gamma @ basis.T

    def evaluate(gamma: FloatArray, stacks: Sequence[AnyStack]) -> tuple[FloatArray, FloatArray]:
        value, gradient = plan.value_and_gradient(theta_at(gamma), stacks)
        return value, gradient if basis is None else gradient @ basis

    n_samples, n_obs = len(samples[0]), plan.n_obs
    start = plan.theta if basis is None else basis.T @ (plan.theta - origin)
    gamma = np.tile(start, (n_samples, 1))
    value, gradient = evaluate(gamma, samples)
    minima = np.full((n_samples, plan.table.n_free), np.nan)
    at = _Iterations(
        number=np.arange(n_samples),
        open=np.isfinite(value),
        gamma=gamma,
        value=value,
        gradient=gradient,
        samples=list(samples),
    )
    for _ in range(_LARGEST_ITERATIONS):
        direction = at.direction(plan.metric)
        slope = _dot(at.gradient, direction)
        reached = at.open & (n_obs / 2.0 * np.abs(slope) < _CLOSE_ENOUGH**2)
        if reached.any():
            reached[reached] = _distance(at.gradient[reached], plan.metric, n_obs) < _CLOSE_ENOUGH
            minima[at.number[reached]] = theta_at(at.gamma[reached] + direction[reached])
            at.open &= ~reached
        if not at.open.any():
            break
        if at.open.mean() < _COMPACT_BELOW:
            direction, slope = direction[at.open], slope[at.open]
            at.compact()
        length = np.ones(len(at.value))
        new_value, new_gradient = evaluate(at.gamma + direction, at.samples)
        for _ in range(_LARGEST_HALVINGS):
            enough = at.value + 1e-4 * length * slope + _ROUNDING_FLOOR * (1.0 + np.abs(at.value))
            refused = at.open & ~(new_value <= enough)
            if not refused.any():
                break
            length[refused] /= 2.0
            shorter = at.gamma[refused] + length[refused, None] * direction[refused]
            new_value[refused], new_gradient[refused] = evaluate(shorter, [each.take(refused) for each in at.samples])
        at.open &= ~refused
        step = length[:, None] * direction
        at.remember(step, new_gradient - at.gradient)
        at.gamma, at.value, at.gradient = at.gamma + step, new_value, new_gradient
    return minima


def _distance(gradient: FloatArray, metric: FloatArray, n_obs: int) -> FloatArray:
    """Distance to the minimum in standard errors of the full sample, of shape (b,)."""
    distance: FloatArray = np.sqrt(n_obs / 2.0 * _dot(gradient @ metric, gradient))
    return distance


def _dot(first: FloatArray, second: FloatArray) -> FloatArray:
    products: FloatArray = np.einsum("br,br->b", first, second)
    return products
