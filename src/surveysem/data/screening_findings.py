"""What a reader must know about screening besides the flow table: rules that were declared and could not be applied."""

from __future__ import annotations

from surveysem.data.screening import Screening, ScreeningRules
from surveysem.findings import Finding

UNAPPLIED = "screening rule"
_NOT_APPLIED = "not applied: "


def unapplied_rules(screening: Screening, rules: ScreeningRules) -> tuple[Finding, ...]:
    """Warnings on rules that somebody declared and that concerned nobody because they could not be applied.

    Rules that are on by default are left out: most questionnaires have no attention check, and the flow table says so.

    Parameters
    ----------
    screening : Screening
        The outcome.
    rules : ScreeningRules
        What was declared.
    """
    by_default = {step for step in screening.flow["step"] if getattr(ScreeningRules(), step, "off") != "off"}
    if rules.id_column is not None:
        by_default -= {"duplicate_ids"}
    return tuple(
        Finding(
            severity="warning",
            where=f"{UNAPPLIED} {step}",
            message=f"The rule is declared but was not applied: {action.removeprefix(_NOT_APPLIED)}. Nobody was left "
            "out or flagged by it.",
        )
        for step, action in screening.flow[["step", "action"]].itertuples(index=False)
        if action.startswith(_NOT_APPLIED) and step not in by_default
    )
