"""The sentence that gives the reason of a verdict, fit to be pasted into a paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan

from surveysem.number_formats import format_bounded, format_decimal, format_interval, format_p_equation
from surveysem.propositions.proposition import (
    DecisionRule,
    GroupDifferenceTest,
    InteractionTest,
    Multiplicity,
    PathTest,
    Proposition,
)
from surveysem.propositions.verdict import Evidence, Verdict, tested_p
from surveysem.typing import VerdictLabel


def reason_for_effect(
    proposition: Proposition,
    rule: DecisionRule,
    verdict: VerdictLabel,
    evidence: Evidence,
    p_adjusted: float,
    labels: Mapping[str, str],
    *,
    p_opposite: float = nan,
) -> str:
    """Why a single effect got its verdict: b with its test, β with its interval."""
    if verdict == "not testable":
        return f"{proposition.id} could not be tested: {evidence.obstacle or 'there is no test of this effect'}."
    if isinstance(proposition.test, GroupDifferenceTest):
        return f"{proposition.id} {CLAUSES[verdict]}: {_group_difference(rule, evidence, p_adjusted)}."
    level = f"{1 - rule.alpha:.0%}"
    numbers = (
        f"b = {format_decimal(evidence.estimate)}, SE = {format_decimal(evidence.std_error)}, "
        f"{p_values(rule, evidence, p_adjusted)}, β = {format_bounded(evidence.std_estimate)}, {level} CI "
        f"{format_interval(evidence.std_ci_lower, evidence.std_ci_upper, bounded=True)}"
    )
    effect, ending = effect_name(proposition, labels), verdict_ending(rule, verdict, evidence, p_opposite)
    return f"{proposition.id} {CLAUSES[verdict]}: {effect}, {numbers}{ending}."


CLAUSES: dict[VerdictLabel, str] = {
    "supported": "is supported",
    "not supported": "is not supported",
    "contradicted": "is contradicted",
    "negligible": "concerns an effect shown to be negligible",
}


def effect_name(proposition: Proposition, labels: Mapping[str, str]) -> str:
    """The effect tested, in readers' names."""

    def name(variable: str) -> str:
        label = labels.get(variable, variable)
        return label[:1].lower() + label[1:] if label[1:2].islower() else label

    test = proposition.test
    if isinstance(test, PathTest):
        return f"effect of {name(test.predictor)} on {name(test.outcome)}"
    if isinstance(test, InteractionTest):
        return f"moderation by {name(test.moderator)} of the effect of {name(test.predictor)} on {name(test.outcome)}"
    return str(test)


def _group_difference(rule: DecisionRule, evidence: Evidence, p_adjusted: float) -> str:
    statistic = f"Δχ²({evidence.df_difference}) = {format_decimal(evidence.chi_square_difference)}"
    return f"paths held equal across the groups, {statistic}, {p_values(rule, evidence, p_adjusted)}"


def p_values(rule: DecisionRule, evidence: Evidence, p_adjusted: float) -> str:
    """The p in the sides of the rule, and the adjusted one where the rule adjusts."""
    sides = "one-sided " if rule.one_sided else ""
    unadjusted = f"{sides}p {format_p_equation(tested_p(rule, evidence))}"
    if rule.multiplicity == "none":
        return unadjusted
    return f"{unadjusted}, adjusted p {format_p_equation(p_adjusted)}"


def verdict_ending(rule: DecisionRule, verdict: VerdictLabel, evidence: Evidence, p_opposite: float = nan) -> str:
    """What a negligible or contradicted effect is held against; else empty."""
    if verdict == "negligible" and rule.smallest_effect is not None:
        bound = format_bounded(rule.smallest_effect)
        interval = format_interval(evidence.equivalence_lower, evidence.equivalence_upper, bounded=True)
        level = f"{1 - 2 * rule.alpha:.0%}"
        return f"; the {level} interval {interval} lies inside ±{bound}, the smallest effect of interest"
    if verdict == "contradicted":
        adjusted = "" if rule.multiplicity == "none" else "adjusted "
        side = f" (one-sided {adjusted}p of the other side {format_p_equation(p_opposite)})" if rule.one_sided else ""
        return f", where a {rule.expected} effect was expected{side}"
    return ""


def otherwise_clause(method: Multiplicity, verdict: VerdictLabel, otherwise: VerdictLabel) -> str:
    """A sentence that says when the other treatment of multiplicity would change the verdict; else empty.

    Examples
    --------
    >>> otherwise_clause("holm", "not supported", "supported")
    ' Without the adjustment of p the verdict would be: supported.'
    """
    if verdict == otherwise:
        return ""
    treatment = "With p adjusted after Holm" if method == "none" else "Without the adjustment of p"
    return f" {treatment} the verdict would be: {otherwise}."


def reason_for_composite(proposition: Proposition, parts: Sequence[Verdict]) -> str:
    """Which parts of a composite got which verdict."""
    groups: dict[str, list[str]] = {}
    for part in parts:
        groups.setdefault(part.verdict, []).append(part.id)
    listed = [f"{_joined(ids)} {'is' if len(ids) == 1 else 'are'} {label}" for label, ids in groups.items()]
    return f"{proposition.id} combines its parts: {'; '.join(listed)}."


def _joined(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{', '.join(ids[:-1])} and {ids[-1]}"
