import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document as open_document
from docx.oxml.ns import qn
from lxml import etree

from surveysem.errors import UnsupportedError
from surveysem.report import build_document as report_document
from surveysem.report import paper_figures, paper_tables
from surveysem.report.inline import cited
from surveysem.report.render.docx import render_docx
from surveysem.report.table import Column, Row

SNAPSHOT = Path(__file__).parent / "snapshots" / "document.txt"


def files(content: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def body(content: bytes):
    return etree.fromstring(files(content)["word/document.xml"])[0]


def words(element) -> str:
    return "".join(text.text or "" for text in element.iter(qn("w:t")))


def style(paragraph) -> str:
    return paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}").get(qn("w:val"))


def outline(content: bytes) -> str:
    """Paragraphs with their style, tables cell by cell, and where the page turns."""
    lines = []
    for block in body(content):
        if block.tag == qn("w:tbl"):
            lines.append("table")
            lines += ["  " + " | ".join(map(words, row.findall(qn("w:tc")))) for row in block.iter(qn("w:tr"))]
        elif block.tag == qn("w:p"):
            picture = " (picture)" if block.find(f".//{qn('wp:inline')}") is not None else ""
            lines.append(f"{style(block)}: {words(block)}{picture}")
        lines += [f"page {size.get(qn('w:orient'), 'upright')}" for size in block.iter(qn("w:pgSz"))]
    return "\n".join(lines) + "\n"


@pytest.fixture
def rendered(make_document, make_figures):
    return render_docx(make_document(), make_figures())


@pytest.fixture(scope="module")
def report(flagship):
    return render_docx(report_document(flagship), paper_figures(flagship))


def test_structure_and_words(rendered):
    assert outline(rendered) == SNAPSHOT.read_text(encoding="utf-8")


def test_the_same_report_gives_the_same_bytes(rendered, make_document, make_figures):
    assert render_docx(make_document(), make_figures()) == rendered
    assert b"2026-03-01T00:00:00Z" in files(rendered)["docProps/core.xml"]
    with ZipFile(BytesIO(rendered)) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_any_text_is_shown_as_it_stands(make_document, make_figures, make_table, hostile):
    table = make_table(title=hostile, rows=(Row(cells={"name": hostile, "b": 1.0, "reason": hostile}),))
    content = render_docx(make_document(hostile, table=table), make_figures())
    shown = re.sub(r"\s+", " ", hostile).replace("\x07", "\ufffd")
    assert words(body(content)).count(shown) == 9
    assert open_document(BytesIO(content)).core_properties.title == f"A study: {shown}"[:255]
    picture = body(content).find(f".//{qn('wp:docPr')}")
    assert picture.get("descr") == f"Two lines. {shown}"


def test_letters_written_leftwards_are_marked(make_document, make_figures):
    runs = list(body(render_docx(make_document("abc שלום עולם def"), make_figures())).iter(qn("w:r")))
    marked = {words(run) for run in runs if run.find(f"{qn('w:rPr')}/{qn('w:rtl')}") is not None}
    assert marked == {"שלום עולם"}


def test_tables_have_three_rules_and_repeat_their_head(rendered):
    table = body(rendered).find(qn("w:tbl"))
    rows = table.findall(qn("w:tr"))
    head = [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in rows]
    assert head == [True, True] + [False] * (len(rows) - 2)
    assert all(row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in rows)

    def ruled(row, side):
        cells = row.findall(qn("w:tc"))
        return [cell.find(f"{qn('w:tcPr')}/{qn('w:tcBorders')}/{qn(f'w:{side}')}") is not None for cell in cells]

    assert [all(ruled(row, "top")) for row in rows] == [True] + [False] * (len(rows) - 1)
    assert [all(ruled(row, "bottom")) for row in rows] == [False, True, *[False] * (len(rows) - 3), True]
    spanners = [cell.find(f".//{qn('w:pBdr')}") is not None for cell in rows[0].findall(qn("w:tc"))]
    assert spanners == [False, True, False]
    assert [cell.find(f".//{qn('w:gridSpan')}") is not None for cell in rows[0]][1:] == [False, True, True]


def test_every_row_fills_the_grid(rendered, report):
    for content in (rendered, report):
        for table in body(content).findall(qn("w:tbl")):
            widths = [int(column.get(qn("w:w"))) for column in table.find(qn("w:tblGrid"))]
            for row in table.findall(qn("w:tr")):
                cells = row.findall(qn("w:tc"))
                spans = [cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}") for cell in cells]
                assert sum(1 if span is None else int(span.get(qn("w:val"))) for span in spans) == len(widths)
                assert sum(int(cell.find(f".//{qn('w:tcW')}").get(qn("w:w"))) for cell in cells) == sum(widths)


def test_decimal_points_stand_in_line(rendered):
    rows = body(rendered).find(qn("w:tbl")).findall(qn("w:tr"))
    numbers = [words(row.findall(qn("w:tc"))[1]) for row in rows if len(row.findall(qn("w:tc"))) == 5][1:]
    assert numbers == ["0.46\u2007", "−1,234.50†"]


def test_wide_tables_and_figures_turn_the_page(make_document, make_figures, make_table):
    columns = (Column(key="name", label="Name"), *(Column(key=str(k), label=str(k), kind="decimal") for k in range(20)))
    cells = {"name": "A long name of a latent variable"} | {str(k): 1234.5678 for k in range(20)}
    table = make_table(columns=columns, rows=(Row(cells=cells),))
    content = render_docx(make_document(table=table), make_figures(width=9.0))
    turned = [size.get(qn("w:orient"), "portrait") for size in body(content).iter(qn("w:pgSz"))]
    assert turned == ["portrait", "landscape", "portrait"]
    pages = [(int(size.get(qn("w:w"))), int(size.get(qn("w:h")))) for size in body(content).iter(qn("w:pgSz"))]
    assert pages == [(11906, 16838), (16838, 11906), (11906, 16838)]
    assert len(body(content).findall(f".//{qn('w:headerReference')}")) == 3


def test_a_table_no_page_holds_is_refused(make_document, make_figures, make_table):
    columns = tuple(Column(key=str(k), label=str(k), kind="decimal") for k in range(120))
    table = make_table(columns=columns, rows=(Row(cells={str(k): 1.5 for k in range(120)}),))
    with pytest.raises(UnsupportedError, match=r"Table 1 \(effects\) has 120 columns.*write_tables"):
        render_docx(make_document(table=table), make_figures())


def test_links_lead_somewhere(rendered):
    document = body(rendered)
    anchors = {link.get(qn("w:anchor")) for link in document.iter(qn("w:hyperlink"))} - {None}
    marks = [mark.get(qn("w:name")) for mark in document.iter(qn("w:bookmarkStart"))]
    numbers = [mark.get(qn("w:id")) for mark in document.iter(qn("w:bookmarkStart"))]
    assert anchors <= set(marks)
    assert len(marks) == len(set(marks)) == len(set(numbers))
    doi = cited("ohanian_1990").entry.rpartition(" ")[2]
    assert f'Target="{doi}" TargetMode="External"'.encode() in files(rendered)["word/_rels/document.xml.rels"]


def test_captions_are_counted_by_word_where_numbers_follow_each_other(
    rendered, make_document, make_figures, make_table
):
    def fields(content):
        return [text.text.strip() for text in body(content).iter(qn("w:instrText"))]

    assert fields(rendered) == ['TOC \\o "1-1" \\n \\h', "SEQ Table \\* ARABIC", "SEQ Figure \\* ARABIC"]
    other = render_docx(make_document(table=make_table(number=4)), make_figures())
    assert fields(other) == ['TOC \\o "1-1" \\n \\h', "SEQ Figure \\* ARABIC"]
    assert "TableNumber: Table 4" in outline(other)


def test_language_properties_and_mark(rendered, make_document, make_figures):
    package = files(rendered)
    assert b'w:lang w:val="en-GB"' in package["word/styles.xml"]
    headers = [content for name, content in package.items() if name.startswith("word/header")]
    assert any(b"SIMULATED DATA" in content for content in headers)
    about = open_document(BytesIO(rendered)).core_properties
    assert (about.title, about.language, about.comments) == ("A study: Plain words", "en-GB", "SIMULATED DATA")
    other = files(render_docx(make_document(language="pt", marks=(), date=""), make_figures()))
    assert b'w:lang w:val="pt-BR"' in other["word/styles.xml"]
    assert not any(b"SIMULATED" in content for name, content in other.items() if name.startswith("word/header"))


def test_every_style_used_is_defined(report):
    package = files(report)
    used = set(re.findall(rb'<w:(?:pStyle|rStyle) w:val="([^"]+)"', package["word/document.xml"]))
    defined = set(re.findall(rb'w:styleId="([^"]+)"', package["word/styles.xml"]))
    assert used <= defined


def test_a_report_has_all_tables_and_figures(flagship, report):
    document = body(report)
    assert len(document.findall(qn("w:tbl"))) == len(paper_tables(flagship)) + 1  # the checklist
    numbers = [picture.get("id") for picture in document.iter(qn("wp:docPr"))]
    assert len(numbers) == len(set(numbers))
    assert len(list(document.iter(qn("wp:inline")))) == len(paper_figures(flagship))
    captions = [words(p) for p in document.findall(qn("w:p")) if style(p) == "TableTitle"]
    assert all("SIMULATED DATA" in caption for caption in captions)
