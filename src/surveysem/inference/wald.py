"""Wald tests of restrictions on labelled parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from surveysem.errors import ModelSyntaxError, Problem
from surveysem.inference.estimates import stacked, with_definitions
from surveysem.inference.fit import Fit
from surveysem.inference.standardized import plain_rows
from surveysem.specification import ParameterTable
from surveysem.specification.expressions import evaluate, gradient, names_in
from surveysem.typing import FloatArray

_REDUNDANT = 1e-10


@dataclass(frozen=True, kw_only=True)
class WaldTest:
    """Wald test of a hypothesis.

    Parameters
    ----------
    hypothesis : str
        The restrictions, as they were written, joined by semicolons.
    chi_square : float
        rᵀ (J V Jᵀ)⁻¹ r, with r the distance of the estimates from the restrictions.
    degrees_of_freedom : int
        Number of restrictions.
    p_value : float
        Of the two.
    """

    hypothesis: str
    chi_square: float
    degrees_of_freedom: int
    p_value: float

    def __str__(self) -> str:
        return f"{self.hypothesis}: χ²({self.degrees_of_freedom}) = {self.chi_square:.3f}, p = {self.p_value:.3f}"


def wald_test(fit: Fit, hypothesis: str) -> WaldTest:
    """Wald test that restrictions on labelled parameters hold together.

    Parameters
    ----------
    fit : Fit
        The fitted model, in which the restrictions need not hold.
    hypothesis : str
        Equations such as ``"a == b; c == 0"``, one a line or separated by semicolons. Both sides are arithmetic of
        labels of parameters and names of defined quantities.

    Raises
    ------
    ModelSyntaxError
        Lists every equation that cannot be understood; or when an equation follows from the others or from the
        model, so that there is nothing to test.

    Notes
    -----
    The covariance of the estimates is that of the fit's estimator. The statistic of nonlinear restrictions depends
    on how they are written (``a/b == 1`` is not ``a == b``).

    References
    ----------
    bollen_1989

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> fit = ss.sem("dem60 =~ y1 + a*y2 + b*y3 + c*y4", data)
    >>> print(wald_test(fit, "a == b; b == c"))
    a == b; b == c: χ²(2) = 3.282, p = 0.194
    """
    values, jacobian = _labelled(fit)
    equations = [text.strip() for text in hypothesis.replace("\n", ";").split(";") if text.strip()]
    differences = _differences(equations, values)
    names = tuple(values)
    at = np.array(list(values.values()))
    distance = np.array([evaluate(each, values).real for each in differences])
    slopes = np.array([gradient(each, names, at) for each in differences]) @ jacobian
    covariance = slopes @ fit.parameter_covariance @ slopes.T
    _check_rank(covariance, slopes, np.sqrt(np.diag(fit.parameter_covariance)), equations)
    statistic = float(distance @ np.linalg.solve(covariance, distance))
    df = len(equations)
    return WaldTest(
        hypothesis="; ".join(equations),
        chi_square=statistic,
        degrees_of_freedom=df,
        p_value=float(chi2.sf(statistic, df)),
    )


def _labelled(fit: Fit) -> tuple[dict[str, complex], FloatArray]:
    """Values of all labels and defined quantities, and their derivatives (k, q)."""
    rows = with_definitions(fit.table, stacked([plain_rows(group) for group in fit.solution.groups]))
    first = _first_rows(fit.table)
    return {name: complex(rows.values[index]) for name, index in first.items()}, rows.jacobian[list(first.values())]


def _first_rows(table: ParameterTable) -> dict[str, int]:
    first: dict[str, int] = {}
    for index, row in enumerate((*table.parameters, *table.definitions)):
        name = row.lhs if row.op == ":=" else row.label
        if name:
            first.setdefault(name, index)
    return first


def _differences(equations: list[str], values: Mapping[str, complex]) -> list[str]:
    """Left less right side of each equation, every flaw reported."""
    problems = [] if equations else [Problem(where="hypothesis", found="it is empty", remedy="Write a == b.")]
    differences = []
    for equation in equations:
        sides = equation.split("==")
        if len(sides) != 2:
            problems.append(Problem(where=equation, found="not one ==", remedy="Write each equation as a == b."))
            continue
        differences.append(f"({sides[0]}) - ({sides[1]})")
        problems += _flaws(equation, differences[-1], values)
    if problems:
        raise ModelSyntaxError("The hypothesis cannot be tested.", problems)
    return differences


def _flaws(equation: str, difference: str, values: Mapping[str, complex]) -> list[Problem]:
    try:
        value = evaluate(difference, values)
    except ModelSyntaxError as error:
        return [Problem(where=equation, found=each.found, remedy=each.remedy) for each in error.problems]
    if value.imag != 0 or np.isnan(value.real):
        found = "it has no real value at the estimates"
        return [Problem(where=equation, found=found, remedy="Write it without roots and logarithms.")]
    if not names_in(difference):
        return [Problem(where=equation, found="it names no parameter", remedy="Use labels of the model.")]
    return []


def _check_rank(covariance: FloatArray, slopes: FloatArray, errors: FloatArray, equations: list[str]) -> None:
    """Refuse equations that follow from each other or from the model."""
    variances = np.diag(covariance)
    # What variances would be if nothing cancelled; rounding leaves about 1e-16 of it.
    uncancelled = (np.abs(slopes) @ errors) ** 2
    redundant = variances <= _REDUNDANT * uncancelled + np.finfo(float).tiny
    scale = np.sqrt(np.where(redundant, 1.0, variances))
    remedy = "Leave out what follows from the other equations or from the model."
    if not redundant.any():
        values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
        if values[0] > _REDUNDANT * values[-1]:
            return
        redundant = np.abs(vectors[:, 0]) > 0.1
    problems = [
        Problem(where=equation, found="it has no freedom of its own", remedy=remedy)
        for equation, flag in zip(equations, redundant, strict=True)
        if flag
    ]
    raise ModelSyntaxError("The hypothesis cannot be tested.", problems)
