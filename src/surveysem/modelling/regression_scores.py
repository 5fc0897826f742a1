"""Scores of respondents for regressions: columns as they are, means of items, or factor scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.moderated_regression import product_reliability
from surveysem.inference.reliability import alpha
from surveysem.inference.scores import factor_scores
from surveysem.modelling.median_split import SplitLabel
from surveysem.number_formats import format_bounded

Scores: TypeAlias = Literal["scale", "factor"]


@dataclass(frozen=True, kw_only=True, eq=False)
class RegressionScores:
    """Variables of a regression.

    Parameters
    ----------
    frame : pandas.DataFrame
        One column a variable, one row a respondent, missing where a variable is.
    items : Mapping of str to tuple of str
        Items of the variables that are means of items.
    from_factors : tuple of str
        Variables that are factor scores.
    """

    frame: pd.DataFrame
    items: Mapping[str, tuple[str, ...]]
    from_factors: tuple[str, ...] = ()


def regression_scores(
    data: pd.DataFrame,
    names: Sequence[str],
    *,
    scores: Scores | None,
    items: Mapping[str, Sequence[str]] | None,
    fit: Fit | None,
) -> RegressionScores:
    """Variables of a regression by name.

    Parameters
    ----------
    data : pandas.DataFrame
        One row a respondent; reverse-keyed items are reversed already.
    names : sequence of str
        Constructs of *items*, latent variables of *fit*, or columns.
    scores : {"scale", "factor"}, optional
        Means of the items (missing where one is), or regression factor scores; by default as *items* or *fit* is given.
    items : Mapping of str to sequence of str, optional
        Items by construct.
    fit : Fit, optional
        Of the measurement model, to these data.

    Raises
    ------
    UnsupportedError
        For options that do not go together.
    DataError
        Lists columns that are absent or not numeric.
    """
    chosen = _check_options(scores, items, fit)
    constructs = {name: tuple(items[name]) for name in names if items and name in items} if chosen == "scale" else {}
    latent = [name for name in names if fit is not None and name in fit.table.latent] if chosen == "factor" else []
    plain = [name for name in names if name not in constructs and name not in latent]
    needed = [*plain, *(item for each in constructs.values() for item in each)]
    problems = [problem for name in dict.fromkeys(needed) for problem in _column_problems(data, name)]
    problems += [
        Problem(where=f"items of {name}", found="none", remedy="Name at least one.")
        for name, each in constructs.items()
        if not each
    ]
    if problems:
        raise DataError("The variables of the regression cannot be used.", problems)
    columns = {name: data[list(each)].astype(float).mean(axis=1, skipna=False) for name, each in constructs.items()}
    columns |= {name: data[name].astype(float) for name in plain}
    if latent:
        assert fit is not None
        estimated = factor_scores_of_rows(fit, data)
        columns |= {name: estimated[name] for name in latent}
    frame = pd.DataFrame({name: columns[name] for name in names}, index=data.index)
    return RegressionScores(frame=frame, items=constructs, from_factors=tuple(latent))


def _check_options(scores: str | None, items: object, fit: object) -> Scores | None:
    problems = []
    if scores not in (None, "scale", "factor"):
        remedy = 'Use "scale", "factor" or None.'
        problems.append(Problem(where="scores", found=f"{scores!r} is not offered", remedy=remedy))
    if items is not None and fit is not None:
        problems.append(Problem(where="items, fit", found="both are given", remedy="Give one of them."))
    if scores == "scale" and items is None:
        remedy = 'Give items={"construct": ["item_1", …]}, or scores=None to use columns as they are.'
        problems.append(Problem(where="scores='scale'", found="no items", remedy=remedy))
    if scores == "factor" and fit is None:
        remedy = "Give fit=, the fit of the measurement model to these data."
        problems.append(Problem(where="scores='factor'", found="no fit", remedy=remedy))
    if problems:
        raise UnsupportedError("The scores cannot be computed.", problems)
    if scores is None:
        return "scale" if items is not None else "factor" if fit is not None else None
    return "scale" if scores == "scale" else "factor"


def _column_problems(data: pd.DataFrame, name: str) -> list[Problem]:
    count = int((data.columns == name).sum())
    if count != 1:
        found = "no such column" if not count else f"{count} columns have this name"
        remedy = "Rename or add it, or name it among items." if not count else "Rename all but one."
        return [Problem(where=f"variable {name}", found=found, remedy=remedy)]
    column = data[name]
    if any(isinstance(each, SplitLabel) for each in column):
        remedy = "Use the score itself: a regression needs no groups."
        return [Problem(where=f"variable {name}", found="a score cut in two", remedy=remedy)]
    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_complex_dtype(column)
    if not is_number or np.isinf(column.dropna().to_numpy(dtype=float)).any():
        remedy = "Code it in numbers; of categories make one column of 0 and 1 for each but the first."
        return [Problem(where=f"variable {name}", found="not all values are finite numbers", remedy=remedy)]
    return []


def factor_scores_of_rows(fit: Fit, data: pd.DataFrame) -> pd.DataFrame:
    """Regression factor scores beside the rows of the data a model was fitted to; missing in rows left out.

    Parameters
    ----------
    fit : Fit
        One group.
    data : pandas.DataFrame
        The data it was fitted to.

    Raises
    ------
    UnsupportedError
        For several groups.
    DataError
        When the data are not those of the fit.
    """
    if len(fit.solution.groups) > 1:
        raise UnsupportedError("Factor scores of several groups are not on one scale. Give the fit of one group.")
    sample = fit.solution.groups[0].moments
    absent = [name for name in sample.variables if name not in data.columns]
    if absent:
        problems = [
            Problem(where="data", found=f"no column {name!r}", remedy="Give the data of the fit.") for name in absent
        ]
        raise DataError("The data are not those of the fit.", problems)
    values = data[list(sample.variables)].to_numpy(dtype=float)
    is_missing = np.isnan(values)
    used = ~is_missing.any(axis=1)
    if np.isnan(sample.observations).any():
        used = ~is_missing.all(axis=1)
    same = int(used.sum()) == len(sample.observations)
    if not same or not np.allclose(values[used], sample.observations, rtol=1e-12, equal_nan=True):
        found = f"{int(used.sum())} usable rows, and {len(sample.observations)} in the fit, or other values"
        problem = Problem(
            where="data", found=found, remedy="Give the data the model was fitted to, rows in the same order."
        )
        raise DataError("The data are not those of the fit.", [problem])
    return factor_scores(fit).set_axis(data.index[used]).reindex(data.index)


def error_findings(
    data: pd.DataFrame, scores: RegressionScores, *, predictor: str, moderator: str, rows: pd.Index
) -> tuple[Finding, ...]:
    """What measurement error does to the regression, in numbers where items are known.

    Parameters
    ----------
    data : pandas.DataFrame
        With the items.
    scores : RegressionScores
        The variables.
    predictor, moderator : str
        The two whose product is of interest.
    rows : pandas.Index
        Those analysed.
    """
    if scores.from_factors:
        message = (
            "Factor scores are no latent variables: regressions among regression scores give biased slopes and "
            "standard errors that ignore how uncertain the scores are (Skrondal & Laake 2001). Compare with the latent "
            "interaction, Y ~ X + Z + X:Z in sem()."
        )
        return (Finding(severity="warning", where="factor scores", message=message),)
    first, second = (scale_alpha(data.loc[rows], scores.items.get(name, ())) for name in (predictor, moderator))
    remedy = "The latent interaction, Y ~ X + Z + X:Z in sem(), allows for it."
    if isnan(first) or isnan(second):
        message = (
            "Measurement error of the scores attenuates the interaction and costs power (Busemeyer & Jones 1983). "
            f"{remedy}"
        )
        return (Finding(severity="note", where="measurement error", message=message),)
    correlation = float(scores.frame.loc[rows, predictor].corr(scores.frame.loc[rows, moderator]))
    product = product_reliability(first, second, correlation=correlation)
    message = (
        f"Reliability (alpha) is {format_bounded(first)} for {predictor} and {format_bounded(second)} for {moderator}, "
        f"so that of their product is about {format_bounded(product)} (Busemeyer & Jones 1983, for normal scores): the "
        f"interaction is attenuated, and its test loses power. {remedy}"
    )
    return (Finding(severity="warning", where="measurement error", message=message),)


def scale_alpha(data: pd.DataFrame, items: Sequence[str]) -> float:
    """Coefficient alpha of items in complete rows; NaN for fewer than two items."""
    if len(items) < 2:
        return nan
    return alpha(np.cov(data[list(items)].dropna().to_numpy(dtype=float), rowvar=False))
