import numpy as np
import pandas as pd
import pytest

from surveysem.data import read_table
from surveysem.errors import InputFileError, UnsupportedError


@pytest.fixture
def written(tmp_path):
    def write(content: str | bytes, name: str = "answers.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


@pytest.mark.parametrize(("sign", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "vertical bar")])
def test_delimiter_is_found_from_the_header(written, sign, name):
    table = read_table(written(f"a{sign}b\n1{sign}2\n3{sign}4\n"))
    assert table.delimiter_name == name
    assert table.decimal_comma is (sign != ",")
    assert table.frame.to_numpy().tolist() == [["1", "2"], ["3", "4"]]
    assert table.frame.index.tolist() == [2, 3]


def test_byte_order_mark_and_windows_line_ends(written):
    table = read_table(written(b"\xef\xbb\xbfa,b\r\n1,2\r\n"))
    assert table.frame.columns.tolist() == ["a", "b"]
    assert table.frame.to_numpy().tolist() == [["1", "2"]]


def test_rows_are_numbered_as_in_a_spreadsheet(written):
    table = read_table(written('a,b\n1,"two\nlines"\n\n3,4\n'))
    assert table.frame.index.tolist() == [2, 4]
    assert table.frame.index.name == "row"
    assert table.n_blank_lines == 1


def test_one_column_and_unnamed_columns(written):
    assert read_table(written("a\n1\n")).frame.columns.tolist() == ["a"]
    assert read_table(written(',a\n"1",5\n')).frame.columns.tolist() == ["unnamed_1", "a"]


def test_quoted_delimiters_in_the_header_do_not_count(written):
    table = read_table(written('"Well, yes";"No, never"\n1;2\n'))
    assert table.frame.columns.tolist() == ["Well, yes", "No, never"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n1,\x002\n", "line 2: a zero byte"),
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf \n\n", "the file is empty"),
        ("a,b\n", "a header but not one row"),
        ("a,b,a\n1,2,3\n", r"columns 1, 3: 2 columns have the name 'a'"),
        ("a,b;c\n1,2;3\n", "comma and semicolon cut the header into 2 cells each"),
        ('a,b\n1,"2\n', "row 2, line 2: the cells cannot be told apart"),
        ("a,b\n1,2\n3\n4,5,6\n", r"rows 3, 4: 2 rows with .* the header's 2 \(row 3: 1 cell, row 4: 3 cells\)"),
    ],
)
def test_tables_that_are_none(written, content, message):
    with pytest.raises(InputFileError, match=message):
        read_table(written(content))


def test_several_problems_of_a_table_come_together(written):
    with pytest.raises(InputFileError) as caught:
        read_table(written("a,b,a\n1,2\n"))
    assert len(caught.value.problems) == 2


def test_missing_file_proposes_a_neighbour(written, tmp_path):
    written("a\n1\n")
    with pytest.raises(InputFileError, match=r"no such file. Did you mean .*answers\.csv"):
        read_table(tmp_path / "answer.csv")
    with pytest.raises(InputFileError, match="Check the path; paths start from"):
        read_table(tmp_path / "absent" / "x.csv")


def test_impossible_path():
    with pytest.raises(InputFileError, match="could not be read"):
        read_table("a\0b.csv")


def test_folder(tmp_path):
    with pytest.raises(InputFileError, match="this is a folder"):
        read_table(tmp_path)


@pytest.mark.parametrize("name", ["a.sas7bdat", "a.rds", "a.xls", "a"])
def test_other_kinds_of_file(written, name):
    with pytest.raises(UnsupportedError, match=r"Read now: \.csv, \.tsv, \.txt, \.xlsx, .*\.sav, .*\.dta"):
        read_table(written(b"PK\x03\x04", name))


def test_other_kinds_of_source():
    with pytest.raises(UnsupportedError, match="a list"):
        read_table([1, 2])


def test_frame_rows_are_numbered_from_two_unless_named_row():
    frame = pd.DataFrame({" a ": [1, 2]}, index=[10, 20])
    assert read_table(frame).frame.index.tolist() == [2, 3]
    assert read_table(frame).frame.columns.tolist() == ["a"]
    assert read_table(frame.rename_axis("row")).frame.index.tolist() == [10, 20]
    assert frame.columns.tolist() == [" a "]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"a": []}), "not one row"),
        (pd.DataFrame(), "there are no columns"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "2 columns have the name 'a'"),
        (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])), "MultiIndex"),
    ],
)
def test_frames_that_are_no_tables(frame, message):
    with pytest.raises(InputFileError, match=message):
        read_table(frame)


def test_large_file_is_read_whole(written):
    numbers = np.arange(3000).reshape(1000, 3)
    lines = "\n".join(",".join(map(str, row)) for row in numbers)
    assert read_table(written(f"a,b,c\n{lines}")).frame.astype(int).to_numpy().tolist() == numbers.tolist()
