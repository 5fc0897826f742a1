"""Renderers: each walks the same document and decides what it looks like in one format."""

from surveysem.report.render.html import render_html
from surveysem.report.render.latex import render_latex
from surveysem.report.render.markdown import render_markdown
from surveysem.report.render.table_files import write_tables
from surveysem.report.render.writing import write_report

__all__ = ["render_html", "render_latex", "render_markdown", "write_report", "write_tables"]
