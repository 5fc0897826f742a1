"""What a study file declares about its export, and the guide to importing."""

import re
from pathlib import Path

import pytest

import surveysem as ss
from surveysem.data import ImportSettings
from surveysem.errors import StudyError, UnsupportedError

ROOT = Path(__file__).resolve().parents[3]
GUIDE = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
STUDY = """
id: small_study
title: {en: "Does expertise make content valid?"}
instrument: b2b_micro_influencer
latent_variables:
  - id: professional_expertise
  - id: technical_validity
paths:
  - {id: H1, predictor: professional_expertise, outcome: technical_validity}
propositions:
  - id: H1
    statement: {en: "The more expert the influencer, the more valid the content."}
    expected: positive
"""


@pytest.fixture
def declared(tmp_path):
    def load(text):
        path = tmp_path / "study.yaml"
        path.write_text(STUDY + text, encoding="utf-8")
        return ss.load_study(path)

    return load


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, flags=re.DOTALL)


def test_guide_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile("\n".join(blocks("python")), "importing.md", "exec"), {})
    assert "Read as an export of Qualtrics" in capsys.readouterr().out


def test_guide_declaration_is_valid(declared):
    imports = declared(blocks("yaml")[0]).imports
    assert imports.columns == {"nr_1": "Q5_1", "nr_2": "Q5_2"}
    assert imports.missing == (999, "N/A", "don't know")
    assert imports.answers == {"yes_no": {"TRUE": 1, "FALSE": 0}}


def test_declarations_are_followed_and_arguments_add_to_them(declared, tmp_path):
    study = declared("import: {columns: {pe_1: V1}, missing: [refused]}\n")
    frame = ss.simulate_responses(ss.load_study("b2b_micro_influencer"), n=30, seed=1).astype(object)
    frame = frame.rename(columns={"pe_1": "V1", "pe_2": "V2"})
    frame.loc[3, "V1"], frame.loc[4, "V2"] = "Refused", "no idea"
    ss.write_table(frame, tmp_path / "answers.csv")
    data = ss.read_responses(tmp_path / "answers.csv", study, columns={"pe_2": "V2"}, missing=["no idea"])
    assert data.frame["pe_1"].isna().sum() == 1
    assert data.frame["pe_2"].isna().sum() == 1
    assert "V1" not in data.frame


def test_contradictions_of_a_declaration_come_together(declared):
    with pytest.raises(StudyError) as caught:
        declared(
            "import:\n  columns: {pe_1: V1, pe_2: V1, pe_9: V3}\n  missing: [5, NA]\n"
            "  answers: {agree7: {Sure: 8}, agree9: {Sure: 1}}\n"
        )
    text = str(caught.value)
    assert "column 'V1' is declared for 2 questions" in text
    assert "'pe_9' is no question of the instrument" in text
    assert "5 is an option of scale" in text
    assert "8 is no code of scale agree7. Codes: -99, 1, 2, 3, 4, 5, 6, 7" in text
    assert "'agree9' is no response scale of the instrument" in text
    assert len(caught.value.problems) == 5


def test_unknown_format_of_a_declaration(declared):
    with pytest.raises(StudyError, match="format"):
        declared("import: {format: surveymonkey}\n")


def test_what_stands_for_no_answer_is_a_number_or_a_text():
    with pytest.raises(UnsupportedError) as caught:
        ImportSettings(missing=(999, None, True, "N/A"))
    assert [each.found for each in caught.value.problems] == ["None", "True"]
