"""Many samples of the same incomplete rows, and the full-information discrepancy of all of them at once.

A sample says how often each row counts. Rows times the square root of that number give the likelihood of the sample
with the patterns of the whole, so that patterns are sorted once. By the inverse P of Σ, what a row adds needs only the
small missing block of P; see :mod:`surveysem.data.missing.conditioning`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from surveysem.data.missing import MissingMoments, missing_patterns, saturated_moments
from surveysem.data.missing.layout import PatternBlock
from surveysem.data.moments import SampleMoments
from surveysem.estimation.batched import ModelPoint, gradient_along, model_point, slopes_along, stacked_precision
from surveysem.estimation.discrepancy import Discrepancy
from surveysem.estimation.full_information import FullInformation
from surveysem.estimation.stacks import BoolArray, SampleStack, StackedGroup, stacked_cholesky, stacked_inverse
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class IncompleteRows:
    """Rows of one group and their patterns of missing values: what all samples of them share.

    Parameters
    ----------
    observations : array of shape (n, p)
        NaN where missing.
    observed : bool array of shape (K, p)
        Which variables each pattern has.
    pattern_of_row : int array of shape (n,)
        The pattern of each observation.
    row_pattern : int array of shape (R,)
        The pattern of each row of the layout, in which patterns with many rows are compressed; never decreasing.
    blocks : tuple of PatternBlock
        Patterns by number of missing variables.
    """

    observations: FloatArray
    observed: BoolArray
    pattern_of_row: IntArray
    row_pattern: IntArray
    blocks: tuple[PatternBlock, ...]

    @cached_property
    def crowded(self) -> IntArray:
        """Patterns that are compressed: each takes one row more than it has variables."""
        sizes = np.bincount(self.pattern_of_row, minlength=len(self.observed))
        return np.flatnonzero(sizes > self.observed.sum(axis=1) + 1)

    @cached_property
    def plain(self) -> tuple[IntArray, IntArray]:
        """Rows of the layout that are observations, and which."""
        order = np.argsort(self.pattern_of_row, kind="stable")
        kept = ~np.isin(self.pattern_of_row[order], self.crowded)
        return np.flatnonzero(~np.isin(self.row_pattern, self.crowded)), order[kept]

    @cached_property
    def is_complete(self) -> BoolArray:
        """Variables that no row lacks, of shape (p,)."""
        return np.asarray(self.observed.all(axis=0))

    @cached_property
    def present(self) -> BoolArray:
        """Cells of the layout that are observed, of shape (R, p)."""
        return self.observed[self.row_pattern]


@dataclass(frozen=True, kw_only=True, eq=False)
class IncompleteStack:
    """Many samples of the same incomplete rows.

    Parameters
    ----------
    shared : IncompleteRows
        The rows.
    frequencies : array of shape (b, n)
        How often each row counts in each sample.
    values : array of shape (b, n, p) or (1, n, p)
        Their values, which differ between samples where variables are centred anew; zero where missing.
    rows : array of shape (b, R, p)
        Layout of each sample: rows times the square root of their number; zero where missing.
    shift : array of shape (b, R)
        How many times the mean is to be subtracted.
    counts : array of shape (b, K)
        Rows of each pattern.
    moments : SampleStack
        Of the variables that no row lacks; NaN for others.
    """

    shared: IncompleteRows
    frequencies: FloatArray
    values: FloatArray
    rows: FloatArray
    shift: FloatArray
    counts: FloatArray
    moments: SampleStack

    @property
    def n_obs(self) -> FloatArray:
        """Rows of each sample, of shape (b,)."""
        return self.moments.n_obs

    @property
    def size_of_one(self) -> int:
        """Bytes of one sample."""
        return int(self.rows[0].nbytes)

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, chosen: BoolArray | slice) -> IncompleteStack:
        """Some of the samples."""
        return IncompleteStack(
            shared=self.shared,
            frequencies=self.frequencies[chosen],
            values=self.values[chosen] if len(self.values) > 1 else self.values,
            rows=self.rows[chosen],
            shift=self.shift[chosen],
            counts=self.counts[chosen],
            moments=self.moments.take(chosen),
        )

    def single(self, number: int, variables: tuple[str, ...]) -> tuple[SampleMoments, Discrepancy]:
        """One sample as an engine takes it: rows repeated, patterns and unrestricted moments found anew.

        Raises
        ------
        DataError
            When the rows drawn cannot carry the unrestricted moments.
        """
        values = self.values[min(number, len(self.values) - 1)]
        rows = np.where(np.isnan(self.shared.observations), np.nan, values)
        drawn = rows.repeat(self.frequencies[number].astype(np.int64), axis=0)
        missing = missing_patterns(pd.DataFrame(drawn, columns=list(variables)), variables)
        saturated = saturated_moments(missing)
        moments = SampleMoments(
            variables=variables,
            covariance=saturated.covariance,
            means=saturated.means,
            n_obs=missing.n_obs,
            observations=missing.observations,
        )
        return moments, FullInformation(missing=missing, saturated=saturated)


def incomplete_rows(missing: MissingMoments) -> IncompleteRows:
    """Rows of a full-information fit, prepared for many samples of them."""
    return IncompleteRows(
        observations=np.asarray(missing.observations),
        observed=missing.layout.observed,
        pattern_of_row=missing.pattern_of_row,
        row_pattern=missing.layout.row_pattern,
        blocks=missing.layout.blocks,
    )


def incomplete_stack(
    shared: IncompleteRows, frequencies: FloatArray, values: FloatArray | None = None
) -> IncompleteStack:
    """Samples in which rows count as often as *frequencies* (b, n) says.

    Parameters
    ----------
    shared : IncompleteRows
        The rows.
    frequencies : array of shape (b, n)
        Whole numbers, 0 for rows that were not drawn.
    values : array of shape (b, n, p), optional
        Values in place of those of *shared*, missing in the same cells.
    """
    filled = np.nan_to_num(shared.observations[None] if values is None else values, nan=0.0)
    b, n_patterns = len(frequencies), len(shared.observed)
    rows = np.zeros((b, *shared.present.shape))
    shift = np.zeros(rows.shape[:2])
    counts = np.stack([frequencies @ (shared.pattern_of_row == each) for each in range(n_patterns)], axis=1)
    at, source = shared.plain
    shift[:, at] = np.sqrt(frequencies[:, source])
    rows[:, at] = shift[:, at, None] * filled[:, source]
    for pattern in shared.crowded:
        first, last = np.searchsorted(shared.row_pattern, [pattern, pattern + 1])
        columns, members = np.flatnonzero(shared.observed[pattern]), shared.pattern_of_row == pattern
        means, factor = _compressed(filled[:, members][:, :, columns], frequencies[:, members])
        shift[:, first] = np.sqrt(counts[:, pattern])
        rows[:, first, columns] = shift[:, first, None] * means
        rows[:, first + 1 : last, columns] = factor
    return IncompleteStack(
        shared=shared,
        frequencies=frequencies,
        values=filled,
        rows=rows,
        shift=shift,
        counts=counts,
        moments=_complete_moments(shared, frequencies, filled),
    )


def _compressed(values: FloatArray, frequencies: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Means (b, o) and triangular factors (b, o, o) of the scatter of complete rows (b, n, o) in each sample."""
    totals = np.maximum(frequencies.sum(axis=1, keepdims=True), 1.0)
    means = (
        np.einsum("bn,bno->bo", frequencies, np.broadcast_to(values, (len(frequencies), *values.shape[1:]))) / totals
    )
    weighted = np.sqrt(frequencies)[:, :, None] * (values - means[:, None])
    factor: FloatArray = np.asarray(np.linalg.qr(weighted, mode="r"))
    return means, factor


def _complete_moments(shared: IncompleteRows, frequencies: FloatArray, filled: FloatArray) -> SampleStack:
    b, p = len(frequencies), filled.shape[2]
    totals = frequencies.sum(axis=1)
    covariances, means = np.full((b, p, p), np.nan), np.full((b, p), np.nan)
    at = np.flatnonzero(shared.is_complete)
    if len(at):
        complete, factor = _compressed(filled[:, :, at], frequencies)
        means[:, at] = complete
        covariances[:, at[:, None], at] = factor.swapaxes(1, 2) @ factor / totals[:, None, None]
    return SampleStack(covariances=covariances, means=means, n_obs=totals)


def stacked_full_information(
    group: StackedGroup, theta: FloatArray, samples: IncompleteStack
) -> tuple[FloatArray, FloatArray]:
    """−2/n log-likelihood without its constant, and ∂F/∂θ, of many samples of one group.

    Parameters
    ----------
    group : StackedGroup
        The model.
    theta : array of shape (b, q)
        One point a sample.
    samples : IncompleteStack
        *b* samples.

    Returns
    -------
    value, gradient : arrays of shape (b,) and (b, q)
        Infinite, and 0, where the implied covariance is not positive definite.
    """
    point = model_point(group, theta, samples.moments)
    precision, log_determinant = stacked_precision(group, point)
    logs, unseen, residuals, solved = _conditioned(point, precision, samples)
    n = samples.n_obs
    spread = samples.counts.sum(axis=1) * log_determinant + logs
    value = (spread + (residuals * solved).sum(axis=(1, 2))) / n
    scale = n[:, None, None]
    omega = precision - precision @ (unseen / scale) @ precision - solved.swapaxes(1, 2) @ solved / scale
    direction = np.einsum("br,brp->bp", samples.shift, solved) / n[:, None]
    slopes = slopes_along(group, point, value=value, omega=omega, direction=direction)
    gradient = gradient_along(group, point, slopes)
    value = np.where(np.isfinite(value), value, np.inf)
    gradient[~np.isfinite(value)] = 0.0
    return value, gradient


def _conditioned(
    point: ModelPoint, precision: FloatArray, samples: IncompleteStack
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """What missing values take from ln|Σ| (b,), the sum of P_mm⁻¹ (b, p, p), residuals and W times them (b, R, p)."""
    shared, (b, _, p) = samples.shared, samples.rows.shape
    residuals = samples.rows - samples.shift[:, :, None] * (point.mean[:, None] * shared.present)
    projected = residuals @ precision
    logs, unseen = np.zeros(b), np.zeros((b, p * p))
    completed = residuals.copy()
    for block in shared.blocks:
        inner = precision.reshape(b, p * p)[:, block.cells]
        counts = samples.counts[:, block.patterns]
        factor = stacked_cholesky(inner.reshape(-1, *inner.shape[2:])).reshape(inner.shape)
        logs += 2.0 * (counts * np.log(np.einsum("bcii->bci", factor)).sum(axis=2)).sum(axis=1)
        inverse = stacked_inverse(inner.reshape(-1, *inner.shape[2:])).reshape(inner.shape)
        _scatter_add(unseen, block.cells, inverse * counts[:, :, None, None])
        rows, missing = np.arange(block.rows.start, block.rows.stop)[:, None], block.missing[block.position]
        half = projected[:, rows, missing]
        completed[:, rows, missing] = -(inverse[:, block.position] @ half[..., None])[..., 0]
    solved = completed @ precision
    solved *= shared.present
    return logs, unseen.reshape(b, p, p), residuals, solved


def _scatter_add(total: FloatArray, cells: IntArray, blocks: FloatArray) -> None:
    """Add blocks (b, c, m, m) to the places *cells* (c, m, m) of matrices (b, p²), which patterns may share."""
    b, size = total.shape
    places = (size * np.arange(b)[:, None] + cells.reshape(-1)).reshape(-1)
    total += np.bincount(places, weights=blocks.reshape(-1), minlength=b * size).reshape(b, size)
