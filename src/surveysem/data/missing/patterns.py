"""Incomplete rows as a frozen value, grouped by which variables they lack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from surveysem.data.missing.checks import check_columns, check_values
from surveysem.data.missing.layout import BoolArray, PatternLayout, compressed_layout, sorted_patterns
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class MissingPattern:
    """Moments of the *n_k* rows that have the same *o* variables.

    Parameters
    ----------
    observed : int array of shape (o,)
        Places of the variables these rows have.
    rows : int array of shape (n_k,)
        Places of the rows among the observations.
    n_obs : int
        Rows, *n_k*.
    means : array of shape (o,)
        Their means.
    covariance : array of shape (o, o)
        Divided by *n_k*; zero when there is one row.
    """

    observed: IntArray
    rows: IntArray
    n_obs: int
    means: FloatArray
    covariance: FloatArray

    def __post_init__(self) -> None:
        for array in (self.observed, self.rows, self.means, self.covariance):
            array.setflags(write=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class MissingMoments:
    """Rows of *p* variables, some values missing, grouped by their *K* patterns.

    Parameters
    ----------
    variables : tuple of str
        Names, in the order of the columns.
    observations : array of shape (n, p)
        Rows with at least one value, in the order of the frame; NaN where missing.
    kept_rows : int array of shape (n,)
        Their places in the frame, from 0.
    n_empty : int
        Rows without any value, which were left out.
    coverage : array of shape (p, p)
        Share of the *n* rows that have both variables.
    pattern_of_row : int array of shape (n,)
        Which pattern each observation has.
    layout : PatternLayout
        The same rows, as the likelihood needs them.

    Notes
    -----
    All arrays are read-only.
    """

    variables: tuple[str, ...]
    observations: FloatArray = field(repr=False)
    kept_rows: IntArray = field(repr=False)
    n_empty: int
    coverage: FloatArray
    pattern_of_row: IntArray = field(repr=False)
    layout: PatternLayout = field(repr=False)

    def __post_init__(self) -> None:
        for array in (self.observations, self.kept_rows, self.coverage, self.pattern_of_row):
            array.setflags(write=False)

    @property
    def n_obs(self) -> int:
        """Rows with at least one value, *n*."""
        return len(self.observations)

    @cached_property
    def patterns(self) -> tuple[MissingPattern, ...]:
        """Moments of each pattern, those with the fewest missing variables first."""
        return tuple(self._pattern(number) for number in range(len(self.layout.observed)))

    def _pattern(self, number: int) -> MissingPattern:
        observed = np.flatnonzero(self.layout.observed[number])
        rows = np.flatnonzero(self.pattern_of_row == number)
        values = self.observations[np.ix_(rows, observed)]
        means = values.mean(axis=0)
        centred = values - means
        return MissingPattern(
            observed=observed, rows=rows, n_obs=len(rows), means=means, covariance=centred.T @ centred / len(rows)
        )


def missing_patterns(frame: pd.DataFrame, variables: Sequence[str]) -> MissingMoments:
    """Rows with at least one value, grouped by which variables they have.

    Parameters
    ----------
    frame : pandas.DataFrame
        Observations; NaN where a value is missing. Rows without any value are left out and counted.
    variables : sequence of str, length *p*
        Numeric columns of *frame*.

    Raises
    ------
    DataError
        Lists everything that stands in the way: absent, repeated or non-numeric columns, infinite values, variables
        that were never observed or do not vary, pairs that no row has together, no more rows than variables.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, np.nan, np.nan], "b": [2.0, 1.0, np.nan, 4.0, np.nan]})
    >>> missing = missing_patterns(frame, ["a", "b"])
    >>> missing.n_obs, missing.n_empty, [pattern.observed.tolist() for pattern in missing.patterns]
    (4, 1, [[0, 1], [1], [0]])
    >>> missing.coverage
    array([[0.75, 0.5 ],
           [0.5 , 0.75]])
    """
    names = tuple(variables)
    check_columns(frame, names)
    values = frame.loc[:, list(names)].to_numpy(dtype=np.float64, na_value=np.nan)
    kept = np.flatnonzero(~np.isnan(values).all(axis=1))
    observations = values[kept]
    cells = ~np.isnan(observations)
    coverage = _coverage(cells)
    check_values(observations, coverage, names, frame.index[kept])
    return _grouped(names, observations, cells, kept, len(values) - len(kept), coverage)


def _coverage(cells: BoolArray) -> FloatArray:
    present = cells.astype(np.float64)
    return present.T @ present / max(len(present), 1)


def _grouped(
    names: tuple[str, ...],
    observations: FloatArray,
    cells: BoolArray,
    kept: IntArray,
    n_empty: int,
    coverage: FloatArray,
) -> MissingMoments:
    observed, pattern_of_row = sorted_patterns(cells)
    return MissingMoments(
        variables=names,
        observations=observations,
        kept_rows=kept,
        n_empty=n_empty,
        coverage=coverage,
        pattern_of_row=pattern_of_row,
        layout=compressed_layout(observations, observed, pattern_of_row),
    )
