"""A table in a notebook, through great-tables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import pandas as pd
from great_tables import GT, html, loc, style
from markupsafe import Markup, escape

from surveysem.report.markup import inline_markup
from surveysem.report.table import Column, Quantity, Row, Table


def great_table(table: Table) -> GT:
    """A great-tables object whose texts are escaped here, whatever its version does."""
    frame = pd.DataFrame(
        [_escaped_cells(table, row) for row in table.rows], columns=[column.key for column in table.columns]
    )
    great = GT(frame).tab_header(title=html(_heading(table))).tab_options(table_font_size="13px")
    great = great.fmt(fns=str).cols_label(cases={column.key: html(_label(column)) for column in table.columns})
    numbers = [column.key for column in table.columns if column.kind != "text"]
    great = great.cols_align(align="right", columns=numbers)
    great = great.tab_style(style.css("white-space: nowrap;"), loc.body(columns=numbers))
    great = great.cols_align(align="left", columns=[each.key for each in table.columns if each.kind == "text"])
    great = great.tab_style(style.css("min-width: 12em;"), loc.body(columns=_wordy(table)))
    for spanner, columns in _spanners(table.columns):
        great = great.tab_spanner(label=html(str(escape(spanner))), columns=columns)
    for note in table.notes:
        great = great.tab_source_note(html(str(Markup().join(map(inline_markup, note)))))
    return great


def _heading(table: Table) -> str:
    number = Markup("<b>Table {}.</b> ").format(table.number) if table.number else Markup()
    return str(number + escape(table.full_title))


def _label(column: Column) -> str:
    return str(Markup("<i>{}</i>").format(column.label) if column.symbol else escape(column.label))


def _escaped_cells(table: Table, row: Row) -> list[str]:
    cells = [escape(text) for text in table.texts(row)]
    strong = [row.strong or _stands_out(row, column) for column in table.columns]
    cells = [_strong(cell) if bold and cell else cell for cell, bold in zip(cells, strong, strict=True)]
    return [str(Markup("&emsp;") * row.indent + cells[0]), *map(str, cells[1:])]


def _strong(cell: Markup) -> Markup:
    return Markup("<b>{}</b>").format(cell)


def _stands_out(row: Row, column: Column) -> bool:
    cell = row.cells.get(column.key)
    return isinstance(cell, Quantity) and cell.strong


def _wordy(table: Table) -> list[str]:
    """Columns of phrases and sentences, which a notebook would squeeze to a word a line."""
    texts = {column.key: [row.cells.get(column.key) for row in table.rows] for column in table.columns}
    return [key for key, cells in texts.items() if any(isinstance(each, str) and len(each) > 40 for each in cells)]


def _spanners(columns: Sequence[Column]) -> list[tuple[str, list[str]]]:
    groups = groupby(columns, key=lambda column: column.spanner)
    return [(spanner, [column.key for column in group]) for spanner, group in groups if spanner]
