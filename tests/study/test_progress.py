"""Bars and spinners: where a person looks on, and nowhere else."""

import re

import pytest
from rich.console import Console

import surveysem as ss
from surveysem.study import progress


@pytest.fixture
def terminal(monkeypatch):
    """Standard error taken for a terminal, as rich sees it."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert Console(stderr=True).is_terminal


def test_stages_of_an_analysis_show_on_a_terminal(terminal, capfd):
    study = ss.load_study("political_democracy")
    ss.fit_study(study, study.bundled_data(), bootstrap=20, seed=1)
    seen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capfd.readouterr().err)
    for name in ("Fitting the models", "Bootstrap", "Fitting rival models"):
        assert name in seen


def test_nothing_shows_where_it_is_not_wanted(terminal, capfd):
    study = ss.load_study("political_democracy")
    ss.fit_study(study, study.bundled_data(), bootstrap=20, seed=1, progress=False)
    assert capfd.readouterr().err == ""


def test_nothing_shows_in_a_pipe(capfd):
    study = ss.load_study("political_democracy")
    ss.fit_study(study, study.bundled_data(), bootstrap=20, seed=1)
    assert capfd.readouterr().err == ""
    assert not progress.wanted(None)
    assert progress.wanted(True)
