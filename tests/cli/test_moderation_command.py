"""Latent interactions from the command line, all from the same study file."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import surveysem as ss

STUDY = Path(__file__).parents[1] / "study" / "moderated.yaml"
ENVIRONMENT = os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1", "MPLBACKEND": "agg"}


@pytest.fixture
def folder(tmp_path):
    shutil.copy(STUDY, tmp_path / "study.yaml")
    ss.simulate_responses(ss.load_study(STUDY), n=300, seed=3).to_csv(tmp_path / "answers.csv", index=False)
    return tmp_path


def fit(folder, *options):
    command = [sys.executable, "-m", "surveysem", "fit", "study.yaml", "answers.csv", "--out", "out", *options]
    return subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_the_method_is_an_option_and_all_can_be_compared(folder):
    done = fit(folder, "--interaction", "lms", "--compare-interactions", "--format", "markdown")
    assert done.returncode == 0, done.stderr
    assert "Moderation by all methods" in done.stdout
    assert "Residual centring" in done.stdout
    report = (folder / "out" / "report.md").read_text(encoding="utf-8")
    assert "latent moderated structural equations (LMS)" in report
    assert (folder / "out" / "figures" / "simple_slopes_interaction.png").is_file()


def test_options_that_do_not_go_together_are_bad_input(folder):
    done = fit(folder, "--interaction", "lms", "--centering", "residual")
    assert done.returncode == 2
    assert "centering" in done.stderr
    assert not (folder / "out").exists()
    assert fit(folder, "--interaction", "magic").returncode == 2
