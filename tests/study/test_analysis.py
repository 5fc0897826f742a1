"""Options of an analysis: the automatic estimator, ordered items, clusters, and what does not go together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import DataError, StudyError, UnsupportedError


@pytest.fixture(scope="module")
def study():
    return ss.load_study("political_democracy")


@pytest.fixture(scope="module")
def flagship():
    return ss.load_study("b2b_micro_influencer")


@pytest.fixture(scope="module")
def clustered(study):
    """Seventy-five countries in twenty-five regions that share a part of everything."""
    data = study.bundled_data()
    region = np.arange(len(data)) % 25
    shift = np.random.default_rng(1).normal(size=25)[region]
    items = list(study.specification.indicators)
    data[items] = data[items].add(shift, axis=0).clip(0, 10)  # the limits of the scale
    return data.assign(region=[f"region {number}" for number in region])


def _codes(study, n_categories):
    """The bundled data cut into whole numbers."""
    data = study.bundled_data()
    items = list(study.specification.indicators)
    ranks = data[items].rank(pct=True, method="first")
    return data.assign(**{name: np.ceil(ranks[name] * n_categories) for name in items})


def test_automatic_estimator_is_told_with_its_reason(study):
    result = ss.fit_study(study, study.bundled_data(), estimator="auto")
    assert result.settings["estimator"] == result.structural.estimator == "MLR"
    assert any("Yuan and Bentler" in finding.message for finding in result.findings)


def test_automatic_estimator_takes_few_categories_for_ordered(study):
    result = ss.fit_study(study, _codes(study, 3), estimator="auto")
    direct = ss.sem(study.model_syntax(), _codes(study, 3), ordered=True)
    assert result.structural.estimator == result.measurement.estimator == "WLSMV"
    np.testing.assert_allclose(result.structural.estimates["estimate"], direct.estimates["estimate"], rtol=1e-5)


def test_latent_products_keep_the_automatic_estimator_continuous(flagship):
    data = ss.simulate_responses(flagship, n=300, seed=1)
    items = [item.id for item in flagship.instrument.items]
    few = data.assign(**{name: data[name].clip(3, 5) for name in items})
    result = ss.fit_study(flagship, few, estimator="auto", rivals=False, bootstrap=0)
    assert result.structural.estimator == "MLR"
    assert any("products of latent variables" in finding.message for finding in result.findings)


def test_ordered_items_that_are_named_stay_ordered(study):
    names = ("y1", "y2", "y3", "y4")
    result = ss.fit_study(study, _codes(study, 3), estimator="auto", ordered=names)
    assert set(result.structural.estimates.query("op == '|'")["lhs"]) == set(names)


def test_least_squares_of_continuous_items_are_told(study):
    result = ss.fit_study(study, study.bundled_data(), estimator="ULSMV")
    assert any("taken for continuous" in finding.message for finding in result.findings)
    told = ss.fit_study(study, study.bundled_data(), estimator="GLS").findings
    assert not any("taken for continuous" in finding.message for finding in told)


def test_clusters_widen_standard_errors_as_in_sem(study, clustered):
    result = ss.fit_study(study, clustered, estimator="MLR", cluster="region")
    direct = ss.sem(study.model_syntax(), clustered, estimator="MLR", cluster="region")
    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(result.structural.estimates[column], direct.estimates[column], rtol=1e-5, atol=1e-8)
    plain = ss.fit_study(study, clustered, estimator="MLR")
    assert (result.verdicts["std_error"] - plain.verdicts["std_error"]).abs().max() > 1e-3
    text = str(result.tables["item_descriptives"].notes)
    assert "25 values of region" in text


@pytest.mark.parametrize("interaction", ["product_indicator", "lms"])
def test_clusters_go_with_incomplete_rows_and_latent_products(interaction):
    moderated = ss.load_study(Path(__file__).with_name("moderated.yaml"))
    data = ss.simulate_responses(moderated, n=320, seed=3)
    data["firm"] = [f"firm {number % 60}" for number in range(len(data))]
    data.loc[data.index[::7], moderated.specification.indicators[0]] = np.nan
    options = {"missing": "fiml", "interaction": interaction}
    result = ss.fit_study(moderated, data, cluster="firm", **options)
    assert result.structural.n_obs == result.responses.n_obs
    assert result.settings["cluster"] == "firm"
    plain = ss.fit_study(moderated, data, **options)
    np.testing.assert_allclose(result.verdicts["estimate"].dropna(), plain.verdicts["estimate"].dropna(), rtol=1e-4)
    assert (result.verdicts["std_error"] - plain.verdicts["std_error"]).abs().max() > 1e-4


def test_clusters_of_one_are_told_beside_the_advice(study):
    data = study.bundled_data()
    result = ss.fit_study(study, data.assign(country=np.arange(len(data))), estimator="MLR", cluster="country")
    described = result._content.description
    assert "75 clusters among 75 answers" in described.cluster_obstacle
    assert described.advice.advised == "MLR"
    assert "Clusters were left aside" in described.advice.reasons[-1]
    plain = ss.fit_study(study, data, estimator="MLR")
    expected = plain.verdicts["std_error"] * np.sqrt(75 / 74)  # clusters are a sample: J / (J − 1)
    np.testing.assert_allclose(result.verdicts["std_error"], expected, rtol=1e-6)


def test_automatic_estimator_allows_for_clusters(study, clustered):
    result = ss.fit_study(study, clustered, estimator="auto", cluster="region")
    assert result.settings["cluster"] == "region"
    assert any("Lai and Kwok" in finding.message for finding in result.findings)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"cluster": "nowhere"}, "no such column"),
        ({"cluster": "region", "gap": True}, "Name a cluster for each row"),
    ],
)
def test_clusters_must_be_known(study, clustered, options, words):
    data = clustered.copy()
    if options.pop("gap", False):
        data.loc[4, "region"] = None
    with pytest.raises(DataError, match=words):
        ss.fit_study(study, data, **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"missing": "imputation"}, r"fit_imputed\(study.model_syntax"),
        ({"ordered": ["y1", "nonsense"], "estimator": "WLSMV"}, "'nonsense' is none of them"),
        ({"ordered": True, "estimator": "WLSMV", "cluster": "region"}, "'region' with ordered items"),
        ({"estimator": "ULSMV", "cluster": "region"}, "estimator='ULSMV'"),
        ({"ordered": True, "estimator": "MLR"}, "not available with ordered variables"),
        ({"ordered": True, "estimator": "WLSMV", "missing": "fiml"}, "need complete rows"),
    ],
)
def test_what_does_not_go_together_is_refused(study, clustered, options, words):
    with pytest.raises(UnsupportedError, match=words):
        ss.fit_study(study, clustered, **options)


def test_comparisons_of_groups_allow_for_clusters(study, clustered):
    from surveysem.modelling.group_moderation import compare_paths
    from surveysem.modelling.group_statements import ComparedPath
    from surveysem.propositions import GroupDifferenceTest, PathTest
    from surveysem.specification import parse_syntax
    from surveysem.study.groups import GroupComparison, group_difference

    path = PathTest(outcome="dem60", predictor="ind60")
    comparison = GroupComparison(
        statements=parse_syntax("ind60 =~ x1 + x2 + x3; dem60 =~ y1 + y2 + y3; dem60 ~ P*ind60"),
        frame=clustered.assign(half=clustered.index % 2),
        options={"estimator": "MLR", "missing": "listwise", "engine": "native", "cluster": "region"},
    )
    test = GroupDifferenceTest(group="half", paths=(path,))
    clustered_p = group_difference(test, comparison).p_value
    options = {name: value for name, value in comparison.options.items() if name != "cluster"}
    plain_p = group_difference(test, replace(comparison, options=options)).p_value
    unlabelled = [replace(each, label="") for each in comparison.statements if each.op != ":="]
    theirs = compare_paths(
        unlabelled,
        comparison.frame,
        group="half",
        paths=[ComparedPath(outcome=path.outcome, predictor=path.predictor)],
        estimator="MLR",
        cluster="region",
    )
    assert clustered_p == pytest.approx(theirs.tests["p_value"].iloc[-1])
    assert clustered_p != pytest.approx(plain_p, rel=1e-3)


def test_ordered_items_are_refused_beside_latent_products(flagship):
    data = ss.simulate_responses(flagship, n=300, seed=1)
    with pytest.raises(UnsupportedError, match="ordered items and latent interactions \\(P9, P10c\\)"):
        ss.fit_study(flagship, data, ordered=True, estimator="WLSMV")
    with pytest.raises(UnsupportedError, match="not compared with clusters"):
        ss.fit_study(flagship, data.assign(firm=1.0), cluster="firm", compare_interactions=True)


def test_options_are_declared_in_the_study_file(tmp_path):
    file = _study_file(tmp_path, "{estimator: auto, ordered: [y1, y2], cluster: region}")
    with pytest.raises(StudyError, match="clusters with ordered items"):
        ss.load_study(file)
    with pytest.raises(StudyError, match="'y99' is no item of the instrument"):
        ss.load_study(_study_file(tmp_path, "{estimator: WLSMV, ordered: [y99]}"))
    with pytest.raises(StudyError, match="ordered items with MLR"):
        ss.load_study(_study_file(tmp_path, "{estimator: MLR, ordered: true}"))
    declared = ss.load_study(_study_file(tmp_path, "{estimator: auto, cluster: region}"))
    assert declared.analysis.cluster == "region"


def test_declared_clusters_are_used(tmp_path, clustered):
    declared = ss.load_study(_study_file(tmp_path, "{estimator: MLR, cluster: region}"))
    asked = ss.fit_study(ss.load_study("political_democracy"), clustered, estimator="MLR", cluster="region")
    found = ss.fit_study(declared, clustered)
    pd.testing.assert_series_equal(found.verdicts["std_error"], asked.verdicts["std_error"])
    assert "cluster" not in ss.fit_study(declared, clustered, cluster="").settings


def test_declared_automatic_estimator_serves_measurement_too(tmp_path, study):
    declared = ss.load_study(_study_file(tmp_path, "{estimator: auto}"))
    table = ss.compare_measurement(declared, declared.bundled_data(), constructs=()).table
    assert "correlated factors" in table.index
    assert ss.scores(declared, declared.bundled_data()).frame.shape == (75, 3)


def _study_file(folder, analysis):
    from surveysem.bundled_files import find_file

    text = find_file("models", "political_democracy").read_text(encoding="utf-8")
    line = next(each for each in text.splitlines() if each.startswith("analysis:"))
    file = folder / "study.yaml"
    file.write_text(text.replace(line, f"analysis: {analysis}"), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("analysis", "moderated", "expected"),
    [
        ("{}", False, "fiml"),
        ("{estimator: MLM}", False, "listwise"),
        ("{estimator: WLSMV, ordered: true}", False, "listwise"),
        ("{estimator: auto}", False, "listwise"),
        ("{missing: listwise}", False, "listwise"),
        ("{}", True, "listwise"),
        ("{interaction: lms}", True, "fiml"),
        ("{missing: fiml}", True, "fiml"),
    ],
)
def test_missing_answers_are_kept_unless_something_is_said(tmp_path, analysis, moderated, expected):
    product = (
        "moderation: [{id: m, predictor: perceived_credibility, moderator: product_complexity, outcome: brand_trust}]"
    )
    file = tmp_path / "small.yaml"
    file.write_text(
        f"""
id: small
title: {{en: Small}}
instrument: b2b_micro_influencer
latent_variables: [{{id: perceived_credibility}}, {{id: product_complexity}}, {{id: brand_trust}}]
paths:
  - {{id: H1, predictor: perceived_credibility, outcome: brand_trust}}
  - {{id: z, predictor: product_complexity, outcome: brand_trust}}
{product if moderated else ""}
propositions: [{{id: H1, statement: {{en: It helps.}}, expected: positive}}]
analysis: {analysis}
""",
        encoding="utf-8",
    )
    assert ss.load_study(file).analysis.missing == expected
