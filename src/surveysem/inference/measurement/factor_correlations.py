"""Correlations of latent variables with intervals, judged as Rönkkö and Cho propose."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.inference.fit import Fit

_CUTOFFS = (1.0, 0.9)
_PROBLEMS = ((1.0, "severe"), (0.9, "moderate"), (0.8, "marginal"))


def discriminant_problem(lower: float, upper: float) -> str:
    """How serious an interval of a factor correlation is for discriminant validity: none, marginal, moderate, severe.

    Parameters
    ----------
    lower, upper : float
        Limits; the one farther from 0 counts.

    Notes
    -----
    Rönkkö and Cho's (2022) classes: the limit below .8, below .9, below 1, or not below 1.

    References
    ----------
    ronkko_cho_2022

    Examples
    --------
    >>> discriminant_problem(0.2, 0.79), discriminant_problem(-0.95, -0.3), discriminant_problem(0.9, 1.02)
    ('none', 'moderate', 'severe')
    """
    farthest = max(abs(lower), abs(upper))
    return next((name for cutoff, name in _PROBLEMS if not farthest < cutoff), "none")


def factor_correlations(fit: Fit, *, cutoffs: Sequence[float] = _CUTOFFS, level: float = 0.95) -> pd.DataFrame:
    """Correlations of the latent variables of a measurement model, with intervals, and the test CI_CFA(cut).

    Parameters
    ----------
    fit : Fit
        A measurement model.
    cutoffs : sequence of float
        Each gives a column ``below_…`` that says whether the whole interval lies nearer to 0 than the cut-off:
        CI_CFA(1) and CI_CFA(.9) by default.
    level : float
        Confidence level of the normal-theory intervals.

    Returns
    -------
    pandas.DataFrame
        Columns first, second, (group,) estimate, std_error, p_value, ci_lower, ci_upper, below_1, below_0.9 …, and
        problem ("none", "marginal", "moderate", "severe"; see :func:`discriminant_problem`). Correlations that the
        model fixes have no interval (NaN) and problem "".

    Raises
    ------
    UnsupportedError
        When the model has no covariances of latent variables, as with paths only.

    References
    ----------
    ronkko_cho_2022

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> fit = ss.cfa("dem60 =~ y1 + y2 + y3 + y4; dem65 =~ y5 + y6 + y7 + y8", data)
    >>> factor_correlations(fit)["problem"].tolist()
    ['severe']
    """
    solution = fit.standardized("std_all", level=level)
    latent = fit.table.latent
    explained = {row.lhs for row in fit.table if row.op == "~"}
    explained |= {row.rhs for row in fit.table if row.op == "=~" and row.rhs in latent}
    is_correlation = (solution["op"] == "~~") & (solution["lhs"] != solution["rhs"])
    both = solution["lhs"].isin(latent) & solution["rhs"].isin(latent)
    given = ~solution["lhs"].isin(explained) & ~solution["rhs"].isin(explained)
    rows = solution[is_correlation & both & given]
    if rows.empty:
        raise UnsupportedError(
            "The model has no correlations of latent variables. Fit the measurement model, in which they are free."
        )
    names = {"lhs": "first", "rhs": "second", "est_std": "estimate"}
    kept = ["lhs", "rhs", "group", "est_std", "std_error", "p_value", "ci_lower", "ci_upper"]
    table = rows[kept].rename(columns=names).reset_index(drop=True)
    if len(fit.solution.groups) == 1:
        table = table.drop(columns="group")
    return _judged(table, cutoffs)


def _judged(table: pd.DataFrame, cutoffs: Sequence[float]) -> pd.DataFrame:
    farthest = table[["ci_lower", "ci_upper"]].abs().max(axis=1, skipna=False)
    columns = {f"below_{cutoff:g}": farthest < cutoff for cutoff in cutoffs}
    problems = [
        "" if pd.isna(lower) else discriminant_problem(lower, upper)
        for lower, upper in zip(table["ci_lower"], table["ci_upper"], strict=True)
    ]
    return table.assign(**columns, problem=problems)
