"""Latent responses of ordered variables: thresholds, scales, and the residual variances that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from surveysem.specification import Parameter, ParameterTable
from surveysem.typing import FloatArray, IntArray

_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class FreeOrFixed:
    """Parameters of which some are fixed.

    Parameters
    ----------
    value : array of shape (k,)
        Of the fixed ones.
    parameter : int array of shape (k,)
        Free parameter, from 0; −1 where fixed.
    """

    value: FloatArray
    parameter: IntArray

    @property
    def is_free(self) -> IntArray:
        """Positions of the free ones."""
        return np.flatnonzero(self.parameter >= 0)

    def at(self, theta: FloatArray) -> FloatArray:
        """Values of shape (k,) at the free parameters *theta* (q,)."""
        values = self.value.copy()
        values[self.is_free] = theta[self.parameter[self.is_free]]
        return values


@dataclass(frozen=True, kw_only=True, eq=False)
class LatentResponses:
    """Thresholds and scales of *o* ordered variables among *p* observed ones.

    Parameters
    ----------
    ordered : int array of shape (o,)
        Positions among the observed variables.
    acting : int array of shape (o,)
        Positions among the latent variables of those that act as latent; −1 for the others.
    threshold_variable : int array of shape (t,)
        Observed variable each threshold belongs to, ascending.
    thresholds : FreeOrFixed
        τ, *t* of them.
    scales : FreeOrFixed
        δ of each observed variable, *p* of them; 1 for continuous ones.
    exogenous : int array of shape (k,)
        Positions among the observed variables of those whose moments are fixed to the sample's.
    exogenous_latent : int array of shape (k,)
        Their positions among the latent variables.

    Notes
    -----
    The variance of a latent response, given the observed exogenous variables, is 1/δ². Its residual variance, in Θ, or
    in Ψ where the variable acts as latent, is what the model leaves of it.
    """

    ordered: IntArray
    acting: IntArray
    threshold_variable: IntArray
    thresholds: FreeOrFixed
    scales: FreeOrFixed
    exogenous: IntArray
    exogenous_latent: IntArray

    @property
    def residual_columns(self) -> IntArray:
        """Columns of the dictionary [I, ΛA, ΛAΨAᵀ] that residuals enter by, of shape (o,)."""
        return np.where(self.acting < 0, self.ordered, len(self.scales.value) + self.acting)

    def fill_residuals(self, matrices: Sequence[FloatArray], theta: FloatArray) -> None:
        """Write the residual variances into Ψ and Θ of Λ, B, Ψ, Θ …, where they stand as zeros."""
        loadings, paths, latent_residual, residual = matrices[:4]
        given = latent_residual.copy()
        given[self.exogenous_latent] = given[:, self.exogenous_latent] = 0.0
        directions = loadings @ np.linalg.inv(np.eye(len(paths)) - paths)
        explained = np.einsum("il,lm,im->i", directions, given, directions)[self.ordered]
        left = self.scales.at(theta)[self.ordered] ** -2.0 - explained
        own = np.hstack([np.eye(len(loadings)), directions])[:, self.residual_columns]
        variances = self._solved(own, left)
        variances[np.abs(variances) < _ROUNDING] = 0.0
        inside, outside = self.acting >= 0, self.acting < 0
        latent_residual[self.acting[inside], self.acting[inside]] = variances[inside]
        residual[self.ordered[outside], self.ordered[outside]] = variances[outside]

    def residual_jacobian(self, theta: FloatArray, columns: FloatArray, variances: FloatArray) -> FloatArray:
        """Derivatives of the residual variances, of shape (q, o).

        Parameters
        ----------
        theta : array of shape (q,)
            Free parameters.
        columns : array of shape (p, p + 2m)
            The dictionary.
        variances : array of shape (q, p)
            Derivatives of the observed variances given the exogenous variables, the residual variances of ordered ones
            held fixed.
        """
        remaining = -variances[:, self.ordered]
        scales, free = self.scales.at(theta), self.scales.is_free
        position = {int(variable): index for index, variable in enumerate(self.ordered)}
        for variable in free.tolist():
            remaining[self.scales.parameter[variable], position[variable]] -= 2.0 / scales[variable] ** 3
        return self._solved(columns[:, self.residual_columns], remaining.T).T

    def _solved(self, own: FloatArray, left: FloatArray) -> FloatArray:
        """Residual variances that leave *left* of the variances of the responses, which are Σ own² times residuals."""
        if (self.acting < 0).all():
            return left
        solved: FloatArray = np.linalg.solve(own[self.ordered] ** 2, left).astype(np.float64)
        return solved


def latent_responses(table: ParameterTable, latent: Sequence[str]) -> LatentResponses:
    """Thresholds and scales of the ordered variables of one group.

    Parameters
    ----------
    table : ParameterTable
        Rows of one group.
    latent : sequence of str
        Latent variables, and observed ones that act as latent.
    """
    rows = [row for row in table.parameters if row.op == "|"]
    rows.sort(key=lambda row: (table.observed.index(row.lhs), int(row.rhs[1:])))
    written = {row.lhs: row for row in table.parameters if row.op == "~*~"}
    unit = [Parameter(lhs=name, op="~*~", rhs=name, value=1.0) for name in table.observed]
    return LatentResponses(
        ordered=np.array([table.observed.index(name) for name in table.ordered], dtype=np.int64),
        acting=np.array([latent.index(name) if name in latent else -1 for name in table.ordered], dtype=np.int64),
        threshold_variable=np.array([table.observed.index(row.lhs) for row in rows], dtype=np.int64),
        thresholds=_free_or_fixed(rows),
        scales=_free_or_fixed([written.get(row.lhs, row) for row in unit]),
        exogenous=np.array([table.observed.index(name) for name in table.exogenous_observed], dtype=np.int64),
        exogenous_latent=np.array([latent.index(name) for name in table.exogenous_observed], dtype=np.int64),
    )


def _free_or_fixed(rows: Sequence[Parameter]) -> FreeOrFixed:
    value = np.array([row.value or 0.0 for row in rows], dtype=np.float64)
    return FreeOrFixed(value=value, parameter=np.array([row.free - 1 for row in rows], dtype=np.int64))
