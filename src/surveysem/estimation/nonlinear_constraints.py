"""Constraints that are not linear: points that meet them, directions that lead along them, and their curvature.

Where *k* independent constraints hold, *k* of the parameters are functions of the others. They are chosen so that these
functions are well determined: what a formula defines (``v == p1*p2 + p3^2``) by preference, else by pivoting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import qr

from surveysem.errors import EstimationError, Problem
from surveysem.estimation.constraint_equations import Equation
from surveysem.estimation.problem import LinearConstraints
from surveysem.specification.expansions import Expansion
from surveysem.typing import FloatArray, IntArray

_LARGEST_ITERATIONS = 50
_MET = 1e-13
"""Difference of the two sides of a constraint, relative to its terms, that is rounding."""
_MET_IN_STACKS = 1e-10
"""The same where many points are found at once by cheaper steps."""
_INDEPENDENT = 1e-9
"""Share of its own length that a constraint's gradient must have outside the span of the others."""
_PREFERENCE = 100.0
"""How much smaller the derivative by a preferred parameter may be than that by another."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """Equations at a point.

    Parameters
    ----------
    expansions : tuple of Expansion
        Of the *k* differences of the two sides, each by the parameters of its equation.
    values : array of shape (k,)
        The differences.
    jacobian : array of shape (k, q)
        Their derivatives.
    sizes : array of shape (k,)
        What rounding of the differences is measured by.
    """

    expansions: tuple[Expansion, ...]
    values: FloatArray
    jacobian: FloatArray
    sizes: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ConstraintSystem:
    """Equations that hold together.

    Parameters
    ----------
    equations : tuple of Equation
        *k* of them, linear ones included.
    n_free : int
        Number of free parameters, *q*.
    boundaries : tuple of str
        Inequalities among them that hold with equality.
    """

    equations: tuple[Equation, ...]
    n_free: int
    boundaries: tuple[str, ...] = ()

    def evaluated(self, theta: FloatArray) -> Evaluation:
        """The equations at a point (q,)."""
        expansions, sizes = zip(*(each.expanded(theta) for each in self.equations), strict=True)
        pairs = zip(self.equations, expansions, strict=True)
        return Evaluation(
            expansions=expansions,
            values=np.array([each.value for each in expansions]),
            jacobian=np.array([each.coefficients(found, self.n_free) for each, found in pairs]),
            sizes=np.array(sizes),
        )

    def preferred(self) -> IntArray:
        """Places in θ of the parameters that formulas define."""
        places = {each.defines for each in self.equations}
        return np.array(sorted(place for place in places if place is not None), dtype=np.int64)

    def project(self, theta: FloatArray, preferred: IntArray) -> FloatArray:
        """A point (q,) that meets the constraints, reached by the dependent parameters alone; NaN if none is found.

        Newton iterations, which take one step where formulas define parameters.
        """
        nowhere = np.full(self.n_free, np.nan)
        for _ in range(_LARGEST_ITERATIONS):
            found = self.evaluated(theta)
            if not (np.isfinite(found.values).all() and np.isfinite(found.jacobian).all()):
                return nowhere
            if (np.abs(found.values) <= _MET * found.sizes).all():
                return theta
            dependent = dependent_parameters(found.jacobian, preferred)
            if dependent is None:
                return nowhere
            theta = np.array(theta)
            theta[dependent] -= np.linalg.solve(found.jacobian[:, dependent], found.values)
        return nowhere

    def is_regular(self, theta: FloatArray) -> bool:
        """Whether the constraints have finite and independent derivatives at a point (q,)."""
        jacobian = self.evaluated(theta).jacobian
        return bool(np.isfinite(jacobian).all()) and not redundant(jacobian)

    def at(self, theta: FloatArray, preferred: IntArray) -> NonlinearConstraints:
        """The constraints seen from a point (q,) that meets them.

        Raises
        ------
        EstimationError
            When they are not independent there.
        """
        found = self.evaluated(theta)
        dependent = dependent_parameters(found.jacobian, preferred) if np.isfinite(found.jacobian).all() else None
        if dependent is None:
            raise EstimationError(
                "The constraints are not independent of each other where the search led: standard errors and degrees "
                "of freedom would not be defined.",
                [_dependence(each.written) for each in self.equations],
            )
        return NonlinearConstraints(
            origin=theta,
            basis=tangent_basis(found.jacobian, dependent),
            boundaries=self.boundaries,
            system=self,
            dependent=dependent,
            jacobian=found.jacobian,
            expansions=found.expansions,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class NonlinearConstraints(LinearConstraints):
    """Parameters confined to a curved surface, seen from one of its points, ``origin``.

    Parameters
    ----------
    system : ConstraintSystem
        The equations.
    dependent : int array of shape (k,)
        Places in θ of the parameters that follow from the others, which are the coordinates of the surface. Along each
        column of ``basis`` one of the others grows by 1.
    jacobian : array of shape (k, q)
        Derivatives of the equations at ``origin``.
    expansions : tuple of Expansion
        The equations there, with second derivatives.

    References
    ----------
    aitchison_silvey_1958
    """

    system: ConstraintSystem
    dependent: IntArray
    jacobian: FloatArray
    expansions: tuple[Expansion, ...]

    @property
    def coordinates(self) -> tuple[int, ...]:
        """Places of the dependent parameters."""
        return tuple(self.dependent.tolist())

    @property
    def is_curved(self) -> bool:
        """Whether the directions change from point to point."""
        return True

    def project(self, theta: FloatArray) -> FloatArray:
        """The point with the same independent parameters that meets the constraints; NaN where none is found near."""
        return self.system.project(theta, self.dependent)

    def at(self, theta: FloatArray) -> NonlinearConstraints:
        """The constraints seen from another point that meets them."""
        return self.system.at(theta, self.dependent)

    def multipliers(self, gradient: FloatArray) -> FloatArray:
        """Lagrange multipliers (k,): gradient + multipliersᵀ jacobian vanishes for the dependent parameters."""
        return np.asarray(np.linalg.solve(self.jacobian[:, self.dependent].T, -gradient[self.dependent]))

    def curvature(self, gradient: FloatArray) -> FloatArray:
        """What the constraints add to the Hessian of F (q, q) to make it that of the Lagrangian; *gradient* is ∂F/∂θ.

        Within ``basis`` the sum is the Hessian of F as a function of the independent parameters.
        """
        total = np.zeros((self.system.n_free, self.system.n_free))
        terms = zip(self.multipliers(gradient), self.system.equations, self.expansions, strict=True)
        for multiplier, equation, expansion in terms:
            at = np.array(equation.positions)
            np.add.at(total, (at[:, None], at[None, :]), multiplier * expansion.hessian)
        return total

    def project_each(self, thetas: FloatArray) -> FloatArray:
        """Points (b, q) with the same independent parameters that meet the constraints; NaN where none is found.

        Steps of the slope at ``origin`` are taken for all points at once: they converge in its neighbourhood.
        """
        points, inverse = np.array(thetas), np.linalg.inv(self.jacobian[:, self.dependent])
        sizes = self.system.evaluated(self.origin).sizes
        with np.errstate(all="ignore"):  # points that run away become NaN
            for _ in range(_LARGEST_ITERATIONS):
                values = np.column_stack([each.at_each(points) for each in self.system.equations])
                if not (np.abs(values) > _MET_IN_STACKS * sizes).any():
                    break
                points[:, self.dependent] -= values @ inverse.T
        points[~(np.abs(values) <= _MET_IN_STACKS * sizes).all(axis=1)] = np.nan
        return points


def dependent_parameters(jacobian: FloatArray, preferred: IntArray) -> IntArray | None:
    """Places (k,) of parameters that the constraints determine by the others; None where they are not independent.

    Parameters
    ----------
    jacobian : array of shape (k, q)
        Derivatives of the constraints.
    preferred : int array
        Places to be chosen where nothing speaks against them.

    Examples
    --------
    >>> dependent_parameters(np.array([[1.0, -2.0, 0.0], [0.0, 1.0, 3.0]]), np.array([0])).tolist()
    [0, 2]
    """
    scaled = _equilibrated(jacobian)
    scaled[:, preferred] *= _PREFERENCE
    triangle, order = qr(scaled, mode="r", pivoting=True)
    remaining = np.abs(np.diag(triangle))
    if len(remaining) < len(jacobian) or not remaining[-1] > _INDEPENDENT * remaining[0]:
        return None
    return np.sort(order[: len(jacobian)]).astype(np.int64)


def tangent_basis(jacobian: FloatArray, dependent: IntArray) -> FloatArray:
    """Directions (q, q − k) in which the constraints hold to first order; along each one independent parameter grows.

    Parameters
    ----------
    jacobian : array of shape (k, q)
        Derivatives of the constraints.
    dependent : int array of shape (k,)
        Places of the parameters that follow from the others.

    Examples
    --------
    >>> tangent_basis(np.array([[1.0, -2.0, 0.0]]), np.array([0])).tolist()
    [[2.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    n_free = jacobian.shape[1]
    others = np.setdiff1d(np.arange(n_free), dependent)
    basis = np.zeros((n_free, len(others)))
    basis[others, np.arange(len(others))] = 1.0
    basis[dependent] = -np.linalg.solve(jacobian[:, dependent], jacobian[:, others]) + 0.0
    return basis


def redundant(jacobian: FloatArray) -> list[int]:
    """Rows of a Jacobian (k, q) that are combinations of those before them."""
    scaled = _equilibrated(jacobian)
    found: list[int] = []
    kept = np.zeros((0, jacobian.shape[1]))
    for number, row in enumerate(scaled):
        remaining = row - kept.T @ (kept @ row)
        remaining -= kept.T @ (kept @ remaining)
        length, own = np.linalg.norm(remaining), np.linalg.norm(row)
        if length <= _INDEPENDENT * own:
            found.append(number)
        else:
            kept = np.vstack([kept, remaining / length])
    return found


def _equilibrated(matrix: FloatArray) -> FloatArray:
    """Rows and columns scaled so that the largest element of each is near 1: units of parameters do not matter."""
    scaled = np.abs(matrix)
    rows, columns = np.ones(len(matrix)), np.ones(matrix.shape[1])
    for _ in range(10):
        of_rows, of_columns = (np.sqrt(scaled.max(axis=axis, initial=0.0)) for axis in (1, 0))
        rows /= np.where(of_rows > 0, of_rows, 1.0)
        columns /= np.where(of_columns > 0, of_columns, 1.0)
        scaled = np.abs(matrix) * rows[:, None] * columns
    return matrix * rows[:, None] * columns


def _dependence(written: str) -> Problem:
    return Problem(
        where=written,
        found="its derivatives vanish or follow from those of the other constraints",
        remedy="Remove what follows from the others; write a == 0 instead of a^2 == 0.",
    )
