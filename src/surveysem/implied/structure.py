"""Moment structures: where each parameter of a table stands in the model matrices.

The model is LISREL's in its all-*y* form, Σ = Λ (I − B)⁻¹ Ψ (I − B)⁻ᵀ Λᵀ + Θ and μ = ν + Λ (I − B)⁻¹ α. An observed
variable that takes part in a regression becomes a latent variable of its own with loading 1 and no residual, as in
lavaan.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np

from surveysem.implied.latent_responses import LatentResponses, latent_responses
from surveysem.specification import Parameter, ParameterTable
from surveysem.typing import FloatArray, IntArray


class Matrix(IntEnum):
    """The model matrices Λ, B, Ψ, Θ, and the vectors ν and α as columns."""

    LOADINGS = 0
    PATHS = 1
    LATENT_COVARIANCE = 2
    RESIDUAL_COVARIANCE = 3
    INTERCEPTS = 4
    LATENT_MEANS = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class ElementColumns:
    """Which columns of the dictionary make the derivative of each free element.

    Parameters
    ----------
    u, v : int arrays of shape (e,)
        Columns of D.
    scale : array of shape (e,)
        ½ for diagonal elements, 0 for means, else 1.
    """

    u: IntArray
    v: IntArray
    scale: FloatArray

    @cached_property
    def scales(self) -> FloatArray:
        """Products of the scales of two elements, of shape (e, e)."""
        return np.outer(self.scale, self.scale)


@dataclass(frozen=True, kw_only=True, eq=False)
class MomentStructure:
    """Positions of fixed and free parameters of one group in the model matrices.

    Parameters
    ----------
    observed : tuple of str
        Observed variables, *p* of them.
    latent : tuple of str
        Latent variables, *m* of them, observed ones that act as latent last.
    fixed : tuple of arrays
        Λ (p, m), B (m, m), Ψ (m, m), Θ (p, p), ν (p, 1), α (m, 1) with fixed values filled in and zeros elsewhere.
    matrix, row, column : int arrays of shape (e,)
        One entry a free element; symmetric ones appear once.
    parameter : int array of shape (e,)
        Free parameter (from 0) of each element; elements with the same parameter are equal.
    n_free : int
        Number of free parameters of the whole model, *q*.
    has_means : bool
        Whether ν and α are modelled.
    responses : LatentResponses or None
        Thresholds and scales of ordered variables, where there are any.
    """

    observed: tuple[str, ...]
    latent: tuple[str, ...]
    fixed: tuple[FloatArray, ...]
    matrix: IntArray
    row: IntArray
    column: IntArray
    parameter: IntArray
    n_free: int
    has_means: bool
    responses: LatentResponses | None = None

    @cached_property
    def columns(self) -> ElementColumns:
        """Columns of the dictionary [I, ΛA, ΛAΨAᵀ] for each free element; see :mod:`surveysem.implied.moments`."""
        p, m = len(self.observed), len(self.latent)
        total, cross = p, p + m
        # Offsets of u and v by matrix: Λ, B, Ψ, Θ, ν, α.
        first = np.array([0, total, total, 0, 0, total])[self.matrix]
        second = np.array([cross, cross, total, 0, 0, 0])[self.matrix]
        u, v = first + self.row, second + self.column
        means = self.matrix >= Matrix.INTERCEPTS
        return ElementColumns(u=u, v=v, scale=np.where(means, 0.0, np.where(u == v, 0.5, 1.0)))

    @cached_property
    def given_exogenous(self) -> MomentStructure:
        """The same given observed exogenous variables at 0, beside ordered variables; else the structure itself."""
        if self.responses is None or not self.responses.exogenous.size:
            return self
        at = self.responses.exogenous_latent
        fixed = [matrix.copy() for matrix in self.fixed]
        fixed[Matrix.LATENT_COVARIANCE][at] = fixed[Matrix.LATENT_COVARIANCE][:, at] = 0.0
        fixed[Matrix.LATENT_MEANS][at] = 0.0
        return replace(self, fixed=tuple(fixed))

    @cached_property
    def directed(self) -> MomentStructure:
        """The same with loadings and paths as its only free elements."""
        kept = self.matrix <= Matrix.PATHS
        return replace(
            self,
            matrix=self.matrix[kept],
            row=self.row[kept],
            column=self.column[kept],
            parameter=self.parameter[kept],
        )

    @cached_property
    def incidence(self) -> FloatArray:
        """Matrix of shape (e, q) that sums derivatives of elements into derivatives of parameters."""
        incidence = np.zeros((len(self.parameter), self.n_free))
        incidence[np.arange(len(self.parameter)), self.parameter] = 1.0
        incidence.setflags(write=False)
        return incidence

    @cached_property
    def reached(self) -> FloatArray:
        """1 where paths lead from a latent variable (column) to another (row) or it is the same, else 0; (m, m)."""
        linked = (self.fixed[Matrix.PATHS] != 0) | np.eye(len(self.latent), dtype=bool)
        paths = self.matrix == Matrix.PATHS
        linked[self.row[paths], self.column[paths]] = True
        for _ in range(len(self.latent).bit_length()):
            linked = linked @ linked
        reached: FloatArray = linked.astype(np.float64)
        return reached

    @cached_property
    def is_one_to_one(self) -> bool:
        """Whether no two elements are the same parameter."""
        return len(np.unique(self.parameter)) == len(self.parameter)

    def sum_elements(self, elements: FloatArray) -> FloatArray:
        """Derivatives of elements (e, …) summed into derivatives of parameters (q, …)."""
        if not self.is_one_to_one:
            summed: FloatArray = self.incidence.T @ elements
            return summed
        placed = np.zeros((self.n_free, *elements.shape[1:]))
        placed[self.parameter] = elements
        return placed

    def sum_pairs(self, elements: FloatArray) -> FloatArray:
        """Derivatives of pairs of elements (e, e) summed into derivatives of pairs of parameters (q, q)."""
        if self.is_one_to_one and len(self.parameter) == self.n_free and (np.diff(self.parameter) == 1).all():
            return elements
        if not self.is_one_to_one:
            summed: FloatArray = self.incidence.T @ elements @ self.incidence
            return summed
        placed = np.zeros((self.n_free, self.n_free))
        placed[np.ix_(self.parameter, self.parameter)] = elements
        return placed

    def matrices(self, theta: FloatArray) -> tuple[FloatArray, ...]:
        """Λ, B, Ψ, Θ, ν and α at the free parameters *theta* of shape (q,), in the order of :class:`Matrix`."""
        filled = tuple(matrix.copy() for matrix in self.fixed)
        values = theta[self.parameter]
        for kind in Matrix:
            at = self.matrix == kind
            filled[kind][self.row[at], self.column[at]] = values[at]
            if kind in (Matrix.LATENT_COVARIANCE, Matrix.RESIDUAL_COVARIANCE):
                filled[kind][self.column[at], self.row[at]] = values[at]
        if self.responses is not None:
            self.responses.fill_residuals(filled, theta)
        return filled


@dataclass(frozen=True, kw_only=True, eq=False)
class ModeratedStructure(MomentStructure):
    """A moment structure with products of latent variables among the predictors: η = α + Bη + Ω (ηⱼηₖ) + ζ.

    The matrices are those of the linear part.

    Parameters
    ----------
    outcome, first, second : int arrays of shape (r,)
        Latent variables each coefficient in Ω concerns: the outcome, and the two factors of the product.
    product_parameter : int array of shape (r,)
        Free parameter (from 0) of each coefficient; −1 where it is fixed.
    product_value : array of shape (r,)
        Fixed values; 0 for free ones.
    """

    outcome: IntArray
    first: IntArray
    second: IntArray
    product_parameter: IntArray
    product_value: FloatArray

    def coefficients(self, theta: FloatArray) -> FloatArray:
        """Coefficients in Ω at *theta* of shape (…, q), of shape (…, r)."""
        return np.where(self.product_parameter >= 0, theta[..., self.product_parameter], self.product_value)


def moment_structure(
    table: ParameterTable,
    n_free: int,
    sample_covariance: FloatArray | None = None,
    sample_means: FloatArray | None = None,
) -> MomentStructure:
    """Moment structure of one group of a parameter table.

    Parameters
    ----------
    table : ParameterTable
        Rows of one group.
    n_free : int
        Number of free parameters of the whole model, *q*.
    sample_covariance, sample_means : arrays of shape (p, p) and (p,), optional
        In the order of ``table.observed``; needed where moments of observed exogenous variables are fixed to them.

    Returns
    -------
    MomentStructure
        A :class:`ModeratedStructure` where predictors are products of latent variables.
    """
    acting = _observed_acting_as_latent(table)
    latent = (*table.latent, *acting)
    products = table.products
    p, m = len(table.observed), len(latent)
    shapes = ((p, m), (m, m), (m, m), (p, p), (p, 1), (m, 1))
    fixed = tuple(np.zeros(shape) for shape in shapes)
    for name in acting:
        fixed[Matrix.LOADINGS][table.observed.index(name), latent.index(name)] = 1.0
    free: list[tuple[int, int, int, int]] = []
    for row in table.parameters:
        if row.op in ("|", "~*~") or row.determined or row.rhs in products:
            continue
        kind, i, j = _position(row, table.observed, latent)
        if row.free:
            free.append((kind, i, j, row.free - 1))
        else:
            value = _fixed_value(row, table.observed, sample_covariance, sample_means)
            fixed[kind][i, j] = value
            if row.op == "~~":
                fixed[kind][j, i] = value
    positions = np.array(free, dtype=np.int64).reshape(-1, 4).T
    for array in (*fixed, positions):
        array.setflags(write=False)
    linear = MomentStructure(
        observed=table.observed,
        latent=latent,
        fixed=fixed,
        matrix=positions[0],
        row=positions[1],
        column=positions[2],
        parameter=positions[3],
        n_free=n_free,
        has_means=table.has_means,
        responses=latent_responses(table, latent) if table.ordered else None,
    )
    return _moderated(linear, table) if products else linear


def _moderated(linear: MomentStructure, table: ParameterTable) -> ModeratedStructure:
    rows = [row for row in table.parameters if row.rhs in table.products]
    factors = [table.products[row.rhs] for row in rows]
    arrays: dict[str, Any] = {
        "outcome": np.array([linear.latent.index(row.lhs) for row in rows]),
        "first": np.array([linear.latent.index(first) for first, _ in factors]),
        "second": np.array([linear.latent.index(second) for _, second in factors]),
        "product_parameter": np.array([row.free - 1 for row in rows]),
        "product_value": np.array([row.value or 0.0 for row in rows]),
    }
    for array in arrays.values():
        array.setflags(write=False)
    shared: dict[str, Any] = {each.name: getattr(linear, each.name) for each in fields(linear)}
    return ModeratedStructure(**shared, **arrays)


def _observed_acting_as_latent(table: ParameterTable) -> tuple[str, ...]:
    """Observed variables in regressions, or that indicate or covary with something that acts as latent."""
    latent = set(table.latent)
    products = table.products
    directed = {name for row in table if row.op == "~" for name in (row.lhs, *products.get(row.rhs, (row.rhs,)))}
    acting = directed - latent
    while True:
        tied = {
            name
            for row in table
            if row.op == "~~" and {row.lhs, row.rhs} & (acting | latent)
            for name in (row.lhs, row.rhs)
            if name not in latent
        }
        if tied <= acting:
            return tuple(name for name in table.observed if name in acting)
        acting |= tied


def _position(row: Parameter, observed: tuple[str, ...], latent: tuple[str, ...]) -> tuple[Matrix, int, int]:
    if row.op == "=~":
        if row.rhs in latent:
            return Matrix.PATHS, latent.index(row.rhs), latent.index(row.lhs)
        return Matrix.LOADINGS, observed.index(row.rhs), latent.index(row.lhs)
    if row.op == "~1":
        if row.lhs in latent:
            return Matrix.LATENT_MEANS, latent.index(row.lhs), 0
        return Matrix.INTERCEPTS, observed.index(row.lhs), 0
    if row.op == "~":
        return Matrix.PATHS, latent.index(row.lhs), latent.index(row.rhs)
    if row.lhs in latent:
        return Matrix.LATENT_COVARIANCE, latent.index(row.lhs), latent.index(row.rhs)
    return Matrix.RESIDUAL_COVARIANCE, observed.index(row.lhs), observed.index(row.rhs)


def _fixed_value(
    row: Parameter,
    observed: tuple[str, ...],
    sample_covariance: FloatArray | None,
    sample_means: FloatArray | None,
) -> float:
    if row.exogenous:
        if sample_covariance is None or sample_means is None:
            raise ValueError("a model with observed exogenous variables needs the sample moments")
        if row.op == "~1":
            return float(sample_means[observed.index(row.lhs)])
        return float(sample_covariance[observed.index(row.lhs), observed.index(row.rhs)])
    return 0.0 if row.value is None else row.value
