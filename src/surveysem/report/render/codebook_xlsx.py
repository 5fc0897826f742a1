"""A codebook as an Excel workbook, one sheet a table; every cell is text and none a formula."""

from __future__ import annotations

import io
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from surveysem.report.codebook import Codebook

_WIDEST = 60


def render_codebook_xlsx(content: Codebook) -> bytes:
    """A codebook as the content of an ``.xlsx`` file."""
    book = import_module("openpyxl").Workbook()
    facts = (("about", ""), ("Title", content.title), *content.facts.items())
    book.active.title = "about"
    _fill(book.active, facts)
    for table in content.tables:
        _fill(book.create_sheet(table.name), (table.columns, *table.rows))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fill(sheet: Any, rows: tuple[tuple[str, ...], ...]) -> None:
    styles = import_module("openpyxl.styles")
    letters = import_module("openpyxl.utils").get_column_letter
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row, start=1):
            if text:
                cell = sheet.cell(number, place)
                cell.value, cell.data_type = text, "s"
                cell.quotePrefix = text.lstrip()[:1] in ("=", "+", "-", "@")
                cell.alignment = styles.Alignment(wrap_text=True, vertical="top")
                cell.font = styles.Font(bold=number == 1)
    for place in range(1, len(rows[0]) + 1):
        longest = max(len(row[place - 1]) for row in rows)
        sheet.column_dimensions[letters(place)].width = min(longest + 2, _WIDEST)
    sheet.freeze_panes = "B2"
