"""The command line as people meet it: a process with files, two streams and an exit status."""

import os
import subprocess
import sys

import pandas as pd
import pytest

import surveysem as ss

ENVIRONMENT = os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1", "MPLBACKEND": "agg"}


def run(*arguments, folder):
    return subprocess.run(
        [sys.executable, "-m", "surveysem", *map(str, arguments)],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def democracy():
    return ss.load_study("political_democracy").bundled_data()


@pytest.fixture
def survey(influencer_csv):
    return pd.read_csv(influencer_csv)


def refused(done, folder, *mentions):
    """Exit status 2, an explanation of at most one screen on stderr, no traceback, nothing written."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert 1 <= len(done.stderr.splitlines()) <= 24, done.stderr
    for mention in mentions:
        assert mention in done.stderr, done.stderr
    assert not (folder / "out").exists()


def fit(folder, study="influencer_endorsement"):
    return run("fit", study, "answers.csv", "--out", "out", folder=folder)


def test_demo_on_real_data(tmp_path):
    done = run("demo", "--study", "political_democracy", "--out", "out", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "supported" in done.stdout
    assert "SIMULATED" not in done.stdout
    assert (tmp_path / "out" / "report.html").is_file()
    assert (tmp_path / "out" / "report.md").is_file()


def test_fit_on_the_survey(tmp_path, survey):
    survey.to_csv(tmp_path / "answers.csv", index=False)
    done = fit(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Poor fit" in done.stdout
    assert done.stdout.count("not supported") == 3  # two paths, and the difference between groups


def test_incomplete_answers_by_full_information(tmp_path, democracy):
    democracy.loc[[2, 5], "y1"] = None
    democracy.to_csv(tmp_path / "answers.csv", index=False)
    done = run(
        "fit", "political_democracy", "answers.csv", "--out", "out", "--missing", "fiml", "--estimator", "MLR",
        folder=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "n = 75, MLR" in done.stdout


def test_a_missing_column(tmp_path, survey):
    survey.rename(columns={"pq_3": "pq3"}).to_csv(tmp_path / "answers.csv", index=False)
    refused(fit(tmp_path), tmp_path, "pq_3", "pq3")


def test_a_value_outside_the_scale(tmp_path, survey):
    survey.loc[4, "pi_2"] = 9
    survey.to_csv(tmp_path / "answers.csv", index=False)
    refused(fit(tmp_path), tmp_path, "pi_2", "9", "row 6")


def test_text_in_a_numeric_item(tmp_path, survey):
    survey["pl_2"] = survey["pl_2"].astype(object)
    survey.loc[0, "pl_2"] = "very much"
    survey.to_csv(tmp_path / "answers.csv", index=False)
    refused(fit(tmp_path), tmp_path, "pl_2", "very much", "row 2")


def test_an_empty_file(tmp_path):
    (tmp_path / "answers.csv").write_text("", encoding="utf-8")
    refused(fit(tmp_path), tmp_path, "empty")


def test_a_file_in_two_encodings(tmp_path, survey):
    text = survey.assign(comment="opinião").to_csv(index=False)
    (tmp_path / "answers.csv").write_bytes(text.encode("utf-8") + text.split("\n", 1)[1].encode("latin-1"))
    refused(fit(tmp_path), tmp_path, "letters in two encodings", "224")


def test_a_file_in_another_encoding_is_read_and_told(tmp_path, survey):
    text = survey.assign(comment="opinião").to_csv(index=False)
    (tmp_path / "answers.csv").write_bytes(text.encode("latin-1"))
    done = run("check", "influencer_endorsement", "answers.csv", folder=tmp_path)
    assert done.returncode == 0
    assert "Check these words: opinião" in " ".join(done.stdout.split())


def test_fewer_rows_than_parameters(tmp_path, survey):
    survey.head(30).to_csv(tmp_path / "answers.csv", index=False)
    refused(fit(tmp_path), tmp_path, "fewer rows than parameters", "30")


def test_a_constant_item(tmp_path, survey):
    survey["sic_4"] = 3
    survey.to_csv(tmp_path / "answers.csv", index=False)
    refused(fit(tmp_path), tmp_path, "sic_4")


def test_many_mistakes_fit_one_screen(tmp_path, survey):
    broken = survey.drop(columns=["pic_1"])
    broken.loc[:, broken.columns.str.startswith(("sic", "pq", "pl", "pi_"))] = 11
    broken.to_csv(tmp_path / "answers.csv", index=False)
    refused(fit(tmp_path), tmp_path, "pic_1", "11")


def test_a_file_that_is_not_there(tmp_path):
    refused(fit(tmp_path), tmp_path, "answers.csv")


def test_an_unknown_study(tmp_path):
    done = run("show", "b2b", folder=tmp_path)
    refused(done, tmp_path, "b2b_micro_influencer")


def test_unknown_options_are_usage_errors(tmp_path):
    done = run("fit", "political_democracy", "x.csv", "--out", "out", "--estimator", "WLSMX", folder=tmp_path)
    assert done.returncode == 2
    assert "MLR" in done.stderr
    assert "Traceback" not in done.stderr


def test_debug_lets_the_traceback_through(tmp_path):
    done = run("show", "b2b", "--debug", folder=tmp_path)
    assert done.returncode != 0
    assert "Traceback" in done.stderr


def test_an_existing_file_is_not_overwritten_by_simulated_answers(tmp_path):
    file = tmp_path / "answers.csv"
    file.write_text("real answers", encoding="utf-8")
    done = run("simulate", "b2b_micro_influencer", "--n", "5", "--out", "answers.csv", folder=tmp_path)
    refused(done, tmp_path, "--force")
    assert file.read_text(encoding="utf-8") == "real answers"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answers.csv"]


def test_simulate_check_round_trip(tmp_path):
    arguments = ("--n", "60", "--seed", "3", "--out", "answers.csv")
    assert run("simulate", "b2b_micro_influencer", *arguments, folder=tmp_path).returncode == 0
    done = run("check", "b2b_micro_influencer", "answers.csv", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "SIMULATED (seed 3)" in done.stdout
    assert "attention" in done.stdout


def test_show_prints_questionnaire_propositions_and_model(tmp_path):
    done = run("show", "b2b_micro_influencer", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for text in ("Network relevance", "nr_1", "P10c", "perceived_credibility ~ P1*network_relevance"):
        assert text in done.stdout


def test_help_and_version(tmp_path):
    assert "demo" in run("--help", folder=tmp_path).stdout
    assert run("--version", folder=tmp_path).stdout.startswith("surveysem ")


def test_fit_writes_word_and_latex(democracy, tmp_path):
    democracy.to_csv(tmp_path / "answers.csv", index=False)
    formats = ("--format", "docx", "--format", "latex")
    done = run("fit", "political_democracy", "answers.csv", "--out", "out", *formats, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "report.docx").read_bytes().startswith(b"PK")
    assert (tmp_path / "out" / "latex" / "main.tex").is_file()
    assert not (tmp_path / "out" / "report.html").exists()
