"""Reasons and rules read as sentences that an author may paste."""

import re

import pytest

from surveysem.findings import Finding
from surveysem.propositions import (
    CompositeRule,
    CompositeTest,
    DecisionRule,
    Evidence,
    FitCriteria,
    GroupDifferenceTest,
    InteractionTest,
    PathTest,
    Proposition,
    judge_fit,
    judge_propositions,
)

LABELS = {"trust": "Brand trust", "intention": "Purchase intention", "risk": "Risk", "nrr": "NRR"}


def _reason(evidence, *, test=None, **rule):
    decision = DecisionRule(**({"expected": "positive"} | rule))
    test = test or PathTest(outcome="intention", predictor="trust")
    proposition = Proposition(id="P1", statement="", expected=decision.expected, test=test, rule=decision)
    (verdict,) = judge_propositions([proposition], {"P1": evidence}, LABELS)
    return verdict.reason


def _is_sentence(text):
    assert re.match(r"P\d", text)
    assert text.endswith(".")
    assert not text.endswith("..")
    assert "  " not in text
    assert "nan" not in text.lower().replace("financ", "")
    assert "None" not in text
    return True


def test_supported(evidence):
    text = _reason(evidence(0.4, 0.1))
    assert _is_sentence(text)
    assert text.startswith("P1 is supported: effect of brand trust on purchase intention, ")
    assert "β = .40, 95% CI [.20, .60]" in text
    assert "p < .001" in text


def test_not_supported(evidence):
    text = _reason(evidence(0.1, 0.1))
    assert _is_sentence(text)
    assert text.startswith("P1 is not supported: ")
    assert "p = .317" in text


def test_contradicted(evidence):
    text = _reason(evidence(-0.4, 0.1))
    assert _is_sentence(text)
    assert text.startswith("P1 is contradicted: ")
    assert text.endswith(", where a positive effect was expected.")


def test_negligible(evidence):
    text = _reason(evidence(0.01, 0.02), smallest_effect=0.1)
    assert _is_sentence(text)
    assert "shown to be negligible" in text
    assert "the 90% interval [−.02, .04] lies inside ±.10, the smallest effect of interest" in text


def test_not_testable():
    text = _reason(Evidence(obstacle="the solution is inadmissible (the variance of g is negative)"))
    assert _is_sentence(text)
    assert text == "P1 could not be tested: the solution is inadmissible (the variance of g is negative)."
    assert _reason(Evidence()) == "P1 could not be tested: there is no test of this effect."


def test_one_sided_and_adjusted_p_values_are_called_so(evidence):
    assert "one-sided p = .045" in _reason(evidence(0.17, 0.1), sides="one")
    assert "p = .089, adjusted p = .089" in _reason(evidence(0.17, 0.1), multiplicity="holm")


def test_moderation_and_abbreviations(evidence):
    text = _reason(evidence(0.4, 0.1), test=InteractionTest(outcome="risk", predictor="trust", moderator="nrr"))
    assert "moderation by NRR of the effect of brand trust on risk" in text
    assert _is_sentence(text)


def test_variables_without_a_label_keep_their_name(evidence):
    assert "effect of x1 on y1" in _reason(evidence(0.4, 0.1), test=PathTest(outcome="y1", predictor="x1"))


def test_composites(evidence, proposition):
    parts = tuple(proposition(name) for name in ("P2a", "P2b", "P2c"))
    whole = Proposition(
        id="P2", statement="", expected="composite", test=CompositeTest(), rule=CompositeRule(), parts=parts
    )
    found = {"P2a": evidence(0.4, 0.1), "P2b": evidence(0.1, 0.1), "P2c": evidence(0.5, 0.1)}
    (verdict,) = judge_propositions([whole], found, LABELS)
    assert verdict.verdict == "partially supported"
    assert verdict.reason == "P2 combines its parts: P2a and P2c are supported; P2b is not supported."


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"expected": "positive"}, "estimate > 0, two-sided α = 0.05, p not adjusted"),
        (
            {"expected": "negative", "sides": "one", "alpha": 0.01, "multiplicity": "holm"},
            "estimate < 0, one-sided α = 0.01, p adjusted after Holm",
        ),
        (
            {"expected": "two-sided", "sides": "one", "multiplicity": "benjamini_hochberg"},
            "estimate ≠ 0, two-sided α = 0.05, p adjusted after Benjamini and Hochberg",
        ),
        (
            {"expected": "positive", "smallest_effect": 0.1},
            "estimate > 0, two-sided α = 0.05, p not adjusted; negligible if the 90% interval lies inside ±0.1 (std.)",
        ),
    ],
)
def test_rules_in_words(rule, text):
    assert str(DecisionRule(**rule)) == text


def test_tests_in_words():
    path = PathTest(outcome="y", predictor="x")
    assert str(path) == "x → y"
    assert str(InteractionTest(outcome="y", predictor="x", moderator="z")) == "x × z → y"
    assert str(GroupDifferenceTest(group="sector", paths=(path,))) == "x → y differ between values of sector"
    assert "combination" in str(CompositeTest())
    assert "partially supported" in str(CompositeRule())


GOOD = {"cfi": 0.97, "tli": 0.96, "rmsea": 0.04, "srmr": 0.05, "df": 24.0}


@pytest.mark.parametrize(
    ("changes", "severity", "message"),
    [
        ({}, "note", "meets all declared cut-offs"),
        ({"cfi": 0.95, "tli": 0.95, "rmsea": 0.06, "srmr": 0.08}, "note", "meets all declared cut-offs"),
        ({"cfi": 0.9499}, "warning", "Mixed fit: it misses CFI .9499 (≥ .95)."),
        ({"rmsea": 0.09, "srmr": 0.09}, "warning", "Poor fit: it misses RMSEA .090 (≤ .06) and SRMR .090 (≤ .08)."),
        ({"df": 0.0, "cfi": 0.1}, "note", "saturated"),
        ({"cfi.robust": 0.90}, "warning", "robust CFI .900"),
        ({"cfi": 0.90, "cfi.robust": 0.97}, "note", "meets all declared cut-offs"),
    ],
)
def test_fit_against_cut_offs(changes, severity, message):
    finding = judge_fit(GOOD | changes, FitCriteria(), model="structural model")
    assert isinstance(finding, Finding)
    assert (finding.severity, finding.where) == (severity, "structural model")
    assert message in finding.message
