"""Rows of ordered variables: thresholds, scales of the latent responses, residual variances that follow from them.

An ordered variable stands for a continuous latent response, cut at its thresholds. The responses have the variance
1/δ², where the scale δ is 1 unless it is freed (the delta parameterisation); their residual variance is what remains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from surveysem.errors import ModelSyntaxError, Problem, UnsupportedError
from surveysem.specification.parameters import Parameter
from surveysem.specification.roles import VariableRoles
from surveysem.specification.statements import Statement


def ordered_variables(statements: Sequence[Statement]) -> tuple[str, ...]:
    """Variables whose thresholds are written.

    Examples
    --------
    >>> from surveysem.specification import parse_syntax
    >>> ordered_variables(parse_syntax("f =~ u + v + w; u | t1 + t2"))
    ('u',)
    """
    return tuple(dict.fromkeys(each.lhs for each in statements if each.op == "|"))


def check_ordered(
    statements: Sequence[Statement], roles: VariableRoles, categories: Mapping[str, int], *, complete: bool
) -> None:
    """Refuse what is written about ordered variables and cannot hold.

    Parameters
    ----------
    statements : sequence of Statement
        The model as written.
    roles : VariableRoles
        Of its variables.
    categories : mapping of str to int
        Number of categories of each ordered variable.
    complete : bool
        Whether thresholds that are not written are added.

    Raises
    ------
    UnsupportedError
        For ordered variables that are observed and exogenous, and observed exogenous variables without defaults.
    ModelSyntaxError
        Lists thresholds, scales and residual variances that do not fit.
    """
    _check_exogenous(roles, categories, complete=complete)
    problems = [problem for each in statements if (problem := _problem(each, categories)) is not None]
    if not complete:
        problems += _absent_thresholds(statements, categories)
    if problems:
        raise ModelSyntaxError("The model syntax does not fit the ordered variables.", problems)


def _check_exogenous(roles: VariableRoles, categories: Mapping[str, int], *, complete: bool) -> None:
    ordered = [name for name in roles.exogenous_observed if name in categories]
    if ordered:
        raise UnsupportedError(
            f"Observed exogenous variables are taken as they are and cannot be ordered ({', '.join(ordered)}). Leave "
            "them out of `ordered`, turn their categories into dummy variables, or make each the only indicator of a "
            "latent variable (f =~ 1*x; f ~~ 1*f)."
        )
    if categories and roles.exogenous_observed and not complete:
        names = ", ".join(roles.exogenous_observed)
        raise UnsupportedError(
            f"Beside ordered variables, observed exogenous ones ({names}) are available with defaults only (auto=True)."
        )


def _problem(statement: Statement, categories: Mapping[str, int]) -> Problem | None:
    where = f"{statement.lhs} {statement.op} {statement.rhs}"
    n_categories = categories.get(statement.lhs)
    if statement.op == "~*~" and (n_categories is None or statement.lhs != statement.rhs):
        return Problem(
            where=where,
            found="scales are those of ordered variables alone",
            remedy="Write the name of an ordered variable on both sides, or leave the formula out.",
        )
    if n_categories is None:
        return None
    if statement.op == "|" and int(statement.rhs[1:]) >= n_categories:
        return Problem(
            where=where,
            found=f"{statement.lhs} has {n_categories} categories in the data, so {n_categories - 1} thresholds",
            remedy="Leave this threshold out, or look for answers that nobody gave.",
        )
    if statement.op == "~~" and statement.lhs == statement.rhs:
        return Problem(
            where=where,
            found="the residual variance of an ordered variable follows from the other parameters",
            remedy=f"Leave it out; the scale of its latent response is {statement.lhs} ~*~ {statement.lhs}.",
        )
    return None


def _absent_thresholds(statements: Sequence[Statement], categories: Mapping[str, int]) -> list[Problem]:
    written = {(each.lhs, each.rhs) for each in statements if each.op == "|"}
    absent: dict[str, list[str]] = {}
    for name, threshold in _thresholds(categories):
        if (name, threshold) not in written:
            absent.setdefault(name, []).append(threshold)
    remedy = "Write them, or let defaults be added (auto=True)."
    return [
        Problem(where=f"ordered variable {name}", found=f"no thresholds {', '.join(names)} are written", remedy=remedy)
        for name, names in absent.items()
    ]


def _thresholds(categories: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(name, f"t{number}") for name, count in categories.items() for number in range(1, count)]


def missing_thresholds(
    rows: Iterable[Parameter], roles: VariableRoles, categories: Mapping[str, int]
) -> list[Parameter]:
    """Thresholds that are not written, free."""
    written = {(row.lhs, row.rhs) for row in rows if row.op == "|"}
    ordered = {name: categories[name] for name in roles.observed if name in categories}
    return [
        Parameter(lhs=name, op="|", rhs=threshold, user=False)
        for name, threshold in _thresholds(ordered)
        if (name, threshold) not in written
    ]


def missing_scales(rows: Iterable[Parameter], roles: VariableRoles, categories: Mapping[str, int]) -> list[Parameter]:
    """Scales of the latent responses that are not written, fixed to 1."""
    written = {row.lhs for row in rows if row.op == "~*~"}
    return [
        Parameter(lhs=name, op="~*~", rhs=name, value=1.0, user=False)
        for name in roles.observed
        if name in categories and name not in written
    ]


def fix_ordered(rows: Sequence[Parameter], categories: Mapping[str, int]) -> list[Parameter]:
    """Rows with the intercepts of ordered variables at 0 unless written, and their residual variances determined."""
    result = []
    for row in rows:
        if row.lhs in categories and row.op == "~~" and row.lhs == row.rhs:
            row = replace(row, value=None, determined=True)
        elif row.lhs in categories and row.op == "~1" and not row.user:
            row = replace(row, value=0.0)
        result.append(row)
    return result
