"""Local fit, planned power and the hash of the answers: told in the report, and ticked in the checklist."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.report import build_document, render_markdown
from surveysem.report.deviations import PlannedPower, PlannedSample, PreregistrationCheck
from surveysem.report.resampling import bootstrap_note
from surveysem.report.sections.manuscript import plain_paragraphs
from surveysem.report.tables import paper_tables


@pytest.fixture(scope="module")
def democracy():
    study = ss.load_study("political_democracy")
    return ss.fit_study(study, study.bundled_data())


def section(content, heading):
    return next((each for each in build_document(content).sections if each.heading == heading), None)


def pairs(*residuals):
    rows = [(f"x{number}", f"y{number}", value) for number, value in enumerate(residuals, start=1)]
    return pd.DataFrame(rows, columns=["first", "second", "residual"])


def test_residuals_are_those_of_the_fits(democracy):
    told = democracy._content.residuals
    for name, fit in (("measurement", democracy.measurement), ("structural", democracy.structural)):
        matrix, table = fit.residuals("cor"), told[name]
        assert len(table) == 11 * 10 // 2
        assert table["residual"].abs().is_monotonic_decreasing
        expected = [matrix.loc[first, second] for first, second in zip(table["first"], table["second"], strict=True)]
        np.testing.assert_array_equal(table["residual"], expected)


def test_local_fit_is_counted_shown_and_ticked(flagship):
    content = replace(
        flagship, residuals={"measurement": pairs(-0.22, 0.11, 0.1, 0.03), "structural": pairs(0.104, 0.0999)}
    )
    text = render_markdown(build_document(content))
    assert (
        "Local fit: the measurement model misses 2 of 4 correlations by more than .10, that of x1 with y1 by most "
        "(−.220); the structural model misses 1 of 2 correlations by more than .10, that of x1 with y1 by most (.104)"
    ) in text
    number = paper_tables(content)["residuals"].number
    line = next(line for line in text.splitlines() if "Report local fit" in line)
    assert f"Table {number}" in line
    assert "in part" in line


def test_models_that_leave_the_same_are_shown_once(democracy):
    table = democracy.tables["residuals"]
    assert [row.cells["first"] for row in table.rows if row.strong] == [
        "Both models: the structural one leaves no path out"
    ]
    assert "Local fit: either model misses 2 of 55 correlations" in render_markdown(build_document(democracy._content))


def test_without_residuals_nothing_is_said_of_them(flagship):
    assert "residuals" not in paper_tables(flagship)
    assert "Local fit:" not in render_markdown(build_document(flagship))


def test_the_hash_of_the_answers_is_that_of_the_bundle(democracy, tmp_path):
    democracy.write_bundle(tmp_path)
    text = render_markdown(build_document(democracy._content))
    assert len(democracy._content.data_hash) == 64
    assert democracy._content.data_hash in text
    assert democracy._content.data_hash in (tmp_path / "bundle.json").read_text(encoding="utf-8")


def test_registered_power_is_told(flagship):
    power = (
        PlannedPower(proposition="P1", n=300, power=0.8),
        PlannedPower(proposition="P1", n=400, power=0.912, ci_lower=0.89, ci_upper=0.93),
    )
    check = PreregistrationCheck(
        source="preregistration.yaml",
        date="2026-03-01",
        version="0.1.0",
        content_hash="0" * 64,
        intact=True,
        deviations=(),
        sample=PlannedSample(n=400, n_maximum=440, method="Simulated 500 samples.", power=power),
    )
    content = replace(flagship, preregistration=check)
    text = render_markdown(build_document(content))
    assert "The sample registered on 2026-03-01 was of 400 to 440 respondents; 372 were analysed." in text
    assert "Simulated 500 samples." in text
    assert "| &emsp;P1 | .91 | \\[.89, .93\\] |" in text
    assert "| &emsp;P1 | .80 | — |" in text
    assert "Section “Power”" in next(line for line in text.splitlines() if "Justify the sample size" in line)
    assert section(replace(content, preregistration=replace(check, sample=PlannedSample(n=400))), "Power") is None


def test_power_comes_from_the_preregistration(tmp_path):
    study = ss.load_study("political_democracy")
    power = pd.DataFrame({"proposition": ["D1", "D2"], "n": [75, 75], "power": [0.9, 0.4]})
    ss.preregister(study, tmp_path, n=75, power=power, date="2026-03-01")
    result = ss.fit_study(study, study.bundled_data(), preregistration=tmp_path / "preregistration.yaml")
    planned = result.preregistration.sample
    assert (planned.n, planned.n_maximum) == (75, 83)
    assert [(each.proposition, each.n, each.power) for each in planned.power] == [("D1", 75, 0.9), ("D2", 75, 0.4)]
    assert all(np.isnan([each.ci_lower for each in planned.power]))
    assert [column.key for column in result.tables["planned_power"].columns] == ["proposition", "power"]


def test_missed_cut_offs_are_told_with_their_model(flagship):
    text = plain_paragraphs(flagship)["fit"]
    wheres = [each.where for each in flagship.fit_judgement if each.severity != "note"]
    assert wheres
    for where in wheres:
        assert f"({where}, " in text or f"; {where}, " in text


def test_the_largest_ratio_is_printed_as_in_its_table(flagship):
    assert ", 0." not in plain_paragraphs(flagship)["measurement"]


def test_names_of_files_keep_their_letters():
    from surveysem.findings import Finding
    from surveysem.report.sections.phrases import finding_text

    def told(where):
        return finding_text(Finding(severity="note", where=where, message="Read."))[0]

    assert told("influencer_data.csv") == "influencer_data.csv: Read."
    assert told("measurement model") == "Measurement model: Read."
    assert told("estimator") == "Estimator: Read."


def test_the_least_p_of_a_bootstrap_has_no_zero_before_the_point(democracy):
    note = bootstrap_note(democracy.structural.bootstrap(20, seed=1))
    assert note[-1] == " can be below .0952."


def test_a_study_without_interactions_has_no_method_for_them(democracy):
    assert "interaction" in democracy.settings
    assert "interaction" not in democracy._content.settings
