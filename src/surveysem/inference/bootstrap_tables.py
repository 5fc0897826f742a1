"""Draws and intervals of a bootstrap as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from surveysem.inference.bootstrap_intervals import BootstrapInterval, Confidence, acceleration_of, bootstrap_interval
from surveysem.inference.estimates import identity_columns, stacked, with_definitions
from surveysem.inference.fit import Fit
from surveysem.inference.information import casewise_scores, invert_information, observed_information
from surveysem.inference.standardized import plain_rows, standardized_rows
from surveysem.specification import Parameter
from surveysem.typing import FloatArray, IntArray


def draws_frame(fit: Fit, estimates: FloatArray, standardized: FloatArray, numbers: pd.Index[int]) -> pd.DataFrame:
    """One row a replicate, one column a parameter that is not fixed; estimates, then standardised ones.

    Parameters
    ----------
    fit : Fit
        The full sample.
    estimates, standardized : arrays of shape (s, k)
        Rows of the table of estimates in each replicate.
    numbers : pandas.Index of length *s*
        Numbers of the replicates.
    """
    rows, shown = _table_rows(fit), fit.estimates
    suffix = [f".g{row.group}" if row.group > 1 else "" for row in rows]
    names = [
        row.lhs if row.op == ":=" else f"{lhs}{row.op}{rhs}{end}"
        for row, lhs, rhs, end in zip(rows, shown["lhs"], shown["rhs"], suffix, strict=True)
    ]
    free = np.array([row.free > 0 or row.op == ":=" for row in rows])
    varying = shown["std_std_error"].to_numpy() != 0
    columns = [("estimate", name) for name, kept in zip(names, free, strict=True) if kept]
    columns += [("std_all", name) for name, kept in zip(names, varying, strict=True) if kept]
    return pd.DataFrame(
        np.hstack([estimates[:, free], standardized[:, varying]]),
        index=numbers,
        columns=pd.MultiIndex.from_tuples(columns, names=["solution", "parameter"]),
    )


def intervals_frame(
    fit: Fit,
    estimates: FloatArray,
    standardized: FloatArray,
    accelerations: tuple[FloatArray, FloatArray] | None,
    *,
    confidence: Confidence,
    level: float,
) -> pd.DataFrame:
    """One row a row of ``fit.estimates``, with bootstrap standard errors, intervals and p-values.

    Parameters
    ----------
    fit : Fit
        The full sample.
    estimates, standardized : arrays of shape (s, k)
        Rows of the table of estimates in each replicate.
    accelerations : tuple of two arrays of shape (k,), or None
        Of BCa intervals, for estimates and standardised ones.
    confidence, level
        Kind and level of the intervals.
    """
    rows, shown = _table_rows(fit), fit.estimates
    columns: dict[str, object] = dict(identity_columns(rows, fit.products))
    exogenous = np.array([row.exogenous for row in rows])
    for place, (prefix, name, draws) in enumerate((("", "estimate", estimates), ("std_", "std_all", standardized))):
        values = shown[name].to_numpy()
        if not place:
            # Moments of observed exogenous variables follow the sample and are no estimates.
            draws = np.where(exogenous, values, draws)
        skews = np.zeros(len(rows)) if accelerations is None else accelerations[place]
        found = [
            bootstrap_interval(draw, value, confidence=confidence, level=level, acceleration=float(skew))
            for draw, value, skew in zip(draws.T, values.tolist(), skews, strict=True)
        ]
        columns[name] = values
        columns |= _interval_columns(found, prefix)
    return pd.DataFrame(columns)


def _interval_columns(found: list[BootstrapInterval], prefix: str) -> dict[str, list[float]]:
    return {
        f"{prefix}std_error": [each.std_error for each in found],
        f"{prefix}ci_lower": [each.lower for each in found],
        f"{prefix}ci_upper": [each.upper for each in found],
        f"{prefix}p_value": [each.p_value for each in found],
        f"{prefix}n_draws": [each.n_draws for each in found],
    }


def _table_rows(fit: Fit) -> tuple[Parameter, ...]:
    return (*fit.table.parameters, *fit.table.definitions)


def likelihood_accelerations(fit: Fit) -> tuple[FloatArray, FloatArray]:
    """Accelerations of estimates and standardised ones from casewise scores, in the order of the rows, each (k,).

    Notes
    -----
    The scores of a group have mean 0 by themselves where draws are made within groups; they are summed over clusters
    where clusters are drawn.
    """
    solution = fit.solution
    inverse = invert_information(observed_information(solution), solution)
    scores = [_of_units(casewise_scores(group), group.moments.clusters) for group in solution.groups]
    influence = np.vstack(scores) @ inverse
    plain = stacked([plain_rows(group) for group in solution.groups])
    standardized = stacked([standardized_rows(group, "std_all", fit.products) for group in solution.groups])
    of_plain, of_standardized = (
        acceleration_of(influence @ with_definitions(fit.table, rows).jacobian.T) for rows in (plain, standardized)
    )
    return of_plain, of_standardized


def _of_units(scores: FloatArray, clusters: IntArray | None) -> FloatArray:
    """Scores (n, q) less their mean, of rows or summed within clusters."""
    centred: FloatArray = scores - scores.mean(axis=0)
    if clusters is None:
        return centred
    sums = np.zeros((int(clusters.max()) + 1, scores.shape[1]))
    np.add.at(sums, clusters, centred)
    return sums


def jackknife_accelerations(leave_one_out: FloatArray, sizes: Sequence[int]) -> FloatArray:
    """Accelerations (k,) from estimates (n, k) without each row in turn, rows of groups of *sizes* one after the other.

    Notes
    -----
    Deviations are taken from the mean of the group, since draws are made within groups.

    References
    ----------
    efron_1987

    Examples
    --------
    >>> jackknife_accelerations(np.array([[1.0], [2.0], [6.0]]), [3]).round(4)
    array([-0.0573])
    """
    parts = np.split(leave_one_out, np.cumsum(sizes)[:-1])
    return acceleration_of(np.vstack([part.mean(axis=0) - part for part in parts]))
