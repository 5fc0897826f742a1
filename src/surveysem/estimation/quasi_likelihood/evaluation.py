"""What the quasi-likelihood and its derivatives are made of, at one point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from surveysem.estimation.quasi_likelihood.auxiliary import (
    Auxiliary,
    ConditionalMoments,
    carried_curvature,
    conditional_moments,
    covariance_directions,
    row_directions,
)
from surveysem.estimation.quasi_likelihood.rows import (
    Prediction,
    Products,
    RowCurvatures,
    RowGradients,
    log_ratios,
    prediction,
    row_curvatures,
    row_gradients,
)
from surveysem.implied import ImpliedMoments, ModeratedStructure, implied_moments
from surveysem.linalg import inverse_positive_definite
from surveysem.typing import FloatArray, IntArray

_CHUNK = 500
"""Rows whose derivatives are held at once."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Pattern:
    """Rows that lack the same variables, as a slice of their part's, and moments given what they have."""

    rows: slice
    moments: ConditionalMoments

    @property
    def chunks(self) -> Iterator[tuple[slice, slice]]:
        """Some rows at a time, counted from the part's first and from the pattern's."""
        size = self.rows.stop - self.rows.start
        for start in range(0, size, _CHUNK):
            own = slice(start, min(start + _CHUNK, size))
            yield slice(self.rows.start + own.start, self.rows.start + own.stop), own


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """Rows that the same outcomes concern, pattern after pattern of missing values.

    Parameters
    ----------
    rows : int array of shape (n,)
        Their places among all rows.
    patterns : tuple of Pattern
        The same rows.
    products : Products
        Those that lead to these outcomes.
    coefficients : array of shape (k,)
        Of these products.
    incidence : array of shape (k, q)
        1 where a parameter is a coefficient.
    """

    rows: IntArray
    patterns: tuple[Pattern, ...]
    products: Products
    coefficients: FloatArray
    incidence: FloatArray

    @cached_property
    def means(self) -> FloatArray:
        """t of each row (a, n)."""
        return np.concatenate([each.moments.means for each in self.patterns], axis=1)

    @cached_property
    def covariance(self) -> FloatArray:
        """Q of each row (a, a, n), or of all (a, a, 1)."""
        stacked = np.stack([each.moments.covariance for each in self.patterns], axis=2)
        sizes = [each.rows.stop - each.rows.start for each in self.patterns]
        return stacked if len(sizes) == 1 else np.repeat(stacked, sizes, axis=2)

    @cached_property
    def prediction(self) -> Prediction:
        """Outcomes' estimates and their conditional moments."""
        return prediction(self.means, self.covariance, self.products.forms(self.coefficients))

    @cached_property
    def gradients(self) -> RowGradients:
        """First derivatives of the rows' log-ratios."""
        return row_gradients(self.prediction, self.products)

    @cached_property
    def curvatures(self) -> RowCurvatures:
        """Second derivatives of the rows' log-ratios."""
        starts = np.array([each.rows.start for each in self.patterns])
        return row_curvatures(self.means, self.covariance, self.coefficients, self.products, starts)


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """Log-ratios of all rows at one point, and what their derivatives are made of.

    Parameters
    ----------
    implied : ImpliedMoments
        Of the model with auxiliary variables.
    parts : tuple of Part
        The rows.
    log_ratio : float
        What products add to the log-likelihood.
    """

    implied: ImpliedMoments
    parts: tuple[Part, ...]
    log_ratio: float

    @cached_property
    def weights(self) -> tuple[FloatArray, FloatArray]:
        """Derivatives of the log-ratio with respect to Σ and μ of all variables, auxiliary ones included."""
        size = len(self.implied.mean)
        of_covariance, of_mean = np.zeros((size, size)), np.zeros(size)
        for part in self.parts:
            for pattern in part.patterns:
                means = part.gradients.means[:, pattern.rows]
                moments, carrier = pattern.moments, pattern.moments.carrier
                through = part.gradients.covariance[:, :, pattern.rows].sum(2) @ carrier
                through[:, : len(moments.inverse)] += means @ moments.residuals @ moments.inverse
                of_covariance += carrier.T @ through
                of_mean += means.sum(1) @ carrier
        return (of_covariance + of_covariance.T) / 2.0, of_mean


def evaluation(
    joined: Auxiliary,
    structure: ModeratedStructure,
    linear: ImpliedMoments,
    observations: FloatArray,
    patterns: Sequence[tuple[IntArray, IntArray]],
) -> Evaluation:
    """Everything at the parameters of *linear*.

    Parameters
    ----------
    joined : Auxiliary
        The model with auxiliary variables.
    structure : ModeratedStructure
        The model.
    linear : ImpliedMoments
        Of its linear part.
    observations : array of shape (n, p)
        NaN where missing.
    patterns : sequence of pairs of int arrays
        Places of rows that have the same variables, and of these variables.

    Raises
    ------
    numpy.linalg.LinAlgError
        Where a covariance is not positive definite.
    """
    moments = implied_moments(joined.structure, linear.theta)
    coefficients = structure.coefficients(linear.theta)
    free = np.flatnonzero(structure.product_parameter >= 0)
    incidence = np.zeros((len(coefficients), structure.n_free))
    incidence[free, structure.product_parameter[free]] = 1.0
    parts = []
    for seen, chosen in _by_outcomes(joined, patterns):
        products, kept = joined.products.into(seen)
        concerned = np.concatenate([seen, len(joined.products.outcomes) + np.arange(len(products.factors))])
        made, end = [], 0
        for rows, observed in chosen:
            given = conditional_moments(moments, _inverse(linear, observed), observations[rows], concerned)
            made.append(Pattern(rows=slice(end, end := end + len(rows)), moments=given))
        part = Part(
            rows=np.concatenate([rows for rows, _ in chosen]),
            patterns=tuple(made),
            products=products,
            coefficients=coefficients[kept],
            incidence=incidence[kept],
        )
        parts.append(part)
    ratio = sum(float(log_ratios(part.prediction).sum()) for part in parts)
    return Evaluation(implied=moments, parts=tuple(parts), log_ratio=ratio)


def _by_outcomes(
    joined: Auxiliary, patterns: Sequence[tuple[IntArray, IntArray]]
) -> Iterator[tuple[IntArray, list[tuple[IntArray, IntArray]]]]:
    """Outcomes that concern some rows, and the patterns of these rows."""
    seen = [tuple(joined.outcomes_seen(observed).tolist()) for _, observed in patterns]
    for outcomes in sorted(set(seen)):
        chosen = [pattern for pattern, of_pattern in zip(patterns, seen, strict=True) if of_pattern == outcomes]
        yield np.array(outcomes, dtype=np.int64), chosen


def _inverse(linear: ImpliedMoments, observed: IntArray) -> FloatArray:
    """Inverse of the covariance of what is observed, 0 elsewhere."""
    if len(observed) == len(linear.mean):
        return linear.inverse
    inverse = np.zeros_like(linear.covariance)
    block = np.ix_(observed, observed)
    inverse[block] = inverse_positive_definite(linear.covariance[block])
    return inverse


def row_scores(at: Evaluation) -> FloatArray:
    """Derivatives of each row's log-likelihood, linear part included, of shape (n, q)."""
    scores = np.empty((sum(len(part.rows) for part in at.parts), at.implied.structure.n_free))
    for part in at.parts:
        for pattern in part.patterns:
            shared = covariance_directions(at.implied, pattern.moments)
            for rows, own in pattern.chunks:
                directions = row_directions(at.implied, pattern.moments, own)
                found = np.einsum("an,qan->nq", part.gradients.means[:, rows], directions.means)
                found += np.einsum("abn,qab->nq", part.gradients.covariance[:, :, rows], shared)
                found += part.gradients.coefficients[:, rows].T @ part.incidence
                scores[part.rows[rows]] = found + directions.log_likelihood.T
    return scores


def mean_information(jacobian: FloatArray, part: Part) -> FloatArray:
    """What products add to the information about means, of shape (q, q).

    Parameters
    ----------
    jacobian : array of shape (q, p)
        Derivatives of the linear part's means.
    part : Part
        Some rows.
    """
    at, outcome, first, second = part.prediction, part.products.outcome, part.products.first, part.products.second
    expected = at.factors[first] * at.factors[second] + at.factor_covariance[first, second]
    weighted = at.precision[outcome[:, None], outcome] * expected[:, None] * expected[None]
    added: FloatArray = part.incidence.T @ weighted.sum(2) @ part.incidence
    for pattern in part.patterns:
        loaded = -pattern.moments.carrier[outcome, : jacobian.shape[1]]
        cross = jacobian @ loaded.T @ (expected[:, pattern.rows].sum(1)[:, None] * part.incidence)
        added += cross + cross.T
    return added


def part_curvature(implied: ImpliedMoments, part: Part) -> FloatArray:
    """Second derivatives (q, q) of the log-ratio, less what the curvature of Σ and μ contributes."""
    q, n_elements = implied.structure.n_free, len(implied.structure.parameter)
    gradients, curvatures = part.gradients, part.curvatures
    hessian, carried = np.zeros((q, q)), np.zeros((n_elements, n_elements))
    for number, pattern in enumerate(part.patterns):
        moments, of_means = pattern.moments, gradients.means[:, pattern.rows]
        of_covariance = gradients.covariance[:, :, pattern.rows].sum(2)
        gamma = moments.inverse @ (of_means @ moments.residuals).T
        carried += carried_curvature(implied, moments, of_covariance, of_means.sum(1), gamma)
        shared = np.hstack([covariance_directions(implied, moments).reshape(q, -1), part.incidence.T])
        hessian += shared @ curvatures.shared[:, :, number] @ shared.T / 2.0
        for rows, own in pattern.chunks:
            means = row_directions(implied, moments, own).means
            hessian += means.reshape(q, -1) @ _weighted(means, shared, curvatures, rows).T
    hessian += implied.structure.sum_pairs(carried)
    return hessian + hessian.T


def _weighted(means: FloatArray, shared: FloatArray, curvatures: RowCurvatures, rows: slice) -> FloatArray:
    """Half of what follows from t twice, and what follows from t and what is shared, of shape (q, a n)."""
    of_means = np.einsum("abn,qbn->qan", curvatures.means[:, :, rows], means) / 2.0
    of_shared = np.tensordot(shared, curvatures.mixed[:, :, rows], axes=([1], [1]))
    weighted: FloatArray = (of_means + of_shared).reshape(len(means), -1)
    return weighted
