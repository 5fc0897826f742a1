"""From a plan to an analysis held against it, on the command line."""

import os
import subprocess
import sys

import pytest

import surveysem as ss

ENVIRONMENT = os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1", "MPLBACKEND": "agg"}


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "surveysem", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def folder(tmp_path):
    ss.load_study("political_democracy").bundled_data().to_csv(tmp_path / "answers.csv", index=False)
    (tmp_path / "power.csv").write_text("proposition,n,power\nD1,75,0.97\n", encoding="utf-8")
    return tmp_path


def test_plan_and_check(folder):
    plan = [
        "preregister",
        "political_democracy",
        "--n",
        "75",
        "--power",
        "power.csv",
        "--language",
        "pt",
        "--out",
        "plan",
    ]
    done = run(folder, *plan, "--author", "Ana Lima", "--author", "Rui Costa")
    assert done.returncode == 0, done.stderr
    assert "Content hash" in done.stdout
    text = (folder / "plan" / "preregistration.md").read_text(encoding="utf-8")
    assert text.startswith("# Pré-registo")
    assert "Ana Lima, Rui Costa" in text
    again = run(folder, *plan)
    assert again.returncode == 2
    assert "not replaced" in again.stderr
    fit = ["fit", "political_democracy", "answers.csv", "--out", "out", "--format", "markdown"]
    fit += ["--preregistration", "plan/preregistration.yaml"]
    kept = run(folder, *fit, "--deviations", "refuse")
    assert kept.returncode == 0, kept.stderr
    assert "Deviations from the preregistration: none." in kept.stdout
    refused = run(folder, *fit, "--deviations", "refuse", "--estimator", "MLR")
    assert refused.returncode == 2
    assert "registered ML, now MLR" in refused.stderr


def test_a_power_file_that_is_none(folder):
    done = run(folder, "preregister", "political_democracy", "--power", "nothing.csv", "--out", "plan")
    assert done.returncode == 2
    assert "nothing.csv could not be read" in done.stderr
    assert not (folder / "plan").exists()
