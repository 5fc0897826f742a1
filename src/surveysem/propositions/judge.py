"""Verdicts: declared rules applied to the numbers inference supplies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

from surveysem.propositions.multiplicity import adjust_p_values
from surveysem.propositions.proposition import DecisionRule, Multiplicity, Proposition
from surveysem.propositions.verdict import Evidence, Verdict, opposite_p, tested_p
from surveysem.propositions.wording import otherwise_clause, reason_for_composite, reason_for_effect
from surveysem.typing import VerdictLabel


@dataclass(frozen=True, kw_only=True)
class _PValues:
    """p-values by id of the proposition: of what the rules test, and of the sides they do not expect."""

    tested: Mapping[str, float]
    opposite: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class _Family:
    """Evidence on propositions, with its p-values under the declared adjustment and the other one."""

    method: Multiplicity
    evidence: Mapping[str, Evidence]
    adjusted: _PValues
    otherwise: _PValues
    labels: Mapping[str, str]


def judge_propositions(
    propositions: Sequence[Proposition], evidence: Mapping[str, Evidence], labels: Mapping[str, str]
) -> tuple[Verdict, ...]:
    """Verdicts on propositions whose p-values are adjusted within the families their rules name.

    Parameters
    ----------
    propositions : sequence of Proposition
        One family, or several that their rules name; parts of composites count one by one.
    evidence : Mapping of str to Evidence
        By proposition id; one for every proposition that is not composite.
    labels : Mapping of str to str
        Readers' names of the latent variables.

    Returns
    -------
    tuple of Verdict
        In the order of the propositions, each with the verdict that the other treatment of multiplicity would have
        given: Holm's where the rules declare none, none where they declare one.

    Notes
    -----
    One-sided rules are contradicted by the p of the side they do not expect. These p are adjusted like the others, in
    the same family: among the unexpected sides of one-sided rules and the p of two-sided ones.
    """
    tested = [each for each in _parts_apart(propositions) if isinstance(each.rule, DecisionRule)]
    method: Multiplicity = _rule(tested[0]).multiplicity if tested else "none"
    other: Multiplicity = "holm" if method == "none" else "none"
    family = _Family(
        method=method,
        evidence=evidence,
        adjusted=_p_values(tested, evidence, method),
        otherwise=_p_values(tested, evidence, other),
        labels=labels,
    )
    return tuple(_judge(each, family) for each in propositions)


def _p_values(tested: Sequence[Proposition], evidence: Mapping[str, Evidence], method: Multiplicity) -> _PValues:
    return _PValues(
        tested=_adjusted_p(tested, evidence, method, tested_p),
        opposite=_adjusted_p(tested, evidence, method, opposite_p),
    )


def _adjusted_p(
    tested: Sequence[Proposition],
    evidence: Mapping[str, Evidence],
    method: Multiplicity,
    p_of: Callable[[DecisionRule, Evidence], float],
) -> dict[str, float]:
    """p-values adjusted within each family, by id."""
    families: dict[str, list[str]] = {}
    for each in tested:
        families.setdefault(_rule(each).family, []).append(each.id)
    p_values = {each.id: p_of(_rule(each), evidence[each.id]) for each in tested}
    return {
        name: adjusted
        for ids in families.values()
        for name, adjusted in zip(ids, adjust_p_values([p_values[each] for each in ids], method), strict=True)
    }


def verdict_of_effect(
    rule: DecisionRule, evidence: Evidence, p_adjusted: float, p_opposite: float | None = None
) -> VerdictLabel:
    """Label of a single effect.

    In this order: not testable (an obstacle, or no p); negligible (a smallest effect is declared and the 1 − 2·alpha
    interval lies inside it); supported (adjusted p at most alpha, sign as expected); contradicted (the opposite sign,
    significant by the same test, or for one-sided rules by the opposite one, whose p is *p_opposite*, adjusted like the
    other; unadjusted if left out); not supported.
    """
    if evidence.obstacle or isnan(p_adjusted):
        return "not testable"
    if _is_negligible(rule, evidence):
        return "negligible"
    as_expected = rule.expected == "two-sided" or (evidence.estimate > 0) == (rule.expected == "positive")
    if as_expected:
        return "supported" if p_adjusted <= rule.alpha else "not supported"
    if not rule.one_sided:
        return "contradicted" if p_adjusted <= rule.alpha else "not supported"
    opposite = opposite_p(rule, evidence) if p_opposite is None else p_opposite
    return "contradicted" if opposite <= rule.alpha else "not supported"


def verdict_of_composite(labels: Sequence[VerdictLabel]) -> VerdictLabel:
    """Label of a composite from the labels of its parts; see :class:`CompositeRule`."""
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


def _judge(proposition: Proposition, family: _Family) -> Verdict:
    if not isinstance(proposition.rule, DecisionRule):
        return _judge_composite(proposition, family)
    rule, numbers = proposition.rule, family.evidence[proposition.id]
    p_adjusted, p_otherwise = family.adjusted.tested[proposition.id], family.otherwise.tested[proposition.id]
    p_opposite = family.adjusted.opposite[proposition.id]
    label = verdict_of_effect(rule, numbers, p_adjusted, p_opposite)
    otherwise = verdict_of_effect(rule, numbers, p_otherwise, family.otherwise.opposite[proposition.id])
    reason = reason_for_effect(proposition, rule, label, numbers, p_adjusted, family.labels, p_opposite=p_opposite)
    return Verdict(
        proposition=proposition,
        verdict=label,
        evidence=numbers,
        p_adjusted=p_adjusted,
        reason=reason + otherwise_clause(family.method, label, otherwise),
        p_otherwise=p_otherwise,
        verdict_otherwise=otherwise,
        p_opposite=p_opposite if rule.one_sided else nan,
    )


def _judge_composite(proposition: Proposition, family: _Family) -> Verdict:
    parts = tuple(_judge(part, family) for part in proposition.parts)
    label = verdict_of_composite([part.verdict for part in parts])
    otherwise = verdict_of_composite([part.verdict_otherwise or part.verdict for part in parts])
    return Verdict(
        proposition=proposition,
        verdict=label,
        evidence=Evidence(),
        p_adjusted=nan,
        reason=reason_for_composite(proposition, parts) + otherwise_clause(family.method, label, otherwise),
        parts=parts,
        verdict_otherwise=otherwise,
    )


def _parts_apart(propositions: Sequence[Proposition]) -> Iterator[Proposition]:
    for proposition in propositions:
        yield from proposition.parts or (proposition,)


def _rule(proposition: Proposition) -> DecisionRule:
    if not isinstance(proposition.rule, DecisionRule):
        raise TypeError(f"{proposition.id} is composite and has no rule of its own")
    return proposition.rule
