"""Definitions (``:=``): arithmetic on labelled parameters, evaluated without running anybody's code."""

from __future__ import annotations

import ast
import cmath
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from surveysem.errors import ModelSyntaxError, Problem
from surveysem.specification.parameters import Parameter
from surveysem.typing import FloatArray

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {"exp": cmath.exp, "log": cmath.log, "sqrt": cmath.sqrt}
_STACK_FUNCTIONS: dict[str, Callable[[Any], Any]] = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt}
_STEP = 1e-30
_LARGEST = 1e300
_NAME = re.compile(r"(?<![\w.])[^\W\d][\w.]*")
_PLACEHOLDER = re.compile(r"name(\d+)_")


def evaluate(expression: str, values: Mapping[str, complex]) -> complex:
    """Value of an arithmetic expression of named numbers; complex where a root or logarithm of a real number is.

    Parameters
    ----------
    expression : str
        ``+ - * / ^``, parentheses, ``exp``, ``log``, ``sqrt``, numbers and names.
    values : Mapping of str to number
        The names.

    Raises
    ------
    ModelSyntaxError
        When the expression is not arithmetic, a name is unknown or there is no such number; the known names are
        listed.

    Examples
    --------
    >>> evaluate("a*b + c", {"a": 2, "b": 3, "c": 1}).real
    7.0
    """
    reason = flaw(expression, values)
    if reason:
        raise _not_computable([_problem(expression, reason, values)])
    try:
        return complex(value_of(syntax_tree(expression), values))
    except (ArithmeticError, ValueError) as error:
        raise _not_computable([_problem(expression, str(error), values)]) from None


def evaluate_stack(expression: str, values: Mapping[str, FloatArray]) -> FloatArray:
    """Values of an expression at *b* points, of shape (b,); NaN where the value is no real number.

    Parameters
    ----------
    expression : str
        As in :func:`evaluate`.
    values : Mapping of str to array of shape (b,)
        The names.

    Raises
    ------
    ModelSyntaxError
        When the expression is not arithmetic or a name is unknown.

    Examples
    --------
    >>> evaluate_stack("sqrt(a) * b", {"a": np.array([4.0, -1.0]), "b": np.array([3.0, 3.0])})
    array([ 6., nan])
    """
    known = dict.fromkeys(values, 1.0 + 0j)
    reason = flaw(expression, known)
    if reason:
        raise _not_computable([_problem(expression, reason, known)])
    numbers = {name: np.asarray(column).astype(complex) for name, column in values.items()}
    with np.errstate(all="ignore"):
        result = np.asarray(value_of(syntax_tree(expression), numbers, _STACK_FUNCTIONS), dtype=complex)
    shape = np.shape(next(iter(numbers.values()), 0.0))
    return np.where(np.isfinite(result) & (result.imag == 0), result.real, np.nan) + np.zeros(shape)


def gradient(expression: str, names: tuple[str, ...], values: FloatArray) -> FloatArray:
    """Derivatives of an expression with respect to each name, by complex steps, of shape (k,).

    Complex steps have no cancellation, so that the result is exact to rounding.
    """
    derivatives = np.zeros(len(names))
    used = names_in(expression)
    for index, name in enumerate(names):
        if name in used:
            stepped: dict[str, complex] = dict(zip(names, values.tolist(), strict=True))
            stepped[name] += _STEP * 1j
            derivatives[index] = evaluate(expression, stepped).imag / _STEP
    return derivatives


def names_in(expression: str) -> tuple[str, ...]:
    """Names an expression uses, in order of appearance, functions not counted."""
    return tuple(dict.fromkeys(name for name in _NAME.findall(expression) if name not in _FUNCTIONS))


def check_definitions(rows: Iterable[Parameter]) -> None:
    """Refuse definitions that cannot be computed from the labels before them, all at once.

    Parameters
    ----------
    rows : iterable of Parameter
        A parameter table.

    Raises
    ------
    ModelSyntaxError
        Lists every definition that is not arithmetic, uses an unknown label, or takes the name of a label.
    """
    rows = tuple(rows)
    known = dict.fromkeys((row.label for row in rows if row.label), 1.0 + 0j)
    problems = []
    for row in rows:
        if row.op != ":=":
            continue
        reason = f"{row.lhs} is already the label of a parameter" if row.lhs in known else flaw(row.rhs, known)
        if reason:
            problems.append(_problem(row.rhs, reason, known, name=row.lhs))
        known[row.lhs] = 1.0 + 0j
    if problems:
        raise _not_computable(problems)


def _not_computable(problems: list[Problem]) -> ModelSyntaxError:
    return ModelSyntaxError("A defined quantity cannot be computed.", problems)


def _problem(expression: str, reason: str, known: Mapping[str, complex], *, name: str = "") -> Problem:
    remedy = f"Use + - * / ^ ( ) exp log sqrt and these labels: {', '.join(known) or 'none is given'}."
    return Problem(where=f"{name} := {expression}".lstrip(), found=reason, remedy=remedy)


def flaw(expression: str, values: Mapping[str, complex]) -> str:
    """What keeps an expression from being computed; empty when nothing does."""
    try:
        tree = syntax_tree(expression)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "it is not an arithmetic expression"
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and not _is_understood(node, called=id(node) in called):
            return f"{_spelled(node, expression)} is not arithmetic that is understood"
    unknown = [name for name in names_in(expression) if name not in values]
    return f"no parameter is labelled {', '.join(map(repr, unknown))}" if unknown else ""


@lru_cache(maxsize=4096)
def syntax_tree(expression: str) -> ast.expr:
    """Syntax tree of an expression, to be read only; names in it may have dots or be words of Python.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        Where there is none; see :func:`flaw`.
    """

    def placeholder(match: re.Match[str]) -> str:
        name = match.group()
        return name if name in _FUNCTIONS else f"name{names_in(expression).index(name)}_"

    source = _NAME.sub(placeholder, expression).replace("^", "**")
    tree = ast.parse(source.strip(), mode="eval").body
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = _with_names(node.id, expression)
    return tree


def _with_names(text: str, expression: str) -> str:
    return _PLACEHOLDER.sub(lambda match: names_in(expression)[int(match[1])], text)


def _is_understood(node: ast.expr, *, called: bool) -> bool:
    match node:
        case ast.Constant(value=int() | float() as value):
            return abs(value) < _LARGEST
        case ast.Name(id=name):
            return called or name not in _FUNCTIONS
        case ast.BinOp(op=op):
            return type(op) in _BINARY
        case ast.UnaryOp(op=sign):
            return type(sign) in _UNARY
        case ast.Call(func=ast.Name(id=name), args=[_], keywords=[]):
            return name in _FUNCTIONS
    return False


def _spelled(node: ast.expr, expression: str) -> str:
    return _with_names(ast.unparse(node), expression).replace("**", "^")


def value_of(
    node: ast.expr, values: Mapping[str, Any], functions: Mapping[str, Callable[[Any], Any]] = _FUNCTIONS
) -> Any:
    """Value of a syntax tree without a :func:`flaw`, by the arithmetic of whatever the names stand for."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return complex(number)
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](value_of(left, values, functions), value_of(right, values, functions))
        case ast.UnaryOp(op=sign, operand=operand):
            return _UNARY[type(sign)](value_of(operand, values, functions))
        case ast.Call(func=ast.Name(id=name), args=[argument]):
            return functions[name](value_of(argument, values, functions))
    raise TypeError(f"{type(node).__name__} passed the check of what is understood")
