"""lavaan's defaults: what a model means beyond what its author wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, combinations_with_replacement

from surveysem.specification.parameters import Operator, Parameter, ParameterTable
from surveysem.specification.roles import VariableRoles, variable_roles
from surveysem.specification.statements import Statement


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """Which of lavaan's automatic parameters are added.

    Parameters
    ----------
    fix_first : bool
        Fix the first loading of each latent variable to 1.
    standardize_latent : bool
        Fix latent (residual) variances to 1 instead (``std.lv``).
    fix_single : bool
        Fix the residual variance of a single indicator to 0.
    variances : bool
        Add all (residual) variances.
    exogenous_covariances : bool
        Let exogenous latent variables covary.
    outcome_covariances : bool
        Let the residuals of outcomes that predict nothing covary.
    fixed_exogenous : bool
        Take the moments of observed exogenous variables from the sample (``fixed.x``).
    """

    fix_first: bool = True
    standardize_latent: bool = False
    fix_single: bool = True
    variances: bool = True
    exogenous_covariances: bool = True
    outcome_covariances: bool = True
    fixed_exogenous: bool = True


SEM_DEFAULTS = Defaults()
"""What lavaan's ``sem()`` and ``cfa()`` add."""

AS_WRITTEN = Defaults(
    fix_first=False,
    fix_single=False,
    variances=False,
    exogenous_covariances=False,
    outcome_covariances=False,
    fixed_exogenous=False,
)
"""Nothing added: exactly what is written, as with lavaan's ``lavaan()``."""


def parameter_table(statements: Sequence[Statement], defaults: Defaults = SEM_DEFAULTS) -> ParameterTable:
    """Parameter table of a model, with lavaan's defaults added and free parameters numbered.

    Parameters
    ----------
    statements : sequence of Statement
        The model as written.
    defaults : Defaults
        What to add.

    Examples
    --------
    >>> from surveysem.specification import parse_syntax
    >>> table = parameter_table(parse_syntax("f =~ a + b + c; g =~ d + e; g ~ f"))
    >>> table.n_free, table.degrees_of_freedom
    (11, 4)
    """
    roles = variable_roles(statements)
    rows = [_written(statement) for statement in statements if statement.op != ":="]
    rows = _set_scales(rows, statements, defaults)
    rows += _missing_rows(rows, _default_variances(roles, defaults))
    rows = _fix_variances(rows, statements, roles, defaults)
    rows += _missing_rows(rows, _default_covariances(roles, defaults))
    rows = _take_exogenous_from_sample(rows, roles, defaults)
    rows += [_written(statement) for statement in statements if statement.op == ":="]
    return ParameterTable(rows=tuple(_number(rows)), observed=roles.observed, latent=roles.latent)


def _written(statement: Statement) -> Parameter:
    return Parameter(
        lhs=statement.lhs,
        op=statement.op,
        rhs=statement.rhs,
        label=statement.label,
        value=statement.value,
        start=statement.start,
    )


def _set_scales(rows: list[Parameter], statements: Sequence[Statement], defaults: Defaults) -> list[Parameter]:
    """Fix the first loading of each latent variable to 1, unless its author freed or fixed it."""
    if not defaults.fix_first or defaults.standardize_latent:
        return rows
    freed = {(each.lhs, each.rhs) for each in statements if each.op == "=~" and each.freed}
    seen: set[str] = set()
    result = []
    for row in rows:
        first = row.op == "=~" and row.lhs not in seen
        if row.op == "=~":
            seen.add(row.lhs)
        fix = first and row.value is None and (row.lhs, row.rhs) not in freed
        result.append(replace(row, value=1.0) if fix else row)
    return result


def _fix_variances(
    rows: list[Parameter], statements: Sequence[Statement], roles: VariableRoles, defaults: Defaults
) -> list[Parameter]:
    """Fix variances that set a latent scale, and residual variances of single indicators."""
    standardized = set(roles.latent) if defaults.standardize_latent else set()
    single = _single_indicators(rows) if defaults.fix_single else set()
    freed = {each.lhs for each in statements if each.op == "~~" and each.lhs == each.rhs and each.freed}
    result = []
    for row in rows:
        is_open_variance = row.op == "~~" and row.lhs == row.rhs and row.value is None and row.lhs not in freed
        if is_open_variance and row.lhs in standardized:
            row = replace(row, value=1.0)
        elif is_open_variance and row.lhs in single and not row.user:
            row = replace(row, value=0.0)
        result.append(row)
    return result


def _single_indicators(rows: Iterable[Parameter]) -> set[str]:
    loadings = [row for row in rows if row.op == "=~"]
    counts = Counter(row.lhs for row in loadings)
    loaded = Counter(row.rhs for row in loadings)
    return {row.rhs for row in loadings if counts[row.lhs] == 1 and loaded[row.rhs] == 1}


def _default_variances(roles: VariableRoles, defaults: Defaults) -> list[tuple[str, str]]:
    if not defaults.variances:
        return []
    return [(name, name) for name in (*roles.observed_not_exogenous, *roles.latent)]


def _default_covariances(roles: VariableRoles, defaults: Defaults) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    if defaults.exogenous_covariances:
        pairs += combinations(roles.exogenous_latent, 2)
    if defaults.outcome_covariances:
        pairs += combinations((*roles.outcome_latent, *roles.outcome_observed), 2)
    if defaults.variances:
        pairs += combinations_with_replacement(roles.exogenous_observed, 2)
    return pairs


def _missing_rows(rows: Iterable[Parameter], pairs: Iterable[tuple[str, str]]) -> list[Parameter]:
    present = {frozenset((row.lhs, row.rhs)) for row in rows if row.op == "~~"}
    return [
        Parameter(lhs=first, op="~~", rhs=second, user=False)
        for first, second in pairs
        if frozenset((first, second)) not in present
    ]


def _take_exogenous_from_sample(rows: list[Parameter], roles: VariableRoles, defaults: Defaults) -> list[Parameter]:
    """Mark moments of observed exogenous variables."""
    if not defaults.fixed_exogenous:
        return rows
    names = set(roles.exogenous_observed)
    return [replace(row, exogenous=True) if row.op == "~~" and {row.lhs, row.rhs} <= names else row for row in rows]


def _number(rows: list[Parameter]) -> list[Parameter]:
    """Number the free parameters; rows with one label share their number, or their fixed value."""
    numbers: dict[str, int] = {}
    result: list[Parameter] = []
    fixed_by_label = {row.label: row.value for row in rows if row.label and row.value is not None}
    op_defined: Operator = ":="
    count = 0
    for row in rows:
        if row.op == op_defined or row.exogenous or row.value is not None:
            result.append(row)
        elif row.label in fixed_by_label:
            result.append(replace(row, value=fixed_by_label[row.label]))
        elif row.label in numbers:
            result.append(replace(row, free=numbers[row.label]))
        else:
            count += 1
            if row.label:
                numbers[row.label] = count
            result.append(replace(row, free=count))
    return result
