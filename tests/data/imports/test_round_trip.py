"""Answers written in the shape of an export come back as they were."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import DataError, InputFileError, UnsupportedError

TOOLS = ("plain", "qualtrics", "limesurvey", "redcap", "kobotoolbox", "odk", "google_forms", "microsoft_forms")


@pytest.fixture(scope="module")
def study():
    return ss.load_study("b2b_micro_influencer")


@pytest.fixture(scope="module")
def simulated(study):
    frame = ss.simulate_responses(study, n=40, seed=3)
    frame.loc[3, "nr_1"] = -99
    frame.loc[4, "pe_2"] = np.nan
    frame.loc[5, "named_brand"] = 'NA; "Ção", 2\nlines'
    return frame


def expect_same(path, study, simulated):
    read, direct = ss.read_responses(path, study), ss.read_responses(simulated, study)
    columns = [question.id for question in study.instrument.questions if question.id in direct.frame]
    assert len(columns) > 90
    pd.testing.assert_frame_equal(
        read.frame[columns].reset_index(drop=True), direct.frame[columns].reset_index(drop=True)
    )
    assert read.simulated_note == direct.simulated_note
    assert read.reverse_keyed == direct.reverse_keyed


@pytest.mark.parametrize("language", ["en", "pt"])
@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_with_codes_and_labels_in_either_language(tmp_path, study, simulated, tool, labels, language):
    path = tmp_path / "answers.csv"
    ss.write_responses(simulated, path, study.instrument, format=tool, labels=labels, language=language)
    expect_same(path, study, simulated)


@pytest.mark.parametrize("ending", ["tsv", "xlsx", "sav", "dta", "parquet"])
def test_every_kind_of_file(tmp_path, study, simulated, ending):
    path = tmp_path / f"answers.{ending}"
    ss.write_responses(simulated, path, study.instrument)
    expect_same(path, study, simulated)


@pytest.mark.parametrize("tool", ["qualtrics", "google_forms"])
def test_workbooks_of_tools(tmp_path, study, simulated, tool):
    path = tmp_path / "answers.xlsx"
    ss.write_responses(simulated, path, study.instrument, format=tool)
    expect_same(path, study, simulated)


def test_what_cannot_be_written(tmp_path, study, simulated):
    with pytest.raises(UnsupportedError) as caught:
        ss.write_responses(simulated, tmp_path / "a.csv", study.instrument, format="kobo", language="de")
    assert len(caught.value.problems) == 2
    with pytest.raises(UnsupportedError, match=r"Survey tools do not shape files ending in \.sav"):
        ss.write_responses(simulated, tmp_path / "a.sav", study.instrument, format="odk")
    with pytest.raises(DataError, match="column nr_2: 40 cells outside scale agree7: 9"):
        ss.write_responses(simulated.assign(nr_2=9), tmp_path / "a.csv", study.instrument)
    with pytest.raises(DataError, match="no column is named after a question"):
        ss.write_responses(simulated[["respondent"]], tmp_path / "a.csv", study.instrument)
    (tmp_path / "a.sav").write_bytes(b"x")
    with pytest.raises(InputFileError, match="of that name already"):
        ss.write_responses(simulated, tmp_path / "a.sav", study.instrument)
