"""What robustness adds to the findings of a result."""

from __future__ import annotations

from collections.abc import Iterator

from surveysem.findings import Finding
from surveysem.study.robustness.influence import Influence
from surveysem.study.robustness.multiverse import Multiverse

_IN_THE_SECTION = ("robustness", "influence")


def told_beside(specifications: Multiverse | None, influence: Influence | None) -> Iterator[Finding]:
    """Findings on specifications and influence, without those notes that the section on robustness makes anyway."""
    for found in (specifications, influence):
        for each in () if found is None else found.findings:
            if each.severity != "note" or each.where not in _IN_THE_SECTION:
                yield each
