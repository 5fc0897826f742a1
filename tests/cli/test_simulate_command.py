"""``surveysem simulate`` with its options."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

import surveysem as ss

ENVIRONMENT = os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}


def run(*arguments, folder):
    command = [sys.executable, "-m", "surveysem", "simulate", "b2b_micro_influencer", *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_every_option_reaches_the_simulation(tmp_path):
    options = (
        *("--n", 40, "--seed", 3, "--careless", "random=0.05,too_fast=0.1", "--ineligible", 0, "--skew", -1, "--forms"),
        *(
            "--missing",
            0.1,
            "--missing-depends-on",
            "firm_size",
            "--missing-strength",
            0.5,
            "--does-not-apply",
            "pc_1=0.1",
        ),
        *("--clusters", 8, "--icc", 0.2, "--cluster-column", "panel", "--out", "answers.csv"),
    )
    done = run(*options, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    expected = ss.simulate_responses(
        ss.load_study("b2b_micro_influencer"),
        n=40,
        seed=3,
        careless={"random": 0.05, "too_fast": 0.1},
        ineligible=0.0,
        skew=-1.0,
        forms=True,
        missing={"share": 0.1, "depends_on": "firm_size", "strength": 0.5},
        does_not_apply={"pc_1": 0.1},
        clusters={"number": 8, "intraclass_correlation": 0.2, "column": "panel"},
    )
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "answers.csv"), expected, check_dtype=False)
    record = json.loads((tmp_path / "answers.population.json").read_text(encoding="utf-8"))
    assert record == expected.attrs["surveysem"]


def test_options_come_from_a_file_and_are_replaced(tmp_path):
    text = "groups:\n  regulated:\n    Yes: {share: 0.4, effects: {P7: 0.1}}\nwaves: 2\nlatent_skew: -1\n"
    (tmp_path / "options.yaml").write_text(text, encoding="utf-8")
    arguments = ("--n", 20, "--options", "options.yaml", "--stability", 0.4, "--layout", "wide", "--latent-skew", 0.5)
    done = run(*arguments, "--out", "a.csv", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "a.population.json").read_text(encoding="utf-8"))["options"]
    assert record["waves"]["number"] == 2
    assert record["waves"]["stability"] == 0.4
    assert record["latent_skew"] == 0.5
    assert record["groups"]["groups"]["Yes"]["effects"] == {"P7": 0.1}
    assert "pc_1_w2" in pd.read_csv(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("arguments", "mentions"),
    [
        (("--skew", "pc_1"), "--skew: pc_1"),
        (("--icc", "0.1"), "'number' missing"),
        (("--missing-depends-on", "firm_size"), "'share' missing"),
        (("--options", "none.yaml"), "none.yaml"),
        (("--options", "wrong.yaml"), "wrong.yaml, lazy: there is no such option"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_written(tmp_path, arguments, mentions):
    (tmp_path / "wrong.yaml").write_text("lazy: 1\n", encoding="utf-8")
    done = run(*arguments, "--out", "a.csv", folder=tmp_path)
    assert done.returncode == 2
    assert mentions in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.yaml"]


def test_a_record_is_not_overwritten(tmp_path):
    (tmp_path / "a.population.json").write_text("kept", encoding="utf-8")
    done = run("--n", 5, "--out", "a.csv", folder=tmp_path)
    assert done.returncode == 2
    assert not (tmp_path / "a.csv").exists()
    assert run("--n", 5, "--out", "a.csv", "--force", folder=tmp_path).returncode == 0
