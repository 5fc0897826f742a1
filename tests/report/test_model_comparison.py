"""Rival models and effects in a report."""

from dataclasses import replace
from math import nan

import pandas as pd
import pytest

from surveysem.findings import Finding
from surveysem.report.inline import plain
from surveysem.report.narrative import build_document
from surveysem.report.sections.rivals import rivals_section
from surveysem.report.tables import paper_tables
from surveysem.report.tables.effects import total_effects
from surveysem.report.tables.model_comparison import model_comparison

COLUMNS = ["title", "changes", "relation", "admissible", "npar", "df", "chisq", "chisq.scaled", "cfi", "cfi.robust"]
COLUMNS += ["rmsea", "rmsea.robust", "srmr", "logl", "aic", "bic", "akaike_weight"]
COLUMNS += ["chisq_diff", "df_diff", "p_value", "method", "finding", "problem"]


def _row(title, changes, relation, aic, weight, test=(nan, nan, nan), problem=""):
    if problem:
        return [title, changes, relation, nan, *[nan] * 13, *test, "", "", problem]
    numbers = [30, 50, 80.0, 78.0, 0.95, 0.951, 0.05, 0.049, 0.04, -1000.0, aic, aic + 100, weight]
    return [title, changes, relation, True, *numbers, *test, "", "", ""]


@pytest.fixture
def rivals():
    rows = {
        "study": _row("Study", "", "study", 2060.0, 0.6),
        "less": _row("Less", "without P7", "restricted", 2070.0, 0.01, (12.0, 1, 0.0005)),
        "same": _row("As good", "without P8", "restricted", 2059.0, 0.3, (0.4, 1, 0.53)),
        "more": _row("More", "with A → B", "larger", 2050.0, 0.05, (14.0, 2, 0.0009)),
        "twin": _row("Twin", "with B → A", "equivalent", 2060.0, 0.04),
        "other": _row("Other", "without P7; with A → B", "not nested", 2065.0, 0.0),
        "lost": _row("Lost", "with A → B", "undecided", nan, nan, problem="No minimum was found."),
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)
    own = table.loc["study"]
    return table.assign(aic_behind=table["aic"] - own["aic"], bic_behind=table["bic"] - own["bic"])


@pytest.fixture
def content(flagship, rivals):
    finding = Finding(severity="warning", where="rival model lost", message="It has no solution: none was found.")
    return replace(flagship, rivals=rivals, rival_findings=(finding,))


def test_scaled_and_robust_versions_are_shown_and_only_nested_models_tested(content):
    table = model_comparison(content)
    shown = table.to_frame()
    assert shown["chisq.scaled"].iloc[0] == 78.0
    assert "chisq" not in shown
    assert shown["df_diff"].notna().tolist() == [False, True, True, True, False, False, False]
    assert shown["changes"].iloc[-1] == "With A → B; it has no solution"
    assert "Bentler and Satorra" in plain(table.notes[0])


def test_a_model_without_chi_square_shows_its_likelihood(content, rivals):
    latent = rivals.drop(index="lost").assign(**{"chisq": nan, "chisq.scaled": nan})
    columns = [column.key for column in model_comparison(replace(content, rivals=latent)).columns]
    assert "logl" in columns
    assert "npar" in columns
    assert not {"chisq.scaled", "cfi.robust", "srmr", "df"} & set(columns)


def test_what_is_said_follows_from_relation_and_test(content, rivals):
    section = rivals_section(content, paper_tables(content)["model_comparison"], rivals)
    bullets = next(block for block in section.blocks if hasattr(block, "items"))
    said = {name: plain(text) for name, text in zip(rivals.index[1:], bullets.items, strict=True)}
    assert "it fits worse" in said["less"]
    assert "AIC prefers the study’s model by 10.00" in said["less"]
    assert "the data do not show that it fits worse" in said["same"]
    assert "leaves out something that the data show" in said["more"]
    assert "no such data can tell them apart" in said["twin"]
    assert "Neither model is nested" in said["other"]
    assert "It has no solution: No minimum was found." in said["lost"]


def test_the_section_stands_in_the_report_with_its_finding(content):
    document = build_document(content)
    section = next(each for each in document.sections if each.heading == "Rival models")
    assert any("rival model lost" in plain(block.text).lower() for block in section.blocks if hasattr(block, "text"))


def test_effects_are_decomposed_where_there_are_mediators(content):
    rows = [
        ("network_relevance", "brand_trust", kind, 0.1 * number, 0.01, 0.02, 0.3, 0.1 * number)
        for number, kind in enumerate(("direct", "indirect", "total"), start=1)
    ]
    names = ["predictor", "outcome", "effect", "estimate", "p_value", "ci_lower", "ci_upper", "std_estimate"]
    frame = pd.DataFrame(rows, columns=names)
    shown = total_effects(replace(content, decomposition=frame)).to_frame()
    assert shown[["direct_estimate", "indirect_estimate", "total_std"]].iloc[1].tolist() == pytest.approx(
        [0.1, 0.2, 0.3]
    )
    assert total_effects(replace(content, decomposition=frame.query("effect != 'indirect'"))) is None
    assert total_effects(content) is None
