"""Parameters held equal across groups, and the numbering of free parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from surveysem.errors import Problem, UnsupportedError
from surveysem.specification.parameters import EXPRESSIONS, Parameter
from surveysem.specification.roles import VariableRoles

_Kind = Callable[[Parameter, VariableRoles], bool]


def _is_variance(row: Parameter) -> bool:
    return row.op == "~~" and row.lhs == row.rhs


def _is_covariance(row: Parameter) -> bool:
    return row.op == "~~" and row.lhs != row.rhs


GROUP_EQUAL: Mapping[str, _Kind] = MappingProxyType(
    {
        "loadings": lambda row, _: row.op == "=~",
        "intercepts": lambda row, roles: row.op == "~1" and row.lhs not in roles.latent,
        "means": lambda row, roles: row.op == "~1" and row.lhs in roles.latent,
        "thresholds": lambda row, _: row.op == "|",
        "regressions": lambda row, _: row.op == "~",
        "residuals": lambda row, roles: _is_variance(row) and row.lhs not in roles.latent,
        "residual_covariances": lambda row, roles: _is_covariance(row) and row.lhs not in roles.latent,
        "latent_variances": lambda row, roles: _is_variance(row) and row.lhs in roles.latent,
        "latent_covariances": lambda row, roles: _is_covariance(row) and row.lhs in roles.latent,
    }
)
"""Kinds of parameters that can be held equal across groups."""

_LAVAAN_NAMES = {
    "residual.covariances": "residual_covariances",
    "lv.variances": "latent_variances",
    "lv.covariances": "latent_covariances",
}


def hold_equal(
    rows: Sequence[Parameter],
    roles: VariableRoles,
    *,
    equal: Sequence[str],
    partial: Sequence[str],
    standardized: bool,
) -> list[Parameter]:
    """Rows with one label for what is equal across groups, and the latent scales that this makes estimable set free.

    Latent means of later groups are free where intercepts (or thresholds) are equal, and latent variances where
    loadings are and scales are set by unit variances, unless they are held equal too; scales of the latent responses
    of later groups are free where thresholds are equal. So does lavaan.

    Parameters
    ----------
    rows : sequence of Parameter
        Of all groups.
    roles : VariableRoles
        Of the model.
    equal, partial : sequence of str
        Kinds held equal, and parameters freed from that.
    standardized : bool
        Whether latent scales are set by unit variances.
    """
    kinds = _known_kinds(equal)
    freed = _known_parameters(partial, rows)
    result = [_open_scale(row, roles, kinds, standardized=standardized) for row in rows]
    tests = [GROUP_EQUAL[kind] for kind in kinds]
    return [
        replace(row, label=f".{row.lhs}{row.op}{row.rhs}.")
        if not row.label and _plain(row) not in freed and any(test(row, roles) for test in tests)
        else row
        for row in result
    ]


def _known_kinds(equal: Sequence[str]) -> list[str]:
    names = [equal] if isinstance(equal, str) else list(equal)
    kinds = [_LAVAAN_NAMES.get(name, name) for name in names]
    unknown = [name for name in kinds if name not in GROUP_EQUAL]
    if unknown:
        raise UnsupportedError(
            f"group_equal={', '.join(map(repr, unknown))} is not offered. Available: {', '.join(GROUP_EQUAL)}."
        )
    return kinds


def _known_parameters(partial: Sequence[str], rows: Sequence[Parameter]) -> set[str]:
    names = [partial] if isinstance(partial, str) else list(partial)
    wanted = {"".join(name.split()) for name in names}
    known = {_plain(row) for row in rows}
    problems = [
        Problem(where="group_partial", found=f"{name!r} is no parameter of the model", remedy="Write lhs, op, rhs.")
        for name in sorted(wanted - known)
    ]
    if problems:
        raise UnsupportedError("Parameters to be freed across groups are not in the model.", problems)
    return wanted


def _plain(row: Parameter) -> str:
    return f"{row.lhs}{row.op}{row.rhs}"


def _open_scale(row: Parameter, roles: VariableRoles, kinds: Sequence[str], *, standardized: bool) -> Parameter:
    if row.group == 1 or row.user:
        return row
    if row.op == "~*~":
        return replace(row, value=None) if "thresholds" in kinds else row
    if row.lhs not in roles.latent:
        return row
    frees_means = ("intercepts" in kinds or "thresholds" in kinds) and "means" not in kinds
    if row.op == "~1" and frees_means:
        return replace(row, value=None)
    if _is_variance(row) and standardized and "loadings" in kinds and "latent_variances" not in kinds:
        return replace(row, value=None)
    return row


def number_parameters(rows: Sequence[Parameter]) -> list[Parameter]:
    """Rows with free parameters numbered; rows with one label share their number, or their fixed value."""
    numbers: dict[str, int] = {}
    result: list[Parameter] = []
    fixed_by_label = {row.label: row.value for row in rows if row.label and row.value is not None}
    count = 0
    for row in rows:
        if row.op in EXPRESSIONS or row.exogenous or row.determined or row.value is not None:
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
    return [replace(row, label="") if row.label.startswith(".") else row for row in result]
