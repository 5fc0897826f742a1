"""Robustness on the command line."""

import os
import subprocess
import sys

import surveysem as ss

ENVIRONMENT = os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1", "MPLBACKEND": "agg"}


def test_robustness_is_printed_and_reported(tmp_path):
    study = ss.load_study("political_democracy")
    ss.write_table(study.bundled_data(), tmp_path / "answers.csv")
    arguments = ["fit", "political_democracy", "answers.csv", "--out", "report", "--robustness", "--format", "markdown"]
    done = subprocess.run(
        [sys.executable, "-m", "surveysem", *arguments],
        cwd=tmp_path,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert "2 specifications of the analysis" in done.stdout
    assert "2 of 2" in done.stdout
    assert "The most influential respondent is row" in done.stdout
    assert "## Robustness" in (tmp_path / "report" / "report.md").read_text(encoding="utf-8")
    assert (tmp_path / "report" / "figures" / "specification_curve.png").is_file()
