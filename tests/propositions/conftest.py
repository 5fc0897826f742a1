"""Propositions and evidence to judge."""

from collections.abc import Callable

import pytest
from scipy.stats import norm

from surveysem.propositions import DecisionRule, Evidence, PathTest, Proposition


def evidence_of(estimate: float, std_error: float, **changes: object) -> Evidence:
    """Evidence on an effect whose standardised value is the estimate itself."""
    half, inner = 1.959963984540054 * std_error, 1.6448536269514722 * std_error
    p = float(2 * norm.sf(abs(estimate) / std_error))
    fields = {
        "estimate": estimate,
        "std_error": std_error,
        "ci_lower": estimate - half,
        "ci_upper": estimate + half,
        "p_value": p,
        "std_estimate": estimate,
        "std_std_error": std_error,
        "std_ci_lower": estimate - half,
        "std_ci_upper": estimate + half,
        "std_p_value": p,
        "equivalence_lower": estimate - inner,
        "equivalence_upper": estimate + inner,
        "effect_size": 0.1,
    }
    return Evidence(**(fields | changes))


def proposition_of(name: str = "P1", **rule: object) -> Proposition:
    """A proposition on the effect of trust on intention."""
    decision = DecisionRule(**({"expected": "positive"} | rule))
    return Proposition(
        id=name,
        statement="Trust raises intention.",
        expected=decision.expected,
        test=PathTest(outcome="intention", predictor="trust"),
        rule=decision,
    )


@pytest.fixture
def evidence() -> Callable[..., Evidence]:
    """Maker of evidence."""
    return evidence_of


@pytest.fixture
def proposition() -> Callable[..., Proposition]:
    """Maker of propositions."""
    return proposition_of
