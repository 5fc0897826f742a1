"""Propositions, decision rules and verdicts."""

from surveysem.propositions.fit_quality import FitCriteria, judge_fit
from surveysem.propositions.judge import judge_propositions
from surveysem.propositions.multiplicity import adjust_p_values
from surveysem.propositions.proposition import (
    CompositeRule,
    CompositeTest,
    DecisionRule,
    Expected,
    GroupDifferenceTest,
    InteractionTest,
    Multiplicity,
    PathTest,
    ProposedTest,
    Proposition,
    Sides,
)
from surveysem.propositions.verdict import Evidence, Verdict

__all__ = [
    "CompositeRule",
    "CompositeTest",
    "DecisionRule",
    "Evidence",
    "Expected",
    "FitCriteria",
    "GroupDifferenceTest",
    "InteractionTest",
    "Multiplicity",
    "PathTest",
    "ProposedTest",
    "Proposition",
    "Sides",
    "Verdict",
    "adjust_p_values",
    "judge_fit",
    "judge_propositions",
]
