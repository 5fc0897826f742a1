"""The parameter table: one row a parameter, in lavaan's ``lhs op rhs`` notation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pandas as pd

Operator: TypeAlias = Literal["=~", "~", "~~", ":="]


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One row of a parameter table.

    Parameters
    ----------
    lhs, op, rhs : str
        ``latent =~ indicator``, ``outcome ~ predictor``, ``a ~~ b`` or ``name := expression``.
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
    """

    lhs: str
    op: Operator
    rhs: str
    free: int = 0
    label: str = ""
    value: float | None = None
    start: float | None = None
    exogenous: bool = False
    user: bool = True

    @property
    def name(self) -> str:
        """``lhs op rhs`` in one word, as in lavaan's ``coef()``."""
        return f"{self.lhs}{self.op}{self.rhs}"


@dataclass(frozen=True, kw_only=True)
class ParameterTable:
    """All parameters of a model, free, fixed and defined.

    Parameters
    ----------
    rows : tuple of Parameter
        In the order of lavaan: as written, then variances, then covariances, definitions last.
    observed : tuple of str
        Observed variables, *p* of them, in the order of the sample moments.
    latent : tuple of str
        Latent variables in order of appearance.

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

    def __iter__(self) -> Iterator[Parameter]:
        return iter(self.rows)

    @property
    def n_free(self) -> int:
        """Number of distinct free parameters, *q*."""
        return max((row.free for row in self.rows), default=0)

    @property
    def degrees_of_freedom(self) -> int:
        """Sample moments that the model explains less its free parameters.

        Moments among observed exogenous variables are data, not explained, and are not counted.
        """
        p = len(self.observed)
        n_exogenous_moments = sum(row.exogenous for row in self.rows)
        return p * (p + 1) // 2 - n_exogenous_moments - self.n_free

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
        return tuple(row.rhs for row in self.rows if row.op == "=~" and row.lhs == latent_variable)

    def predictors_of(self, outcome: str) -> tuple[str, ...]:
        """Predictors in the regression of one outcome, in order; empty where there is none."""
        return tuple(row.rhs for row in self.rows if row.op == "~" and row.lhs == outcome)

    def to_frame(self) -> pd.DataFrame:
        """The table as a DataFrame with lavaan's column names ``lhs op rhs free label``, and ``value``."""
        columns = ["lhs", "op", "rhs", "free", "label", "value", "start", "exogenous", "user"]
        cells = [[getattr(row, column) for column in columns] for row in self.rows]
        return pd.DataFrame(cells, columns=columns).astype({"value": float, "start": float})
