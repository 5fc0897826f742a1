"""Text files: encodings, delimiters, and what is wrong with them."""

import time
import tracemalloc

import pandas as pd
import pytest

from surveysem.data import ImportSettings, read_responses, read_table
from surveysem.errors import DataError, InputFileError

LETTERS = "name,note\nJosé,não é\nAna,—\n"


@pytest.fixture
def written(tmp_path):
    def write(content, name="answers.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_encodings_are_told_and_named(written, encoding, named):
    table = read_table(written((LETTERS * 1 + "Rui,x\n" * 50).encode(encoding)))
    assert table.frame.columns.tolist() == ["name", "note"]
    assert table.frame.loc[2].tolist() == ["José", "não é"]
    assert table.kind == f"{named} text delimited by commas"


def test_a_guessed_encoding_shows_words_to_judge_it_by(written):
    (finding,) = read_table(written("a,b\nJosé,São João\n".encode("latin-1"))).findings
    assert finding.severity == "warning"
    assert "read as Windows-1252 (Latin-1). Check these words: José, São, João." in finding.message


def test_an_encoding_may_be_declared(written):
    path = written("a,b\nЖанна,1\n".encode("cp1251"))
    assert read_table(path, settings=ImportSettings(encoding="cp1251")).frame.loc[2, "a"] == "Жанна"
    with pytest.raises(InputFileError, match="there is no encoding 'latin-99'"):
        read_table(path, settings=ImportSettings(encoding="latin-99"))
    with pytest.raises(InputFileError, match=r"line 2: the file is not ascii text"):
        read_table(path, settings=ImportSettings(encoding="ascii"))


def test_mixed_encodings_are_refused_with_their_lines(written):
    content = "a,b\nJosé,1\n".encode() + "Ana,não\n".encode("cp1252")
    with pytest.raises(InputFileError, match=r"line 3: letters in two encodings: UTF-8 in line 2, another from line 3"):
        read_table(written(content))


def test_bytes_of_no_known_encoding(written):
    with pytest.raises(InputFileError, match="neither UTF-8 nor Windows-1252"):
        read_table(written(b"a,b\n\x81\xff,1\n"))


def test_delimiter_that_cuts_all_rows_alike_wins(written):
    table = read_table(written("Well, yes, or no;b\n1;2\n3;4\n"))
    assert table.frame.columns.tolist() == ["Well, yes, or no", "b"]


def test_separator_line_of_excel(written):
    table = read_table(written("sep=;\r\na;b\r\n1,5;2\r\n"))
    assert table.frame.loc[2].tolist() == ["1,5", "2"]


def test_rows_without_content_are_passed_over_and_counted(written):
    table = read_table(written("a,b\n,\n1,2\n \t,\n\n3,4\n"))
    assert table.frame.index.tolist() == [3, 6]
    assert table.n_blank_lines == 3


def test_unclosed_quote_is_traced_to_its_row(written):
    with pytest.raises(InputFileError, match=r"row 3, line 4: the cells cannot be told apart"):
        read_table(written('a,b\n1,"two\nlines"\n2,"open\n3,x\n4,"y"\n5,z\n'))


def test_unclosed_quote_in_fifty_megabytes(written):
    row = "1,some words of an answer that is neither short nor long,2\n"
    content = "a,b,c\n" + row * 10 + '2,"open,3\n' + row * 850_000
    assert len(content) > 50_000_000
    started = time.process_time()
    with pytest.raises(InputFileError, match=r"row 12, line 12: .* a cell of more than 131,072 characters"):
        read_table(written(content))
    assert time.process_time() - started < 5


def test_repeated_headers_and_ragged_rows_come_together(written):
    with pytest.raises(InputFileError) as caught:
        read_table(written("a,b,a\n1,2\n1,2,3,4\n"))
    text = str(caught.value)
    assert "columns 1, 3: 2 columns have the name 'a'" in text
    assert "rows 2, 3: 2 rows with more or fewer cells than the header's 3" in text


def test_dates_and_formulas_in_items_are_refused_with_advice(written, instrument, answers):
    answers = answers.astype(object)
    answers.loc[1, "tr_1"] = "5-Jan"
    answers.loc[3, "tr_2"] = "=A1+1"
    path = written(answers.to_csv(index=False))
    with pytest.raises(DataError) as caught:
        read_responses(path, instrument)
    text = str(caught.value)
    assert "column tr_1, row 3: 1 cell with a date: 5-Jan. Spreadsheets turn answers such as 5-1 into dates" in text
    assert "column tr_2, row 5: 1 cell with a formula, which is not computed: =A1+1" in text


def test_missing_answers_nobody_declared_are_told(written, instrument, answers):
    answers = answers.astype(object)
    answers.loc[1, "tr_1"] = "N/A"
    answers["country"] = ["NA", "PT", "PT", "DE", "N/A", ""]
    answers["cycle"] = [10, 20, 30, 999, 999, 40]
    path = written(answers.to_csv(index=False))
    data = read_responses(path, instrument)
    assert data.frame["country"].tolist()[0] == "NA"
    text = "\n".join(map(str, data.findings))
    assert "warning: " in text
    assert "1 cell with N/A in place of a code or number, read as missing though not declared" in text
    assert 'declare `import: {missing: ["N/A"]}` in the study file): tr_1 (1).' in text
    assert "Numbers that often stand for no answer were read as numbers: cycle (999)." in text
    settings = ImportSettings(missing=("n/a", "NA", 999))
    declared = read_responses(path, instrument, settings=settings)
    assert declared.frame["country"].isna().sum() == 3  # NA, N/A and an empty cell
    assert declared.frame["cycle"].isna().sum() == 2
    assert not [each for each in declared.findings if each.severity == "warning"]


def test_words_for_no_answer_are_refused_until_declared(written, instrument, answers):
    answers = answers.astype(object)
    answers.loc[1, "tr_1"] = "don't know"
    path = written(answers.to_csv(index=False))
    with pytest.raises(DataError, match=r"stands for no answer, declare it under `import: missing:` in the study file"):
        read_responses(path, instrument)
    data = read_responses(path, instrument, settings=ImportSettings(missing=("Don’t know",)))
    assert data.n_obs == 5


def test_a_large_file_is_read_in_seconds(written, instrument, answers):
    """The full target is 100,000 rows of 80 items in five seconds; processor time, since the machine is shared."""
    items = [f"it_{number}" for number in range(75)]
    wide = instrument.model_dump()
    wide["items"] += tuple({**wide["items"][0], "id": name, "text": {"en": name, "pt": name}} for name in items)
    frame = pd.concat([answers.assign(**dict.fromkeys(items, 4)).assign(it_0=answers["tr_1"])] * 3_400)
    path = written(frame.to_csv(index=False))
    started = time.process_time()
    data = read_responses(path, type(instrument).model_validate(wide), required=["tr_1", "it_0"])
    assert time.process_time() - started < 2
    assert data.n_obs == 20_400


@pytest.mark.parametrize("content", [",,,\n,,\n", '"",""\n', "  ,\n\n , \n"])
def test_files_of_empty_cells_are_empty(written, content):
    with pytest.raises(InputFileError, match="the file is empty"):
        read_table(written(content))


def test_a_file_of_which_no_row_fits_the_header_is_read_no_further(written):
    """Fifty megabytes of such rows would otherwise fill several gigabytes before they are refused."""
    with pytest.raises(
        InputFileError, match=r"rows 2, 3, 4, 5, 6 and 995 more: more than 1,000 rows with more or fewer"
    ):
        read_table(written("a,b,c\n" + "1\n" * 20_000))


@pytest.mark.parametrize("content", ["x" * 2_000_000, "\n" * 2_000_000 + "a,b\n", "a,b\n" + "1\n" * 1_000_000])
def test_memory_stays_in_proportion_to_the_file(written, content):
    path = written(content)
    tracemalloc.start()
    try:
        with pytest.raises(InputFileError):
            read_table(path)
        assert tracemalloc.get_traced_memory()[1] < 10 * len(content)
    finally:
        tracemalloc.stop()
