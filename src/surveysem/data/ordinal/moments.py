"""Sample statistics of ordered and continuous variables that a model is fitted to by weighted least squares."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

from surveysem.data.ordinal.checks import checked_values
from surveysem.data.ordinal.columns import (
    BoolArray,
    ContinuousColumns,
    OrderedColumns,
    continuous_columns,
    ordered_columns,
)
from surveysem.data.ordinal.conditional import ConditionalEstimates, conditional_estimates
from surveysem.data.ordinal.influence import TwoStageEstimates, as_two_stage, two_stage_estimates
from surveysem.data.ordinal.remarks import pairs_with_empty_cells, remarks
from surveysem.data.ordinal.statistics import OrdinalStatistic, ordinal_statistics
from surveysem.findings import Finding
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class OrdinalMoments:
    """Thresholds, means, variances and latent correlations of *p* variables over *n* complete rows.

    Parameters
    ----------
    variables : tuple of str
        Names, in the order of the columns.
    ordered : tuple of str
        Those whose values are ordered categories.
    n_obs : int
        Number of rows, *n*.
    categories : mapping of str to tuple of float
        Observed codes of each ordered variable, ascending.
    thresholds : mapping of str to ndarray
        Normal quantiles of the cumulative shares of each ordered variable, one fewer than categories.
    means, variances : mapping of str to float
        Of the continuous variables; variances divided by *n*.
    correlation : ndarray, shape (p, p)
        Polychoric (both ordered), polyserial (one) and product-moment (none) correlations.
    statistic_names : tuple of OrdinalStatistic, length *s*
        What the elements of *statistics* are.
    statistics : ndarray, shape (s,)
        Thresholds and reversed means, variances, then covariances column by column, as lavaan's ``wls.obs``.
    gamma : ndarray, shape (s, s)
        Asymptotic covariance matrix of √n times the statistics.
    exogenous : tuple of str
        Observed exogenous variables, *k* of them. Where there are any, all of the above are those given them:
        thresholds and means (intercepts) where they are 0, residual variances and correlations; and there are slopes
        among the statistics.
    slopes : ndarray, shape (p, k)
        Of the regressions on the exogenous variables, probit for ordered ones.
    empty_cells : tuple of pairs of str
        Pairs of ordered variables with combinations of categories that no row has.
    findings : tuple of Finding
        What a reader of the results must know about them.

    Notes
    -----
    All arrays are read-only copies.
    """

    variables: tuple[str, ...]
    ordered: tuple[str, ...]
    n_obs: int
    categories: Mapping[str, tuple[float, ...]]
    thresholds: Mapping[str, FloatArray]
    means: Mapping[str, float]
    variances: Mapping[str, float]
    correlation: FloatArray
    statistic_names: tuple[OrdinalStatistic, ...]
    statistics: FloatArray
    gamma: FloatArray
    empty_cells: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    exogenous: tuple[str, ...] = ()
    slopes: FloatArray = field(default_factory=lambda: np.empty((0, 0)))

    def __post_init__(self) -> None:
        for name in ("correlation", "statistics", "gamma", "slopes"):
            object.__setattr__(self, name, _read_only(getattr(self, name)))
        thresholds = {name: _read_only(values) for name, values in self.thresholds.items()}
        object.__setattr__(self, "thresholds", MappingProxyType(thresholds))
        for name in ("categories", "means", "variances"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @property
    def covariance(self) -> FloatArray:
        """Covariances of the latent responses, whose variance is 1, and the continuous variables, shape (p, p)."""
        scale = np.sqrt([self.variances.get(name, 1.0) for name in self.variables])
        return np.asarray(self.correlation * np.outer(scale, scale))

    @property
    def diagonal_weights(self) -> FloatArray:
        """Weights of diagonally weighted least squares, 1 / diag(gamma), shape (s,)."""
        return np.asarray(1.0 / np.diag(self.gamma))


def ordinal_moments(
    frame: pd.DataFrame, variables: Sequence[str], ordered: Collection[str], exogenous: Sequence[str] = ()
) -> OrdinalMoments:
    """Thresholds, latent correlations and their asymptotic covariance from the complete rows of a frame.

    Parameters
    ----------
    frame : pandas.DataFrame, *n* rows
        Observations; choosing the complete rows is the caller's task.
    variables : sequence of str, length *p*
        Numeric columns of *frame*.
    ordered : collection of str
        Those whose values are ordered categories; any codes, of which only the order counts.
    exogenous : sequence of str
        Other columns, numeric and observed without a model, given which the statistics are to be.

    Raises
    ------
    DataError
        Lists everything that stands in the way: absent, repeated, non-numeric, missing or infinite values, variables
        that do not vary, ordered ones with more than 20 categories, continuous ones that have two values, equal each
        other or are linear combinations of others.
    EstimationError
        When a correlation cannot be computed, or an exogenous variable tells categories apart without error.

    Notes
    -----
    First the thresholds, means and variances, one variable at a time; then each correlation by maximum likelihood,
    these held fixed. With s_i the scores of row *i*, gamma is the sandwich B⁻¹ (Σ s_i s_iᵀ / n) B⁻ᵀ; B, the derivative
    of the mean score, is estimated by mean products of scores, which is consistent for jointly normal latent responses
    and continuous variables (lavaan does the same). Rows in a cell whose probability under the estimate is below 1.5e-8
    have no score; a finding says so. One half is added to the only empty cell of a 2 × 2 table, margins kept, to
    estimate its correlation.

    With exogenous variables the first stage is a regression of each variable on them (probit for ordered ones), and
    the correlations are those of the residuals, from the likelihoods of single rows; nothing is added to empty cells.

    References
    ----------
    muthen_1984, olsson_1979, olsson_drasgow_dorans_1982

    Examples
    --------
    >>> frame = pd.DataFrame({"u": [1, 1, 2, 2, 3, 3, 2, 1], "v": [0, 0, 1, 0, 1, 1, 0, 1]})
    >>> moments = ordinal_moments(frame, ["u", "v"], ["u", "v"])
    >>> {str(name): round(float(value), 3) for name, value in zip(moments.statistic_names, moments.statistics)}
    {'u|t1': -0.319, 'u|t2': 0.674, 'v|t1': 0.0, 'u~~v': 0.643}
    """
    names = tuple(variables)
    if exogenous:
        return _given(frame, names, ordered, tuple(exogenous))
    values = checked_values(frame, names, ordered)
    is_ordered = np.array([name in ordered for name in names])
    codings = [np.unique(row, return_inverse=True) for row in values[is_ordered]]
    columns = ordered_columns(
        np.array([codes for _, codes in codings]), np.array([len(categories) for categories, _ in codings])
    )
    continuous = continuous_columns(values[~is_ordered])
    estimates = two_stage_estimates(is_ordered=is_ordered, ordered=columns, continuous=continuous)
    categories = [tuple(found.tolist()) for found, _ in codings]
    return _moments(names, is_ordered, categories, columns, continuous, estimates)


def _moments(
    names: tuple[str, ...],
    is_ordered: BoolArray,
    categories: Sequence[tuple[float, ...]],
    columns: OrderedColumns,
    continuous: ContinuousColumns,
    estimates: TwoStageEstimates,
) -> OrdinalMoments:
    ordered = tuple(name for name, found in zip(names, is_ordered, strict=True) if found)
    others = tuple(name for name in names if name not in ordered)
    thresholds = {
        name: row[real] for name, row, real in zip(ordered, columns.thresholds, columns.is_threshold, strict=True)
    }
    means = dict(zip(others, continuous.means.tolist(), strict=True))
    variances = dict(zip(others, continuous.variances.tolist(), strict=True))
    locations = [thresholds[name] if name in thresholds else np.array([-means[name]]) for name in names]
    scale = np.sqrt([variances.get(name, 1.0) for name in names])
    pair_scale = scale[estimates.pairs].prod(axis=1)
    correlation = _symmetric(estimates, len(names))
    gamma = estimates.influence @ estimates.influence.T / columns.n_obs
    standard_errors = np.sqrt(np.diag(gamma)[len(gamma) - len(pair_scale) :] / columns.n_obs) / pair_scale
    return OrdinalMoments(
        variables=names,
        ordered=ordered,
        n_obs=columns.n_obs,
        categories=dict(zip(ordered, categories, strict=True)),
        thresholds=thresholds,
        means=means,
        variances=variances,
        correlation=correlation,
        statistic_names=ordinal_statistics(names, {name: len(row) + 1 for name, row in thresholds.items()}),
        statistics=np.concatenate([*locations, continuous.variances, estimates.correlation * pair_scale]),
        gamma=gamma,
        empty_cells=pairs_with_empty_cells(names, estimates),
        findings=remarks(names, estimates, correlation, standard_errors),
    )


def _given(
    frame: pd.DataFrame, names: tuple[str, ...], ordered: Collection[str], exogenous: tuple[str, ...]
) -> OrdinalMoments:
    """Statistics given exogenous variables."""
    values = checked_values(frame, (*names, *exogenous), ordered, exogenous=exogenous)
    explained = dict(zip(names, values, strict=False))
    codings = {name: np.unique(explained[name], return_inverse=True) for name in names if name in ordered}
    explained |= {name: codes.astype(np.float64) for name, (_, codes) in codings.items()}
    found = conditional_estimates(explained, codings.keys(), values[len(names) :])
    tables = ordered_columns(
        np.array([codes for _, codes in codings.values()]), np.array([len(each) for each, _ in codings.values()])
    )
    categories = {name: tuple(each.tolist()) for name, (each, _) in codings.items()}
    return _conditional_moments(found, exogenous, categories, as_two_stage(found, tables))


def _conditional_moments(
    found: ConditionalEstimates,
    exogenous: tuple[str, ...],
    categories: Mapping[str, tuple[float, ...]],
    estimates: TwoStageEstimates,
) -> OrdinalMoments:
    names, n_obs = tuple(found.regressions), found.influence.shape[1]
    correlation = _symmetric(estimates, len(names))
    gamma = found.influence @ found.influence.T / n_obs
    pair_scale = found.pair_scale
    standard_errors = np.sqrt(np.diag(gamma)[len(gamma) - len(pair_scale) :] / n_obs) / pair_scale
    return OrdinalMoments(
        variables=names,
        ordered=tuple(categories),
        n_obs=n_obs,
        categories=categories,
        thresholds={name: each.thresholds for name, each in found.probit.items()},
        means={name: each.intercept for name, each in found.linear.items()},
        variances={name: each.variance for name, each in found.linear.items()},
        correlation=correlation,
        statistic_names=ordinal_statistics(names, {name: len(each) for name, each in categories.items()}, exogenous),
        statistics=found.statistics,
        gamma=gamma,
        empty_cells=pairs_with_empty_cells(names, estimates),
        findings=remarks(names, estimates, correlation, standard_errors, adjusts=False),
        exogenous=exogenous,
        slopes=found.slopes,
    )


def _symmetric(estimates: TwoStageEstimates, n_variables: int) -> FloatArray:
    correlation = np.eye(n_variables)
    first, second = estimates.pairs.T
    correlation[first, second] = correlation[second, first] = estimates.correlation
    return correlation


def _read_only(values: FloatArray) -> FloatArray:
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array
