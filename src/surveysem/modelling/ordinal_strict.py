"""Strict invariance of ordered items: equal residual variances of latent responses, written as constraints.

Residual variances are no parameters here: that of item *j* in group *g* is 1/δ² − Σ λ λ φ, with the scale δ of its
latent response, its loadings λ and the covariances φ of its latent variables in that group. Strict invariance sets it
to that of the first group, so that δ follows from the other parameters. The model is the one in which residual
variances are parameters and fixed to 1 in all groups (lavaan's ``parameterization = "theta"``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from surveysem.specification import Parameter, ParameterTable, Statement
from surveysem.specification.statements import Modifiers

_Key = tuple[str, str, str]


def strict_constraints(table: ParameterTable, freed: Sequence[str] = ()) -> tuple[Statement, ...] | None:
    """Statements that make the residual variances of ordered items equal across groups; None where that cannot be.

    Parameters
    ----------
    table : ParameterTable
        The scalar level, all groups.
    freed : sequence of str
        Items whose residual variance may differ, as ``"x1~~x1"``.

    Returns
    -------
    tuple of Statement or None
        Labels of the parameters involved, and constraints; None for models in which covariances of latent variables are
        no parameters (a second order, paths), or in which no item's residual variance could differ.

    References
    ----------
    wu_estabrook_2016
    """
    latent = set(table.latent)
    rows = [row for row in table if row.op in ("=~", "~") and row.group == 1]
    if any(row.op == "~" or row.rhs in latent for row in rows):
        return None
    names = _Names(table=table)
    constraints = [
        constraint
        for item in table.ordered
        if f"{item}~~{item}" not in freed
        for group in range(2, table.n_groups + 1)
        for constraint in _equal_residual(names, item, group)
    ]
    return (*names.statements(), *constraints) if constraints else None


def _equal_residual(names: _Names, item: str, group: int) -> Iterator[Statement]:
    scale = names.row((item, "~*~", item), group)
    if scale is None or not scale.free:
        return
    explained = [names.explained(item, each) for each in (group, 1)]
    written = f"1/sqrt(1 + {explained[0]} - ({explained[1]}))"
    yield Statement(lhs=names.of((item, "~*~", item), group), op="==", rhs=written)


@dataclass(frozen=True, kw_only=True)
class _Names:
    """Labels given to the free parameters of a model, so that constraints can speak of them.

    Parameters
    ----------
    table : ParameterTable
        The model.
    used : dict of key to None
        Parameters that were asked for.
    """

    table: ParameterTable
    used: dict[_Key, None] = field(default_factory=dict)

    def row(self, key: _Key, group: int) -> Parameter | None:
        return self._rows.get((_sorted(key), group))

    @property
    def _rows(self) -> Mapping[tuple[_Key, int], Parameter]:
        return {(_sorted((row.lhs, row.op, row.rhs)), row.group): row for row in self.table}

    def of(self, key: _Key, group: int) -> str:
        """A parameter in a formula: its label, or its value where it is fixed; 0 where there is none."""
        row = self.row(key, group)
        if row is None:
            return "0"
        if not row.free:
            return repr(float(row.value or 0.0))
        self.used[_sorted(key)] = None
        return row.label or f"strict_{row.free}"

    def explained(self, item: str, group: int) -> str:
        """Variance of a latent response that its latent variables explain."""
        measuring = [name for name in self.table.latent if self.row((name, "=~", item), group) is not None]
        loadings = {name: self.of((name, "=~", item), group) for name in measuring}
        terms = [f"{loadings[name]}^2*{self.of((name, '~~', name), group)}" for name in measuring]
        terms += [
            f"2*{loadings[a]}*{loadings[b]}*{self.of((a, '~~', b), group)}" for a, b in combinations(measuring, 2)
        ]
        return " + ".join(terms)

    def statements(self) -> Iterator[Statement]:
        """The parameters asked for, with their labels."""
        for key in self.used:
            by_group = tuple(self._modifiers(key, group) for group in range(1, self.table.n_groups + 1))
            lhs, op, rhs = key
            yield Statement(lhs=lhs, op=op, rhs=rhs, by_group=by_group)  # type: ignore[arg-type]

    def _modifiers(self, key: _Key, group: int) -> Modifiers:
        row = self.row(key, group)
        if row is None or not row.free:
            return Modifiers(value=None if row is None else row.value)
        return Modifiers(label=row.label or f"strict_{row.free}", freed=True)


def _sorted(key: _Key) -> _Key:
    lhs, op, rhs = key
    return (min(lhs, rhs), op, max(lhs, rhs)) if op == "~~" else key
