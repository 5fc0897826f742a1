"""Latent means and variances of several groups, and their differences, with standard errors by the delta method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from surveysem.inference import Fit
from surveysem.inference.estimates import stacked, wald_tests
from surveysem.inference.multiplicity import holm_adjusted
from surveysem.inference.standardized import Rows, plain_rows
from surveysem.typing import FloatArray, IntArray

_COLUMNS = ("std_error", "z", "p_value", "ci_lower", "ci_upper")


@dataclass(frozen=True, kw_only=True, eq=False)
class _Moments:
    """Means and variances of the latent variables by group, with derivatives.

    Parameters
    ----------
    means, variances : Rows
        Values of shape (m · g,), variable by variable.
    """

    means: Rows
    variances: Rows


def _moments(fit: Fit) -> _Moments:
    rows = stacked([plain_rows(group) for group in fit.solution.groups])
    at = {(row.lhs, row.op, row.rhs, row.group): index for index, row in enumerate(fit.table.parameters)}
    groups = range(1, len(fit.group_labels) + 1)
    means = [at[name, "~1", "", g] for name in fit.table.latent for g in groups]
    variances = [at[name, "~~", name, g] for name in fit.table.latent for g in groups]
    return _Moments(
        means=Rows(values=rows.values[means], jacobian=rows.jacobian[means]),
        variances=Rows(values=rows.values[variances], jacobian=rows.jacobian[variances]),
    )


def latent_moments_by_group(fit: Fit) -> pd.DataFrame:
    """Latent means and variances: one row a latent variable and group.

    Returns
    -------
    pandas.DataFrame
        Columns latent_variable, group, n_obs, mean, variance.
    """
    moments = _moments(fit)
    sizes = [group.moments.n_obs for group in fit.solution.groups]
    identity = [
        {"latent_variable": name, "group": label, "n_obs": n}
        for name in fit.table.latent
        for label, n in zip(fit.group_labels, sizes, strict=True)
    ]
    return pd.DataFrame(identity).assign(mean=moments.means.values, variance=moments.variances.values)


def latent_mean_differences(fit: Fit, reference: str, *, level: float) -> pd.DataFrame:
    """Differences of latent means from a group of reference, raw and standardised.

    Parameters
    ----------
    fit : Fit
        Several groups, at the scalar level.
    reference : str
        One of its group labels.
    level : float
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        See :class:`~surveysem.modelling.latent_means.LatentMeans`.

    References
    ----------
    hancock_2001
    """
    moments, n_groups = _moments(fit), len(fit.group_labels)
    sizes = np.array([group.moments.n_obs for group in fit.solution.groups], dtype=float)
    base = fit.group_labels.index(reference)
    others = [index for index in range(n_groups) if index != base]
    pairs = [(v * n_groups + g, v * n_groups + base) for v in range(len(fit.table.latent)) for g in others]
    identity = pd.DataFrame(
        [
            {"latent_variable": name, "group": fit.group_labels[g], "reference": reference}
            for name in fit.table.latent
            for g in others
        ]
    )
    first, second = (np.array(each) for each in zip(*pairs, strict=True))
    share = np.array([sizes[g] / (sizes[g] + sizes[base]) for _ in fit.table.latent for g in others])
    raw = _minus(moments.means, first, second)
    within = _weighted(moments.variances, first, second, share)
    tables = [
        _tested(fit, raw, "difference", "", level),
        _tested(fit, standardized_difference(raw, _taken(moments.variances, second)), "d", "d_", level),
        _tested(fit, standardized_difference(raw, within), "d_pooled", "d_pooled_", level),
    ]
    tables[0].insert(4, "p_adjusted", holm_adjusted(tables[0]["p_value"].to_numpy()))
    return pd.concat([identity, *tables], axis=1)


def standardized_difference(difference: Rows, variance: Rows) -> Rows:
    """Differences over the roots of variances, δ/√φ, with derivatives; NaN where a variance is not positive.

    Parameters
    ----------
    difference, variance : Rows
        Values of shape (k,) and derivatives (k, q).

    References
    ----------
    hancock_2001
    """
    values = np.where(variance.values > 0, variance.values, np.nan)
    deviation = np.sqrt(values)
    ratio = difference.values / deviation
    slopes = difference.jacobian / deviation[:, None] - (ratio / (2.0 * values))[:, None] * variance.jacobian
    return Rows(values=ratio, jacobian=slopes)


def _taken(rows: Rows, at: IntArray) -> Rows:
    return Rows(values=rows.values[at], jacobian=rows.jacobian[at])


def _minus(rows: Rows, first: IntArray, second: IntArray) -> Rows:
    return Rows(values=rows.values[first] - rows.values[second], jacobian=rows.jacobian[first] - rows.jacobian[second])


def _weighted(rows: Rows, first: IntArray, second: IntArray, share: FloatArray) -> Rows:
    rest = 1.0 - share
    return Rows(
        values=share * rows.values[first] + rest * rows.values[second],
        jacobian=share[:, None] * rows.jacobian[first] + rest[:, None] * rows.jacobian[second],
    )


def _tested(fit: Fit, rows: Rows, name: str, prefix: str, level: float) -> pd.DataFrame:
    tested = wald_tests(rows, fit.parameter_covariance, level)
    return pd.DataFrame({name: tested.estimate} | {f"{prefix}{each}": getattr(tested, each) for each in _COLUMNS})
