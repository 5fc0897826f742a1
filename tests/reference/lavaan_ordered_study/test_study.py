"""A study with ordered answers by WLSMV: what its report says is lavaan's."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.bundled_files import find_file

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """The study, and the bundled instrument with five-point items."""
    folder = tmp_path_factory.mktemp("ordered")
    text = find_file("instruments", "b2b_micro_influencer").read_text(encoding="utf-8")
    items, checks, rest = text.partition("\nattention_checks:")
    five = items.replace("scale: agree7", "scale: agree5").replace("id: b2b_micro_influencer", "id: five_points", 1)
    (folder / "five_points.yaml").write_text(five + checks + rest, encoding="utf-8")
    (folder / "study.yaml").write_text((HERE / "study.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return ss.load_study(folder / "study.yaml")


@pytest.fixture(scope="module")
def answers(study):
    """Answers as respondents gave them: reverse-keyed items as they were."""
    frame = pd.read_csv(HERE / "answers.csv")
    reverse = [item.id for item in study.instrument.items if item.reverse and item.id in frame]
    return frame.assign(**{name: 6 - frame[name] for name in reverse})


@pytest.fixture(scope="module")
def result(study, answers):
    return ss.fit_study(study, answers)


@pytest.mark.parametrize("model", ["measurement", "structural"])
def test_models_are_those_lavaan_was_given(study, model):
    assert study.model_syntax(model=model).strip() == (HERE / f"{model}.lav").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("model", ["measurement", "structural"])
def test_estimates_are_those_of_lavaan(result, model):
    stored = pd.read_csv(HERE / f"{model}_estimates.csv").fillna({"rhs": ""})
    ours = getattr(result, model).estimates.merge(stored, on=["lhs", "op", "rhs"], suffixes=("", "_lavaan"))
    assert len(ours) == len(stored)
    for column in ("estimate", "std_error", "std_all", "std_std_error"):
        # Estimates near 0 differ in the sixth decimal: lavaan stops its search earlier.
        np.testing.assert_allclose(ours[column], ours[f"{column}_lavaan"], rtol=1e-4, atol=5e-6, err_msg=column)


@pytest.mark.parametrize("model", ["measurement", "structural"])
def test_fit_indices_are_those_of_lavaan(result, model):
    stored = pd.read_csv(HERE / f"{model}_fit.csv").set_index("index")["value"]
    ours = getattr(result, model).fit_indices
    shared = [name for name in stored.index if name in ours]
    assert {"chisq.scaled", "pvalue.scaled", "cfi.robust", "rmsea.robust", "rmsea.scaled", "srmr"} <= set(shared)
    for name in shared:
        assert ours[name] == pytest.approx(stored[name], rel=1e-4, abs=1e-6), name


def test_average_variance_extracted_is_that_of_semtools(result):
    stored = pd.read_csv(HERE / "convergent_validity.csv").set_index("latent_variable")["average_variance_extracted"]
    ours = result.measurement.reliability["average_variance_extracted"]
    np.testing.assert_allclose(ours, stored[ours.index], rtol=1e-4)


def test_tables_print_the_numbers_of_lavaan(result):
    stored = pd.read_csv(HERE / "structural_fit.csv").set_index("index")["value"]
    printed = result.tables["fit"].to_frame().set_index("index")
    assert printed.loc["χ²", "structural_robust"] == pytest.approx(stored["chisq.scaled"], rel=1e-4)
    assert printed.loc["CFI", "structural_robust"] == pytest.approx(stored["cfi.robust"], rel=1e-4)
    assert printed.loc["RMSEA", "structural_robust"] == pytest.approx(stored["rmsea.robust"], rel=1e-4)
    paths = pd.read_csv(HERE / "structural_estimates.csv").query("op == '~'").set_index(["lhs", "rhs"])
    verdicts = result.verdicts
    p8 = paths.loc["decision_efficiency", "brand_trust"]
    assert verdicts.loc["P8", "estimate"] == pytest.approx(p8["estimate"], rel=1e-4)
    assert verdicts.loc["P8", "std_std_error"] == pytest.approx(p8["std_std_error"], rel=1e-4)


def test_report_says_what_ordered_answers_have_and_have_not(result, tmp_path):
    files = result.write_report(tmp_path, formats=("html", "docx", "latex", "markdown"))
    assert {path.name for path in files} >= {"report.html", "report.docx", "main.tex", "report.md"}
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    for words in ("polychoric", "WLSMV", "scaled *χ²*", "taken for ordered categories", "latent responses"):
        assert words in text
    for words in ("Log-likelihood", "AIC", "BIC", "NaN", " nan"):
        assert words not in text


def test_automatic_choice_keeps_five_points_continuous(study, answers):
    chosen = ss.fit_study(study, answers, estimator="auto", ordered=False, rivals=False)
    assert chosen.settings["estimator"] == "MLR"
    assert "ordered" not in chosen.settings


def test_automatic_choice_takes_three_points_for_ordered(study, answers):
    few = answers.clip(2, 4)
    chosen = ss.fit_study(study, few, estimator="auto", ordered=False, rivals=False)
    assert chosen.structural.estimator == "WLSMV"
    assert set(chosen.settings["ordered"]) == set(study.specification.indicators)
    assert any("Rhemtulla" in finding.message for finding in chosen.findings)
