"""The problem an engine solves: several groups, one vector of parameters, perhaps constrained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from surveysem.data.moments import SampleMoments
from surveysem.estimation.discrepancy import CostlyDiscrepancy, Discrepancy
from surveysem.estimation.latent_moderation import LatentModeration
from surveysem.implied import ImpliedMoments, MomentStructure, model_moments
from surveysem.specification import ParameterTable
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearConstraints:
    """Parameters confined to θ = origin + basis·γ.

    Parameters
    ----------
    origin : array of shape (q,)
        A point that meets the constraints.
    basis : array of shape (q, r)
        Orthonormal directions in which θ may move.
    boundaries : tuple of str
        Inequalities that hold with equality.
    """

    origin: FloatArray
    basis: FloatArray
    boundaries: tuple[str, ...] = ()

    @property
    def coordinates(self) -> tuple[int, ...]:
        """Places of parameters that follow from the others along ``basis``; none where it is the same everywhere."""
        return ()

    @property
    def is_curved(self) -> bool:
        """Whether the directions change from point to point."""
        return False

    def project(self, theta: FloatArray) -> FloatArray:
        """The nearest point that meets the constraints."""
        nearest: FloatArray = self.origin + self.basis @ (self.basis.T @ (theta - self.origin))
        return nearest

    def at(self, theta: FloatArray) -> LinearConstraints:
        """The constraints seen from a point that meets them."""
        return replace(self, origin=theta)

    def curvature(self, gradient: FloatArray) -> FloatArray:
        """What the constraints add to the Hessian of F (q, q) to make it that of the Lagrangian: nothing."""
        return np.zeros((len(gradient), len(gradient)))

    def project_each(self, thetas: FloatArray) -> FloatArray:
        """The nearest points, of shape (b, q)."""
        nearest: FloatArray = self.origin + (thetas - self.origin) @ self.basis @ self.basis.T
        return nearest


@dataclass(frozen=True, kw_only=True, eq=False)
class EstimationProblem:
    """A model, its data and the discrepancy to minimise.

    Parameters
    ----------
    table : ParameterTable
        The model, all groups.
    samples : tuple of SampleMoments
        One a group.
    structures : tuple of MomentStructure
        One a group.
    discrepancies : tuple of Discrepancy
        One a group.
    constraints : LinearConstraints or None
        Equality constraints beyond shared parameters.
    start : array of shape (q,) or None
        Where to start; guesses from the moments if left out.
    """

    table: ParameterTable
    samples: tuple[SampleMoments, ...]
    structures: tuple[MomentStructure, ...]
    discrepancies: tuple[Discrepancy, ...]
    constraints: LinearConstraints | None = None
    start: FloatArray | None = None

    @property
    def n_obs(self) -> int:
        """Observations in all groups, *n*."""
        return sum(sample.n_obs for sample in self.samples)

    @property
    def weights(self) -> FloatArray:
        """Share of the observations in each group."""
        return np.array([sample.n_obs for sample in self.samples]) / self.n_obs

    @property
    def exact_hessian_is_costly(self) -> bool:
        """Whether an exact Hessian costs many times a gradient, so that it is worth keeping over several steps."""
        return any(isinstance(each, CostlyDiscrepancy) for each in self.discrepancies)

    @property
    def is_integrated(self) -> bool:
        """Whether latent factors are integrated over by quadrature: the exact Hessian then costs far more still."""
        return any(isinstance(each, LatentModeration) for each in self.discrepancies)

    def implied(self, theta: FloatArray) -> tuple[ImpliedMoments, ...]:
        """Implied moments of each group at *theta* (q,)."""
        return tuple(model_moments(structure, theta) for structure in self.structures)

    @property
    def basis(self) -> FloatArray:
        """Directions (q, r) in which the parameters may move."""
        return np.eye(self.table.n_free) if self.constraints is None else self.constraints.basis

    @property
    def coordinates(self) -> tuple[int, ...]:
        """Parameters that follow from the others along ``basis``; none where it is the same everywhere."""
        return () if self.constraints is None else self.constraints.coordinates

    @property
    def is_curved(self) -> bool:
        """Whether there are constraints that are not linear."""
        return self.constraints is not None and self.constraints.is_curved

    def at(self, theta: FloatArray) -> EstimationProblem:
        """The problem with constraints that are not linear seen from a point (q,) that meets them."""
        if self.constraints is None or not self.is_curved:
            return self
        return replace(self, constraints=self.constraints.at(theta))

    def move(self, theta: FloatArray, step: FloatArray) -> FloatArray:
        """Where a step (q,) along the constraints leads; NaN where no point near there meets them."""
        moved = theta + step
        return self.constraints.project(moved) if self.constraints is not None and self.is_curved else moved

    def value(self, implied: tuple[ImpliedMoments, ...]) -> float:
        """F, the weighted sum over groups."""
        pairs = zip(self.weights, self.discrepancies, implied, strict=True)
        return float(sum(weight * each.value(moments) for weight, each, moments in pairs))

    def gradient(self, implied: tuple[ImpliedMoments, ...]) -> FloatArray:
        """∂F/∂θ of shape (q,)."""
        return self._sum(lambda each, moments: each.gradient(moments), implied)

    def hessian(self, implied: tuple[ImpliedMoments, ...]) -> FloatArray:
        """∂²F/∂θ∂θᵀ of shape (q, q)."""
        return self._sum(lambda each, moments: each.hessian(moments), implied)

    def lagrangian_hessian(self, implied: tuple[ImpliedMoments, ...]) -> FloatArray:
        """Hessian of the Lagrangian (q, q): within the constraints, seen from there, that of F along them.

        It is the Hessian of F where constraints are linear.
        """
        if self.constraints is None or not self.is_curved:
            return self.hessian(implied)
        return self.hessian(implied) + self.constraints.curvature(self.gradient(implied))

    def expected_hessian(self, implied: tuple[ImpliedMoments, ...]) -> FloatArray:
        """Expectation of the Hessian under the model, of shape (q, q)."""
        return self._sum(lambda each, moments: each.expected_hessian(moments), implied)

    def metric_hessian(self, implied: tuple[ImpliedMoments, ...]) -> FloatArray:
        """The expected Hessian, or a cheap stand-in for it where it is costly, to step and to measure distances by."""
        return self._sum(
            lambda each, moments: (
                each.metric_hessian(moments) if isinstance(each, CostlyDiscrepancy) else each.expected_hessian(moments)
            ),
            implied,
        )

    def structured_hessian(self, implied: tuple[ImpliedMoments, ...]) -> FloatArray:
        """The Hessian without the curvature of the model, of shape (q, q)."""
        return self._sum(lambda each, moments: each.structured_hessian(moments), implied)

    def _sum(
        self, part: Callable[[Discrepancy, ImpliedMoments], FloatArray], implied: tuple[ImpliedMoments, ...]
    ) -> FloatArray:
        pairs = zip(self.weights, self.discrepancies, implied, strict=True)
        parts = [weight * part(each, moments) for weight, each, moments in pairs]
        total: FloatArray = np.sum(parts, axis=0)
        return total
