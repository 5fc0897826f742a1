"""Mahalanobis distances of respondents from the middle of the sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincc

from surveysem.errors import DataError, Problem
from surveysem.linalg import inverse_positive_definite, is_positive_definite
from surveysem.typing import FloatArray, IntArray

_SINGULAR = 1e-10


@dataclass(frozen=True, kw_only=True, eq=False)
class MahalanobisDistances:
    """Squared distances and what χ² says of them.

    Parameters
    ----------
    squared : array of shape (n,)
        D²; NaN for a row without answers.
    degrees_of_freedom : int array of shape (n,)
        Answers given.
    p_values : array of shape (n,)
        Chance of a D² at least as large where answers are multivariate normal.
    """

    squared: FloatArray
    degrees_of_freedom: IntArray
    p_values: FloatArray

    def __post_init__(self) -> None:
        for array in (self.squared, self.degrees_of_freedom, self.p_values):
            array.setflags(write=False)


def mahalanobis_distances(answers: FloatArray) -> MahalanobisDistances:
    """Squared Mahalanobis distances D² = (x − m)ᵀ S⁻¹ (x − m) of respondents from the mean.

    Parameters
    ----------
    answers : array of shape (n, p)
        Answers; NaN where missing.

    Raises
    ------
    DataError
        When S is not positive definite: too few rows, items that repeat others, or too little answered together.

    Notes
    -----
    S is divided by *n* − 1; where answers are missing, each of its elements rests on the rows that have both items. A
    row with missing answers is held against the part of S of the items it has, with as many degrees of freedom. Answers
    on five or seven points are not normal, so the p-values order respondents rather than measure a chance.

    References
    ----------
    mahalanobis_1936, meade_craig_2012, curran_2016

    Examples
    --------
    >>> answers = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 4.0], [4.0, 3.0], [9.0, 0.0]])
    >>> distances = mahalanobis_distances(answers)
    >>> distances.squared.round(3).tolist(), distances.p_values.round(3).tolist()
    ([1.089, 1.489, 1.8, 0.6, 3.022], [0.58, 0.475, 0.407, 0.741, 0.221])
    """
    given = ~np.isnan(answers)
    count = given.sum(axis=1)
    centre = np.where(given, answers, 0.0).sum(axis=0) / np.maximum(given.sum(axis=0), 1)
    deviations = np.where(given, answers - centre, 0.0)
    precision = _precision(deviations, given)
    weighted = deviations @ precision
    squared = np.einsum("ij,ij->i", deviations, weighted)
    squared -= _due_to_missing(weighted, precision, ~given)
    squared = np.where(count > 0, squared, np.nan)
    return MahalanobisDistances(squared=squared, degrees_of_freedom=count, p_values=_upper_tail(squared, count))


def _precision(deviations: FloatArray, given: np.ndarray) -> FloatArray:
    """Inverse of the covariance of the available answers."""
    present = given.astype(np.float64)
    count = present.T @ present if not given.all() else np.full((given.shape[1],) * 2, float(len(given)))
    sums = deviations.T @ present if not given.all() else np.zeros_like(count)
    covariance = (deviations.T @ deviations - sums * sums.T / np.maximum(count, 1.0)) / np.maximum(count - 1.0, 1.0)
    spread = np.sqrt(np.diag(covariance))
    if (spread > 0).all() and is_positive_definite(covariance / np.outer(spread, spread), tolerance=_SINGULAR):
        return inverse_positive_definite(covariance)
    problem = Problem(
        where=f"{len(given)} rows of {given.shape[1]} items",
        found="the covariances of the answers are not positive definite",
        remedy="Collect more rows than items, or leave out items that repeat others or were answered by few.",
    )
    raise DataError("Mahalanobis distances cannot be computed.", [problem])


def _due_to_missing(weighted: FloatArray, precision: FloatArray, missing: np.ndarray) -> FloatArray:
    """What D² with zeros in place of the missing deviations has too much: bᵀ (S⁻¹)ₘₘ⁻¹ b, b = (S⁻¹ d)ₘ."""
    excess = np.zeros(len(weighted))
    n_missing = missing.sum(axis=1)
    for m in np.unique(n_missing[(n_missing > 0) & (n_missing < missing.shape[1])]):
        rows = np.flatnonzero(n_missing == m)
        for part in np.array_split(rows, max(1, len(rows) * int(m) ** 2 // 4_000_000)):
            columns = np.nonzero(missing[part])[1].reshape(len(part), m)
            blocks = precision[columns[:, :, None], columns[:, None, :]]
            right = np.take_along_axis(weighted[part], columns, axis=1)
            excess[part] = np.einsum("ij,ij->i", right, np.linalg.solve(blocks, right[:, :, None])[:, :, 0])
    return excess


def _upper_tail(squared: FloatArray, degrees_of_freedom: IntArray) -> FloatArray:
    halves = np.maximum(degrees_of_freedom, 1) / 2.0
    tail: FloatArray = gammaincc(halves, np.maximum(np.nan_to_num(squared), 0.0) / 2.0)
    return np.where(degrees_of_freedom > 0, tail, np.nan)
