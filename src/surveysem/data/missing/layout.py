"""How incomplete rows are laid out so that no loop runs over patterns.

Patterns are sorted by their number of missing variables, and patterns with equal numbers form one block, whose small
matrices are handled in one batch. Rows follow their patterns. A pattern with more rows than it needs is compressed: its
mean and a triangular factor of its scatter say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from surveysem.typing import FloatArray, IntArray

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class PatternBlock:
    """Patterns with the same number *m* ≥ 1 of missing variables.

    Parameters
    ----------
    patterns : slice
        Their place among all patterns; *c* of them.
    rows : slice
        The place of their rows among the rows of the layout; *r* of them.
    position : int array of shape (r,)
        Which of the *c* patterns each of these rows has.
    missing : int array of shape (c, m)
        Missing variables.
    cells : int array of shape (c, m, m)
        The missing block of each pattern as places in a flattened (p, p) matrix.
    """

    patterns: slice
    rows: slice
    position: IntArray
    missing: IntArray
    cells: IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class PatternLayout:
    """Incomplete rows, grouped by their *K* patterns.

    Parameters
    ----------
    n_obs : int
        Observations, *n*; more than rows where patterns were compressed.
    observed : bool array of shape (K, p)
        Which variables each pattern has.
    counts : int array of shape (K,)
        Observations of each pattern.
    rows : array of shape (R, p)
        Values, or what replaces them; zero where missing.
    shift : array of shape (R,)
        How many times the mean is to be subtracted: 1 for a plain row, √n_k for the mean of a compressed pattern, 0 for
        a row of its factor.
    row_pattern : int array of shape (R,)
        The pattern of each row; never decreasing.
    blocks : tuple of PatternBlock
        Patterns by number of missing variables; the complete pattern is in none.
    """

    n_obs: int
    observed: BoolArray
    counts: IntArray
    rows: FloatArray
    shift: FloatArray
    row_pattern: IntArray
    blocks: tuple[PatternBlock, ...]

    def residuals(self, mu: FloatArray) -> FloatArray:
        """Rows less the mean *mu* (p,), zero where missing, of shape (R, p)."""
        difference: FloatArray = self.rows - self.shift[:, None] * np.where(self.observed[self.row_pattern], mu, 0.0)
        return difference

    def standardized(self, center: FloatArray, spread: FloatArray) -> PatternLayout:
        """The same rows in other units: less *center* (p,), divided by *spread* (p,)."""
        return replace(self, rows=self.residuals(center) / spread)


def sorted_patterns(observed_cells: BoolArray) -> tuple[BoolArray, IntArray]:
    """Distinct rows of an (n, p) mask, fewest missing first, and the pattern of each row (n,)."""
    packed = np.packbits(observed_cells, axis=1)
    _, first, pattern_of_row = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    patterns = observed_cells[first]
    order = np.argsort(-patterns.sum(axis=1), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return patterns[order], rank[pattern_of_row.reshape(-1)].astype(np.int64)


def compressed_layout(observations: FloatArray, observed: BoolArray, pattern_of_row: IntArray) -> PatternLayout:
    """Layout in which no pattern has more rows than observed variables plus one.

    Parameters
    ----------
    observations : array of shape (n, p)
        NaN where missing.
    observed : bool array of shape (K, p)
        Patterns, as :func:`sorted_patterns` gives them.
    pattern_of_row : int array of shape (n,)
        The pattern of each observation.
    """
    counts = np.bincount(pattern_of_row, minlength=len(observed)).astype(np.int64)
    crowded = counts > observed.sum(axis=1) + 1
    plain = np.flatnonzero(~crowded[pattern_of_row])
    pieces = [np.nan_to_num(observations[plain], nan=0.0)]
    shifts, owners = [np.ones(len(plain))], [pattern_of_row[plain]]
    for pattern in np.flatnonzero(crowded):
        rows = _compress(observations[pattern_of_row == pattern], observed[pattern])
        pieces.append(rows)
        shifts.append(np.append(np.sqrt(counts[pattern]), np.zeros(len(rows) - 1)))
        owners.append(np.full(len(rows), pattern))
    return _layout(observed, counts, np.vstack(pieces), np.concatenate(shifts), np.concatenate(owners))


def casewise_layout(observations: FloatArray, observed: BoolArray, pattern_of_row: IntArray) -> PatternLayout:
    """Layout with every observation as a row of its own, sorted by pattern (stable)."""
    counts = np.bincount(pattern_of_row, minlength=len(observed)).astype(np.int64)
    rows = np.nan_to_num(observations, nan=0.0)
    return _layout(observed, counts, rows, np.ones(len(rows)), pattern_of_row)


def _compress(rows: FloatArray, observed: BoolArray) -> FloatArray:
    """Scaled mean and triangular factor of complete rows, zero where missing; their cross-product stays the same."""
    present = rows[:, observed]
    mean = present.mean(axis=0)
    factor = np.linalg.qr(present - mean, mode="r")
    compressed = np.zeros((1 + len(factor), rows.shape[1]))
    compressed[0, observed] = np.sqrt(len(rows)) * mean
    compressed[1:, observed] = factor
    return compressed


def _layout(
    observed: BoolArray, counts: IntArray, rows: FloatArray, shift: FloatArray, row_pattern: IntArray
) -> PatternLayout:
    order = np.argsort(row_pattern, kind="stable")
    layout = PatternLayout(
        n_obs=int(counts.sum()),
        observed=observed,
        counts=counts,
        rows=rows[order],
        shift=shift[order],
        row_pattern=row_pattern[order],
        blocks=_blocks(observed, row_pattern[order]),
    )
    for array in (layout.observed, layout.counts, layout.rows, layout.shift, layout.row_pattern):
        array.setflags(write=False)
    return layout


def _blocks(observed: BoolArray, row_pattern: IntArray) -> tuple[PatternBlock, ...]:
    p = observed.shape[1]
    n_missing = p - observed.sum(axis=1)
    blocks = []
    for m in np.unique(n_missing[n_missing > 0]):
        first, last = np.searchsorted(n_missing, [m, m + 1])
        begin, end = np.searchsorted(row_pattern, [first, last])
        missing = np.nonzero(~observed[first:last])[1].reshape(-1, m)
        block = PatternBlock(
            patterns=slice(int(first), int(last)),
            rows=slice(int(begin), int(end)),
            position=row_pattern[begin:end] - first,
            missing=missing,
            cells=missing[:, :, None] * p + missing[:, None, :],
        )
        for array in (block.position, block.missing, block.cells):
            array.setflags(write=False)
        blocks.append(block)
    return tuple(blocks)
