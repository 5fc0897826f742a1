"""From model syntax and a data frame to a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from surveysem.data.moments import check_enough_observations, sample_moments
from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.estimation import estimate_model
from surveysem.findings import Finding
from surveysem.inference import Fit, infer
from surveysem.inference.expressions import check_definitions
from surveysem.specification import AS_WRITTEN, SEM_DEFAULTS, Statement, parameter_table, parse_syntax
from surveysem.specification.defaults import Defaults
from surveysem.typing import EstimatorName


def sem(
    syntax: str,
    data: pd.DataFrame,
    *,
    estimator: EstimatorName = "ML",
    missing: str = "listwise",
    std_lv: bool = False,
    auto: bool = True,
    engine: str = "semopy",
) -> Fit:
    """A structural equation model fitted by maximum likelihood, with lavaan's ``sem()`` defaults.

    Parameters
    ----------
    syntax : str
        The model in lavaan's syntax.
    data : pandas.DataFrame
        One row a respondent, one numeric column a variable.
    estimator : {"ML", "MLR"}
        Normal-theory, or robust standard errors and test statistic.
    missing : {"listwise"}
        Rows with a missing value in one of the model's variables are left out; ``fit.n_obs`` counts the rest.
    std_lv : bool
        Set scales by unit variances instead of first loadings.
    auto : bool
        Add lavaan's default parameters; ``False`` gives exactly what is written.
    engine : {"semopy"}
        Software that minimises.

    Raises
    ------
    ModelSyntaxError, IdentificationError, DataError, EstimationError, UnsupportedError
        Each says where, what was found and what to do.

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> fit = ss.sem("dem60 =~ y1 + y2 + y3 + y4", data)
    >>> fit.fit_indices["df"]
    2.0
    """
    defaults = replace(SEM_DEFAULTS if auto else AS_WRITTEN, standardize_latent=std_lv)
    return fit_statements(
        parse_syntax(syntax), data, estimator=estimator, missing=missing, defaults=defaults, engine=engine
    )


def cfa(syntax: str, data: pd.DataFrame, **options: object) -> Fit:
    """A confirmatory factor model: :func:`sem` by its other name, as in lavaan."""
    return sem(syntax, data, **options)  # type: ignore[arg-type]


def fit_statements(
    statements: Sequence[Statement],
    data: pd.DataFrame,
    *,
    estimator: EstimatorName = "ML",
    missing: str = "listwise",
    defaults: Defaults = SEM_DEFAULTS,
    engine: str = "semopy",
    products: Mapping[str, tuple[str, str]] | None = None,
    notes: tuple[Finding, ...] = (),
) -> Fit:
    """A model given as statements, fitted; see :func:`sem`.

    Parameters
    ----------
    statements : sequence of Statement
        The model as written.
    products : Mapping of str to (str, str), optional
        Latent products by name, with the latent variables they are made of.
    notes : tuple of Finding
        What was noticed about the data before.
    """
    if missing != "listwise":
        raise UnsupportedError(f"missing={missing!r} is not available. Available: 'listwise'.")
    table = parameter_table(statements, defaults)
    check_definitions(table)
    _check_frame(data, table.observed)
    complete = data[list(table.observed)].dropna()
    check_enough_observations(n_obs=len(complete), n_parameters=table.n_free)
    moments = sample_moments(complete, table.observed)
    solution = estimate_model(table, moments, engine=engine)
    notes = (*notes, *rows_left_out(len(complete), len(data)))
    return infer(solution, estimator=estimator, products=products, notes=notes)


def _check_frame(data: pd.DataFrame, variables: Sequence[str]) -> None:
    if not isinstance(data, pd.DataFrame):
        raise DataError(f"The data must be a pandas DataFrame, not {type(data).__name__}.")
    absent = [name for name in variables if name not in data.columns]
    if absent:
        problems = [Problem(where="data", found=f"no column {name!r}", remedy="Rename or add it.") for name in absent]
        raise DataError("The data lack variables of the model.", problems)


def rows_left_out(n_complete: int, n_rows: int) -> tuple[Finding, ...]:
    """What listwise deletion left out, as a finding; empty when that is nothing."""
    if n_complete == n_rows:
        return ()
    message = (
        f"{n_rows - n_complete} of {n_rows} rows have a missing value in a variable of the model and were left out."
    )
    return (Finding(severity="warning", where="listwise deletion", message=message),)
