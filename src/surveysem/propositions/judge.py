"""Verdicts: declared rules applied to the numbers inference supplies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isnan, nan

from surveysem.propositions.multiplicity import adjust_p_values
from surveysem.propositions.proposition import DecisionRule, Proposition
from surveysem.propositions.verdict import Evidence, Verdict
from surveysem.propositions.wording import reason_for_composite, reason_for_effect
from surveysem.typing import VerdictLabel


def judge_propositions(
    propositions: Sequence[Proposition], evidence: Mapping[str, Evidence], labels: Mapping[str, str]
) -> tuple[Verdict, ...]:
    """Verdicts on all propositions of one family.

    Parameters
    ----------
    propositions : sequence of Proposition
        The family over which p-values are adjusted; parts of composites count one by one.
    evidence : Mapping of str to Evidence
        By proposition id; one for every proposition that is not composite.
    labels : Mapping of str to str
        Readers' names of the latent variables.

    Returns
    -------
    tuple of Verdict
        In the order of the propositions.
    """
    tested = [each for each in _parts_apart(propositions) if isinstance(each.rule, DecisionRule)]
    p_values = [tested_p(_rule(each), evidence[each.id]) for each in tested]
    method = _rule(tested[0]).multiplicity if tested else "none"
    adjusted = dict(zip((each.id for each in tested), adjust_p_values(p_values, method), strict=True))
    return tuple(_judge(each, evidence, adjusted, labels) for each in propositions)


def tested_p(rule: DecisionRule, evidence: Evidence) -> float:
    """The p the rule asks for: two-sided, or of the expected side; NaN when there is an obstacle."""
    if evidence.obstacle:
        return nan
    if not rule.one_sided:
        return evidence.p_value
    return one_sided_p(evidence, positive=rule.expected == "positive")


def one_sided_p(evidence: Evidence, *, positive: bool) -> float:
    """P-value against the alternative of a positive (or negative) effect."""
    half = evidence.p_value / 2.0
    return half if (evidence.estimate > 0) == positive else 1.0 - half


def verdict_of_effect(rule: DecisionRule, evidence: Evidence, p_adjusted: float) -> VerdictLabel:
    """Label of a single effect.

    In this order: not testable (an obstacle, or no p); negligible (a smallest effect is declared and the 1 − 2·alpha
    interval lies inside it); supported (adjusted p at most alpha, sign as expected); contradicted (the opposite sign,
    significant by the same test, or for one-sided rules by the opposite one at alpha); not supported.
    """
    if evidence.obstacle or isnan(p_adjusted):
        return "not testable"
    if _is_negligible(rule, evidence):
        return "negligible"
    as_expected = rule.expected == "two-sided" or (evidence.estimate > 0) == (rule.expected == "positive")
    if as_expected:
        return "supported" if p_adjusted <= rule.alpha else "not supported"
    opposite = one_sided_p(evidence, positive=rule.expected != "positive") if rule.one_sided else p_adjusted
    return "contradicted" if opposite <= rule.alpha else "not supported"


def verdict_of_composite(parts: Sequence[Verdict]) -> VerdictLabel:
    """Label of a composite from the labels of its parts; see :class:`CompositeRule`."""
    labels = [part.verdict for part in parts]
    if all(label == "supported" for label in labels):
        return "supported"
    if "supported" in labels:
        return "partially supported"
    if "contradicted" in labels:
        return "contradicted"
    if all(label == "negligible" for label in labels):
        return "negligible"
    return "not testable" if "not testable" in labels else "not supported"


def _is_negligible(rule: DecisionRule, evidence: Evidence) -> bool:
    if rule.smallest_effect is None:
        return False
    return -rule.smallest_effect < evidence.equivalence_lower and evidence.equivalence_upper < rule.smallest_effect


def _judge(
    proposition: Proposition,
    evidence: Mapping[str, Evidence],
    adjusted: Mapping[str, float],
    labels: Mapping[str, str],
) -> Verdict:
    if not isinstance(proposition.rule, DecisionRule):
        parts = tuple(_judge(part, evidence, adjusted, labels) for part in proposition.parts)
        return Verdict(
            proposition=proposition,
            verdict=verdict_of_composite(parts),
            evidence=Evidence(),
            p_adjusted=nan,
            reason=reason_for_composite(proposition, parts),
            parts=parts,
        )
    numbers, p_adjusted = evidence[proposition.id], adjusted[proposition.id]
    label = verdict_of_effect(proposition.rule, numbers, p_adjusted)
    return Verdict(
        proposition=proposition,
        verdict=label,
        evidence=numbers,
        p_adjusted=p_adjusted,
        reason=reason_for_effect(proposition, proposition.rule, label, numbers, p_adjusted, labels),
    )


def _parts_apart(propositions: Sequence[Proposition]) -> Iterator[Proposition]:
    for proposition in propositions:
        yield from proposition.parts or (proposition,)


def _rule(proposition: Proposition) -> DecisionRule:
    if not isinstance(proposition.rule, DecisionRule):
        raise TypeError(f"{proposition.id} is composite and has no rule of its own")
    return proposition.rule
