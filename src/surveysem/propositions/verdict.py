"""Verdicts: what the data say about a proposition, with the evidence and the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan

from surveysem.propositions.proposition import DecisionRule, Proposition
from surveysem.typing import VerdictLabel


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The numbers inference supplies for one proposition.

    Parameters
    ----------
    estimate, std_error, ci_lower, ci_upper, p_value : float
        Unstandardised effect, its standard error, interval (1 − alpha) and two-sided p.
    std_estimate, std_std_error, std_ci_lower, std_ci_upper, std_p_value : float
        Standardised effect with its delta-method standard error, interval (1 − alpha) and two-sided p.
    equivalence_lower, equivalence_upper : float
        Interval (1 − 2·alpha) of the standardised effect, which decides whether it is negligible.
    effect_size : float
        Cohen's f² of the effect within its equation.
    chi_square_difference, df_difference : float, int
        (Scaled) difference test, for propositions that groups differ.
    obstacle : str
        Why the evidence cannot decide (no such estimate, inadmissible solution …); empty when it can.
    """

    estimate: float = nan
    std_error: float = nan
    ci_lower: float = nan
    ci_upper: float = nan
    p_value: float = nan
    std_estimate: float = nan
    std_std_error: float = nan
    std_ci_lower: float = nan
    std_ci_upper: float = nan
    std_p_value: float = nan
    equivalence_lower: float = nan
    equivalence_upper: float = nan
    effect_size: float = nan
    chi_square_difference: float = nan
    df_difference: int = 0
    obstacle: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The judgement on one proposition.

    Parameters
    ----------
    proposition : Proposition
        What was judged.
    verdict : str
        One of ``typing.VerdictLabel``.
    evidence : Evidence
        The numbers it rests on; all NaN for composites.
    p_adjusted : float
        The p after the declared adjustment, in the sides the rule declares.
    reason : str
        One sentence an author may paste.
    parts : tuple of Verdict
        Verdicts of the parts of a composite.
    p_otherwise : float
        The p under the other treatment of multiplicity: adjusted after Holm where the rule declares no adjustment,
        unadjusted where it declares one. It decides nothing.
    verdict_otherwise : str or None
        The verdict this p would have given.
    p_opposite : float
        Of one-sided rules, the p of the side that was not expected, adjusted among the p of these sides in the same
        family; it decides whether the proposition is contradicted. NaN of others.
    """

    proposition: Proposition
    verdict: VerdictLabel
    evidence: Evidence
    p_adjusted: float
    reason: str
    parts: tuple[Verdict, ...] = field(default=())
    p_otherwise: float = nan
    verdict_otherwise: VerdictLabel | None = None
    p_opposite: float = nan

    @property
    def id(self) -> str:
        """Id of the proposition judged."""
        return self.proposition.id

    @property
    def p_unadjusted(self) -> float:
        """The p in the sides the rule declares, before any adjustment; NaN for composites."""
        rule = self.proposition.rule
        return tested_p(rule, self.evidence) if isinstance(rule, DecisionRule) else nan

    @property
    def depends_on_adjustment(self) -> bool:
        """Whether the other treatment of multiplicity would have given another verdict."""
        return self.verdict_otherwise is not None and self.verdict_otherwise != self.verdict


def tested_p(rule: DecisionRule, evidence: Evidence) -> float:
    """The p the rule asks for: two-sided, or of the expected side; NaN when there is an obstacle."""
    if evidence.obstacle:
        return nan
    if not rule.one_sided:
        return evidence.p_value
    return one_sided_p(evidence, positive=rule.expected == "positive")


def opposite_p(rule: DecisionRule, evidence: Evidence) -> float:
    """The p of the side that was not expected; the two-sided one of rules with two sides, NaN with an obstacle."""
    if evidence.obstacle or not rule.one_sided:
        return tested_p(rule, evidence)
    return one_sided_p(evidence, positive=rule.expected != "positive")


def one_sided_p(evidence: Evidence, *, positive: bool) -> float:
    """P-value against the alternative of a positive (or negative) effect."""
    half = evidence.p_value / 2.0
    return half if (evidence.estimate > 0) == positive else 1.0 - half
