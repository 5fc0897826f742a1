"""Product indicators of a latent interaction: their names and the items they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, TypeAlias

Pairs: TypeAlias = Literal["all", "matched"]


@dataclass(frozen=True, kw_only=True)
class ProductPair:
    """One product indicator.

    Parameters
    ----------
    name : str
        Column of the product, ``"x.z"``.
    predictor_indicator, moderator_indicator : str
        The two items multiplied.
    """

    name: str
    predictor_indicator: str
    moderator_indicator: str

    def shares_item_with(self, other: ProductPair) -> bool:
        """Whether the two products have an item in common, so that their residuals covary by construction."""
        mine = {self.predictor_indicator, self.moderator_indicator}
        return bool(mine & {other.predictor_indicator, other.moderator_indicator})


def product_pairs(
    predictor_indicators: Sequence[str], moderator_indicators: Sequence[str], pairs: Pairs
) -> tuple[ProductPair, ...]:
    """Items to multiply for a latent interaction.

    Parameters
    ----------
    predictor_indicators, moderator_indicators : sequence of str
        Items of the two latent variables.
    pairs : {"all", "matched"}
        Every item with every other, or the first with the first, the second with the second … up to the
        shorter list, so that no item is used twice (Marsh, Wen & Hau 2004).

    References
    ----------
    marsh_wen_hau_2004

    Examples
    --------
    >>> [pair.name for pair in product_pairs(["x1", "x2", "x3"], ["z1", "z2"], "matched")]
    ['x1.z1', 'x2.z2']
    """
    if pairs == "matched":
        couples = list(zip(predictor_indicators, moderator_indicators, strict=False))
    else:
        couples = [(x, z) for x in predictor_indicators for z in moderator_indicators]
    return tuple(ProductPair(name=f"{x}.{z}", predictor_indicator=x, moderator_indicator=z) for x, z in couples)


def sharing_pairs(products: Sequence[ProductPair]) -> tuple[tuple[str, str], ...]:
    """Pairs of product indicators with an item in common: their residuals are allowed to covary."""
    return tuple(
        (first.name, second.name) for first, second in combinations(products, 2) if first.shares_item_with(second)
    )
