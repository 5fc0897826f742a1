"""The table of estimates: one row a parameter, with tests, intervals and standardised values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan

import numpy as np
import pandas as pd

from surveysem.estimation import GroupSolution, Solution
from surveysem.inference.delta import NormalTheory, delta_standard_errors, normal_theory
from surveysem.inference.standardized import Rows, plain_rows, standardized_rows
from surveysem.specification import Parameter, ParameterTable
from surveysem.specification.expressions import evaluate, gradient
from surveysem.typing import FloatArray


def estimates_table(
    solution: Solution, covariance: FloatArray, *, products: Mapping[str, tuple[str, str]], level: float = 0.95
) -> pd.DataFrame:
    """Estimates, standard errors, tests, intervals and standardised values of all rows of the table.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    covariance : array of shape (q, q)
        Covariance of the estimates.
    products : Mapping of str to (str, str)
        Latent products by name, with the two latent variables they are made of; shown as ``x:z``.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns lhs, op, rhs, block, group, label, free, estimate, std_error, z, p_value, ci_lower, ci_upper, std_lv,
        std_all, and std_std_error, std_ci_lower, std_ci_upper, std_p_value of std_all. Rows that are fixed have
        standard error 0 and NaN for tests, and so have, as in lavaan, residual variances of ordered variables, which
        follow from the others (their standardised values have standard errors).
    """
    table = solution.table
    parameters = (*table.parameters, *table.definitions)
    groups = solution.groups
    plain, std_lv, std_all = (
        with_definitions(table, stacked([rows_of(group) for group in groups]))
        for rows_of in (
            _reported_rows,
            lambda group: standardized_rows(group, "std_lv", products),
            lambda group: standardized_rows(group, "std_all", products),
        )
    )
    tested = wald_tests(plain, covariance, level)
    tested_std = wald_tests(std_all, covariance, level)
    columns = identity_columns(parameters, products) | {
        "estimate": tested.estimate,
        "std_error": tested.std_error,
        "z": tested.z,
        "p_value": tested.p_value,
        "ci_lower": tested.ci_lower,
        "ci_upper": tested.ci_upper,
        "std_lv": std_lv.values,
        "std_all": tested_std.estimate,
        "std_std_error": tested_std.std_error,
        "std_ci_lower": tested_std.ci_lower,
        "std_ci_upper": tested_std.ci_upper,
        "std_p_value": tested_std.p_value,
    }
    return pd.DataFrame(columns)


def _reported_rows(group: GroupSolution) -> Rows:
    """Unstandardised rows, without derivatives of those that follow from others."""
    rows = plain_rows(group)
    determined = np.array([row.determined for row in group.table.parameters])
    return Rows(values=rows.values, jacobian=np.where(determined[:, None], 0.0, rows.jacobian))


def identity_columns(
    parameters: Sequence[Parameter], products: Mapping[str, tuple[str, str]]
) -> dict[str, Sequence[object]]:
    """Columns that say which parameter a row is; latent products are named ``x:z``."""
    shown = {name: ":".join(pair) for name, pair in products.items()}
    return {
        "lhs": [shown.get(row.lhs, row.lhs) for row in parameters],
        "op": [row.op for row in parameters],
        "rhs": [shown.get(row.rhs, row.rhs) for row in parameters],
        "block": [row.group for row in parameters],
        "group": [row.group for row in parameters],
        "label": [row.lhs if row.op == ":=" else row.label for row in parameters],
        "free": [row.free for row in parameters],
    }


def wald_tests(rows: Rows, covariance: FloatArray, level: float) -> NormalTheory:
    """Rows with standard errors, tests and intervals by the delta method."""
    return normal_theory(rows.values, delta_standard_errors(rows.jacobian, covariance), level=level)


def stacked(groups: Sequence[Rows]) -> Rows:
    """Rows of all groups, one after the other."""
    return Rows(
        values=np.concatenate([rows.values for rows in groups]), jacobian=np.vstack([rows.jacobian for rows in groups])
    )


def with_definitions(table: ParameterTable, rows: Rows) -> Rows:
    """Rows followed by the defined quantities, computed from the values the labels have in *rows*."""
    labelled: dict[str, tuple[float, FloatArray]] = {}
    for index, row in enumerate(table.parameters):
        if row.label:
            labelled.setdefault(row.label, (float(rows.values[index]), rows.jacobian[index]))
    for row in table.definitions:
        labelled[row.lhs] = _defined(row.rhs, labelled)
    defined = [labelled[row.lhs] for row in table.definitions]
    if not defined:
        return rows
    return Rows(
        values=np.append(rows.values, [value for value, _ in defined]),
        jacobian=np.vstack([rows.jacobian, *(slope for _, slope in defined)]),
    )


def _defined(expression: str, labelled: Mapping[str, tuple[float, FloatArray]]) -> tuple[float, FloatArray]:
    """Value and derivatives; NaN where the value is no real number, as the root of a negative estimate."""
    names = tuple(labelled)
    values = np.array([labelled[name][0] for name in names])
    jacobian = np.array([labelled[name][1] for name in names])
    value = evaluate(expression, dict(zip(names, values.tolist(), strict=True)))
    if value.imag != 0 or np.isnan(value.real):
        return nan, np.full(jacobian.shape[1], nan)
    return value.real, gradient(expression, names, values) @ jacobian
