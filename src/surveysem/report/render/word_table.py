"""A table in Word after the APA manual: three rules, headings repeated on every page, decimal points in line."""

from __future__ import annotations

from collections.abc import Iterator

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from surveysem.report.render.characters import printable
from surveysem.report.render.layout import (
    INDENT_EMS,
    PrintedCell,
    TableLayout,
    below,
    cells,
    decimal_padding,
    first_span,
    fits_one_page,
    heads,
    spanners,
)
from surveysem.report.render.word_xml import element, internal_link, paragraph, runs
from surveysem.report.table import Column, Row, Table

_FIGURE_SPACE, _PUNCTUATION_SPACE = "\u2007", "\u2008"
_BLANKS = str.maketrans({"0": _FIGURE_SPACE, ".": _PUNCTUATION_SPACE, "†": _FIGURE_SPACE})


def word_table(table: Table, layout: TableLayout, anchors: dict[str, str]) -> BaseOxmlElement:
    """The grid of a table; caption and notes stand outside it.

    Parameters
    ----------
    table : Table
        What is to be shown.
    layout : TableLayout
        Widths of the columns and size of the letters.
    anchors : dict of str to str
        Bookmark of each work cited.
    """
    twips = [round(20 * width) for width in layout.widths]
    grid = element("w:tblGrid", *(element("w:gridCol", w=str(width)) for width in twips))
    top = list(_head_rows(table, layout, twips))
    body = list(_body_rows(table, layout, twips, anchors))
    _rule(top[0], "top", 12)
    _rule(top[-1], "bottom", 6)
    _rule(body[-1] if body else top[-1], "bottom", 12)
    if fits_one_page(table, layout):
        for row in [*top, *body]:
            _keep_with_next(row)
    return element("w:tbl", _table_properties(table, sum(twips)), grid, *top, *body)


def _table_properties(table: Table, width: int) -> BaseOxmlElement:
    margins = element("w:tblCellMar", element("w:left", w="60", type="dxa"), element("w:right", w="60", type="dxa"))
    caption = f"Table {table.number}. {table.full_title}"
    return element(
        "w:tblPr",
        element("w:tblW", w=str(width), type="dxa"),
        element("w:tblLayout", type="fixed"),
        margins,
        element("w:tblLook", val="0020", firstRow="1", lastRow="0", firstColumn="0", lastColumn="0"),
        element("w:tblCaption", val=printable(caption)),
    )


def _head_rows(table: Table, layout: TableLayout, twips: list[int]) -> Iterator[BaseOxmlElement]:
    if groups := spanners(table):
        made, start = [], 0
        for spanner, count in groups:
            words = runs(spanner, points=layout.points)
            line = paragraph("TableText", *words, align="center", mark_points=layout.points, ruled=bool(spanner))
            cell = _cell(line, width=sum(twips[start : start + count]), span=count, valign="bottom")
            made.append(cell)
            start += count
        yield _row(*made, repeated=True)
    yield _row(
        *(_head(column, layout, width) for column, width in zip(heads(table), twips, strict=True)), repeated=True
    )


def _head(column: Column, layout: TableLayout, width: int) -> BaseOxmlElement:
    words = _text(column.label, layout, italic=column.symbol, align="" if column.kind == "text" else "right")
    return _cell(words, width=width, valign="bottom")


def _body_rows(
    table: Table, layout: TableLayout, twips: list[int], anchors: dict[str, str]
) -> Iterator[BaseOxmlElement]:
    padding = [decimal_padding(table, column) for column in heads(table)]
    for row in table.rows:
        remarks = below(table, row)
        printed, span = cells(table, row), first_span(table, row)
        made = [_body_cell(printed[0], layout, sum(twips[:span]), "", anchors, row.indent, span)]
        for cell, width, pads in list(zip(printed, twips, padding, strict=True))[span:]:
            made.append(_body_cell(cell, layout, width, pads.get(cell.text, ""), anchors))
        yield _kept(_row(*made), bool(remarks) or row.strong)
        if remarks:
            yield _row(_cell(_remarks(remarks, layout, row), width=sum(twips), span=len(twips)))


def _kept(row: BaseOxmlElement, keep: bool) -> BaseOxmlElement:
    if keep:
        _keep_with_next(row)
    return row


def _body_cell(
    cell: PrintedCell,
    layout: TableLayout,
    width: int,
    pad: str,
    anchors: dict[str, str],
    indent: int = 0,
    span: int = 1,
) -> BaseOxmlElement:
    align = "" if cell.column.kind == "text" else "right"
    left = INDENT_EMS * layout.points * indent
    if cell.citation is not None and cell.citation.key in anchors:
        link = internal_link(anchors[cell.citation.key], cell.text, layout.points)
        return _cell(paragraph("TableText", link, align=align, indent=left), width=width, span=span)
    shown = cell.text + pad.translate(_BLANKS)
    words = _text(shown, layout, bold=cell.strong, align=align, indent=left)
    return _cell(words, width=width, span=span)


def _remarks(remarks: list[tuple[str, str]], layout: TableLayout, row: Row) -> BaseOxmlElement:
    made = []
    for label, text in remarks:
        made += runs(f"{label}. ", italic=True, points=layout.points - 0.5)
        made += runs(f"{text} ", points=layout.points - 0.5)
    return paragraph("TableText", *made, indent=INDENT_EMS * layout.points * (row.indent + 1))


def _text(
    text: str, layout: TableLayout, *, bold: bool = False, italic: bool = False, align: str = "", indent: float = 0.0
) -> BaseOxmlElement:
    made = runs(text, bold=bold, italic=italic, points=layout.points)
    return paragraph("TableText", *made, align=align, indent=indent, mark_points=layout.points)


def _row(*made: BaseOxmlElement, repeated: bool = False) -> BaseOxmlElement:
    """A row that no page break splits."""
    properties = element("w:trPr", element("w:cantSplit"), *([element("w:tblHeader")] if repeated else []))
    return element("w:tr", properties, *made)


def _cell(words: BaseOxmlElement, *, width: int, span: int = 1, valign: str = "") -> BaseOxmlElement:
    properties = element("w:tcPr", element("w:tcW", w=str(width), type="dxa"))
    if span > 1:
        properties.append(element("w:gridSpan", val=str(span)))
    if valign:
        properties.append(element("w:vAlign", val=valign))
    return element("w:tc", properties, words)


def _rule(row: BaseOxmlElement, side: str, eighths: int) -> None:
    for cell in row.findall(qn("w:tc")):
        _cell_rule(cell, side, eighths)


def _cell_rule(cell: BaseOxmlElement, side: str, eighths: int) -> None:
    """A rule at one side of a cell, in the place the format prescribes: before vAlign, top before bottom."""
    properties = cell.find(qn("w:tcPr"))
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = element("w:tcBorders")
        after = properties.find(qn("w:vAlign"))
        properties.append(borders) if after is None else after.addprevious(borders)
    for old in borders.findall(qn(f"w:{side}")):
        borders.remove(old)
    rule = element(f"w:{side}", val="single", sz=str(eighths), space="0", color="000000")
    borders.insert(0, rule) if side == "top" else borders.append(rule)


def _keep_with_next(row: BaseOxmlElement) -> None:
    for properties in row.iter(qn("w:pPr")):
        if properties.find(qn("w:keepNext")) is None:
            properties.insert(1, element("w:keepNext"))
