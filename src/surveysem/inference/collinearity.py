"""How far the predictors of one outcome overlap, in the covariances a model implies."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from surveysem.estimation import GroupSolution
from surveysem.inference.explained import _predictor_covariance
from surveysem.typing import FloatArray


def variance_inflation_factors(covariance: FloatArray) -> FloatArray:
    """Variance inflation factors 1 / (1 − R²) of *k* predictors, each regressed on the others, of shape (k,).

    Parameters
    ----------
    covariance : array of shape (k, k)
        Of the predictors, positive definite.

    Examples
    --------
    >>> variance_inflation_factors(np.array([[1.0, 0.6], [0.6, 1.0]]))
    array([1.5625, 1.5625])
    """
    factors: FloatArray = np.diag(covariance) * np.diag(np.linalg.inv(covariance))
    return factors


def variance_inflation(
    solution: GroupSolution, products: Mapping[str, tuple[str, str]]
) -> Mapping[tuple[str, str], float]:
    """Variance inflation factors among the predictors of each outcome, by (outcome, predictor); products are ``x:z``.

    Covariances are those of the latent variables that the model implies, free of measurement error.
    """
    position, covariance = _predictor_covariance(solution)
    shown = {name: ":".join(pair) for name, pair in products.items()}
    equations: dict[str, list[str]] = {}
    for row in solution.table:
        if row.op == "~" and (row.free or row.value):
            equations.setdefault(row.lhs, []).append(row.rhs)
    found: dict[tuple[str, str], float] = {}
    for outcome, predictors in equations.items():
        at = [position[name] for name in predictors]
        factors = variance_inflation_factors(covariance[np.ix_(at, at)])
        found |= {(outcome, shown.get(name, name)): float(f) for name, f in zip(predictors, factors, strict=True)}
    return found
