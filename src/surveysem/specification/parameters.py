"""The parameter table: one row a parameter, in lavaan's ``lhs op rhs`` notation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import pandas as pd

Operator: TypeAlias = Literal["=~", "~", "~~", "~1", "|", "~*~", ":=", "==", "<", ">"]

EXPRESSIONS: frozenset[str] = frozenset({":=", "==", "<", ">"})
"""Operators whose rows are no parameters: definitions and constraints."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One row of a parameter table.

    Parameters
    ----------
    lhs, op, rhs : str
        ``latent =~ indicator``, ``outcome ~ predictor``, ``a ~~ b``, ``a ~1`` (intercept or mean), ``item | t1``
        (threshold), ``item ~*~ item`` (scale of the latent response), ``name := expression`` or a constraint.
    group : int
        Group from 1; 0 for definitions and constraints.
    free : int
        Number of the free parameter, from 1; rows with one number are equal; 0 is fixed.
    label : str
        Name given by the author; empty if none.
    value : float or None
        Value of a fixed parameter; None for free ones and for moments taken from the sample.
    start : float or None
        Start value given by the author.
    exogenous : bool
        A moment of observed exogenous variables, fixed to its sample value (lavaan's ``fixed.x``).
    user : bool
        Written by the author, as against added by default.
    determined : bool
        The residual variance of an ordered item, which follows from the scale of its latent response.
    """

    lhs: str
    op: Operator
    rhs: str
    group: int = 1
    free: int = 0
    label: str = ""
    value: float | None = None
    start: float | None = None
    exogenous: bool = False
    user: bool = True
    determined: bool = False

    @property
    def name(self) -> str:
        """``lhs op rhs`` in one word, as in lavaan's ``coef()``; groups after the first are marked ``.g2`` …"""
        suffix = f".g{self.group}" if self.group > 1 else ""
        return f"{self.lhs}{self.op}{self.rhs}{suffix}"


@dataclass(frozen=True, kw_only=True)
class ParameterTable:
    """All parameters of a model, free, fixed and defined.

    Parameters
    ----------
    rows : tuple of Parameter
        Group by group, in the order of lavaan: as written, then variances, covariances, intercepts; definitions and
        constraints last.
    observed : tuple of str
        Observed variables, *p* of them, in the order of the sample moments.
    latent : tuple of str
        Latent variables in order of appearance.
    n_groups : int
        Number of groups, *g*.

    Examples
    --------
    >>> from surveysem.specification import parse_syntax, parameter_table
    >>> table = parameter_table(parse_syntax("f =~ a + b + c"))
    >>> table.n_free, table.observed
    (6, ('a', 'b', 'c'))
    """

    rows: tuple[Parameter, ...]
    observed: tuple[str, ...]
    latent: tuple[str, ...]
    n_groups: int = 1

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.rows)

    def in_group(self, group: int) -> ParameterTable:
        """Rows of one group, counted from 1, without definitions and constraints; numbers stay those of the whole."""
        return replace(self, rows=tuple(row for row in self.rows if row.group == group))

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Rows that are parameters: neither definitions nor constraints."""
        return tuple(row for row in self.rows if row.op not in EXPRESSIONS)

    @property
    def definitions(self) -> tuple[Parameter, ...]:
        """Rows that define quantities (``:=``)."""
        return tuple(row for row in self.rows if row.op == ":=")

    @property
    def constraints(self) -> tuple[Parameter, ...]:
        """Rows that constrain parameters (``==``, ``<``, ``>``)."""
        return tuple(row for row in self.rows if row.op in ("==", "<", ">"))

    @property
    def products(self) -> Mapping[str, tuple[str, str]]:
        """Products of latent variables among the predictors, by name, with their two factors."""
        named = {row.rhs: row.rhs.split(":") for row in self.rows if row.op == "~" and ":" in row.rhs}
        return {name: (parts[0], parts[1]) for name, parts in named.items() if name not in self.observed}

    @property
    def has_means(self) -> bool:
        """Whether the model has a mean structure; with thresholds it always has."""
        return any(row.op in ("~1", "|") for row in self.rows)

    @property
    def ordered(self) -> tuple[str, ...]:
        """Observed variables with thresholds."""
        names = {row.lhs for row in self.rows if row.op == "|"}
        return tuple(name for name in self.observed if name in names)

    @property
    def n_free(self) -> int:
        """Number of distinct free parameters, *q*, constraints not yet counted."""
        return max((row.free for row in self.rows), default=0)

    @property
    def n_moments(self) -> int:
        """Sample moments that the model explains, over all groups.

        Moments among observed exogenous variables are data, not explained, and are not counted. Ordered variables
        have thresholds instead of a mean and a variance.
        """
        p = len(self.observed)
        n_continuous = p - len(self.ordered)
        in_each = p * (p - 1) // 2 + n_continuous * (2 if self.has_means else 1)
        n_thresholds = sum(row.op == "|" for row in self.rows)
        return self.n_groups * in_each + n_thresholds - sum(row.exogenous for row in self.rows)

    @property
    def degrees_of_freedom(self) -> int:
        """Sample moments less free parameters; equality constraints written as formulas add one each."""
        return self.n_moments - self.n_free + sum(row.op == "==" for row in self.rows)

    @property
    def free_names(self) -> tuple[str, ...]:
        """Name of each free parameter, *q* of them: its first row's label, else ``lhs op rhs``."""
        names: dict[int, str] = {}
        for row in self.rows:
            if row.free:
                names.setdefault(row.free, row.label or row.name)
        return tuple(names[number] for number in range(1, self.n_free + 1))

    @property
    def exogenous_observed(self) -> tuple[str, ...]:
        """Observed variables whose moments are taken from the sample."""
        names = {row.lhs for row in self.rows if row.exogenous}
        return tuple(name for name in self.observed if name in names)

    def indicators_of(self, latent_variable: str) -> tuple[str, ...]:
        """Indicators of one latent variable, in order; empty for an unknown name."""
        rows = (row.rhs for row in self.rows if row.op == "=~" and row.lhs == latent_variable)
        return tuple(dict.fromkeys(rows))

    def predictors_of(self, outcome: str) -> tuple[str, ...]:
        """Predictors in the regression of one outcome, in order; empty where there is none."""
        return tuple(dict.fromkeys(row.rhs for row in self.rows if row.op == "~" and row.lhs == outcome))

    def to_frame(self) -> pd.DataFrame:
        """The table as a DataFrame with lavaan's column names ``lhs op rhs group free label``, and ``value``."""
        columns = ["lhs", "op", "rhs", "group", "free", "label", "value", "start", "exogenous", "user"]
        cells = [[getattr(row, column) for column in columns] for row in self.rows]
        return pd.DataFrame(cells, columns=columns).astype({"value": float, "start": float})
