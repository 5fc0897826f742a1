"""At which values the factors of a product were centred before they were multiplied, as the data tell.

Products may have been centred at the means of all rows, of those of a group, or of those with an answer; a centred
product (x − a)(z − d) is a linear function of x, z and xz, so that a and d can be read off its column exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product as every_pair

import numpy as np

from surveysem.errors import UnsupportedError
from surveysem.estimation import GroupSolution
from surveysem.implied import Matrix
from surveysem.typing import FloatArray

_ROUNDING = 1e-7
"""Share of a product's variation that rounding alone can leave unexplained."""


def product_centres(
    group: GroupSolution, products: Mapping[str, tuple[str, str]], means: Mapping[str, float]
) -> Mapping[str, tuple[float, float]]:
    """Values of the two factors at which each latent product was centred, in units of the factors.

    Parameters
    ----------
    group : GroupSolution
        One group of a model with product indicators.
    products : Mapping of str to (str, str)
        Latent products by name, with their factors.
    means : Mapping of str to float
        Means of the factors.

    Raises
    ------
    UnsupportedError
        Where a product's indicators are no centred products of the factors' items.

    Notes
    -----
    Residuals of products, regressed on all items of both factors, count as centred at the means of their rows.
    """
    return {name: _centres(group, name, pair, means) for name, pair in products.items()}


def _centres(
    group: GroupSolution, name: str, factors: tuple[str, str], means: Mapping[str, float]
) -> tuple[float, float]:
    items = [_items(group, factor) for factor in factors]
    found: tuple[dict[str, float], dict[str, float]] = ({}, {})
    for indicator in _items(group, name):
        centres = _read_off(group, indicator, items[0], items[1])
        if centres is None:
            raise UnsupportedError(
                f"{indicator} is no centred product of an item of {factors[0]} and one of {factors[1]}, so it is not "
                f"known at which value of a moderator the paths of {':'.join(factors)}'s equation hold. Available: "
                "products that ss.sem makes of X:Z in the model."
            )
        for place, centre in enumerate(centres):
            found[place].update(centre)
    first, second = (_of_factor(group, factor, at, means) for factor, at in zip(factors, found, strict=True))
    return first, second


def _items(group: GroupSolution, name: str) -> list[str]:
    if name in group.table.observed:
        return [name]
    return [item for item in group.table.indicators_of(name) if item in group.table.observed]


def _read_off(
    group: GroupSolution, indicator: str, first: Sequence[str], second: Sequence[str]
) -> tuple[dict[str, float], dict[str, float]] | None:
    """Centres of the two items that a product is made of; None where it is not made of two."""
    names = dict.fromkeys((indicator, *first, *second))
    columns = {name: group.moments.observations[:, group.table.observed.index(name)] for name in names}
    pairs = sorted(every_pair(first, second), key=lambda pair: f"{pair[0]}.{pair[1]}" != indicator)
    for x, z in pairs:
        centres = _centres_of_columns(columns[indicator], columns[x], columns[z])
        if centres is not None:
            return {x: centres[0]}, {z: centres[1]}
    others = [columns[name] for name in dict.fromkeys((*first, *second))]
    for x, z in pairs:
        if _is_explained(columns[indicator], [*others, columns[x] * columns[z]]):
            known = ~np.isnan(columns[indicator])
            return {x: float(columns[x][known].mean())}, {z: float(columns[z][known].mean())}
    return None


def _centres_of_columns(product: FloatArray, x: FloatArray, z: FloatArray) -> tuple[float, float] | None:
    square = bool(np.array_equal(x, z, equal_nan=True))
    basis = [x, x * z] if square else [x, z, x * z]
    coefficients = _explanation(product, basis)
    if coefficients is None or not np.isclose(coefficients[-1], 1.0, rtol=1e-5):
        return None
    if square:
        return float(-coefficients[0] / 2.0), float(-coefficients[0] / 2.0)
    return float(-coefficients[1]), float(-coefficients[0])


def _is_explained(outcome: FloatArray, basis: Sequence[FloatArray]) -> bool:
    return _explanation(outcome, basis) is not None


def _explanation(outcome: FloatArray, basis: Sequence[FloatArray]) -> FloatArray | None:
    """Coefficients of a regression that leaves nothing but rounding; else None."""
    columns = np.column_stack([*basis, np.ones(len(outcome)), outcome])
    columns = columns[~np.isnan(columns).any(axis=1)]
    scale = np.sqrt((columns[:, :-1] ** 2).mean(axis=0))
    predictors = columns[:, :-1] / scale
    solution = np.linalg.lstsq(predictors, columns[:, -1], rcond=None)[0]
    left = columns[:, -1] - predictors @ solution
    if np.sqrt((left**2).mean()) > _ROUNDING * columns[:, -1].std():
        return None
    coefficients: FloatArray = (solution / scale)[:-1]
    return coefficients


def _of_factor(group: GroupSolution, factor: str, found: Mapping[str, float], means: Mapping[str, float]) -> float:
    """Centre of a factor from those of its items, by least squares."""
    if factor in found:
        return found[factor]
    structure = group.structure
    matrices = structure.matrices(group.theta)
    at = [structure.observed.index(item) for item in found]
    loadings = matrices[Matrix.LOADINGS][at, structure.latent.index(factor)]
    centres = np.array(list(found.values()))
    if structure.has_means:
        beyond = centres - matrices[Matrix.INTERCEPTS][at, 0]
    else:
        beyond = centres - group.moments.means[at] + loadings * means[factor]
    return float(loadings @ beyond / (loadings @ loadings))
