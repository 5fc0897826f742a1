"""The numbers behind each proposition, picked from a fitted model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from surveysem.inference import Fit
from surveysem.inference.delta import normal_theory
from surveysem.propositions import DecisionRule, Evidence, GroupDifferenceTest, InteractionTest, PathTest, Proposition
from surveysem.study.groups import GroupComparison, group_difference


def collect_evidence(
    propositions: Iterable[Proposition],
    fit: Fit,
    groups: GroupComparison,
    *,
    obstacle: str = "",
    unmeasured: Mapping[str, Evidence] = MappingProxyType({}),
) -> Mapping[str, Evidence]:
    """Evidence on every proposition and part that an effect of its own decides, by id.

    Parameters
    ----------
    propositions : iterable of Proposition
        What is put to the test.
    fit : Fit
        The structural model.
    groups : GroupComparison
        What comparisons of groups need.
    obstacle : str
        Why none of its numbers may decide, when that is so; the numbers are shown all the same.
    unmeasured : Mapping of str to Evidence
        Of those whose constructs the model lacks, by id; see :func:`surveysem.study.reduced.unmeasured_evidence`.
    """
    found: dict[str, Evidence] = {}
    for proposition in propositions:
        for each in proposition.parts or (proposition,):
            absent = unmeasured.get(each.id)
            found[each.id] = _evidence(each, fit, groups, obstacle) if absent is None else absent
    return found


def _evidence(proposition: Proposition, fit: Fit, groups: GroupComparison, obstacle: str) -> Evidence:
    test, rule = proposition.test, proposition.rule
    if isinstance(test, GroupDifferenceTest):
        return group_difference(test, groups)
    if not isinstance(test, PathTest | InteractionTest) or not isinstance(rule, DecisionRule):
        raise TypeError(f"{proposition.id} is composite; its parts have evidence")
    predictor = test.predictor if isinstance(test, PathTest) else f"{test.predictor}:{test.moderator}"
    row = _row(fit.estimates, test.outcome, predictor)
    plain, std, inside = (
        _interval(row, estimate, error, level)
        for estimate, error, level in (
            ("estimate", "std_error", 1 - rule.alpha),
            ("std_all", "std_std_error", 1 - rule.alpha),
            ("std_all", "std_std_error", 1 - 2 * rule.alpha),
        )
    )
    return Evidence(
        estimate=float(row["estimate"]),
        std_error=float(row["std_error"]),
        ci_lower=plain[0],
        ci_upper=plain[1],
        p_value=float(row["p_value"]),
        std_estimate=float(row["std_all"]),
        std_std_error=float(row["std_std_error"]),
        std_ci_lower=std[0],
        std_ci_upper=std[1],
        std_p_value=float(row["std_p_value"]),
        equivalence_lower=inside[0],
        equivalence_upper=inside[1],
        effect_size=fit.effect_sizes[test.outcome, predictor],
        obstacle=obstacle,
    )


def _row(estimates: pd.DataFrame, outcome: str, predictor: str) -> pd.Series:
    rows = estimates[(estimates["op"] == "~") & (estimates["lhs"] == outcome) & (estimates["rhs"] == predictor)]
    return rows.iloc[0]


def _interval(row: pd.Series, estimate: str, error: str, level: float) -> tuple[float, float]:
    result = normal_theory(np.array([float(row[estimate])]), np.array([float(row[error])]), level=level)
    return float(result.ci_lower[0]), float(result.ci_upper[0])
