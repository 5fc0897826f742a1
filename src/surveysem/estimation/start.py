"""Start values: rough moments-based guesses, overridden by the author's."""

from __future__ import annotations

import numpy as np

from surveysem.data.moments import SampleMoments
from surveysem.specification import Parameter, ParameterTable
from surveysem.typing import FloatArray

_LEAST_SHARE, _LARGEST_SHARE = 0.1, 0.9
"""Bounds on the share of an indicator's variance that its latent variable is first taken to explain."""
_ENDOGENOUS_SHARE = 0.7
"""Share of an outcome's variance that is first taken to be residual."""


def start_values(table: ParameterTable, samples: tuple[SampleMoments, ...]) -> FloatArray:
    """Start values of the free parameters, of shape (q,).

    Loadings and latent variances come from ratios of covariances, regressions start at 0, intercepts at the means,
    thresholds at those of the sample.

    Parameters
    ----------
    table : ParameterTable
        The model, all groups.
    samples : tuple of SampleMoments
        One a group.
    """
    theta = np.zeros(table.n_free)
    seen: set[int] = set()
    for group, sample in enumerate(samples, start=1):
        guesses = _group_guesses(table.in_group(group), sample)
        for row, guess in guesses:
            if row.free and row.free not in seen:
                theta[row.free - 1] = guess
                seen.add(row.free)
    for row in table:
        if row.free and row.start is not None:
            theta[row.free - 1] = row.start
    return theta


def _group_guesses(table: ParameterTable, sample: SampleMoments) -> list[tuple[Parameter, float]]:
    at = {name: index for index, name in enumerate(table.observed)}
    loadings, variances = _measurement(table, sample.covariance, at)
    outcomes = {row.lhs for row in table if row.op == "~"} | {row.rhs for row in table if row.op == "=~"}
    guesses = []
    for row in table.parameters:
        guess = 0.0
        if row.op == "=~":
            guess = loadings.get((row.lhs, row.rhs), 1.0)
        elif row.op == "~1" and row.lhs in at:
            guess = float(sample.means[at[row.lhs]])
        elif row.op == "|":
            guess = float(sample.thresholds[row.lhs][int(row.rhs[1:]) - 1])
        elif row.op == "~*~":
            guess = 1.0
        elif row.op == "~~" and row.lhs == row.rhs:
            guess = _variance(row.lhs, table, sample.covariance, at, variances, outcomes)
        guesses.append((row, guess))
    return guesses


def _variance(
    name: str,
    table: ParameterTable,
    covariance: FloatArray,
    at: dict[str, int],
    variances: dict[str, float],
    outcomes: set[str],
) -> float:
    if name in table.latent:
        return variances[name] * (_ENDOGENOUS_SHARE if name in outcomes else 1.0)
    total = float(covariance[at[name], at[name]])
    indicates = any(row.op == "=~" and row.rhs == name for row in table)
    return total * (0.5 if indicates else _ENDOGENOUS_SHARE if name in outcomes else 1.0)


def _measurement(
    table: ParameterTable, covariance: FloatArray, at: dict[str, int]
) -> tuple[dict[tuple[str, str], float], dict[str, float]]:
    """Guesses of loadings, by (latent variable, indicator), and of latent variances."""
    loadings: dict[tuple[str, str], float] = {}
    variances: dict[str, float] = {}
    fixed = {row.lhs: row.value for row in table if row.op == "~~" and row.lhs == row.rhs and row.value}
    loads_on = {name: [row for row in table if row.op == "=~" and row.lhs == name] for name in table.latent}
    # Higher orders last: their loadings need the variances of the latent variables they load on.
    for latent in sorted(table.latent, key=lambda name: all(row.rhs not in at for row in loads_on[name])):
        rows = loads_on[latent]
        measured = [row for row in rows if row.rhs in at]
        if not measured:
            variances[latent] = fixed.get(latent) or _second_order_variance(rows, variances)
            loadings |= _second_order_loadings(rows, variances, _marker_signs(rows, loads_on, covariance, at))
            continue
        marker = next((row for row in measured if row.value), measured[0])
        shared = _shared_variance(covariance, at[marker.rhs], [at[row.rhs] for row in measured if row is not marker])
        size = marker.value or np.sqrt(shared / (fixed.get(latent) or 1.0))
        variances[latent] = shared / size**2
        loadings[latent, marker.rhs] = float(size)
        for row in measured:
            if row is not marker:
                loadings[latent, row.rhs] = _loading(covariance, at[marker.rhs], at[row.rhs], shared, float(size))
    return loadings, variances


def _second_order_variance(rows: list[Parameter], variances: dict[str, float]) -> float:
    """Half the variance of the first latent indicator in the units its loading gives it."""
    known = [variances[row.rhs] / (row.value or 1.0) ** 2 for row in rows if row.rhs in variances]
    return 0.5 * known[0] if known else 1.0


def _second_order_loadings(
    rows: list[Parameter], variances: dict[str, float], signs: dict[str, float]
) -> dict[tuple[str, str], float]:
    """Loadings that explain half the variance of each latent indicator."""
    return {
        (row.lhs, row.rhs): signs[row.rhs] * float(np.sqrt(0.5 * variances[row.rhs] / variances[row.lhs]))
        for row in rows
        if row.rhs in variances
    }


def _marker_signs(
    rows: list[Parameter], loads_on: dict[str, list[Parameter]], covariance: FloatArray, at: dict[str, int]
) -> dict[str, float]:
    """Sign of the covariance of each latent indicator's first observed item with that of the first; else 1."""
    first_items = {row.rhs: next((at[each.rhs] for each in loads_on[row.rhs] if each.rhs in at), None) for row in rows}
    reference = next((item for item in first_items.values() if item is not None), None)
    return {
        name: -1.0 if item is not None and covariance[reference, item] < 0 else 1.0
        for name, item in first_items.items()
    }


def _shared_variance(covariance: FloatArray, marker: int, others: list[int]) -> float:
    """Variance the marker shares with the other indicators: the median of s_mj·s_mk/s_jk, within bounds."""
    total = float(covariance[marker, marker])
    triads = [
        covariance[marker, j] * covariance[marker, k] / covariance[j, k]
        for number, j in enumerate(others)
        for k in others[:number]
        if covariance[j, k] != 0
    ]
    positive = [triad for triad in triads if triad > 0]
    guess = float(np.median(positive)) if positive else 0.5 * total
    return min(max(guess, _LEAST_SHARE * total), _LARGEST_SHARE * total)


def _loading(covariance: FloatArray, marker: int, indicator: int, shared: float, size: float) -> float:
    """Loading that gives the indicator's covariance with the marker, within bounds."""
    total = float(covariance[indicator, indicator])
    guess = float(covariance[marker, indicator]) / shared * size
    largest = np.sqrt(_LARGEST_SHARE * total / shared) * abs(size)
    least = np.sqrt(_LEAST_SHARE * total / shared) * abs(size)
    sign = -1.0 if guess < 0 else 1.0
    return float(sign * min(max(abs(guess), least), largest))
