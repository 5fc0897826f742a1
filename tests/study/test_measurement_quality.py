"""Checks of measurement that a study declares, what reports say of them, and measurement too poor for a verdict."""

from dataclasses import replace

import numpy as np
import pytest

import surveysem as ss
from surveysem.errors import StudyError
from surveysem.propositions import PathTest
from surveysem.report.inline import plain
from surveysem.study.quality.document import (
    InvarianceEntry,
    MeasurementQualityEntry,
    MinimumQualityEntry,
    QualityCutoffsEntry,
)
from surveysem.study.quality.measured import doubtful_pairs, measure_quality
from surveysem.study.quality.minimum import constructs_of, quality_shortfalls

QUICK = ("reliability", "discriminant_validity", "factor_correlations", "cross_loadings", "modification_indices")
SLOW = ("item_deletion", "measurement_models", "common_method_bias", "marker_technique", "invariance")
CHECKS = ("htmt_intervals", "discriminant_tests", "item_deletion", "alternatives", "method_bias")


def _fitted(entry=None, minimum=None):
    study = ss.load_study("political_democracy")
    declared = replace(study, measurement_quality=entry or MeasurementQualityEntry(), minimum_quality=minimum)
    return ss.fit_study(declared, study.bundled_data())


@pytest.fixture(scope="module")
def everything():
    """All checks but invariance, of the bundled study."""
    return _fitted(MeasurementQualityEntry(checks=CHECKS, marker="industrialization_1960", replicates=200, seed=3))


def _words(result):
    document = ss.report.build_document(result._content)
    return {
        section.heading: " ".join(plain(block.text) for block in section.blocks if hasattr(block, "text"))
        for section in document.sections
    }


def test_quick_checks_need_no_declaration(democracy_result):
    assert set(QUICK) <= set(democracy_result.tables)
    assert not set(SLOW) & set(democracy_result.tables)
    assert democracy_result.measurement_quality.seconds == {}
    words = _words(democracy_result)["Common method bias"]
    assert "no conclusion rests on it" in words
    assert "Howard" in words


def test_declared_checks_are_made_once_and_shown(everything):
    quality = everything.measurement_quality
    assert everything.check_measurement(lambda _: pytest.fail("they were made before")) is quality
    assert len(quality.seconds) == len(CHECKS)
    assert set(SLOW) - {"invariance"} <= set(everything.tables)


def test_what_is_told_names_each_check():
    told = []
    _fitted(MeasurementQualityEntry(checks=("item_deletion", "htmt_intervals"), replicates=200)).check_measurement(
        told.append
    )
    assert told == ["bootstrap intervals of HTMT", "item deletion"]


def test_numbers_are_those_of_the_functions(everything):
    quality, fit = everything.measurement_quality, everything.measurement
    row = everything.tables["reliability"].rows[0].cells
    alpha = ss.reliability_coefficients(fit).loc[("industrialization_1960", "alpha")]
    assert (row["alpha"], row["alpha_ci"].lower, row["alpha_ci"].upper) == pytest.approx(
        tuple(alpha[["estimate", "ci_lower", "ci_upper"]])
    )
    pairs = everything.tables["factor_correlations"]
    expected = ss.factor_correlations(fit).set_index(["first", "second"])
    farthest = expected[["ci_lower", "ci_upper"]].abs().max(axis=1).idxmax()
    assert pairs.rows[0].cells["estimate"] == expected.loc[farthest, "estimate"]
    study, syntax = everything.study, everything.study.model_syntax(model="measurement")
    tests = ss.discriminant_validity(
        syntax,
        study.bundled_data(),
        pairs=doubtful_pairs(quality.factor_correlations, fit.htmt, 0.85),
        estimator=everything.settings["estimator"],
    )
    np.testing.assert_allclose(quality.discriminant_tests["p_value"], tests["p_value"])
    assert pairs.rows[0].cells["test_1"] == tests.query("restriction == 'fixed to 1'")["p_value"].iloc[0]
    assert quality.htmt_intervals["n_draws"].max() == 200


def test_sections_say_what_was_found(everything):
    words = _words(everything)
    distinct, bias = words["Distinct constructs and single items"], words["Common method bias"]
    assert "reaches .8 for 1 pair" in distinct
    assert "(severe)" in distinct
    assert "Rönkkö" in distinct
    assert "as marker" in bias
    assert "fits worse than the measurement model" in bias


def test_what_cannot_be_done_is_told_and_stops_nothing():
    study = ss.load_study("political_democracy")
    entry = MeasurementQualityEntry(checks=("item_deletion",), invariance=(InvarianceEntry(group="nowhere"),))
    result = ss.fit_study(replace(study, measurement_quality=entry), study.bundled_data())
    quality = result.measurement_quality
    assert quality.item_deletion is not None
    assert quality.invariance == {}
    assert [each.where for each in quality.findings] == ["invariance across nowhere"]
    assert "Checks of measurement that could not be made" in _words(result)


def test_invariance_of_some_constructs(flagship_result):
    entry = InvarianceEntry(group="regulated", constructs=("brand_trust", "risk_reduction"), up_to="metric")
    study = replace(flagship_result.study, measurement_quality=MeasurementQualityEntry(invariance=(entry,)))
    arguments = (flagship_result.responses, flagship_result.measurement, flagship_result.settings)
    ladder = measure_quality(study, *arguments).invariance["regulated"]
    assert ladder.table.index.tolist() == ["configural", "metric"]
    assert set(ladder.fits["metric"].table.latent) == {"brand_trust", "risk_reduction"}
    result = replace(flagship_result, study=study)
    table = result.tables["invariance"]
    assert [row.cells["level"] for row in table.rows][1:] == ["configural", "metric"]
    assert table.rows[2].cells["d_cfi"] == ladder.table.loc["metric", "d_cfi"]
    assert "Measurement invariance" in _words(result)


def test_cut_offs_are_those_declared():
    cutoffs = QualityCutoffsEntry(reliability=0.9, ave=0.7, htmt=0.5, loading=0.8)
    result = _fitted(MeasurementQualityEntry(cutoffs=cutoffs))
    marks = [row.cells["composite_reliability"].mark for row in result.tables["reliability"].rows]
    below = result.measurement.reliability["composite_reliability"] < 0.9
    assert marks == ["†" if each else "" for each in below]
    assert any(marks)
    assert "reaches .90" in _words(result)["Quality of measurement"]


def test_poor_measurement_makes_propositions_not_testable():
    minimum = MinimumQualityEntry(htmt=0.9)
    plainly, strictly = _fitted(), _fitted(minimum=minimum)
    ratio = plainly.measurement.htmt.loc["democracy_1960", "democracy_1965"]
    assert ratio > 0.9
    changed = [name for name in plainly.verdicts.index if plainly.verdicts.loc[name, "verdict"] != "not testable"]
    for name in changed:
        names = constructs_of(next(each for each in plainly.study.propositions if each.id == name))
        fails = {"democracy_1960", "democracy_1965"} <= set(names)
        assert (strictly.verdicts.loc[name, "verdict"] == "not testable") == fails
        if fails:
            reason = strictly.verdicts.loc[name, "reason"]
            assert f"{ratio:.2f}".removeprefix("0") in reason
            assert "not below .90" in reason
            assert strictly.verdicts.loc[name, "estimate"] == plainly.verdicts.loc[name, "estimate"]


def test_marking_leaves_the_verdict_and_tells():
    marked, plainly = _fitted(minimum=MinimumQualityEntry(reliability=0.99, action="mark")), _fitted()
    assert marked.verdicts["verdict"].tolist() == plainly.verdicts["verdict"].tolist()
    assert marked.verdicts["reason"].str.contains("composite reliability of").all()


def test_measurement_that_is_good_enough_lacks_nothing(democracy_result):
    rule = MinimumQualityEntry(reliability=0.6, ave=0.3, htmt=1.0)
    propositions = democracy_result.study.propositions
    lacking = quality_shortfalls(propositions, rule, democracy_result.measurement, {})
    ratio = democracy_result.measurement.htmt.loc["democracy_1960", "democracy_1965"]
    assert bool(lacking) == (ratio >= 1.0)
    assert quality_shortfalls(propositions, None, democracy_result.measurement, {}) == {}
    assert all(isinstance(each.test, PathTest) for each in propositions)


def test_study_files_are_checked(tmp_path):
    text = (ss.bundled_files.find_file("models", "political_democracy")).read_text(encoding="utf-8")
    text += "measurement_quality: {marker: nobody, invariance: [{group: nowhere}]}\ndecision: {minimum_quality: {}}\n"
    path = tmp_path / "study.yaml"
    path.write_text(text.replace("decision: {alpha", "# {alpha"), encoding="utf-8")
    with pytest.raises(StudyError) as caught:
        ss.load_study(path)
    found = " ".join(each.found for each in caught.value.problems)
    assert "'nobody'" in found
    assert "'nowhere'" in found
    assert "no minimum" in found


def test_each_difference_test_stands_beside_one_model(everything):
    rows = {row.cells["model"]: row.cells for row in everything.tables["marker_technique"].rows}
    tests = everything.measurement_quality.method_bias.marker.tests
    assert "against" not in rows["CFA"]
    assert "against" not in rows["Baseline"]
    assert rows["Method-C"]["against"] == "Baseline"
    assert rows["Method-C"]["chisq_diff"] == tests.loc[0, "chisq_diff"]
    assert rows["Method-U"]["against"] == "Method-C"
    bias = {row.cells["model"]: row.cells for row in everything.tables["common_method_bias"].rows}
    assert "against" not in bias["Measurement model"]
    assert bias["Single factor"]["against"] == "measurement model"


def test_checks_that_ignore_clusters_say_so():
    study = ss.load_study("political_democracy")
    entry = MeasurementQualityEntry(checks=("item_deletion",))
    result = ss.fit_study(replace(study, measurement_quality=entry), study.bundled_data())
    settings = {**result.settings, "cluster": "village"}
    found = measure_quality(result.study, result.responses, result.measurement, settings).findings
    assert [each.where for each in found] == ["clusters"]
    assert "item deletion" in found[0].message


def test_tables_fit_printed_pages(everything, tmp_path):
    written = everything.write_report(tmp_path, formats=("html", "docx", "latex", "markdown"))
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Correlations of latent variables and discriminant validity by pair" in text
    assert {"marker_technique.tex", "item_deletion.tex"} <= {path.name for path in written}
