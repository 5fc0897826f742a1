from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.data import ScreeningRules, read_political_democracy, read_responses
from surveysem.errors import DataError, InputFileError, SurveySEMError
from surveysem.instrument import Instrument

SHARED = Path(__file__).parents[2].parent / "shared" / "data"


def notes(responses) -> str:
    return "\n".join(str(finding) for finding in responses.findings)


def test_items_become_floats_and_reverse_keys_are_recoded_once(instrument, answers):
    data = read_responses(answers, instrument)
    assert data.frame["tr_1"].tolist() == [1, 2, 3, 4, 5, 6]
    assert data.frame["tr_2"].tolist() == [1, 2, 3, 4, 5, 7]
    assert data.frame["tr_2"].dtype == float
    assert data.reverse_keyed == ("tr_2",)
    assert data.frame.index.tolist() == [2, 3, 4, 5, 6, 7]
    assert data.frame.index.name == "row"
    assert (data.n_obs, data.source, data.simulated, data.simulated_note) == (6, "DataFrame", False, "")


def test_answers_read_before_are_not_reversed_again(instrument, answers):
    data = read_responses(answers, instrument)
    with pytest.raises(DataError, match="reversed a second time"):
        read_responses(data.frame, instrument)


def test_file_and_frame_give_the_same(instrument, answers, tmp_path):
    answers.to_csv(tmp_path / "a.csv", index=False, encoding="utf-8")
    answers.to_csv(tmp_path / "b.csv", index=False, sep=";", decimal=",", encoding="utf-8-sig")
    from_frame = read_responses(answers, instrument)
    for name in ("a.csv", "b.csv"):
        from_file = read_responses(tmp_path / name, instrument)
        pd.testing.assert_frame_equal(from_file.frame, from_frame.frame)
        assert from_file.source == str(tmp_path / name)
    assert "delimited by semicolons, 6 rows and 8 columns" in notes(from_file)


def test_labels_are_turned_into_codes_and_counted(instrument, answers):
    answers = answers.astype({"us_1": object})
    answers.loc[:, "us_1"] = ["grau 1", " Degree  3", "3", 4, 6.0, "6.0"]
    data = read_responses(answers, instrument)
    assert data.frame["us_1"].tolist() == [1, 3, 3, 4, 6, 6]
    assert "2 cells turned from labels into codes: us_1 (2)" in notes(data)


def test_missing_answers_are_counted_and_excluded(instrument, answers):
    answers = answers.astype(object)
    answers.loc[0, "tr_1"] = -99
    answers.loc[2, "us_1"] = ""
    data = read_responses(answers, instrument)
    assert data.frame.index.tolist() == [3, 5, 6, 7]
    assert "1 cell empty and read as missing: us_1 (1)" in notes(data)
    assert "1 cell with a declared code for no answer, read as missing: tr_1 (1)" in notes(data)
    kept = read_responses(answers, instrument, rules=ScreeningRules(incomplete="off"))
    assert kept.frame.isna().to_numpy().sum() == 2


def test_required_items_limit_what_must_be_there(instrument, answers):
    data = read_responses(answers.drop(columns=["us_1", "us_2"]), instrument, required=["tr_3", "tr_1"])
    assert data.n_obs == 6
    assert "Questions without a column: regulated" not in notes(data)
    assert "us_1, us_2" in notes(data)


def test_extra_columns_are_kept_unchanged_and_named(instrument, answers):
    answers["Start Date"] = ["Monday"] * 6
    data = read_responses(answers, instrument)
    assert data.frame["Start Date"].tolist() == ["Monday"] * 6
    assert "belong to no question, kept unchanged: Start Date" in notes(data)


def test_every_problem_comes_in_one_error(instrument, answers, tmp_path):
    answers = answers.astype(object).rename(columns={"us_2": "US2"})
    answers.loc[[0, 4], "tr_1"] = [9, 99]
    answers.loc[1, "tr_2"] = 3.5
    answers.loc[2, "tr_3"] = "agree"
    answers["cycle"] = [1, 2, 3, -5, 5, 2000]
    answers.to_csv(tmp_path / "a.csv", index=False, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_responses(tmp_path / "a.csv", instrument)
    found = {problem.where.removeprefix(f"{tmp_path / 'a.csv'}, "): str(problem) for problem in caught.value.problems}
    assert "column is missing. Did you mean US2? Rename that column to us_2, or declare" in found["column us_2"]
    outside = found["column tr_1, rows 2, 6"]
    assert (
        "2 cells outside scale agree7: 9, 99. Use codes 1 to 7, their labels or the codes for no answer -99" in outside
    )
    assert "If 9, 99 stands for no answer, declare it under `missing` of scale agree7." in outside
    assert "should be whole numbers on scale agree7: 3.5" in found["column tr_2, row 3"]
    assert "text that is neither a number nor a label of scale agree7: agree" in found["column tr_3, row 4"]
    assert (
        "2 cells outside scale days: -5, 2000. Use whole numbers from 0 up to 1000" in found["column cycle, rows 5, 7"]
    )
    assert len(caught.value.problems) == 5


def test_many_bad_cells_of_a_column_are_one_problem(instrument, answers):
    many = pd.concat([answers] * 4, ignore_index=True)
    many["tr_1"] = 0
    with pytest.raises(DataError) as caught:
        read_responses(many, instrument)
    assert len(caught.value.problems) == 1
    assert "column tr_1, rows 2, 3, 4, 5, 6 and 19 more: 24 cells outside scale agree7: 0." in str(caught.value)


def test_many_bad_columns_fit_on_a_screen(instrument, answers):
    wide = instrument.model_dump()
    names = [f"it_{number}" for number in range(40)]
    wide["items"] = [{**wide["items"][0], "id": name, "text": {"en": name, "pt": name}} for name in names]
    wide["items"] += instrument.model_dump()["items"]
    frame = answers.assign(**dict.fromkeys(names, -98))
    with pytest.raises(DataError) as caught:
        read_responses(frame, Instrument.model_validate(wide))
    (problem,) = caught.value.problems
    assert "240 cells outside scale agree7: -98" in problem.found
    assert all(f"{name} (6 from row 2)" in problem.where for name in names)


def test_missing_columns_propose_the_columns_nobody_else_claims(instrument, answers):
    with pytest.raises(DataError) as caught:
        read_responses(answers.rename(columns={"tr_1": "TR1", "tr_2": "TR2", "us_1": "q17"}), instrument)
    remedies = [problem.remedy for problem in caught.value.problems]
    proposal = "Did you mean TR{0}? Rename that column to tr_{0}, or declare `import: {{columns: {{tr_{0}: 'TR{0}'}}}}`"
    assert [each.split(" in the")[0] for each in remedies[:2]] == [proposal.format(number) for number in (1, 2)]
    assert remedies[2].startswith("Columns that belong to no question: TR1, TR2, q17. Rename the right one, or declare")
    with pytest.raises(DataError, match="Add the column, or leave the item out of the model"):
        read_responses(answers[["buyer"]], instrument)


def test_more_missing_columns_than_fit_are_listed_in_one_problem(instrument, answers):
    wide = instrument.model_dump()
    extra = [{**wide["items"][0], "id": f"it_{n}", "text": {"en": f"n{n}", "pt": f"n{n}"}} for n in range(3)]
    wide["items"] = [*wide["items"], *extra]
    with pytest.raises(DataError) as caught:
        read_responses(answers[["buyer"]].assign(TR1=1), Instrument.model_validate(wide))
    (problem,) = caught.value.problems
    assert problem.found == "8 columns are missing: tr_1, tr_2, tr_3, us_1, us_2, it_0, it_1, it_2"
    assert "Did you mean TR1 for tr_1" in problem.remedy


def test_constant_item_is_named(instrument, answers):
    with pytest.raises(DataError, match=r"column us_1: item us_1 has the answer 4 in all analysed rows"):
        read_responses(answers.assign(us_1=4), instrument)
    data = read_responses(answers.assign(us_1=4), instrument, required=["tr_1"])
    assert "warning: us_1: Item us_1 has the answer 4 in all analysed rows." in notes(data)


def test_item_without_answers_is_named(instrument, answers):
    with pytest.raises(DataError, match="item us_1 has no answer in the analysed rows"):
        read_responses(answers.assign(us_1=np.nan), instrument, rules=ScreeningRules(incomplete="off"))


def test_nobody_left_shows_the_flow(instrument, answers):
    answers.loc[:2, "buyer"] = 0
    with pytest.raises(DataError) as caught:
        read_responses(answers.assign(us_1=np.nan), instrument)
    text = str(caught.value)
    assert "of 6 rows, eligibility (an eligible answer to buyer) left out 3 rows, 3 remained; incomplete" in text
    assert "row 2, not eligible: buyer" in text


def test_one_row_left(instrument, answers):
    with pytest.raises(DataError, match="row 2: only this row is left"):
        read_responses(answers.head(1), instrument)


def test_unknown_required_items(instrument, answers):
    with pytest.raises(DataError, match=r"required item tr_11: .* Did you mean tr_1"):
        read_responses(answers, instrument, required=["tr_11"])
    with pytest.raises(DataError, match="no item is named"):
        read_responses(answers, instrument, required=[])


def test_simulated_answers_are_recognised(instrument, answers, tmp_path):
    marked = answers.assign(simulated="SIMULATED (seed 7)")
    marked.to_csv(tmp_path / "a.csv", index=False, encoding="utf-8")
    for source in (marked, tmp_path / "a.csv"):
        data = read_responses(source, instrument)
        assert (data.simulated, data.simulated_note) == (True, "SIMULATED (seed 7)")
        assert "simulated, not collected" in notes(data)
    answers.attrs["surveysem"] = {"simulated": True, "seed": 3}
    assert read_responses(answers, instrument).simulated_note == "SIMULATED (seed 3)"


def test_partly_simulated_answers_are_refused(instrument, answers):
    mixed = answers.assign(simulated=["SIMULATED (seed 7)"] * 4 + ["", "real"])
    with pytest.raises(DataError, match=r"column simulated, rows 6, 7: 4 rows marked as simulated, 2 rows not"):
        read_responses(mixed, instrument)


def test_a_column_named_simulated_with_other_content_is_no_mark(instrument, answers):
    assert not read_responses(answers.assign(simulated="no"), instrument).simulated


def test_shows_itself(instrument, answers):
    data = read_responses(answers.assign(**{"<b>": 1}), instrument)
    assert "Responses: 6 analysed rows from DataFrame" in repr(data)
    assert "6 of 6 rows analysed" in repr(data)
    html = data._repr_html_()
    assert "&lt;b&gt;" in html
    assert "<b>;" not in html
    assert "<table" in html


def test_unreadable_file_derives_from_the_common_error(instrument, tmp_path):
    with pytest.raises(SurveySEMError) as caught:
        read_responses(tmp_path / "absent.csv", instrument)
    assert isinstance(caught.value, InputFileError)


def test_original_frame_is_left_alone(instrument, answers):
    before = answers.copy()
    read_responses(answers, instrument)
    pd.testing.assert_frame_equal(answers, before)
    assert answers.attrs == {}


def test_political_democracy_is_bollens():
    frame = read_political_democracy()
    assert frame.shape == (75, 11)
    assert frame.columns.tolist() == [*(f"y{n}" for n in range(1, 9)), "x1", "x2", "x3"]
    assert frame.loc[0, "y1"] == 2.5
    assert frame.loc[0, "x3"] == pytest.approx(2.557615)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the development data {SHARED} are absent")
def test_real_survey_of_influencer_endorsement():
    path = SHARED / "influencer_data.csv"
    columns = pd.read_csv(path, encoding="utf-8").columns
    items = [name for name in columns if name not in {"wtp", "influencer_group"}]
    scale = {"id": "agree7", "kind": "ordinal", "options": {code: {"en": str(code)} for code in range(1, 8)}}
    label = {"en": "All"}
    survey = Instrument.model_validate(
        {
            "id": "endorsement",
            "title": label,
            "version": "1",
            "languages": ("en",),
            "response_scales": (scale,),
            "constructs": ({"id": "all", "role": "outcome", "label": label, "definition": label},),
            "items": tuple({"id": n, "construct": "all", "scale": "agree7", "text": {"en": n}} for n in items),
        }
    )
    data = read_responses(path, survey)
    assert data.n_obs == 222
    assert data.screening.dropped.empty
    assert "kept unchanged: wtp, influencer_group" in notes(data)
    np.testing.assert_allclose(data.frame[items], pd.read_csv(path, encoding="utf-8")[items])


def test_findings_name_the_file_without_the_folders_it_lies_in(tmp_path, instrument, answers):
    folder = tmp_path / "a private folder"
    folder.mkdir()
    answers.to_csv(folder / "answers.csv", index=False, encoding="utf-8")
    data = read_responses(folder / "answers.csv", instrument)
    assert data.findings
    assert not any("private" in str(finding) for finding in data.findings)
