"""Standardised solutions and their derivatives.

A standardised parameter is θ · Π Vᵢ^eᵢ, where the Vᵢ are implied variances (or residual variances, for residual
covariances) and the exponents are ±½ or −1. One rule for every row gives value and derivative alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from surveysem.estimation import Solution
from surveysem.implied import variance_jacobian
from surveysem.specification import Parameter
from surveysem.typing import FloatArray

_ROUNDING = 100 * np.finfo(float).eps

Standardization: TypeAlias = Literal["std_lv", "std_all"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Values of the parameter rows (not definitions) and their derivatives.

    Parameters
    ----------
    values : array of shape (k,)
        One a row.
    jacobian : array of shape (k, q)
        With respect to the free parameters.
    """

    values: FloatArray
    jacobian: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _Variances:
    """Variances by name with their derivatives."""

    values: Mapping[str, float]
    jacobian: Mapping[str, FloatArray]


def plain_rows(solution: Solution) -> Rows:
    """The unstandardised rows: estimates of free parameters, values of fixed ones."""
    rows = [row for row in solution.table if row.op != ":="]
    jacobian = np.zeros((len(rows), solution.table.n_free))
    values = np.zeros(len(rows))
    for index, row in enumerate(rows):
        if row.free:
            values[index] = solution.theta[row.free - 1]
            jacobian[index, row.free - 1] = 1.0
        else:
            values[index] = _fixed_value(solution, row)
    return Rows(values=values, jacobian=jacobian)


def _fixed_value(solution: Solution, row: Parameter) -> float:
    if row.exogenous:
        at = [solution.table.observed.index(name) for name in (row.lhs, row.rhs)]
        return float(solution.moments.covariance[at[0], at[1]])
    return 0.0 if row.value is None else row.value


def standardized_rows(
    solution: Solution, kind: Standardization, products: Mapping[str, tuple[str, str]] | None = None
) -> Rows:
    """Standardised rows and their derivatives.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    kind : {"std_lv", "std_all"}
        Only latent variables, or observed ones too, are given unit variance.
    products : Mapping of str to (str, str), optional
        Latent products by name, with the two latent variables they are made of. The path of a product is
        standardised by the product of the two standard deviations, not by the product's own (Wen, Marsh & Hau 2010).

    References
    ----------
    wen_marsh_hau_2010
    """
    plain = plain_rows(solution)
    total, residual = _total_variances(solution), _residual_variances(solution, plain)
    parameters = [row for row in solution.table if row.op != ":="]
    explained = {row.rhs for row in parameters if row.op == "=~"} | {row.lhs for row in parameters if row.op == "~"}
    values, jacobian = plain.values.copy(), plain.jacobian.copy()
    for index, row in enumerate(parameters):
        factor, slope = 1.0, np.zeros(solution.table.n_free)
        exponents = _exponents(row, kind, solution.table.latent, products or {})
        for name, exponent in exponents.items():
            source = residual if _is_residual_covariance(row) else total
            factor *= source.values[name] ** exponent
            slope = slope + exponent * source.jacobian[name] / source.values[name]
        jacobian[index] = factor * _sum_or_zero(plain.jacobian[index], plain.values[index] * slope)
        values[index] = factor * plain.values[index]
        if exponents == {row.rhs: -1.0} and row.rhs not in explained:
            jacobian[index] = 0.0  # divided by itself: rounding would leave a standard error of 1e-17 and p = 0
    return Rows(values=values, jacobian=jacobian)


def _sum_or_zero(first: FloatArray, second: FloatArray) -> FloatArray:
    """Sum of two arrays, exactly 0 where they cancel: a variance standardised by itself is fixed."""
    total = first + second
    return np.where(np.abs(total) > _ROUNDING * (np.abs(first) + np.abs(second)), total, 0.0)


def _is_residual_covariance(row: Parameter) -> bool:
    return row.op == "~~" and row.lhs != row.rhs


def _exponents(
    row: Parameter, kind: Standardization, latent: tuple[str, ...], products: Mapping[str, tuple[str, str]]
) -> dict[str, float]:
    """Exponent of each variance in the factor of one row."""
    exponents: dict[str, float] = {}

    def add(name: str, exponent: float) -> None:
        if kind == "std_all" or name in latent:
            exponents[name] = exponents.get(name, 0.0) + exponent

    if row.op == "=~":
        add(row.lhs, 0.5)
        add(row.rhs, -0.5)
    elif row.op == "~":
        add(row.lhs, -0.5)
        for name in products.get(row.rhs, (row.rhs,)):
            add(name, 0.5)
    else:
        add(row.lhs, -0.5)
        add(row.rhs, -0.5)
    return exponents


def _total_variances(solution: Solution) -> _Variances:
    """Implied variances of observed and latent variables."""
    observed, latent = variance_jacobian(solution.implied)
    structure = solution.structure
    values = dict(zip(structure.latent, np.diag(solution.implied.latent_covariance).tolist(), strict=True))
    values |= dict(zip(structure.observed, np.diag(solution.implied.covariance).tolist(), strict=True))
    jacobian = dict(zip(structure.latent, latent.T, strict=True))
    jacobian |= dict(zip(structure.observed, observed.T, strict=True))
    return _Variances(values=_not_negative(values), jacobian=jacobian)


def _residual_variances(solution: Solution, plain: Rows) -> _Variances:
    """(Residual) variances as they stand in the table: totals, for exogenous variables."""
    parameters = [row for row in solution.table if row.op != ":="]
    at = {row.lhs: index for index, row in enumerate(parameters) if row.op == "~~" and row.lhs == row.rhs}
    values = {name: float(plain.values[index]) for name, index in at.items()}
    return _Variances(
        values=_not_negative(values), jacobian={name: plain.jacobian[index] for name, index in at.items()}
    )


def _not_negative(values: Mapping[str, float]) -> dict[str, float]:
    """Variances, with NaN for those that are not positive: nothing can be standardised by them."""
    return {name: value if value > 0 else float("nan") for name, value in values.items()}
