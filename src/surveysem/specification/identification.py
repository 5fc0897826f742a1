"""Whether a model's parameters can be determined at all, checked before anything is fitted."""

from __future__ import annotations

from surveysem.errors import IdentificationError, Problem
from surveysem.specification.expressions import names_in
from surveysem.specification.parameters import ParameterTable


def check_identification(table: ParameterTable) -> None:
    """Refuse models that no data could determine, naming the latent variable or the count that is short.

    Necessary conditions only: every latent variable has a scale and enough indicators, every variable that nothing
    explains has a variance, and there are at least as many sample moments as free parameters. The rank of the
    information matrix is checked after fitting.

    Raises
    ------
    IdentificationError
        Lists every condition that fails.
    """
    problems = [problem for latent in table.latent for problem in _latent_problems(table, latent)]
    problems += _absent_variances(table)
    if not table.n_free:
        found, remedy = "no parameter is free", "Free at least one: there is nothing to estimate."
        problems.append(Problem(where="model", found=found, remedy=remedy))
    # Products are identified by moments higher than the second.
    n_of_products = len({row.free for row in table if row.op == "~" and row.rhs in table.products and row.free})
    if table.degrees_of_freedom + n_of_products < 0:
        p = len(table.observed)
        problems.append(
            Problem(
                where="model",
                found=f"{table.n_free} free parameters for {table.n_free + table.degrees_of_freedom} sample moments "
                f"(observed variables: {p})",
                remedy="Fix or equate parameters, or add indicators.",
            )
        )
    if problems:
        raise IdentificationError("The model is not identified.", problems)


def _absent_variances(table: ParameterTable) -> list[Problem]:
    """Variables that nothing explains and that have no variance either."""
    explained = {row.rhs for row in table if row.op == "=~"} | {row.lhs for row in table if row.op == "~"}
    varying = {row.lhs for row in table if row.op == "~~" and row.lhs == row.rhs}
    return [
        Problem(
            where=f"variable {name!r}",
            found="nothing explains it and the model has no variance for it",
            remedy=f"Add {name} ~~ {name}, or use auto=True.",
        )
        for name in (*table.observed, *table.latent)
        if name not in explained | varying
    ]


def _latent_problems(table: ParameterTable, latent: str) -> list[Problem]:
    loadings = [row for row in table if row.op == "=~" and row.lhs == latent]
    variances = [row for row in table if row.op == "~~" and row.lhs == row.rhs == latent]
    problems = []
    has_scale = any(row.value not in (None, 0.0) or row.label in _constrained(table) for row in (*loadings, *variances))
    if not has_scale:
        problems.append(
            Problem(
                where=f"latent variable {latent!r}",
                found="nothing sets its scale",
                remedy="Fix one loading to 1 or its variance to 1 (std_lv=True).",
            )
        )
    if len(loadings) == 1 and not _residual_is_fixed(table, loadings[0].rhs):
        problems.append(
            Problem(
                where=f"latent variable {latent!r}",
                found=f"one indicator only, {loadings[0].rhs!r}, whose residual variance is free",
                remedy=f"Add indicators or fix the residual variance ({loadings[0].rhs} ~~ 0*{loadings[0].rhs}).",
            )
        )
    return problems


def _constrained(table: ParameterTable) -> set[str]:
    """Labels in equality constraints, which may set a scale (``a + b + c == 3``); the rank tells whether they do."""
    names = {name for row in table.constraints if row.op == "==" for name in names_in(f"{row.lhs} {row.rhs}")}
    for row in reversed(table.definitions):
        if row.lhs in names:
            names.update(names_in(row.rhs))
    return names


def _residual_is_fixed(table: ParameterTable, indicator: str) -> bool:
    if indicator in table.latent:
        return True
    variances = [row for row in table if row.op == "~~" and row.lhs == row.rhs == indicator]
    return any(row.value is not None or row.determined for row in variances)
