"""SPSS and Stata files made by haven (haven/make.R), and by ourselves."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.data import read_responses, read_table, write_responses
from surveysem.data.coding import code_answers
from surveysem.errors import DataError, InputFileError, UnsupportedError

HAVEN = Path(__file__).parent / "haven"


def coded(name, instrument):
    return code_answers(read_table(HAVEN / name), instrument, required=[])


def notes(findings):
    return "\n".join(map(str, findings))


def test_spss_rows_are_cases_and_labels_are_kept():
    table = read_table(HAVEN / "labelled.sav")
    assert table.frame.index.tolist() == [1, 2, 3, 4, 5]
    assert table.value_labels["tr_1"] == {1.0: "Degree 1", 7.0: "Degree 7", 98.0: "Does not apply"}
    assert table.missing == {"tr_1": {98.0}, "Q3": {91.0, 95.0}}
    assert table.texts["Q3"] == "Item tr_3"


def test_spss_missing_values_and_other_codes(instrument):
    answers = coded("labelled.sav", instrument)
    assert not answers.problems
    np.testing.assert_array_equal(answers.frame["tr_1"], [1, 4, np.nan, 5, np.nan])
    np.testing.assert_array_equal(answers.frame["tr_2"], [1, 2, 3, 6, 7])  # by label: 7 is labelled "Degree 1"
    np.testing.assert_array_equal(answers.frame["tr_3"], [2, 3, np.nan, np.nan, 6])  # found by its text
    assert answers.frame["country"].fillna("-").tolist() == ["PT", "NA", "-", "DE", "FR"]
    text = notes(answers.findings)
    assert "The file itself declares values missing, and they are read so: tr_1 (98), Q3 (91, 95)." in text
    assert "3 cells that the file itself declares missing, read as missing: tr_1 (1), tr_3 (2)" in text
    assert "read by their value labels: tr_2 (7 read as 1, 6 read as 2, 5 read as 3, 2 read as 6, 1 read as 7)" in text
    assert 'question\'s text; please confirm: tr_3 = "Q3 (Item tr_3)"' in text


def test_stata_missing_values_beside_the_plain_one(instrument):
    """An integer column with .a and . beside each other: the reader alone leaves the plain one undefined."""
    answers = coded("labelled.dta", instrument)
    assert not answers.problems
    np.testing.assert_array_equal(answers.frame["tr_1"], [1, 4, np.nan, np.nan, 5])
    np.testing.assert_array_equal(answers.frame["tr_2"], [7, np.nan, 5, 2, 1])
    np.testing.assert_array_equal(answers.frame["deal"], [2.5, np.nan, np.nan, 100, 7])
    assert "tr_1 (.a), deal (.b)" in notes(answers.findings)


def test_integers_of_stata_with_both_missing_values(tmp_path, instrument):
    import pyreadstat

    frame = pd.DataFrame({"tr_1": [1, 2, "a", None, 5]}, dtype=object)
    pyreadstat.write_dta(frame, tmp_path / "a.dta", missing_user_values={"tr_1": ["a"]})
    answers = code_answers(read_table(tmp_path / "a.dta"), instrument, required=[])
    np.testing.assert_array_equal(answers.frame["tr_1"], [1, 2, np.nan, np.nan, 5])


def test_an_option_declared_missing_is_refused(tmp_path, instrument, answers):
    import pyreadstat

    pyreadstat.write_sav(answers, tmp_path / "a.sav", missing_ranges={"tr_1": [6]})
    with pytest.raises(DataError, match=r"column tr_1, row 6: 1 cell that the file declares missing although"):
        read_responses(tmp_path / "a.sav", instrument)


@pytest.mark.parametrize("ending", ["sav", "dta", "parquet"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.99])
def test_truncated_files_are_refused(tmp_path, instrument, answers, ending, share):
    path = tmp_path / f"a.{ending}"
    write_responses(pd.concat([answers] * 50), path, instrument)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(InputFileError, match=r"damaged|not that of"):
        read_table(path)


def test_parquet_keeps_types(tmp_path, instrument, answers):
    answers["us_1"] = pd.Categorical([f"Degree {code}" for code in answers["us_1"]])
    answers.to_parquet(tmp_path / "a.parquet")
    data = read_responses(tmp_path / "a.parquet", instrument)
    assert data.frame["us_1"].tolist() == [1, 3, 3, 4, 6, 6]
    assert "Read as Parquet file, 6 rows and 8 columns" in notes(data.findings)


def test_parquet_without_its_package(tmp_path, monkeypatch, answers):
    answers.to_parquet(tmp_path / "a.parquet")
    monkeypatch.setattr("surveysem.data.imports.parquet.find_spec", lambda name: None)
    with pytest.raises(UnsupportedError, match=r"pip install \"surveysem\[parquet\]\""):
        read_table(tmp_path / "a.parquet")
