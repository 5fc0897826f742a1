"""Items that measure one construct, and answers that have none of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from surveysem.data.wording import listed
from surveysem.errors import Problem


@dataclass(frozen=True, kw_only=True)
class ItemSets:
    """Required items that belong together, and what becomes of sets that are absent altogether.

    Parameters
    ----------
    items : Mapping of str to collection of str
        By name of the construct. Sets of which some items are there stay required.
    may_be_absent : bool
        Whether answers without any item of a set are read; at least one set must be there.
    remedy : str
        What to do instead, where they are refused.
    """

    items: Mapping[str, Collection[str]] = field(default_factory=dict)
    may_be_absent: bool = False
    remedy: str = ""

    def absent(self, known: Collection[str]) -> dict[str, Collection[str]]:
        """Sets of which no item is known."""
        return {name: items for name, items in self.items.items() if not set(known) & set(items)}

    def still_required(self, required: Collection[str], known: Collection[str]) -> tuple[str, ...]:
        """Required items without those of sets that may be absent and are."""
        absent = self.absent(known)
        if not self.may_be_absent or len(absent) == len(self.items):
            return tuple(required)
        left_out = {name for items in absent.values() for name in items}
        return tuple(name for name in required if name not in left_out)

    def problems(self, source: str, known: Collection[str]) -> tuple[Problem, ...]:
        """Sets that are absent and may not be, each with the remedy."""
        if self.may_be_absent:
            return ()
        return tuple(
            Problem(
                where=f"{source}, construct {name}",
                found=f"none of its items is among the answers ({listed(items, limit=12)})",
                remedy=self.remedy,
            )
            for name, items in self.absent(known).items()
        )
