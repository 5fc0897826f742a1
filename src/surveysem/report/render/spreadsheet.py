"""Tables as an Excel workbook: unrounded numbers that are shown as the paper prints them, text that is never run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from math import isfinite
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from surveysem.report.inline import Citation, plain
from surveysem.report.render.characters import printable
from surveysem.report.table import Cell, Column, Interval, Kind, Quantity, Row, Table, format_cell

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PLAIN, _BOLD = 0, 1
_LONGEST_NAME = 31
_DECIMALS: Mapping[Kind, int] = {"integer": 0, "p": 3}

Entry: TypeAlias = str | tuple[float, str] | None


def render_xlsx(tables: Sequence[Table]) -> bytes:
    """Tables as a workbook with a sheet each.

    Parameters
    ----------
    tables : sequence of Table
        In order; a sheet has the name of its table.

    Returns
    -------
    bytes
        The same for the same tables. Text is stored as text, so that a spreadsheet program never computes it.
    """
    formats = _Formats()
    sheets = [_sheet(table, formats) for table in tables]
    files = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relationships({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": _workbook(tables),
        "xl/_rels/workbook.xml.rels": _sheet_relationships(len(sheets)),
        "xl/styles.xml": formats.styles(),
    } | {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, start=1)}
    return _package(files)


@dataclass
class _Formats:
    """Number formats in use, in the order of their first use."""

    codes: list[str] = field(default_factory=list)

    def style(self, code: str) -> int:
        """Number of the style that shows a number by its format."""
        if code not in self.codes:
            self.codes.append(code)
        return self.codes.index(code) + 2

    def styles(self) -> str:
        """The file of styles: plain, bold, and one per number format."""
        numbered = [(164 + place, code) for place, code in enumerate(self.codes)]
        codes = "".join(f'<numFmt numFmtId="{key}" formatCode={quoteattr(code)}/>' for key, code in numbered)
        counted = f'<numFmts count="{len(numbered)}">{codes}</numFmts>' if numbered else ""
        own = "".join(f'<xf numFmtId="{key}" fontId="0" applyNumberFormat="1" xfId="0"/>' for key, _ in numbered)
        font = '<sz val="11"/><name val="Calibri"/>'
        return (
            f'{_DECLARATION}<styleSheet xmlns="{_MAIN}">{counted}'
            f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
            '<fills count="2"><fill><patternFill patternType="none"/></fill>'
            '<fill><patternFill patternType="gray125"/></fill></fills>'
            "<borders><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
            '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0"/></cellStyleXfs>'
            f'<cellXfs count="{len(numbered) + 2}"><xf numFmtId="0" fontId="0" xfId="0"/>'
            f'<xf numFmtId="0" fontId="1" applyFont="1" xfId="0"/>{own}</cellXfs>'
            '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
        )


def _sheet(table: Table, formats: _Formats) -> str:
    lines = [[table.full_title if not table.number else f"Table {table.number}. {table.full_title}"]]
    head = [label for column in table.columns for label in _labels(column)]
    rows = [_xml_row(place, line, _BOLD, formats) for place, line in enumerate([*lines, head], start=1)]
    for row in table.rows:
        cells = [entry for column in table.columns for entry in _entries(row, column)]
        rows.append(_xml_row(len(rows) + 1, cells, _BOLD if row.strong else _PLAIN, formats))
    for note in table.notes:
        rows.append(_xml_row(len(rows) + 1, [f"Note. {plain(note)}"], _PLAIN, formats))
    return (
        f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="2" topLeftCell="A3" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"{_column_widths(table)}<sheetData>{''.join(rows)}</sheetData></worksheet>"
    )


def _labels(column: Column) -> Iterator[str]:
    label = f"{column.spanner}: {column.label}" if column.spanner else column.label
    yield from (f"{label}, lower", f"{label}, upper") if _is_interval(column) else (label,)


def _is_interval(column: Column) -> bool:
    return column.kind.endswith("interval")


def _entries(row: Row, column: Column) -> Iterator[Entry]:
    """What stands in the one or two columns of the sheet for a cell of the table."""
    cell = row.cells.get(column.key)
    value = cell.value if isinstance(cell, Quantity) else cell
    if _is_interval(column):
        limits = value if isinstance(value, Interval) else Interval(lower=float("nan"), upper=float("nan"))
        yield from (_number(limit, cell, column) for limit in (limits.lower, limits.upper))
    elif value is None or isinstance(value, str | Citation | Interval):
        yield _words(cell, column)
    else:
        yield _number(value, cell, column)


def _words(cell: Cell, column: Column) -> str | None:
    return None if cell is None else format_cell(cell, column)


def _number(value: float, cell: Cell, column: Column) -> Entry:
    """A number and its format; blank where there is none."""
    if not isfinite(value):
        return None
    kind, decimals, mark = column.kind, column.decimals, ""
    if isinstance(cell, Quantity):
        kind, decimals, mark = cell.kind, cell.decimals, cell.mark
    digits = _DECIMALS.get(kind, decimals)
    sign = f'"{mark}"' if mark else ""
    return (float(value), ("0" if digits == 0 else f"0.{'0' * digits}") + sign)


def _xml_row(number: int, entries: Sequence[Entry], style: int, formats: _Formats) -> str:
    cells = (_xml_cell(f"{_letters(place)}{number}", entry, style, formats) for place, entry in enumerate(entries))
    return f'<row r="{number}">{"".join(cells)}</row>'


def _xml_cell(place: str, entry: Entry, style: int, formats: _Formats) -> str:
    match entry:
        case None | "":
            return ""
        case str():
            words = escape(printable(entry))
            return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{words}</t></is></c>'
        case (value, code):
            return f'<c r="{place}" s="{formats.style(code)}"><v>{value!r}</v></c>'


def _letters(place: int) -> str:
    """Name of a column, counted from 0.

    Examples
    --------
    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    before = _letters(place // 26 - 1) if place >= 26 else ""
    return before + chr(ord("A") + place % 26)


def _column_widths(table: Table) -> str:
    widths = [_width(table, column) for column in table.columns for _ in _labels(column)]
    columns = (
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, width in enumerate(widths, start=1)
    )
    return f"<cols>{''.join(columns)}</cols>"


def _width(table: Table, column: Column) -> int:
    texts = [format_cell(row.cells.get(column.key), column) for row in table.rows]
    return min(60, max(9, 2 + max(map(len, (*texts, column.label)))))


def _workbook(tables: Sequence[Table]) -> str:
    sheets = (
        f'<sheet name={quoteattr(_sheet_name(table.name))} sheetId="{number}" r:id="rId{number}"/>'
        for number, table in enumerate(tables, start=1)
    )
    spaces = f'xmlns="{_MAIN}" xmlns:r="{_OFFICE}"'
    return f"{_DECLARATION}<workbook {spaces}><sheets>{''.join(sheets)}</sheets></workbook>"


def _sheet_name(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", "_", name)[:_LONGEST_NAME]


def _relationships(targets: Mapping[str, tuple[str, str]]) -> str:
    made = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'{_DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{made}</Relationships>'


def _sheet_relationships(count: int) -> str:
    sheets = {f"rId{number}": ("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, count + 1)}
    return _relationships(sheets | {f"rId{count + 1}": ("styles", "styles.xml")})


def _content_types(count: int) -> str:
    parts = {f"/xl/worksheets/sheet{number}.xml": "worksheet" for number in range(1, count + 1)}
    kinds = {"/xl/workbook.xml": "sheet.main", "/xl/styles.xml": "styles"} | parts
    overrides = "".join(
        f'<Override PartName="{name}" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in kinds.items()
    )
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    xml = '<Default Extension="xml" ContentType="application/xml"/>'
    return f'{_DECLARATION}<Types xmlns="{_PACKAGE}/content-types">{rels}{xml}{overrides}</Types>'


def _package(files: Mapping[str, str]) -> bytes:
    """The files of a workbook, all with one date."""
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as target:
        for name, content in files.items():
            entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = ZIP_DEFLATED
            entry.create_system = 3
            target.writestr(entry, content.encode("utf-8"))
    return written.getvalue()
