"""surveysem power."""

from __future__ import annotations

import json

import pytest
import typer

from surveysem.cli.commands import app
from surveysem.errors import SurveySEMError


def run(*arguments: str) -> None:
    app(args=["power", "b2b_micro_influencer", *arguments], standalone_mode=False)


def test_simulated_power_is_printed_and_drawn(tmp_path, capsys):
    run("--n", "300", "--reps", "3", "--jobs", "1", "--out", str(tmp_path / "curves" / "power.png"))
    printed = capsys.readouterr().out
    assert "n = 300" in printed
    assert "P10c" in printed
    assert (tmp_path / "curves" / "power.png").read_bytes().startswith(b"\x89PNG")


def test_expected_power_as_json(capsys):
    run("--n", "300", "--method", "analytic", "--json")
    content = json.loads(capsys.readouterr().out)
    assert {row["proposition"] for row in content["power"]} >= {"P1", "P9", "P10c"}
    assert content["settings"]["estimator"] == "MLR"
    assert content["fit"][0]["n"] == 300


def test_simulated_power_as_json(capsys):
    run("--n", "300", "--reps", "2", "--jobs", "1", "--json")
    content = json.loads(capsys.readouterr().out)
    assert content["replications"][0]["requested"] == 2
    assert content["verdicts"][0]["proposition"] == "P1"


@pytest.mark.parametrize("arguments", [["--out", "x.txt"], ["--out", "x.png", "--method", "analytic"]])
def test_figures_that_cannot_be_written_are_refused(arguments):
    with pytest.raises(SurveySEMError, match="--out"):
        run("--n", "300", *arguments)


def test_processes_must_be_some():
    with pytest.raises(typer.BadParameter):
        run("--n", "300", "--jobs", "0")
