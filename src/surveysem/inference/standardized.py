"""Standardised solutions and their derivatives.

A standardised parameter is θ · Π Vᵢ^eᵢ, where the Vᵢ are implied variances (or residual variances, for residual
covariances) and the exponents are ±½ or −1. One rule for every row gives value and derivative alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from surveysem.estimation import GroupSolution
from surveysem.implied import model_variance_jacobian, residual_variances
from surveysem.specification import Parameter
from surveysem.typing import FloatArray

_ROUNDING = 100 * np.finfo(float).eps

Standardization: TypeAlias = Literal["std_lv", "std_all", "std_nox"]


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


def plain_rows(solution: GroupSolution) -> Rows:
    """The unstandardised rows: estimates of free parameters, values of fixed ones, variances that follow from both."""
    rows = list(solution.table.parameters)
    jacobian = np.zeros((len(rows), len(solution.theta)))
    values = np.zeros(len(rows))
    determined = _determined(solution)
    for index, row in enumerate(rows):
        if row.free:
            values[index] = solution.theta[row.free - 1]
            jacobian[index, row.free - 1] = 1.0
        elif row.determined:
            values[index], jacobian[index] = determined[row.lhs]
        else:
            values[index] = _fixed_value(solution, row)
    return Rows(values=values, jacobian=jacobian)


def _determined(solution: GroupSolution) -> dict[str, tuple[float, FloatArray]]:
    """Residual variances of ordered variables with their derivatives."""
    responses = solution.structure.responses
    if responses is None:
        return {}
    values, jacobian = residual_variances(solution.implied)
    names = [solution.structure.observed[position] for position in responses.ordered]
    return {name: (float(value), slope) for name, value, slope in zip(names, values, jacobian.T, strict=True)}


def _fixed_value(solution: GroupSolution, row: Parameter) -> float:
    if row.exogenous and row.op == "~1":
        return float(solution.moments.means[solution.table.observed.index(row.lhs)])
    if row.exogenous:
        at = [solution.table.observed.index(name) for name in (row.lhs, row.rhs)]
        return float(solution.moments.covariance[at[0], at[1]])
    return 0.0 if row.value is None else row.value


def standardized_rows(
    solution: GroupSolution, kind: Standardization, products: Mapping[str, tuple[str, str]] | None = None
) -> Rows:
    """Standardised rows and their derivatives.

    Parameters
    ----------
    solution : GroupSolution
        One group at the estimates.
    kind : {"std_lv", "std_all", "std_nox"}
        Only latent variables, observed ones too, or all but observed exogenous ones are given unit variance.
    products : Mapping of str to (str, str), optional
        Latent products by name, with the two latent variables they are made of. The path of a product is
        standardised by the product of the two standard deviations, not by the product's own (Wen, Marsh & Hau 2010).

    References
    ----------
    wen_marsh_hau_2010
    """
    plain = plain_rows(solution)
    factors = standardizing_factors(solution, solution.table.parameters, kind, products)
    slopes = plain.values[:, None] * factors.jacobian
    return Rows(
        values=factors.values * plain.values,
        jacobian=_sum_or_zero(factors.values[:, None] * plain.jacobian, slopes),
    )


def standardizing_factors(
    solution: GroupSolution,
    parameters: Sequence[Parameter],
    kind: Standardization,
    products: Mapping[str, tuple[str, str]] | None = None,
) -> Rows:
    """Factors that standardise parameters, whether or not the model has them, and their derivatives.

    Parameters
    ----------
    solution : GroupSolution
        One group at the estimates.
    parameters : sequence of Parameter
        Among variables of the model; *k* of them.
    kind, products
        As in :func:`standardized_rows`.

    Returns
    -------
    Rows
        NaN where a variance is not positive, or a residual variance is not in the model.
    """
    total, residual = _total_variances(solution), _residual_variances(solution, plain_rows(solution))
    scaled = _scaled_variances(solution)
    values, jacobian = np.ones(len(parameters)), np.zeros((len(parameters), len(solution.theta)))
    for index, row in enumerate(parameters):
        source = residual if _is_residual_covariance(row) else scaled if row.op == "~*~" else total
        factor, slope = 1.0, np.zeros(len(solution.theta))
        for name, exponent in _exponents(row, kind, solution, products or {}).items():
            variance = source.values.get(name, float("nan"))
            factor *= variance**exponent
            slope = slope + exponent * source.jacobian.get(name, np.zeros(1)) / variance
        values[index], jacobian[index] = factor, factor * slope
    return Rows(values=values, jacobian=jacobian)


def _sum_or_zero(first: FloatArray, second: FloatArray) -> FloatArray:
    """Sum of two arrays, exactly 0 where they cancel: a variance standardised by itself is fixed."""
    total = first + second
    return np.where(np.abs(total) > _ROUNDING * (np.abs(first) + np.abs(second)), total, 0.0)


def _is_residual_covariance(row: Parameter) -> bool:
    return row.op == "~~" and row.lhs != row.rhs


def _exponents(
    row: Parameter, kind: Standardization, solution: GroupSolution, products: Mapping[str, tuple[str, str]]
) -> dict[str, float]:
    """Exponent of each variance in the factor of one row."""
    exponents: dict[str, float] = {}
    latent, exogenous = solution.table.latent, solution.table.exogenous_observed

    def add(name: str, exponent: float) -> None:
        if name in latent or kind == "std_all" or (kind == "std_nox" and name not in exogenous):
            exponents[name] = exponents.get(name, 0.0) + exponent

    if row.op == "=~":
        add(row.lhs, 0.5)
        add(row.rhs, -0.5)
    elif row.op == "~":
        add(row.lhs, -0.5)
        for name in products.get(row.rhs, (row.rhs,)):
            add(name, 0.5)
    elif row.op in ("~1", "|"):
        add(row.lhs, -0.5)
    elif row.op == "~*~":
        add(row.lhs, 0.5)
    else:
        add(row.lhs, -0.5)
        add(row.rhs, -0.5)
    return exponents


def _total_variances(solution: GroupSolution) -> _Variances:
    """Implied variances of observed and latent variables."""
    observed, latent = model_variance_jacobian(solution.implied)
    structure = solution.structure
    values = dict(zip(structure.latent, np.diag(solution.implied.latent_covariance).tolist(), strict=True))
    values |= dict(zip(structure.observed, np.diag(solution.implied.covariance).tolist(), strict=True))
    jacobian = dict(zip(structure.latent, latent.T, strict=True))
    jacobian |= dict(zip(structure.observed, observed.T, strict=True))
    return _Variances(values=_not_negative(values), jacobian=jacobian)


def _scaled_variances(solution: GroupSolution) -> _Variances:
    """Variances 1/δ² of latent responses, given observed exogenous variables."""
    responses = solution.structure.responses
    if responses is None:
        return _Variances(values={}, jacobian={})
    scales = responses.scales.at(solution.theta)
    jacobian = np.zeros((len(scales), len(solution.theta)))
    free = responses.scales.is_free
    jacobian[free, responses.scales.parameter[free]] = -2.0 * scales[free] ** -3.0
    names = solution.structure.observed
    return _Variances(
        values=dict(zip(names, (scales**-2.0).tolist(), strict=True)),
        jacobian=dict(zip(names, jacobian, strict=True)),
    )


def _residual_variances(solution: GroupSolution, plain: Rows) -> _Variances:
    """(Residual) variances as they stand in the table: totals, for exogenous variables."""
    parameters = list(solution.table.parameters)
    at = {row.lhs: index for index, row in enumerate(parameters) if row.op == "~~" and row.lhs == row.rhs}
    values = {name: float(plain.values[index]) for name, index in at.items()}
    return _Variances(
        values=_not_negative(values), jacobian={name: plain.jacobian[index] for name, index in at.items()}
    )


def _not_negative(values: Mapping[str, float]) -> dict[str, float]:
    """Variances, with NaN for those that are not positive: nothing can be standardised by them."""
    return {name: value if value > 0 else float("nan") for name, value in values.items()}
