"""Several samples combined on the command line, and rival models in what is printed."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import surveysem as ss
from surveysem.cli.commands import app

ORDER = np.random.default_rng(0).permutation(75)
"""An order of the countries whose halves both have admissible solutions."""


@pytest.fixture
def samples(tmp_path):
    study = ss.load_study("political_democracy")
    data = study.bundled_data()
    for name, rows in (("first", ORDER[:38]), ("second", ORDER[38:])):
        data.iloc[rows].to_csv(tmp_path / f"{name}.csv", index=False)
    pd.DataFrame({"proposition": ["D1"], "estimate": [0.5], "std_error": [0.1], "n": [80]}).to_csv(
        tmp_path / "published.csv", index=False
    )
    return study, tmp_path


def run(*arguments):
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    assert done.exit_code == 0, done.output
    return done


def test_answers_and_tables_are_pooled(samples):
    study, folder = samples
    paths = [folder / f"{name}.csv" for name in ("first", "second", "published")]
    options = ["--study", "political_democracy", "--out", folder / "out", "--format", "markdown"]
    told = json.loads(run("combine", *paths, *options, "--json").stdout)
    fitted = [ss.fit_study(study, ss.read_responses(path, study)) for path in paths[:2]]
    expected = ss.combine([*fitted, paths[2]], names=["first", "second", "published"], study=study)
    assert [row["id"] for row in told["verdicts"]] == ["D1", "D2", "D3"]
    np.testing.assert_allclose([row["estimate"] for row in told["verdicts"]], expected.verdicts["estimate"], rtol=1e-9)
    assert [row["n_studies"] for row in told["verdicts"]] == [3, 2, 2]
    assert {row["study"] for row in told["estimates"]} == {"first", "second", "published"}
    assert (folder / "out" / "report.md").is_file()


def test_verdicts_across_samples_are_printed(samples):
    _, folder = samples
    done = run(
        *("combine", folder / "first.csv", folder / "second.csv", "--study", "political_democracy"),
        *("--out", folder / "out", "--name", "North", "--name", "South", "--format", "markdown"),
    )
    assert "evidence across studies" in done.stdout
    assert "D1" in done.stdout
    text = (folder / "out" / "report.md").read_text(encoding="utf-8")
    assert "North" in text
    assert "first" not in text


def test_rivals_are_printed_and_in_json(tmp_path):
    study = ss.load_study("political_democracy")
    ss.write_table(study.bundled_data(), tmp_path / "answers.csv")
    arguments = ("fit", "political_democracy", tmp_path / "answers.csv", "--out", tmp_path / "out")
    printed = run(*arguments, "--format", "markdown").stdout
    assert "The study's model and its rivals" in printed
    assert "full_mediation" in printed
    rows = json.loads(run(*arguments, "--format", "markdown", "--json").stdout)["rival_models"]
    table = ss.fit_study(study, study.bundled_data()).rival_models.table
    assert [row["id"] for row in rows] == ["study", "full_mediation"]
    assert rows[1]["chisq_diff"] == pytest.approx(table.loc["full_mediation", "chisq_diff"], rel=1e-9)
    assert rows[0]["chisq_diff"] is None


def test_adjusted_p_and_folders_are_told_in_few_lines(tmp_path):
    study = ss.load_study("b2b_micro_influencer")
    ss.write_table(ss.simulate_responses(study, n=300, seed=5), tmp_path / "answers.csv")
    arguments = ("fit", "b2b_micro_influencer", tmp_path / "answers.csv", "--out", tmp_path / "out", "--bootstrap", "0")
    printed = run(*arguments, "--format", "latex").stdout
    assert "p adj." in printed
    assert "-0.00 " not in printed
    written = [line for line in printed.splitlines() if line.startswith("Wrote")]
    assert len(written) == 3
    n_files = sum(1 for path in (tmp_path / "out" / "latex").rglob("*") if path.is_file())
    assert f"latex ({n_files} files)" in written[0]
