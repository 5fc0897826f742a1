"""Statements under construction: parameters found or added, labelled where a formula needs them, tied to formulas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from surveysem.specification.defaults import Defaults
from surveysem.specification.parameters import EXPRESSIONS, Operator
from surveysem.specification.statements import Modifiers, Statement

Key: TypeAlias = tuple[str, Operator, str]


@dataclass(frozen=True, kw_only=True)
class Monomial:
    """A number times labels."""

    factor: float
    labels: tuple[str, ...] = ()

    def __mul__(self, other: Monomial) -> Monomial:
        return Monomial(factor=self.factor * other.factor, labels=(*self.labels, *other.labels))


Polynomial: TypeAlias = tuple[Monomial, ...]
"""A sum of monomials."""


def polynomial(monomials: Iterable[Monomial]) -> Polynomial:
    """The sum, equal monomials collected and those that are 0 left out.

    Examples
    --------
    >>> a = Monomial(factor=1.0, labels=("a",))
    >>> polynomial([a, a, Monomial(factor=0.0)])
    (Monomial(factor=2.0, labels=('a',)),)
    """
    collected: dict[tuple[str, ...], float] = {}
    for each in monomials:
        labels = tuple(sorted(each.labels))
        collected[labels] = collected.get(labels, 0.0) + each.factor
    return tuple(Monomial(factor=factor, labels=labels) for labels, factor in collected.items() if factor)


def written(formula: Polynomial) -> str:
    """A polynomial as text.

    Examples
    --------
    >>> written((Monomial(factor=2.0, labels=("a", "a")), Monomial(factor=1.0, labels=("b",))))
    '2*a*a + b'
    """
    return " + ".join(_term(each) for each in formula)


def _term(each: Monomial) -> str:
    number = [] if each.factor == 1.0 and each.labels else [_number(each.factor)]
    return "*".join([*number, *each.labels])


def _number(value: float) -> str:
    text = str(int(value)) if value.is_integer() else repr(value)
    return f"({text})" if value < 0 else text


class ModelDraft:
    """A model's statements while parameters are added to it.

    Parameters
    ----------
    statements : sequence of Statement
        The model as written.
    defaults : Defaults
        What will be added to it later, which decides what is fixed.
    n_groups : int
        Number of groups; labels given here differ between them.
    """

    def __init__(self, statements: Sequence[Statement], defaults: Defaults, *, n_groups: int = 1) -> None:
        self.defaults = defaults
        self.n_groups = n_groups
        self.has_new_labels = False
        parameters = [each for each in statements if each.op not in EXPRESSIONS]
        self._expressions = [each for each in statements if each.op in EXPRESSIONS]
        self._rows = {_key(each.lhs, each.op, each.rhs): each for each in parameters}
        self._n_written = len(self._rows)
        self._labels = {each.in_group(group, n_groups).label for each in parameters for group in range(n_groups)}

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The model: loadings added after those written, the rest added after all, definitions and constraints last."""
        rows = list(self._rows.values())
        before, added = rows[: self._n_written], rows[self._n_written :]
        at = max((place for place, row in enumerate(before, start=1) if row.op == "=~"), default=0)
        loadings = [row for row in added if row.op == "=~"]
        others = [row for row in added if row.op != "=~"]
        return (*before[:at], *loadings, *before[at:], *others, *self._expressions)

    def has(self, lhs: str, op: Operator, rhs: str) -> bool:
        """Whether a parameter stands in the model."""
        return _key(lhs, op, rhs) in self._rows

    def add(self, lhs: str, op: Operator, rhs: str, *, value: float | None = None, freed: bool = False) -> None:
        """Add a parameter, unless its author wrote it."""
        self._rows.setdefault(_key(lhs, op, rhs), Statement(lhs=lhs, op=op, rhs=rhs, value=value, freed=freed))

    def terms(self, lhs: str, op: Operator, rhs: str, name: str) -> tuple[Monomial, ...]:
        """A parameter in each group, for use in formulas: its fixed value, or its label, given here if it has none."""
        row = self._rows.get(_key(lhs, op, rhs))
        fixed = [self.fixed_value(lhs, op, rhs, group) for group in range(self.n_groups)]
        if row is None and fixed == [0.0] * self.n_groups:
            return (Monomial(factor=0.0),) * self.n_groups
        row = row or Statement(lhs=lhs, op=op, rhs=rhs)
        states = [row.in_group(group, self.n_groups) for group in range(self.n_groups)]
        labels = [
            state.label or (self._new_label(name, group) if value is None else "")
            for group, (state, value) in enumerate(zip(states, fixed, strict=True))
        ]
        self._write(row, [replace(state, label=label) for state, label in zip(states, labels, strict=True)])
        return tuple(
            Monomial(factor=1.0, labels=(label,)) if value is None else Monomial(factor=value)
            for label, value in zip(labels, fixed, strict=True)
        )

    def equate(
        self, lhs: str, op: Operator, rhs: str, formulas: Sequence[Polynomial], name: str, *, share: bool = True
    ) -> None:
        """Make a parameter equal to a formula in each group, unless its author wrote it.

        A formula without labels fixes it, a single label is shared with it, and any other becomes a constraint; a
        single label too if it is not to be shared, so that it is seen to set a scale.
        """
        if _key(lhs, op, rhs) in self._rows:
            return
        row = Statement(lhs=lhs, op=op, rhs=rhs)
        self._write(row, [self._equated(row, formula, name, group, share) for group, formula in enumerate(formulas)])

    def fixed_value(self, lhs: str, op: Operator, rhs: str, group: int) -> float | None:
        """Value a parameter is fixed to in one group, by its author or by default; None where it is free."""
        row = self._rows.get(_key(lhs, op, rhs))
        state = row.in_group(group, self.n_groups) if row else Statement(lhs=lhs, op=op, rhs=rhs)
        if state.value is not None:
            return state.value
        return None if state.freed else self._default_value(lhs, op, rhs, is_written=row is not None)

    def _default_value(self, lhs: str, op: Operator, rhs: str, *, is_written: bool) -> float | None:
        """What :func:`~surveysem.specification.defaults.parameter_table` will fix it to."""
        loadings = [row for row in self._rows.values() if row.op == "=~"]
        of_lhs = [row.rhs for row in loadings if row.lhs == lhs]
        if op == "=~":
            is_marker = self.defaults.fix_first and not self.defaults.standardize_latent and [*of_lhs, rhs][0] == rhs
            return 1.0 if is_marker else None
        if op == "~~" and lhs == rhs and of_lhs:
            return 1.0 if self.defaults.standardize_latent else None
        if op == "~~" and lhs == rhs and not is_written and self.defaults.fix_single:
            measured = [row.lhs for row in loadings if row.rhs == lhs]
            is_single = len(measured) == 1 and sum(row.lhs == measured[0] for row in loadings) == 1
            return 0.0 if is_single else None
        if op == "~~" and lhs != rhs and not is_written:
            return None if self.defaults.exogenous_covariances else 0.0
        return None

    def _equated(self, row: Statement, formula: Polynomial, name: str, group: int, share: bool) -> Statement:
        freed = self._default_value(row.lhs, row.op, row.rhs, is_written=True) is not None
        if not formula or formula == (Monomial(factor=formula[0].factor),):
            return replace(row, value=formula[0].factor if formula else 0.0)
        if share and len(formula) == 1 and formula[0].factor == 1.0 and len(formula[0].labels) == 1:
            return replace(row, label=formula[0].labels[0], freed=freed)
        label = self._new_label(name, group)
        self._expressions.append(Statement(lhs=label, op="==", rhs=written(formula)))
        return replace(row, label=label, freed=freed)

    def _write(self, row: Statement, states: Sequence[Statement]) -> None:
        """One statement for all groups, with modifiers for each where they differ."""
        if all(state == states[0] for state in states):
            merged = states[0]
        else:
            modifiers = [
                Modifiers(label=state.label, value=state.value, freed=state.freed, start=state.start)
                for state in states
            ]
            merged = Statement(lhs=row.lhs, op=row.op, rhs=row.rhs, by_group=tuple(modifiers))
        self._rows[_key(row.lhs, row.op, row.rhs)] = merged

    def _new_label(self, name: str, group: int) -> str:
        label = name if self.n_groups == 1 else f"{name}.g{group + 1}"
        while label in self._labels:
            label += "_"
        self._labels.add(label)
        self.has_new_labels = True
        return label


def _key(lhs: str, op: Operator, rhs: str) -> Key:
    return (rhs, op, lhs) if op == "~~" and rhs < lhs else (lhs, op, rhs)
