"""What stands in the way of a simulation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from surveysem.data.population import PopulationValues
from surveysem.data.wording import closest, listed
from surveysem.errors import Problem
from surveysem.instrument import Instrument
from surveysem.typing import FloatArray


def number_problems(**numbers: tuple[object, int]) -> Iterable[Problem]:
    """Options, given with their smallest value, that are not whole numbers of at least that size."""
    for name, (value, least) in numbers.items():
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < least:
            yield Problem(where=name, found=f"{value!r}", remedy=f"Give a whole number, {least} or more.")


def share_problems(**shares: float) -> Iterable[Problem]:
    """Shares outside 0 (included) to 1 (excluded)."""
    for name, value in shares.items():
        if not isinstance(value, int | float | np.floating) or isinstance(value, bool) or not 0 <= value < 1:
            remedy = "Give a share from 0 up to, but not including, 1."
            yield Problem(where=name, found=f"{value!r}", remedy=remedy)


def threshold_problems(thresholds: Mapping[int, FloatArray]) -> Iterable[Problem]:
    """Thresholds that are too few, too many, infinite or not increasing."""
    for size, cuts in thresholds.items():
        if cuts.shape != (size - 1,) or not np.isfinite(cuts).all() or (np.diff(cuts) <= 0).any():
            found = f"[{listed((f'{cut:g}' for cut in cuts.ravel()), limit=12)}]"
            remedy = f"Give {size - 1} finite, increasing values."
            yield Problem(where=f"thresholds of scales with {size} options", found=found, remedy=remedy)


def latent_variable_problems(population: PopulationValues, latent_variables: Sequence[str]) -> Iterable[Problem]:
    """Latent variables of the population that are not simulated."""
    for name in population.latent_variables:
        if name not in latent_variables:
            match = closest(name, latent_variables)
            hint = f"Did you mean {match}?" if match else f"Simulated are: {listed(latent_variables, limit=20)}."
            found = "the population has it, but it is not among the latent variables to simulate"
            yield Problem(where=f"latent variable {name}", found=found, remedy=hint)


def indicator_problems(
    population: PopulationValues, instrument: Instrument, indicators: Mapping[str, Sequence[str]]
) -> Iterable[Problem]:
    """Items that are unknown, used twice or lack a loading, and loadings that nothing uses."""
    used = Counter(item for items in indicators.values() for item in items)
    known = [item.id for item in instrument.items]
    if not used:
        yield Problem(where="indicators", found="no item is named", remedy="Name the items of each latent variable.")
    for name, count in used.items():
        if name not in known:
            yield _unknown(f"indicator {name}", name, known)
        elif name not in population.loadings:
            yield Problem(where=f"item {name}", found="it has no loading", remedy="Add its standardised loading.")
        if count > 1:
            found = f"it is named {count} times among the indicators"
            yield Problem(where=f"item {name}", found=found, remedy="Give each item to one latent variable.")
    for name in population.loadings:
        if name not in used:
            yield _unknown(f"loading of {name}", name, list(used))


def _unknown(where: str, name: str, known: Sequence[str]) -> Problem:
    match = closest(name, known)
    remedy = f"Did you mean {match}?" if match else f"Items: {listed(known, limit=12)}."
    return Problem(where=where, found="there is no such item", remedy=remedy)
