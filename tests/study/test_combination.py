"""Evidence across studies: pooled as metafor would, judged by the same rules, refused where it must be."""

from dataclasses import replace
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

import surveysem as ss
from surveysem.errors import DataError, InputFileError, StudyError, UnsupportedError
from surveysem.propositions import DecisionRule

METAFOR = Path(__file__).resolve().parents[1] / "reference" / "metafor"
APART = pd.read_csv(METAFOR / "studies.csv", encoding="utf-8").query("set == 'apart'")
ORDER = np.random.default_rng(0).permutation(75)
"""An order of the countries whose halves both have admissible solutions."""
SECOND = ORDER[38:]
FITS = pd.read_csv(METAFOR / "fits.csv", encoding="utf-8").query("set == 'apart'")


@pytest.fixture(scope="module")
def study():
    return ss.load_study("political_democracy")


def _published(estimates, errors, name="D1", n=100):
    return [
        pd.DataFrame({"proposition": [name], "estimate": [estimate], "std_error": [error], "n": [n]})
        for estimate, error in zip(estimates, errors, strict=True)
    ]


def _apart():
    return _published(APART["yi"], np.sqrt(APART["vi"]))


def _half(study, rows):
    """The study fitted to some of the countries."""
    return ss.fit_study(study, study.bundled_data().iloc[rows])


@pytest.fixture(scope="module")
def halves(study):
    return _half(study, ORDER[:38]), _half(study, SECOND)


def _reread(study, tmp_path, *changes):
    text = study.files["study.yaml"]
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = tmp_path / "other.yaml"
    path.write_text(text, encoding="utf-8")
    return ss.load_study(path)


@pytest.mark.parametrize(("method", "code"), [("reml", "REML"), ("paule_mandel", "PM"), ("dersimonian_laird", "DL")])
@pytest.mark.parametrize(("interval", "test"), [("hartung_knapp", "knha"), ("normal", "z")])
def test_published_effects_are_pooled_as_by_metafor(study, method, code, interval, test):
    combined = ss.combine(_apart(), study=study, heterogeneity=method, interval=interval)
    row = combined.verdicts.loc["D1"]
    told = FITS[(FITS["method"] == code) & (FITS["test"] == test)].iloc[0]
    for name in ("estimate", "std_error", "ci_lower", "ci_upper", "p_value", "tau_squared", "i_squared", "q"):
        assert row[name] == pytest.approx(told[name], rel=1e-6), name
    assert (row["n_studies"], row["n"]) == (5, 500)
    assert row["verdict"] == ("supported" if told["p_value"] <= 0.05 else "not supported")


def test_standardised_effects_of_results_are_pooled(study, halves):
    combined = ss.combine(halves, names=["first", "second"])
    for name in ("D1", "D2", "D3"):
        parts = [half.verdicts.loc[name] for half in halves]
        shown = combined.estimates.query("proposition == @name")
        assert shown["estimate"].tolist() == pytest.approx([part["std_estimate"] for part in parts])
        assert shown["std_error"].tolist() == pytest.approx([part["std_std_error"] for part in parts])
        row = combined.verdicts.loc[name]
        assert row["estimate"] == pytest.approx((shown["estimate"] * shown["weight"]).sum())
        assert row["n"] == 75
    assert combined.content.studies == {"first": 38, "second": 37}


def test_unstandardised_effects_are_pooled_where_metrics_are_equal(study, halves):
    combined = ss.combine(halves, effect="unstandardized", interval="normal")
    parts = [half.verdicts.loc["D1"] for half in halves]
    shown = combined.estimates.query("proposition == 'D1'")
    assert shown["estimate"].tolist() == [part["estimate"] for part in parts]
    assert "pooled b = " in combined.verdicts.loc["D1", "reason"]


def test_other_items_give_another_metric(study, halves, tmp_path):
    changes = (("  - id: industrialization_1960\n", "  - id: industrialization_1960\n    indicators: [x2, x1, x3]\n"),)
    other = ss.fit_study(_reread(study, tmp_path, *changes), study.bundled_data().iloc[SECOND])
    with pytest.raises(StudyError) as caught:
        ss.combine([halves[0], other], effect="unstandardized")
    assert [problem.where.split()[0] for problem in caught.value.problems] == ["D1", "D2"]
    assert ss.combine([halves[0], other]).verdicts["n_studies"].tolist() == [2, 2, 2]


def test_saved_verdicts_say_what_the_result_says(halves, tmp_path):
    path = tmp_path / "even.csv"
    halves[1].verdicts.to_csv(path, encoding="utf-8")
    saved = ss.combine([halves[0], path]).verdicts
    fitted = ss.combine(halves).verdicts
    numbers = ["estimate", "std_error", "ci_lower", "ci_upper", "p_value", "tau_squared"]
    pd.testing.assert_frame_equal(saved[numbers], fitted[numbers], rtol=1e-9)
    assert saved["n"].isna().all()
    assert "(n = " not in saved.loc["D1", "reason"]


def test_the_same_sample_is_refused_however_it_is_told(study, halves, democracy_result):
    again = ss.fit_study(study, study.bundled_data().sample(frac=1, random_state=1), estimator="MLR")
    with pytest.raises(StudyError, match="answers are the same"):
        ss.combine([democracy_result, again])
    with pytest.raises(StudyError, match="answers are the same"):
        ss.combine([democracy_result, halves[0]])
    with pytest.raises(StudyError, match="effects and standard errors are the same"):
        ss.combine([democracy_result, democracy_result.verdicts])
    twice = _published([0.3, 0.3, 0.4], [0.1, 0.1, 0.1])
    with pytest.raises(StudyError, match="Study 1 and Study 2"):
        ss.combine(twice, study=study)


def test_samples_that_share_people_are_told_of(study):
    first, second = _half(study, slice(0, 50)), _half(study, slice(40, 75))
    combined = ss.combine([first, second])
    assert any("10 of 35 rows" in finding.message for finding in combined.findings)


def test_rules_must_be_the_same_or_somebody_must_say_whose_count(study, halves, tmp_path):
    other = _reread(study, tmp_path, ("alpha: 0.05", "alpha: 0.01"))
    result = ss.fit_study(other, study.bundled_data().iloc[SECOND])
    with pytest.raises(StudyError) as caught:
        ss.combine([halves[0], result])
    assert len(caught.value.problems) == 3
    assert "α = 0.01" in caught.value.problems[0].found
    combined = ss.combine([halves[0], result], study=other)
    assert combined.content.pooled["D1"].level == pytest.approx(0.99)
    assert sum("rule is" in finding.message for finding in combined.findings) == 3


def test_propositions_must_test_the_same_effect(study, halves, tmp_path):
    swapped = (
        ("{id: D2, predictor: industrialization_1960, outcome", "{id: D0, predictor: industrialization_1960, outcome"),
        ("{id: D3, predictor: democracy_1960, outcome", "{id: D2, predictor: democracy_1960, outcome"),
        ("{id: D0, predictor", "{id: D3, predictor"),
        ("through: [D1, D3]", "through: [D1, D2]"),
    )
    result = ss.fit_study(_reread(study, tmp_path, *swapped), study.bundled_data().iloc[SECOND])
    with pytest.raises(StudyError) as caught:
        ss.combine([halves[0], result], study=study)
    assert [problem.where.split()[0] for problem in caught.value.problems] == ["D2", "D3"]


def test_other_predictors_are_told_of(study, halves, tmp_path):
    text = study.files["study.yaml"]
    rivals = text[text.index("rival_models:") : text.index("propositions:")]
    statement = text[text.index("  - id: D2\n    statement") : text.index("  - id: D3\n    statement")]
    path = "  - {id: D2, predictor: industrialization_1960, outcome: democracy_1965}\n"
    fewer = ((path, ""), (rivals, ""), (statement, ""))
    result = ss.fit_study(_reread(study, tmp_path, *fewer), study.bundled_data().iloc[SECOND])
    combined = ss.combine([halves[0], result], names=["full", "short"])
    assert any(
        finding.where == "short" and finding.message.startswith("D3: the outcome") for finding in combined.findings
    )
    assert combined.verdicts.loc["D2", "verdict"] == "not testable"
    assert "only full tells its effect" in combined.verdicts.loc["D2", "reason"]


def test_composites_and_negligible_effects_follow_their_rules():
    study = ss.load_study("b2b_micro_influencer")
    rows = {"P1": (0.3, 0.05), "P10a": (-0.25, 0.05), "P10b": (0.01, 0.02), "P10c": (0.2, 0.05)}
    tables = []
    for shift in (-0.01, 0.0, 0.012):
        effects = [(name, b + shift, se, 300) for name, (b, se) in rows.items()]
        tables.append(pd.DataFrame(effects, columns=["proposition", "estimate", "std_error", "n"]))
    verdicts = ss.combine(tables, study=study).verdicts
    assert verdicts.loc[["P1", "P10", "P10a", "P10b", "P10c"], "verdict"].tolist() == [
        "supported",
        "partially supported",
        "supported",
        "negligible",
        "supported",
    ]
    assert "lies inside ±.10" in verdicts.loc["P10b", "reason"]
    assert verdicts.loc["P2", "verdict"] == "not testable"
    tested = verdicts.loc[["P1", "P10a", "P10b", "P10c"]]
    _, adjusted, _, _ = multipletests(tested["p_unadjusted"], method="holm")
    np.testing.assert_allclose(tested["p_adjusted"].astype(float), adjusted, rtol=1e-9)


def test_one_sided_rules_take_half_of_t(study):
    ruling = replace(
        study,
        propositions=tuple(
            replace(each, rule=DecisionRule(expected="positive", sides="one")) for each in study.propositions
        ),
    )
    row = ss.combine(_apart(), study=ruling).verdicts.loc["D1"]
    assert row["p_unadjusted"] == pytest.approx(row["p_value"] / 2)
    assert row["verdict"] == "supported"
    assert row["p_value"] > 0.05


def test_what_a_study_cannot_tell_is_left_out_and_said(study):
    tables = _apart()
    tables[0] = tables[0].assign(verdict="not testable")
    tables[1] = tables[1].assign(std_error=np.nan)
    combined = ss.combine(tables, study=study)
    assert combined.verdicts.loc["D1", "n_studies"] == 3
    assert sum("not pooled" in finding.message for finding in combined.findings) == 2


def test_inputs_that_cannot_be_read_are_refused(study, tmp_path, democracy_result):
    for given, error, words in (
        ([democracy_result], DataError, "at least two"),
        ([democracy_result, 3], UnsupportedError, "Study 2 is a int"),
        ([democracy_result, tmp_path / "none.csv"], InputFileError, "none.csv could not be read"),
        ([democracy_result, pd.DataFrame({"proposition": ["D1"], "b": [1]})], DataError, "no column 'std_error'"),
        ([democracy_result, democracy_result.tables["verdicts"].to_frame()], DataError, "lacks standard errors"),
        ([democracy_result, pd.concat([_apart()[0]] * 2)], DataError, "ambiguous"),
    ):
        with pytest.raises(error, match=words):
            ss.combine(given)
    with pytest.raises(StudyError, match="whose propositions"):
        ss.combine(_apart())
    with pytest.raises(UnsupportedError, match="standardized, unstandardized"):
        ss.combine(_apart(), study=study, effect="r")
    with pytest.raises(DataError, match="told apart"):
        ss.combine(_apart(), study=study, names=["a", "b"])


def test_report_tables_and_figures(study, halves, tmp_path):
    combined = ss.combine({"Odd & even": halves[0], "Even": halves[1], "Published": _published([0.4], [0.09])[0]})
    assert list(combined.tables) == ["studies", "verdicts", "heterogeneity"]
    assert list(combined.figures) == ["forest_D1", "forest_D2", "forest_D3"]
    files = combined.write_report(tmp_path, formats=("html", "docx", "latex", "markdown"))
    assert {path.name for path in files} >= {"report.html", "report.docx", "main.tex", "report.md", "forest_D1.png"}
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert combined.verdicts.loc["D1", "reason"].split(",")[0] in text
    assert "Hartung and Knapp (2001)" in text
    assert "Odd & even" in combined.tables["studies"].to_frame()["study"].tolist()
    weights = combined.tables["studies"].to_frame()["weight"]
    assert weights.sum() == pytest.approx(300.0)
    assert "NaN" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_simulated_answers_stay_marked(tmp_path):
    study = ss.load_study("influencer_endorsement")
    if study.population is None:
        study = ss.load_study("b2b_micro_influencer")
    results = [ss.fit_study(study, ss.simulate_responses(study, n=300, seed=seed), rivals=False) for seed in (3, 4)]
    combined = ss.combine(results)
    assert combined.content.simulated
    assert repr(combined).startswith("SIMULATED DATA")
    assert all(table.simulated for table in combined.tables.values())
    assert not isnan(combined.verdicts.loc["P1", "estimate"])
    mixed = ss.combine([results[0], _published([0.3], [0.05], name="P1")[0]])
    assert any(finding.severity == "serious" for finding in mixed.findings)
