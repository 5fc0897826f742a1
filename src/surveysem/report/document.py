"""The report as a tree of meanings: headings, sentences, tables and figures, without a word about their format.

A renderer walks the tree and decides what a statistical symbol, a citation or a table looks like.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from surveysem.findings import Severity
from surveysem.report.inline import Citation, Text
from surveysem.report.table import Table

SIMULATED_MARK = "SIMULATED DATA"


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """Sentences."""

    text: Text


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A warning that must not be overlooked."""

    severity: Severity
    text: Text


@dataclass(frozen=True, kw_only=True)
class BulletList:
    """Items of a list, in no order that matters."""

    items: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True)
class Equation:
    """A formula, as plain Unicode and as LaTeX."""

    text: str
    latex: str


@dataclass(frozen=True, kw_only=True)
class DefinitionList:
    """Terms and what each stands for, such as settings or versions."""

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class FigureBlock:
    """Place of a figure.

    Parameters
    ----------
    name : str
        Key of the picture among the report's figures, and stem of its file.
    number : int
        Number in the report.
    title, caption : str
        What it shows; how to read it.
    alt : str
        The same in words for those who cannot see it.
    simulated : bool
        Whether the picture shows simulated data.
    """

    name: str
    number: int
    title: str
    caption: Text
    alt: str
    simulated: bool = False


@dataclass(frozen=True, kw_only=True)
class ReferenceList:
    """Bibliography: the works cited, in alphabetical order."""

    works: tuple[Citation, ...]


Block: TypeAlias = Paragraph | Notice | BulletList | Equation | DefinitionList | FigureBlock | ReferenceList | Table


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Highlight:
    """One answer of the summary.

    Parameters
    ----------
    label, value, detail : str
        The question, the answer in a few words, and a sentence on it.
    severity : {"note", "warning", "serious"}
        How bad the news are.
    """

    label: str
    value: str
    detail: str
    severity: Severity = "note"


@dataclass(frozen=True, kw_only=True)
class Document:
    """A report.

    Parameters
    ----------
    title, subtitle : str
        What it is about; study, file and date.
    marks : tuple of str
        Words every page and table must carry, such as ``SIMULATED DATA``.
    banner : Text
        What the marks mean; empty without marks.
    summary : tuple of Highlight
        The answers, before everything else.
    sections : tuple of Section
        In order.
    language : str
        Of the words, as a code of ISO 639-1.
    date : str
        Day on which the results were computed, in ISO 8601; empty where it is unknown.
    """

    title: str
    subtitle: str
    marks: tuple[str, ...]
    banner: Text
    summary: tuple[Highlight, ...]
    sections: tuple[Section, ...]
    language: str = "en"
    date: str = ""

    @property
    def blocks(self) -> Iterator[Block]:
        """All blocks in order."""
        return (block for section in self.sections for block in section.blocks)


def works_cited(blocks: Sequence[Block]) -> tuple[Citation, ...]:
    """Every work cited in the blocks, once, in the order of the bibliography."""
    works = {part.key: part for block in blocks for part in _inlines(block) if isinstance(part, Citation)}
    return tuple(sorted(works.values(), key=lambda work: work.entry.casefold()))


def _inlines(block: Block) -> Iterator[object]:
    match block:
        case Paragraph() | Notice():
            yield from block.text
        case BulletList():
            yield from (part for item in block.items for part in item)
        case FigureBlock():
            yield from block.caption
        case Table():
            yield from (part for note in block.notes for part in note)
            yield from (cell for row in block.rows for cell in row.cells.values())
