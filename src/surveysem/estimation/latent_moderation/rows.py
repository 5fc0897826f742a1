"""Rows grouped by what is known of them: which answers they have, and the values of observed factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class RowGroups:
    """*n* rows of *p* variables in *o* groups that have the same answers and the same values of observed factors.

    Parameters
    ----------
    values : array of shape (n, p)
        Rows sorted by group; 0 where an answer is missing.
    order : int array of shape (n,)
        Place of each sorted row among the observations.
    bounds : int array of shape (o + 1,)
        Group g holds the sorted rows from ``bounds[g]`` to ``bounds[g + 1]``.
    present : bool array of shape (o, p)
        Which answers each group has.
    given : array of shape (o, c)
        Values of the *c* observed factors in each group.
    """

    values: FloatArray
    order: IntArray
    bounds: IntArray
    present: NDArray[np.bool_]
    given: FloatArray

    @property
    def n_obs(self) -> int:
        """Rows, *n*."""
        return len(self.values)

    @property
    def n_groups(self) -> int:
        """Groups, *o*."""
        return len(self.present)

    @property
    def group_of_row(self) -> IntArray:
        """Group of each sorted row, of shape (n,)."""
        return np.repeat(np.arange(self.n_groups), np.diff(self.bounds))

    def slices(self) -> list[slice]:
        """Sorted rows of each group."""
        return [slice(int(begin), int(end)) for begin, end in pairwise(self.bounds)]

    def part(self, first: int, last: int) -> RowGroups:
        """The groups from *first* up to but not including *last*."""
        at = slice(int(self.bounds[first]), int(self.bounds[last]))
        return RowGroups(
            values=self.values[at],
            order=self.order[at],
            bounds=self.bounds[first : last + 1] - self.bounds[first],
            present=self.present[first:last],
            given=self.given[first:last],
        )


def row_groups(observations: FloatArray, given_columns: Sequence[int] = ()) -> RowGroups:
    """Rows in groups; NaN marks what is missing.

    Parameters
    ----------
    observations : array of shape (n, p)
        The rows.
    given_columns : sequence of int
        Columns of the observed factors, which are complete.

    Examples
    --------
    >>> groups = row_groups(np.array([[1.0, np.nan], [2.0, 5.0], [3.0, np.nan]]))
    >>> groups.present.tolist(), groups.order.tolist(), groups.bounds.tolist()
    ([[True, True], [True, False]], [1, 0, 2], [0, 1, 3])
    """
    present = ~np.isnan(observations)
    columns = list(given_columns)
    keys = np.hstack([~present, observations[:, columns]]).astype(np.float64)
    _, first, group, counts = np.unique(keys, axis=0, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(group.ravel(), kind="stable")
    arrays = {
        "values": np.where(present, observations, 0.0)[order],
        "order": order,
        "bounds": np.concatenate([[0], np.cumsum(counts)]),
        "present": present[first],
        "given": observations[first][:, columns],
    }
    for array in arrays.values():
        array.setflags(write=False)
    return RowGroups(**arrays)
