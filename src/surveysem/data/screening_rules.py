"""Rules of screening, as a researcher declares them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from math import isfinite
from typing import Literal, NamedTuple, TypeAlias, get_args

from surveysem.errors import Problem, UnsupportedError

ScreeningAction: TypeAlias = Literal["exclude", "flag", "off"]


@dataclass(frozen=True, kw_only=True)
class ScreeningRules:
    """What to do about respondents whose answers should not count.

    No index of careless responding has a universal cut-off (Meade and Craig 2012; Curran 2016), so none is preset: a
    rule that is not ``off`` needs its own.

    Parameters
    ----------
    eligibility : {"exclude", "flag", "off"}
        Respondents whose answer to a screening question is not an eligible one, or is missing.
    duplicate_ids : {"exclude", "flag", "off"}
        Rows after the first with the same value in *id_column*; applied when that is named.
    id_column : str or None
        Column that identifies respondents.
    duplicate_rows : {"exclude", "flag", "off"}
        Rows after the first with the same answers to all questions.
    attention_checks : {"exclude", "flag", "off"}
        Respondents who fail more checks than *max_failed_attention_checks*; a check without an answer is failed.
    max_failed_attention_checks : int
        Failed checks that are tolerated.
    completion_time : {"exclude", "flag", "off"}
        Respondents who took less than *minimum_seconds*, or less than *minimum_seconds_per_item* for each item they
        answered (Huang et al. 2012: 2 seconds). Rows without a time are kept and counted.
    time_column : str or None
        Column with the seconds taken.
    minimum_seconds, minimum_seconds_per_item : float or None
        Shortest times that count.
    straight_lining : {"exclude", "flag", "off"}
        Respondents with *longest_run* or more equal answers in a row, over the items on ordinal scales in the order of
        the questionnaire and before reverse coding.
    longest_run : int or None
        Length of run that counts as straight-lining.
    low_variability : {"exclude", "flag", "off"}
        Respondents whose answers to the same items have a standard deviation below *minimum_variability*.
    minimum_variability : float or None
        Lowest intra-individual response variability, in points of the scale.
    missing_answers : {"exclude", "flag", "off"}
        Respondents who left more than *maximum_missing* of all items unanswered.
    maximum_missing : float or None
        Largest share of missing answers, from 0 to 1.
    mahalanobis : {"exclude", "flag", "off"}
        Respondents whose squared distance from the mean of those left has a p below *mahalanobis_p*.
    mahalanobis_p : float or None
        Lowest p-value of the distance under χ².
    even_odd : {"exclude", "flag", "off"}
        Respondents whose even–odd consistency over the constructs is below *minimum_even_odd*.
    minimum_even_odd : float or None
        Lowest consistency, from −1 to 1.
    synonyms : {"exclude", "flag", "off"}
        Respondents whose answers to psychometric synonyms correlate below *minimum_synonyms*.
    minimum_synonyms : float or None
        Lowest correlation within a respondent, from −1 to 1.
    synonym_correlation : float
        Items that correlate more in the sample are synonyms.
    antonyms : {"exclude", "flag", "off"}
        Respondents whose answers to psychometric antonyms correlate above *maximum_antonyms*.
    maximum_antonyms : float or None
        Highest correlation within a respondent, from −1 to 1.
    antonym_correlation : float
        Items that correlate less in the sample, a negative number, are antonyms.
    incomplete : {"exclude", "flag", "off"}
        Respondents with a missing answer to a required item (``exclude`` is listwise deletion).

    Raises
    ------
    UnsupportedError
        When values are not among those named above; all are listed at once.

    References
    ----------
    meade_craig_2012, curran_2016, huang_2012

    Examples
    --------
    >>> ScreeningRules(attention_checks="flag").attention_checks
    'flag'
    """

    eligibility: ScreeningAction = "exclude"
    duplicate_ids: ScreeningAction = "exclude"
    id_column: str | None = None
    duplicate_rows: ScreeningAction = "off"
    attention_checks: ScreeningAction = "exclude"
    max_failed_attention_checks: int = 0
    completion_time: ScreeningAction = "off"
    time_column: str | None = None
    minimum_seconds: float | None = None
    minimum_seconds_per_item: float | None = None
    straight_lining: ScreeningAction = "off"
    longest_run: int | None = None
    low_variability: ScreeningAction = "off"
    minimum_variability: float | None = None
    missing_answers: ScreeningAction = "off"
    maximum_missing: float | None = None
    mahalanobis: ScreeningAction = "off"
    mahalanobis_p: float | None = None
    even_odd: ScreeningAction = "off"
    minimum_even_odd: float | None = None
    synonyms: ScreeningAction = "off"
    minimum_synonyms: float | None = None
    synonym_correlation: float = 0.6
    antonyms: ScreeningAction = "off"
    maximum_antonyms: float | None = None
    antonym_correlation: float = -0.6
    incomplete: ScreeningAction = "exclude"

    def __post_init__(self) -> None:
        problems = [
            _unknown_action(name, getattr(self, name))
            for name in action_names()
            if getattr(self, name) not in get_args(ScreeningAction)
        ]
        problems += rule_problems(self)
        if problems:
            raise UnsupportedError("The screening rules are not valid.", problems)


class _Range(NamedTuple):
    """What a number of the rules may be."""

    words: str
    holds: Callable[[float], bool]
    whole: bool = False


_CORRELATION = _Range("a number from −1 to 1", lambda value: -1 <= value <= 1)
_RANGES: dict[str, _Range] = {
    "max_failed_attention_checks": _Range("a whole number, 0 or more", lambda value: value >= 0, whole=True),
    "longest_run": _Range("a whole number, 2 or more", lambda value: value >= 2, whole=True),
    "minimum_seconds": _Range("a number above 0", lambda value: value > 0),
    "minimum_seconds_per_item": _Range("a number above 0", lambda value: value > 0),
    "minimum_variability": _Range("a number above 0", lambda value: value > 0),
    "maximum_missing": _Range("a share, at least 0 and below 1", lambda value: 0 <= value < 1),
    "mahalanobis_p": _Range("a number between 0 and 1", lambda value: 0 < value < 1),
    "minimum_even_odd": _CORRELATION,
    "minimum_synonyms": _CORRELATION,
    "maximum_antonyms": _CORRELATION,
    "synonym_correlation": _Range("a number between 0 and 1", lambda value: 0 < value < 1),
    "antonym_correlation": _Range("a number between −1 and 0", lambda value: -1 < value < 0),
}
_CUT_OFFS: dict[str, tuple[tuple[str, ...], str]] = {
    "straight_lining": (
        ("longest_run",),
        "Declare the run of equal answers that counts as straight-lining, for instance longest_run=10.",
    ),
    "low_variability": (("minimum_variability",), "Declare the lowest one, for instance minimum_variability=0.3."),
    "missing_answers": (("maximum_missing",), "Declare the largest share, for instance maximum_missing=0.2."),
    "mahalanobis": (("mahalanobis_p",), "Declare the lowest p, for instance mahalanobis_p=0.001."),
    "even_odd": (("minimum_even_odd",), "Declare the lowest consistency, for instance minimum_even_odd=0.3."),
    "synonyms": (("minimum_synonyms",), "Declare the lowest correlation, for instance minimum_synonyms=0.2."),
    "antonyms": (("maximum_antonyms",), "Declare the highest correlation, for instance maximum_antonyms=-0.2."),
    "completion_time": (
        ("minimum_seconds", "minimum_seconds_per_item"),
        "Declare the shortest time, for instance minimum_seconds_per_item=2.",
    ),
}


def action_names() -> list[str]:
    """Rules that are off, flag or exclude."""
    return [field.name for field in fields(ScreeningRules) if field.type == "ScreeningAction"]


def rule_problems(rules: ScreeningRules) -> list[Problem]:
    """Numbers outside their range, and rules that lack a cut-off."""
    return [*_out_of_range(rules), *_without_cut_off(rules)]


def _out_of_range(rules: ScreeningRules) -> list[Problem]:
    found = {name: getattr(rules, name) for name in _RANGES}
    return [
        Problem(where=f"screening rule {name}", found=repr(value), remedy=f"Give {_RANGES[name].words}.")
        for name, value in found.items()
        if value is not None and not _is_in(value, _RANGES[name])
    ]


def _without_cut_off(rules: ScreeningRules) -> list[Problem]:
    problems = []
    for name, (cut_offs, remedy) in _CUT_OFFS.items():
        action = getattr(rules, name)
        if action in ("exclude", "flag") and all(getattr(rules, each) is None for each in cut_offs):
            found = f"{action!r} without a {' or '.join(cut_offs)}"
            problems.append(Problem(where=f"screening rule {name}", found=found, remedy=remedy))
    if rules.completion_time in ("exclude", "flag") and rules.time_column is None:
        remedy = "Name the column with the seconds taken, for instance time_column='interviewtime'."
        found = f"{rules.completion_time!r} without a time_column"
        problems.append(Problem(where="screening rule completion_time", found=found, remedy=remedy))
    return problems


def _is_in(value: object, allowed: _Range) -> bool:
    kinds = int if allowed.whole else (int, float)
    return isinstance(value, kinds) and not isinstance(value, bool) and isfinite(value) and allowed.holds(value)


def _unknown_action(name: str, value: object) -> Problem:
    choices = ", ".join(get_args(ScreeningAction))
    return Problem(where=f"screening rule {name}", found=f"{value!r}", remedy=f"Choose one of: {choices}.")
