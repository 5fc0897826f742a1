"""Verdicts: what the data say about a proposition, with the evidence and the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan

from surveysem.propositions.proposition import Proposition
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
    """

    proposition: Proposition
    verdict: VerdictLabel
    evidence: Evidence
    p_adjusted: float
    reason: str
    parts: tuple[Verdict, ...] = field(default=())

    @property
    def id(self) -> str:
        """Id of the proposition judged."""
        return self.proposition.id
