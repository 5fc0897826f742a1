"""lavaan model syntax read into statements."""

from __future__ import annotations

import re
from collections.abc import Iterator

from surveysem.errors import ModelSyntaxError, Problem
from surveysem.specification.parameters import Operator
from surveysem.specification.statements import Statement

_OPERATORS = ("=~", "<~", "~*~", ":=", "~~", "==", "~", "<", ">", "|")
_READ: dict[str, Operator] = {"=~": "=~", "~": "~", "~~": "~~", ":=": ":="}
_NAME = re.compile(r"[^\W\d][\w.]*")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_START = re.compile(r"start\(\s*(?P<value>[^()]+?)\s*\)")
_LABEL = re.compile(r"""label\(\s*["'](?P<name>[^"']+)["']\s*\)""")


def parse_syntax(text: str) -> tuple[Statement, ...]:
    """Statements of a model written in lavaan's syntax.

    Understood are ``=~``, ``~``, ``~~`` and ``:=``, labels, fixed values, ``NA*``, ``start()*`` and ``label()*``,
    comments (``#`` and ``!``), several formulas on a line (``;``) and formulas continued over lines.

    Parameters
    ----------
    text : str
        The model.

    Raises
    ------
    ModelSyntaxError
        Lists every line that cannot be read.

    Examples
    --------
    >>> [statement.rhs for statement in parse_syntax("f =~ x1 + a*x2 +  # a comment\\n      x3")]
    ['x1', 'x2', 'x3']
    """
    statements: list[Statement] = []
    problems: list[Problem] = []
    for line, formula in _formulas(text):
        try:
            statements += _read_formula(formula)
        except ValueError as error:
            where = f"model syntax, line {line}, {formula!r}"
            problems.append(Problem(where=where, found=str(error), remedy=""))
    problems += _repeated(statements)
    if not statements and not problems:
        problems.append(Problem(where="model syntax", found="no formula", remedy='Write at least "f =~ x1 + x2 + x3".'))
    if problems:
        raise ModelSyntaxError("The model syntax cannot be read.", problems)
    return tuple(statements)


def _formulas(text: str) -> Iterator[tuple[int, str]]:
    """Whole formulas with the line each begins on, comments removed and continued lines joined."""
    pending, begun = "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        for piece in re.split(r"[#!]", raw, maxsplit=1)[0].split(";"):
            part = piece.strip()
            if not part:
                continue
            continues = pending.endswith(("+", "*", "~", "=")) or part.startswith(("+", "*"))
            if pending and not continues:
                yield begun, pending
                pending = ""
            begun = begun if pending else number
            pending = f"{pending} {part}".strip()
    if pending:
        yield begun, pending


def _read_formula(formula: str) -> list[Statement]:
    found = _split_operator(formula)
    if found is None:
        raise ValueError(f"no operator. Use one of {' '.join(_READ)}.")
    left, operator, right = found
    if operator not in _READ:
        raise ValueError(f"the operator {operator} is not read by this version. It reads {' '.join(_READ)}.")
    op = _READ[operator]
    if not left or not right:
        raise ValueError(f"nothing on the {'left' if not left else 'right'} of {operator}. Complete the formula.")
    if op == ":=":
        return [Statement(lhs=_name(left), op=op, rhs=right)]
    names = [_name(part.strip()) for part in left.split("+")]
    return [_read_term(name, op, term.strip()) for name in names for term in _split_terms(right)]


def _split_operator(formula: str) -> tuple[str, str, str] | None:
    positions = [(formula.find(op), -len(op), op) for op in _OPERATORS if op in formula]
    if not positions:
        return None
    position, _, operator = min(positions)
    return formula[:position].strip(), operator, formula[position + len(operator) :].strip()


def _split_terms(right: str) -> list[str]:
    """Terms between plus signs; a sign inside parentheses or of an exponent does not part terms."""
    return re.split(r"\+(?![^(]*\))(?<![eE]\+)", right)


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is not a variable name. Use letters, digits, dots and underscores.")
    return text


def _read_term(lhs: str, op: Operator, term: str) -> Statement:
    *modifiers, variable = (part.strip() for part in term.split("*"))
    if op == "~" and variable in {"1", "0"}:
        raise ValueError("intercepts (~ 1) are not read by this version.")
    if ":" in variable:
        raise ValueError(f"the product {variable} is not read by this version; make the product a column of its own.")
    statement = Statement(lhs=lhs, op=op, rhs=_name(variable))
    for modifier in modifiers:
        statement = _modified(statement, modifier)
    return statement


def _modified(statement: Statement, modifier: str) -> Statement:
    fields = {name: getattr(statement, name) for name in ("lhs", "op", "rhs", "label", "value", "freed", "start")}
    start, label = _START.fullmatch(modifier), _LABEL.fullmatch(modifier)
    if modifier == "NA":
        fields["freed"] = True
    elif _NUMBER.fullmatch(modifier):
        fields["value"] = float(modifier)
    elif start and _NUMBER.fullmatch(start["value"]):
        fields["start"] = float(start["value"])
    elif label:
        fields["label"] = label["name"]
    elif _NAME.fullmatch(modifier):
        fields["label"] = modifier
    else:
        raise ValueError(f"the modifier {modifier!r} is not read. Use a number, NA, start(number) or a label.")
    return Statement(**fields)


def _repeated(statements: list[Statement]) -> list[Problem]:
    """Formulas that name one parameter twice: the second would silently replace or double the first."""
    seen: set[tuple[object, ...]] = set()
    problems = []
    for each in statements:
        pair: object = frozenset((each.lhs, each.rhs)) if each.op == "~~" else (each.lhs, each.rhs)
        key = (each.op, each.lhs if each.op == ":=" else pair)
        if key in seen:
            name = f"{each.lhs} {each.op} {each.rhs}"
            problems.append(Problem(where="model syntax", found=f"{name} is written twice", remedy="Keep one of them."))
        seen.add(key)
    return problems
