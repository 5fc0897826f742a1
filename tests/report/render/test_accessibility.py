"""What a screen reader, a phone and a keyboard need of the HTML report."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from surveysem.report import build_document, paper_figures, render_html, render_markdown
from surveysem.report.render import html as html_room

CSS = (Path(html_room.__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")


class Outline(HTMLParser):
    """Headings, tables and pictures of a page."""

    def __init__(self):
        super().__init__()
        self.headings, self.tables, self.pictures, self.regions = [], [], [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "table":
            self.tables.append({"labelled": attributes.get("aria-labelledby"), "rows": []})
        if tag == "tr" and self.tables:
            self.tables[-1]["rows"].append([])
        if tag in ("th", "td") and self.tables and self.tables[-1]["rows"]:
            self.tables[-1]["rows"][-1].append((tag, attributes.get("scope"), int(attributes.get("colspan", 1))))
        if tag == "img":
            self.pictures.append(attributes.get("alt", ""))
        if attributes.get("role") == "region":
            self.regions.append(attributes)


@pytest.fixture(scope="module")
def outline(flagship):
    parser = Outline()
    parser.feed(render_html(build_document(flagship), paper_figures(flagship)))
    return parser


def test_headings_go_down_one_step_at_a_time(outline):
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))


def test_every_table_is_named_and_its_cells_have_headers(outline):
    assert outline.tables
    for table in outline.tables:
        assert table["labelled"]
        scopes = {scope for row in table["rows"] for tag, scope, _ in row if tag == "th"}
        assert scopes <= {"col", "colgroup", "row", "rowgroup"}
        assert {"col", "row"} <= scopes
        assert all(scope for row in table["rows"] for tag, scope, _ in row if tag == "th")


def test_every_row_of_a_table_covers_all_its_columns(outline):
    for table in outline.tables:
        widths = {sum(span for _, _, span in row) for row in table["rows"]}
        assert len(widths) == 1


def test_pictures_say_their_numbers(outline, flagship):
    forest, diagram = outline.pictures
    assert re.search(r"P1 supported \(−?\.\d\d, −?\.\d\d to −?\.\d\d\)", forest)
    assert len(re.findall(r" on [^;]+ −?\.\d\d", diagram)) == len(flagship.structural.estimates)


def test_what_scrolls_can_be_reached_by_keyboard(outline):
    assert len(outline.regions) == len(outline.tables)
    assert all(region.get("tabindex") == "0" and region.get("aria-labelledby") for region in outline.regions)


def test_wide_things_scroll_in_their_box_with_a_cue_and_pictures_shrink():
    assert re.search(r"\.scroll \{ overflow-x: auto;.*?scroll; \}", CSS, re.DOTALL)
    assert ".picture img { max-width: 100%; height: auto; }" in CSS
    narrow = CSS.split("@media (max-width: 700px)")[1].split("@page")[0]
    assert not re.search(r"(?<!focus )img \{[^}]*max-width: none", narrow)


def test_notes_of_a_table_are_one_paragraph(make_document, make_figures):
    document = make_document()
    page, text = render_html(document, make_figures()), render_markdown(document)
    assert page.count("<i>Note.</i>") == 1
    assert text.count("*Note.*") == 1
    assert "two-sided. † fixed" in text
