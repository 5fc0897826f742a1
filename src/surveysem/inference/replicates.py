"""Rows of the table of estimates, and admissibility, for a stack of replicates at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from surveysem.estimation import GroupSolution
from surveysem.estimation.stacks import BoolArray, SampleStack, StackedGroup, stacked_inverse
from surveysem.implied import Matrix
from surveysem.inference.standardized import _exponents, _is_residual_covariance
from surveysem.specification import Parameter, ParameterTable
from surveysem.specification.expressions import evaluate_stack
from surveysem.typing import FloatArray

_TOLERANCE = 1e-10


@dataclass(frozen=True, kw_only=True, eq=False)
class RowRules:
    """How the rows of one group's table follow from estimates; small, for it is sent to other processes.

    Parameters
    ----------
    table : ParameterTable
        The group's rows, *k* of them.
    exponents : tuple of Mapping of str to float
        Of the variances in the factor that standardises each row.
    """

    table: ParameterTable
    exponents: tuple[Mapping[str, float], ...]


def row_rules(group: GroupSolution, products: Mapping[str, tuple[str, str]]) -> RowRules:
    """Rules of one group; paths of latent products are standardised by their components."""
    exponents = tuple(_exponents(row, "std_all", group, products) for row in group.table.parameters)
    return RowRules(table=group.table, exponents=exponents)


@dataclass(frozen=True, kw_only=True, eq=False)
class ReplicatedGroup:
    """One group of a model at the estimates from many samples.

    Parameters
    ----------
    rules : RowRules
        What its rows are.
    stacked : StackedGroup
        The model.
    theta : array of shape (b, q)
        Estimates.
    samples : SampleStack
        What they were estimated from; of incomplete samples, the moments of variables that no row lacks.
    """

    rules: RowRules
    stacked: StackedGroup
    theta: FloatArray
    samples: SampleStack

    @cached_property
    def latent_residual(self) -> FloatArray:
        """Ψ of shape (b, m, m)."""
        return self.stacked.fill(Matrix.LATENT_COVARIANCE, self.theta, self.samples)

    @cached_property
    def latent_covariance(self) -> FloatArray:
        """Φ = AΨAᵀ of shape (b, m, m)."""
        if not self.stacked.has_paths:
            return self.latent_residual
        paths = self.stacked.fill(Matrix.PATHS, self.theta, self.samples)
        total = stacked_inverse(np.eye(paths.shape[1]) - paths)
        covariance: FloatArray = total @ self.latent_residual @ total.swapaxes(1, 2)
        return covariance

    @cached_property
    def total_variances(self) -> dict[str, FloatArray]:
        """Implied variances by variable, each of shape (b,); NaN where not positive."""
        loadings = self.stacked.fill(Matrix.LOADINGS, self.theta, self.samples)
        common = ((loadings @ self.latent_covariance) * loadings).sum(axis=2)
        observed = common + self.stacked.residual_variances(self.theta)
        latent = np.einsum("bmm->bm", self.latent_covariance)
        structure = self.stacked.structure
        named = dict(zip(structure.latent, latent.T, strict=True))
        named |= dict(zip(structure.observed, observed.T, strict=True))
        return {name: np.where(values > 0, values, np.nan) for name, values in named.items()}

    @cached_property
    def rows(self) -> FloatArray:
        """Unstandardised rows of shape (b, k); fixed ones are constant, moments taken from the sample are not."""
        columns = [self._row(row) for row in self.rules.table.parameters]
        return np.array(columns).reshape(len(columns), len(self.theta)).T

    def _row(self, row: Parameter) -> FloatArray:
        if row.free:
            return self.theta[:, row.free - 1]
        if row.exogenous:
            at = self.rules.table.observed.index(row.lhs)
            if row.op == "~1":
                return self.samples.means[:, at]
            return self.samples.covariances[:, at, self.rules.table.observed.index(row.rhs)]
        return np.full(len(self.theta), row.value or 0.0)

    @cached_property
    def standardized(self) -> FloatArray:
        """Rows with all variables at unit variance, of shape (b, k); NaN where a variance is not positive."""
        parameters = self.rules.table.parameters
        variances = {
            row.lhs: np.where(values > 0, values, np.nan)
            for row, values in zip(parameters, self.rows.T, strict=True)
            if row.op == "~~" and row.lhs == row.rhs
        }
        standardized = self.rows.copy()
        for index, (row, exponents) in enumerate(zip(parameters, self.rules.exponents, strict=True)):
            source = variances if _is_residual_covariance(row) else self.total_variances
            for name, exponent in exponents.items():
                standardized[:, index] *= source[name] ** exponent
        return standardized

    @cached_property
    def admissible(self) -> BoolArray:
        """Whether some population could have each solution, of shape (b,)."""
        variances = [
            values
            for row, values in zip(self.rules.table.parameters, self.rows.T, strict=True)
            if row.op == "~~" and row.lhs == row.rhs
        ]
        admissible: BoolArray = np.all(np.array(variances).reshape(len(variances), len(self.theta)) >= 0, axis=0)
        residual = self.stacked.residual_block(self.theta)
        for matrices in (self.latent_covariance, self.latent_residual, residual):
            admissible &= _semidefinite(matrices)
        return admissible


def _semidefinite(matrices: FloatArray) -> BoolArray:
    if not matrices.shape[1]:
        return np.ones(len(matrices), dtype=bool)
    size = np.abs(np.einsum("bii->bi", matrices)).sum(axis=1)
    semidefinite: BoolArray = np.linalg.eigvalsh(matrices)[:, 0] >= -_TOLERANCE * size
    return semidefinite


def with_definitions(table: ParameterTable, rows: FloatArray) -> FloatArray:
    """Rows (b, k) of all groups followed by the defined quantities; NaN where these are no real numbers."""
    labelled: dict[str, FloatArray] = {}
    for index, row in enumerate(table.parameters):
        if row.label:
            labelled.setdefault(row.label, rows[:, index])
    for row in table.definitions:
        labelled[row.lhs] = evaluate_stack(row.rhs, labelled)
    return np.column_stack([rows, *(labelled[row.lhs] for row in table.definitions)])


def replicated_rows(table: ParameterTable, groups: Sequence[ReplicatedGroup]) -> tuple[FloatArray, FloatArray]:
    """Estimates and standardised estimates of all parameters and definitions, each of shape (b, k)."""
    plain = np.hstack([group.rows for group in groups])
    standardized = np.hstack([group.standardized for group in groups])
    return with_definitions(table, plain), with_definitions(table, standardized)
