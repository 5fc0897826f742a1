"""Every verdict, at and around the border where it begins."""

from itertools import product
from math import isnan, nan
from typing import get_args

import pytest

from surveysem.propositions import (
    CompositeRule,
    CompositeTest,
    DecisionRule,
    Evidence,
    Proposition,
    Verdict,
    judge_propositions,
)
from surveysem.propositions.judge import verdict_of_composite, verdict_of_effect
from surveysem.propositions.verdict import one_sided_p
from surveysem.propositions.verdict import tested_p as p_that_counts
from surveysem.typing import VerdictLabel

POSITIVE, NEGATIVE = DecisionRule(expected="positive"), DecisionRule(expected="negative")
TWO_SIDED = DecisionRule(expected="two-sided")
ONE_SIDED = DecisionRule(expected="positive", sides="one")
ONE_SIDED_DOWN = DecisionRule(expected="negative", sides="one")


def _label(rule, evidence):
    return verdict_of_effect(rule, evidence, p_that_counts(rule, evidence))


@pytest.mark.parametrize(
    ("rule", "estimate", "expected"),
    [
        (POSITIVE, 0.4, "supported"),
        (POSITIVE, 0.1, "not supported"),
        (POSITIVE, -0.1, "not supported"),
        (POSITIVE, -0.4, "contradicted"),
        (NEGATIVE, -0.4, "supported"),
        (NEGATIVE, -0.1, "not supported"),
        (NEGATIVE, 0.1, "not supported"),
        (NEGATIVE, 0.4, "contradicted"),
        (TWO_SIDED, 0.4, "supported"),
        (TWO_SIDED, -0.4, "supported"),
        (TWO_SIDED, 0.1, "not supported"),
        (ONE_SIDED, 0.4, "supported"),
        (ONE_SIDED, 0.17, "supported"),
        (POSITIVE, 0.17, "not supported"),
        (ONE_SIDED, -0.17, "contradicted"),
        (POSITIVE, -0.17, "not supported"),
        (ONE_SIDED, -0.1, "not supported"),
        (ONE_SIDED_DOWN, -0.17, "supported"),
        (ONE_SIDED_DOWN, 0.17, "contradicted"),
        (ONE_SIDED_DOWN, 0.1, "not supported"),
    ],
)
def test_single_effects(rule, estimate, expected, evidence):
    """Standard error 0.1: |z| of 1.7 is significant at 5 % in one direction only."""
    assert _label(rule, evidence(estimate, 0.1)) == expected


@pytest.mark.parametrize(
    ("p", "expected"), [(0.05, "supported"), (0.05 + 1e-12, "not supported"), (0.05 - 1e-12, "supported")]
)
def test_a_p_of_exactly_alpha_supports(p, expected, evidence):
    assert verdict_of_effect(POSITIVE, evidence(0.2, 0.1, p_value=p), p) == expected


@pytest.mark.parametrize(("p", "expected"), [(0.05, "contradicted"), (0.0500001, "not supported")])
def test_a_p_of_exactly_alpha_contradicts(p, expected, evidence):
    assert verdict_of_effect(POSITIVE, evidence(-0.2, 0.1, p_value=p), p) == expected


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.10])
def test_the_declared_error_rate_decides(alpha, evidence):
    rule = DecisionRule(expected="positive", alpha=alpha)
    assert _label(rule, evidence(0.4, 0.1, p_value=alpha)) == "supported"
    assert _label(rule, evidence(0.4, 0.1, p_value=alpha * 1.001)) == "not supported"


def test_one_sided_p_values(evidence):
    up, down = evidence(0.3, 0.1, p_value=0.04), evidence(-0.3, 0.1, p_value=0.04)
    assert one_sided_p(up, positive=True) == 0.02
    assert one_sided_p(up, positive=False) == 0.98
    assert one_sided_p(down, positive=True) == 0.98
    assert one_sided_p(down, positive=False) == 0.02
    assert p_that_counts(ONE_SIDED, up) == 0.02
    assert p_that_counts(ONE_SIDED, down) == 0.98
    assert p_that_counts(POSITIVE, up) == 0.04
    assert p_that_counts(DecisionRule(expected="two-sided", sides="one"), up) == 0.04


def test_the_expected_sign_is_never_contradicted_by_chance_of_adjustment(evidence):
    assert verdict_of_effect(POSITIVE, evidence(0.4, 0.1), 0.9) == "not supported"


INTEREST = DecisionRule(expected="positive", smallest_effect=0.1)


@pytest.mark.parametrize(
    ("lower", "upper", "expected"),
    [
        (-0.09, 0.09, "negligible"),
        (0.01, 0.09, "negligible"),
        (-0.1, 0.05, "supported"),
        (-0.05, 0.1, "supported"),
        (0.05, 0.3, "supported"),
        (nan, nan, "supported"),
    ],
)
def test_equivalence(lower, upper, expected, evidence):
    """The whole interval lies strictly inside; a significant effect that is shown to be tiny is negligible."""
    found = evidence(0.05, 0.01, equivalence_lower=lower, equivalence_upper=upper)
    assert _label(INTEREST, found) == expected


def test_without_a_smallest_effect_nothing_is_negligible(evidence):
    assert _label(POSITIVE, evidence(0.0001, 0.00001)) == "supported"


def test_obstacles_come_first(evidence):
    stuck = evidence(0.4, 0.01, obstacle="the solution is inadmissible")
    assert isnan(p_that_counts(POSITIVE, stuck))
    assert _label(POSITIVE, stuck) == "not testable"
    assert verdict_of_effect(POSITIVE, stuck, 0.001) == "not testable"


def test_no_p_is_not_testable():
    assert _label(POSITIVE, Evidence()) == "not testable"
    assert _label(INTEREST, Evidence()) == "not testable"


def _part(label):
    return Verdict(
        proposition=Proposition(id="a", statement="", expected="positive", test=CompositeTest(), rule=POSITIVE),
        verdict=label,
        evidence=Evidence(),
        p_adjusted=nan,
        reason="",
    )


def _composite_by_its_description(labels):
    if set(labels) == {"supported"}:
        return "supported"
    if "supported" in labels:
        return "partially supported"
    if "contradicted" in labels:
        return "contradicted"
    if set(labels) == {"negligible"}:
        return "negligible"
    if "not testable" in labels:
        return "not testable"
    return "not supported"


SINGLE = ("supported", "not supported", "contradicted", "negligible", "not testable")


@pytest.mark.parametrize("labels", [*product(SINGLE, repeat=2), *product(SINGLE, repeat=3)])
def test_composites(labels):
    assert verdict_of_composite(labels) == _composite_by_its_description(labels)


def test_every_label_can_be_reached(evidence):
    reached = {
        _label(POSITIVE, evidence(0.4, 0.1)),
        _label(POSITIVE, evidence(0.1, 0.1)),
        _label(POSITIVE, evidence(-0.4, 0.1)),
        _label(INTEREST, evidence(0.0, 0.01)),
        _label(POSITIVE, Evidence()),
        verdict_of_composite(["supported", "contradicted"]),
    }
    assert reached == set(get_args(VerdictLabel))


def test_p_values_are_adjusted_over_all_propositions_and_parts(evidence, proposition):
    parts = (proposition("P2a", multiplicity="holm"), proposition("P2b", multiplicity="holm"))
    whole = Proposition(
        id="P2", statement="", expected="composite", test=CompositeTest(), rule=CompositeRule(), parts=parts
    )
    found = {
        "P1": evidence(0.2, 0.1, p_value=0.02),
        "P2a": evidence(0.4, 0.1, p_value=0.001),
        "P2b": evidence(0.2, 0.1, p_value=0.03),
    }
    first, second = judge_propositions([proposition("P1", multiplicity="holm"), whole], found, {})
    assert first.p_adjusted == pytest.approx(0.04)
    assert [part.p_adjusted for part in second.parts] == pytest.approx([0.003, 0.04])
    assert (first.verdict, second.verdict) == ("supported", "supported")
    assert isnan(second.p_adjusted)


def test_adjustment_can_cost_support(evidence, proposition):
    found = {name: evidence(0.2, 0.1, p_value=0.03) for name in ("P1", "P2")}
    verdicts = judge_propositions([proposition(name, multiplicity="holm") for name in found], found, {})
    assert [verdict.verdict for verdict in verdicts] == ["not supported", "not supported"]
    alone = judge_propositions([proposition(name) for name in found], found, {})
    assert [verdict.verdict for verdict in alone] == ["supported", "supported"]


def test_an_obstacle_does_not_count_as_a_test(evidence, proposition):
    found = {"P1": evidence(0.2, 0.1, p_value=0.03), "P2": Evidence(obstacle="groups cannot be compared")}
    first, second = judge_propositions([proposition(name, multiplicity="holm") for name in found], found, {})
    assert first.p_adjusted == pytest.approx(0.03)
    assert second.verdict == "not testable"


def test_no_propositions():
    assert judge_propositions([], {}, {}) == ()


def test_verdicts_know_their_proposition(evidence, proposition):
    (verdict,) = judge_propositions([proposition("P7")], {"P7": evidence(0.4, 0.1)}, {})
    assert verdict.id == "P7"
