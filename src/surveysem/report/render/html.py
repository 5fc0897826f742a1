"""The report as one self-contained HTML file."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from matplotlib.figure import Figure

from surveysem.report.document import Document
from surveysem.report.inline import Citation, FileLink, Inline, Text
from surveysem.report.markup import inline_markup
from surveysem.report.render.layout import below, first_span, heads, spanners
from surveysem.report.render.pictures import svg_bytes
from surveysem.report.table import Column, Quantity, Row, Table

_TEMPLATES = Path(__file__).resolve().parent / "templates"


def render_html(document: Document, figures: Mapping[str, Figure]) -> str:
    """A document as HTML with styles and figures inside.

    Parameters
    ----------
    document : Document
        What is to be shown.
    figures : mapping of str to matplotlib.figure.Figure
        A figure for the name of every figure block.

    Returns
    -------
    str
        All text of the document is escaped; nothing is loaded from elsewhere.
    """
    pictures = {name: _data_uri(figure) for name, figure in figures.items()}
    wide = {name for name, figure in figures.items() if figure.get_size_inches()[0] > 7.5}
    css = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    template = _environment().get_template("report.html.j2")
    return template.render(document=document, pictures=pictures, wide=wide, css=Markup(css))


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inline"] = inline_html
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.globals.update(cells=_cells, heads=heads, spanners=spanners, below=below)
    return environment


def inline_html(text: Text) -> Markup:
    """Sentences as HTML; citations lead to the bibliography."""
    return Markup().join(_inline(part) for part in text)


def _inline(part: Inline) -> Markup:
    if isinstance(part, Citation):
        return Markup('<a class="citation" href="#ref-{}">{}</a>').format(part.key, part.text)
    if isinstance(part, FileLink):
        return Markup('<a href="{}">{}</a>').format(quote(part.text), inline_markup(part))
    return inline_markup(part)


def _data_uri(figure: Figure) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg_bytes(figure)).decode('ascii')}"


def _cells(table: Table, row: Row) -> list[tuple[Column, Markup, int]]:
    """Cells side by side, as HTML, and how many columns each covers; a heading covers the empty ones beside it."""
    texts = zip(table.columns, table.texts(row), strict=True)
    found = [(column, _cell(row, column, text)) for column, text in texts if not column.below]
    span = first_span(table, row)
    return [(column, cell, 1 if place else span) for place, (column, cell) in enumerate(found) if not 0 < place < span]


def _cell(row: Row, column: Column, text: str) -> Markup:
    value = row.cells.get(column.key)
    if isinstance(value, Citation):
        return _inline(value)
    strong = isinstance(value, Quantity) and value.strong
    return Markup("<strong>{}</strong>").format(text) if strong and text else escape(text)
