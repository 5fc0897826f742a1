"""Preregistrations: what they hold, and every way in which an analysis may depart from them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.data import ScreeningRules
from surveysem.errors import InputFileError, StudyError, UnsupportedError
from surveysem.study.registration.registered import content_hash

POWER = pd.DataFrame({"proposition": ["D1", "D2"], "n": [75, 75], "power": [0.9, 0.61], "ci_lower": [0.88, 0.58]})


@pytest.fixture(scope="module")
def study():
    return ss.load_study("political_democracy")


@pytest.fixture
def plan(study, tmp_path):
    return ss.preregister(study, tmp_path / "plan", n=70, authors=["Ana Lima"], date="2026-03-01")


def _fit(study, plan, **options):
    return ss.fit_study(study, study.bundled_data(), preregistration=plan.files[1], **options)


def _changed(study, tmp_path, *changes):
    """The study read from a file with other words in it."""
    text = study.files["study.yaml"]
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = tmp_path / "changed.yaml"
    path.write_text(text, encoding="utf-8")
    return ss.load_study(path)


def _differences(result):
    return {(each.topic, each.item): (each.registered, each.done) for each in result.preregistration.deviations}


def test_what_is_written_is_read_again(plan):
    assert [path.name for path in plan.files] == ["preregistration.md", "preregistration.yaml"]
    again = ss.read_preregistration(plan.files[1])
    assert again.content == plan.content
    assert again.intact
    assert again.markdown == plan.files[0].read_text(encoding="utf-8") == plan.markdown


@pytest.mark.parametrize("name", ["b2b_micro_influencer", "influencer_endorsement", "political_democracy"])
@pytest.mark.parametrize("language", ["en", "pt"])
def test_bundled_studies_in_both_languages(name, language, tmp_path):
    study = ss.load_study(name)
    plan = ss.preregister(study, tmp_path, language=language)
    text = plan.markdown
    for proposition in study.propositions:
        assert proposition.statement_in(language) in text
    assert study.model_syntax().strip() in text
    assert study.fingerprint in text
    assert plan.stated_hash in text
    assert ss.read_preregistration(plan.files[1]).content == plan.content
    assert ("No power analysis was supplied." if language == "en" else "Não foi fornecida") in text
    assert "None" not in text.replace("None are planned", "")


def test_analyses_switched_off_are_deviations(study, tmp_path):
    declared = _changed(
        study, tmp_path, ("analysis: {estimator", "robustness: {estimators: [MLR]}\nanalysis: {estimator")
    )
    plan = ss.preregister(declared, tmp_path / "declared", date="2026-03-01")
    without = ss.fit_study(
        declared, study.bundled_data(), preregistration=plan.files[1], robustness=False, rivals=False
    )
    assert _differences(without) == {
        ("Rival models", "comparison"): ("full_mediation", "not made"),
        ("Robustness analyses", "specifications"): ("fitted", "not fitted"),
    }
    with pytest.raises(StudyError, match="2 deviations"):
        ss.fit_study(
            declared,
            study.bundled_data(),
            preregistration=plan.files[1],
            robustness=False,
            rivals=False,
            deviations="refuse",
        )


def test_analyses_left_out_that_nobody_registered_are_none(study, tmp_path):
    text = ("rival_models:", "robustness: {estimators: [MLR], always: false}\nrival_models:")
    declared = _changed(study, tmp_path, text)
    plan = ss.preregister(declared, tmp_path / "asked", date="2026-03-01")
    assert not _differences(_fit(declared, plan, robustness=False))


def test_rules_of_single_hypotheses_are_registered_and_compared(study, tmp_path):
    declared = _changed(study, tmp_path, ("  - id: D2\n    statement", "  - id: D2\n    alpha: 0.01\n    statement"))
    plan = ss.preregister(declared, tmp_path / "own", date="2026-03-01")
    registered = {each["id"]: (each["alpha"], each["sides"]) for each in plan.content["hypotheses"]}
    assert registered == {"D1": (0.05, "two"), "D2": (0.01, "two"), "D3": (0.05, "two")}
    assert "D2: α = .01" in plan.markdown
    now = ss.fit_study(study, study.bundled_data(), preregistration=plan.files[1])
    assert _differences(now) == {("Hypotheses", "propositions, D2, alpha"): ("0.01", "—")}


def test_rules_are_told_as_they_are_declared(tmp_path):
    text = ss.preregister(ss.load_study("b2b_micro_influencer"), tmp_path, language="en").markdown
    for words in ("α = .05, two-sided", "after Holm", "90% interval", "partially supported", "CFI ≥ .95", "MLR"):
        assert words in text
    assert "| P9 |" in text
    assert "Perceived credibility × Product complexity → Risk reduction | positive | ±.05 |" in text


def test_power_is_registered(study, tmp_path):
    plan = ss.preregister(study, tmp_path, n=75, power=POWER)
    assert plan.content["sample"]["power"][1] == {"proposition": "D2", "n": 75, "power": 0.61, "ci_lower": 0.58}
    assert "| D2 | 75 | .61 |" in plan.markdown
    assert "| D2 | 75 | 0,61 |" in ss.preregister(study, tmp_path / "pt", power=POWER, language="pt").markdown
    indexed = ss.preregister(study, tmp_path / "b", n=75, power=POWER.set_index(["proposition", "n"]))
    assert indexed.content["sample"] == plan.content["sample"]
    with pytest.raises(UnsupportedError) as caught:
        ss.preregister(study, tmp_path / "c", power=POWER.drop(columns="power"))
    assert "no column 'power'" in caught.value.problems[0].found


def test_power_at_other_sizes_is_kept_but_not_shown(study, tmp_path):
    several = pd.concat([POWER, POWER.assign(n=150, power=0.99)])
    plan = ss.preregister(study, tmp_path, n=150, power=several)
    assert len(plan.content["sample"]["power"]) == 4
    assert "| D2 | 150 | .99 |" in plan.markdown
    assert "| D2 | 75 |" not in plan.markdown


def test_the_result_of_a_power_analysis_will_do(study, tmp_path):
    class Result:
        table = POWER.set_index(["proposition", "n"])

        def paragraph(self, language):
            return f"By simulation ({language})."

    plan = ss.preregister(study, tmp_path, n=75, power=Result(), language="pt")
    assert "By simulation (pt)." in plan.markdown
    assert plan.content["sample"]["power"][0]["proposition"] == "D1"
    with pytest.raises(UnsupportedError, match="power is a list"):
        ss.preregister(study, tmp_path / "b", power=[0.8])


def test_nothing_departs_when_nothing_changed(study, plan):
    result = _fit(study, plan, deviations="refuse")
    assert result.preregistration.deviations == ()
    assert result.preregistration.intact
    assert not any(finding.where == "preregistration" for finding in result.findings)
    content = result.tables
    assert "deviations" not in content


def test_options_and_sample_are_compared(study, tmp_path):
    plan = ss.preregister(study, tmp_path, n=100, n_maximum=120)
    result = _fit(study, plan, estimator="MLR", missing="fiml")
    assert _differences(result) == {
        ("Analysis", "estimator"): ("ML", "MLR"),
        ("Analysis", "missing"): ("listwise", "fiml"),
        ("Sample", "respondents analysed"): ("100 to 120", "75"),
    }
    finding = next(each for each in result.findings if each.where == "preregistration")
    assert finding.severity == "warning"
    assert "3 points (analysis, sample)" in finding.message


def test_the_bootstrap_is_compared(study, tmp_path):
    declared = _changed(study, tmp_path, ("missing: listwise}", "missing: listwise, bootstrap: 40, seed: 3}"))
    plan = ss.preregister(declared, tmp_path / "plan")
    assert plan.content["analysis"]["bootstrap"] == 40
    assert _differences(_fit(declared, plan)) == {}
    assert _differences(_fit(declared, plan, seed=4)) == {("Analysis", "seed"): ("3", "4")}
    assert _differences(_fit(declared, plan, bootstrap=0)) == {
        ("Analysis", "bootstrap"): ("40", "—"),
        ("Analysis", "seed"): ("3", "—"),
        ("Analysis", "confidence"): ("percentile", "—"),
    }


def test_more_respondents_than_planned_are_a_deviation_too(study, tmp_path):
    plan = ss.preregister(study, tmp_path, n=60)
    assert plan.content["sample"] == {"n": 60, "n_maximum": 66}
    assert _differences(_fit(study, plan)) == {("Sample", "respondents analysed"): ("60 to 66", "75")}


def test_exclusions_are_compared_as_they_were_made(study, plan):
    rules = replace(study.screening, straight_lining="flag", longest_run=9)
    responses = ss.read_responses(study.bundled_data(), study, screening=rules)
    result = ss.fit_study(study, responses, preregistration=plan.files[1])
    assert _differences(result) == {
        ("Exclusions", "straight lining"): ("off", "flag"),
        ("Exclusions", "longest run"): ("—", "9"),
    }


def test_answers_whose_rules_are_unknown_are_told_of(study, plan):
    responses = replace(ss.read_responses(study.bundled_data(), study), rules=None)
    result = ss.fit_study(study, responses, preregistration=plan.files[1])
    assert result.preregistration.deviations == ()
    assert any("by which rules" in finding.message for finding in result.findings)


FEWER_ITEMS = (
    ("  - id: democracy_1965\n", "  - id: democracy_1965\n    indicators: [y5, y6, y7]\n"),
    ("  - [y4, y8]\n  - [y6, y8]\n", ""),
)


@pytest.mark.parametrize(
    ("changes", "place", "values"),
    [
        (
            [("multiplicity: none", "multiplicity: holm")],
            ("Decision rules", "decision, multiplicity"),
            ("none", "holm"),
        ),
        ([("alpha: 0.05", "alpha: 0.1")], ("Decision rules", "decision, alpha"), ("0.05", "0.1")),
        (
            [("  - [y6, y8]\n", "")],
            ("Measurement model", "residual covariances"),
            ("y1, y5; y2, y4; y2, y6; y3, y7; y4, y8; y6, y8", "y1, y5; y2, y4; y2, y6; y3, y7; y4, y8"),
        ),
        (FEWER_ITEMS, ("Measurement model", "latent variables, democracy 1965, indicators"), ("—", "y5, y6, y7")),
    ],
)
def test_changes_of_the_study_file_are_found_where_they_are(study, plan, tmp_path, changes, place, values):
    found = _differences(_fit(_changed(study, tmp_path, *changes), plan))
    assert found[place] == values
    assert not any("fingerprint" in item for _, item in found)


def test_a_hypothesis_that_is_dropped(study, plan, tmp_path):
    text = study.files["study.yaml"]
    dropped = text[text.index("  - id: D3\n    statement") : text.index("decision:")]
    found = _differences(_fit(_changed(study, tmp_path, (dropped, "\n")), plan))
    statement = "The more democratic a country was in 1960, the more democratic it was in 1965."
    assert found == {("Hypotheses", "propositions, D3"): (statement, "—")}


def test_a_hypothesis_that_is_turned_round(study, plan, tmp_path):
    text = 'statement: {en: "The more democratic a country was in 1960, the more democratic it was in 1965."}\n'
    changed = _changed(study, tmp_path, (f"    {text}    expected: positive", f"    {text}    expected: negative"))
    assert _differences(_fit(changed, plan)) == {("Hypotheses", "propositions, D3, expected"): ("positive", "negative")}


def test_a_comment_changes_the_fingerprint_and_nothing_else(study, plan, tmp_path):
    changed = _changed(study, tmp_path, ("# The same four measures", "# Once more: the same four measures"))
    ((topic, item),) = _differences(_fit(changed, plan))
    assert topic == "Study"
    assert item.startswith("fingerprint of the files")


def test_deviations_are_refused_all_at_once(study, tmp_path):
    plan = ss.preregister(study, tmp_path, n=100)
    with pytest.raises(StudyError) as caught:
        _fit(study, plan, estimator="MLR", allow_inadmissible=True, deviations="refuse")
    places = [problem.where for problem in caught.value.problems]
    assert places == ["Analysis, estimator", "Analysis, allow inadmissible", "Sample, respondents analysed"]
    with pytest.raises(UnsupportedError, match="list, refuse"):
        _fit(study, plan, deviations="ignore")


def test_tampering_is_seen(study, plan):
    text = plan.files[1].read_text(encoding="utf-8")
    assert text.count("n: 70") == 1
    plan.files[1].write_text(text.replace("n: 70", "n: 75"), encoding="utf-8")
    assert not ss.read_preregistration(plan.files[1]).intact
    result = _fit(study, plan)
    assert not result.preregistration.intact
    assert any(each.severity == "serious" and "changed after" in each.message for each in result.findings)
    with pytest.raises(StudyError, match=r"1\. preregistration\.yaml: its content does not have the hash"):
        _fit(study, plan, deviations="refuse")


def test_the_layout_of_the_file_does_not_matter(plan):
    shuffled = dict(reversed(plan.content.items()))
    assert content_hash(shuffled) == plan.stated_hash


def test_the_report_says_what_departs(study, tmp_path):
    plan = ss.preregister(study, tmp_path / "plan", n=75, robustness=["Again without China."])
    for options, words in (({}, "**None.**"), ({"estimator": "MLR"}, "**1 deviation.**")):
        (tmp_path / "report.md").unlink(missing_ok=True)
        _fit(study, plan, **options).write_report(tmp_path, formats=("markdown",))
        text = (tmp_path / "report.md").read_text(encoding="utf-8")
        assert "## Deviations from the preregistration" in text
        assert words in text
        assert "Again without China." in text
    assert "| Analysis | estimator | ML | MLR |" in text


def test_a_preregistration_is_not_replaced_silently(study, plan):
    folder = plan.files[0].parent
    with pytest.raises(InputFileError) as caught:
        ss.preregister(study, folder)
    assert len(caught.value.problems) == 2
    assert ss.preregister(study, folder, n=80, force=True).content["sample"]["n"] == 80


def test_wrong_options_are_listed_together(study, tmp_path):
    with pytest.raises(UnsupportedError) as caught:
        ss.preregister(study, tmp_path, language="fr", data_status="some", date="1 March", n=0, n_maximum=5)
    assert [problem.where for problem in caught.value.problems] == ["data_status", "language", "n", "date"]
    assert list(tmp_path.iterdir()) == []


def test_other_files_are_no_preregistration(plan, tmp_path):
    other = tmp_path / "other.yaml"
    other.write_text("id: something\n", encoding="utf-8")
    with pytest.raises(InputFileError, match="is not a preregistration"):
        ss.read_preregistration(other)
    text = plan.files[1].read_text(encoding="utf-8")
    other.write_text(text.replace("robustness: []\n", "", 1).replace("language: en\n", ""), encoding="utf-8")
    with pytest.raises(InputFileError) as caught:
        ss.read_preregistration(other)
    assert [problem.found for problem in caught.value.problems] == [
        "`language` is missing or malformed",
        "`robustness` is missing or malformed",
    ]


def test_deviations_are_found_before_anything_is_fitted(study, plan):
    """Answers no model can be fitted to: the deviation is told, not the failure."""
    data = study.bundled_data()
    data.loc[10:, "y1"] = np.nan
    with pytest.raises(StudyError, match="not the one registered"):
        ss.fit_study(study, data, preregistration=plan.files[1], deviations="refuse")


def test_rules_travel_with_the_answers(study):
    rules = ScreeningRules(attention_checks="flag")
    assert ss.read_responses(study.bundled_data(), study, screening=rules).rules == rules
