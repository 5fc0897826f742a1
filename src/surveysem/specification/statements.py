"""Statements: a model as its author wrote it, before defaults are added."""

from __future__ import annotations

from dataclasses import dataclass, replace

from surveysem.errors import ModelSyntaxError, Problem
from surveysem.specification.parameters import Operator


@dataclass(frozen=True, kw_only=True)
class Modifiers:
    """What an author says of a parameter in one group; see :class:`Statement`."""

    label: str = ""
    value: float | None = None
    freed: bool = False
    start: float | None = None


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One term of a model formula.

    Parameters
    ----------
    lhs, op, rhs : str
        As in lavaan; for ``:=``, ``==``, ``<`` and ``>`` both sides are, or may be, expressions.
    label : str
        Name of the parameter; rows with one label are equal.
    value : float or None
        Value it is fixed to.
    freed : bool
        ``NA*``: free although a default would fix it.
    start : float or None
        Start value.
    by_group : tuple of Modifiers
        One for each group, where they differ (``c(a, b)*x``); empty where they do not.
    """

    lhs: str
    op: Operator
    rhs: str
    label: str = ""
    value: float | None = None
    freed: bool = False
    start: float | None = None
    by_group: tuple[Modifiers, ...] = ()

    def in_group(self, group: int, n_groups: int) -> Statement:
        """The statement as it stands in one group, counted from 0.

        Raises
        ------
        ModelSyntaxError
            When modifiers are given for another number of groups.
        """
        if not self.by_group:
            return self
        if len(self.by_group) != n_groups:
            given = f"{len(self.by_group)} modifiers for {n_groups} group{'s' if n_groups > 1 else ''}"
            where = f"{self.lhs} {self.op} {self.rhs}"
            remedy = "Give one modifier for each group in c(…)."
            raise ModelSyntaxError(
                "The model syntax does not fit the groups.", [Problem(where=where, found=given, remedy=remedy)]
            )
        mine = self.by_group[group]
        return replace(self, label=mine.label, value=mine.value, freed=mine.freed, start=mine.start, by_group=())
