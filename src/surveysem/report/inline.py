"""Pieces of a sentence that carry a meaning a renderer must know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from surveysem.references import bibliography_entry, cite


@dataclass(frozen=True)
class Symbol:
    """A statistical symbol set in italics, such as *p*."""

    text: str


@dataclass(frozen=True)
class Strong:
    """Words a reader must not miss."""

    text: str


@dataclass(frozen=True)
class Code:
    """A name or a hash to be copied as it stands."""

    text: str


@dataclass(frozen=True)
class FileLink(Code):
    """Name of a file that lies beside the report."""


@dataclass(frozen=True)
class Citation:
    """A work cited: its key, authors and year, and its entry in the bibliography."""

    key: str
    text: str
    entry: str


def cited(key: str) -> Citation:
    """Citation of a work that the package lists."""
    return Citation(key, cite(key), bibliography_entry(key))


Inline: TypeAlias = str | Symbol | Strong | Code | Citation
Text: TypeAlias = tuple[Inline, ...]


def plain(text: Text) -> str:
    """The words alone.

    Examples
    --------
    >>> plain(("Significant, ", Symbol("p"), " = .012."))
    'Significant, p = .012.'
    """
    return "".join(part if isinstance(part, str) else part.text for part in text)


def sentence(words: str) -> str:
    """Words that end in a full stop.

    Examples
    --------
    >>> sentence("Drawn with seed 7"), sentence("Why not?")
    ('Drawn with seed 7.', 'Why not?')
    """
    trimmed = words.rstrip()
    return trimmed if trimmed.endswith((".", "!", "?")) else f"{trimmed}."


def listing(words: list[str] | tuple[str, ...]) -> str:
    """Words joined as in a sentence.

    Examples
    --------
    >>> listing(["α", "ω", "AVE"]), listing(["α"])
    ('α, ω and AVE', 'α')
    """
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part) if words else ""


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number and its noun.

    Examples
    --------
    >>> counted(1, "item"), counted(1200, "item")
    ('1 item', '1,200 items')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
