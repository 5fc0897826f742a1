"""Order and height of the slots of a path diagram: few crossings, short arrows, no overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise

from surveysem.report.figures.routing import Routing, Slot

_ORDERING_SWEEPS = 16
_PLACEMENT_SWEEPS = 200
_CLEARANCE = 0.09
_STRAIGHTNESS = 8.0


def slot_heights(routing: Routing, sizes: Mapping[Slot, float]) -> dict[Slot, float]:
    """Centre of each slot, in inches above an arbitrary level.

    Parameters
    ----------
    routing : Routing
        Slots and which of them are joined.
    sizes : mapping of Slot to float
        Height each slot takes up, in inches.

    Returns
    -------
    dict of Slot to float
        Neighbours in a column are at least half their sizes and a clearance apart.
    """
    joined = _joined(routing)
    order = _fewest_crossings(routing, joined)
    heights = {slot: 0.3 * position for column in order for position, slot in enumerate(column)}
    for sweep in range(_PLACEMENT_SWEEPS):
        for column in order if sweep % 2 == 0 else reversed(order):
            wished = [_wish(slot, joined[slot], heights) for slot in column]
            heights.update(zip(column, _spread(wished, [sizes[slot] for slot in column]), strict=True))
    return heights


def _wish(slot: Slot, joined: Sequence[Slot], heights: Mapping[Slot, float]) -> float:
    """Mean height of what a slot is joined to; pieces of one arrow pull more strongly, so that it runs straight."""
    weights = [1.0 if "box" in (slot.kind, other.kind) else _STRAIGHTNESS for other in joined]
    total = sum(weight * heights[other] for weight, other in zip(weights, joined, strict=True))
    return total / sum(weights) if joined else heights[slot]


def _joined(routing: Routing) -> dict[Slot, list[Slot]]:
    joined: dict[Slot, list[Slot]] = {slot: [] for slot in routing.slots}
    for left, right in sorted(routing.neighbours, key=repr):
        joined[left].append(right)
        joined[right].append(left)
    return joined


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _fewest_crossings(routing: Routing, joined: Mapping[Slot, list[Slot]]) -> list[list[Slot]]:
    order: list[list[Slot]] = [[] for _ in routing.columns]
    for slot in routing.slots:
        order[slot.column].append(slot)
    best, fewest = order, _crossings(order, joined)
    for sweep in range(_ORDERING_SWEEPS):
        order = _exchanged(_swept(order, joined, rightwards=sweep % 2 == 0), joined)
        crossings = _crossings(order, joined)
        if crossings < fewest:
            best, fewest = order, crossings
    return best


def _swept(order: list[list[Slot]], joined: Mapping[Slot, list[Slot]], *, rightwards: bool) -> list[list[Slot]]:
    """Each column sorted by the mean position of what its slots are joined to in the column before."""
    swept = [list(column) for column in order]
    step = 1 if rightwards else -1
    for index in range(len(swept))[::step]:
        before = index - step
        if 0 <= before < len(swept):
            places = {slot: place for place, slot in enumerate(swept[before])}
            means = {
                slot: _mean([places[other] for other in joined[slot] if other in places], place)
                for place, slot in enumerate(swept[index])
            }
            swept[index].sort(key=means.__getitem__)
    return swept


def _exchanged(order: list[list[Slot]], joined: Mapping[Slot, list[Slot]]) -> list[list[Slot]]:
    """Neighbours exchanged wherever that leaves fewer crossings."""
    fewest = _crossings(order, joined)
    for column in order:
        for upper in range(1, len(column)):
            column[upper - 1], column[upper] = column[upper], column[upper - 1]
            crossings = _crossings(order, joined)
            if crossings < fewest:
                fewest = crossings
            else:
                column[upper - 1], column[upper] = column[upper], column[upper - 1]
    return order


def _crossings(order: list[list[Slot]], joined: Mapping[Slot, list[Slot]]) -> int:
    place = {slot: position for column in order for position, slot in enumerate(column)}
    count = 0
    for column in order:
        ends = [(place[slot], place[other]) for slot in column for other in joined[slot] if other.column > slot.column]
        count += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(ends, 2))
    return count


def _spread(wished: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """Heights nearest to those wished, in least squares, that keep the order and the distances.

    After the distances are subtracted this is isotonic regression, solved by pooling adjacent violators.
    """
    offsets = [0.0]
    for lower, upper in pairwise(sizes):
        offsets.append(offsets[-1] + (lower + upper) / 2 + _CLEARANCE)
    pools: list[list[float]] = []
    for wish, offset in zip(wished, offsets, strict=False):
        pools.append([wish - offset])
        while len(pools) > 1 and _mean(pools[-2], 0) > _mean(pools[-1], 0):
            last = pools.pop()
            pools[-1] += last
    level = [_mean(pool, 0) for pool in pools for _ in pool]
    return [base + offset for base, offset in zip(level, offsets, strict=False)]
