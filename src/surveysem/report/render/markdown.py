"""The report as Markdown that GitHub and Pandoc show alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from surveysem.report.document import (
    Block,
    BulletList,
    DefinitionList,
    Document,
    Equation,
    FigureBlock,
    Highlight,
    Notice,
    Paragraph,
    ReferenceList,
    Section,
)
from surveysem.report.inline import Citation, Code, FileLink, Inline, Strong, Symbol, Text
from surveysem.report.table import Column, Quantity, Row, Table

FIGURE_FOLDER = "figures"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]|#~$^@])")
_AT_START = re.compile(r"^(\d*)([-+:=]|(?<=\d)[.)])(?=\s|=|$)")
_RUNS = re.compile(r"--+|\.\.\.+")


def render_markdown(document: Document) -> str:
    """A document as Markdown; figures are referred to as ``figures/<name>.png``.

    Parameters
    ----------
    document : Document
        What is to be shown.

    Returns
    -------
    str
        All text of the document is escaped, so that it is shown as it stands.
    """
    return "\n\n".join(_parts(document)) + "\n"


def escape_markdown(text: str, *, at_start: bool = True) -> str:
    """Text that Markdown shows as it stands, on one line, at the start of a line or further on.

    Examples
    --------
    >>> print(escape_markdown("<b>5 * 3</b>\\n# no heading"))
    &lt;b&gt;5 \\* 3&lt;/b&gt; \\# no heading
    """
    line = " ".join(text.split())
    line = _SPECIAL.sub(r"\\\1", line)
    line = _RUNS.sub(lambda run: "".join(f"\\{character}" for character in run[0]), line)
    line = "".join(_ENTITIES.get(character, character) for character in line)
    return _AT_START.sub(r"\1\\\2", line) if at_start else line


def inline_markdown(text: Text) -> str:
    """Sentences as Markdown on one line."""
    return "".join(_inline(part, at_start=not place) for place, part in enumerate(text)).strip()


def _inline(part: Inline, *, at_start: bool) -> str:
    match part:
        case Symbol():
            return f"*{escape_markdown(part.text)}*"
        case Strong():
            return f"**{escape_markdown(part.text.strip())}**{_space_after(part.text)}"
        case FileLink():
            return f"[{escape_markdown(part.text)}]({quote(part.text)})"
        case Code() | Citation():
            return escape_markdown(part.text)
    return f"{_space_before(part)}{escape_markdown(part, at_start=at_start)}{_space_after(part)}"


def _space_before(text: str) -> str:
    return " " if text[:1].isspace() else ""


def _space_after(text: str) -> str:
    return " " if text.strip() and text[-1:].isspace() else ""


def _parts(document: Document) -> Iterator[str]:
    yield f"# {escape_markdown(document.title)}"
    yield escape_markdown(document.subtitle)
    for mark in document.marks:
        yield f"> **{escape_markdown(mark)}**\n>\n> {inline_markdown(document.banner)}"
    if document.summary:
        yield "\n".join(map(_highlight, document.summary))
    for section in document.sections:
        yield from _section(section)


def _highlight(highlight: Highlight) -> str:
    label, value = escape_markdown(highlight.label), escape_markdown(highlight.value)
    return f"- **{label}: {value}.** {escape_markdown(highlight.detail)}".rstrip()


def _section(section: Section) -> Iterator[str]:
    yield f"## {escape_markdown(section.heading)}"
    for block in section.blocks:
        yield _block(block)


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return inline_markdown(block.text)
        case Notice():
            return f"> **{block.severity.capitalize()}.** {inline_markdown(block.text)}"
        case BulletList():
            return "\n".join(f"- {inline_markdown(item)}" for item in block.items)
        case DefinitionList():
            return "\n".join(f"- {escape_markdown(term)}: {escape_markdown(text)}" for term, text in block.entries)
        case Equation():
            return f"> {escape_markdown(block.text)}"
        case FigureBlock():
            return _figure(block)
        case ReferenceList():
            return "\n".join(f"- {escape_markdown(work.entry)}" for work in block.works)
    return _table(block)


def _figure(block: FigureBlock) -> str:
    mark = " (SIMULATED DATA)" if block.simulated else ""
    picture = f"![{escape_markdown(block.alt)}]({FIGURE_FOLDER}/{block.name}.png)"
    caption = f"**Figure {block.number}.** *{escape_markdown(block.title)}*{mark}. {inline_markdown(block.caption)}"
    return f"{picture}\n\n{caption}"


def _table(table: Table) -> str:
    heading = f"**Table {table.number}.** *{escape_markdown(table.full_title)}*"
    head = " | ".join(map(_column_head, table.columns))
    rule = " | ".join(":---" if column.kind == "text" else "---:" for column in table.columns)
    rows = "\n".join(f"| {' | '.join(_cells(table, row))} |" for row in table.rows)
    notes = " ".join(["*Note.*", *map(inline_markdown, table.notes)]) if table.notes else ""
    return f"{heading}\n\n| {head} |\n| {rule} |\n{rows}\n\n{notes}".rstrip()


def _column_head(column: Column) -> str:
    label = f"*{escape_markdown(column.label)}*" if column.symbol else escape_markdown(column.label)
    return f"{escape_markdown(column.spanner)}: {label}" if column.spanner else label


def _cells(table: Table, row: Row) -> Iterator[str]:
    for position, (column, text) in enumerate(zip(table.columns, table.texts(row), strict=True)):
        cell = escape_markdown(text)
        value = row.cells.get(column.key)
        if cell and (row.strong or (isinstance(value, Quantity) and value.strong)):
            cell = f"**{cell}**"
        yield "&emsp;" * row.indent + cell if position == 0 else cell
