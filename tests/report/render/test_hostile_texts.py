"""Formats whose escaping has tests of its own next door hold the same texts here."""

import html
import re

from surveysem.report import render_html, render_markdown
from surveysem.report.table import Row


def test_html_shows_any_text_as_it_stands(make_document, make_figures, make_table, hostile):
    table = make_table(title=hostile, rows=(Row(cells={"name": hostile, "b": 1.0, "reason": hostile}),))
    page = render_html(make_document(hostile, table=table), make_figures())
    bare = html.unescape(re.sub(r"<[^>]*>", "", page))
    assert bare.count(hostile) >= 9
    assert "<script" not in page


def test_markdown_shows_any_text_as_it_stands(make_document, make_table, hostile):
    table = make_table(title=hostile, rows=(Row(cells={"name": hostile, "b": 1.0, "reason": hostile}),))
    page = render_markdown(make_document(hostile, table=table))
    shown = html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", page))
    assert shown.count(" ".join(hostile.split())) >= 9


def test_the_language_of_the_report_is_that_of_the_page(make_document, make_figures):
    assert '<html lang="pt">' in render_html(make_document(language="pt"), make_figures())
