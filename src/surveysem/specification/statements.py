"""Statements: a model as its author wrote it, before defaults are added."""

from __future__ import annotations

from dataclasses import dataclass

from surveysem.specification.parameters import Operator


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One term of a model formula.

    Parameters
    ----------
    lhs, op, rhs : str
        As in lavaan; for ``:=`` the right-hand side is an expression.
    label : str
        Name of the parameter; rows with one label are equal.
    value : float or None
        Value it is fixed to.
    freed : bool
        ``NA*``: free although a default would fix it.
    start : float or None
        Start value.
    """

    lhs: str
    op: Operator
    rhs: str
    label: str = ""
    value: float | None = None
    freed: bool = False
    start: float | None = None
