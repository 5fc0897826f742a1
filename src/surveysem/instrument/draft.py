"""An instrument in the making: the parts that are well-formed, and what is wrong with the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

from surveysem.instrument.constructs import Construct
from surveysem.instrument.questions import (
    AttentionCheck,
    GroupingQuestion,
    Item,
    ObservedMeasure,
    Question,
    ScreeningQuestion,
)
from surveysem.instrument.scales import ResponseScale
from surveysem.instrument.values import LANGUAGE_TAG, Part
from surveysem.instrument.works import CitedWork

Location: TypeAlias = tuple[str | int, ...]
SomePart = TypeVar("SomePart", bound=Part)

SECTIONS: Mapping[str, type[Part]] = MappingProxyType(
    {
        "references": CitedWork,
        "response_scales": ResponseScale,
        "constructs": Construct,
        "screening_questions": ScreeningQuestion,
        "grouping_questions": GroupingQuestion,
        "items": Item,
        "attention_checks": AttentionCheck,
        "observed_measures": ObservedMeasure,
    }
)
QUESTION_SECTIONS = tuple(name for name, part in SECTIONS.items() if issubclass(part, Question))


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One thing wrong with an instrument, located by its path inside the document."""

    path: Location
    found: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Content of an instrument as far as it could be read.

    Parameters
    ----------
    content : Mapping
        Everything as it stands in the file, well-formed or not.
    header : Part or None
        The entries outside the sections, when they are well-formed.
    parts : Mapping
        From the path of every well-formed entry of a section to its value.
    """

    content: Mapping[str, Any]
    header: Part | None
    parts: Mapping[Location, Part]

    def of_type(self, part_type: type[SomePart]) -> Iterator[tuple[Location, SomePart]]:
        """Well-formed parts of one type with their paths, in file order."""
        for path, part in self.parts.items():
            if isinstance(part, part_type):
                yield path, part

    def entries(self, section: str) -> Iterator[tuple[Location, Mapping[str, Any]]]:
        """Entries of a section with their paths, well-formed or not, as long as they are mappings."""
        listed = self.content.get(section)
        for index, entry in enumerate(listed if isinstance(listed, list | tuple) else ()):
            if isinstance(entry, Mapping):
                yield (section, index), entry

    def ids(self, *sections: str, key: str = "id") -> tuple[str, ...]:
        """Identifiers declared in the given sections, also by entries that have other faults."""
        return tuple(
            entry[key] for name in sections for _, entry in self.entries(name) if isinstance(entry.get(key), str)
        )

    def declares(self, section: str) -> bool:
        """Whether the section is there as a list with entries; without it, references to it are not judged."""
        listed = self.content.get(section)
        return isinstance(listed, list | tuple) and len(listed) > 0

    @property
    def languages(self) -> tuple[str, ...]:
        """Declared languages; empty when they are not a list of valid tags, so that texts are not judged by them."""
        declared = self.content.get("languages")
        tags = tuple(declared) if isinstance(declared, list | tuple) else ()
        valid = all(isinstance(tag, str) and re.fullmatch(LANGUAGE_TAG, tag) for tag in tags)
        return tags if valid else ()
