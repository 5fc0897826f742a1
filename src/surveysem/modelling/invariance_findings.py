"""What a reader of tests of measurement invariance must be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from surveysem.findings import Finding, Severity
from surveysem.inference import Fit
from surveysem.specification import ParameterTable, Statement

_TOGETHER = (
    "Thresholds of binary items set the location or the scale of their latent responses, so that thresholds, loadings "
    "and intercepts are tested together, at the scalar level (Wu & Estabrook 2016)"
)


def ladder_findings(table: ParameterTable, statements: Sequence[Statement]) -> tuple[Finding, ...]:
    """Findings on the kind of indicators and on how the model is written.

    Parameters
    ----------
    table : ParameterTable
        The configural model.
    statements : sequence of Statement
        The measurement model as written.
    """
    return (*_binary_findings(table), *_ordered_findings(table), *_fixed_variance_findings(table, statements))


def _binary_findings(table: ParameterTable) -> list[Finding]:
    counts = Counter(row.lhs for row in table if row.op == "|" and row.group == 1)
    binary = [name for name in table.ordered if counts[name] == 1]
    if not binary:
        return []
    return [Finding(severity="note", where=f"binary items {', '.join(binary)}", message=f"{_TOGETHER}.")]


def _ordered_findings(table: ParameterTable) -> list[Finding]:
    if not table.ordered:
        return []
    message = (
        "Limits of the changes in CFI, RMSEA and SRMR were found for continuous indicators; with ordered ones they are "
        "less well known (Sass et al. 2014)."
    )
    return [Finding(severity="note", where="ordered indicators", message=message)]


def _fixed_variance_findings(table: ParameterTable, statements: Sequence[Statement]) -> list[Finding]:
    """Latent variances the author fixed: equal in all groups, beyond what a level says."""
    fixed = [
        each.lhs
        for each in statements
        if each.op == "~~" and each.lhs == each.rhs and each.lhs in table.latent and each.value is not None
    ]
    message = (
        "Its variance is fixed to one value in all groups, so that equal loadings are tested together with equal "
        "variances. Let the first loading set the scale instead."
    )
    return [Finding(severity="warning", where=f"latent variable {name}", message=message) for name in fixed]


def untested_finding(level: str, before: str) -> Finding:
    """A level that restricts nothing beyond the one before."""
    reasons = {
        "thresholds": "no item with equal thresholds has four or more categories",
        "metric": "the loadings that could be equal only set the scales of the later groups",
    }
    reason = reasons.get(level, "its parameters are free or fixed already")
    message = f"It is no restriction beyond the {before} level ({reason}), fits as well, and is not tested by itself."
    return Finding(severity="note", where=f"{level} level", message=message)


def difference_findings(test: pd.Series, level: str) -> tuple[Finding, ...]:
    """What is wrong with the difference test of a level, or by which other test it was made; nothing as a rule."""
    if not test["finding"]:
        return ()
    severity: Severity = "note" if test["p_value"] == test["p_value"] else "warning"
    return (Finding(severity=severity, where=f"difference test, {level} level", message=str(test["finding"])),)


def fit_findings(fits: Mapping[str, Fit]) -> tuple[Finding, ...]:
    """What the fits themselves have found, each told once with the first level it concerns."""
    told: dict[str, Finding] = {}
    for level, fit in fits.items():
        for finding in fit.findings:
            key = f"{finding.where} {finding.message}"
            told.setdefault(key, replace(finding, where=f"{finding.where} ({level} level)"))
    return tuple(told.values())
