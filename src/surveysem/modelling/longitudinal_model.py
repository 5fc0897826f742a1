"""The measurement model of one wave written out for all waves of one sample.

Waves are levels of the same ladder as groups, except that the persons are the same: what is equal, fixed or free at
each wave is that of a model with one group a wave; to it come the covariances across waves, of factors and of the
residuals of each item.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

from surveysem.errors import DataError, ModelSyntaxError, Problem
from surveysem.modelling.invariance_levels import InvarianceLevel
from surveysem.modelling.longitudinal_waves import WaveColumns
from surveysem.specification import SEM_DEFAULTS, Parameter, ParameterTable, Statement, parameter_table
from surveysem.specification.roles import variable_roles

_MEASUREMENT = ("=~", "~~", "~1", "|", "~*~")


@dataclass(frozen=True, kw_only=True)
class LongitudinalModel:
    """A measurement model of one wave, and the names its variables have at each.

    Parameters
    ----------
    statements : tuple of Statement
        The model of one wave.
    columns : Mapping of str to Mapping of str to str
        By wave the column of each item.
    categories : Mapping of str to int
        Number of categories of each ordered item.
    partial : tuple of str
        Parameters of one wave freed from equality.
    names : tuple of Mapping of str to str
        Made here: by wave the names of items and latent variables.

    Raises
    ------
    ModelSyntaxError, DataError
        List what cannot be repeated over waves, parameters to be freed that are not in the model, and columns that
        are named as a latent variable at a wave.
    """

    statements: tuple[Statement, ...]
    columns: WaveColumns
    categories: Mapping[str, int] = field(default_factory=dict)
    partial: tuple[str, ...] = ()
    names: tuple[Mapping[str, str], ...] = field(init=False)

    def __post_init__(self) -> None:
        latent = variable_roles(self.statements).latent
        names = tuple(
            {**by_item, **{name: f"{name}_{wave}" for name in latent}} for wave, by_item in self.columns.items()
        )
        object.__setattr__(self, "names", names)
        _check_names(latent, names)
        _check_partial(self.partial, self.by_wave(InvarianceLevel(name="configural", equal=())))

    def by_wave(self, level: InvarianceLevel) -> ParameterTable:
        """The waves as if they were groups: what is equal, fixed and free at one level."""
        return parameter_table(
            (*self.statements, *level.statements),
            SEM_DEFAULTS,
            n_groups=len(self.names),
            means=True,
            equal=level.equal,
            partial=level.partial,
            categories=self.categories,
        )

    def compiled(self, level: InvarianceLevel) -> tuple[Statement, ...]:
        """The model of all waves at one level."""
        table = self.by_wave(level)
        counts = Counter(row.free for row in table)
        within = [_renamed(row, self.names[row.group - 1], counts) for row in table if not row.determined]
        return (*within, *self._across(table))

    def degrees_of_freedom(self, level: InvarianceLevel) -> int:
        """Degrees of freedom of the model of all waves before it is fitted."""
        categories = {names[item]: count for names in self.names for item, count in self.categories.items()}
        return parameter_table(self.compiled(level), SEM_DEFAULTS, means=True, categories=categories).degrees_of_freedom

    def templates(self, level: InvarianceLevel) -> dict[str, str]:
        """Name of each parameter of one wave, by those of the model of all waves."""
        return {
            renamed.lhs + renamed.op + renamed.rhs: f"{row.lhs}{row.op}{row.rhs}"
            for row in self.by_wave(level)
            for renamed in [_renamed(row, self.names[row.group - 1], {})]
        }

    def _across(self, table: ParameterTable) -> Iterator[Statement]:
        """Covariances across waves: of latent variables not uncorrelated within waves, and of residuals of one item."""
        fixed = {(row.group, frozenset((row.lhs, row.rhs))): row.value for row in table if row.op == "~~"}
        for (g, first), (h, second) in combinations(enumerate(self.names, start=1), 2):
            for one, other in product(table.latent, repeat=2):
                pair = frozenset((one, other))
                apart = one != other and fixed.get((g, pair)) == fixed.get((h, pair)) == 0.0
                yield Statement(lhs=first[one], op="~~", rhs=second[other], value=0.0 if apart else None)
            for item in table.observed:
                if fixed[g, frozenset((item,))] is None and fixed[h, frozenset((item,))] is None:
                    yield Statement(lhs=first[item], op="~~", rhs=second[item])


def check_measurement(statements: Sequence[Statement]) -> tuple[str, ...]:
    """Items of a measurement model that can be repeated over waves.

    Raises
    ------
    ModelSyntaxError
        Lists formulas that are not part of a measurement model of one wave.

    Examples
    --------
    >>> from surveysem.specification import parse_syntax
    >>> check_measurement(parse_syntax("trust =~ t1 + t2 + t3"))
    ('t1', 't2', 't3')
    """
    latent = {each.lhs for each in statements if each.op == "=~"}
    indicators = {each.rhs for each in statements if each.op == "=~"}
    problems = [problem for each in statements for problem in _problems(each, latent, indicators)]
    if problems:
        raise ModelSyntaxError("The syntax is not the measurement model of one wave.", problems)
    return variable_roles(statements).observed


def _problems(each: Statement, latent: set[str], indicators: set[str]) -> Iterator[Problem]:
    where = f"{each.lhs} {each.op} {each.rhs}".rstrip()
    if each.op not in _MEASUREMENT:
        yield Problem(where=where, found="no measurement", remedy="Leave it out; relations over time are for sem().")
        return
    if each.op == "=~" and each.rhs in latent:
        yield Problem(where=where, found="a factor measured by factors", remedy="Test the first-order factors.")
    if each.label or any(one.label for one in each.by_group):
        remedy = "Leave labels out: the levels say what is equal over time, and partial= what is not."
        yield Problem(where=where, found="a label", remedy=remedy)
    elif each.by_group:
        yield Problem(where=where, found="c(…)", remedy="Write the model of one wave, which holds at all.")
    involved = (each.lhs, each.rhs) if each.op in ("~~", "~*~") else (each.lhs,)
    for name in dict.fromkeys(involved):
        if name not in latent | indicators:
            yield Problem(where=where, found=f"{name!r} measures no factor", remedy="Leave it out.")


def _check_names(latent: Sequence[str], names: Sequence[Mapping[str, str]]) -> None:
    taken = {column for by_name in names for name, column in by_name.items() if name not in latent}
    problems = [
        Problem(where=f"latent variable {name}", found=f"{by_name[name]!r} is a column too", remedy="Rename either.")
        for by_name in names
        for name in latent
        if by_name[name] in taken
    ]
    if problems:
        raise DataError("Latent variables at a wave and columns have the same name.", problems)


def _check_partial(partial: Sequence[str], table: ParameterTable) -> None:
    known = {f"{row.lhs}{row.op}{row.rhs}" for row in table}
    problems = [
        Problem(where="partial", found=f"{name!r} is no parameter of one wave", remedy="Write lhs, op, rhs: f=~x2.")
        for name in partial
        if name not in known
    ]
    if problems:
        raise ModelSyntaxError("Parameters to be freed over time are not in the model.", problems)


def _renamed(row: Parameter, names: Mapping[str, str], counts: Mapping[int, int]) -> Statement:
    """A row of one wave as it is written for all: fixed, free, or equal to others by a hidden label."""
    shared = bool(row.free) and counts.get(row.free, 1) > 1
    return Statement(
        lhs=names[row.lhs],
        op=row.op,
        rhs=names.get(row.rhs, row.rhs) if row.op in ("=~", "~~", "~*~") else row.rhs,
        label=f".{row.free}." if shared else "",
        value=row.value,
        freed=row.value is None,
        start=row.start,
    )
