"""All indices of careless responding side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from surveysem.data.careless.consistency import even_odd_consistency
from surveysem.data.careless.longstring import average_runs, longest_runs
from surveysem.data.careless.mahalanobis import mahalanobis_distances
from surveysem.data.careless.synonyms import psychometric_antonyms, psychometric_synonyms
from surveysem.data.careless.variability import response_variability
from surveysem.errors import DataError, Problem


def careless_indices(
    answers: pd.DataFrame,
    *,
    scales: Mapping[str, Sequence[str]] | None = None,
    reverse_keyed: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Indices of careless responding, one row a respondent.

    Parameters
    ----------
    answers : pandas.DataFrame, shape (n, p)
        Answers to the items in the order they were given, before reverse coding; NaN where missing.
    scales : Mapping of str to sequence of str, optional
        Items of each scale, for the even–odd consistency.
    reverse_keyed : Mapping of str to float, optional
        For each reverse-keyed item the sum of the lowest and the highest answer of its scale (8 for answers from 1 to
        7); these are reversed for the even–odd consistency.

    Returns
    -------
    pandas.DataFrame
        longest_run, average_run, irv, mahalanobis (D²), mahalanobis_p, even_odd, synonyms, antonyms, missing (share).
        NaN where an index is not defined.

    Raises
    ------
    DataError
        For columns that are absent or not numeric, or covariances that are not positive definite.

    References
    ----------
    meade_craig_2012, curran_2016

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("b2b_micro_influencer")
    >>> items = list(study.specification.indicators)
    >>> frame = ss.simulate_responses(study, n=200, seed=7)[items]
    >>> careless_indices(frame).columns.tolist()[:3]
    ['longest_run', 'average_run', 'irv']
    """
    _check(answers, scales or {}, reverse_keyed or {})
    values = answers.to_numpy(dtype=np.float64, na_value=np.nan)
    places = {name: place for place, name in enumerate(answers.columns)}
    reversed_answers = values.copy()
    for name, total in (reverse_keyed or {}).items():
        reversed_answers[:, places[name]] = total - values[:, places[name]]
    distances = mahalanobis_distances(values)
    columns = {
        "longest_run": longest_runs(values),
        "average_run": average_runs(values),
        "irv": response_variability(values),
        "mahalanobis": distances.squared,
        "mahalanobis_p": distances.p_values,
        "even_odd": even_odd_consistency(
            reversed_answers, [[places[name] for name in names] for names in (scales or {}).values()]
        ),
        "synonyms": psychometric_synonyms(values),
        "antonyms": psychometric_antonyms(values),
        "missing": np.isnan(values).mean(axis=1),
    }
    return pd.DataFrame(columns, index=answers.index)


def _check(answers: pd.DataFrame, scales: Mapping[str, Sequence[str]], reverse_keyed: Mapping[str, float]) -> None:
    problems = [
        Problem(where=f"column {name}", found="it is not numeric", remedy="Pass codes, or leave the column out.")
        for name in answers.columns
        if not pd.api.types.is_numeric_dtype(answers[name])
    ]
    problems += [
        Problem(where=f"column {name}", found="infinite cells", remedy="Correct them, or make them missing.")
        for name, column in answers.select_dtypes("number").items()
        if np.isinf(column.to_numpy(dtype=np.float64, na_value=np.nan)).any()
    ]
    named = {f"scale {scale}": names for scale, names in scales.items()} | {"reverse_keyed": list(reverse_keyed)}
    problems += [
        Problem(where=where, found=f"there is no column {name!r}", remedy="Name columns of the answers.")
        for where, names in named.items()
        for name in names
        if name not in answers.columns
    ]
    if problems:
        raise DataError("The answers cannot be looked at.", problems)
