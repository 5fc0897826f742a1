"""Information of the saturated model on means and covariances of incomplete rows.

Its *s* = p + p (p + 1) / 2 parameters are the means, then the lower triangle of the covariances row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from scipy.linalg import solve_triangular

from surveysem.data.missing.conditioning import Conditioning, conditioning, mean_inverse
from surveysem.data.missing.layout import PatternLayout
from surveysem.data.missing.patterns import MissingMoments
from surveysem.data.missing.saturated import SaturatedMoments
from surveysem.data.missing.scores import casewise_scores_missing
from surveysem.errors import DataError, Problem
from surveysem.typing import FloatArray, IntArray

_CHUNK = 2**21  # numbers in a temporary array


def saturated_observed_information(missing: MissingMoments, mu: FloatArray, sigma: FloatArray) -> FloatArray:
    """Observed information of one observation on means and covariances, of shape (s, s).

    Parameters
    ----------
    missing : MissingMoments
        The rows.
    mu, sigma : arrays of shape (p,) and (p, p)
        Mean and covariance at which it is taken.

    Raises
    ------
    numpy.linalg.LinAlgError
        When *sigma* is not positive definite.

    Examples
    --------
    >>> import pandas as pd
    >>> from surveysem.data.missing import missing_patterns
    >>> missing = missing_patterns(pd.DataFrame({"a": [1.0, 2.0, 3.0, np.nan]}), ["a"])
    >>> saturated_observed_information(missing, np.array([2.0]), np.eye(1)).round(4)
    array([[1.    , 0.    ],
           [0.    , 0.1667]])
    """
    layout = missing.layout
    at = conditioning(layout, mu, sigma)
    products, means = _pattern_sums(layout, at, observed=True)
    return _assembled(mean_inverse(layout, at), _cross_block(means), _covariance_block(products, len(mu)))


def saturated_expected_information(missing: MissingMoments, mu: FloatArray, sigma: FloatArray) -> FloatArray:
    """Expected information of one observation on means and covariances, given who misses what, of shape (s, s).

    Parameters
    ----------
    missing : MissingMoments
        The rows.
    mu, sigma : arrays of shape (p,) and (p, p)
        Mean and covariance at which it is taken.

    Raises
    ------
    numpy.linalg.LinAlgError
        When *sigma* is not positive definite.

    Examples
    --------
    >>> import pandas as pd
    >>> from surveysem.data.missing import missing_patterns
    >>> missing = missing_patterns(pd.DataFrame({"a": [1.0, 2.0, 3.0, np.nan]}), ["a"])
    >>> saturated_expected_information(missing, np.array([2.0]), np.eye(1))
    array([[1. , 0. ],
           [0. , 0.5]])
    """
    layout = missing.layout
    at = conditioning(layout, mu, sigma)
    products, means = _pattern_sums(layout, at, observed=False)
    return _assembled(mean_inverse(layout, at), _cross_block(means), _covariance_block(products, len(mu)))


def saturated_scores(missing: MissingMoments, mu: FloatArray, sigma: FloatArray) -> FloatArray:
    """Derivatives of each row's log-likelihood with respect to means and covariances, of shape (n, s).

    Parameters
    ----------
    missing : MissingMoments
        The rows.
    mu, sigma : arrays of shape (p,) and (p, p)
        Mean and covariance at which they are taken.

    Raises
    ------
    numpy.linalg.LinAlgError
        When *sigma* is not positive definite.

    Notes
    -----
    The mean cross-product of the scores is the first-order information.

    Examples
    --------
    >>> import pandas as pd
    >>> from surveysem.data.missing import missing_patterns
    >>> missing = missing_patterns(pd.DataFrame({"a": [1.0, 3.0, 4.0, np.nan]}), ["a"])
    >>> saturated_scores(missing, np.array([2.0]), np.eye(1))
    array([[-1. ,  0. ],
           [ 1. ,  0. ],
           [ 2. ,  1.5]])
    """
    p = len(mu)
    row, column = np.tril_indices(p)
    no_column = np.zeros(p, dtype=np.int64)
    return casewise_scores_missing(
        missing,
        mu,
        sigma,
        columns=np.eye(p),
        u=np.concatenate([no_column, row]),
        v=np.concatenate([no_column, column]),
        scale=np.concatenate([np.zeros(p), _half_on_diagonal(p)]),
        mean_directions=np.hstack([np.eye(p), np.zeros((p, len(row)))]),
    )


def saturated_trace_missing(missing: MissingMoments, saturated: SaturatedMoments) -> float:
    """tr(B A⁻¹) of the saturated model, with B its first-order and A its observed information.

    Parameters
    ----------
    missing : MissingMoments
        The rows.
    saturated : SaturatedMoments
        Their means and covariances under the saturated model.

    Raises
    ------
    DataError
        When the observed information is not positive definite: the moments are no unique maximum.

    Notes
    -----
    The scaling factor of Yuan and Bentler's statistic is the difference between this trace and the same one of the
    model, divided by the degrees of freedom (the variant of Mplus, "yuan.bentler.mplus" in lavaan). With normal rows it
    is near *s*.

    Examples
    --------
    >>> import pandas as pd
    >>> from surveysem.data.missing import missing_patterns, saturated_moments
    >>> missing = missing_patterns(pd.DataFrame({"a": [1.0, 2.0, 3.0, 6.0, np.nan]}), ["a"])
    >>> round(saturated_trace_missing(missing, saturated_moments(missing)), 6)
    1.5
    """
    mu, sigma = saturated.means, saturated.covariance
    try:
        root = np.linalg.cholesky(saturated_observed_information(missing, mu, sigma))
    except np.linalg.LinAlgError as error:
        raise _no_maximum() from error
    solved = solve_triangular(root, saturated_scores(missing, mu, sigma).T, lower=True)
    return float(np.vdot(solved, solved) / missing.n_obs)


def _pattern_sums(layout: PatternLayout, at: Conditioning, *, observed: bool) -> tuple[FloatArray, FloatArray]:
    """Σ_k n_k/n vech(N) vech(W)ᵀ, and Σ_k n_k/n vech(W) (W d)ᵀ, of shape (v, v) and (v, p), v = p (p + 1) / 2.

    N is 2 W T W − W, or its expectation W, where W d is left out too.
    """
    p = layout.observed.shape[1]
    row, column = np.tril_indices(p)
    products, means = np.zeros((len(row), len(row))), np.zeros((len(row), p))
    for patterns, inverse in _inverses(layout, at):
        weights = layout.counts[patterns] / layout.n_obs
        of_inverse = inverse[:, row, column]
        if not observed:
            products += (of_inverse * weights[:, None]).T @ of_inverse
            continue
        scatter, solved_means = _solved_moments(layout, at, patterns)
        products += (2.0 * scatter[:, row, column] - of_inverse * weights[:, None]).T @ of_inverse
        means += of_inverse.T @ solved_means
    return products, means


def _inverses(layout: PatternLayout, at: Conditioning) -> Iterator[tuple[slice, FloatArray]]:
    """Padded inverses W of shape (c, p, p), some patterns at a time."""
    p = layout.observed.shape[1]
    size = max(_CHUNK // p**2, 1)
    n_complete = layout.blocks[0].patterns.start if layout.blocks else len(layout.counts)
    if n_complete:
        yield slice(0, n_complete), at.precision[None]
    for block, roots in zip(layout.blocks, at.roots, strict=True):
        for begin in range(0, len(roots), size):
            end = min(begin + size, len(roots))
            removed = roots[begin:end] @ at.precision[block.missing[begin:end]]
            inverse = at.precision - removed.transpose(0, 2, 1) @ removed
            yield slice(block.patterns.start + begin, block.patterns.start + end), inverse


def _solved_moments(layout: PatternLayout, at: Conditioning, patterns: slice) -> tuple[FloatArray, FloatArray]:
    """n_k/n W T W (c, p, p) and n_k/n W d (c, p) of some patterns."""
    starts = np.searchsorted(layout.row_pattern, np.arange(patterns.start, patterns.stop + 1))
    scatter, means = [], []
    for begin, end in pairwise(starts):
        rows = at.solved[begin:end]
        scatter.append(rows.T @ rows)
        means.append(layout.shift[begin:end] @ rows)
    return np.stack(scatter) / layout.n_obs, np.stack(means) / layout.n_obs


def _covariance_block(products: FloatArray, p: int) -> FloatArray:
    """½ Σ_k n_k/n tr(N ∂_aΣ W ∂_bΣ) of shape (v, v), gathered from vech(N) vech(W)ᵀ."""
    row, column = np.tril_indices(p)
    place, scale = _places(p), _half_on_diagonal(p)
    block = np.empty_like(products)
    for a, (i, j) in enumerate(zip(row, column, strict=True)):
        of_i, of_j = place[i], place[j]
        block[a] = (
            products[of_i[column], of_j[row]]
            + products[of_i[row], of_j[column]]
            + products[of_j[column], of_i[row]]
            + products[of_j[row], of_i[column]]
        )
    block *= 0.5 * np.outer(scale, scale)
    return (block + block.T) / 2.0


def _cross_block(means: FloatArray) -> FloatArray:
    """Σ_k n_k/n W ∂_aΣ W d of shape (p, v), gathered from vech(W) (W d)ᵀ."""
    p = means.shape[1]
    row, column = np.tril_indices(p)
    place = _places(p)
    cross: FloatArray = _half_on_diagonal(p) * (means[place[:, row], column] + means[place[:, column], row])
    return cross


def _assembled(mean: FloatArray, cross: FloatArray, covariance: FloatArray) -> FloatArray:
    information: FloatArray = np.block([[mean, cross], [cross.T, covariance]])
    return information


def _places(p: int) -> IntArray:
    """Where each cell of a symmetric matrix stands in its lower triangle, of shape (p, p)."""
    row, column = np.tril_indices(p)
    places = np.empty((p, p), dtype=np.int64)
    places[row, column] = places[column, row] = np.arange(len(row))
    return places


def _half_on_diagonal(p: int) -> FloatArray:
    row, column = np.tril_indices(p)
    return np.where(row == column, 0.5, 1.0)


def _no_maximum() -> DataError:
    problem = Problem(
        where="the incomplete answers",
        found="the information on their means and covariances is not positive definite",
        remedy="Too little is observed together for robust statistics: leave out the variables with the most missing "
        "values.",
    )
    return DataError("The saturated model has no unique maximum.", [problem])
