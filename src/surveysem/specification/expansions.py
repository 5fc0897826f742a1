"""Expressions with their first and second derivatives, by arithmetic on Taylor polynomials of the second order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from surveysem.specification.expressions import syntax_tree, value_of
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Expansion:
    """A quantity at a point, and its derivatives by *k* variables there.

    Parameters
    ----------
    value : float
        The quantity; NaN where it is no real number.
    gradient : array of shape (k,)
        First derivatives.
    hessian : array of shape (k, k)
        Second derivatives.
    """

    value: float
    gradient: FloatArray
    hessian: FloatArray

    def __add__(self, other: Operand) -> Expansion:
        if not isinstance(other, Expansion):
            return Expansion(value=self.value + _number(other), gradient=self.gradient, hessian=self.hessian)
        return Expansion(
            value=self.value + other.value,
            gradient=self.gradient + other.gradient,
            hessian=self.hessian + other.hessian,
        )

    def __mul__(self, other: Operand) -> Expansion:
        if not isinstance(other, Expansion):
            factor = _number(other)
            return Expansion(value=self.value * factor, gradient=self.gradient * factor, hessian=self.hessian * factor)
        crossed = self.gradient[:, None] * other.gradient
        return Expansion(
            value=self.value * other.value,
            gradient=self.value * other.gradient + other.value * self.gradient,
            hessian=self.value * other.hessian + other.value * self.hessian + crossed + crossed.T,
        )

    def __pow__(self, exponent: Operand) -> Expansion:
        if isinstance(exponent, Expansion):
            return _exp(exponent * _log(self))
        power = _number(exponent)
        derivatives = (
            self.value**power,
            _times_power(power, self.value, power - 1.0),
            _times_power(power * (power - 1.0), self.value, power - 2.0),
        )
        return self._through(*derivatives)

    def __rpow__(self, base: complex) -> Expansion:
        return _exp(self * np.log(_number(base)))

    def __neg__(self) -> Expansion:
        return self * -1.0

    def __pos__(self) -> Expansion:
        return self

    def __sub__(self, other: Operand) -> Expansion:
        return self + (-other)

    def __rsub__(self, other: complex) -> Expansion:
        return -self + other

    def __truediv__(self, other: Operand) -> Expansion:
        return self * (other**-1.0 if isinstance(other, Expansion) else np.float64(1.0) / _number(other))

    def __rtruediv__(self, other: complex) -> Expansion:
        return self**-1.0 * other

    __radd__ = __add__
    __rmul__ = __mul__

    def _through(self, value: float, first: float, second: float) -> Expansion:
        """A function of the quantity, by its value and derivatives there."""
        return Expansion(
            value=value,
            gradient=first * self.gradient,
            hessian=first * self.hessian + second * (self.gradient[:, None] * self.gradient),
        )


Operand: TypeAlias = Expansion | complex


def variables(names: Sequence[str], values: FloatArray) -> dict[str, Expansion]:
    """The *k* variables themselves at a point (k,), by name."""
    unit, flat = np.eye(len(names)), np.zeros((len(names), len(names)))
    return {
        name: Expansion(value=value, gradient=direction, hessian=flat)
        for name, value, direction in zip(names, values, unit, strict=True)
    }


def expand(expression: str, known: Mapping[str, Operand]) -> Operand:
    """An expression of expansions and numbers; a number where it depends on no variable.

    Parameters
    ----------
    expression : str
        Arithmetic of known names, without a :func:`~surveysem.specification.expressions.flaw`.
    known : Mapping of str to Expansion or number
        The names; the expansions in the same variables.

    Examples
    --------
    >>> found = expand("a^2 * b", variables(("a", "b"), np.array([2.0, 3.0])))
    >>> float(found.value), found.gradient.tolist(), found.hessian.tolist()
    (12.0, [12.0, 4.0], [[6.0, 4.0], [4.0, 0.0]])
    """
    try:
        with np.errstate(all="ignore"):
            found: Operand = value_of(syntax_tree(expression), known, _FUNCTIONS)
    except ArithmeticError:  # of numbers alone, such as 1/0
        return complex(np.nan)
    return found if isinstance(found, Expansion) else complex(found)


def _number(value: complex) -> np.float64:
    number = complex(value)
    return np.float64(number.real if number.imag == 0.0 else np.nan)


def _times_power(factor: float, base: float, exponent: float) -> float:
    """factor · base ^ exponent; 0 where the factor is, which 0 · 0⁻¹ would not be."""
    return 0.0 if factor == 0.0 else factor * np.float64(base) ** exponent


def _exp(argument: Operand) -> Expansion:
    assert isinstance(argument, Expansion)
    value = np.exp(argument.value)
    return argument._through(value, value, value)


def _log(argument: Expansion) -> Expansion:
    slope = np.float64(1.0) / argument.value
    return argument._through(np.log(argument.value), slope, -slope * slope)


def _of_either(expansion: Callable[[Expansion], Expansion], number: Callable[[Any], Any]) -> Callable[[Any], Operand]:
    return lambda argument: (
        expansion(argument) if isinstance(argument, Expansion) else complex(number(_number(argument)))
    )


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": _of_either(_exp, np.exp),
    "log": _of_either(_log, np.log),
    "sqrt": _of_either(lambda argument: argument**0.5, np.sqrt),
}
