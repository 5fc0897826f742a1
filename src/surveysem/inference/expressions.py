"""Definitions (``:=``): arithmetic on labelled parameters, evaluated without running anybody's code."""

from __future__ import annotations

import ast
import cmath
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from surveysem.errors import ModelSyntaxError, Problem
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
_STEP = 1e-30


def evaluate(expression: str, values: Mapping[str, complex]) -> complex:
    """Value of an arithmetic expression of named numbers.

    Parameters
    ----------
    expression : str
        ``+ - * / ^``, parentheses, ``exp``, ``log``, ``sqrt``, numbers and names.
    values : Mapping of str to number
        The names.

    Raises
    ------
    ModelSyntaxError
        When the expression is not arithmetic or a name is unknown; the known names are listed.

    Examples
    --------
    >>> evaluate("a*b + c", {"a": 2, "b": 3, "c": 1}).real
    7.0
    """
    try:
        return complex(_value(_parsed(expression), values))
    except (SyntaxError, KeyError, ZeroDivisionError, ValueError) as error:
        reason = _reason(error)
        remedy = f"Use + - * / ^ ( ) exp log sqrt and these labels: {', '.join(values) or 'none is given'}."
        raise ModelSyntaxError(
            "A defined quantity cannot be computed.",
            [Problem(where=f":= {expression}", found=reason, remedy=remedy)],
        ) from None


def gradient(expression: str, names: tuple[str, ...], values: FloatArray) -> FloatArray:
    """Derivatives of an expression with respect to each name, by complex steps, of shape (k,).

    Complex steps have no cancellation, so that the result is exact to rounding.
    """
    derivatives = np.zeros(len(names))
    for index, name in enumerate(names):
        stepped: dict[str, complex] = dict(zip(names, values.tolist(), strict=True))
        stepped[name] += _STEP * 1j
        derivatives[index] = evaluate(expression, stepped).imag / _STEP
    return derivatives


def names_in(expression: str) -> tuple[str, ...]:
    """Names an expression uses, in order of appearance, functions not counted."""
    tree = _parsed(expression)
    functions = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions]
    return tuple(dict.fromkeys(names))


def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression.replace("^", "**"), mode="eval").body


def _value(node: ast.expr, values: Mapping[str, complex]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_value(left, values), _value(right, values))
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in _UNARY:
            return _UNARY[type(sign)](_value(operand, values))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(argument, values))
    raise ValueError(f"{ast.unparse(node)!r} is not arithmetic that is understood")


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"no parameter is labelled {error.args[0]!r}"
    if isinstance(error, SyntaxError):
        return "it is not an arithmetic expression"
    return str(error)
