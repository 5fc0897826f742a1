"""Exports as the survey tools write them: headers, marks and codes copied from their documented formats."""

import csv
from io import StringIO

import pytest

from surveysem.data import ImportSettings, read_responses, read_table
from surveysem.data.imports.labels import numbered_label
from surveysem.errors import DataError, InputFileError, UnsupportedError

TEXTS = ["Item tr_1", "Item tr_2", "Item tr_3", "Item us_1", "Item us_2", "Choose 6", "Choose 2", "A buyer?"]
IDS = ["tr_1", "tr_2", "tr_3", "us_1", "us_2", "att_1", "att_2", "buyer"]


@pytest.fixture
def export(tmp_path):
    def write(rows, name="export.csv", delimiter=","):
        text = StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
        path = tmp_path / name
        path.write_text(text.getvalue(), encoding="utf-8", newline="")
        return path

    return write


@pytest.fixture
def codes(answers):
    return answers.astype(int).astype(str).to_numpy().tolist()


def labels(codes):
    """The answers in full, as the small questionnaire words them."""
    return [[*(f"Degree {code}" for code in row[:7]), ["No", "Yes"][int(row[7])]] for row in codes]


def expect_same(path, instrument, answers, first_row=2, **settings):
    data = read_responses(path, instrument, settings=ImportSettings(**settings))
    direct = read_responses(answers, instrument)
    assert data.frame[IDS].to_numpy().tolist() == direct.frame[IDS].to_numpy().tolist()
    assert data.frame.index[0] == first_row
    return "\n".join(map(str, data.findings))


QUALTRICS = ["StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished"]
QUALTRICS += ["RecordedDate", "ResponseId", "DistributionChannel", "UserLanguage"]
QUALTRICS_TEXT = ["Start Date", "End Date", "Response Type", "IP Address", "Progress", "Duration (in seconds)"]
QUALTRICS_TEXT += ["Finished", "Recorded Date", "Response ID", "Distribution Channel", "User Language"]


def qualtrics(body, *, names=IDS, status="IP Address", finished="True", import_ids=True):
    day = "2026-03-02 10:11:12"
    own = [day, day, status, "10.0.0.1", "100", "412", finished, day, "R_3nQyq", "anonymous", "EN"]
    texts = [*QUALTRICS_TEXT, *(f"How far do you agree? - {text}" for text in TEXTS[:5]), *TEXTS[5:]]
    ids = [f'{{"ImportId":"{name}","timeZone":"America/Denver"}}' for name in [*QUALTRICS, *names]]
    head = [[*QUALTRICS, *names], texts, *([ids] if import_ids else [])]
    return [*head, *([*own, *row] for row in body)]


@pytest.mark.parametrize("import_ids", [True, False])
def test_qualtrics_with_two_and_three_header_rows(export, instrument, answers, codes, import_ids):
    told = expect_same(export(qualtrics(codes, import_ids=import_ids)), instrument, answers, 4 if import_ids else 3)
    assert "Read as an export of Qualtrics" in told
    assert f"{2 if import_ids else 1} row" in told


def test_qualtrics_labels_and_names_of_its_own(export, instrument, answers, codes):
    names = [f"Q5_{number}" for number in range(1, 6)] + ["Q6", "Q7", "QID9"]
    told = expect_same(export(qualtrics(labels(codes), names=names)), instrument, answers, 4)
    assert 'text; please confirm: tr_1 = "Q5_1 (How far do you agree? - Item tr_1)", tr_2' in told
    assert 'buyer = "QID9 (A buyer?)".' in told


def test_qualtrics_with_its_text_row_deleted(export, instrument, answers, codes):
    rows = qualtrics(codes)
    expect_same(export([rows[0], *rows[2:]]), instrument, answers, 3)


def test_qualtrics_as_a_frame_read_by_pandas(export, instrument, answers, codes):
    import pandas as pd

    told = expect_same(pd.read_csv(export(qualtrics(codes))), instrument, answers, 4)
    assert "2 rows below the header are not answers" in told


def test_qualtrics_previews_and_unfinished_rows_are_told_and_kept(export, instrument, answers, codes):
    rows = qualtrics(codes)
    rows[3][2], rows[4][2], rows[5][6] = "Survey Preview", "Spam", "False"
    told = expect_same(export(rows), instrument, answers, 4)
    assert "warning" in told
    assert "1 row that Qualtrics marks as previews in Status (row 4); they are kept" in told
    assert "1 row that Qualtrics marks as possible spam in Status (row 5)" in told
    assert "1 row not finished (row 6)" in told


def test_qualtrics_without_answers(export):
    with pytest.raises(InputFileError, match="below the 3 header rows of Qualtrics there is not one row"):
        read_table(export(qualtrics([])))


LIMESURVEY = ["id", "submitdate", "lastpage", "startlanguage", "seed"]


def limesurvey(header, body):
    return [
        [*LIMESURVEY, *header],
        *([str(n), "1980-01-01 00:00:00", "3", "en", "7", *row] for n, row in enumerate(body)),
    ]


@pytest.mark.parametrize(
    "header",
    [
        [f"agree[{name.replace('_', '')}]" for name in IDS[:7]] + ["buyer"],
        [f"agree_{name.replace('_', '')}" for name in IDS[:7]] + ["buyer"],
        [f"{name.replace('_', '')}. {text}" for name, text in zip(IDS, TEXTS, strict=True)],
        [f"How far do you agree? [{text}]" for text in TEXTS[:7]] + ["A buyer?"],
    ],
)
@pytest.mark.parametrize("full", [True, False])
def test_limesurvey_headers_and_answers(export, instrument, answers, codes, header, full):
    coded = [[*(f"A{code}" for code in row[:7]), "Y" if row[7] == "1" else "N"] for row in codes]
    told = expect_same(export(limesurvey(header, labels(codes) if full else coded)), instrument, answers)
    assert "Read as an export of LimeSurvey" in told
    assert full or "48 cells with answer codes of LimeSurvey turned into codes" in told


def test_limesurvey_codes_of_version_four_and_its_semicolons(export, instrument, answers, codes):
    coded = [[*(f"AO{int(code):02d}" for code in row[:7]), row[7]] for row in codes]
    expect_same(export(limesurvey(IDS, coded), delimiter=";"), instrument, answers)


def test_limesurvey_code_that_may_mean_two_options(export, instrument, codes):
    coded = [[*row[:7], "A1"] for row in codes]
    path = export(limesurvey(IDS, coded))
    with pytest.raises(
        DataError, match=r"label that stands for several codes of scale yes_no: A1.*import: answers: yes_no"
    ):
        read_responses(path, instrument)
    settings = ImportSettings(answers={"yes_no": {"A1": 1, "A2": 0}})
    assert read_responses(path, instrument, settings=settings).n_obs == 6


def test_limesurvey_rows_not_submitted_and_questions_not_shown(export, instrument, codes):
    rows = limesurvey(IDS, codes)
    rows[2][1], rows[2][5] = "", "N/A"
    data = read_responses(export(rows), instrument)
    told = "\n".join(map(str, data.findings))
    assert "1 row not submitted (row 3); they are kept" in told
    assert "1 cell with N/A in place of a code or number, read as missing though not declared" in told


def test_redcap_raw(export, instrument, answers, codes):
    rows = [["record_id", "redcap_survey_identifier", "small_timestamp", *IDS, "small_complete"]]
    rows += [[str(n), "", "2026-01-01 10:00:00", *row, "2"] for n, row in enumerate(codes, start=1)]
    assert "Read as an export of REDCap" in expect_same(export(rows), instrument, answers)


def test_redcap_labels_with_repeated_columns_of_its_own(export, instrument, answers, codes):
    rows = [
        ["Record ID", "Survey Identifier", "Survey Timestamp", *TEXTS[:4], "Complete?", "Survey Timestamp", *TEXTS[4:]]
    ]
    rows[0].append("Complete?")
    for n, row in enumerate(labels(codes), start=1):
        rows.append([str(n), "", "2026-01-01", *row[:4], "Complete", "2026-01-01", *row[4:], "Incomplete"])
    told = expect_same(export(rows), instrument, answers)
    assert "Read as an export of REDCap" in told
    assert "Complete? (2)" in told


def test_redcap_repeated_instances_are_told(export, instrument, codes):
    rows = [["record_id", "redcap_repeat_instrument", "redcap_repeat_instance", *IDS]]
    rows += [["1", "small", str(n), *row] for n, row in enumerate(codes, start=1)]
    told = "\n".join(map(str, read_responses(export(rows), instrument).findings))
    assert "5 rows of repeated instruments (rows 3, 4, 5, 6, 7)" in told


@pytest.mark.parametrize("separator", ["/", "-", "."])
@pytest.mark.parametrize("full", [True, False])
def test_kobotoolbox_groups_names_and_labels(export, instrument, answers, codes, separator, full):
    own = ["_id", "_uuid", "_submission_time", "_validation_status", "_index"]
    rows = [["start", "end", *(f"block{separator}sub{separator}{name}" for name in IDS), *own]]
    body = labels(codes) if full else codes
    rows += [["2026", "2026", *row, str(n), "uuid", "2026", "", str(n)] for n, row in enumerate(body)]
    told = expect_same(export(rows, delimiter=";"), instrument, answers)
    assert "Read as an export of KoboToolbox" in told
    assert f'by id as KoboToolbox writes it: tr_1 = "block{separator}sub{separator}tr_1", tr_2' in told


def test_kobotoolbox_headers_as_labels(export, instrument, answers, codes):
    rows = [["start", *(f"Block / <b>{text}</b>" for text in TEXTS), "_id", "_uuid", "_index"]]
    rows += [["2026", *row, "1", "uuid", "1"] for row in labels(codes)]
    expect_same(export(rows), instrument, answers)


def test_kobotoolbox_question_in_two_groups(export, instrument, codes):
    rows = [[*IDS[1:], "a/tr_1", "b/tr_1", "_id", "_uuid"]]
    rows += [[*row[1:], row[0], row[0], "1", "u"] for row in codes]
    with pytest.raises(DataError) as caught:
        read_responses(export(rows), instrument)
    (problem,) = caught.value.problems
    assert "question tr_1: 2 columns fit this question: 'a/tr_1', 'b/tr_1'. Declare the right one:" in str(problem)
    assert read_responses(
        export(rows), instrument, settings=ImportSettings(columns={"tr_1": "b/tr_1"}), required=["tr_2"]
    )


def test_odk_central(export, instrument, answers, codes):
    rows = [
        ["SubmissionDate", *(f"block-{name}" for name in IDS), "meta-instanceID", "KEY", "SubmitterID", "ReviewState"]
    ]
    rows += [["2026", *row, "uuid:1", "uuid:1", "12", ""] for row in codes]
    assert "Read as an export of ODK" in expect_same(export(rows), instrument, answers)


@pytest.mark.parametrize("stamp", ["Timestamp", "Carimbo de data/hora"])
def test_google_forms_in_either_language(export, instrument, answers, codes, stamp):
    portuguese = stamp != "Timestamp"
    texts = [f"Até que ponto concorda? [{text} (pt)]" for text in TEXTS] if portuguese else TEXTS
    body = labels(codes)
    if portuguese:
        body = [
            [*(cell.replace("Degree", "Grau") for cell in row[:7]), {"Yes": "Sim", "No": "Não"}[row[7]]] for row in body
        ]
    rows = [[stamp, *texts], *(["2026/03/02 10:11:12 AM GMT+0", *row] for row in body)]
    told = expect_same(export(rows), instrument, answers)
    assert "Read as an export of Google Forms" in told
    assert "48 cells turned from labels into codes" in told


def test_microsoft_forms(export, instrument, answers, codes):
    rows = [["ID", "Start time", "Completion time", "Email", "Name", *TEXTS]]
    rows += [["1", "3/2/26", "3/2/26", "anonymous", "", *row] for row in labels(codes)]
    assert "Read as an export of Microsoft Forms" in expect_same(export(rows), instrument, answers)


def test_text_of_two_questions_alike_is_ambiguous(export, instrument, codes):
    rows = [["Item: TR 1", "item tr-1", *IDS[1:]], *([row[0], *row] for row in codes)]
    with pytest.raises(DataError, match=r"question tr_1: 2 columns fit this question: 'Item: TR 1', 'item tr-1'"):
        read_responses(export(rows), instrument)


def test_text_that_is_merely_alike_is_proposed_never_taken(export, instrument, codes):
    rows = [["Itemm tr_1", *IDS[1:]], *codes]
    with pytest.raises(DataError, match=r"column tr_1: this column is missing. Did you mean Itemm tr_1\?"):
        read_responses(export(rows), instrument)


def test_ids_in_other_letters_are_matched_and_told(export, instrument, answers, codes):
    told = expect_same(export([["TR_1", " Tr_2", *IDS[2:]], *codes]), instrument, answers)
    assert 'by id, apart from the case of letters and spaces: tr_1 = "TR_1", tr_2 = "Tr_2"' in told


def test_exact_ids_win_over_other_letters(export, instrument, answers, codes):
    told = expect_same(export([[*IDS, "TR_1"], *([*row, "9"] for row in codes)]), instrument, answers)
    assert "belong to no question, kept unchanged: TR_1" in told


def test_columns_of_the_tool_are_not_taken_for_questions(export, instrument, codes):
    """Qualtrics' Status is not the questionnaire's status."""
    wide = instrument.model_dump()
    status = {"id": "status", "scale": "free_text", "text": {"en": "Status", "pt": "Estado"}}
    wide["grouping_questions"] += (status,)
    data = read_responses(export(qualtrics(codes)), type(instrument).model_validate(wide))
    assert "Status" in data.frame
    assert "status" not in data.frame


def test_declared_columns_and_what_may_be_wrong_with_them(export, instrument, answers, codes):
    path = export([["V1", *IDS[1:]], *codes])
    assert "V1" not in expect_same(path, instrument, answers, columns={"tr_1": "V1"})
    with pytest.raises(DataError) as caught:
        read_responses(path, instrument, settings=ImportSettings(columns={"tr_1": "V11", "tr_9": "V1", "us_1": "V1"}))
    text = str(caught.value)
    assert "question tr_1: the declared column 'V11' does not exist. Did you mean 'V1'?" in text
    assert "columns, tr_9: the instrument has no such question" in text
    assert "question us_1: there are two columns for it: one of that name, and the declared one 'V1'" in text
    assert len(caught.value.problems) == 3


def test_format_is_declared_or_refused(export, instrument, answers, codes):
    path = export([[*(f"g/{name}" for name in IDS)], *codes])
    told = expect_same(path, instrument, answers, format="kobotoolbox")
    assert "Read as an export of KoboToolbox (declared, though none of its marks was found)" in told
    with pytest.raises(DataError, match="this column is missing"):
        read_responses(path, instrument)
    with pytest.raises(UnsupportedError, match=r"format: 'kobo'\. Choose one of: plain, qualtrics"):
        ImportSettings(format="kobo")


def test_marks_of_two_tools_ask_for_a_declaration(export, instrument, codes):
    rows = [[*LIMESURVEY, "_id", "_uuid", *IDS], *([*"123456", "7", *row] for row in codes)]
    with pytest.raises(InputFileError, match=r"LimeSurvey: .*; KoboToolbox: .*format='limesurvey' or another of"):
        read_table(export(rows))
    assert read_table(export(rows), settings=ImportSettings(format="plain")).tool == "plain"


@pytest.mark.parametrize("text", ["1 to 9", "10 000 to 49 999 euro", "agree", "5", "strongly agree"])
def test_labels_that_begin_with_numbers_are_no_numbered_labels(text):
    assert numbered_label(text) is None
