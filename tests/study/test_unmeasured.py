"""Constructs none of whose items are among the answers."""

import json

import pytest

import surveysem as ss
from surveysem.errors import DataError, UnsupportedError
from surveysem.study.reduced import measured_study, reduced

STUDY = """
id: small
title: {en: Small}
instrument: b2b_micro_influencer
latent_variables:
  - {id: perceived_credibility, indicators: [pc_1, pc_2, pc_3]}
  - {id: product_complexity, indicators: [px_1, px_2, px_3]}
  - {id: risk_reduction, indicators: [rr_1, rr_2, rr_3]}
  - {id: brand_trust, indicators: [bt_1, bt_2, bt_3]}
residual_covariances: [[px_1, pc_1], [pc_2, bt_2]]
paths:
  - {id: credibility, predictor: perceived_credibility, outcome: risk_reduction}
  - {id: complexity, predictor: product_complexity, outcome: risk_reduction}
  - {id: risk, predictor: risk_reduction, outcome: brand_trust}
moderation:
  - id: interaction
    predictor: perceived_credibility
    moderator: product_complexity
    outcome: risk_reduction
    pairs: matched
indirect_effects:
  - {id: through_risk, title: {en: Credibility through risk}, through: [credibility, risk]}
  - {id: from_complexity, title: {en: Complexity through risk}, through: [complexity, risk]}
rival_models:
  - {id: unmoderated, title: {en: Not moderated}, drop_moderation: [interaction]}
  - id: direct
    title: {en: Credibility acts on trust}
    add_paths: [{id: N1, predictor: perceived_credibility, outcome: brand_trust}]
propositions:
  - {id: H1, statement: {en: Credibility reduces risk.}, tests: credibility, expected: positive}
  - {id: H2, statement: {en: Complexity raises risk.}, tests: complexity, expected: negative}
  - id: H3
    statement: {en: Complexity matters.}
    parts:
      - {id: H3a, statement: {en: Complexity moderates.}, tests: interaction, expected: positive}
      - {id: H3b, statement: {en: Risk matters.}, tests: risk, expected: positive}
extensions:
  - id: X1
    statement: {en: It differs.}
    differs: {group: regulated, paths: [complexity, risk]}
decision: {UNMEASURED}
analysis: {estimator: MLR, missing: listwise}
robustness:
  estimators: [ML]
  centerings: [residual]
  measurement:
    - {id: shorter_trust, drop: [bt_3]}
    - {id: shorter_complexity, drop: [px_3]}
  always: false
measurement_quality:
  invariance:
    - {group: regulated, constructs: [product_complexity, brand_trust], up_to: metric}
population:
  note: Made up for tests.
  effects: {credibility: 0.4, complexity: -0.2, risk: 0.4, interaction: 0.25}
  loading: 0.8
"""
ABSENT = ["px_1", "px_2", "px_3"]


def _load(folder, unmeasured="unmeasured: not_testable"):
    path = folder / "study.yaml"
    path.write_text(STUDY.replace("UNMEASURED", unmeasured), encoding="utf-8")
    return ss.load_study(path)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return _load(tmp_path_factory.mktemp("unmeasured"))


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    return _load(tmp_path_factory.mktemp("strict"), "alpha: 0.05")


@pytest.fixture(scope="module")
def answers(study):
    return ss.simulate_responses(study, n=300, seed=3).drop(columns=["px_1", "px_2", "px_3"])


@pytest.fixture(scope="module")
def result(study, answers):
    return ss.fit_study(study, answers)


def test_by_default_the_error_names_the_construct_and_the_way_out(strict, answers):
    with pytest.raises(DataError) as caught:
        ss.read_responses(answers, strict)
    text = str(caught.value)
    assert "construct Product complexity: none of its items is among the answers (px_1, px_2, px_3)" in text
    assert "unmeasured: not_testable" in text
    assert "column px_1: this column is missing" in text


def test_a_construct_of_which_some_items_are_there_stays_an_error(study, strict, answers):
    partly = ss.simulate_responses(study, n=300, seed=3).drop(columns="px_1")
    for each in (study, strict):
        with pytest.raises(DataError, match="column px_1: this column is missing") as caught:
            ss.read_responses(partly, each)
        assert "construct" not in str(caught.value)


def test_answers_without_any_item_are_refused_in_any_case(study, answers):
    with pytest.raises(DataError, match="12 columns are missing"):
        ss.read_responses(answers[["respondent"]], study)


def test_propositions_that_need_the_construct_are_not_testable_and_say_why(result):
    verdicts = result.verdicts
    assert verdicts["verdict"].to_dict()["H2"] == "not testable"
    assert verdicts.loc["H2", "reason"] == (
        "H2 could not be tested: Product complexity was not measured: none of the items is among the answers."
    )
    assert verdicts.loc["H3a", "verdict"] == "not testable"
    assert verdicts.loc["H1", "verdict"] != "not testable"
    assert verdicts.loc["H3", "verdict"] in ("partially supported", "not testable")
    assert "Product complexity was not measured" in result.extensions.loc["X1", "reason"]


def test_the_model_is_the_one_written_without_the_construct(result, answers, study):
    """The same model in syntax, with the same defaults, on the same rows."""
    rows = ss.read_responses(answers, study).frame
    model = """
        perceived_credibility =~ pc_1 + pc_2 + pc_3
        risk_reduction =~ rr_1 + rr_2 + rr_3
        brand_trust =~ bt_1 + bt_2 + bt_3
        pc_2 ~~ bt_2
        risk_reduction ~ perceived_credibility
        brand_trust ~ risk_reduction
    """
    fit = ss.sem(model, rows.dropna(subset=list(result.study.specification.indicators)), estimator="MLR")
    assert result.structural.fit_indices["chisq"] == pytest.approx(fit.fit_indices["chisq"], rel=1e-6)
    assert result.structural.fit_indices["df"] == fit.fit_indices["df"]
    mine, theirs = (each.estimates.set_index(["lhs", "op", "rhs"])["estimate"] for each in (result.structural, fit))
    path = ("risk_reduction", "~", "perceived_credibility")
    assert mine.loc[path] == pytest.approx(theirs.loc[path], rel=1e-5)


def test_what_went_with_the_construct_is_told(result):
    (finding,) = {each for each in result.findings if each.where == "constructs not measured"}
    assert finding.severity == "warning"
    for words in (
        "No item of Product complexity is among the answers",
        "Effects left out with them: complexity, interaction.",
        "Indirect effects left out: from_complexity.",
        "Rival models left out: unmoderated.",
        "The remaining effects on Risk reduction are estimated without holding constant what was left out.",
    ):
        assert words in finding.message
    assert result.settings["not_measured"] == ("product_complexity",)
    assert list(result.rival_models.table.index) == ["study", "direct"]


def test_the_report_says_so_in_the_section_on_the_model(result, tmp_path):
    result.write_report(tmp_path, formats=["markdown"])
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    section = text[text.index("Measures and model") :]
    assert "No item of Product complexity is among the answers" in section[: section.index("\n## ")]
    assert "H2 could not be tested: Product complexity was not measured" in text


def test_an_argument_overrides_the_declaration(study, strict, answers):
    reading = ss.read_responses(answers, strict, unmeasured="not_testable")
    assert ss.fit_study(strict, reading, unmeasured="not_testable").verdicts.loc["H2", "verdict"] == "not testable"
    with pytest.raises(DataError, match="do not measure every construct"):
        ss.fit_study(strict, reading)
    with pytest.raises(DataError, match="none of its items"):
        ss.fit_study(study, answers, unmeasured="refuse")
    with pytest.raises(UnsupportedError, match="Available: refuse, not_testable"):
        ss.fit_study(study, answers, unmeasured="ignore")


def test_the_reduced_study_keeps_nothing_that_needs_the_construct(study, answers):
    less = measured_study(study, ss.read_responses(answers, study))
    assert [each.name for each in less.not_measured] == ["product_complexity"]
    assert not set(ABSENT) & set(less.specification.indicators)
    assert less.specification.residual_covariances == (("pc_2", "bt_2"),)
    assert list(less.specification.definitions) == ["through_risk"] == list(less.effect_titles)
    assert not less.specification.interactions
    assert [each.id for each in less.rival_models] == ["direct"]
    assert list(less.robustness.measurement) == ["shorter_trust"]
    assert less.robustness.centerings == ()
    assert less.measurement_quality.invariance[0].constructs == ("brand_trust",)
    assert less.population is None
    assert less.propositions == study.propositions


def test_a_study_that_is_measured_whole_is_left_alone(study):
    whole = ss.read_responses(ss.simulate_responses(study, n=300, seed=3), study)
    assert measured_study(study, whole) is study


def test_an_outcome_without_its_predictors_becomes_exogenous(study):
    less = reduced(study, ["perceived_credibility", "product_complexity"])
    rows = {(row.lhs, row.op, row.rhs) for row in less.parameter_table()}
    assert ("brand_trust", "~", "risk_reduction") in rows
    assert not any(lhs == "risk_reduction" for lhs, op, _ in rows if op == "~")


def test_other_analyses_of_the_study_reduce_it_too(study, answers):
    found = ss.multiverse(study, answers)
    assert found.table["measurement"].unique().tolist() == ["declared", "shorter_trust"]
    assert ss.compare_rivals(study, answers).table.index.tolist() == ["study", "direct"]
    with pytest.raises(UnsupportedError, match="H3a cannot be tested: Product complexity was not measured"):
        ss.moderated_regression_of(study, answers, proposition="H3a")


def test_a_bundle_makes_the_reduced_result_again(result, answers, tmp_path):
    result.write_bundle(tmp_path / "bundle")
    for data in (None, answers):
        again = ss.replicate(tmp_path / "bundle", data=data)
        assert again.same, again
    facts = json.loads((tmp_path / "bundle" / "bundle.json").read_text(encoding="utf-8"))
    assert facts["settings"]["not_measured"] == ["product_complexity"]


def test_a_construct_not_measured_departs_from_the_preregistration(study, answers, tmp_path):
    plan = ss.preregister(study, tmp_path, date="2026-03-01")
    check = ss.fit_study(study, answers, preregistration=plan.files[1]).preregistration
    told = {(each.topic, each.item): (each.registered, each.done) for each in check.deviations}
    assert told == {("Measurement model", "Product complexity"): ("measured", "not measured")}
