"""Files that are not what their names say, cannot be opened, or are damaged."""

import zipfile

import openpyxl
import pandas as pd
import pytest

from surveysem.data import ImportSettings, read_responses, read_table, write_table
from surveysem.errors import DataError, InputFileError, UnsupportedError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


@pytest.fixture
def workbook(tmp_path):
    def write(sheets, name="answers.xlsx"):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / name)
        return tmp_path / name

    return write


def refused(path):
    with pytest.raises(InputFileError) as caught:
        read_table(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"PAR1" + b"\0" * 40, "a.csv", "the file is a Parquet file (.parquet), not delimited text as its name says"),
        (b"$FL2@(#)" + b"\0" * 40, "a.csv", "the file is an SPSS file (.sav)"),
        (b"<stata_dta>" + b"\0" * 40, "a.sav", "the file is a Stata file (.dta), not an SPSS file"),
        (b"a,b\n1,2\n", "a.xlsx", "the content is not that of an Excel workbook (.xlsx): damaged or misnamed"),
        (b"a,b\n1,2\n", "a.sav", "the content is not that of an SPSS file"),
        (b"%PDF-1.7 ...", "a.csv", "the file is a PDF document"),
        (b"\n <!DOCTYPE html><table>", "a.csv", "the file is a web page"),
        (b"\x1f\x8b\x08\0", "a.csv", "the file is a compressed file (gzip)"),
        (OLE, "a.xlsx", "the workbook is in the format of Excel 97-2003 (.xls)"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "the workbook is locked by a password"),
        (b"PK\x03\x04" + b"\0" * 40, "a.xlsx", "the file begins like a workbook but is damaged or cut off"),
        (b"", "a.sav", "the file is empty"),
        (b"", "a.csv", "the file is empty"),
    ],
)
def test_content_is_looked_at_not_the_name_alone(tmp_path, content, name, message):
    (tmp_path / name).write_bytes(content)
    assert message in refused(tmp_path / name)


def test_archives_that_are_no_workbook(tmp_path):
    for member, message in (("answers.csv", "is a zip archive"), ("content.xml", "is an OpenDocument file")):
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
            archive.writestr(member, "x")
        assert message in refused(tmp_path / "a.xlsx")


@pytest.mark.parametrize("name", ["folder.sav", "folder.xlsx", "folder"])
def test_folders(tmp_path, name):
    (tmp_path / name).mkdir()
    assert "this is a folder" in refused(tmp_path / name)


def test_damaged_workbooks(workbook):
    path = workbook({"answers": [["a", "b"], [1, 2]]})
    content = path.read_bytes()
    for share in (0.3, 0.6, 0.95):
        path.write_bytes(content[: int(len(content) * share)])
        assert "damaged or cut off" in refused(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook")
    assert "the workbook is damaged" in refused(path)


def test_workbook_that_unpacks_to_too_much(workbook, monkeypatch):
    monkeypatch.setattr("surveysem.data.imports.excel._LARGEST", 100)
    assert "a workbook that unpacks to" in refused(workbook({"a": [["x"], [1]]}))


def test_workbook_cells_and_rows(workbook):
    path = workbook({"answers": [["a", "b"], [1, "x"], [], [None, None], [2.5, None]], "empty": []})
    table = read_table(path)
    assert table.frame.index.tolist() == [2, 5]
    assert table.frame["a"].tolist() == [1, 2.5]
    assert table.frame["b"].isna().tolist() == [False, True]
    assert (table.n_blank_lines, table.kind) == (2, "sheet 'answers' of an Excel workbook")


def test_sheets_are_chosen_by_name(workbook):
    path = workbook({"first": [["a"], [1]], "second": [["b"], [2]], "empty": []})
    assert "2 sheets have content: 'first', 'second'. Name the one with the answers" in refused(path)
    assert read_table(path, settings=ImportSettings(sheet="second")).frame.columns.tolist() == ["b"]
    with pytest.raises(InputFileError, match=r"no sheet 'frist'. Sheets with content: .* Did you mean 'first'\?"):
        read_table(path, settings=ImportSettings(sheet="frist"))
    with pytest.raises(InputFileError, match="sheet 'empty' is empty"):
        read_table(path, settings=ImportSettings(sheet="empty"))
    assert "no sheet with content" in refused(workbook({"empty": []}, "b.xlsx"))


def test_wide_rows_and_repeated_headers_of_a_sheet(workbook):
    text = refused(workbook({"s": [["a", "a"], [1, 2, 3], [1]]}))
    assert "sheet s, columns 1, 2: 2 columns have the name 'a'" in text
    assert "sheet s, row 2: 1 row with more or fewer cells than the header's 2" in text


def test_formulas_and_dates_of_a_sheet_are_refused_in_items(workbook, instrument, answers):
    answers = answers.astype(object)
    answers.loc[0, "tr_1"] = "=1+1"
    answers.loc[2, "tr_2"] = pd.Timestamp(2024, 1, 5)
    path = workbook({"s": [list(answers.columns), *answers.to_numpy().tolist()]})
    assert read_table(path).frame.loc[2, "tr_1"] == "=1+1"
    with pytest.raises(DataError) as caught:
        read_responses(path, instrument)
    assert "column tr_1, row 2: 1 cell with a formula, which is not computed: =1+1" in str(caught.value)
    assert "column tr_2, row 4: 1 cell with a date: 2024-01-05" in str(caught.value)


HOSTILE = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", " =1", "-", "＝1", "fine", "-99", "+3.5", "5-1", 'a,"b"\nc']


def test_written_csv_holds_no_formula(tmp_path):
    write_table(pd.DataFrame({"=x": HOSTILE, "n": range(len(HOSTILE))}), tmp_path / "a.csv")
    frame = pd.read_csv(tmp_path / "a.csv", dtype=str, keep_default_na=False)
    assert frame.columns.tolist() == ["'=x", "n"]
    expected = [f"'{cell}" for cell in HOSTILE[:8]] + HOSTILE[8:]
    assert frame["'=x"].tolist() == expected


def test_written_workbook_holds_no_formula(tmp_path):
    write_table(pd.DataFrame({"=x": HOSTILE, "n": [None, *range(12)]}), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    cells = [row[0] for row in sheet.iter_rows()]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells] == ["=x", *HOSTILE]
    assert cells[1].quotePrefix
    assert sheet.cell(2, 2).value is None


def test_tables_are_not_replaced_unasked(tmp_path):
    frame = pd.DataFrame({"a": [1]})
    write_table(frame, tmp_path / "a.tsv")
    with pytest.raises(InputFileError, match="a file or folder of that name already"):
        write_table(frame, tmp_path / "a.tsv")
    write_table(frame.assign(b=2), tmp_path / "a.tsv", force=True)
    assert (tmp_path / "a.tsv").read_text(encoding="utf-8") == "a\tb\n1\t2\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.tsv"]


def test_tables_that_cannot_be_written(tmp_path):
    with pytest.raises(UnsupportedError, match=r"Written are: \.csv, \.tsv, \.xlsx"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "a.ods")
    with pytest.raises(InputFileError, match="Choose a folder that exists"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "absent" / "a.csv")
    with pytest.raises(InputFileError, match=r"column a: 2 cells with control characters or too long .*rows 2, 3"):
        write_table(pd.DataFrame({"a": ["x\x01", "y" * 40_000, "z"]}), tmp_path / "a.xlsx")
