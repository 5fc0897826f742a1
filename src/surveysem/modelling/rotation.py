"""Rotations of factor loadings: varimax and oblimin by statsmodels, promax from varimax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from surveysem.errors import EstimationError, UnsupportedError
from surveysem.typing import FloatArray

Rotation: TypeAlias = Literal["oblimin", "promax", "varimax", "none"]
ROTATIONS: tuple[Rotation, ...] = ("oblimin", "promax", "varimax", "none")

_PROMAX_POWER = 4
_TOLERANCE = 1e-6
_MOST_STEPS = 5000
_STATIONARY = 1e-4
"""Slope of the criterion above which a rotation has not converged; statsmodels does not say when it gives up."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RotatedFactors:
    """Rotated loadings Λ (p, m), the pattern, and correlations Φ (m, m) of the factors."""

    loadings: FloatArray
    correlation: FloatArray


def rotate(loadings: FloatArray, rotation: Rotation) -> RotatedFactors:
    """Loadings rotated; factors in the order of the variance they make, each with a positive sum of loadings.

    Parameters
    ----------
    loadings : array of shape (p, m)
        Unrotated, of uncorrelated factors.
    rotation : {"oblimin", "promax", "varimax", "none"}
        Direct quartimin (oblimin with parameter 0, rows not normalised), promax with power 4 from Kaiser-normalised
        varimax, Kaiser-normalised varimax, or none.

    Raises
    ------
    UnsupportedError
        For another rotation.
    EstimationError
        When the rotation did not converge.

    Notes
    -----
    The defaults of ``oblimin()`` of the R package GPArotation (which psych uses), and of ``promax()`` and ``varimax()``
    of R. A rotation criterion can have several minima; the search starts at the unrotated loadings.

    References
    ----------
    kaiser_1958, hendrickson_white_1964, jennrich_sampson_1966

    Examples
    --------
    >>> rotate(np.array([[0.8], [0.7]]), "varimax").loadings.ravel()
    array([0.8, 0.7])
    """
    if rotation not in ROTATIONS:
        raise UnsupportedError(f"There is no rotation {rotation!r}. Available: {', '.join(ROTATIONS)}.")
    if loadings.shape[1] == 1 or rotation == "none":
        return _ordered(loadings, np.eye(loadings.shape[1]))
    if rotation == "oblimin":
        return _ordered(*_oblimin(loadings))
    orthogonal = varimax(loadings)
    if rotation == "varimax":
        return _ordered(orthogonal, np.eye(loadings.shape[1]))
    return _ordered(*promax(orthogonal))


def varimax(loadings: FloatArray) -> FloatArray:
    """Kaiser-normalised varimax loadings (p, m).

    References
    ----------
    kaiser_1958
    """
    from statsmodels.multivariate.factor_rotation import rotate_factors

    lengths = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    lengths[lengths == 0.0] = 1.0
    turned, _ = rotate_factors(loadings / lengths, "varimax", tol=_TOLERANCE, max_tries=_MOST_STEPS)
    slope = turned.T @ (turned * (turned**2 - (turned**2).mean(axis=0)))
    _check_converged(slope - slope.T, "varimax")
    return np.asarray(turned * lengths, dtype=np.float64)


def promax(orthogonal: FloatArray, power: int = _PROMAX_POWER) -> tuple[FloatArray, FloatArray]:
    """Promax pattern (p, m) and factor correlations (m, m) from orthogonally rotated loadings.

    Least squares brings the loadings towards their own powers with signs kept; factors are then given unit variance.

    References
    ----------
    hendrickson_white_1964
    """
    target = orthogonal * np.abs(orthogonal) ** (power - 1)
    turning, *_ = np.linalg.lstsq(orthogonal, target, rcond=None)
    turning = turning * np.sqrt(np.diag(np.linalg.inv(turning.T @ turning)))
    return orthogonal @ turning, np.linalg.inv(turning.T @ turning)


def _oblimin(loadings: FloatArray) -> tuple[FloatArray, FloatArray]:
    from statsmodels.multivariate.factor_rotation import rotate_factors

    pattern, turning = rotate_factors(loadings, "oblimin", 0, "oblique", tol=_TOLERANCE, max_tries=_MOST_STEPS)
    others = (pattern**2).sum(axis=1, keepdims=True) - pattern**2
    slope = -(pattern.T @ (pattern * others) @ np.linalg.inv(turning)).T
    _check_converged(slope - turning * (turning * slope).sum(axis=0), "oblimin")
    return np.asarray(pattern, dtype=np.float64), np.asarray(turning.T @ turning, dtype=np.float64)


def _check_converged(slope: FloatArray, name: str) -> None:
    largest = float(np.abs(slope).max())
    if largest > _STATIONARY:
        raise EstimationError(
            f"The {name} rotation did not converge (largest slope {largest:.2g}). "
            "Use another rotation, or fewer factors."
        )


def _ordered(loadings: FloatArray, correlation: FloatArray) -> RotatedFactors:
    variance = np.diag(correlation @ loadings.T @ loadings)
    order = np.argsort(-variance, kind="stable")
    signs = np.where(loadings.sum(axis=0) < 0.0, -1.0, 1.0)
    return RotatedFactors(
        loadings=(loadings * signs)[:, order], correlation=(correlation * np.outer(signs, signs))[np.ix_(order, order)]
    )
