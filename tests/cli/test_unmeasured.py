"""Answers without any item of a construct, on the command line."""

from typer.testing import CliRunner

import surveysem as ss
from surveysem.cli.commands import app


def test_check_reads_answers_without_a_construct_only_when_asked(tmp_path):
    study = ss.load_study("political_democracy")
    path = tmp_path / "answers.csv"
    study.bundled_data().drop(columns=["x1", "x2", "x3"]).to_csv(path, index=False)
    refused = CliRunner().invoke(app, ["check", "political_democracy", str(path)])
    assert refused.exit_code != 0
    assert "--unmeasured not_testable" in str(refused.exception)
    read = CliRunner().invoke(app, ["check", "political_democracy", str(path), "--unmeasured", "not_testable"])
    assert read.exit_code == 0, read.output
    assert "75 respondents would be analysed" in read.output
