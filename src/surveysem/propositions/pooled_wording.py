"""The sentence that gives the reason of a verdict on the evidence of several studies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isinf, isnan

from surveysem.inference.meta_analysis import PooledEffect
from surveysem.number_formats import (
    format_bounded,
    format_decimal,
    format_integer,
    format_interval,
    format_p_equation,
)
from surveysem.propositions.proposition import DecisionRule
from surveysem.propositions.verdict import Verdict
from surveysem.propositions.wording import CLAUSES, effect_name, otherwise_clause, p_values, verdict_ending


def with_pooled_reasons(
    verdict: Verdict, pooled: Mapping[str, PooledEffect], n: Mapping[str, float], labels: Mapping[str, str], symbol: str
) -> Verdict:
    """A verdict whose sentence, and those of its parts, tell the pooled effect and its heterogeneity.

    Parameters
    ----------
    verdict : Verdict
        Judged on pooled evidence.
    pooled : Mapping of str to PooledEffect
        By proposition; those without keep their sentence.
    n : Mapping of str to float
        Respondents of all studies pooled; NaN where a study does not tell.
    labels : Mapping of str to str
        Readers' names of the latent variables.
    symbol : {"β", "b"}
        Of the effect pooled.
    """
    parts = tuple(with_pooled_reasons(each, pooled, n, labels, symbol) for each in verdict.parts)
    if verdict.id not in pooled or verdict.verdict == "not testable":
        return replace(verdict, parts=parts)
    return replace(verdict, reason=_reason(verdict, pooled[verdict.id], n[verdict.id], labels, symbol))


def _reason(verdict: Verdict, effect: PooledEffect, n: float, labels: Mapping[str, str], symbol: str) -> str:
    rule = verdict.proposition.rule
    if not isinstance(rule, DecisionRule):
        raise TypeError(f"{verdict.id} is composite; its parts have effects")
    respondents = "" if isnan(n) else f" (n = {format_integer(n)})"
    numbers = "; ".join((_mean(effect, verdict, rule, symbol), _heterogeneity(effect, symbol)))
    ending = verdict_ending(rule, verdict.verdict, verdict.evidence, verdict.p_opposite)
    otherwise = otherwise_clause(rule.multiplicity, verdict.verdict, verdict.verdict_otherwise or verdict.verdict)
    return (
        f"{verdict.id} {CLAUSES[verdict.verdict]} across {effect.n_studies} studies{respondents}: "
        f"{effect_name(verdict.proposition, labels)}, {numbers}{ending}.{otherwise}"
    )


def _mean(effect: PooledEffect, verdict: Verdict, rule: DecisionRule, symbol: str) -> str:
    bounded = symbol == "β"
    number = format_bounded if bounded else format_decimal
    test = "z" if isinf(effect.df) else f"t({format_integer(effect.df)})"
    interval = format_interval(effect.ci_lower, effect.ci_upper, bounded=bounded)
    return (
        f"pooled {symbol} = {number(effect.estimate)}, {effect.level:.0%} CI {interval}, {test} = "
        f"{format_decimal(effect.statistic)}, {p_values(rule, verdict.evidence, verdict.p_adjusted)}"
    )


def _heterogeneity(effect: PooledEffect, symbol: str) -> str:
    words = (
        f"heterogeneity Q({effect.q_df}) = {format_decimal(effect.q)}, p {format_p_equation(effect.q_p_value)}, "
        f"τ = {format_bounded(effect.tau_squared**0.5)}, I² = {format_decimal(100 * effect.i_squared, 0)}%"
    )
    if isnan(effect.prediction_lower):
        return words
    interval = format_interval(effect.prediction_lower, effect.prediction_upper, bounded=symbol == "β")
    return f"{words}, {effect.level:.0%} prediction interval {interval}"
