"""Bundles: written, read with suspicion, and computed again."""

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import InputFileError, StudyError, UnsupportedError


@pytest.fixture
def democracy(democracy_result, tmp_path):
    democracy_result.write_bundle(tmp_path / "bundle")
    return tmp_path / "bundle"


def rewritten(bundle, name, change):
    """A file changed together with its hash, as a careful forger would."""
    path = bundle / name
    path.write_bytes(change(path.read_bytes()))
    facts = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    facts["files"][name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (bundle / "bundle.json").write_text(json.dumps(facts), encoding="utf-8")


def forged(bundle, **changes):
    facts = json.loads((bundle / "bundle.json").read_text(encoding="utf-8")) | changes
    (bundle / "bundle.json").write_text(json.dumps(facts), encoding="utf-8")


def doubled(name, column):
    """A change of one number of a table."""

    def change(content):
        text = content.decode("utf-8").splitlines()
        place = text[0].split(",").index(column)
        cells = text[name].split(",")
        cells[place] = str(float(cells[place]) * 2 + 0.01)
        text[name] = ",".join(cells)
        return ("\n".join(text) + "\n").encode("utf-8")

    return change


def test_moments_give_the_same_numbers(democracy):
    again = ss.replicate(democracy)
    assert again.same
    assert again.basis == "the moments in the bundle"
    assert set(again.comparison.loc[again.comparison["status"] == "needs data", "table"]) == {"screening", "data"}
    assert again.n_same > 1000


def test_answers_give_every_number(democracy_result, democracy):
    again = ss.replicate(democracy, democracy_result.study.bundled_data())
    assert again.same
    assert again.n_unchecked == 0
    assert "came out the same" in again.sentence
    assert "screening" in set(again.overview["table"])


def test_other_answers_are_told_from_the_ones_used(democracy_result, democracy):
    data = democracy_result.study.bundled_data()
    data.loc[data.index[0], "y1"] += 1
    again = ss.replicate(democracy, data)
    assert not again.same
    assert "sha256" in set(again.differences["column"])
    assert "structural/parameters" in set(again.differences["table"])


def test_robust_errors_and_verdicts_follow_from_score_products(flagship_result, tmp_path):
    flagship_result.write_bundle(tmp_path / "b.zip")
    again = ss.replicate(tmp_path / "b.zip")
    assert again.same
    status = again.comparison.set_index(["table", "column"])["status"]
    assert set(status.loc["structural/parameters", "std_error"]) == {"same"}
    assert set(status.loc["verdicts", "verdict"]) == {"same"}
    unchecked = again.comparison[again.comparison["status"] == "needs data"]
    assert {row for row in unchecked["row"] if row.startswith("chisq")} == {"chisq.scaled", "chisq.scaling.factor"}


def test_what_differs_between_groups_needs_the_answers(influencer_csv, tmp_path):
    study = ss.load_study("influencer_endorsement")
    ss.fit_study(study, influencer_csv).write_bundle(tmp_path / "b")
    without, given = ss.replicate(tmp_path / "b"), ss.replicate(tmp_path / "b", influencer_csv)
    verdicts = without.comparison.query("table == 'verdicts' and column == 'verdict'").set_index("row")["status"]
    assert verdicts["I7"] == "needs data"
    assert set(verdicts.drop("I7")) == {"same"}
    assert given.same
    assert given.n_unchecked == 0


def test_answers_in_the_bundle_carry_nothing_but_answers(democracy_result, tmp_path):
    democracy_result.write_bundle(tmp_path / "b", include_data=True)
    answers = pd.read_csv(tmp_path / "b" / "answers.csv")
    assert list(answers) == list(democracy_result.study.specification.indicators)
    assert answers[answers.columns[0]].is_monotonic_increasing
    again = ss.replicate(tmp_path / "b")
    assert again.same
    assert again.basis == "the answers in the bundle"


def test_incomplete_answers_cannot_be_checked_without_them(democracy_result, tmp_path):
    data = democracy_result.study.bundled_data()
    data.loc[data.index[:5], "y2"] = np.nan
    result = ss.fit_study(democracy_result.study, data, missing="fiml")
    result.write_bundle(tmp_path / "b")
    result.write_bundle(tmp_path / "with", include_data=True)
    nothing = ss.replicate(tmp_path / "b")
    assert not nothing.same
    assert nothing.sentence.startswith("Nothing could be checked")
    assert ss.replicate(tmp_path / "with").same
    assert ss.replicate(tmp_path / "b", data).same


@pytest.mark.parametrize("estimator", ["ML", "MLM"])
def test_other_estimators_say_what_they_need(democracy_result, tmp_path, estimator):
    study = democracy_result.study
    ss.fit_study(study, study.bundled_data(), estimator=estimator).write_bundle(tmp_path / "b")
    again = ss.replicate(tmp_path / "b")
    status = again.comparison.set_index(["table", "column"])["status"]
    assert again.same
    assert set(status.loc["structural/parameters", "estimate"]) == {"same"}
    expected = "needs data" if estimator == "MLM" else "same"
    assert set(status.loc["structural/parameters", "std_error"]) == {expected}


@pytest.fixture(scope="module")
def clustered(influencer_csv):
    """The real survey as if every fortieth respondent named the same firm."""
    data = pd.read_csv(influencer_csv)
    return data.assign(firm=[f"Firm {number % 40}" for number in range(len(data))])


def test_clusters_are_numbered_and_their_errors_checked(clustered, tmp_path):
    study = ss.load_study("influencer_endorsement")
    result = ss.fit_study(study, clustered, cluster="firm")
    result.write_bundle(tmp_path / "b")
    result.write_bundle(tmp_path / "with", include_data=True)
    assert "Firm" not in (tmp_path / "with" / "answers.csv").read_text(encoding="utf-8")
    without = ss.replicate(tmp_path / "b")
    status = without.comparison.set_index(["table", "column"])["status"]
    assert set(status.loc["structural/parameters", "std_error"]) == {"same"}
    assert without.same
    assert ss.replicate(tmp_path / "with").same
    assert ss.replicate(tmp_path / "b", clustered).same


@pytest.mark.against_lavaan
def test_lavaan_gives_the_same_errors_of_clustered_answers(clustered, lavaan, tmp_path):
    result = ss.fit_study(ss.load_study("influencer_endorsement"), clustered, cluster="firm")
    result.write_bundle(tmp_path / "b", include_data=True)
    assert_lavaan_agrees(lavaan(tmp_path / "b", tmp_path / "out"), result, errors=True)


def test_ordered_answers_are_checked_with_answers(influencer_csv, tmp_path):
    study = ss.load_study("influencer_endorsement")
    result = ss.fit_study(study, influencer_csv, ordered=True, estimator="WLSMV")
    result.write_bundle(tmp_path / "b")
    result.write_bundle(tmp_path / "with", include_data=True)
    assert ss.replicate(tmp_path / "b").sentence.startswith("Nothing could be checked")
    assert ss.replicate(tmp_path / "with").same


def test_equal_results_are_equal_files(democracy_result, tmp_path):
    for name in ("one.zip", "two.zip"):
        democracy_result.write_bundle(tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_changed_file_is_named(democracy):
    path = democracy / "models" / "structural" / "parameters.csv"
    path.write_bytes(path.read_bytes() + b" ")
    (democracy / "verdicts.csv").unlink()
    with pytest.raises(InputFileError, match="not the bundle that was written") as refused:
        ss.replicate(democracy)
    assert [problem.found for problem in refused.value.problems] == [
        "it was changed after the bundle was written",
        "the file is missing or too large",
    ]


def test_a_number_changed_with_its_hash_is_found_by_the_refit(democracy):
    rewritten(democracy, "models/structural/parameters.csv", doubled(3, "estimate"))
    again = ss.replicate(democracy)
    assert not again.same
    assert again.n_different == 1
    assert again.differences.iloc[0]["column"] == "estimate"


def test_a_verdict_changed_with_its_hash_is_found_by_the_refit(democracy):
    rewritten(democracy, "verdicts.csv", lambda content: content.replace(b"D1,supported", b"D1,contradicted"))
    again = ss.replicate(democracy)
    assert again.differences[["row", "column", "stored", "recomputed"]].to_numpy().tolist() == [
        ["D1", "verdict", "contradicted", "supported"]
    ]


def test_another_model_than_the_studys_is_refused(democracy):
    rewritten(
        democracy,
        "models/structural/model.lavaan.txt",
        lambda content: content.replace(b"y2 ~~ y4 + y6", b"y2 ~~ y4").replace(b"y2 ~~ y4 + y6", b"y2 ~~ y4"),
    )
    with pytest.raises(InputFileError, match=r"not the one that study.yaml describes"):
        ss.replicate(democracy)


def test_another_study_than_that_of_the_results_is_refused(democracy):
    rewritten(democracy, "study.yaml", lambda content: content.replace(b"alpha: 0.05", b"alpha: 0.10") + b"\n")
    with pytest.raises(InputFileError, match="fingerprint"):
        ss.replicate(democracy)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "something else"}, "not that of a surveysem bundle"),
        ({"version": 99}, "version 99"),
        ({"files": []}, "lacks or garbles files"),
        ({"files": {"../../secret.txt": "0"}}, "leads out of the bundle"),
        ({"files": {"C:\\secret.txt": "0"}}, "leads out of the bundle"),
        ({"tables": ["nowhere"]}, "the file is missing"),
    ],
)
def test_what_is_no_bundle_is_refused(democracy, changes, message):
    forged(democracy, **changes)
    with pytest.raises(InputFileError, match=message):
        ss.replicate(democracy)


def test_links_out_of_a_bundle_are_not_followed(democracy, tmp_path):
    secret = tmp_path / "secret.csv"
    shutil.copy(democracy / "verdicts.csv", secret)
    (democracy / "verdicts.csv").unlink()
    try:
        (democracy / "verdicts.csv").symlink_to(secret)
    except OSError:
        pytest.skip("links cannot be made here")
    with pytest.raises(InputFileError, match="missing"):
        ss.replicate(democracy)


def test_files_that_are_no_bundle_are_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("no", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("bundle.json", "{")
    for name, found in {
        "none": "no such file",
        "notes.txt": "neither a folder nor a ZIP",
        "empty": "there is no bundle.json",
        "other.zip": "not JSON",
    }.items():
        with pytest.raises(InputFileError, match=found):
            ss.replicate(tmp_path / name)


def test_a_study_without_files_has_no_bundle(democracy_result, tmp_path):
    made = replace(democracy_result, study=replace(democracy_result.study, files={}))
    with pytest.raises(StudyError, match="not read from files"):
        made.write_bundle(tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_tolerance_without_sense_is_refused(democracy):
    with pytest.raises(UnsupportedError, match="tolerance"):
        ss.replicate(democracy, tolerance=0.0)


def test_the_command_tells_same_from_different(democracy):
    program = "from surveysem.cli.main import main; main()"

    def run(*arguments):
        command = [sys.executable, "-c", program, "replicate", str(democracy), *arguments]
        return subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)

    good = run()
    rewritten(democracy, "models/structural/parameters.csv", doubled(3, "estimate"))
    different = run("--json")
    forged(democracy, version=2)
    refused = run()
    assert (good.returncode, different.returncode, refused.returncode) == (0, 1, 2)
    assert "came out the same" in good.stdout
    assert json.loads(different.stdout)["n_different"] == 1
    assert "version 2" in refused.stderr


def test_the_command_writes_a_bundle_that_the_report_links_to(democracy_result, tmp_path):
    democracy_result.study.bundled_data().to_csv(tmp_path / "answers.csv", index=False)
    program = "from surveysem.cli.main import main; main()"
    fit = ["fit", "political_democracy", "answers.csv", "--out", "report", "--bundle", "--format", "html"]
    subprocess.run([sys.executable, "-c", program, *fit], cwd=tmp_path, capture_output=True, check=True)
    assert '<a href="bundle.zip">' in (tmp_path / "report" / "report.html").read_text(encoding="utf-8")
    assert ss.replicate(tmp_path / "report" / "bundle.zip", tmp_path / "answers.csv").same


@pytest.fixture
def lavaan():
    program = shutil.which("Rscript")
    if (
        program is None
        or subprocess.run([program, "-e", "library(lavaan)"], capture_output=True, check=False).returncode
    ):
        pytest.skip("R with lavaan is not installed")

    def run(bundle, out):
        done = subprocess.run(
            [program, str(bundle / "lavaan.R"), str(out)], capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stderr
        return {path.stem: pd.read_csv(path) for path in out.glob("*.csv")}

    return run


def assert_lavaan_agrees(tables, result, *, errors):
    for name, ours in (("measurement", result.measurement), ("structural", result.structural)):
        theirs = tables[name].assign(rhs=tables[name]["rhs"].fillna(""))
        names = {side: ours.estimates[side].str.replace(":", "_x_") for side in ("lhs", "rhs")}
        both = theirs.merge(ours.estimates.assign(**names), on=["lhs", "op", "rhs"])
        assert len(both) >= (ours.estimates["free"] > 0).sum()
        scale = both["estimate"].abs().clip(lower=1.0)
        assert ((both["est"] - both["estimate"]).abs() / scale).max() < 1e-4
        if errors:
            assert (
                (both["se"] - both["std_error"]).abs() / both["std_error"]
            ).max() < 1e-3  # lavaan stops at 1e-5 or so


@pytest.mark.against_lavaan
@pytest.mark.parametrize("include_data", [False, True])
def test_lavaan_gives_the_same_estimates_of_the_bundled_study(democracy_result, lavaan, tmp_path, include_data):
    democracy_result.write_bundle(tmp_path / "b", include_data=include_data)
    tables = lavaan(tmp_path / "b", tmp_path / "out")
    assert_lavaan_agrees(tables, democracy_result, errors=True)


@pytest.mark.against_lavaan
@pytest.mark.parametrize("include_data", [False, True])
def test_lavaan_gives_the_same_estimates_with_product_indicators(flagship_result, lavaan, tmp_path, include_data):
    flagship_result.write_bundle(tmp_path / "b", include_data=include_data)
    assert_lavaan_agrees(lavaan(tmp_path / "b", tmp_path / "out"), flagship_result, errors=include_data)


@pytest.mark.against_lavaan
@pytest.mark.parametrize("include_data", [False, True])
def test_lavaan_gives_the_same_estimates_of_the_real_survey(influencer_csv, lavaan, tmp_path, include_data):
    result = ss.fit_study(ss.load_study("influencer_endorsement"), influencer_csv)
    result.write_bundle(tmp_path / "b", include_data=include_data)
    assert_lavaan_agrees(lavaan(tmp_path / "b", tmp_path / "out"), result, errors=include_data)


def test_semopy_gives_the_same_estimates(democracy_result, tmp_path):
    democracy_result.write_bundle(tmp_path / "b")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "b" / "fit_semopy.py")], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if " x2 " in line and " ~ " in line)
    loading = democracy_result.measurement.estimates.query("op == '=~' and rhs == 'x2'")["estimate"].iloc[0]
    assert f"{loading:.3f}" in line
