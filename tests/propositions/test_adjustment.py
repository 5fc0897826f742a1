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


def _one_sided(evidence, proposition, p_values, method="holm", **rules):
    """Verdicts on negative estimates where positive effects were expected, by their two-sided p."""
    found = {name: evidence(-0.2, 0.1, p_value=p) for name, p in p_values.items()}
    made = [proposition(name, sides="one", multiplicity=method, **rules.get(name, {})) for name in found]
    return judge_propositions(made, found, {})


def test_a_contradiction_is_adjusted_like_the_other_side(evidence, proposition):
    p_values = {"P1": 0.06, "P2": 0.08, "P3": 0.9}
    adjusted, plain = (_one_sided(evidence, proposition, p_values, method)[0] for method in ("holm", "none"))
    assert plain.verdict == "contradicted"  # .03 of the other side
    assert plain.p_opposite == pytest.approx(0.03)
    assert adjusted.verdict == "not supported"  # three tests: .09
    assert adjusted.p_opposite == pytest.approx(0.09)
    assert adjusted.verdict_otherwise == "contradicted"
    assert plain.verdict_otherwise == "not supported"


def test_a_contradiction_that_survives_the_adjustment_tells_its_p(evidence, proposition):
    first = _one_sided(evidence, proposition, {"P1": 0.002, "P2": 0.5})[0]
    assert first.verdict == "contradicted"
    assert "where a positive effect was expected (one-sided adjusted p of the other side = .002)" in first.reason


def test_opposite_sides_are_adjusted_among_two_sided_tests_too(evidence, proposition):
    found = {"P1": evidence(-0.2, 0.1, p_value=0.06), "P2": evidence(0.5, 0.1, p_value=0.04)}
    made = [proposition("P1", sides="one", multiplicity="holm"), proposition("P2", multiplicity="holm")]
    first, second = judge_propositions(made, found, {})
    assert first.p_opposite == pytest.approx(0.06)
    assert isnan(second.p_opposite)


def test_families_are_adjusted_apart(evidence, proposition):
    found = {name: evidence(0.2, 0.1, p_value=0.03) for name in ("P1", "P2", "P3")}
    rules = {"P1": {"family": "main"}, "P2": {}, "P3": {}}
    made = [proposition(name, multiplicity="holm", **rules[name]) for name in found]
    judged = judge_propositions(made, found, {})
    assert [each.p_adjusted for each in judged] == pytest.approx([0.03, 0.06, 0.06])
    assert [each.verdict for each in judged] == ["supported", "not supported", "not supported"]
    assert "within the family main" in str(made[0].rule)
    assert "family" not in str(made[1].rule)


def test_each_rule_has_its_own_alpha_and_sides(evidence, proposition):
    found = {name: evidence(0.2, 0.1, p_value=0.03) for name in ("P1", "P2", "P3")}
    rules = {"P1": {"alpha": 0.01}, "P2": {"alpha": 0.01, "sides": "one"}, "P3": {}}
    judged = judge_propositions([proposition(name, **rules[name]) for name in found], found, {})
    assert [each.verdict for each in judged] == ["not supported", "not supported", "supported"]
    assert [each.p_adjusted for each in judged] == pytest.approx([0.03, 0.015, 0.03])


def test_one_sided_p_stands_beside_its_own_adjusted_one(evidence, proposition):
    found = {name: evidence(0.17, 0.1) for name in ("P1", "P2")}
    rules = {"sides": "one", "multiplicity": "holm"}
    first, _ = judge_propositions([proposition(name, **rules) for name in found], found, {})
    assert first.p_unadjusted == pytest.approx(found["P1"].p_value / 2)
    assert "one-sided p = .045, adjusted p = .089" in first.reason
