"""Levels of measurement invariance: what is equal across groups at each, and what is then free to differ.

Of ordered indicators the latent responses are free to differ in location and scale as soon as thresholds are equal:
their intercepts and scales are free in later groups, while latent means wait until intercepts are equal (Wu & Estabrook
2016). Equal thresholds are a restriction only of items with four or more categories. Those of a binary item set either
its location or its scale, but not both: its thresholds, loadings and intercept can be tested together only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from surveysem.errors import UnsupportedError
from surveysem.modelling.ordinal_strict import strict_constraints
from surveysem.specification import SEM_DEFAULTS, ParameterTable, Statement, parameter_table
from surveysem.specification.statements import Modifiers

LEVELS: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
"""What is equal across groups at each level."""

ORDERED_LEVELS: Mapping[str, tuple[str, ...]] = {
    "configural": (),
    "thresholds": ("thresholds",),
    "metric": ("thresholds", "loadings"),
    "scalar": ("thresholds", "loadings", "intercepts"),
    "strict": ("thresholds", "loadings", "intercepts", "residuals"),
}
"""The same with ordered indicators, whose residual variances follow from other parameters."""


@dataclass(frozen=True, kw_only=True)
class InvarianceLevel:
    """One level as a model of all groups.

    Parameters
    ----------
    name : str
        Of the level.
    equal, partial : tuple of str
        Kinds of parameters equal across groups, and parameters freed from that.
    statements : tuple of Statement
        What is added to the measurement model: scales, intercepts and means that are fixed or free by group.
    """

    name: str
    equal: tuple[str, ...]
    partial: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()

    def model_of(self, statements: Sequence[Statement]) -> tuple[Statement, ...]:
        """The measurement model at this level: what the level says of a parameter takes the place of what is written.

        Parameters
        ----------
        statements : sequence of Statement
            The measurement model as written.
        """
        own = {_subject(each): each for each in self.statements}
        kept = [own.pop(_subject(each), each) for each in statements]
        return (*kept, *own.values())


def _subject(statement: Statement) -> tuple[str, str, str]:
    lhs, op, rhs = statement.lhs, statement.op, statement.rhs
    return (min(lhs, rhs), op, max(lhs, rhs)) if op == "~~" else (lhs, op, rhs)


def invariance_levels(
    table: ParameterTable, statements: Sequence[Statement], partial: Sequence[str] | str = ()
) -> tuple[InvarianceLevel, ...]:
    """Levels of a measurement model, the configural one first.

    Parameters
    ----------
    table : ParameterTable
        The configural model.
    statements : sequence of Statement
        The measurement model as written.
    partial : sequence of str, or str
        Parameters freed from equality at every level.

    References
    ----------
    wu_estabrook_2016
    """
    freed = tuple("".join(name.split()) for name in ((partial,) if isinstance(partial, str) else partial))
    if not table.ordered:
        return tuple(InvarianceLevel(name=name, equal=equal, partial=freed) for name, equal in LEVELS.items())
    kept = tuple(name for name in freed if name not in {f"{item}~~{item}" for item in table.ordered})
    items = _Items.of(table, statements, kept)
    levels = [_ordered_level(name, items, kept) for name in ORDERED_LEVELS if name != "strict"]
    strict = strict_constraints(_table(table, levels[-1], statements), freed)
    if strict is not None:
        levels.append(_strict_level(levels[-1], strict))
    return tuple(levels)


def _table(configural: ParameterTable, level: InvarianceLevel, statements: Sequence[Statement]) -> ParameterTable:
    """A level as a parameter table."""
    thresholds = Counter(row.lhs for row in configural if row.op == "|" and row.group == 1)
    return parameter_table(
        level.model_of(statements),
        SEM_DEFAULTS,
        n_groups=configural.n_groups,
        means=True,
        equal=level.equal,
        partial=level.partial,
        categories={name: count + 1 for name, count in thresholds.items()},
    )


def _strict_level(scalar: InvarianceLevel, added: Sequence[Statement]) -> InvarianceLevel:
    """The scalar level with constraints on the residual variances of ordered items."""
    scaled = {each.lhs for each in added if each.op == "~*~"}
    kept = tuple(each for each in scalar.statements if not (each.op == "~*~" and each.lhs in scaled))
    return InvarianceLevel(
        name="strict", equal=ORDERED_LEVELS["strict"], partial=scalar.partial, statements=(*kept, *added)
    )


def levels_up_to(levels: Sequence[InvarianceLevel], last: str | None) -> tuple[InvarianceLevel, ...]:
    """The levels up to one of them; all without one.

    Raises
    ------
    UnsupportedError
        When there is no such level beyond the configural one.

    Examples
    --------
    >>> levels = [InvarianceLevel(name=name, equal=equal) for name, equal in LEVELS.items()]
    >>> [level.name for level in levels_up_to(levels, "metric")]
    ['configural', 'metric']
    """
    names = [level.name for level in levels]
    if last is None:
        return tuple(levels)
    if last not in names[1:]:
        raise UnsupportedError(f"up_to={last!r} is no level of this model. Available: {', '.join(names[1:])}.")
    return tuple(levels[: names.index(last) + 1])


@dataclass(frozen=True, kw_only=True)
class _Items:
    """What the levels of a model with ordered indicators depend on.

    Parameters
    ----------
    n_groups : int
        Number of groups.
    latent : tuple of str
        Latent variables.
    thresholds : Mapping of str to int
        Number of thresholds held equal, of each ordered item.
    loadings : Mapping of str to tuple of str
        Latent variables on which each ordered item's loading is held equal once its scale can be told.
    unscaled : tuple of str
        Loadings on latent variables whose scale in later groups cannot be told before intercepts are equal.
    written : frozenset of (str, str)
        Left side and operator of what the author says himself.
    """

    n_groups: int
    latent: tuple[str, ...]
    thresholds: Mapping[str, int]
    loadings: Mapping[str, tuple[str, ...]]
    unscaled: tuple[str, ...]
    written: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, table: ParameterTable, statements: Sequence[Statement], freed: Sequence[str]) -> _Items:
        rows = [row for row in table.parameters if row.group == 1]
        held = [row for row in rows if row.name not in freed]
        counts = Counter(row.lhs for row in held if row.op == "|")
        equal = [row for row in held if row.op == "=~"]
        measured = {row.lhs for row in equal if row.rhs not in table.ordered or counts[row.rhs] > 1}
        return cls(
            n_groups=table.n_groups,
            latent=table.latent,
            thresholds={name: counts[name] for name in table.ordered},
            loadings={name: tuple(row.lhs for row in equal if row.rhs == name) for name in table.ordered},
            unscaled=tuple(row.name for row in rows if row.op == "=~" and row.lhs not in measured),
            written=frozenset((each.lhs, each.op) for each in statements),
        )

    def scale_is_free(self, name: str, level: str) -> bool:
        """Whether the scale of a latent response can differ: two thresholds tell it, or an equal loading."""
        if self.thresholds[name] > 1:
            return True
        told = {"thresholds": (), "metric": self._scaled(name), "scalar": self.loadings[name]}
        return bool(told[level])

    def _scaled(self, name: str) -> tuple[str, ...]:
        return tuple(latent for latent in self.loadings[name] if f"{latent}=~{name}" not in self.unscaled)


def _ordered_level(name: str, items: _Items, freed: tuple[str, ...]) -> InvarianceLevel:
    if name == "configural":
        return InvarianceLevel(name=name, equal=())
    before_scalar = name != "scalar"
    added = [_same_in_all(latent, "~1", 0.0, items.n_groups) for latent in items.latent if before_scalar]
    for item, n_thresholds in items.thresholds.items():
        intercept = n_thresholds > 0 and (before_scalar or f"{item}~1" in freed)
        added.append(_differing(item, "~1", 0.0, items.n_groups, free=intercept))
        added.append(_differing(item, "~*~", 1.0, items.n_groups, free=items.scale_is_free(item, name)))
    return InvarianceLevel(
        name=name,
        equal=ORDERED_LEVELS[name],
        partial=(*freed, *(items.unscaled if name == "metric" else ())),
        statements=tuple(each for each in added if (each.lhs, each.op) not in items.written),
    )


def _same_in_all(name: str, operator: str, value: float, n_groups: int) -> Statement:
    return _differing(name, operator, value, n_groups, free=False)


def _differing(name: str, operator: str, value: float, n_groups: int, *, free: bool) -> Statement:
    """Fixed in the first group; free in the others, or the same there."""
    fixed = Modifiers(value=value)
    later = Modifiers(freed=True) if free else fixed
    by_group = (fixed, *([later] * (n_groups - 1)))
    if operator == "~1":
        return Statement(lhs=name, op="~1", rhs="", by_group=by_group)
    return Statement(lhs=name, op="~*~", rhs=name, by_group=by_group)
