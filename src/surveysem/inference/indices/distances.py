"""Expected misfit of moments that another discrepancy than maximum likelihood was minimised for.

Robust indices of incomplete rows and of ordered variables judge moments that were estimated first by the discrepancy of
complete normal data. What that discrepancy would be under a true model follows from the covariance of the moments and
from the way the parameters were estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from surveysem.linalg import inverse_positive_definite
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupMoments:
    """Moments of one group: how they vary, how the parameters were found, and how misfit is judged.

    Parameters
    ----------
    share : float
        Share of the group in all observations.
    gamma : array of shape (k, k)
        Γ, the covariance of √n times the moments.
    jacobian : array of shape (k, q)
        Δ, the derivatives of the implied moments.
    loaded : array of shape (k, q)
        WΔ, W the weights that the parameters were estimated with.
    metric : array of shape (k, k)
        V, the weights of the discrepancy that judges.
    """

    share: float
    gamma: FloatArray
    jacobian: FloatArray
    loaded: FloatArray
    metric: FloatArray


def expected_distance(groups: Sequence[GroupMoments], inverse_information: FloatArray) -> float:
    """Expectation of *n* times the weighted squares of the residual moments under the model; normally near its df.

    Parameters
    ----------
    groups : sequence of GroupMoments
        All groups of the model.
    inverse_information : array of shape (q, q)
        (Σ share ΔᵀWΔ)⁻¹ over the groups, within the model's constraints.

    Notes
    -----
    tr(PᵀVPΓ) with P = I − Δ(ΔᵀWΔ)⁻¹ΔᵀW, V and W holding the weights of all groups by their shares and Γ being divided
    by them.

    References
    ----------
    savalei_2021, zhang_savalei_2023

    Examples
    --------
    Two means of variance 1 that are held equal leave one degree of freedom:

    >>> both, ones = np.eye(2), np.ones((2, 1))
    >>> group = GroupMoments(share=1.0, gamma=both, jacobian=ones, loaded=ones, metric=both)
    >>> expected_distance([group], np.array([[0.5]]))
    1.0
    """
    total = 0.0
    spread, judged = np.zeros_like(inverse_information), np.zeros_like(inverse_information)
    for group in groups:
        carried = group.gamma @ group.loaded
        weighted = group.metric @ group.jacobian
        total += float(np.vdot(group.metric, group.gamma))
        total -= 2.0 * group.share * float(np.vdot(inverse_information, carried.T @ weighted))
        spread += group.share * group.loaded.T @ carried
        judged += group.share * group.jacobian.T @ weighted
    return total + float(np.vdot(inverse_information @ judged, spread @ inverse_information))


def covariance_metric(covariance: FloatArray, first: IntArray, second: IntArray) -> FloatArray:
    """Information of one complete normal row on covariances σ_ij, of shape (k, k).

    Parameters
    ----------
    covariance : array of shape (p, p)
        Σ at which it is taken.
    first, second : int arrays of shape (k,)
        i and j.

    Examples
    --------
    A variance and a covariance of two uncorrelated variables of variance 2:

    >>> covariance_metric(2.0 * np.eye(2), np.array([0, 0]), np.array([0, 1]))
    array([[0.125, 0.   ],
           [0.   , 0.25 ]])
    """
    inverse = inverse_positive_definite(covariance)
    products: FloatArray = inverse[np.ix_(first, first)] * inverse[np.ix_(second, second)]
    products += inverse[np.ix_(first, second)] * inverse[np.ix_(second, first)]
    scale = np.where(first == second, 0.5, 1.0)
    products *= scale
    products *= scale[:, None]
    return products
