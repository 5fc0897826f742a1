"""Model syntax written for lavaan and for semopy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from surveysem.specification.parameters import EXPRESSIONS, Operator, Parameter, ParameterTable
from surveysem.specification.statements import Modifiers, Statement

_TITLES: tuple[tuple[tuple[Operator, ...], str], ...] = (
    (("=~",), "measurement model"),
    (("~",), "structural model"),
    (("~~",), "residual covariances"),
    (("~1",), "intercepts and means"),
    (("|",), "thresholds"),
    (("~*~",), "scales of latent responses"),
    ((":=",), "defined quantities"),
    (("==", "<", ">"), "constraints"),
)


def lavaan_syntax(statements: Sequence[Statement]) -> str:
    """The model in lavaan's syntax, for its ``sem()`` (or ``cfa()``), whose defaults complete it.

    Examples
    --------
    >>> print(lavaan_syntax([Statement(lhs="f", op="=~", rhs="x1"), Statement(lhs="f", op="=~", rhs="x2", label="a")]))
    # measurement model
    f =~ x1 + a*x2
    <BLANKLINE>
    """
    blocks = []
    for operators, title in _TITLES:
        chosen = [statement for statement in statements if statement.op in operators]
        lines = _expressions(chosen) if operators[0] in EXPRESSIONS else _formulas(chosen)
        if lines:
            blocks.append("\n".join([f"# {title}", *lines]) + "\n")
    return "\n".join(blocks)


def _expressions(statements: Sequence[Statement]) -> list[str]:
    return [f"{each.lhs} {each.op} {each.rhs}" for each in statements]


def _formulas(statements: Sequence[Statement]) -> list[str]:
    grouped: dict[str, list[str]] = {}
    for each in statements:
        grouped.setdefault(each.lhs, []).append(_term(each))
    return [line for lhs, terms in grouped.items() for line in _wrapped(f"{lhs} {_written(statements[0].op)} ", terms)]


def _written(op: Operator) -> str:
    return "~" if op == "~1" else op


def _term(statement: Statement) -> str:
    groups = statement.by_group or (statement,)
    starts = [_decimal(each.start) for each in groups if each.start is not None]
    if starts and len(starts) < len(groups):
        raise ValueError(f"{statement.lhs} {statement.op} {statement.rhs} has start values in some groups only")
    modifiers = [_vector(position) for position in zip(*(_modifiers(each) for each in groups), strict=True)]
    if starts:
        modifiers.append(f"start({_vector(starts)})")
    return "*".join([*modifiers, "1" if statement.op == "~1" else statement.rhs])


def _modifiers(each: Statement | Modifiers) -> list[str]:
    """Label, NA and fixed value of one group."""
    label = [each.label] if each.label else []
    freed = ["NA"] if each.freed else []
    return [*label, *freed, *([] if each.value is None else [_decimal(each.value)])]


def _vector(elements: Sequence[str]) -> str:
    """One modifier for all groups, or ``c(…)`` with one for each."""
    return elements[0] if len(elements) == 1 else f"c({', '.join(elements)})"


def _wrapped(head: str, terms: Sequence[str], width: int = 100) -> list[str]:
    """Terms joined by plus signs, broken after a plus sign where a line would grow longer than *width*."""
    lines, line = [], head
    for number, term in enumerate(terms):
        last = number == len(terms) - 1
        text = term if last else f"{term} + "
        if len(line) + len(text) > width and line.strip() != head.strip():
            lines.append(line.rstrip())
            line = " " * len(head)
        line += text
    return [*lines, line.rstrip()]


def semopy_syntax(table: ParameterTable) -> str:
    """The model in semopy's syntax, with every default written out.

    Covariances that lavaan adds by default are written, fixed values are starred, and loadings of latent variables
    without a fixed one are labelled, for semopy would fix the first; definitions (``:=``) have no counterpart and are
    left out.

    Examples
    --------
    >>> from surveysem.specification import parameter_table, parse_syntax
    >>> print(semopy_syntax(parameter_table(parse_syntax("f =~ a + b + c"))))
    f =~ 1*a + b + c
    a ~~ a
    b ~~ b
    c ~~ c
    f ~~ f
    <BLANKLINE>
    """
    has_fixed_loading = {row.lhs for row in table if row.op == "=~" and row.value is not None}
    rows = [row if row.op != "=~" or row.lhs in has_fixed_loading else _labelled(row) for row in table]
    lines = [
        f"{lhs} {op} {' + '.join(terms)}"
        for op in ("=~", "~")
        for lhs, terms in _by_left_side(row for row in rows if row.op == op).items()
    ]
    lines += [f"{row.lhs} ~~ {_semopy_term(row)}" for row in rows if row.op == "~~" and not row.exogenous]
    return "\n".join(lines) + "\n"


def _labelled(row: Parameter) -> Parameter:
    return replace(row, label=row.label or f"{row.lhs}_{row.rhs}")


def _by_left_side(rows: Iterable[Parameter]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for row in rows:
        grouped.setdefault(row.lhs, []).append(_semopy_term(row))
    return grouped


def _semopy_term(row: Parameter) -> str:
    if row.value is not None:
        return f"{_decimal(row.value)}*{row.rhs}"
    return f"{row.label}*{row.rhs}" if row.label else row.rhs


def _decimal(value: float) -> str:
    """All digits of a number, without the exponent that semopy takes for a sum."""
    return np.format_float_positional(value, trim="-")
