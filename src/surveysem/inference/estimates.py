"""The table of estimates: one row a parameter, with tests, intervals and standardised values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan

import numpy as np
import pandas as pd

from surveysem.estimation import Solution
from surveysem.inference.delta import NormalTheory, delta_standard_errors, normal_theory
from surveysem.inference.expressions import evaluate, gradient
from surveysem.inference.standardized import Rows, plain_rows, standardized_rows
from surveysem.specification import Parameter
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
        standard error 0 and NaN for tests.
    """
    parameters = tuple(solution.table)
    plain = _with_definitions(parameters, plain_rows(solution))
    std_lv = _with_definitions(parameters, standardized_rows(solution, "std_lv", products))
    std_all = _with_definitions(parameters, standardized_rows(solution, "std_all", products))
    tested = _tested(plain, covariance, level)
    tested_std = _tested(std_all, covariance, level)
    columns = _identity_columns(parameters, products) | {
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


def _identity_columns(
    parameters: Sequence[Parameter], products: Mapping[str, tuple[str, str]]
) -> dict[str, Sequence[object]]:
    shown = {name: ":".join(pair) for name, pair in products.items()}
    return {
        "lhs": [shown.get(row.lhs, row.lhs) for row in parameters],
        "op": [row.op for row in parameters],
        "rhs": [shown.get(row.rhs, row.rhs) for row in parameters],
        "block": [1] * len(parameters),
        "group": [1] * len(parameters),
        "label": [row.lhs if row.op == ":=" else row.label for row in parameters],
        "free": [row.free for row in parameters],
    }


def _tested(rows: Rows, covariance: FloatArray, level: float) -> NormalTheory:
    return normal_theory(rows.values, delta_standard_errors(rows.jacobian, covariance), level=level)


def _with_definitions(parameters: Sequence[Parameter], rows: Rows) -> Rows:
    """Rows followed by the defined quantities, computed from the values the labels have in *rows*."""
    labelled: dict[str, tuple[float, FloatArray]] = {}
    ordinary = [row for row in parameters if row.op != ":="]
    for index, row in enumerate(ordinary):
        if row.label:
            labelled.setdefault(row.label, (float(rows.values[index]), rows.jacobian[index]))
    for row in parameters:
        if row.op == ":=":
            labelled[row.lhs] = _defined(row.rhs, labelled)
    defined = [labelled[row.lhs] for row in parameters if row.op == ":="]
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
