"""Which factors of the products are held at values, so that the rest of the model is linear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from surveysem.implied import ModeratedStructure
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldFactors:
    """Factors held at values: given them, the model is linear.

    Parameters
    ----------
    latent : tuple of int
        Positions, among the structure's latent variables, of those that are integrated over; *d* of them.
    given : tuple of int
        Likewise of observed variables, whose values are known.
    given_columns : tuple of int
        Positions of these among the observed variables.
    held, other : int arrays of shape (r,)
        Of each coefficient in Ω: which held factor multiplies it, latent ones counted first, and the position of
        the other factor among the latent variables.
    """

    latent: tuple[int, ...]
    given: tuple[int, ...]
    given_columns: tuple[int, ...]
    held: IntArray
    other: IntArray

    @property
    def dimensions(self) -> int:
        """Dimensions of the integral, *d*."""
        return len(self.latent)


def held_factors(structure: ModeratedStructure, cost: FloatArray) -> HeldFactors:
    """The smallest and cheapest set of latent variables that, with observed factors, holds a factor of every product.

    Parameters
    ----------
    structure : ModeratedStructure
        The model.
    cost : array of shape (m,)
        Nodes that integrating over a latent variable takes, up to a factor.
    """
    pairs = list(zip(structure.first.tolist(), structure.second.tolist(), strict=True))
    acting = {
        position: structure.observed.index(name)
        for position, name in enumerate(structure.latent)
        if name in structure.observed
    }
    given = tuple(dict.fromkeys(position for pair in pairs for position in pair if position in acting))
    latent = smallest_cover([pair for pair in pairs if not set(pair) & set(given)], cost)
    order = (*latent, *given)
    held, other = [], []
    for first, second in pairs:
        # A product with an observed factor needs no other held.
        known, rest = (
            (second, first) if first not in order or (first in latent and second in given) else (first, second)
        )
        held.append(order.index(known))
        other.append(rest)
    return HeldFactors(
        latent=latent,
        given=given,
        given_columns=tuple(acting[position] for position in given),
        held=np.array(held),
        other=np.array(other),
    )


def smallest_cover(pairs: Sequence[tuple[int, int]], cost: FloatArray) -> tuple[int, ...]:
    """Smallest set that has a member of every pair; among equals the one whose costs have the least product.

    Examples
    --------
    >>> smallest_cover([(0, 1), (0, 2), (3, 3)], np.ones(4)), smallest_cover([(0, 1)], np.array([2.0, 1.0]))
    ((0, 3), (1,))
    """
    names = sorted({name for pair in pairs for name in pair})
    for size in range(len(names) + 1):
        covers = [chosen for chosen in combinations(names, size) if all(set(pair) & set(chosen) for pair in pairs)]
        if covers:
            return min(covers, key=lambda chosen: float(np.prod(cost[list(chosen)])))
    return tuple(names)
