"""The engine that runs semopy: estimates and standard errors are taken from it, and nothing else.

A fresh model is made for each fit (semopy starts from its previous answer), tolerances are tight, variables are
renamed so that no name can be mistaken for syntax and handed over in units of their standard deviations, every free
parameter is labelled (semopy fixes a first loading that is not), bounds on variances are lifted (lavaan has none), and
every covariance lavaan would add is written out.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from surveysem.errors import EstimationError, Problem, UnsupportedError
from surveysem.estimation.discrepancy import MaximumLikelihood
from surveysem.estimation.engines.units import in_units, start_values, unit_factor, variable_units
from surveysem.estimation.problem import EstimationProblem
from surveysem.estimation.solution import REMEDY_FOR_NO_SOLUTION, EngineResult
from surveysem.specification import EXPRESSIONS, Parameter, ParameterTable, semopy_syntax
from surveysem.typing import FloatArray

_OPTIONS = {"ftol": 1e-14, "maxiter": 5000}


@dataclass(frozen=True, kw_only=True)
class SemopyEngine:
    """semopy as an engine."""

    name: str = "semopy"

    def fit(self, problem: EstimationProblem) -> EngineResult:
        """Maximum likelihood estimates of one model; see :class:`~surveysem.estimation.solution.Engine`."""
        _check_problem(problem)
        table, moments = problem.table, problem.samples[0]
        _check_expressible(table)
        units = variable_units(table, moments.covariance)
        plain = _plain_table(table, units)
        deviations = np.array([units[name] for name in table.observed])
        correlation = moments.covariance / np.outer(deviations, deviations)
        starts = start_values(plain, correlation)
        outcome, pairs = _run(plain, (moments.observations - moments.means) / deviations, correlation, starts)
        factors = np.array([unit_factor(row, units) for row in _first_rows(table)])
        return EngineResult(
            engine=f"semopy {version('semopy')}",
            theta=np.array([estimate for estimate, _ in pairs]) / factors,
            standard_errors=np.array([error for _, error in pairs]) / factors,
            n_iterations=int(outcome.n_it),
            message=str(outcome.message),
        )


def _check_problem(problem: EstimationProblem) -> None:
    obstacles = {
        "several groups": problem.table.n_groups > 1,
        "mean structures": problem.table.has_means,
        "constraints written as formulas": bool(problem.table.constraints),
        "other discrepancies than complete-data maximum likelihood": not all(
            isinstance(each, MaximumLikelihood) for each in problem.discrepancies
        ),
    }
    found = [name for name, is_there in obstacles.items() if is_there]
    if found:
        raise UnsupportedError(f"The semopy engine does not fit {', '.join(found)}. Use engine='native'.")


def _check_expressible(table: ParameterTable) -> None:
    problems = [*_equality_constraints(table), *_covariances_out_of_reach(table)]
    if not table.n_free:
        problems.append("models without a free parameter")
    if problems:
        raise UnsupportedError(f"The semopy engine does not fit {'; nor '.join(problems)}. Change or leave out these.")


def _equality_constraints(table: ParameterTable) -> list[str]:
    counts = Counter(row.free for row in table if row.free)
    shared = [row.label for row in table if counts.get(row.free, 0) > 1]
    return [f"equality constraints (label {', '.join(dict.fromkeys(shared))})"] if shared else []


def _covariances_out_of_reach(table: ParameterTable) -> list[str]:
    """What semopy cannot write, or writes into another matrix than lavaan does."""
    acting = set(table.latent) | {name for row in table if row.op == "~" for name in (row.lhs, row.rhs)}
    explained = acting | {row.rhs for row in table if row.op == "=~"}
    covariances = [row for row in table if row.op == "~~" and not row.exogenous]
    mixed = [f"{row.lhs} ~~ {row.rhs}" for row in covariances if (row.lhs in acting) != (row.rhs in acting)]
    alone = [name for name in table.observed if name not in explained]
    problems = []
    if mixed:
        what = "covariances of an indicator's residual with a latent variable or a variable in a regression"
        problems.append(f"{what} ({', '.join(mixed)})")
    if alone:
        problems.append(f"variables without a loading or regression ({', '.join(alone)})")
    return problems


def _with_zeros(table: ParameterTable) -> ParameterTable:
    """The model with variances and covariances that semopy would add fixed to 0."""
    explained = {row.rhs for row in table if row.op == "=~"} | {row.lhs for row in table if row.op == "~"}
    variances = [(name, name) for name in (*table.observed, *table.latent)]
    independent = [[name for name in names if name not in explained] for names in (table.observed, table.latent)]
    pairs = [*variances, *(pair for names in independent for pair in combinations(names, 2))]
    present = {frozenset((row.lhs, row.rhs)) for row in table if row.op == "~~"}
    zeros = [
        Parameter(lhs=first, op="~~", rhs=second, value=0.0)
        for first, second in pairs
        if frozenset((first, second)) not in present
    ]
    return replace(table, rows=(*table.rows, *zeros))


def _plain_table(table: ParameterTable, units: Mapping[str, float]) -> ParameterTable:
    """The model in given units, with short names for variables and a label for each free parameter."""
    names = {name: f"v{number}" for number, name in enumerate(table.observed)}
    names |= {name: f"f{number}" for number, name in enumerate(table.latent)}
    rows = [
        replace(in_units(row, units), lhs=names[row.lhs], rhs=names[row.rhs], label=f"p{row.free}" if row.free else "")
        for row in _with_zeros(table)
        if row.op not in EXPRESSIONS
    ]
    return ParameterTable(
        rows=tuple(rows),
        observed=tuple(names[name] for name in table.observed),
        latent=tuple(names[name] for name in table.latent),
    )


def _run(
    table: ParameterTable, observations: FloatArray, covariance: FloatArray, starts: Mapping[int, float]
) -> tuple[Any, list[tuple[float, float]]]:
    """A fresh semopy model, fitted: the optimiser's outcome, estimates and standard errors.

    Observations serve semopy's start values only. What it prints or warns of is kept for the error message.
    """
    import semopy  # takes half a second, and few fits need it

    names = list(table.observed)
    said = io.StringIO()
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            warnings.simplefilter("ignore")
            model = semopy.Model(semopy_syntax(table))
            for parameter in model.parameters.values():
                parameter.bound = (None, None)
            for number, value in starts.items():
                model.parameters[f"p{number}"].start = value
            outcome = model.fit(
                pd.DataFrame(observations, columns=names),
                cov=pd.DataFrame(covariance, index=names, columns=names),
                obj="MLW",
                solver="SLSQP",
                options=_OPTIONS,
            )
            listing = _listing(model)
    except Exception as error:
        found = " ".join([type(error).__name__, str(error), said.getvalue()]).strip()
        problem = Problem(where="engine semopy, which broke off", found=found, remedy=REMEDY_FOR_NO_SOLUTION)
        raise EstimationError("The model could not be fitted.", [problem]) from error
    finally:
        logging.disable(level)
    return outcome, [_find(listing, row) for row in _first_rows(table)]


def _listing(model: Any) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Estimate and standard error by (left, operator, right); semopy writes loadings as regressions."""
    table = model.inspect(information="expected")
    numbers = table[["Estimate", "Std. Err"]].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=float)
    keys = zip(table["lval"], table["op"], table["rval"], strict=True)
    return {key: (float(row[0]), float(row[1])) for key, row in zip(keys, numbers, strict=True)}


def _first_rows(table: ParameterTable) -> list[Parameter]:
    by_number = {row.free: row for row in reversed(table.rows) if row.free}
    return [by_number[number] for number in range(1, table.n_free + 1)]


def _find(listing: dict[tuple[str, str, str], tuple[float, float]], row: Parameter) -> tuple[float, float]:
    if row.op == "=~":
        return listing[row.rhs, "~", row.lhs]
    key = (row.lhs, row.op, row.rhs)
    return listing[key] if key in listing else listing[row.rhs, row.op, row.lhs]
