"""Propositions whose constructs are measured worse than the study tolerates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from math import nan

import pandas as pd

from surveysem.inference import Fit
from surveysem.number_formats import format_bounded
from surveysem.propositions import Evidence, GroupDifferenceTest, InteractionTest, PathTest, Proposition, Verdict
from surveysem.study.quality.document import MinimumQualityEntry

_COEFFICIENTS = {
    "reliability": ("composite_reliability", "composite reliability"),
    "ave": ("average_variance_extracted", "average variance extracted"),
}


def quality_shortfalls(
    propositions: Iterable[Proposition],
    rule: MinimumQualityEntry | None,
    fit: Fit,
    labels: Mapping[str, str],
) -> Mapping[str, str]:
    """What the constructs of each proposition lack, in words, by id; without those that lack nothing.

    Parameters
    ----------
    propositions : iterable of Proposition
        Parts are looked at one by one.
    rule : MinimumQualityEntry or None
        What is declared; nothing is lacking without it.
    fit : Fit
        The measurement model.
    labels : Mapping of str to str
        Readers' names of the latent variables.

    Notes
    -----
    The constructs of a proposition are its predictor, outcome and moderator. HTMT is asked of every pair of them. A
    coefficient that does not exist, as the HTMT of a construct with one item, is not held against it.
    """
    if rule is None:
        return {}
    found = {}
    for proposition in propositions:
        for each in proposition.parts or (proposition,):
            lacking = list(_shortfalls(constructs_of(each), rule, fit, labels))
            if lacking:
                found[each.id] = "; ".join(lacking)
    return found


def constructs_of(proposition: Proposition) -> tuple[str, ...]:
    """Latent variables a proposition is about.

    Parameters
    ----------
    proposition : Proposition
        Decided by an effect of its own.
    """
    test = proposition.test
    if isinstance(test, InteractionTest):
        return test.predictor, test.moderator, test.outcome
    if isinstance(test, PathTest):
        return test.predictor, test.outcome
    if isinstance(test, GroupDifferenceTest):
        return tuple(dict.fromkeys(name for path in test.paths for name in (path.predictor, path.outcome)))
    return ()


def _shortfalls(
    names: tuple[str, ...], rule: MinimumQualityEntry, fit: Fit, labels: Mapping[str, str]
) -> Iterator[str]:
    for key, (column, words) in _COEFFICIENTS.items():
        minimum = getattr(rule, key)
        for name in names:
            value = _value(fit.reliability, name, column)
            if minimum is not None and value < minimum:
                numbers = f"{_apart(value, minimum)}, below {format_bounded(minimum)}"
                yield f"the {words} of {labels.get(name, name)} is {numbers}"
    for first, second in combinations(names, 2):
        ratio = nan if rule.htmt is None else _value(fit.htmt, first, second)
        if rule.htmt is not None and ratio >= rule.htmt:
            both = f"{labels.get(first, first)} and {labels.get(second, second)}"
            numbers = f"{_apart(ratio, rule.htmt)}, not below {format_bounded(rule.htmt)}"
            yield f"the heterotrait–monotrait ratio of {both} is {numbers}"


def _value(table: pd.DataFrame, row: str, column: str) -> float:
    known = row in table.index and column in table.columns
    return float(table.loc[row, column]) if known else nan  # type: ignore[arg-type]


def _apart(value: float, limit: float) -> str:
    """A coefficient with two decimals, or as many as tell it from a limit it differs from."""
    decimals = (d for d in range(2, 8) if value == limit or format_bounded(value, d) != format_bounded(limit, d))
    return format_bounded(value, next(decimals, 8))


def excluded(evidence: Mapping[str, Evidence], shortfalls: Mapping[str, str]) -> Mapping[str, Evidence]:
    """Evidence that may not decide where measurement falls short; its numbers stay.

    Parameters
    ----------
    evidence : Mapping of str to Evidence
        By proposition.
    shortfalls : Mapping of str to str
        Of :func:`quality_shortfalls`.
    """
    return {name: _with_obstacle(each, shortfalls.get(name, "")) for name, each in evidence.items()}


def _with_obstacle(evidence: Evidence, shortfall: str) -> Evidence:
    if not shortfall:
        return evidence
    told = f"measurement falls short of the declared minimum ({shortfall})"
    return replace(evidence, obstacle=f"{evidence.obstacle}; {told}" if evidence.obstacle else told)


def marked(verdicts: Iterable[Verdict], shortfalls: Mapping[str, str]) -> tuple[Verdict, ...]:
    """Verdicts whose reasons say where measurement falls short.

    Parameters
    ----------
    verdicts : iterable of Verdict
        Parts are marked one by one.
    shortfalls : Mapping of str to str
        Of :func:`quality_shortfalls`.
    """
    return tuple(_marked(each, shortfalls) for each in verdicts)


def _marked(verdict: Verdict, shortfalls: Mapping[str, str]) -> Verdict:
    parts = marked(verdict.parts, shortfalls)
    told = shortfalls.get(verdict.id, "")
    ending = f" Measurement falls short of the declared minimum: {told}." if told else ""
    return replace(verdict, reason=f"{verdict.reason}{ending}", parts=parts)
