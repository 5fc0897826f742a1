"""Explained variance: R² of each equation and the f² of each predictor in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from surveysem.estimation import GroupSolution
from surveysem.implied import ModeratedMoments, ModeratedStructure, distinct_products
from surveysem.typing import FloatArray


def r_squared(solution: GroupSolution) -> pd.Series:
    """Share of implied variance that its equation explains, for every indicator and outcome.

    Returns
    -------
    pandas.Series
        Indexed by variable: indicators first, then latent outcomes; 1 − residual variance / implied variance.
    """
    _, paths, latent_residual, residual, *_ = solution.structure.matrices(solution.theta)
    latent_names = solution.structure.latent
    outcomes = [name for name, row in zip(latent_names, paths, strict=True) if row.any()]
    acting = set(latent_names) - set(solution.table.latent)
    values = {}
    for index, name in enumerate(solution.structure.observed):
        if name not in acting:
            values[name] = 1.0 - residual[index, index] / solution.implied.covariance[index, index]
    for name in outcomes:
        index = latent_names.index(name)
        values[name] = 1.0 - latent_residual[index, index] / solution.implied.latent_covariance[index, index]
    return pd.Series(values, name="r_squared", dtype=float)


def f_squared(*, covariance: FloatArray, outcome: int, predictors: list[int], dropped: int) -> float:
    """Cohen's f² of one predictor: (R² with it − R² without it) / (1 − R² with it).

    Parameters
    ----------
    covariance : array of shape (m, m)
        Covariance of the latent variables.
    outcome, dropped : int
        Positions of the outcome and of the predictor.
    predictors : list of int
        Positions of all predictors of the equation, the dropped one included.

    References
    ----------
    cohen_1988

    Examples
    --------
    >>> covariance = np.array([[1.0, 0.0, 0.6], [0.0, 1.0, 0.0], [0.6, 0.0, 1.0]])
    >>> round(f_squared(covariance=covariance, outcome=2, predictors=[0, 1], dropped=0), 4)
    0.5625
    """
    full = _regression_r_squared(covariance, outcome, predictors)
    reduced = _regression_r_squared(covariance, outcome, [index for index in predictors if index != dropped])
    return (full - reduced) / (1.0 - full)


def _regression_r_squared(covariance: FloatArray, outcome: int, predictors: list[int]) -> float:
    if not predictors:
        return 0.0
    among = covariance[np.ix_(predictors, predictors)]
    with_outcome = covariance[predictors, outcome]
    return float(with_outcome @ np.linalg.solve(among, with_outcome) / covariance[outcome, outcome])


def effect_sizes(solution: GroupSolution, products: Mapping[str, tuple[str, str]]) -> Mapping[tuple[str, str], float]:
    """f² of every path, by (outcome, predictor); products are named ``x:z``.

    Regressions are those implied by the model's covariance matrix of latent variables and their products.
    """
    position, covariance = _predictor_covariance(solution)
    shown = {name: ":".join(pair) for name, pair in products.items()}
    paths = [row for row in solution.table if row.op == "~" and (row.free or row.value)]
    predictors: dict[str, list[int]] = {}
    for row in paths:
        predictors.setdefault(row.lhs, []).append(position[row.rhs])
    return {
        (row.lhs, shown.get(row.rhs, row.rhs)): f_squared(
            covariance=covariance,
            outcome=position[row.lhs],
            predictors=predictors[row.lhs],
            dropped=position[row.rhs],
        )
        for row in paths
    }


def _predictor_covariance(solution: GroupSolution) -> tuple[dict[str, int], FloatArray]:
    """Positions of the latent variables, and of their products where the model has some, in their covariance."""
    implied, structure = solution.implied, solution.structure
    position = {name: index for index, name in enumerate(structure.latent)}
    if not (isinstance(implied, ModeratedMoments) and isinstance(structure, ModeratedStructure)):
        return position, implied.latent_covariance
    for index, pair in enumerate(distinct_products(structure), start=len(structure.latent)):
        first, second = (structure.latent[each] for each in pair)
        position |= {f"{first}:{second}": index, f"{second}:{first}": index}
    return position, implied.with_products
