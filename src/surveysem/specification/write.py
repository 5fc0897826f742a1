"""Model syntax written for lavaan and for semopy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from surveysem.specification.parameters import Operator, Parameter, ParameterTable
from surveysem.specification.statements import Statement

_TITLES: tuple[tuple[Operator, str], ...] = (
    ("=~", "measurement model"),
    ("~", "structural model"),
    ("~~", "residual covariances"),
    (":=", "defined quantities"),
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
    for op, title in _TITLES:
        lines = _formulas([statement for statement in statements if statement.op == op])
        if lines:
            blocks.append("\n".join([f"# {title}", *lines]) + "\n")
    return "\n".join(blocks)


def _formulas(statements: Sequence[Statement]) -> list[str]:
    grouped: dict[str, list[str]] = {}
    for each in statements:
        grouped.setdefault(each.lhs, []).append(_term(each))
    return [line for lhs, terms in grouped.items() for line in _wrapped(f"{lhs} {statements[0].op} ", terms)]


def _term(statement: Statement) -> str:
    modifiers = [statement.label] if statement.label else []
    if statement.freed:
        modifiers.append("NA")
    if statement.value is not None:
        modifiers.append(_decimal(statement.value))
    if statement.start is not None:
        modifiers.append(f"start({_decimal(statement.start)})")
    return "*".join([*modifiers, statement.rhs])


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
