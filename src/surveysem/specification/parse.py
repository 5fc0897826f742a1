"""lavaan model syntax read into statements."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from math import isinf
from typing import Any

from surveysem.errors import ModelSyntaxError, Problem
from surveysem.specification.parameters import Operator
from surveysem.specification.statements import Modifiers, Statement

_OPERATORS = ("=~", "<~", "~*~", ":=", "~~", "==", "~", "<", ">", "|")
_READ: dict[str, Operator] = {
    "=~": "=~",
    "~": "~",
    "~~": "~~",
    ":=": ":=",
    "==": "==",
    "<": "<",
    ">": ">",
    "|": "|",
    "~*~": "~*~",
}
_EXPRESSIONS = (":=", "==", "<", ">")
_NAME = re.compile(r"[^\W\d][\w.]*")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_SIGNED_EXPONENT = re.compile(r"(?<![\w.])((?:\d+\.?\d*|\.\d+)[eE])\+(?=\d)")
"""The plus sign in 1e+3, which says nothing; that of "age+x" parts terms."""
_START = re.compile(r"start\(\s*(?P<value>[^()]+?)\s*\)")
_VECTOR = re.compile(r"(?:(?P<wrapper>start|label)\()?c\((?P<elements>[^()]*)\)\)?")
_THRESHOLD = re.compile(r"t[1-9]\d*")
_KINDS = {"label": "label", "value": "fixed value", "start": "start value", "freed": "NA"}
_LABEL = re.compile(r"""label\(\s*["'](?P<name>[^"']+)["']\s*\)""")


def parse_syntax(text: str) -> tuple[Statement, ...]:
    """Statements of a model written in lavaan's syntax.

    Understood are ``=~``, ``~``, ``~~``, ``~ 1``, ``|``, ``~*~``, ``:=``, ``==``, ``<`` and ``>``; labels, fixed
    values, ``NA*``, ``start()*`` and ``label()*``, each for all groups or one for each (``c(a, b)*x``); products of
    observed variables (``x:z``); comments (``#`` and ``!``), several formulas on a line (``;``) and continued formulas.

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
    if not isinstance(text, str):
        raise ModelSyntaxError(f"The model must be text, not {type(text).__name__}. Write it in lavaan's syntax.")
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
    if op in _EXPRESSIONS:
        return [Statement(lhs=_name(left) if op == ":=" else left, op=op, rhs=right)]
    names = [_name(part.strip()) for part in left.split("+")]
    terms = _read_terms(op, right)
    return [_statement(name, op, variable, modifiers) for name in names for variable, modifiers in terms]


def _split_operator(formula: str) -> tuple[str, str, str] | None:
    positions = [(formula.find(op), -len(op), op) for op in _OPERATORS if op in formula]
    if not positions:
        return None
    position, _, operator = min(positions)
    return formula[:position].strip(), operator, formula[position + len(operator) :].strip()


def _split_terms(right: str) -> list[str]:
    """Terms between plus signs; a sign inside parentheses or of an exponent does not part terms."""
    return re.split(r"\+(?![^(]*\))", _SIGNED_EXPONENT.sub(r"\1", right))


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is not a variable name. Use letters, digits, dots and underscores.")
    return text


def _read_terms(op: Operator, right: str) -> list[tuple[str, list[str]]]:
    """Variables with their modifiers; a term that repeats a variable adds modifiers to it, as in lavaan."""
    terms: list[tuple[str, list[str]]] = []
    for term in _split_terms(right):
        *modifiers, variable = (part.strip() for part in term.split("*"))
        _check_variable(op, variable)
        earlier = [known for name, known in terms if name == variable]
        if earlier and modifiers:
            earlier[0].extend(modifiers)
        else:
            terms.append((variable, modifiers))
    return terms


def _check_variable(op: Operator, variable: str) -> None:
    if op == "~" and variable == "1":
        return
    if op == "|" and not _THRESHOLD.fullmatch(variable):
        raise ValueError(f"{variable!r} is not a threshold. Name thresholds t1, t2 and so on.")
    for factor in variable.split(":"):
        _name(factor)


def _statement(lhs: str, op: Operator, rhs: str, modifiers: list[str]) -> Statement:
    if op == "~" and rhs == "1":
        op, rhs = "~1", ""
    if lhs == rhs and op not in ("~~", "~*~"):
        raise ValueError(f"{lhs} {op} {rhs} lets a variable depend on itself. Remove it, or write {lhs} ~~ {lhs}.")
    groups = _by_group(modifiers)
    fields = [_fields(f"{lhs} {op} {rhs}".strip(), group) for group in groups]
    if len(groups) == 1:
        return Statement(lhs=lhs, op=op, rhs=rhs, **fields[0])
    return Statement(lhs=lhs, op=op, rhs=rhs, by_group=tuple(Modifiers(**each) for each in fields))


def _by_group(modifiers: list[str]) -> list[list[str]]:
    """Modifiers of each group; one list where they are the same for all."""
    vectors = [_vector(modifier) for modifier in modifiers]
    lengths = {len(vector) for vector in vectors if len(vector) > 1}
    if len(lengths) > 1:
        raise ValueError("the modifiers name different numbers of groups. Give one for each group in every c(…).")
    n_groups = lengths.pop() if lengths else 1
    return [[vector[group % len(vector)] for vector in vectors] for group in range(n_groups)]


def _vector(modifier: str) -> list[str]:
    """Elements of ``c(…)``, of ``start(c(…))`` and ``label(c(…))``, or the modifier itself."""
    found = _VECTOR.fullmatch(modifier)
    if not found:
        return [modifier]
    elements = [element.strip().strip("\"'") for element in found["elements"].split(",")]
    wrapper = found["wrapper"] or ""
    if wrapper == "label":
        elements = [f'"{element}"' for element in elements]
    return [f"{wrapper}({element})" if wrapper else element for element in elements]


def _fields(where: str, modifiers: list[str]) -> dict[str, Any]:
    read = [_read_modifier(modifier) for modifier in modifiers]
    twice = [name for name, count in Counter(name for name, _ in read).items() if count > 1]
    if twice:
        raise ValueError(f"{where} has more than one {_KINDS[twice[0]]}. Keep one of them.")
    fields: dict[str, Any] = dict(read)
    if fields.get("freed") and "value" in fields:
        raise ValueError(f"{where} is both freed (NA) and fixed. Keep one of the two.")
    return fields


def _read_modifier(modifier: str) -> tuple[str, object]:
    start, label = _START.fullmatch(modifier), _LABEL.fullmatch(modifier)
    if modifier == "NA":
        return "freed", True
    if _NUMBER.fullmatch(modifier):
        return "value", _finite(modifier)
    if start and _NUMBER.fullmatch(start["value"]):
        return "start", _finite(start["value"])
    if label and _NAME.fullmatch(label["name"]):
        return "label", label["name"]
    if _NAME.fullmatch(modifier):
        return "label", modifier
    raise ValueError(f"the modifier {modifier!r} is not read. Use a number, NA, start(number) or a label.")


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"the number {text} is too large. Use a smaller one.")
    return number


def _repeated(statements: list[Statement]) -> list[Problem]:
    """Formulas that name one parameter twice: the second would silently replace or double the first."""
    seen: set[tuple[object, ...]] = set()
    problems = []
    for each in statements:
        pair: object = frozenset((each.lhs, each.rhs)) if each.op == "~~" else (each.lhs, each.rhs)
        key = (each.op, each.lhs if each.op == ":=" else pair)
        if key in seen:
            name = f"{each.lhs} {each.op} {each.rhs}".strip()
            problems.append(Problem(where="model syntax", found=f"{name} is written twice", remedy="Keep one of them."))
        seen.add(key)
    return problems
