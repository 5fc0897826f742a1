"""A codebook as one self-contained HTML page, readable on a desk and on a phone."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from surveysem.report.codebook import Codebook, CodebookTable

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #666; }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; } }
body { font: 15px/1.45 system-ui, sans-serif; margin: 1.5rem auto; max-width: 90rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
nav a { margin-right: 1rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
td, tbody th { overflow-wrap: anywhere; min-width: 4rem; }
tbody th { min-width: 9.5rem; }
td[data-head^="wording"], td[data-head="definition"], td[data-head="remarks"] { min-width: 13rem; }
thead th { position: sticky; top: 0; background: Canvas; border-bottom: 2px solid var(--line); }
tbody th { font-family: ui-monospace, monospace; font-weight: 600; font-size: .92em; }
@media (max-width: 50rem) {
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody, tr, td, tbody th { display: block; }
  tr { padding: .6rem 0; border-bottom: 1px solid var(--line); }
  td[data-head], tbody tr th { border: 0; padding: .1rem 0; min-width: 0; }
  td[data-head]::before { content: attr(data-head) ": "; color: var(--quiet); }
  td:empty { display: none; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .4rem; }
}
@media print { thead th { position: static; } tr { break-inside: avoid; } }
"""


def render_codebook_html(content: Codebook) -> bytes:
    """A codebook as HTML, UTF-8; every text is escaped and nothing is loaded from elsewhere."""
    links = "".join(f'<a href="#{table.name}">{escape(table.title)}</a>' for table in content.tables)
    facts = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in content.facts.items())
    tables = "".join(map(_table, content.tables))
    title = escape(content.title)
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{title}</h1><dl>{facts}</dl><nav>{links}</nav>{tables}</main></body></html>\n"
    )
    return page.encode("utf-8")


def _table(table: CodebookTable) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    body = "\n".join(_row(table.columns, row) for row in table.rows)
    return (
        f'<h2 id="{table.name}">{escape(table.title)}</h2>'
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
    )


def _row(columns: tuple[str, ...], row: tuple[str, ...]) -> str:
    cells = "".join(
        f'<td data-head="{escape(column)}">{escape(cell)}</td>'
        for column, cell in zip(columns[1:], row[1:], strict=True)
    )
    return f'<tr><th scope="row">{escape(row[0])}</th>{cells}</tr>'
