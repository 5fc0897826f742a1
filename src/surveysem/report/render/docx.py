"""The report as a Word document with real styles, captions, tables and links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO
from types import MappingProxyType
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx.document import Document as WordDocument
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt
from matplotlib.figure import Figure

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
from surveysem.report.inline import Text
from surveysem.report.render.characters import printable
from surveysem.report.render.layout import table_layout
from surveysem.report.render.pictures import is_wide, png_bytes, printed_width
from surveysem.report.render.word_styles import opening_lines, styled_document
from surveysem.report.render.word_table import word_table
from surveysem.report.render.word_xml import (
    bookmarked,
    field,
    inline_runs,
    internal_link,
    linked,
    paragraph,
    runs,
)
from surveysem.report.table import Table

_PAGES = {False: ("11906", "16838"), True: ("16838", "11906")}


def render_docx(
    document: Document, figures: Mapping[str, Figure], *, pictures: Mapping[str, bytes] = MappingProxyType({})
) -> bytes:
    """A document as a Word file.

    Parameters
    ----------
    document : Document
        What is to be shown.
    figures : mapping of str to matplotlib.figure.Figure
        A figure for the name of every figure block.
    pictures : mapping of str to bytes
        PNG of figures that are drawn already, by name.

    Returns
    -------
    bytes
        The same for the same document and versions of the libraries: nothing in it tells when it was written.

    Raises
    ------
    UnsupportedError
        When a table is too wide for a printed page.
    """
    word = styled_document(document)
    body = _Body(word=word, figures=figures, pictures=pictures, anchors=_anchors(document), ordered=_in_order(document))
    for made in _elements(document, body):
        body.append(made)
    body.turn(landscape=False)
    return _timeless(word)


def _anchors(document: Document) -> dict[str, str]:
    """A bookmark for every work of the bibliography; Word allows no other than short and plain names."""
    lists = [block for block in document.blocks if isinstance(block, ReferenceList)]
    works = [work.key for block in lists for work in block.works]
    return {key: f"work_{number}" for number, key in enumerate(dict.fromkeys(works), start=1)}


def _in_order(document: Document) -> dict[str, bool]:
    """Whether tables and figures are numbered as they follow each other, so that Word may count them anew."""
    tables = [block.number for block in document.blocks if isinstance(block, Table)]
    figures = [block.number for block in document.blocks if isinstance(block, FigureBlock)]
    counted = {"Table": tables, "Figure": figures}
    return {name: numbers == list(range(1, len(numbers) + 1)) for name, numbers in counted.items()}


@dataclass(kw_only=True)
class _Body:
    """What is written so far, and the direction of the page in progress."""

    word: WordDocument
    figures: Mapping[str, Figure]
    pictures: Mapping[str, bytes]
    anchors: dict[str, str]
    ordered: Mapping[str, bool]
    landscape: bool = False

    @property
    def part(self) -> Part:
        return self.word.part

    @property
    def closing(self) -> BaseOxmlElement:
        """Properties of the last section, behind everything else."""
        made: BaseOxmlElement = self.word.element.body[-1]
        return made

    def append(self, made: BaseOxmlElement) -> None:
        self.closing.addprevious(made)

    def turn(self, *, landscape: bool) -> None:
        """A new section where the page turns; its properties stand in the last paragraph of the one before."""
        if landscape == self.landscape:
            return
        last = self.closing.getprevious()
        if last is None or last.tag != qn("w:p"):
            last = paragraph("TableNote", mark_points=1)
            self.append(last)
        ended = deepcopy(self.closing)
        last.find(qn("w:pPr")).append(ended)
        self.landscape = landscape
        size = self.closing.find(qn("w:pgSz"))
        size.set(qn("w:w"), _PAGES[landscape][0])
        size.set(qn("w:h"), _PAGES[landscape][1])
        size.attrib.pop(qn("w:orient"), None)
        if landscape:
            size.set(qn("w:orient"), "landscape")

    def inline(self, text: Text, points: float = 0.0) -> list[BaseOxmlElement]:
        return inline_runs(text, self.part, self.anchors, points=points)


def _elements(document: Document, body: _Body) -> Iterator[BaseOxmlElement]:
    yield from opening_lines(document)
    for mark in document.marks:
        yield paragraph("Noticewarning", *runs(f"{mark}. ", bold=True), *body.inline(document.banner))
    for highlight in document.summary:
        yield _highlight(highlight)
    yield from _contents(document)
    for number, section in enumerate(document.sections, start=1):
        yield from _section(section, number, body)


def _highlight(highlight: Highlight) -> BaseOxmlElement:
    answer = runs(f"{highlight.label}: {highlight.value}. ", bold=True)
    return paragraph(f"Notice{highlight.severity}", *answer, *runs(highlight.detail))


def _contents(document: Document) -> Iterator[BaseOxmlElement]:
    """A field without page numbers, which only Word knows, with links in place already."""
    yield paragraph("Heading2", *runs("Contents"), keep_next=True)
    *opening, closing = field('TOC \\o "1-1" \\n \\h', "")
    last = len(document.sections)
    for number, section in enumerate(document.sections, start=1):
        link = internal_link(f"section_{number}", section.heading)
        before = opening if number == 1 else []
        after = [closing] if number == last else []
        yield paragraph("Definition", *before, link, *after)


def _section(section: Section, number: int, body: _Body) -> Iterator[BaseOxmlElement]:
    body.turn(landscape=bool(section.blocks) and _is_turned(section.blocks[0], body))
    yield paragraph("Heading1", *bookmarked(f"section_{number}", number, *runs(section.heading)))
    for block in section.blocks:
        body.turn(landscape=_is_turned(block, body))
        yield from _block(block, body)


def _is_turned(block: Block, body: _Body) -> bool:
    """Whether a block is too wide for an upright page."""
    if isinstance(block, FigureBlock):
        return is_wide(body.figures[block.name])
    return isinstance(block, Table) and table_layout(block).landscape


def _block(block: Block, body: _Body) -> Iterator[BaseOxmlElement]:
    match block:
        case Paragraph():
            yield paragraph("Normal", *body.inline(block.text))
        case Notice():
            opening = runs(f"{block.severity.capitalize()}. ", bold=True)
            yield paragraph(f"Notice{block.severity}", *opening, *body.inline(block.text))
        case BulletList():
            yield from (paragraph("ListBullet", *body.inline(item)) for item in block.items)
        case DefinitionList():
            for term, text in block.entries:
                yield paragraph("Definition", *runs(f"{term}: ", bold=True), *linked(text, body.part))
        case Equation():
            yield paragraph("Equation", *runs(block.text, italic=True))
        case FigureBlock():
            yield from _figure(block, body)
        case ReferenceList():
            yield from _references(block, body)
        case Table():
            yield from _table(block, body)


def _references(block: ReferenceList, body: _Body) -> Iterator[BaseOxmlElement]:
    for work in block.works:
        name = body.anchors[work.key]
        marked = bookmarked(name, 1000 + int(name.removeprefix("work_")), *linked(work.entry, body.part))
        yield paragraph("ReferenceEntry", *marked)


def _caption(kind: str, number: int, title: str, body: _Body) -> Iterator[BaseOxmlElement]:
    shown = str(number)
    counted = field(f"SEQ {kind} \\* ARABIC", shown, bold=True) if body.ordered[kind] else runs(shown, bold=True)
    yield paragraph("TableNumber", *runs(f"{kind} ", bold=True), *counted)
    yield paragraph("TableTitle", *runs(title))


def _table(table: Table, body: _Body) -> Iterator[BaseOxmlElement]:
    yield from _caption("Table", table.number, table.full_title, body)
    yield word_table(table, table_layout(table), body.anchors)
    for place, note in enumerate(table.notes):
        opening = runs("Note. ", italic=True) if place == 0 else []
        yield paragraph("TableNote", *opening, *body.inline(note))
    if not table.notes:
        yield paragraph("TableNote")


def _figure(block: FigureBlock, body: _Body) -> Iterator[BaseOxmlElement]:
    mark = " (SIMULATED DATA)" if block.simulated else ""
    yield from _caption("Figure", block.number, f"{block.title}{mark}", body)
    yield _picture(block, body)
    yield paragraph("TableNote", *runs("Note. ", italic=True), *body.inline(block.caption))


def _picture(block: FigureBlock, body: _Body) -> BaseOxmlElement:
    figure = body.figures[block.name]
    image = BytesIO(body.pictures.get(block.name) or png_bytes(figure))
    holder: Any = body.word.add_paragraph()
    holder.add_run().add_picture(image, width=Pt(printed_width(figure)))
    made: BaseOxmlElement = holder._p
    made.getparent().remove(made)
    described = next(made.iter(qn("wp:docPr")))
    described.set("name", block.name)
    described.set("descr", printable(block.alt))
    return paragraph("Figure", *made.findall(qn("w:r")), keep_next=True)


def _timeless(word: WordDocument) -> bytes:
    """The package with one date for all its files."""
    written, rewritten = BytesIO(), BytesIO()
    word.save(written)
    with ZipFile(written) as source, ZipFile(rewritten, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 3
            target.writestr(entry, source.read(name))
    return rewritten.getvalue()
