"""Estimator, ordered items and clusters from the command line."""

import os
import subprocess
import sys

import numpy as np
import pytest

import surveysem as ss

ENVIRONMENT = os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1", "MPLBACKEND": "agg"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Answers in three categories, in twenty-five regions."""
    study = ss.load_study("political_democracy")
    data, items = study.bundled_data(), list(study.specification.indicators)
    data[items] = np.ceil(data[items].rank(pct=True, method="first") * 3)
    folder = tmp_path_factory.mktemp("options")
    data.assign(region=np.arange(len(data)) % 25).to_csv(folder / "answers.csv", index=False)
    return folder


def fit(folder, out, *options):
    command = [sys.executable, "-m", "surveysem", "fit", "political_democracy", "answers.csv", "--out", out, *options]
    return subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_estimator_may_be_left_to_the_answers(folder):
    done = fit(folder, "auto", "--estimator", "auto", "--format", "markdown")
    assert done.returncode == 0, done.stderr
    text = (folder / "auto" / "report.md").read_text(encoding="utf-8")
    assert "The answers call for WLSMV with 11 items taken for ordered, which was used." in text
    assert "all 11 items" in text


def test_clusters_are_named_in_the_report(folder):
    done = fit(folder, "clusters", "--estimator", "MLR", "--cluster", "region", "--format", "markdown")
    assert done.returncode == 0, done.stderr
    text = (folder / "clusters" / "report.md").read_text(encoding="utf-8")
    assert "dependence within the clusters of region" in text
    assert "Respondents belong to 25 clusters" in text


def test_everything_that_does_not_go_together_is_told_at_once(folder):
    done = fit(folder, "bad", "--estimator", "WLSMV", "--ordered", "y1", "--ordered", "y99", "--cluster", "region")
    assert done.returncode == 2
    assert "'y99' is none of them" in done.stderr
    assert "'region' with ordered items" in done.stderr
    assert not (folder / "bad").exists()
