"""Layers of a path diagram: which latent variable stands in which column, and through which columns an arrow runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """An effect to be drawn.

    Parameters
    ----------
    source, target : str
        Latent variables; the source of a moderation is the moderator.
    onto : str
        For a moderation, the predictor whose path it points at; empty for a path.
    label : str
        Estimate and stars.
    significant : bool
        Whether the effect differs from zero at the five-percent level.
    """

    source: str
    target: str
    onto: str = ""
    label: str = ""
    significant: bool = True


def layers(names: Sequence[str], arrows: Sequence[Arrow]) -> dict[str, int]:
    """Column of each latent variable: right of everything that acts on it.

    Variables nothing acts on stand directly left of the first they act on. An arrow that closes a cycle is left
    out of account, and will point to the left.
    """
    forward = [(arrow.source, arrow.target) for arrow in without_cycles(names, arrows)]
    depth = dict.fromkeys(names, 0)
    for _ in names:
        for source, target in forward:
            depth[target] = max(depth[target], depth[source] + 1)
    outcomes = {target for _, target in forward}
    for name in names:
        following = [depth[target] for source, target in forward if source == name]
        if name not in outcomes and following:
            depth[name] = min(following) - 1
    return depth


def without_cycles(names: Sequence[str], arrows: Sequence[Arrow]) -> tuple[Arrow, ...]:
    """The arrows that can all point to the right, in order, later ones giving way."""
    kept: list[Arrow] = []
    followers: dict[str, set[str]] = {name: set() for name in names}
    for arrow in arrows:
        if arrow.source not in _reachable(arrow.target, followers):
            followers[arrow.source].add(arrow.target)
            kept.append(arrow)
    return tuple(kept)


def _reachable(start: str, followers: Mapping[str, set[str]]) -> set[str]:
    reached, ahead = {start}, [start]
    while ahead:
        new = followers[ahead.pop()] - reached
        reached |= new
        ahead.extend(new)
    return reached
