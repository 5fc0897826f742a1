"""The engine that runs semopy: estimates and standard errors are taken from it, and nothing else.

A fresh model is made for each fit (semopy starts from its previous answer), tolerances are tight, variables are
renamed so that no name can be mistaken for syntax, bounds on variances are lifted (lavaan has none), and every
covariance lavaan would add is written out.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
import semopy

from surveysem.data.moments import SampleMoments
from surveysem.errors import EstimationError, UnsupportedError
from surveysem.estimation.solution import EngineResult
from surveysem.specification import Parameter, ParameterTable, semopy_syntax

_OPTIONS = {"ftol": 1e-12, "maxiter": 5000}


@dataclass(frozen=True, kw_only=True)
class SemopyEngine:
    """semopy as an engine."""

    name: str = "semopy"

    def fit(self, table: ParameterTable, moments: SampleMoments) -> EngineResult:
        """Maximum likelihood estimates of one model; see :class:`~surveysem.estimation.solution.Engine`."""
        _check_expressible(table)
        names = _plain_names(table)
        plain = _renamed(table, names)
        model, outcome = _run(semopy_syntax(plain), _frame(moments, names), _covariance(moments, names))
        listing = _listing(model)
        pairs = [_find(listing, row) for row in _first_rows(plain)]
        return EngineResult(
            engine=f"semopy {version('semopy')}",
            theta=np.array([estimate for estimate, _ in pairs]),
            standard_errors=np.array([error for _, error in pairs]),
            n_iterations=int(outcome.n_it),
            message=str(outcome.message),
        )


def _check_expressible(table: ParameterTable) -> None:
    counts = Counter(row.free for row in table if row.free)
    shared = [row.label for row in table if counts.get(row.free, 0) > 1]
    if shared:
        labels = ", ".join(dict.fromkeys(shared))
        raise UnsupportedError(f"The semopy engine fits no equality constraints (label {labels}). Free the parameters.")
    if any(row.exogenous is False and row.lhs in table.exogenous_observed for row in table if row.op == "~~"):
        raise UnsupportedError("The semopy engine takes all moments of observed exogenous variables from the sample.")


def _plain_names(table: ParameterTable) -> dict[str, str]:
    observed = {name: f"v{number}" for number, name in enumerate(table.observed)}
    return observed | {name: f"f{number}" for number, name in enumerate(table.latent)}


def _renamed(table: ParameterTable, names: dict[str, str]) -> ParameterTable:
    rows = [replace(row, lhs=names[row.lhs], rhs=names[row.rhs]) for row in table if row.op != ":="]
    return ParameterTable(
        rows=tuple(rows),
        observed=tuple(names[name] for name in table.observed),
        latent=tuple(names[name] for name in table.latent),
    )


def _frame(moments: SampleMoments, names: dict[str, str]) -> pd.DataFrame:
    """Centred observations, which semopy uses for its start values only."""
    return pd.DataFrame(moments.observations - moments.means, columns=[names[name] for name in moments.variables])


def _covariance(moments: SampleMoments, names: dict[str, str]) -> pd.DataFrame:
    plain = [names[name] for name in moments.variables]
    return pd.DataFrame(moments.covariance, index=plain, columns=plain)


def _run(syntax: str, frame: pd.DataFrame, covariance: pd.DataFrame) -> tuple[Any, Any]:
    """A fresh semopy model, fitted; what semopy prints or warns of is kept for the error message."""
    said = io.StringIO()
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            warnings.simplefilter("ignore")
            model = semopy.Model(syntax)
            for parameter in model.parameters.values():
                parameter.bound = (None, None)
            outcome = model.fit(frame, cov=covariance, obj="MLW", solver="SLSQP", options=_OPTIONS)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise EstimationError(f"semopy could not fit the model ({reason}). {said.getvalue()}".strip()) from error
    finally:
        logging.disable(level)
    return model, outcome


def _listing(model: Any) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Estimate and standard error by (left, operator, right); semopy writes loadings as regressions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
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
