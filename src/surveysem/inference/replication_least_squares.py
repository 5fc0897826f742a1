"""Replicates of a model fitted by least squares: statistics, weights and estimates anew for each sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from surveysem.data.moments import SampleMoments
from surveysem.data.ordinal.columns import continuous_columns, ordered_columns
from surveysem.data.ordinal.influence import two_stage_estimates
from surveysem.errors import EstimationError, SurveySEMError
from surveysem.estimation import Discrepancy, GeneralizedLeastSquares, LeastSquares, Solution, estimate_model
from surveysem.estimation.refit import reason_of
from surveysem.inference.admissibility import admissibility_findings
from surveysem.inference.estimates import stacked, with_definitions
from surveysem.inference.recentring import ProductColumns, recentred_product_rows
from surveysem.inference.replication import Replicates
from surveysem.inference.standardized import plain_rows, standardized_rows
from surveysem.linalg import inverse_positive_definite, is_positive_definite
from surveysem.specification import ParameterTable
from surveysem.typing import EstimatorName, FloatArray, IntArray

_NOTHING = np.zeros((0, 0))
_SINGULAR = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class LeastSquaresReplication:
    """Refits by least squares, one sample after the other.

    Parameters
    ----------
    table : ParameterTable
        The model, started at the estimates of the full sample.
    estimator : str
        How statistics are weighted.
    rows : tuple of arrays of shape (n, p)
        Observations of each group.
    ordered : tuple of str
        Ordered variables.
    latent_products : Mapping of str to (str, str)
        Latent products by name.
    products : ProductColumns
        Columns that are centred anew in each replicate.
    """

    table: ParameterTable
    estimator: EstimatorName
    rows: tuple[FloatArray, ...]
    ordered: tuple[str, ...]
    latent_products: Mapping[str, tuple[str, str]]
    products: ProductColumns

    @property
    def samples_at_once(self) -> int:
        """Samples are fitted one by one."""
        return 1

    def run(self, frequencies: Sequence[FloatArray]) -> Replicates:
        """Solutions of samples; see :class:`~surveysem.inference.replication.Replication`."""
        solutions, failures = [], {}
        for number in range(len(frequencies[0])):
            try:
                solutions.append(self._fit([counts[number] for counts in frequencies]))
            except SurveySEMError as error:
                failures[number] = reason_of(error)
        n_rows = len(self.table.parameters) + len(self.table.definitions)
        rows = np.array([self._rows(each) for each in solutions]).reshape(-1, 2, n_rows)
        return Replicates(
            solved=~np.isin(np.arange(len(frequencies[0])), list(failures)),
            estimates=rows[:, 0],
            standardized=rows[:, 1],
            admissible=np.array([_is_admissible(each) for each in solutions], dtype=np.bool_),
            chi_squares=np.full(len(solutions), np.nan),
            failures=failures,
        )

    def _fit(self, frequencies: Sequence[FloatArray]) -> Solution:
        values = self.rows
        if len(self.products):
            made = recentred_product_rows(self.rows, [counts[None] for counts in frequencies], self.products)
            values = tuple(each[0] for each in made)
        parts = [
            self._sample(each, rows.repeat(counts.astype(np.int64), axis=0))
            for each, rows, counts in zip(self.rows, values, frequencies, strict=True)
        ]
        samples, discrepancies = zip(*parts, strict=True)
        return estimate_model(self.table, samples, discrepancies=discrepancies)

    def _sample(self, whole: FloatArray, rows: FloatArray) -> tuple[SampleMoments, Discrepancy]:
        """Moments of one group of a sample, and what is minimised."""
        try:
            if self.ordered:
                return self._of_ordered(whole, rows)
            return self._of_continuous(rows)
        except np.linalg.LinAlgError:
            message = "The covariances of the replicate, or of its statistics, are singular."
            raise EstimationError(message) from None

    def _of_continuous(self, rows: FloatArray) -> tuple[SampleMoments, Discrepancy]:
        n = len(rows)
        covariance = np.cov(rows, rowvar=False).reshape(rows.shape[1], -1)
        sample = SampleMoments(
            variables=self.table.observed,
            covariance=covariance,
            means=rows.mean(axis=0),
            n_obs=n,
            observations=_NOTHING,
        )
        if self.estimator == "GLS":
            inverse = inverse_positive_definite(covariance)
            return sample, GeneralizedLeastSquares(means=sample.means, covariance=covariance, inverse=inverse, n_obs=n)
        statistics, influence = _covariance_influence(rows, has_means=self.table.has_means)
        return sample, self._weighted(statistics, self._spread(influence), n)

    def _of_ordered(self, whole: FloatArray, rows: FloatArray) -> tuple[SampleMoments, Discrepancy]:
        is_ordered = np.array([name in self.ordered for name in self.table.observed])
        codes = _codes(whole[:, is_ordered], rows[:, is_ordered], self.ordered)
        columns = ordered_columns(codes, codes.max(axis=1) + 1)
        continuous = continuous_columns(np.ascontiguousarray(rows[:, ~is_ordered].T))
        found = two_stage_estimates(is_ordered=is_ordered, ordered=columns, continuous=continuous)
        means, scale = np.zeros(len(is_ordered)), np.ones(len(is_ordered))
        means[~is_ordered], scale[~is_ordered] = continuous.means, np.sqrt(continuous.variances)
        thresholds = dict(zip(self.ordered, map(_chosen, columns.thresholds, columns.is_threshold), strict=True))
        locations = [
            thresholds.get(name, np.array([-mean])) for name, mean in zip(self.table.observed, means, strict=True)
        ]
        covariances = found.correlation * scale[found.pairs].prod(axis=1)
        covariance = np.diag(scale**2)
        covariance[found.pairs[:, 0], found.pairs[:, 1]] = covariance[found.pairs[:, 1], found.pairs[:, 0]] = (
            covariances
        )
        sample = SampleMoments(
            variables=self.table.observed,
            covariance=covariance,
            means=means,
            n_obs=len(rows),
            observations=_NOTHING,
            thresholds=thresholds,
        )
        statistics = np.concatenate([*locations, continuous.variances, covariances])
        return sample, self._weighted(statistics, self._spread(found.influence), len(rows))

    def _spread(self, influence: FloatArray) -> FloatArray:
        """What the weights need of Γ: all of it, or its diagonal, of shape (s, s) or (s,)."""
        n = influence.shape[1]
        spread: FloatArray = influence @ influence.T / n if self.estimator == "WLS" else (influence**2).sum(axis=1) / n
        return spread

    def _weighted(self, statistics: FloatArray, gamma: FloatArray, n_obs: int) -> LeastSquares:
        """The discrepancy at the weights of the estimator; Γ itself is not needed for estimates."""
        if self.estimator.startswith("ULS"):
            weight = np.ones(len(statistics))
        elif self.estimator == "WLS":
            weight = _inverse(gamma)
        else:
            weight = 1.0 / gamma
        return LeastSquares(statistics=statistics, weight=weight, gamma=_NOTHING, n_obs=n_obs)

    def _rows(self, solution: Solution) -> tuple[FloatArray, FloatArray]:
        """Estimates and standardised estimates of all rows of the table."""
        plain = stacked([plain_rows(group) for group in solution.groups])
        standardized = stacked([standardized_rows(group, "std_all", self.latent_products) for group in solution.groups])
        return with_definitions(self.table, plain).values, with_definitions(self.table, standardized).values


def least_squares_replication(
    solution: Solution,
    estimator: EstimatorName,
    products: Mapping[str, tuple[str, str]],
    columns: ProductColumns,
) -> LeastSquaresReplication:
    """Refits of a solution of least squares.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    estimator : str
        Which one it was.
    products : Mapping of str to (str, str)
        Latent products by name.
    columns : ProductColumns
        Observed products to centre anew.
    """
    theta = solution.theta.tolist()
    rows = tuple(replace(row, start=theta[row.free - 1]) if row.free else row for row in solution.table.rows)
    return LeastSquaresReplication(
        table=replace(solution.table, rows=rows),
        estimator=estimator,
        rows=tuple(np.array(group.moments.observations) for group in solution.groups),
        ordered=tuple(solution.groups[0].moments.thresholds),
        latent_products=dict(products),
        products=columns,
    )


def _covariance_influence(rows: FloatArray, *, has_means: bool) -> tuple[FloatArray, FloatArray]:
    """Means and covariances (s,) as least squares is fitted to them, and the influence of each row on them (s, n)."""
    n, p = rows.shape
    centred = rows.T - rows.mean(axis=0)[:, None]
    first, second = np.triu_indices(p, 1)
    products = np.vstack([centred**2, centred[first] * centred[second]])
    moments = products.mean(axis=1)
    influence, statistics = products - moments[:, None], moments * n / (n - 1)
    if has_means:
        influence, statistics = np.vstack([-centred, influence]), np.concatenate([-rows.mean(axis=0), statistics])
    return statistics, influence


def _codes(whole: FloatArray, rows: FloatArray, names: tuple[str, ...]) -> IntArray:
    """Categories (o, n) of the rows, counted from 0; all of the whole sample must occur."""
    codes = []
    for name, before, now in zip(names, whole.T, rows.T, strict=True):
        categories = np.unique(before)
        absent = np.setdiff1d(categories, now)
        if len(absent):
            answers = ", ".join(f"{each:g}" for each in absent)
            raise EstimationError(f"Nobody in the replicate gave the answer {answers} to {name}.")
        codes.append(np.searchsorted(categories, now))
    return np.array(codes)


def _chosen(values: FloatArray, real: FloatArray) -> FloatArray:
    return values[real.astype(np.bool_)]


def _inverse(gamma: FloatArray) -> FloatArray:
    scale = np.sqrt(np.diag(gamma))
    if not is_positive_definite(gamma / np.outer(scale, scale), tolerance=_SINGULAR):
        raise np.linalg.LinAlgError
    return inverse_positive_definite(gamma)


def _is_admissible(solution: Solution) -> bool:
    return not any(admissibility_findings(group) for group in solution.groups)
