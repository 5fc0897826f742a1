"""Works an instrument cites beyond the list that comes with the package."""

from __future__ import annotations

from pydantic import StrictInt

from surveysem.instrument.values import Identifier, NonEmptyText, Part
from surveysem.references import Reference


class CitedWork(Part):
    """A work that the instrument cites and the package does not list.

    Examples
    --------
    >>> work = CitedWork(key="doe_2020", authors=("Doe, J.",), year=2020, title="A scale", source="A Press")
    >>> work.as_reference().title
    'A scale'
    """

    key: Identifier
    """Name by which items and constructs cite the work."""
    authors: tuple[NonEmptyText, ...]
    """Authors as ``Family, I. I.``, in the order of the title page."""
    year: StrictInt
    """Year of publication."""
    title: NonEmptyText
    """Title of the article, chapter or book."""
    source: NonEmptyText
    """Journal with volume and pages, or publisher."""
    doi: NonEmptyText | None = None
    """Digital object identifier without a resolver address."""

    def as_reference(self) -> Reference:
        """The work as a reference like those of the package."""
        return Reference(
            key=self.key, authors=self.authors, year=self.year, title=self.title, source=self.source, doi=self.doi
        )
