"""Studies with latent interactions under every method, and the comparison of methods."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import UnsupportedError
from surveysem.report import build_document
from surveysem.report.document import Paragraph
from surveysem.report.inline import plain
from surveysem.study.moderation.findings import method_findings
from surveysem.study.moderation.rows import ModerationHypothesis

METHODS = ("product_indicator", "lms", "qml")
SYNTAX = """
X =~ x1 + x2 + x3
Z =~ z1 + z2 + z3
Y =~ y1 + y2 + y3
Y ~ X + Z + H*X:Z
"""


@pytest.fixture(scope="module")
def study():
    return ss.load_study(Path(__file__).with_name("moderated.yaml"))


@pytest.fixture(scope="module")
def answers(study):
    return ss.simulate_responses(study, n=400, seed=3)


@pytest.fixture(scope="module")
def results(study, answers):
    return {method: ss.fit_study(study, answers, interaction=method) for method in METHODS}


def latent_data(seed, n, *, interaction, error=0.7):
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, n))
    latent = {"x": x, "z": z, "y": 0.4 * x + 0.2 * z + interaction * x * z + 0.8 * rng.normal(size=n)}
    return pd.DataFrame({f"{name}{i}": latent[name] + error * rng.normal(size=n) for name in latent for i in (1, 2, 3)})


@pytest.mark.parametrize("method", METHODS)
def test_each_method_finds_the_interaction_that_was_simulated(results, method):
    verdict = results[method].verdicts.loc["H1"]
    assert verdict["verdict"] == "supported"
    # The population is standardised; three standard errors leave room for the seven-point scale.
    row = results[method].structural.estimates.query("label == 'interaction'").iloc[0]
    assert abs(row["std_all"] - 0.25) < 3 * row["std_std_error"]
    assert verdict["std_estimate"] == row["std_all"]


def test_the_study_declares_the_method_that_is_used(study, answers, results):
    declared = ss.fit_study(study, answers)
    assert declared.settings["interaction"] == "qml"
    assert declared.overrides == ()
    (told,) = results["lms"].overrides
    assert "declares interaction: qml; lms was used instead" in told.message
    assert declared.verdicts.loc["H1", "estimate"] == results["qml"].verdicts.loc["H1", "estimate"]


@pytest.mark.parametrize("method", ["lms", "qml"])
def test_without_chi_square_the_linear_model_is_judged_and_the_product_tested(study, answers, method):
    result = ss.fit_study(study, answers, interaction=method, estimator="ML")
    full, linear = result.structural, result.structural_linear
    assert "chisq" not in full.fit_indices
    assert not any(":" in name for name in linear.estimates["rhs"])
    assert [each.where for each in result.fit_judgement] == [
        "measurement model",
        "structural model without its products",
    ]
    test = result.product_tests.loc["interaction"]
    expected = 2 * (full.fit_indices["logl"] - linear.fit_indices["logl"])
    assert test["chisq_diff"] == pytest.approx(expected, rel=1e-8)
    assert test["df_diff"] == 1
    z = full.estimates.query("label == 'interaction'")["z"].iloc[0]
    # Likelihood-ratio and Wald tests of one parameter agree in large samples only.
    assert test["chisq_diff"] == pytest.approx(z**2, rel=0.2)


def test_product_indicators_have_a_chi_square_and_no_linear_twin(results):
    result = results["product_indicator"]
    assert result.structural_linear is None
    assert result.product_tests.empty
    assert [each.where for each in result.fit_judgement] == ["measurement model", "structural model"]


def test_products_are_no_constructs_in_measurement_tables(results):
    for name in ("measurement", "reliability", "discriminant_validity"):
        table = results["product_indicator"].tables[name].to_frame()
        assert not any("_x_" in text or " × " in text for text in table.iloc[:, 0].astype(str))
        assert sum("Product complexity" in text for text in table.iloc[:, 0].astype(str)) == 1


def test_centering_is_used_and_named(study, answers, results):
    residual = ss.fit_study(study, answers, interaction="product_indicator", centering="residual")
    double = results["product_indicator"]
    assert residual.settings["centering"] == "residual"
    assert "centering" not in results["lms"].settings
    assert residual.verdicts.loc["H1", "estimate"] != double.verdicts.loc["H1", "estimate"]
    direct = ss.sem(
        "\n".join(
            [
                "perceived_credibility =~ pc_1 + pc_2 + pc_3",
                "product_complexity =~ px_1 + px_2 + px_3",
                "risk_reduction =~ rr_1 + rr_2 + rr_3",
                "brand_trust =~ bt_1 + bt_2 + bt_3",
                "risk_reduction ~ perceived_credibility + product_complexity",
                "risk_reduction ~ b*perceived_credibility:product_complexity",
                "brand_trust ~ risk_reduction",
            ]
        ),
        residual.responses.frame,
        estimator="MLR",
        centering="residual",
        pairs="matched",
    )
    estimate = direct.estimates.query("label == 'b'")["estimate"].iloc[0]
    assert residual.verdicts.loc["H1", "estimate"] == pytest.approx(estimate, rel=1e-6)


@pytest.mark.parametrize(
    ("options", "mentions"),
    [
        ({"interaction": "nonsense"}, "product_indicator, lms, qml"),
        ({"interaction": "product_indicator", "centering": "triple"}, "double, residual"),
        ({"interaction": "lms", "centering": "double"}, "centering"),
        ({"interaction": "qml", "nodes": 20}, "nodes"),
    ],
)
def test_options_that_do_not_go_together_are_refused(study, answers, options, mentions):
    with pytest.raises(UnsupportedError, match=mentions):
        ss.fit_study(study, answers, **options)


def test_probing_of_a_study(results):
    for result in results.values():
        (probed,) = result.moderations
        path, product = (
            result.structural.estimates.query("label == @name")["estimate"].iloc[0]
            for name in ("credibility", "interaction")
        )
        high = probed.slopes.iloc[-1]
        assert high["slope"] == pytest.approx(path + product * high["moderator_value"], rel=1e-6)
        (mediated,) = result.conditional_effects
        risk = result.structural.estimates.query("label == 'risk'")["estimate"].iloc[0]
        assert mediated.result.effects["indirect"].iloc[-1] == pytest.approx(high["slope"] * risk, rel=1e-6)


def test_report_of_each_method_names_it_and_shows_the_probing(results):
    for method, result in results.items():
        tables = result.tables
        assert {"moderation", "simple_slopes", "conditional_effects"} <= set(tables)
        assert "moderation_methods" not in tables
        assert "simple_slopes_interaction" in result.figures
        assert ("lr_p" in tables["moderation"].to_frame()) == (method != "product_indicator")
        assert tables["fit"].to_frame().filter(like="linear").empty == (method == "product_indicator")


def test_report_in_words(results, tmp_path):
    said = {}
    for method, result in results.items():
        result.write_report(tmp_path / method, formats=("markdown",))
        said[method] = (tmp_path / method / "report.md").read_text(encoding="utf-8")
    assert "matched pairs of items" in said["product_indicator"]
    assert "Lin et al. (2010)" in said["product_indicator"]
    assert "Klein and Moosbrugger (2000)" in said["lms"]
    assert "nodes" in said["lms"]
    assert "Klein and Muthén (2007)" in said["qml"]
    for method in ("lms", "qml"):
        assert "Lin et al. (2010)" not in said[method]
        assert "no χ², and no index made of one" in said[method]
    for text in said.values():
        assert "the slope of Perceived credibility on Risk reduction" in text
        assert "Index of moderated mediation" in text


def test_comparison_of_all_methods_in_a_study(study, answers, results, tmp_path):
    result = ss.fit_study(study, answers, compare_interactions=True)
    table = result.methods.table.set_index("method")
    assert set(table["hypothesis"]) == {"H1"}
    assert len(table) == 8
    assert (table["problem"] == "").all()
    for method, name in (("lms", "LMS"), ("qml", "QML"), ("product_indicator", "Double mean-centring, matched pairs")):
        verdict = results[method].verdicts.loc["H1"]
        assert table.loc[name, "estimate"] == pytest.approx(verdict["estimate"], rel=1e-8)
        assert table.loc[name, "beta_std_error"] == pytest.approx(verdict["std_std_error"], rel=1e-8)
    by_scores = ss.moderated_regression_of(study, answers, proposition="H1")
    row = by_scores.coefficients.loc[by_scores.term]
    assert table.loc["Moderated regression (HC3)", "estimate"] == pytest.approx(row["estimate"])
    assert np.isnan(table.loc["Moderated regression (HC3)", "beta_std_error"])
    assert result.methods.findings[-1].message.startswith("On H1 (Perceived credibility × Product complexity")
    assert set(result.methods.findings) <= set(result.findings)
    assert "H1" in result.methods.summary()
    assert "LMS" in result.methods._repr_html_()
    result.write_report(tmp_path, formats=("markdown",))
    assert "Moderation by all methods" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_flagship_by_lms_and_qml(flagship_result):
    result = ss.compare_moderation(flagship_result.study, flagship_result.responses)
    table = result.table.set_index(["hypothesis", "method"])
    assert table.loc[("P9", "Double mean-centring, matched pairs"), "estimate"] == pytest.approx(
        flagship_result.verdicts.loc["P9", "estimate"], rel=1e-6
    )
    # 48 more products than respondents can bear; credibility is explained. Both say so, and the others go on.
    assert "fewer rows than parameters" in table.loc[("P9", "Double mean-centring, all pairs"), "problem"]
    assert "explains perceived_credibility" in table.loc[("P10c", "Constrained"), "problem"]
    good = table[table["problem"] == ""]
    assert good.groupby("hypothesis").size().to_dict() == {"P10c": 6, "P9": 6}
    beta = good["beta"]
    assert np.all(np.abs(beta.loc["P9"] - 0.18) < 3 * 0.05)
    assert np.all(np.abs(beta.loc["P10c"]) < 3 * 0.06)


def test_comparison_from_syntax():
    result = ss.compare_moderation(SYNTAX, latent_data(5, 500, interaction=0.25))
    table = result.table
    assert set(table["hypothesis"]) == {"H"}
    assert len(table) == 8
    assert table["converged"].all()
    latent = table[table["method"] != "Moderated regression (HC3)"]
    assert np.all(np.abs(latent["estimate"] - 0.25) < 3 * latent["std_error"])
    assert [each.severity for each in result.findings] == ["note"]


def test_groups_of_an_observed_moderator_are_compared():
    rng = np.random.default_rng(2)
    n = 600
    x, g = rng.normal(size=n), rng.integers(0, 2, size=n)
    latent = {"x": x, "y": (0.3 + 0.4 * g) * x + 0.3 * g + 0.8 * rng.normal(size=n)}
    data = pd.DataFrame({f"{k}{i}": latent[k] + 0.6 * rng.normal(size=n) for k in latent for i in (1, 2, 3)})
    data["g"] = g.astype(float)
    model = "X =~ x1 + x2 + x3\nY =~ y1 + y2 + y3\nY ~ X + g + X:g"
    table = ss.compare_moderation(model, data).table.set_index("method")
    row = table.loc["Multi-group SEM"]
    groups = ss.group_moderation("X =~ x1 + x2 + x3\nY =~ y1 + y2 + y3\nY ~ X", data, group="g", paths="Y ~ X")
    slopes = groups.paths.set_index("group")["estimate"]
    high, low = (slopes[label] for label in sorted(slopes.index, key=float, reverse=True))
    assert row["estimate"] == pytest.approx(high - low)
    assert row["ci_lower"] < row["estimate"] < row["ci_upper"]
    assert abs(row["estimate"] - 0.4) < 3 * row["std_error"]
    assert abs(row["estimate"] - table.loc["LMS", "estimate"]) < 2 * row["std_error"]
    asked = ss.compare_moderation(SYNTAX, latent_data(5, 300, interaction=0.25), methods=["groups", "qml"]).table
    assert "two observed values" in asked["problem"].iloc[0]
    assert asked["problem"].iloc[1] == ""


def test_unknown_methods_and_linear_models_are_refused():
    data = latent_data(5, 100, interaction=0.0)
    with pytest.raises(UnsupportedError, match="double_all"):
        ss.compare_moderation(SYNTAX, data, methods=["magic"])
    with pytest.raises(UnsupportedError, match="no latent interaction"):
        ss.compare_moderation(SYNTAX.replace(" + H*X:Z", ""), data)


def table_of(rows):
    frame = pd.DataFrame(rows, columns=["method", "estimate", "p_value"])
    return frame.assign(hypothesis="H1", beta=frame["estimate"], converged=True, admissible=True, problem="")


HYPOTHESIS = ModerationHypothesis(name="H1", outcome="Y", predictor="X", moderator="Z")


def test_a_conclusion_that_depends_on_the_method_is_a_warning():
    (finding,) = method_findings(HYPOTHESIS, table_of([("A", 0.2, 0.04), ("B", 0.1, 0.06), ("C", 0.3, 0.0001)]))
    assert finding.severity == "warning"
    assert finding.message == (
        "On H1 (X × Z → Y) the conclusion depends on the method: the interaction differs from zero at α = .05 under A "
        "(p = .040) and C (p < .001), but not under B (p = .060)."
    )
    (strict,) = method_findings(replace(HYPOTHESIS, alpha=0.10), table_of([("A", 0.2, 0.04), ("B", 0.1, 0.06)]))
    assert "all 2 methods agree" in strict.message


def test_signs_that_differ_are_a_warning_where_an_estimate_differs_from_zero():
    tests, signs = method_findings(HYPOTHESIS, table_of([("A", 0.2, 0.01), ("B", -0.1, 0.4)]))
    assert (tests.severity, signs.severity) == ("warning", "warning")
    assert "positive under A (p = .010), negative under B (p = .400)" in signs.message
    (noise,) = method_findings(HYPOTHESIS, table_of([("A", 0.01, 0.9), ("B", -0.01, 0.9)]))
    assert noise.severity == "note"


def test_methods_without_a_usable_solution_have_no_part():
    table = table_of([("A", 0.2, 0.01), ("B", -9.0, 0.0), ("C", 0.2, 0.02)])
    table.loc[1, "admissible"] = False
    left_out, agreed = method_findings(HYPOTHESIS, table)
    assert left_out.message == "B has no part in the comparison: its solution is inadmissible."
    assert "all 2 methods agree" in agreed.message


def test_the_regression_has_the_other_interactions_of_the_equation():
    """w and d correlate; only w moderates."""
    rng = np.random.default_rng(8)
    x, w, noise, e = rng.normal(size=(4, 2000))
    d = 0.6 * w + 0.8 * noise
    latent = {"x": x, "y": 0.3 * x + 0.3 * w + 0.3 * d + 0.4 * x * w + 0.5 * e}
    items = {f"{name}{i}": latent[name] + 0.4 * rng.normal(size=2000) for name in latent for i in (1, 2, 3)}
    data = pd.DataFrame(items).assign(w=w, d=d)
    syntax = "X =~ x1 + x2 + x3\nY =~ y1 + y2 + y3\nY ~ X + w + d + X:w + X:d"
    result = ss.compare_moderation(syntax, data, methods=["double_all", "regression"])
    of_d = result.table[result.table["hypothesis"] == "Y ~ X:d"]
    assert (of_d["p_value"] > 0.01).all(), of_d
    assert [each.severity for each in result.findings] == ["note", "note"]


def test_disagreement_on_data():
    """A weak interaction of which single methods make more than others."""
    result = ss.compare_moderation(SYNTAX, latent_data(22, 200, interaction=0.12), methods=["lms", "regression"])
    p = result.table["p_value"]
    assert (p < 0.05).sum() == 1
    assert [each.severity for each in result.findings] == ["warning"]


def test_the_section_on_moderation_is_laid_out_like_this(study, answers):
    result = ss.fit_study(study, answers, interaction="lms", compare_interactions=True)
    section = next(each for each in build_document(result._content).sections if each.heading == "Moderation")
    layout = [f"{type(block).__name__} {getattr(block, 'name', '')}".rstrip() for block in section.blocks]
    assert layout == [
        "Paragraph",
        "Table moderation",
        "Paragraph",
        "BulletList",
        "FigureBlock simple_slopes_interaction",
        "FigureBlock johnson_neyman_interaction",
        "Table simple_slopes",
        "Table conditional_effects",
        "Paragraph",
        "BulletList",
        "Table moderation_methods",
    ]
    opening, regions, methods = (
        "".join(map(plain, [block.text] if isinstance(block, Paragraph) else block.items))
        for block in (section.blocks[0], section.blocks[3], section.blocks[9])
    )
    assert opening.startswith(
        "1 interaction of latent variables was estimated by latent moderated structural equations (LMS) after Klein "
        "and Moosbrugger (2000), by quadrature with "
    )
    assert regions.startswith("interaction. At α = 0.05, the slope of Perceived credibility on Risk reduction is ")
    assert methods.startswith(
        "On H1 (Perceived credibility × Product complexity → Risk reduction) all 8 methods agree: the interaction is "
        "positive and differs from zero at α = .05."
    )
    labels = [str(row.cells["value"]) for row in result.tables["simple_slopes"].rows]
    assert labels[0] == "interaction: Perceived credibility → Risk reduction"
    assert labels[2] == "Product complexity at its mean (0.00)"
