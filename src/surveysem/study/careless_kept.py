"""Screening that keeps careless respondents and says who they are."""

from __future__ import annotations

from dataclasses import replace

from surveysem.data import ScreeningRules

_ON_CARELESSNESS = (
    "attention_checks",
    "completion_time",
    "straight_lining",
    "low_variability",
    "mahalanobis",
    "even_odd",
    "synonyms",
    "antonyms",
)


def without_careless_exclusions(rules: ScreeningRules) -> ScreeningRules:
    """The same rules, with those on attention checks and careless responding flagging instead of leaving out.

    Examples
    --------
    >>> without_careless_exclusions(ScreeningRules()).attention_checks
    'flag'
    """
    excluding = {name: "flag" for name in _ON_CARELESSNESS if getattr(rules, name) == "exclude"}
    return replace(rules, **excluding)  # type: ignore[arg-type]
