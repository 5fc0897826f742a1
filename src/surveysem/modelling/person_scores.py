"""Scores of respondents: factor scores and means of items, beside their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pandas as pd

from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.modelling.regression_scores import factor_scores_of_rows
from surveysem.specification import ParameterTable

ScoreKind: TypeAlias = Literal["factor", "scale"]


@dataclass(frozen=True, kw_only=True, eq=False)
class PersonScores:
    """Scores of respondents.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a respondent of the data, in their order and with their index; the ids first, then one column a
        construct, missing where a score is.
    kind : {"factor", "scale"}
        Regression factor scores (of ordered items empirical Bayes modal ones), or means of the items.
    findings : tuple of Finding
        Who has no score, and what the scores may be used for.
    """

    frame: pd.DataFrame
    kind: str
    findings: tuple[Finding, ...]


def person_scores(
    fit: Fit,
    data: pd.DataFrame,
    *,
    kind: ScoreKind = "factor",
    ids: str | Sequence[str] = (),
    minimum_answered: float = 1.0,
) -> PersonScores:
    """Factor scores, or means of the items, of every latent variable of a fitted model.

    Parameters
    ----------
    fit : Fit
        One group.
    data : pandas.DataFrame
        The data it was fitted to; reverse-keyed items are reversed already.
    kind : {"factor", "scale"}
        Factor scores, or the mean of each latent variable's items.
    ids : str or sequence of str
        Columns carried along, such as the respondent's id.
    minimum_answered : float
        Share of a scale's items that must be answered for a mean of those that are; 1 asks for all.

    Raises
    ------
    UnsupportedError
        For an unknown kind, a share outside (0, 1], several groups, and where there are no factor scores.
    DataError
        When the data are not those of the fit, or an id column is absent or has a score's name.

    References
    ----------
    skrondal_laake_2001

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> fit = ss.cfa("dem60 =~ y1 + y2 + y3 + y4", data)
    >>> person_scores(fit, data, kind="scale").frame["dem60"].round(2).tolist()[:2]
    [1.46, 1.15]
    """
    names = (ids,) if isinstance(ids, str) else tuple(ids)
    _check(fit, data, kind, names, minimum_answered)
    factors = kind == "factor"
    scores = factor_scores_of_rows(fit, data) if factors else _scale_means(data, fit.table, minimum_answered)
    frame = pd.concat([data[list(names)], scores], axis=1)
    return PersonScores(frame=frame, kind=kind, findings=_findings(scores, kind))


def _scale_means(data: pd.DataFrame, table: ParameterTable, minimum_answered: float) -> pd.DataFrame:
    items: Mapping[str, tuple[str, ...]] = {name: table.indicators_of(name) for name in table.latent}
    columns = {}
    for name, own in items.items():
        if not set(own) <= set(table.observed):
            own = tuple(dict.fromkeys(item for part in own for item in table.indicators_of(part)))
        answers = data[list(own)].astype(float)
        answered = answers.notna().mean(axis=1)
        columns[name] = answers.mean(axis=1).where(answered >= minimum_answered - 1e-12)
    return pd.DataFrame(columns, index=data.index)


def _check(fit: Fit, data: pd.DataFrame, kind: str, ids: Sequence[str], minimum_answered: float) -> None:
    if kind not in ("factor", "scale"):
        raise UnsupportedError(f"There are no scores of kind {kind!r}. Available: 'factor', 'scale'.")
    if not 0.0 < minimum_answered <= 1.0:
        raise UnsupportedError(f"minimum_answered={minimum_answered} is not a share above 0 and up to 1.")
    if len(fit.solution.groups) > 1:
        raise UnsupportedError("Scores of several groups are not on one scale. Give the fit of one group.")
    needed = fit.table.observed if kind == "scale" else ()
    problems = [
        Problem(where="data", found=f"no column {name!r}", remedy="Give the data of the fit and their id columns.")
        for name in (*ids, *needed)
        if name not in data.columns
    ]
    problems += [
        Problem(where=f"id {name}", found="a latent variable has this name", remedy="Rename the column.")
        for name in ids
        if name in fit.table.latent
    ]
    if problems:
        raise DataError("The scores cannot be put beside the respondents.", problems)


def _findings(scores: pd.DataFrame, kind: str) -> tuple[Finding, ...]:
    without = int(scores.isna().any(axis=1).sum())
    found = []
    if without:
        message = f"{without} of {len(scores)} respondents lack a score because answers are missing."
        found.append(Finding(severity="warning", where="scores", message=message))
    if kind == "factor":
        message = (
            "Factor scores carry measurement error: regressions among them are biased (Skrondal & Laake 2001). Test "
            "relations in the model itself."
        )
        found.append(Finding(severity="note", where="scores", message=message))
    return tuple(found)
