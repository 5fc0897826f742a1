"""Rival models of a study."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import StudyError, UnsupportedError
from surveysem.specification import StructuralPath
from surveysem.study.rivals.models import RivalModel


def _load(tmp_path, text):
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    return ss.load_study(path)


STUDY = """
id: small
title: {en: Small}
instrument: b2b_micro_influencer
latent_variables:
  - id: perceived_credibility
  - id: product_complexity
  - id: risk_reduction
  - id: brand_trust
paths:
  - {id: H1, predictor: perceived_credibility, outcome: risk_reduction}
  - {id: H2, predictor: product_complexity, outcome: risk_reduction}
  - {id: H3, predictor: risk_reduction, outcome: brand_trust}
  - {id: H4, predictor: perceived_credibility, outcome: brand_trust}
moderation:
  - {id: M1, predictor: perceived_credibility, moderator: product_complexity, outcome: risk_reduction, pairs: matched}
indirect_effects:
  - {id: through_risk, title: {en: Through risk}, through: [H1, H3]}
propositions:
  - {id: H1, statement: {en: Credibility reduces risk.}, expected: positive}
rival_models:
RIVALS
population:
  note: Made up for tests.
  effects: {H1: 0.4, H2: -0.2, H3: 0.4, H4: 0.0, M1: 0.3}
  loading: 0.8
"""
GOOD = """
  - {id: mediated, title: {en: Mediated}, full_mediation: [through_risk]}
  - {id: unmoderated, title: {en: Not moderated}, drop_moderation: [M1]}
  - {id: alike, title: {en: Alike}, hold_equal: [[H3, H4]]}
  - id: complex
    title: {en: Complexity acts on trust}
    add_paths: [{id: N1, predictor: product_complexity, outcome: brand_trust}]
  - id: instead
    title: {en: Complexity instead of credibility}
    drop_paths: [H4]
    add_paths: [{id: N1, predictor: product_complexity, outcome: brand_trust}]
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return _load(tmp_path_factory.mktemp("rivals"), STUDY.replace("RIVALS", GOOD))


@pytest.fixture(scope="module")
def answers(study):
    return ss.simulate_responses(study, n=400, seed=3)


@pytest.fixture(scope="module")
def result(study, answers):
    return ss.fit_study(study, answers, estimator="MLR")


def test_relations_are_found(result):
    relations = result.rival_models.table["relation"].to_dict()
    assert relations == {
        "study": "study",
        "mediated": "restricted",
        "unmoderated": "restricted",
        "alike": "restricted",
        "complex": "larger",
        "instead": "not nested",
    }


def test_each_rival_has_the_degrees_of_freedom_its_changes_give(result):
    df = result.rival_models.table["df"]
    assert (df - df["study"]).tolist() == [0, 1, 1, 1, -1, 0]
    assert result.rival_models.table["df_diff"].dropna().tolist() == [1, 1, 1, 1]


def test_a_rival_without_its_products_keeps_their_indicators(result):
    """Models of other variables could not be compared."""
    fits = result.rival_models.fits
    assert set(fits["unmoderated"].table.observed) == set(fits["study"].table.observed)
    dropped = fits["unmoderated"].estimates.query("lhs == 'risk_reduction' and rhs.str.contains(':')")
    assert dropped[["estimate", "std_error"]].to_numpy().tolist() == [[0, 0]]


def test_difference_tests_are_those_of_compare(result):
    fits, table = result.rival_models.fits, result.rival_models.table
    for name in ("mediated", "unmoderated", "alike", "complex"):
        expected = ss.compare(fits[name], fits["study"]).iloc[-1]
        columns = ["chisq_diff", "df_diff", "p_value"]
        np.testing.assert_allclose(table.loc[name, columns].astype(float), expected[columns].astype(float))
    assert table.loc["unmoderated", "p_value"] < 0.001
    assert table.loc["mediated", "p_value"] > 0.01


def test_weights_follow_aic(result):
    table = result.rival_models.table
    assert table["akaike_weight"].sum() == pytest.approx(1)
    ratio = table.loc["mediated", "akaike_weight"] / table.loc["study", "akaike_weight"]
    assert ratio == pytest.approx(np.exp((table.loc["study", "aic"] - table.loc["mediated", "aic"]) / 2))


def test_equal_effects_are_equal(result):
    paths = result.rival_models.fits["alike"].estimates.set_index("label")["estimate"]
    assert paths["H3"] == pytest.approx(paths["H4"])


def test_a_rival_that_explains_the_same_is_told(study, answers):
    """A residual covariance turned into a path: nothing changes for the data."""
    political = ss.load_study("political_democracy")
    rival = RivalModel(
        id="turned",
        title="Turned",
        added_paths=(StructuralPath(outcome="industrialization_1960", predictor="democracy_1960", label="R1"),),
        dropped_paths=("D1",),
    )
    found = ss.compare_rivals(replace(political, rival_models=(rival,)), political.bundled_data()).table
    assert found.loc["turned", "relation"] == "equivalent"
    assert found.loc["turned", "chisq"] == pytest.approx(found.loc["study", "chisq"], abs=1e-6)
    assert pd.isna(found.loc["turned", "p_value"])


def test_residual_covariances_stay_when_a_path_is_added(flagship_result):
    """organizational_echo, a predictor, and evaluation_quality, which predicts nothing: defaults would change."""
    study = flagship_result.study
    rival = RivalModel(
        id="more",
        title="More",
        added_paths=(StructuralPath(outcome="organizational_echo", predictor="evaluation_quality", label="R1"),),
    )
    found = ss.compare_rivals(replace(study, rival_models=(rival,)), flagship_result.responses).table
    assert found.loc["more", "relation"] == "larger"
    assert found.loc["more", "df_diff"] == 1


def test_a_rival_that_cannot_be_fitted_is_told(study, answers):
    rival = RivalModel(
        id="loop",
        title="Loop",
        added_paths=tuple(
            StructuralPath(outcome="product_complexity", predictor=name, label=name[:3])
            for name in ("perceived_credibility", "risk_reduction", "brand_trust")
        ),
    )
    found = ss.compare_rivals(replace(study, rival_models=(rival,)), answers)
    if found.table.loc["loop", "problem"]:
        assert any("no solution" in each.message for each in found.findings)
        assert pd.isna(found.table.loc["loop", "aic"])
    assert found.table.loc["study", "akaike_weight"] > 0


@pytest.mark.parametrize("interaction", ["lms", "qml"])
def test_likelihood_ratios_where_products_are_latent(study, answers, interaction):
    dropped = tuple(each for each in study.rival_models if each.id in ("mediated", "unmoderated", "complex"))
    result = ss.fit_study(replace(study, rival_models=dropped), answers, interaction=interaction, estimator="ML")
    table = result.rival_models.table
    assert table["relation"].tolist() == ["study", "restricted", "restricted", "larger"]
    assert table["df_diff"].dropna().tolist() == [1, 1, 1]
    # A model without its product has the same means, so that information criteria count the same kinds of parameters.
    assert (table.loc["study", "npar"] - table["npar"]).tolist() == [0, 1, 1, -1]
    ratio = 2 * (table.loc["study", "logl"] - table.loc["unmoderated", "logl"])
    assert table.loc["unmoderated", "chisq_diff"] == pytest.approx(ratio, rel=1e-6)
    assert table.loc["unmoderated", "chisq_diff"] == pytest.approx(result.product_tests["chisq_diff"].iloc[0], rel=1e-6)


def test_all_mistakes_are_listed_with_their_lines(tmp_path):
    bad = """
  - {id: study, title: {en: Own name}, drop_paths: [H4]}
  - {id: unknown, title: {en: Unknown}, drop_paths: [H9], hold_equal: [[H1, M9]]}
  - {id: nothing, title: {en: Nothing}}
  - {id: orphan, title: {en: Orphan}, drop_paths: [H2]}
  - id: double
    title: {pt: Duas vezes}
    add_paths: [{id: H1, predictor: perceived_credibility, outcome: brand_trust}]
  - {id: both, title: {en: Both}, drop_paths: [H4], hold_equal: [[H3, H4]]}
"""
    with pytest.raises(StudyError) as caught:
        _load(tmp_path, STUDY.replace("RIVALS", bad))
    said = str(caught.value)
    for part in (
        "the id 'study' is taken",
        "'H9' is no path of the study",
        "'M9' is no path or moderation",
        "nothing is the study's own model",
        "M1 would stay without one of its main effects",
        "the id 'H1' is taken",
        "the study's model has this path, H4",
        "H4 cannot be left out and held equal",
        "there is no text in en",
    ):
        assert part in said, part


def test_a_study_without_rivals_says_so(study, answers):
    with pytest.raises(StudyError, match="rival_models"):
        ss.compare_rivals(replace(study, rival_models=()), answers)
    assert ss.fit_study(study, answers, rivals=False).rival_models is None


def test_the_bootstrap_is_declared_or_asked_for(study, answers):
    assert ss.fit_study(study, answers, rivals=False).bootstrap is None
    found = ss.fit_study(study, answers, bootstrap=50, seed=4, confidence="bca", rivals=False).bootstrap
    assert (found.n_replicates, found.seed, found.confidence) == (50, 4, "bca")
    declared = replace(study, analysis=study.analysis.model_copy(update={"bootstrap": 30, "seed": 5}))
    found = ss.fit_study(declared, answers, rivals=False).bootstrap
    assert (found.n_replicates, found.seed) == (30, 5)
    skipped = ss.fit_study(declared, answers, interaction="qml", rivals=False)
    assert skipped.bootstrap is None
    assert any("not bootstrapped" in each.message for each in skipped.findings)


def test_options_of_the_bootstrap_are_checked_before_anything_is_fitted(study, answers):
    with pytest.raises(UnsupportedError, match=r"(?s)two or more.*seed.*'exact'"):
        ss.fit_study(study, answers, bootstrap=1, seed=-1, confidence="exact")
    with pytest.raises(UnsupportedError, match="interaction='lms'"):
        ss.fit_study(study, answers, bootstrap=100, interaction="lms")
