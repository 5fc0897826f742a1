"""Model syntax written for lavaan and for semopy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
        modifiers.append(f"{statement.value:g}")
    if statement.start is not None:
        modifiers.append(f"start({statement.start:g})")
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

    Covariances that lavaan adds by default are written, fixed values are starred; definitions (``:=``) have no
    counterpart and are left out.

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
    lines = [
        f"{lhs} {op} {' + '.join(terms)}"
        for op in ("=~", "~")
        for lhs, terms in _by_left_side(row for row in table if row.op == op).items()
    ]
    lines += [f"{row.lhs} ~~ {_semopy_term(row)}" for row in table if row.op == "~~" and not row.exogenous]
    return "\n".join(lines) + "\n"


def _by_left_side(rows: Iterable[Parameter]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for row in rows:
        grouped.setdefault(row.lhs, []).append(_semopy_term(row))
    return grouped


def _semopy_term(row: Parameter) -> str:
    return row.rhs if row.value is None else f"{row.value:g}*{row.rhs}"
