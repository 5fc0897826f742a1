"""Constraints as functions of the free parameters, with their derivatives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from surveysem.errors import ModelSyntaxError, Problem
from surveysem.specification import Parameter, ParameterTable
from surveysem.specification.expansions import Expansion, Operand, expand, variables
from surveysem.specification.expressions import evaluate_stack, flaw, names_in
from surveysem.typing import FloatArray

_STRAIGHT = 1e-12
"""Second derivatives, relative to the first, that are rounding."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Equation:
    """Left side less right side of one constraint, a function of *k* labelled parameters.

    Parameters
    ----------
    row : Parameter
        The constraint, of any operator.
    labels : tuple of str
        Free parameters it depends on, *k* of them.
    positions : tuple of int
        Their places in θ.
    constants : Mapping of str to float
        Labelled parameters that are fixed.
    definitions : tuple of (str, str)
        Defined quantities it is written with, as name and formula, in an order in which they can be computed.
    """

    row: Parameter
    labels: tuple[str, ...]
    positions: tuple[int, ...]
    constants: Mapping[str, float] = field(default_factory=dict)
    definitions: tuple[tuple[str, str], ...] = ()

    @property
    def written(self) -> str:
        """The constraint as its author wrote it."""
        return f"{self.row.lhs} {self.row.op} {self.row.rhs}"

    @property
    def defines(self) -> int | None:
        """Place in θ of the parameter that stands alone on one side and not on the other; None where there is none."""
        for alone, other in ((self.row.lhs, self.row.rhs), (self.row.rhs, self.row.lhs)):
            if alone.strip() in self.labels and alone.strip() not in names_in(other) and not self.definitions:
                return self.positions[self.labels.index(alone.strip())]
        return None

    def expanded(self, theta: FloatArray) -> tuple[Expansion, float]:
        """The difference of the sides with its derivatives by the *k* parameters at *theta* (q,), and its size.

        The size is what a rounding error of the difference is measured by.
        """
        at = theta[list(self.positions)]
        known: dict[str, Operand] = {**self.constants, **variables(self.labels, at)}
        for name, formula in self.definitions:
            known[name] = expand(formula, known)
        left, right = (self._side(expand(side, known)) for side in (self.row.lhs, self.row.rhs))
        with np.errstate(all="ignore"):  # what is not finite is judged by those who asked
            difference = left - right
            return difference, float(np.abs(difference.gradient) @ np.abs(at)) + abs(left.value) + abs(right.value)

    def _side(self, found: Operand) -> Expansion:
        """A side that may depend on no parameter."""
        if isinstance(found, Expansion):
            return found
        k = len(self.labels)
        return Expansion(value=0.0, gradient=np.zeros(k), hessian=np.zeros((k, k))) + found

    def at_each(self, thetas: FloatArray) -> FloatArray:
        """The difference at each of *b* points (b, q), of shape (b,); NaN where it is no real number."""
        known = {name: np.full(len(thetas), value) for name, value in self.constants.items()}
        known |= {label: thetas[:, at] for label, at in zip(self.labels, self.positions, strict=True)}
        for name, formula in self.definitions:
            known[name] = evaluate_stack(formula, known)
        return evaluate_stack(f"({self.row.lhs}) - ({self.row.rhs})", known)

    def coefficients(self, difference: Expansion, n_free: int) -> FloatArray:
        """First derivatives by all free parameters, of shape (q,)."""
        spread = np.zeros(n_free)
        np.add.at(spread, list(self.positions), difference.gradient)
        return spread

    @cached_property
    def is_linear(self) -> bool:
        """Whether it has one gradient and no second derivatives at 0 and at points chosen at random around it."""
        n_free = max(self.positions, default=-1) + 1
        points = np.random.default_rng(0).uniform(0.5, 1.5, (2, n_free))
        found = [self.expanded(point)[0] for point in (np.zeros(n_free), points[0], -points[1])]
        slope = found[0].gradient
        rounding = _STRAIGHT * np.abs(slope).sum()
        with np.errstate(invalid="ignore"):
            bent = [np.abs(each.hessian).sum() + np.abs(each.gradient - slope).sum() for each in found]
        return all(each <= rounding for each in bent)


def constraint_equations(table: ParameterTable, rows: Iterable[Parameter]) -> tuple[Equation, ...]:
    """Constraints of a model as equations.

    Parameters
    ----------
    table : ParameterTable
        The model.
    rows : iterable of Parameter
        Those of its rows that are wanted.

    Raises
    ------
    ModelSyntaxError
        Lists every constraint that is not arithmetic of labels and defined quantities.
    """
    rows = tuple(rows)
    labels = {row.label: row for row in table.parameters if row.label}
    known = [*labels, *(row.lhs for row in table.definitions)]
    problems = [problem for row in rows for problem in _flaws(row, known)]
    if problems:
        raise ModelSyntaxError("A constraint cannot be understood.", problems)
    return tuple(_equation(row, labels, table.definitions) for row in rows)


def _equation(row: Parameter, labels: Mapping[str, Parameter], definitions: Sequence[Parameter]) -> Equation:
    names = list(names_in(f"({row.lhs}) - ({row.rhs})"))
    used = []
    for definition in reversed(definitions):
        if definition.lhs in names:
            used.append((definition.lhs, definition.rhs))
            names += [name for name in names_in(definition.rhs) if name not in names]
    free = tuple(name for name in names if name in labels and labels[name].free)
    return Equation(
        row=row,
        labels=free,
        positions=tuple(labels[name].free - 1 for name in free),
        constants={name: labels[name].value or 0.0 for name in names if name in labels and name not in free},
        definitions=tuple(reversed(used)),
    )


def _flaws(row: Parameter, known: Sequence[str]) -> list[Problem]:
    """What keeps each side from being computed."""
    remedy = f"Label the parameter, or use one of: {', '.join(known) or 'no label is given'}."
    found = [
        flaw(side, dict.fromkeys(known, 1.0 + 0j)) or ("" if names_in(side) else _not_a_number(side))
        for side in (row.lhs, row.rhs)
    ]
    where = f"{row.lhs} {row.op} {row.rhs}"
    return [Problem(where=where, found=each, remedy=remedy) for each in dict.fromkeys(found) if each]


def _not_a_number(side: str) -> str:
    value = expand(side, {})
    assert not isinstance(value, Expansion)
    return "" if np.isfinite(value) and value.imag == 0.0 else f"{side} is no real number"
