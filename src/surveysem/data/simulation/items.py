"""From latent scores to the answers respondents write down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from surveysem.data.answer_draws import bounded
from surveysem.data.population import PopulationValues
from surveysem.data.simulation.options import SimulationOptions
from surveysem.data.simulation.thresholds import default_thresholds, skewed_thresholds
from surveysem.instrument import Instrument, ResponseScale
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ItemPlan:
    """How one item is answered.

    Parameters
    ----------
    id : str
        The item.
    latent_variable : int
        Column of the latent variable behind it.
    scale : ResponseScale
        Its scale.
    reverse : bool
        Whether agreement speaks against the construct.
    codes : ndarray, shape (k,)
        Options in increasing order; empty on number scales.
    thresholds : ndarray, shape (k − 1,)
        Cuts of the tendency.
    """

    id: str
    latent_variable: int
    scale: ResponseScale
    reverse: bool
    codes: IntArray
    thresholds: FloatArray

    def coded(self, tendency: FloatArray) -> FloatArray | IntArray:
        """Answers in the direction of the construct, shape (n,)."""
        if self.codes.size == 0:
            return bounded(tendency, self.scale)
        return self.codes[np.searchsorted(self.thresholds, tendency)]

    def written(self, tendency: FloatArray) -> FloatArray | IntArray:
        """Answers as they stand on the questionnaire, shape (n,)."""
        return self.turned(self.coded(tendency))

    def turned(self, answers: FloatArray | IntArray) -> FloatArray | IntArray:
        """Coded answers as written, or written ones coded."""
        return self.codes[0] + self.codes[-1] - answers if self.reverse and self.codes.size else answers


def item_plans(
    instrument: Instrument, indicators: Mapping[str, Sequence[str]], options: SimulationOptions
) -> tuple[ItemPlan, ...]:
    """How every item of a model is answered, latent variable by latent variable."""
    plans = []
    for column, items in enumerate(indicators.values()):
        for name in items:
            item = instrument.item(name)
            scale = instrument.scale(item.scale)
            codes = np.sort(np.array(scale.codes, dtype=np.int64))
            plans.append(
                ItemPlan(
                    id=name,
                    latent_variable=column,
                    scale=scale,
                    reverse=item.reverse,
                    codes=codes,
                    thresholds=_thresholds(name, codes.size, options),
                )
            )
    return tuple(plans)


def _thresholds(item: str, size: int, options: SimulationOptions) -> FloatArray:
    skew = options.skew.get(item) if isinstance(options.skew, Mapping) else options.skew
    if size == 0:
        return np.empty(0)
    if skew is not None:
        return skewed_thresholds(size, float(skew))
    return np.asarray(options.thresholds[size]) if size in options.thresholds else default_thresholds(size)


def loadings_of(population: PopulationValues, plans: Sequence[ItemPlan]) -> FloatArray:
    """Standardised loadings of the items, shape (p,)."""
    return np.array([population.loadings[plan.id] for plan in plans])
