"""What a reader of tests of invariance over time must be told."""

from __future__ import annotations

from collections.abc import Sequence

from surveysem.findings import Finding
from surveysem.modelling.invariance_findings import ladder_findings
from surveysem.specification import ParameterTable, Statement

_BASELINE = (
    "CFI compares with the independence model, in which every column has a mean and a variance of its own (lavaan's), "
    "not with one that also holds these equal over time (Widaman & Thompson 2003)."
)


def longitudinal_findings(table: ParameterTable, statements: Sequence[Statement]) -> tuple[Finding, ...]:
    """Findings on the baseline model, the kind of indicators and how the model is written.

    Parameters
    ----------
    table : ParameterTable
        The waves at the configural level, as if they were groups.
    statements : sequence of Statement
        The measurement model of one wave.
    """
    fixed = [
        each.lhs
        for each in statements
        if each.op == "~~" and each.lhs == each.rhs and each.lhs in table.latent and each.value is not None
    ]
    message = (
        "Its variance is fixed to one value at all waves, so that equal loadings are tested together with equal "
        "variances. Let the first loading set the scale instead."
    )
    return (
        Finding(severity="note", where="baseline model", message=_BASELINE),
        *ladder_findings(table, ()),
        *(Finding(severity="warning", where=f"latent variable {name}", message=message) for name in fixed),
    )


def untested_over_time(level: str, before: str) -> Finding:
    """A level that restricts nothing beyond the one before."""
    reasons = {
        "thresholds": "no item with equal thresholds has four or more categories",
        "metric": "the loadings that could be equal only set the scales of the later waves",
    }
    reason = reasons.get(level, "its parameters are free or fixed already")
    message = f"It is no restriction beyond the {before} level ({reason}), fits as well, and is not tested by itself."
    return Finding(severity="note", where=f"{level} level", message=message)
