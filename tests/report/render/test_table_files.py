import re
from io import BytesIO
from math import nan
from zipfile import ZipFile

import pandas as pd
import pytest
from lxml import etree

from surveysem.errors import InputFileError, UnsupportedError
from surveysem.report import paper_tables, write_tables
from surveysem.report.render.spreadsheet import render_xlsx
from surveysem.report.render.table_files import csv_bytes
from surveysem.report.table import Interval, Quantity, Row

SPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def part(content: bytes, name: str):
    with ZipFile(BytesIO(content)) as package:
        return etree.fromstring(package.read(name))


def sheet(content: bytes, number: int = 1) -> dict[str, str | float]:
    """Cells by place: text as text, numbers as numbers."""
    cells = {}
    for cell in part(content, f"xl/worksheets/sheet{number}.xml").iterfind(".//s:c", SPACE):
        text = cell.find(".//s:t", SPACE)
        cells[cell.get("r")] = text.text if text is not None else float(cell.find("s:v", SPACE).text)
        assert cell.find("s:f", SPACE) is None
    return cells


def number_format(content: bytes, place: str) -> str:
    cell = part(content, "xl/worksheets/sheet1.xml").find(f".//s:c[@r='{place}']", SPACE)
    styles = part(content, "xl/styles.xml")
    style = styles.findall("s:cellXfs/s:xf", SPACE)[int(cell.get("s"))]
    return styles.find(f".//s:numFmt[@numFmtId='{style.get('numFmtId')}']", SPACE).get("formatCode")


def test_numbers_are_unrounded_and_shown_as_printed(make_table):
    content = render_xlsx([make_table()])
    cells = sheet(content)
    assert cells["A1"] == "Table 1. Effects (SIMULATED DATA)"
    assert [cells[f"{letter}2"] for letter in "ABCDEFG"] == [
        "Effect",
        "Unstandardised: b",
        "Unstandardised: 95% CI, lower",
        "Unstandardised: 95% CI, upper",
        "p",
        "Source",
        "Reason",
    ]
    assert [cells[f"{letter}4"] for letter in "BCDE"] == [0.456, -0.1, 1.25, 0.0004]
    assert cells["B5"] == -1234.5
    assert "E5" not in cells
    assert [number_format(content, place) for place in ("B4", "E4", "B5")] == ["0.00", "0.000", '0.00"†"']
    assert cells["A6"].startswith("Note. b is unstandardised")


def test_the_same_tables_give_the_same_bytes(make_table):
    assert render_xlsx([make_table()]) == render_xlsx([make_table()])


def test_any_text_is_text_in_both_formats(make_table, hostile):
    table = make_table(title=hostile, rows=(Row(cells={"name": hostile, "b": 1.0}),))
    shown = re.sub(r"\s+", " ", hostile).replace("\x07", "\ufffd")
    assert sheet(render_xlsx([table]))["A3"] == shown
    frame = pd.read_csv(BytesIO(csv_bytes(table)))
    dangerous = hostile.startswith(("=", "@"))
    assert frame["name"][0].replace("\r\n", "\n") == (f"'{hostile}" if dangerous else hostile)


def test_csv_holds_unrounded_numbers_and_the_mark(make_table):
    table = make_table(rows=(Row(cells={"name": "a", "b": -0.123456789012345, "p": nan}),))
    content = csv_bytes(table)
    assert content.startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(BytesIO(content))
    assert frame["b"][0] == -0.123456789012345
    assert frame.loc[0, ["ci_lower", "ci_upper", "p"]].isna().all()
    assert list(frame["data"]) == ["SIMULATED DATA"]
    assert "data" not in pd.read_csv(BytesIO(csv_bytes(make_table(simulated=False))))


def test_limits_in_a_column_of_numbers_are_kept(make_table):
    rows = (Row(cells={"name": "RMSEA", "b": Quantity(value=Interval(lower=0.0123, upper=0.05), kind="interval")}),)
    table = make_table(rows=rows)
    assert pd.read_csv(BytesIO(csv_bytes(table)))["b"][0] == "[0.0123, 0.05]"
    assert sheet(render_xlsx([table]))["B3"] == "[0.01, 0.05]"


def test_every_table_of_a_report_is_written(flagship, tmp_path):
    tables = paper_tables(flagship)
    paths = write_tables(tables, tmp_path / "out")
    assert {path.name for path in paths} == {f"{name}.csv" for name in tables} | {"tables.xlsx"}
    names = [each.get("name") for each in part(paths[-1].read_bytes(), "xl/workbook.xml").iterfind(".//s:sheet", SPACE)]
    assert names == list(tables)
    for name, table in tables.items():
        assert len(pd.read_csv(tmp_path / "out" / f"{name}.csv")) == len(table.rows)


def test_another_reader_finds_the_same(flagship, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    tables = paper_tables(flagship)
    write_tables(tables, tmp_path, formats=("xlsx",))
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert book.sheetnames == list(tables)
    first = tables["paths"].rows[1].cells
    assert book["paths"].cell(4, 2).value == first["estimate"]
    assert book["paths"].cell(4, 2).number_format == "0.00"


@pytest.mark.parametrize("formats", [("csv", "ods"), (), "csv"])
def test_other_formats_are_refused(make_table, tmp_path, formats):
    with pytest.raises(UnsupportedError, match="csv"):
        write_tables({"effects": make_table()}, tmp_path / "out", formats=formats)
    assert list(tmp_path.iterdir()) == []


def test_no_table_and_no_folder_are_errors(make_table, tmp_path):
    with pytest.raises(UnsupportedError, match="no table"):
        write_tables({}, tmp_path / "out")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(InputFileError, match="The tables could not be written"):
        write_tables({"effects": make_table()}, tmp_path / "file")
