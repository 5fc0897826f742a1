"""The effects of several studies pooled, proposition by proposition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
from scipy.stats import norm

from surveysem.errors import EstimationError
from surveysem.inference.meta_analysis import HeterogeneityMethod, PooledEffect, PooledInterval, pool_effects
from surveysem.propositions import DecisionRule, Evidence, GroupDifferenceTest, Proposition
from surveysem.report.combination import Contribution
from surveysem.study.combining.inputs import EffectMetric, SingleEffect, StudyEvidence


@dataclass(frozen=True, kw_only=True)
class PooledEvidence:
    """What several studies say together, by proposition.

    Parameters
    ----------
    pooled : Mapping of str to PooledEffect
        Of the propositions that two studies or more tell of.
    evidence : Mapping of str to Evidence
        For the rules; with an obstacle where nothing was pooled.
    contributions : Mapping of str to tuple of Contribution
        Of the studies, where there are any.
    n : Mapping of str to float
        Respondents of all studies that contribute; NaN where one does not tell.
    """

    pooled: Mapping[str, PooledEffect]
    evidence: Mapping[str, Evidence]
    contributions: Mapping[str, tuple[Contribution, ...]]
    n: Mapping[str, float]


def pooled_evidence(
    propositions: Sequence[Proposition],
    studies: Sequence[StudyEvidence],
    *,
    metric: EffectMetric,
    heterogeneity: HeterogeneityMethod,
    interval: PooledInterval,
) -> PooledEvidence:
    """The effects of the studies on each proposition, pooled.

    Parameters
    ----------
    propositions : sequence of Proposition
        Those that an effect of their own decides.
    studies : sequence of StudyEvidence
        Checked to be combinable.
    metric, heterogeneity, interval
        As of :func:`surveysem.combine`.
    """
    effects = {
        proposition.id: [each.effects[proposition.id] for each in studies if proposition.id in each.effects]
        for proposition in propositions
    }
    found = {each.id: _pooled(each, effects[each.id], heterogeneity, interval) for each in propositions}
    pooled = {name: each for name, each in found.items() if isinstance(each, PooledEffect)}
    return PooledEvidence(
        pooled=pooled,
        evidence={each.id: _evidence(found[each.id], each, metric) for each in propositions},
        contributions={
            each.id: _contributions(effects[each.id], each, pooled.get(each.id))
            for each in propositions
            if effects[each.id]
        },
        n={name: sum(each.n for each in parts) for name, parts in effects.items()},
    )


def _pooled(
    proposition: Proposition,
    effects: Sequence[SingleEffect],
    heterogeneity: HeterogeneityMethod,
    interval: PooledInterval,
) -> PooledEffect | str:
    """The pooled effect, or why there is none."""
    if isinstance(proposition.test, GroupDifferenceTest):
        return "a difference between groups is tested by χ², which is no effect that could be pooled"
    if len(effects) < 2:
        which = f"only {effects[0].study} tells its effect" if effects else "no study tells its effect"
        return f"{which}, and pooling takes two studies"
    try:
        return pool_effects(
            np.array([each.estimate for each in effects]),
            np.array([each.std_error for each in effects]),
            heterogeneity=heterogeneity,
            interval=interval,
            level=1 - _alpha(proposition),
        )
    except EstimationError as error:
        return error.message.rstrip(".")


def _evidence(found: PooledEffect | str, proposition: Proposition, metric: EffectMetric) -> Evidence:
    if isinstance(found, str):
        return Evidence(obstacle=found)
    numbers = (found.estimate, found.std_error, found.ci_lower, found.ci_upper, found.p_value)
    names = ("estimate", "std_error", "ci_lower", "ci_upper", "p_value")
    fields: dict[str, Any] = dict(zip(names, numbers, strict=True))
    if metric == "standardized":
        inside = found.interval(1 - 2 * _alpha(proposition))
        fields |= {f"std_{name}": value for name, value in fields.items()}
        fields |= {"equivalence_lower": inside[0], "equivalence_upper": inside[1]}
    return Evidence(**fields)


def _contributions(
    effects: Sequence[SingleEffect], proposition: Proposition, pooled: PooledEffect | None
) -> tuple[Contribution, ...]:
    half = float(norm.ppf(1 - _alpha(proposition) / 2))
    weights = [nan] * len(effects) if pooled is None else pooled.weights
    return tuple(
        Contribution(
            study=each.study,
            n=each.n,
            estimate=each.estimate,
            std_error=each.std_error,
            ci_lower=each.estimate - half * each.std_error,
            ci_upper=each.estimate + half * each.std_error,
            weight=weight,
        )
        for each, weight in zip(effects, weights, strict=True)
    )


def _alpha(proposition: Proposition) -> float:
    if not isinstance(proposition.rule, DecisionRule):
        raise TypeError(f"{proposition.id} is composite; its parts are pooled")
    return proposition.rule.alpha
