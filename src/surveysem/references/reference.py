"""The value that describes a published work."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A published work.

    Parameters
    ----------
    key : str
        Name by which docstrings, instruments and reports cite it.
    authors : tuple of str
        ``"Family, I. I."``, in the order of the title page.
    year : int
        Year of publication.
    title : str
        Title of the article, chapter or book.
    source : str
        Journal with volume and pages, or publisher.
    doi : str or None
        Digital object identifier without a resolver address; None where none is known.
    cited_in : str or None
        Key of the work it is cited after, when the original could not be consulted.
    """

    key: str
    authors: tuple[str, ...]
    year: int
    title: str
    source: str
    doi: str | None = None
    cited_in: str | None = None

    @property
    def families(self) -> tuple[str, ...]:
        """Family names of the authors."""
        return tuple(author.partition(",")[0] for author in self.authors)


def work(
    key: str, authors: str, title: str, source: str, doi: str | None = None, cited_in: str | None = None
) -> Reference:
    """A reference whose year is the end of its key and whose authors are parted by semicolons."""
    return Reference(
        key=key,
        authors=tuple(authors.split("; ")),
        year=int(key.rpartition("_")[2]),
        title=title,
        source=source,
        doi=doi,
        cited_in=cited_in,
    )
