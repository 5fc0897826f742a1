"""Routes of the arrows of a path diagram: every arrow owns a slot in each column it crosses, so nothing overlaps.

Columns alternate between latent variables and the gaps between them. A gap has a column of labels and, where a
moderation arrives, a column of junctions on the paths moderated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from surveysem.report.figures.graph import Arrow, layers

SlotKind: TypeAlias = Literal["box", "label", "junction", "lane"]
ColumnKind: TypeAlias = Literal["box", "label", "junction"]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A place in a column: a latent variable, the label of an arrow, a junction, or a lane an arrow runs along."""

    key: str
    kind: SlotKind
    column: int


@dataclass(frozen=True, kw_only=True)
class Route:
    """An arrow and its slots from left to right; ``leftwards`` when it closes a cycle and points back."""

    arrow: Arrow
    slots: tuple[Slot, ...]
    leftwards: bool = False


@dataclass(frozen=True, kw_only=True)
class Routing:
    """Kinds of the columns from left to right, the boxes, and the routes."""

    columns: tuple[ColumnKind, ...]
    boxes: Mapping[str, Slot]
    routes: tuple[Route, ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Every slot once, boxes first."""
        along = {slot: None for route in self.routes for slot in route.slots}
        return tuple({**dict.fromkeys(self.boxes.values()), **along})

    @property
    def neighbours(self) -> set[tuple[Slot, Slot]]:
        """Pairs of slots that an arrow joins directly."""
        return {pair for route in self.routes for pair in zip(route.slots, route.slots[1:], strict=False)}


def route_arrows(names: Sequence[str], arrows: Sequence[Arrow]) -> Routing:
    """Columns, boxes and routes of a diagram."""
    depth = layers(names, arrows)
    moderated = {depth[arrow.target] for arrow in arrows if arrow.onto}
    columns, box_columns = _columns(max(depth.values(), default=0) + 1, moderated)
    boxes = {name: Slot(key=name, kind="box", column=box_columns[depth[name]]) for name in names}
    junctions = {(arrow.onto, arrow.target) for arrow in arrows if arrow.onto}
    routes = tuple(_route(arrow, boxes, junctions) for arrow in arrows)
    return Routing(columns=columns, boxes=boxes, routes=routes)


def _columns(n_layers: int, moderated: set[int]) -> tuple[tuple[ColumnKind, ...], list[int]]:
    columns: list[ColumnKind] = []
    box_columns: list[int] = []
    for layer in range(n_layers):
        columns += ["junction"] if layer in moderated else []
        box_columns.append(len(columns))
        columns += ["box", "label"] if layer + 1 < n_layers else ["box"]
    return tuple(columns), box_columns


def _route(arrow: Arrow, boxes: Mapping[str, Slot], junctions: set[tuple[str, str]]) -> Route:
    ends = sorted((boxes[arrow.source], boxes[arrow.target]), key=lambda slot: slot.column)
    left, right = ends
    key = f"{arrow.source}→{arrow.onto}→{arrow.target}"
    between = tuple(_between(key, left.column, right.column))
    if (arrow.source, arrow.target) in junctions and not arrow.onto:
        between = (*between[:-1], _junction(arrow.source, right))
    if arrow.onto:
        return Route(arrow=arrow, slots=(left, *between[:-1], _junction(arrow.onto, right)))
    return Route(arrow=arrow, slots=(left, *between, right), leftwards=left.key != arrow.source)


def _junction(predictor: str, outcome: Slot) -> Slot:
    return Slot(key=f"{predictor}•{outcome.key}", kind="junction", column=outcome.column - 1)


def _between(key: str, left: int, right: int) -> Iterator[Slot]:
    for column in range(left + 1, right):
        yield Slot(key=key, kind="label" if column == left + 1 else "lane", column=column)
