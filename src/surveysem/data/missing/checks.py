"""What makes incomplete rows useless for a model, all of it at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from surveysem.data.moments import (
    _LARGEST,
    _NO_VARIATION,
    _column_problems,
    _constant,
    _too_few_rows,
)
from surveysem.data.wording import counted, listed, rows_listed
from surveysem.errors import DataError, Problem
from surveysem.typing import FloatArray

_SINGULAR = 1e-7  # eigenvalue of the correlations
_INVOLVED = 1e-3  # entry of the projector on such eigenvalues
_REFUSAL = "The means and covariances cannot be estimated from these incomplete answers."


def check_columns(frame: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Refuse columns that are absent, repeated or not numeric.

    Raises
    ------
    DataError
        Lists them all.
    """
    _refuse(_column_problems(frame, names))


def check_answers(frame: pd.DataFrame, names: tuple[str, ...]) -> None:
    """Refuse answers that cannot be described: no rows, infinite cells, columns absent, repeated or not numeric.

    Raises
    ------
    DataError
        Lists everything found.
    """
    problems = _column_problems(frame, names)
    if not len(frame):
        problems.append(Problem(where="the answers", found="no rows", remedy="Pass at least one row."))
    if not problems:
        observations = frame[list(names)].to_numpy(dtype=np.float64, na_value=np.nan)
        problems = _value_problems(observations, names, frame.index)
    if problems:
        raise DataError("The answers cannot be described.", problems)


def check_values(observations: FloatArray, coverage: FloatArray, names: tuple[str, ...], labels: pd.Index[int]) -> None:
    """Refuse rows from which the moments cannot be estimated.

    Parameters
    ----------
    observations : array of shape (n, p)
        NaN where missing.
    coverage : array of shape (p, p)
        Share of rows that have both variables.
    names : tuple of str, length *p*
        Variables.
    labels : pandas.Index, length *n*
        How the rows are called in messages.

    Raises
    ------
    DataError
        Lists everything found.
    """
    problems = _value_problems(observations, names, labels)
    if len(observations) <= len(names):
        problems.append(_too_few_rows(len(observations), len(names)))
    seen = np.diag(coverage) > 0.0
    problems += [_never_observed(names[column]) for column in np.flatnonzero(~seen)]
    problems += _constant_problems(observations, seen, names)
    _refuse(problems + _pair_problems(coverage, seen, names))


def dependence_error(correlation: FloatArray, names: tuple[str, ...]) -> DataError:
    """The error for variables whose estimated correlations (p, p) are singular: it names the dependent sets."""
    return DataError(_REFUSAL, [_singular([names[member] for member in members]) for members in _sets(correlation)])


def _sets(correlation: FloatArray) -> list[list[int]]:
    """Sets of variables that are nearly dependent: the projector on small eigenvalues is block diagonal over them."""
    values, vectors = np.linalg.eigh(correlation)
    small = vectors[:, values <= max(_SINGULAR, values[0])]
    projector = small @ small.T
    involved = np.flatnonzero(np.diag(projector) > _INVOLVED)
    _, labels = connected_components(np.abs(projector[np.ix_(involved, involved)]) > _INVOLVED, directed=False)
    return [involved[labels == label].tolist() for label in np.unique(labels)]


def _singular(names: list[str]) -> Problem:
    return Problem(
        where=f"variables {listed(names, limit=30)}",
        found="their estimated covariance is singular: each can be computed from the others, or too few rows have them "
        "together",
        remedy="Leave one out; often a sum or mean score stands beside the items it was made of. If not, collect more "
        "answers to them from the same people.",
    )


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DataError(_REFUSAL, problems)


def _value_problems(observations: FloatArray, names: tuple[str, ...], labels: pd.Index[int]) -> list[Problem]:
    size = np.abs(observations)
    kinds = (
        (np.isinf(size), "infinite", "Correct these cells; often a division by zero made them."),
        (np.isfinite(size) & (size > _LARGEST), "above 1e100", "Express the variable in a larger unit."),
    )
    problems = []
    for found, word, remedy in kinds:
        for column in np.flatnonzero(found.any(axis=0)):
            concerned = labels[found[:, column]].tolist()
            where = f"variable {names[column]}, {rows_listed(concerned)}"
            problems.append(Problem(where=where, found=f"{counted(len(concerned), 'cell')} {word}", remedy=remedy))
    return problems


def _never_observed(name: str) -> Problem:
    return Problem(
        where=f"variable {name}",
        found="no row has a value",
        remedy="Leave it out of the model, or look for a mistake in its column.",
    )


def _constant_problems(observations: FloatArray, seen: np.ndarray, names: tuple[str, ...]) -> list[Problem]:
    problems = []
    for column in np.flatnonzero(seen):
        values = observations[~np.isnan(observations[:, column]), column]
        if np.isfinite(values).all() and np.ptp(values) <= _NO_VARIATION * np.abs(values).max():
            problems.append(_constant(names[column], float(values[0])))
    return problems


def _pair_problems(coverage: FloatArray, seen: np.ndarray, names: tuple[str, ...]) -> list[Problem]:
    apart = np.triu(coverage == 0.0, k=1) & np.outer(seen, seen)
    return [
        _never_together(names[first], [names[other] for other in np.flatnonzero(apart[first])])
        for first in np.flatnonzero(apart.any(axis=1))
    ]


def _never_together(name: str, others: list[str]) -> Problem:
    return Problem(
        where=f"variable {name} with {listed(others, limit=30)}",
        found="no row has both, so their covariance cannot be estimated",
        remedy="Leave one of them out, or collect answers to both from the same people.",
    )
