"""Means and covariances of the observed variables, and what makes them useless for a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components

from surveysem.data.wording import closest, counted, listed, rows_listed
from surveysem.errors import DataError, Problem
from surveysem.typing import FloatArray, IntArray

_NO_VARIATION = 1e-12  # standard deviation relative to the largest value
_PERFECT = 1e-10  # distance of a squared correlation from 1 that rounding alone can make
_LARGEST = 1e100  # squares of larger values overflow


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleMoments:
    """Means and covariances of *p* observed variables over *n* complete rows.

    Parameters
    ----------
    variables : tuple of str
        Names, in the order of the columns.
    covariance : ndarray, shape (p, p)
        Divided by *n*, as maximum likelihood has it, or by *n* − 1 for least squares; of latent responses with
        variance 1 in place of ordered variables.
    means : ndarray, shape (p,)
        Sample means; 0 for ordered variables.
    n_obs : int
        Number of rows, *n*.
    observations : ndarray, shape (n, p)
        The rows themselves, which robust corrections need.
    clusters : ndarray of int, shape (n,), or None
        Cluster each row belongs to, where rows are not independent.
    thresholds : mapping of str to ndarray
        Normal quantiles of the cumulative shares of each ordered variable; empty without them.

    Notes
    -----
    All arrays are read-only copies.
    """

    variables: tuple[str, ...]
    covariance: FloatArray
    means: FloatArray
    n_obs: int
    observations: FloatArray
    clusters: IntArray | None = None
    thresholds: Mapping[str, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("covariance", "means", "observations"):
            array = np.array(getattr(self, name), dtype=np.float64)
            array.setflags(write=False)
            object.__setattr__(self, name, array)


def sample_moments(frame: pd.DataFrame, variables: Sequence[str]) -> SampleMoments:
    """Means and covariances (divided by *n*) of the complete rows of a frame.

    Parameters
    ----------
    frame : pandas.DataFrame, *n* rows
        Observations; choosing the complete rows is the caller's task.
    variables : sequence of str, length *p*
        Numeric columns of *frame*.

    Raises
    ------
    DataError
        Lists everything that stands in the way: absent, repeated, non-numeric, missing or infinite values, variables
        that do not vary, equal each other or are linear combinations of others, and fewer rows than variables.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 6.0], "b": [2.0, 1.0, 5.0, 4.0]})
    >>> sample_moments(frame, ["a", "b"]).covariance
    array([[3.5 , 1.75],
           [1.75, 2.5 ]])
    """
    names = tuple(variables)
    _refuse(_column_problems(frame, names))
    observations = frame.loc[:, list(names)].to_numpy(dtype=np.float64)
    _refuse(_value_problems(observations, names, frame.index))
    _refuse(_dependence_problems(observations, names))
    means = observations.mean(axis=0)
    centred = observations - means
    return SampleMoments(
        variables=names,
        covariance=centred.T @ centred / len(observations),
        means=means,
        n_obs=len(observations),
        observations=observations,
    )


def check_enough_observations(*, n_obs: int, n_parameters: int) -> None:
    """Refuse to estimate more free parameters than there are rows.

    Parameters
    ----------
    n_obs : int
        Complete rows, *n*.
    n_parameters : int
        Free parameters, *q*.

    Raises
    ------
    DataError
        When *n* < *q*.

    Examples
    --------
    >>> check_enough_observations(n_obs=200, n_parameters=31)
    """
    if n_obs >= n_parameters:
        return
    problem = Problem(
        where="the analysed rows",
        found=f"{counted(n_obs, 'row')} for {counted(n_parameters, 'free parameter')}",
        remedy="Collect more answers, or make the model smaller: fewer items per construct, fewer paths, "
        'matched instead of all product indicators (pairs="matched").',
    )
    raise DataError("There are fewer rows than parameters to estimate.", [problem])


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DataError("The covariances of the observed variables cannot carry a model.", problems)


def _column_problems(frame: pd.DataFrame, names: tuple[str, ...]) -> list[Problem]:
    if not names:
        return [Problem(where="variables", found="none is named", remedy="Name at least one column.")]
    problems = [
        Problem(where=f"variable {name}", found=f"named {count} times", remedy="Name every variable once.")
        for name, count in Counter(names).items()
        if count > 1
    ]
    columns = Counter(str(column) for column in frame.columns)
    for name in dict.fromkeys(names):
        if columns[name] != 1:
            problems.append(_absent_or_repeated(name, columns))
        elif not pd.api.types.is_numeric_dtype(frame[name]):
            problems.append(_not_numeric(frame, name))
    return problems


def _absent_or_repeated(name: str, columns: Counter[str]) -> Problem:
    if columns[name] > 1:
        return Problem(
            where=f"variable {name}", found=f"{columns[name]} columns have this name", remedy="Rename all but one."
        )
    match = closest(name, columns)
    hint = f"Did you mean {match}?" if match else f"The columns are: {listed(columns, limit=12)}."
    return Problem(where=f"variable {name}", found="the data have no such column", remedy=hint)


def _not_numeric(frame: pd.DataFrame, name: str) -> Problem:
    return Problem(
        where=f"variable {name}",
        found=f"the column is not numeric (it is {frame[name].dtype})",
        remedy="Turn its answers into numbers; read_responses does so for the questions of a questionnaire.",
    )


def _value_problems(observations: FloatArray, names: tuple[str, ...], rows: pd.Index[int]) -> list[Problem]:
    too_large = np.abs(observations) > _LARGEST
    kinds = (
        (np.isnan(observations), "missing", "Analyse complete rows only, or replace the missing values beforehand."),
        (np.isinf(observations), "infinite", "Correct these cells; often a division by zero made them."),
        (too_large & ~np.isinf(observations), "above 1e100", "Express the variable in a larger unit."),
    )
    problems = []
    for found, word, remedy in kinds:
        for column in np.flatnonzero(found.any(axis=0)):
            concerned = rows[found[:, column]].tolist()
            where = f"variable {names[column]}, {rows_listed(concerned)}"
            problems.append(Problem(where=where, found=f"{counted(len(concerned), 'cell')} {word}", remedy=remedy))
    return problems


def _dependence_problems(observations: FloatArray, names: tuple[str, ...]) -> list[Problem]:
    n_obs, n_variables = observations.shape
    problems = []
    if n_obs <= n_variables:
        problems.append(_too_few_rows(n_obs, n_variables))
    if n_obs < 2:
        return problems
    constant = _is_constant(observations)
    problems += [
        _constant(name, value) for name, value in zip(np.array(names)[constant], observations[0, constant], strict=True)
    ]
    varying = np.flatnonzero(~constant)
    if n_obs <= n_variables or not varying.size:
        return problems
    correlation = np.atleast_2d(np.corrcoef(observations[:, varying], rowvar=False))
    pairs = np.argwhere(np.triu(correlation**2 > 1 - _PERFECT, k=1))
    kept = np.setdiff1d(np.arange(varying.size), pairs[:, 1])
    problems += [_duplicated(names[varying[a]], names[varying[b]], correlation[a, b]) for a, b in pairs]
    return problems + [
        _collinear([names[varying[kept[member]]] for member in members])
        for members in _dependent_sets(correlation[np.ix_(kept, kept)])
    ]


def _is_constant(observations: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    magnitude = np.abs(observations).max(axis=0)
    return np.asarray(observations.std(axis=0) <= _NO_VARIATION * magnitude)


def _dependent_sets(correlation: FloatArray) -> list[list[int]]:
    """Smallest sets of variables that are linearly dependent.

    The projector on the null space of the correlations is block diagonal over such sets.
    """
    values, vectors = np.linalg.eigh(correlation)
    null_space = vectors[:, values < _PERFECT]
    projector = null_space @ null_space.T
    involved = np.flatnonzero(np.diag(projector) > _PERFECT)
    _, labels = connected_components(np.abs(projector[np.ix_(involved, involved)]) > np.sqrt(_PERFECT), directed=False)
    return [involved[labels == label].tolist() for label in np.unique(labels)]


def _too_few_rows(n_obs: int, n_variables: int) -> Problem:
    return Problem(
        where="the analysed rows",
        found=f"fewer rows than variables, or as many: {counted(n_obs, 'row')}, {counted(n_variables, 'variable')}",
        remedy="Collect more answers or use fewer variables; there must be more rows than variables.",
    )


def _constant(name: str, value: float) -> Problem:
    return Problem(
        where=f"variable {name}",
        found=f"it does not vary (always {value:g})",
        remedy="Leave it out of the model: it carries no information.",
    )


def _duplicated(first: str, second: str, correlation: float) -> Problem:
    return Problem(
        where=f"variables {first} and {second}",
        found=f"one repeats the other (correlation {correlation:.0f})",
        remedy="Leave one out, or correct the file if a column was copied by mistake.",
    )


def _collinear(names: list[str]) -> Problem:
    return Problem(
        where=f"variables {listed(names, limit=30)}",
        found="each of them is a linear combination of the others",
        remedy="Leave one out; often a sum or mean score stands beside the items it was made of.",
    )
