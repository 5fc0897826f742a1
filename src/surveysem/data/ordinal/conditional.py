"""Both stages beside observed exogenous variables put together, with the influence of every row on every statistic."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from surveysem.data.ordinal.columns import BoolArray
from surveysem.data.ordinal.regressions import (
    Covariates,
    LinearRegression,
    OrderedRegression,
    covariates,
    linear_regression,
    ordered_regression,
)
from surveysem.data.ordinal.residual_pairs import FirstStage, residual_pair
from surveysem.errors import EstimationError, Problem
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ConditionalEstimates:
    """Regressions of *p* variables on *k* exogenous ones, and the correlations of their residuals.

    Parameters
    ----------
    regressions : mapping of str to OrderedRegression or LinearRegression, length *p*
        First stage.
    pairs : ndarray, shape (b, 2)
        Numbers of the variables of each pair; the lower triangle column by column.
    correlation : ndarray, shape (b,)
        Of the residuals of each pair.
    influence : ndarray, shape (s, n)
        Of each row on the statistics.
    is_improbable : ndarray of bool, shape (b,)
        Whether rows had to be left out of the influence because their probability is too small.
    """

    regressions: Mapping[str, FirstStage]
    pairs: IntArray
    correlation: FloatArray
    influence: FloatArray
    is_improbable: BoolArray

    @property
    def probit(self) -> dict[str, OrderedRegression]:
        """Regressions of ordered variables."""
        return {name: each for name, each in self.regressions.items() if isinstance(each, OrderedRegression)}

    @property
    def linear(self) -> dict[str, LinearRegression]:
        """Regressions of continuous variables."""
        return {name: each for name, each in self.regressions.items() if isinstance(each, LinearRegression)}

    @property
    def slopes(self) -> FloatArray:
        """Slopes, shape (p, k)."""
        return np.array([each.slopes for each in self.regressions.values()])

    @property
    def pair_scale(self) -> FloatArray:
        """Products of the residual standard deviations, 1 for ordered variables, of each pair, shape (b,)."""
        scales = np.array([_scale(each) for each in self.regressions.values()])
        return np.asarray(scales[self.pairs].prod(axis=1))

    @property
    def statistics(self) -> FloatArray:
        """Thresholds and reversed intercepts, slopes (predictor by predictor), residual variances, covariances (s,)."""
        locations = [
            each.thresholds if isinstance(each, OrderedRegression) else np.array([-each.intercept])
            for each in self.regressions.values()
        ]
        variances = np.array([each.variance for each in self.linear.values()])
        return np.concatenate([*locations, self.slopes.T.ravel(), variances, self.correlation * self.pair_scale])


def conditional_estimates(
    columns: Mapping[str, FloatArray], ordered: Collection[str], exogenous: FloatArray
) -> ConditionalEstimates:
    """Regressions on exogenous variables and residual correlations of all pairs.

    Parameters
    ----------
    columns : mapping of str to ndarray, length *p*
        Values (n,) of the variables; categories counted from 0 where ordered.
    ordered : collection of str
        Which variables are ordered.
    exogenous : ndarray, shape (k, n)
        Values of the exogenous variables.

    Raises
    ------
    EstimationError
        Lists the ordered variables whose regression has no maximum.
    """
    regressions = _regressions(columns, ordered, covariates(exogenous))
    stages = tuple(regressions.values())
    pairs = list(combinations(range(len(stages)), 2))
    found = [residual_pair(stages[first], stages[second]) for first, second in pairs]
    of_covariances = [
        _of_covariance(pair.influence, pair.correlation, stages[first], stages[second])
        for pair, (first, second) in zip(found, pairs, strict=True)
    ]
    return ConditionalEstimates(
        regressions=regressions,
        pairs=np.array(pairs, dtype=np.int64).reshape(-1, 2),
        correlation=np.array([pair.correlation for pair in found], dtype=np.float64),
        influence=np.vstack([*_of_first_stage(stages), *of_covariances]),
        is_improbable=np.array([pair.is_improbable for pair in found], dtype=np.bool_),
    )


def _regressions(
    columns: Mapping[str, FloatArray], ordered: Collection[str], predictors: Covariates
) -> dict[str, FirstStage]:
    regressions: dict[str, FirstStage] = {}
    problems: list[Problem] = []
    for name, values in columns.items():
        try:
            regressions[name] = (
                ordered_regression(name, values.astype(np.int64), predictors)
                if name in ordered
                else linear_regression(values, predictors)
            )
        except EstimationError as error:
            problems += error.problems
    if problems:
        raise EstimationError("Ordered variables cannot be regressed on the exogenous ones.", problems)
    return regressions


def _of_first_stage(regressions: Sequence[FirstStage]) -> list[FloatArray]:
    """Influence on thresholds and reversed intercepts, slopes (predictor by predictor), residual variances."""
    locations, slopes, variances = [], [], []
    for each in regressions:
        if isinstance(each, OrderedRegression):
            of_thresholds, of_slopes = each.own_influence
            locations.append(of_thresholds)
        else:
            of_intercept, of_slopes, of_variance = each.own_influence
            locations.append(-of_intercept[None])
            variances.append(of_variance[None])
        slopes.append(of_slopes)
    by_predictor = np.stack(slopes, axis=1)
    return [*locations, by_predictor.reshape(-1, by_predictor.shape[2]), *variances]


def _scale(regression: FirstStage) -> float:
    return float(np.sqrt(regression.variance)) if isinstance(regression, LinearRegression) else 1.0


def _of_covariance(influence: FloatArray, correlation: float, *regressions: FirstStage) -> FloatArray:
    """Influence on the correlation times the residual standard deviations of its continuous variables."""
    for each in regressions:
        if isinstance(each, LinearRegression):
            influence = influence + correlation * each.influence[-1] / (2.0 * each.variance)
    scaled: FloatArray = influence * _scale(regressions[0]) * _scale(regressions[1])
    return scaled[None]
