"""Both treatments of multiplicity are always known, and verdicts that hang on the choice say so."""

from math import isnan

import pytest

from surveysem.propositions import CompositeRule, CompositeTest, Proposition, judge_propositions


def test_a_verdict_that_the_adjustment_costs_says_so(evidence, proposition):
    found = {name: evidence(0.2, 0.1, p_value=0.03) for name in ("P1", "P2")}
    first, _ = judge_propositions([proposition(name, multiplicity="holm") for name in found], found, {})
    assert (first.verdict, first.verdict_otherwise) == ("not supported", "supported")
    assert (first.p_unadjusted, first.p_adjusted, first.p_otherwise) == pytest.approx((0.03, 0.06, 0.03))
    assert first.depends_on_adjustment
    assert first.reason.endswith("Without the adjustment of p the verdict would be: supported.")


def test_a_verdict_without_adjustment_says_what_holm_would_make_of_it(evidence, proposition):
    found = {name: evidence(0.2, 0.1, p_value=0.03) for name in ("P1", "P2")}
    first, _ = judge_propositions([proposition(name) for name in found], found, {})
    assert (first.verdict, first.verdict_otherwise) == ("supported", "not supported")
    assert (first.p_unadjusted, first.p_adjusted, first.p_otherwise) == pytest.approx((0.03, 0.03, 0.06))
    assert first.reason.endswith("With p adjusted after Holm the verdict would be: not supported.")


def test_verdicts_that_do_not_hang_on_it_say_nothing(evidence, proposition):
    found = {name: evidence(0.4, 0.1) for name in ("P1", "P2")}
    for verdict in judge_propositions([proposition(name, multiplicity="holm") for name in found], found, {}):
        assert not verdict.depends_on_adjustment
        assert "adjustment of p" not in verdict.reason


def test_composites_hang_on_it_as_their_parts_do(evidence, proposition):
    parts = (proposition("P2a", multiplicity="holm"), proposition("P2b", multiplicity="holm"))
    whole = Proposition(
        id="P2", statement="", expected="composite", test=CompositeTest(), rule=CompositeRule(), parts=parts
    )
    found = {"P2a": evidence(0.4, 0.1, p_value=0.001), "P2b": evidence(0.2, 0.1, p_value=0.04)}
    first = judge_propositions([proposition("P1", multiplicity="holm"), whole], found | {"P1": evidence(0.0, 0.1)}, {})[
        1
    ]
    assert (first.verdict, first.verdict_otherwise) == ("partially supported", "supported")
    assert isnan(first.p_unadjusted)
    assert "would be: supported" in first.reason


def test_one_sided_p_stands_beside_its_own_adjusted_one(evidence, proposition):
    found = {name: evidence(0.17, 0.1) for name in ("P1", "P2")}
    rules = {"sides": "one", "multiplicity": "holm"}
    first, _ = judge_propositions([proposition(name, **rules) for name in found], found, {})
    assert first.p_unadjusted == pytest.approx(found["P1"].p_value / 2)
    assert "one-sided p = .045, adjusted p = .089" in first.reason
