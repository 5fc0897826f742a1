"""lavaan's defaults: what a model means beyond what its author wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, combinations_with_replacement

from surveysem.specification.groups import hold_equal, number_parameters
from surveysem.specification.moderation import insert_products, latent_products, without_products
from surveysem.specification.ordinal import check_ordered, fix_ordered, missing_scales, missing_thresholds
from surveysem.specification.parameters import EXPRESSIONS, Parameter, ParameterTable
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
    intercepts : bool
        Free the intercepts of observed variables, in models with means.
    latent_means : bool
        Fix the means of latent variables to 0, in models with means.
    thresholds : bool
        Add the thresholds of ordered variables, free, and the scales of their latent responses, fixed to 1.
    """

    fix_first: bool = True
    standardize_latent: bool = False
    fix_single: bool = True
    variances: bool = True
    exogenous_covariances: bool = True
    outcome_covariances: bool = True
    fixed_exogenous: bool = True
    intercepts: bool = True
    latent_means: bool = True
    thresholds: bool = True


SEM_DEFAULTS = Defaults()
"""What lavaan's ``sem()`` and ``cfa()`` add."""

AS_WRITTEN = Defaults(
    fix_first=False,
    fix_single=False,
    variances=False,
    exogenous_covariances=False,
    outcome_covariances=False,
    fixed_exogenous=False,
    intercepts=False,
    latent_means=False,
    thresholds=False,
)
"""Nothing added: exactly what is written, as with lavaan's ``lavaan()``."""


def parameter_table(
    statements: Sequence[Statement],
    defaults: Defaults = SEM_DEFAULTS,
    *,
    n_groups: int = 1,
    means: bool = False,
    equal: Sequence[str] = (),
    partial: Sequence[str] = (),
    categories: Mapping[str, int] | None = None,
) -> ParameterTable:
    """Parameter table of a model, with lavaan's defaults added and free parameters numbered.

    Parameters
    ----------
    statements : sequence of Statement
        The model as written.
    defaults : Defaults
        What to add.
    n_groups : int
        Number of groups.
    means : bool
        Give the model a mean structure; it has one in any case if an intercept is written.
    equal : sequence of str
        Kinds of parameters held equal across groups (lavaan's ``group.equal``); see :data:`GROUP_EQUAL`.
    partial : sequence of str
        Parameters freed from that (lavaan's ``group.partial``), such as ``"f=~x2"`` or ``"x3~1"``.
    categories : mapping of str to int, optional
        Number of categories of each ordered variable; a model with ordered variables has a mean structure.

    Notes
    -----
    Products of latent variables (``X:Z``) are rows of their own, with a mean structure, and no variables.

    Raises
    ------
    UnsupportedError
        For a kind that is not offered, a freed parameter that is not in the model, or ordered variables in a place
        where they are not available.
    ModelSyntaxError
        For thresholds, scales and residual variances that do not fit the ordered variables.

    Examples
    --------
    >>> from surveysem.specification import parse_syntax
    >>> table = parameter_table(parse_syntax("f =~ a + b + c; g =~ d + e; g ~ f"))
    >>> table.n_free, table.degrees_of_freedom
    (11, 4)
    """
    products = latent_products(statements)
    roles = variable_roles(without_products(statements, products))
    ordered = dict(categories or {})
    check_ordered(statements, roles, ordered, complete=defaults.thresholds)
    means = means or bool(ordered) or any(each.op == "~1" for each in statements)
    parameters = [each for each in statements if each.op not in EXPRESSIONS]
    rows: list[Parameter] = []
    for group in range(n_groups):
        mine = [each.in_group(group, n_groups) for each in parameters]
        linear = without_products(mine, products)
        written = _group_rows(linear, roles, defaults, means=means or bool(products), ordered=ordered)
        written = insert_products(written, [_written(each) for each in mine if each.rhs in products])
        rows += [replace(row, group=group + 1) for row in written]
    if n_groups > 1:
        rows = hold_equal(rows, roles, equal=equal, partial=partial, standardized=defaults.standardize_latent)
    rows += [replace(_written(each), group=0) for each in statements if each.op in EXPRESSIONS]
    return ParameterTable(
        rows=tuple(number_parameters(rows)), observed=roles.observed, latent=roles.latent, n_groups=n_groups
    )


def _group_rows(
    statements: Sequence[Statement],
    roles: VariableRoles,
    defaults: Defaults,
    *,
    means: bool,
    ordered: Mapping[str, int],
) -> list[Parameter]:
    """Rows of one group: as written, then what the defaults add."""
    rows = [_written(statement) for statement in statements]
    rows = _set_scales(rows, statements, defaults)
    if defaults.thresholds:
        rows += missing_thresholds(rows, roles, ordered)
    rows += _missing_rows(rows, _default_variances(roles, defaults))
    rows = _fix_variances(rows, statements, roles, defaults)
    rows += _missing_rows(rows, _default_covariances(roles, defaults))
    if defaults.thresholds:
        rows += missing_scales(rows, roles, ordered)
    if means:
        rows += _missing_means(rows, roles, defaults)
    rows = fix_ordered(rows, ordered)
    return _take_exogenous_from_sample(rows, roles, defaults)


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


def _missing_means(rows: Iterable[Parameter], roles: VariableRoles, defaults: Defaults) -> list[Parameter]:
    """Intercepts of observed variables, free, and means of latent ones, 0, where none is written."""
    written = {row.lhs for row in rows if row.op == "~1"}
    observed = roles.observed if defaults.intercepts else ()
    latent = roles.latent if defaults.latent_means else ()
    added = [Parameter(lhs=name, op="~1", rhs="", user=False) for name in observed]
    added += [Parameter(lhs=name, op="~1", rhs="", value=0.0, user=False) for name in latent]
    return [row for row in added if row.lhs not in written]


def _take_exogenous_from_sample(rows: list[Parameter], roles: VariableRoles, defaults: Defaults) -> list[Parameter]:
    """Mark moments of observed exogenous variables."""
    if not defaults.fixed_exogenous:
        return rows
    names = set(roles.exogenous_observed)

    def concerns(row: Parameter) -> bool:
        return (row.op == "~~" and {row.lhs, row.rhs} <= names) or (row.op == "~1" and row.lhs in names)

    return [replace(row, exogenous=True) if concerns(row) else row for row in rows]
