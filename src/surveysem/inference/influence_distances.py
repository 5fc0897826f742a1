"""How far apart the estimates with and without some cases are."""

from __future__ import annotations

from surveysem.typing import FloatArray


def generalized_cook_distance(change: FloatArray, information: FloatArray) -> float:
    """Generalised Cook's distance gCD of one set of cases.

    Parameters
    ----------
    change : array of shape (q,)
        θ̂ − θ̂₍ᵢ₎, what the cases add to the estimates.
    information : array of shape (q, q)
        Information of the sample without them at θ̂₍ᵢ₎, the inverse of the covariance of its estimates.

    Notes
    -----
    gCD = (θ̂ − θ̂₍ᵢ₎)ᵀ V(θ̂₍ᵢ₎)⁻¹ (θ̂ − θ̂₍ᵢ₎). Within linear constraints the change lies in the directions they leave, so
    that the information itself gives the same as the inverse of the constrained covariance.

    References
    ----------
    cook_1977, pek_maccallum_2011

    Examples
    --------
    >>> import numpy as np
    >>> generalized_cook_distance(np.array([0.1, -0.2]), np.diag([100.0, 25.0]))
    2.0
    """
    return float(change @ information @ change)


def likelihood_distance(discrepancy: FloatArray, minimum: float, n_obs: int) -> FloatArray:
    """Likelihood distance LD = 2 [ln L(θ̂) − ln L(θ̂₍ᵢ₎)] of the full sample, of shape (u,).

    Parameters
    ----------
    discrepancy : array of shape (u,)
        F of the full sample at the estimates without the cases.
    minimum : float
        F at its own estimates.
    n_obs : int
        Rows of the full sample, *n*.

    References
    ----------
    cook_1986

    Examples
    --------
    >>> import numpy as np
    >>> likelihood_distance(np.array([0.52]), 0.50, 100).round(6)
    array([2.])
    """
    distance: FloatArray = n_obs * (discrepancy - minimum)
    return distance
