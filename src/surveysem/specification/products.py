"""Products of latent variables measured by products of indicators: which indicators are multiplied, and names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
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

    @property
    def items(self) -> tuple[str, str]:
        """The two items."""
        return self.predictor_indicator, self.moderator_indicator

    def shares_item_with(self, other: ProductPair) -> bool:
        """Whether the two products have an item in common, so that their residuals covary by construction."""
        return bool(set(self.items) & set(other.items))


@dataclass(frozen=True, kw_only=True)
class LatentProduct:
    """The product of two variables, at least one of them latent, and its product indicators.

    Parameters
    ----------
    name : str
        Name of the product in model syntax, where ``:`` is not allowed.
    factors : (str, str)
        The two variables; twice the same where a latent variable is squared.
    factor_indicators : (tuple of str, tuple of str)
        Items of each that are multiplied, the one that sets its scale first; an observed variable is its own.
    indicators : tuple of ProductPair
        Products of items, the first of which is that of the items that set the scales.
    """

    name: str
    factors: tuple[str, str]
    factor_indicators: tuple[tuple[str, ...], tuple[str, ...]]
    indicators: tuple[ProductPair, ...]

    @property
    def term(self) -> str:
        """Name of the product in tables: ``predictor:moderator``."""
        return ":".join(self.factors)

    @property
    def first_order_indicators(self) -> tuple[str, ...]:
        """All items of both variables."""
        return tuple(dict.fromkeys((*self.factor_indicators[0], *self.factor_indicators[1])))

    @property
    def single_items(self) -> tuple[str, ...]:
        """Items that alone stand for a variable."""
        return tuple(items[0] for items in self.factor_indicators if len(items) == 1)


def product_name(predictor: str, moderator: str) -> str:
    """Name of a latent product in model syntax, where ``:`` is not allowed.

    Examples
    --------
    >>> product_name("X", "Z")
    'X_x_Z'
    """
    return f"{predictor}_x_{moderator}"


def latent_product(
    factors: tuple[str, str], factor_indicators: tuple[Sequence[str], Sequence[str]], pairs: Pairs
) -> LatentProduct:
    """The product of two variables with its product indicators; see :class:`LatentProduct`.

    Examples
    --------
    >>> product = latent_product(("X", "Z"), (["x1", "x2"], ["z1", "z2"]), "matched")
    >>> product.name, product.term, [pair.name for pair in product.indicators]
    ('X_x_Z', 'X:Z', ['x1.z1', 'x2.z2'])
    """
    first, second = (tuple(items) for items in factor_indicators)
    return LatentProduct(
        name=product_name(*factors),
        factors=factors,
        factor_indicators=(first, second),
        indicators=product_pairs(first, second, pairs),
    )


def product_pairs(
    predictor_indicators: Sequence[str], moderator_indicators: Sequence[str], pairs: Pairs
) -> tuple[ProductPair, ...]:
    """Items to multiply for a latent interaction, or for the square of a latent variable.

    Parameters
    ----------
    predictor_indicators, moderator_indicators : sequence of str
        Items of the two variables; the same twice for a square.
    pairs : {"all", "matched"}
        Every item with every other, each product once; or the first with the first, the second with the second … up to
        the shorter list, so that no item is used twice (Marsh, Wen & Hau 2004). A variable with one item, such as an
        observed one, is multiplied with every item of the other. Matched items of a square are the items' squares
        (Kelava & Brandt 2009).

    References
    ----------
    marsh_wen_hau_2004, kelava_brandt_2009

    Examples
    --------
    >>> [pair.name for pair in product_pairs(["x1", "x2", "x3"], ["z1", "z2"], "matched")]
    ['x1.z1', 'x2.z2']
    >>> [pair.name for pair in product_pairs(["x1", "x2"], ["x1", "x2"], "all")]
    ['x1.x1', 'x1.x2', 'x2.x2']
    >>> [pair.name for pair in product_pairs(["x1", "x2"], ["z"], "matched")]
    ['x1.z', 'x2.z']
    """
    if pairs == "matched" and 1 not in (len(predictor_indicators), len(moderator_indicators)):
        couples = list(zip(predictor_indicators, moderator_indicators, strict=False))
    elif list(predictor_indicators) == list(moderator_indicators):
        couples = list(combinations_with_replacement(predictor_indicators, 2))
    else:
        couples = [(x, z) for x in predictor_indicators for z in moderator_indicators]
    return tuple(ProductPair(name=f"{x}.{z}", predictor_indicator=x, moderator_indicator=z) for x, z in couples)


def sharing_pairs(products: Sequence[ProductPair], *, single: Sequence[str] = ()) -> tuple[tuple[str, str], ...]:
    """Pairs of product indicators whose residuals covary because they have an item in common.

    Parameters
    ----------
    products : sequence of ProductPair
        Product indicators of one or several latent products.
    single : sequence of str
        Items that alone stand for a variable. Products that have nothing but such an item in common do not count:
        without measurement error in it their residuals do not covary, and with it the covariances are not identified.

    Examples
    --------
    >>> sharing_pairs(product_pairs(["x1", "x2"], ["z1", "z2"], "all"))[:2]
    (('x1.z1', 'x1.z2'), ('x1.z1', 'x2.z1'))
    >>> sharing_pairs(product_pairs(["x1", "x2"], ["z"], "all"), single=["z"])
    ()
    """
    excepted = set(single)
    return tuple(
        (first.name, second.name)
        for first, second in combinations(products, 2)
        if set(first.items) & set(second.items) - excepted
    )


def product_sharing_pairs(products: Sequence[LatentProduct]) -> tuple[tuple[str, str], ...]:
    """Pairs of product indicators with an item in common, of the same latent product and of different ones."""
    every = [pair for product in products for pair in product.indicators]
    return sharing_pairs(every, single=[item for product in products for item in product.single_items])
