"""Commands that make files for a study, and what commands print for scripts."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

import surveysem as ss

ENVIRONMENT = os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1", "MPLBACKEND": "agg"}


def run(*arguments, folder, **environment):
    return subprocess.run(
        [sys.executable, "-m", "surveysem", *map(str, arguments)],
        cwd=folder,
        env=ENVIRONMENT | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def done(*arguments, folder):
    finished = run(*arguments, folder=folder)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def refused(finished, *mentions):
    assert finished.returncode == 2, finished.stdout + finished.stderr
    assert "Traceback" not in finished.stderr
    assert len(finished.stderr.splitlines()) <= 24
    for mention in mentions:
        assert mention in finished.stderr, finished.stderr


def test_a_new_study_folder_works_at_once(tmp_path):
    done("init", "mine", folder=tmp_path)
    folder = tmp_path / "mine"
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
        os.path.join("instruments", "b2b_micro_influencer.yaml"),
        os.path.join("models", "b2b_micro_influencer.yaml"),
        os.path.join("answers", "simulated.csv"),
        "README.md",
    }
    answers = pd.read_csv(folder / "answers" / "simulated.csv")
    assert answers["simulated"].unique().tolist() == ["SIMULATED (seed 7)"]
    assert "400 " in done("check", "models/b2b_micro_influencer.yaml", "answers/simulated.csv", folder=folder)
    # The folder's own questionnaire is the one that is read.
    file = folder / "instruments" / "b2b_micro_influencer.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("en: Healthcare", "en: Hospitals"), encoding="utf-8")
    study = ss.load_study(folder / "models" / "b2b_micro_influencer.yaml")
    assert study.instrument.scale("sectors").options[1]["en"] == "Hospitals"


def test_the_next_steps_of_a_new_folder_work(tmp_path):
    done("init", "mine", "--study", "political_democracy", folder=tmp_path)
    folder = tmp_path / "mine"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    commands = [part for part in readme.split("`") if part.startswith("surveysem ")]
    assert len(commands) == 5
    data = ss.load_study("political_democracy").bundled_data()
    data.to_csv(folder / "export.csv", index=False)
    for command in commands:
        done(*command.split()[1:], folder=folder)
    assert (folder / "report" / "report.html").is_file()
    assert (folder / "survey.txt").is_file()
    assert (folder / "codebook.html").is_file()


@pytest.mark.parametrize("name", ["influencer_endorsement", "political_democracy"])
def test_every_bundled_study_may_begin_a_folder(tmp_path, name):
    done("init", "mine", "--study", name, folder=tmp_path)
    study = ss.load_study(tmp_path / "mine" / "models" / f"{name}.yaml")
    assert study.propositions == ss.load_study(name).propositions


def test_init_never_overwrites(tmp_path):
    (tmp_path / "README.md").write_text("mine", encoding="utf-8")
    refused(run("init", ".", folder=tmp_path), "README.md", "nothing is overwritten")
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine"
    refused(run("init", "README.md", folder=tmp_path), "it is a file")
    refused(run("init", "new", "--study", "b2b", folder=tmp_path), "b2b_micro_influencer")


def test_export_survey_and_codebook(tmp_path):
    study = "influencer_endorsement"
    for format, name in (("redcap", "a.csv"), ("limesurvey", "a.txt")):
        text = done("export-survey", study, "--format", format, "--out", name, folder=tmp_path)
        assert "Wrote" in text
        assert (tmp_path / name).stat().st_size > 1000
    refused(run("export-survey", study, "--format", "redcap", "--out", "a.csv", folder=tmp_path), "--force")
    refused(run("export-survey", study, "--format", "redcap", "--out", "b.txt", folder=tmp_path), ".csv")
    refused(
        run("export-survey", study, "--format", "redcap", "--out", "b.csv", "--language", "fr", folder=tmp_path), "fr"
    )
    done("codebook", study, "--out", "codebook.xlsx", folder=tmp_path)
    refused(run("codebook", study, "--out", "codebook.xlsx", folder=tmp_path), "--force")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.txt", "codebook.xlsx"]


def test_show_as_json(tmp_path):
    shown = json.loads(done("show", "b2b_micro_influencer", "--language", "pt", "--json", folder=tmp_path))
    study = ss.load_study("b2b_micro_influencer")
    assert [each["id"] for each in shown["propositions"]] == [each.id for each in study.propositions]
    assert [each["id"] for each in shown["questions"]] == [each.id for each in study.instrument.questions]
    assert shown["questions"][0]["options"] == {"0": "Não", "1": "Sim"}
    assert [part["id"] for part in shown["propositions"][-1]["parts"]] == ["P10a", "P10b", "P10c"]
    assert shown["model"] == study.model_syntax("lavaan")


def test_show_in_a_language_the_study_lacks(tmp_path):
    refused(run("show", "b2b_micro_influencer", "--language", "fr", folder=tmp_path), "en, pt")


def test_fit_and_check_as_json(tmp_path):
    study = ss.load_study("political_democracy")
    study.bundled_data().to_csv(tmp_path / "answers.csv", index=False)
    checked = json.loads(done("check", study.id, "answers.csv", "--json", folder=tmp_path))
    assert (checked["n_imported"], checked["n_analysed"], checked["simulated"]) == (75, 75, False)
    fitted = json.loads(
        done("fit", study.id, "answers.csv", "--out", "out", "--format", "html", "--json", folder=tmp_path)
    )
    result = ss.fit_study(study, study.bundled_data())
    for row in fitted["verdicts"]:
        expected = result.verdicts.loc[row["id"]]
        assert row["verdict"] == expected["verdict"]
        assert row["estimate"] == pytest.approx(float(expected["estimate"]), rel=1e-9)
    assert fitted["fit"]["structural"]["chisq"] == pytest.approx(result.structural.fit_indices["chisq"])
    names = ("report.html", "paragraphs.md", "references.bib")
    assert fitted["files"] == [os.path.join("out", name) for name in names]


def test_sheets_and_formats_of_answers(tmp_path):
    study = ss.load_study("political_democracy")
    with pd.ExcelWriter(tmp_path / "answers.xlsx") as writer:
        study.bundled_data().to_excel(writer, sheet_name="first", index=False)
        study.bundled_data().head(40).to_excel(writer, sheet_name="second", index=False)
    refused(run("check", study.id, "answers.xlsx", folder=tmp_path), "first")
    text = done(
        "check", study.id, "answers.xlsx", "--sheet", "second", "--import-format", "plain", "--json", folder=tmp_path
    )
    assert json.loads(text)["n_imported"] == 40
    unknown = run("check", study.id, "answers.xlsx", "--import-format", "surveymonkey", folder=tmp_path)
    refused(unknown, "qualtrics")


@pytest.mark.parametrize("ending", ["csv", "tsv", "xlsx"])
def test_simulated_answers_in_every_kind_of_table(tmp_path, ending):
    out = f"answers.{ending}"
    done("simulate", "b2b_micro_influencer", "--n", "20", "--seed", "3", "--out", out, folder=tmp_path)
    checked = json.loads(done("check", "b2b_micro_influencer", out, "--json", folder=tmp_path))
    assert checked["n_imported"] == 20
    assert checked["simulated"]


def test_no_colours_in_a_pipe(tmp_path):
    for arguments in (("show", "political_democracy"), ("--help",), ("show", "nothing")):
        finished = run(*arguments, folder=tmp_path)
        assert "\x1b" not in finished.stdout + finished.stderr


def test_help_names_every_kind_of_answers(tmp_path):
    text = " ".join(run("fit", "--help", folder=tmp_path, COLUMNS="200").stdout.split())
    for word in (".xlsx", ".sav", ".dta", ".parquet", "Qualtrics", "--sheet", "--import-format", "--json", "Example"):
        assert word in text


def test_debug_shows_the_traceback(tmp_path):
    finished = run("codebook", "nothing", "--out", "a.html", "--debug", folder=tmp_path)
    assert "Traceback" in finished.stderr
