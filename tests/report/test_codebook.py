"""Codebooks hold every question, code and source, and run nothing of what respondents or authors wrote."""

from dataclasses import replace
from html.parser import HTMLParser

import openpyxl
import pytest

import surveysem as ss
from surveysem.errors import InputFileError, UnsupportedError
from surveysem.report.codebook import codebook_content

STUDIES = ["b2b_micro_influencer", "influencer_endorsement", "political_democracy"]


class Cells(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.texts, self.tags = [], [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("name", STUDIES)
def test_html_holds_every_question_and_label(tmp_path, name):
    study = ss.load_study(name)
    page = Cells()
    page.feed(ss.codebook(study, tmp_path / "codebook.html").read_text(encoding="utf-8"))
    assert page.open == []
    assert not page.tags & {"script", "link", "img"}
    for question in study.instrument.questions:
        assert question.id in page.texts
        assert set(question.text.values()) <= set(page.texts)
    for scale in study.instrument.response_scales:
        for label in (*scale.options.values(), *scale.missing.values()):
            assert set(label.values()) <= set(page.texts)


@pytest.mark.parametrize("name", STUDIES)
def test_xlsx_has_a_sheet_a_table(tmp_path, name):
    study = ss.load_study(name)
    book = openpyxl.load_workbook(ss.codebook(study, tmp_path / "codebook.xlsx"))
    content = codebook_content(study)
    assert book.sheetnames == ["about", *(table.name for table in content.tables)]
    for table in content.tables:
        cells = [tuple(cell.value or "" for cell in row) for row in book[table.name]]
        assert cells == [table.columns, *table.rows]
        assert {cell.data_type for row in book[table.name] for cell in row if cell.value} == {"s"}


def test_what_is_said_of_variables():
    study = ss.load_study("b2b_micro_influencer")
    variables = codebook_content(study).tables[0]
    rows = {row[0]: dict(zip(variables.columns, row, strict=True)) for row in variables.rows}
    assert rows["nr_1"]["codes"] == "1–7"
    assert rows["nr_1"]["missing"] == "-99"
    assert rows["nr_1"]["in the model"] == "network_relevance"
    assert "Attentive respondents choose 2." in rows["attention_1"]["remarks"]
    assert "Takes part: 1." in rows["screen_purchase"]["remarks"]
    assert "Taken from records" in rows["nrr_total_followers"]["remarks"]
    reverse = [item.id for item in study.instrument.items if item.reverse]
    assert reverse
    assert [name for name, row in rows.items() if "Reverse-keyed" in row["remarks"]] == reverse


def test_markup_and_formulas_stay_text(tmp_path):
    study = ss.load_study("political_democracy")
    text = dict.fromkeys(study.instrument.languages, "=1+1<script>")
    items = tuple(item.model_copy(update={"text": text}) for item in study.instrument.items)
    changed = replace(study, instrument=study.instrument.model_copy(update={"items": items}))
    page = ss.codebook(changed, tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<script" not in page
    sheet = openpyxl.load_workbook(ss.codebook(changed, tmp_path / "a.xlsx"))["variables"]
    assert sheet["C2"].value == "=1+1<script>"
    assert sheet["C2"].data_type == "s"


def test_refusals(tmp_path):
    study = ss.load_study("political_democracy")
    with pytest.raises(UnsupportedError, match=r"\.html or \.xlsx"):
        ss.codebook(study, tmp_path / "codebook.pdf")
    ss.codebook(study, tmp_path / "codebook.html")
    with pytest.raises(InputFileError, match="already"):
        ss.codebook(study, tmp_path / "codebook.html")
    ss.codebook(study, tmp_path / "codebook.html", force=True)
