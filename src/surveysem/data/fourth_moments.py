"""Covariances of continuous variables and their asymptotic covariance matrix, whatever the distribution."""

from __future__ import annotations

import numpy as np

from surveysem.typing import FloatArray


def covariance_statistics(observations: FloatArray, *, has_means: bool) -> tuple[FloatArray, FloatArray]:
    """Means and covariances that least squares is fitted to, and the asymptotic covariance of √n times them.

    Parameters
    ----------
    observations : array of shape (n, p)
        Complete rows.
    has_means : bool
        Count the means too.

    Returns
    -------
    array of shape (k,)
        Reversed means (where asked for), variances, then covariances column by column; those divided by *n* − 1.
    array of shape (k, k)
        From third and fourth moments, divided by *n*.

    References
    ----------
    browne_1984

    Examples
    --------
    >>> statistics, gamma = covariance_statistics(np.array([[0.0, 0.0], [2.0, 0.0], [1.0, 3.0]]), has_means=True)
    >>> statistics
    array([-1., -1.,  1.,  3.,  0.])
    """
    n, p = observations.shape
    means = observations.mean(axis=0)
    centred = observations - means
    first, second = np.triu_indices(p, 1)
    products = np.hstack([centred**2, centred[:, first] * centred[:, second]])
    moments = products.mean(axis=0)
    deviations = products - moments
    statistics = moments * n / (n - 1)
    if has_means:
        statistics = np.concatenate([-means, statistics])
        deviations = np.hstack([-centred, deviations])
    return statistics, deviations.T @ deviations / n
