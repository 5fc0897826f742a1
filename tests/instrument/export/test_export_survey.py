"""Questionnaires in the formats of survey tools, read back by independent readers and by pyxform."""

import csv
import html

import openpyxl
import pandas as pd
import pytest
from docx import Document

import surveysem as ss
from surveysem.errors import InputFileError, UnsupportedError
from surveysem.instrument import Instrument
from surveysem.instrument.export import SURVEY_FORMATS, export_survey

FORMATS = sorted(SURVEY_FORMATS)
NASTY = '=cmd|"/C calc"!A1, a | b; <b>{x}</b> [[PageBreak]] [y] R&D \\" – ção\tend\nsecond line'
COMPARABLE = " ".join(NASTY.split())


@pytest.fixture(scope="module")
def flagship():
    return ss.load_study("b2b_micro_influencer")


def instrument(**changes):
    text = {"en": NASTY, "pt": NASTY}
    content = {
        "id": "nasty",
        "title": text,
        "version": "1",
        "languages": ["en", "pt"],
        "introduction": text,
        "consent": text,
        "response_scales": [
            {
                "id": "agree",
                "kind": "ordinal",
                "options": {1: text, 2: {"en": "-2", "pt": "@b"}},
                "missing": {-99: text},
            },
            {"id": "two", "kind": "nominal", "options": {0: {"en": "No", "pt": "Não"}, 1: {"en": "Yes", "pt": "Sim"}}},
            {"id": "days", "kind": "number", "minimum": 0, "maximum": 3650, "integer": True, "unit": "days"},
            {"id": "free", "kind": "text"},
        ],
        "constructs": [{"id": "trust", "label": text, "role": "outcome", "definition": text}],
        "screening_questions": [{"id": "bought", "scale": "two", "eligible": [1], "text": text}],
        "grouping_questions": [
            {"id": "Consent", "scale": "free", "position": "before_items", "text": text},
            {"id": "since", "scale": "days", "text": text},
        ],
        "items": [{"id": f"t_{n}", "construct": "trust", "scale": "agree", "text": text} for n in (1, 2, 3)],
        "attention_checks": [{"id": "check", "scale": "agree", "expected": 2, "after": "t_2", "text": text}],
        "observed_measures": [
            {"id": "kept", "construct": "trust", "scale": "days", "collected_from": "records", "text": text}
        ],
    }
    return Instrument.model_validate(content | changes)


def exported(study, folder, format, **options):
    path = folder / f"survey{SURVEY_FORMATS[format]}"
    done = export_survey(study, path, format=format, **options)
    assert done.path == path
    return path


def squeezed(text):
    return " ".join(text.replace("<br />", " ").split())


def asked(study):
    return [question.id for question in study.instrument.respondent_questions]


# LimeSurvey


def code_of(name):
    return "".join(sign for sign in name if sign.isalnum())


def limesurvey_names(questions):
    rows = [question["subs"] or [question["row"]] for question in questions]
    return [row["name"] for each in rows for row in each]


def test_limesurvey_asks_everything_in_both_languages(tmp_path, flagship, readers):
    content = exported(flagship, tmp_path, "limesurvey", language="pt").read_bytes()
    settings, portuguese = readers.limesurvey(content, "pt")
    _, english = readers.limesurvey(content, "en")
    assert settings["language"] == "pt"
    assert limesurvey_names(portuguese) == limesurvey_names(english)
    expected = ["consent", *map(code_of, asked(flagship))]
    expected.insert(3, "ineligible")
    assert limesurvey_names(english) == expected


def test_limesurvey_lets_in_only_the_eligible(tmp_path, readers):
    _, questions = readers.limesurvey(exported(instrument(), tmp_path, "limesurvey").read_bytes(), "en")
    relevance = {question["row"]["name"]: question["group"]["relevance"] for question in questions}
    assert relevance["consentx"] == "1"
    assert relevance["bought"] == 'consentx.NAOK == "A1"'
    assert relevance["ineligible"] == 'consentx.NAOK == "A1" and !((bought.NAOK == "1"))'
    assert relevance["block3"] == relevance["since"] == 'consentx.NAOK == "A1" and ((bought.NAOK == "1"))'


def test_limesurvey_matrix_options_and_limits(tmp_path, readers):
    _, questions = readers.limesurvey(exported(instrument(), tmp_path, "limesurvey").read_bytes(), "pt")
    found = {question["row"]["name"]: question for question in questions}
    assert [sub["name"] for sub in found["block3"]["subs"]] == ["t1", "t2", "check", "t3"]
    assert list(found["block3"]["answers"]) == ["A1", "A2", "M99"]
    assert found["block3"]["row"]["random_order"] == "1"
    assert found["block3"]["row"]["mandatory"] == found["bought"]["row"]["mandatory"] == "Y"
    assert found["Consent"]["row"]["mandatory"] == "N"
    since = found["since"]["row"]
    assert (since["num_value_int_only"], since["min_num_value_n"], since["max_num_value_n"]) == ("1", "0", "3650")
    assert list(found["bought"]["answers"]) == ["0", "1"]


def test_limesurvey_refuses_what_it_cannot_hold(tmp_path):
    items = [{"id": name, "construct": "trust", "scale": "agree", "text": {"en": "a", "pt": "b"}} for name in
             ("a_b", "ab", "a_name_of_more_than_twenty")]  # fmt: skip
    with pytest.raises(UnsupportedError) as caught:
        exported(instrument(items=items, attention_checks=[]), tmp_path, "limesurvey")
    assert len(caught.value.problems) == 2
    assert "a_b and ab" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_answers_of_limesurvey_come_back(tmp_path, flagship, readers):
    _, questions = readers.limesurvey(exported(flagship, tmp_path, "limesurvey").read_bytes(), "en")
    answers = ss.simulate_responses(flagship, n=40, seed=3)
    answers.loc[0, "nr_1"] = -99
    table = pd.DataFrame({"id": range(1, 41), "submitdate": "2026-01-01", "lastpage": 9, "startlanguage": "en"})
    for question in questions:
        for row in question["subs"] or [question["row"]]:
            name = next((each for each in asked(flagship) if code_of(each) == row["name"]), None)
            header = f"{question['row']['name']}[{row['name']}]" if question["subs"] else row["name"]
            if name in answers:
                codes = {}
                for code in question["answers"]:
                    value = -int(code[1:]) if code[0] == "M" else int(code.removeprefix("A"))
                    codes[value] = code
                table[header] = answers[name].map(lambda value, codes=codes: codes.get(value, value))
    compare(flagship, table, answers, tmp_path)


def compare(study, table, answers, folder):
    """Answers under the names and codes of a tool are those that were given."""
    table.to_csv(folder / "answers.csv", index=False)
    plain = ss.read_responses(answers, study, format="plain")
    back = ss.read_responses(folder / "answers.csv", study)
    columns = [name for name in asked(study) if name in answers]
    pd.testing.assert_frame_equal(
        back.frame[columns].reset_index(drop=True), plain.frame[columns].reset_index(drop=True), check_dtype=False
    )


# Qualtrics


def test_qualtrics_asks_everything(tmp_path, flagship, readers):
    questions = readers.qualtrics(exported(flagship, tmp_path, "qualtrics").read_text(encoding="utf-8"))
    texts = {text for question in questions for text in (*question["text"], *question["choices"].values())}
    for question in flagship.instrument.respondent_questions:
        assert any(text.startswith(squeezed(question.text["en"])) for text in texts), question.id
    assert list(questions[2]["choices"]) == ["0", "1", "-99"]


def test_answers_of_qualtrics_come_back(tmp_path, flagship, readers):
    questions = readers.qualtrics(exported(flagship, tmp_path, "qualtrics").read_text(encoding="utf-8"))
    answers = ss.simulate_responses(flagship, n=40, seed=3)
    answers.loc[0, "nr_1"] = -99
    by_text = {squeezed(each.text["en"]): each.id for each in flagship.instrument.respondent_questions}
    columns, texts = {}, {}
    for question in questions:
        if question["answers"]:
            for number, text in question["choices"].items():
                column = f"{question['id']}_{number}"
                columns[column], texts[column] = by_text[text], f"{question['text'][0]} - {text}"
        else:
            columns[question["id"]], texts[question["id"]] = question["id"], question["text"][0]
    kept = {column: name for column, name in columns.items() if name in answers}
    assert sum(column != name for column, name in kept.items()) == 2  # the attention checks, known by their text
    head = {"StartDate": "Start Date", "Status": "Response Type", "ResponseId": "Response ID"}
    table = pd.DataFrame({name: ["", *["x"] * len(answers)] for name in head})
    table.loc[0] = list(head.values())
    table["ResponseId"] = ["Response ID", *(f"R_{row}" for row in range(len(answers)))]
    table["Status"] = ["Response Type", *["0"] * len(answers)]
    table["StartDate"] = ["Start Date", *["2026-01-01"] * len(answers)]
    for column, name in kept.items():
        table[column] = [texts[column], *answers[name]]
    compare(flagship, table, answers, tmp_path)


def test_qualtrics_says_what_is_left_to_do(tmp_path, flagship):
    done = export_survey(flagship, tmp_path / "q.txt", format="qualtrics")
    for text in ("screen_purchase", "consent is 0", "randomisation", "Force Response", "Recode Values"):
        assert text in str(done.findings[0])
    calm = export_survey(flagship, tmp_path / "r.txt", format="qualtrics", required=False, randomize=False)
    assert "randomisation" not in str(calm.findings[0])
    assert "Force Response" not in str(calm.findings[0])


# REDCap


def test_redcap_asks_everything(tmp_path, flagship, readers):
    fields = readers.redcap(exported(flagship, tmp_path, "redcap", language="pt").read_bytes())
    expected = ["record_id", "introduction", "consent", *asked(flagship)]
    expected.insert(5, "ineligible")
    assert [field["name"] for field in fields] == expected
    found = {field["name"]: field for field in fields}
    labels = flagship.instrument.scale("agree7")
    assert found["nr_1"]["choices"] == {
        str(code): label["pt"] for code, label in {**labels.options, **labels.missing}.items()
    }
    assert found["nr_1"]["label"] == flagship.instrument.item("nr_1").text["pt"]


def test_redcap_logic_matrices_and_limits(tmp_path, readers):
    fields = readers.redcap(exported(instrument(grouping_questions=[GROUPING]), tmp_path, "redcap").read_bytes())
    found = {field["name"]: field for field in fields}
    assert found["bought"]["logic"] == "[consent] = '1'"
    assert found["t_1"]["logic"] == "[consent] = '1' and ([bought] = '1')"
    assert found["ineligible"]["logic"] == "[consent] = '1' and (([bought] <> '' and [bought] <> '1'))"
    assert {found[name]["matrix"] for name in ("t_1", "t_2", "check", "t_3")} == {"block2"}
    assert found["since"]["limits"] == ("integer", "0", "3650")
    assert found["t_1"]["required"]
    assert not found["since"]["required"]


GROUPING = {"id": "since", "scale": "days", "text": {"en": "Since", "pt": "Desde"}}


def test_redcap_refuses_names_that_differ_in_case_alone(tmp_path):
    items = [{"id": name, "construct": "trust", "scale": "agree", "text": {"en": "a", "pt": "b"}} for name in
             ("t_a", "T_a", "ends_")]  # fmt: skip
    with pytest.raises(UnsupportedError) as caught:
        exported(instrument(items=items, attention_checks=[]), tmp_path, "redcap")
    assert len(caught.value.problems) == 2


def test_answers_of_redcap_come_back(tmp_path, flagship, readers):
    fields = readers.redcap(exported(flagship, tmp_path, "redcap").read_bytes())
    answers = ss.simulate_responses(flagship, n=40, seed=3)
    table = pd.DataFrame({"record_id": range(1, 41), "consent": 1})
    for field in fields:
        if field["name"] in answers:
            assert not field["choices"] or set(map(str, answers[field["name"]].dropna().astype(int))) <= set(
                field["choices"]
            )
            table[field["name"]] = answers[field["name"]]
    compare(flagship, table.assign(survey_complete=2), answers, tmp_path)


# XLSForm


def xform(path):
    return pytest.importorskip("pyxform.xls2xform").convert(str(path), validate=False)


@pytest.mark.parametrize("language", ["en", "pt"])
def test_pyxform_accepts_the_form(tmp_path, flagship, language):
    done = xform(exported(flagship, tmp_path, "xlsform", language=language))
    assert not [warning for warning in done.warnings if "google" not in warning.lower()]
    for question in flagship.instrument.respondent_questions:
        assert f"/{question.id}" in done.xform
        for text in question.text.values():
            assert text.replace("&", "&amp;") in done.xform
    default = {"en": "English (en)", "pt": "Português (pt)"}[language]
    assert f'<translation default="true()" lang="{default}">' in done.xform or f'lang="{default}" default' in done.xform
    assert "= '1'" in done.xform


def test_xlsform_holds_texts_and_never_formulas(tmp_path):
    path = exported(instrument(), tmp_path, "xlsform")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["survey", "choices", "settings"]
    assert {cell.data_type for sheet in book for row in sheet for cell in row if cell.value is not None} == {"s"}
    survey = [dict(zip([c.value for c in book["survey"][1]], [c.value for c in row], strict=True))
              for row in book["survey"].iter_rows(min_row=2)]  # fmt: skip
    found = {row["name"]: row for row in survey}
    assert found["t_1"]["label::English (en)"] == NASTY
    assert found["bought"]["relevant"] == "${consentx} = '1'"
    assert found["block3"]["relevant"] == "${consentx} = '1' and (${bought} = '1')"
    assert found["since"]["constraint"] == ". >= 0 and . <= 3650"
    assert found["t_1"]["required"] == "yes"
    assert xform(path).xform.count("=cmd|") > 5


def test_answers_of_kobotoolbox_come_back(tmp_path, flagship):
    sheet = openpyxl.load_workbook(exported(flagship, tmp_path, "xlsform"))["survey"]
    answers = ss.simulate_responses(flagship, n=40, seed=3)
    answers.loc[0, "nr_1"] = -99
    table, group = {"start": "2026-01-01"}, ""
    for kind, name in ((row[0].value, row[1].value) for row in sheet.iter_rows(min_row=2)):
        group = {"begin_group": f"{name}/", "end_group": ""}.get(kind, group)
        if name in answers:
            table[f"{group}{name}"] = answers[name]
    frame = pd.DataFrame(table).assign(_id=range(40), _uuid="u", _submission_time="2026-01-01", _index=range(40))
    assert sum("/" in name for name in frame) > 60
    compare(flagship, frame, answers, tmp_path)


def test_xlsform_refuses_references(tmp_path):
    with pytest.raises(UnsupportedError, match="contains"):
        exported(instrument(title={"en": "${x}", "pt": "x"}), tmp_path, "xlsform")


# Word


@pytest.mark.parametrize("language", ["en", "pt"])
def test_word_shows_every_question_and_option(tmp_path, flagship, language):
    document = Document(str(exported(flagship, tmp_path, "docx", language=language)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    text = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    for numbered, question in enumerate(flagship.instrument.respondent_questions, start=1):
        assert f"{numbered}.  {question.text[language]}  {question.id}" in text
    labels = flagship.instrument.scale("agree7")
    assert len(document.tables[0].columns) == 1 + len(labels.options) + len(labels.missing)
    assert document.sections[0].page_width.cm == pytest.approx(21.0, abs=0.01)
    assert {"en": "If you chose “No”", "pt": "Se escolheu “Não”"}[language] in text


# All formats


@pytest.mark.parametrize("format", ["limesurvey", "qualtrics", "redcap"])
def test_nasty_texts_survive(tmp_path, readers, format):
    study = instrument(grouping_questions=[GROUPING])
    path = exported(study, tmp_path, format)
    if format == "limesurvey":
        _, questions = readers.limesurvey(path.read_bytes(), "en")
        texts = [html.unescape(sub["text"]) for question in questions for sub in question["subs"]]
        labels = [label for question in questions for label in question["answers"].values()]
    elif format == "qualtrics":
        questions = readers.qualtrics(path.read_text(encoding="utf-8"))
        texts = [text for question in questions if question["answers"] for text in question["choices"].values()]
        labels = [label for question in questions for label in question["answers"].values()]
    else:
        fields = readers.redcap(path.read_bytes())
        texts = [field["label"] for field in fields if field["matrix"]]
        labels = [label for field in fields for label in field["choices"].values()]
    assert [squeezed(text) for text in texts] == [COMPARABLE] * 4
    assert COMPARABLE in map(squeezed, labels)


@pytest.mark.parametrize(("format", "delimiter"), [("limesurvey", "\t"), ("redcap", ",")])
def test_no_cell_is_a_formula(tmp_path, format, delimiter):
    path = exported(instrument(grouping_questions=[GROUPING]), tmp_path, format)
    with path.open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file, delimiter=delimiter) for cell in row]
    assert not [cell for cell in cells if cell.strip()[:1] in ("=", "+", "-", "@") and cell.strip()[:1]]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", ["influencer_endorsement", "political_democracy"])
def test_every_bundled_study_has_every_format(tmp_path, format, name):
    assert exported(ss.load_study(name), tmp_path, format).stat().st_size > 500


def test_mistakes_are_listed_and_nothing_is_overwritten(tmp_path, flagship):
    with pytest.raises(UnsupportedError) as caught:
        export_survey(flagship, tmp_path / "a.txt", format="surveymonkey", language="fr")
    assert len(caught.value.problems) == 2
    assert "limesurvey, qualtrics" in str(caught.value)
    with pytest.raises(UnsupportedError, match=r"end in \.csv"):
        export_survey(flagship, tmp_path / "a.txt", format="redcap")
    (tmp_path / "a.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InputFileError, match="already"):
        export_survey(flagship, tmp_path / "a.csv", format="redcap")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "mine"
    with pytest.raises(InputFileError):
        export_survey(flagship, tmp_path / "none" / "a.csv", format="redcap")


def test_other_languages_are_told(tmp_path):
    study = ss.load_study("political_democracy").instrument
    assert not any(finding.where == "languages" for finding in
                   export_survey(study, tmp_path / "a.csv", format="redcap").findings)  # fmt: skip
