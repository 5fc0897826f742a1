"""Screening rules that rest on how long, how evenly and how consistently a respondent answered."""

from __future__ import annotations

import numpy as np
import pandas as pd

from surveysem.data.careless.consistency import even_odd_consistency
from surveysem.data.careless.longstring import longest_runs
from surveysem.data.careless.mahalanobis import mahalanobis_distances
from surveysem.data.careless.synonyms import correlation_over_pairs, strongly_correlated_pairs
from surveysem.data.careless.variability import response_variability
from surveysem.data.screening_rules import ScreeningRules
from surveysem.data.screening_steps import Outcome, Step, answers_to, ordinal_items, reasons_at
from surveysem.data.wording import counted
from surveysem.errors import DataError
from surveysem.instrument import Instrument
from surveysem.typing import FloatArray

_FEWEST = 3  # scales or pairs of items that a correlation within a respondent needs


def index_steps(instrument: Instrument, rules: ScreeningRules) -> list[Step]:
    """Rules on indices of careless responding; all but straight-lining are told of only where they are declared."""
    return [
        Step("completion_time", rules.completion_time, lambda rows: _too_fast(rows, instrument, rules), False),
        Step("straight_lining", rules.straight_lining, lambda rows: _straight_lining(rows, instrument, rules)),
        Step("low_variability", rules.low_variability, lambda rows: _low_variability(rows, instrument, rules), False),
        Step("missing_answers", rules.missing_answers, lambda rows: _much_missing(rows, instrument, rules), False),
        Step("mahalanobis", rules.mahalanobis, lambda rows: _far_away(rows, instrument, rules), False),
        Step("even_odd", rules.even_odd, lambda rows: _inconsistent(rows, instrument, rules), False),
        Step("synonyms", rules.synonyms, lambda rows: _unlike_synonyms(rows, instrument, rules), False),
        Step("antonyms", rules.antonyms, lambda rows: _alike_antonyms(rows, instrument, rules), False),
    ]


def _too_fast(rows: pd.DataFrame, instrument: Instrument, rules: ScreeningRules) -> Outcome:
    column = str(rules.time_column)
    rule = " and ".join(_least_times(rules)) + f" in {column}"
    if column not in rows:
        return Outcome(rule, f"column {column} absent", {})
    seconds = _seconds(rows[column])
    if seconds is None:
        return Outcome(rule, f"column {column} holds values that are no seconds", {})
    items = [item.id for item in instrument.items if item.id in rows]
    n_answered = rows[items].notna().sum(axis=1).to_numpy()
    too_fast = seconds < (rules.minimum_seconds or 0.0)
    too_fast |= seconds < (rules.minimum_seconds_per_item or 0.0) * n_answered
    texts = (
        f"{time:g} seconds for {counted(int(n), 'answer')}"
        for time, n in zip(seconds[too_fast], n_answered[too_fast], strict=True)
    )
    untimed = int(np.isnan(seconds).sum())
    return Outcome(_with_undefined(rule, untimed, "without a time"), "", reasons_at(rows, too_fast, texts))


def _least_times(rules: ScreeningRules) -> list[str]:
    words = []
    if rules.minimum_seconds is not None:
        words.append(f"at least {rules.minimum_seconds:g} seconds")
    if rules.minimum_seconds_per_item is not None:
        words.append(f"at least {rules.minimum_seconds_per_item:g} seconds per answered item")
    return words


def _seconds(times: pd.Series) -> FloatArray | None:
    """Times as numbers, NaN where there is none; None where a cell is neither."""
    if pd.api.types.is_numeric_dtype(times) and not (times < 0).any():
        return times.to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = pd.to_numeric(times, errors="coerce")
    empty = times.isna() | (times.astype(str).str.strip() == "")
    if (numbers.isna() & ~empty).any() or (numbers < 0).any():
        return None
    seconds: FloatArray = numbers.to_numpy(dtype=np.float64, na_value=np.nan)
    return seconds


def _straight_lining(rows: pd.DataFrame, instrument: Instrument, rules: ScreeningRules) -> Outcome:
    if rules.longest_run is None:
        return Outcome("no long run of equal answers", "", {})
    items = ordinal_items(rows, instrument)
    runs = longest_runs(answers_to(rows, items))
    concerned = runs >= rules.longest_run
    rule = f"fewer than {rules.longest_run} equal answers in a row over {counted(len(items), 'item')}"
    return Outcome(rule, "", reasons_at(rows, concerned, (f"{run} equal answers in a row" for run in runs[concerned])))


def _low_variability(rows: pd.DataFrame, instrument: Instrument, rules: ScreeningRules) -> Outcome:
    items = ordinal_items(rows, instrument)
    spread = response_variability(answers_to(rows, items))
    rule = (
        f"a standard deviation of at least {_cut_off(rules.minimum_variability):g} over {counted(len(items), 'item')}"
    )
    return _judged(
        rows, spread, spread < _cut_off(rules.minimum_variability), rule, "standard deviation of the answers"
    )


def _much_missing(rows: pd.DataFrame, instrument: Instrument, rules: ScreeningRules) -> Outcome:
    items = [item.id for item in instrument.items if item.id in rows]
    n_missing = rows[items].isna().sum(axis=1).to_numpy()
    # A share of exactly the maximum stays, whatever rounding says of the product.
    concerned = n_missing > _cut_off(rules.maximum_missing) * len(items) + 1e-9
    rule = f"at most {_cut_off(rules.maximum_missing):.0%} of {counted(len(items), 'item')} unanswered"
    texts = (f"{n} of {len(items)} items unanswered" for n in n_missing[concerned])
    return Outcome(rule, "", reasons_at(rows, concerned, texts))


def _far_away(rows: pd.DataFrame, instrument: Instrument, rules: ScreeningRules) -> Outcome:
    items = ordinal_items(rows, instrument)
    lowest = _cut_off(rules.mahalanobis_p)
    rule = f"a Mahalanobis distance with p of at least {lowest:g} over {counted(len(items), 'item')}"
    try:
        distances = mahalanobis_distances(answers_to(rows, items))
    except DataError as error:
        return Outcome(rule, error.problems[0].found, {})
    concerned = distances.p_values < lowest
    values = zip(distances.squared[concerned], distances.degrees_of_freedom[concerned], strict=True)
    texts = (f"D² = {squared:.1f} on {df} degrees of freedom" for squared, df in values)
    return Outcome(rule, "", reasons_at(rows, concerned, texts))


def _inconsistent(rows: pd.DataFrame, instrument: Instrument, rules: ScreeningRules) -> Outcome:
    items = ordinal_items(rows, instrument)
    place = {name: number for number, name in enumerate(items)}
    scales = [[place[each.id] for each in instrument.items_of(c.id) if each.id in place] for c in instrument.constructs]
    usable = [scale for scale in scales if len(scale) > 1]
    lowest = _cut_off(rules.minimum_even_odd)
    rule = f"an even–odd consistency of at least {lowest:g} over {counted(len(usable), 'construct')}"
    if len(usable) < _FEWEST:
        return Outcome(rule, f"fewer than {_FEWEST} constructs have two items or more", {})
    consistency = even_odd_consistency(_reversed(rows, items, instrument), usable)
    return _judged(rows, consistency, consistency < lowest, rule, "even–odd consistency")


def _reversed(rows: pd.DataFrame, items: list[str], instrument: Instrument) -> FloatArray:
    """Answers with reverse-keyed items reversed."""
    answers = answers_to(rows, items).copy()
    by_name = {item.id: item for item in instrument.items}
    for number, name in enumerate(items):
        if by_name[name].reverse:
            codes = instrument.scale(by_name[name].scale).options
            answers[:, number] = max(codes) + min(codes) - answers[:, number]
    return answers


def _unlike_synonyms(rows: pd.DataFrame, instrument: Instrument, rules: ScreeningRules) -> Outcome:
    answers = answers_to(rows, ordinal_items(rows, instrument))
    pairs = strongly_correlated_pairs(answers, correlation=rules.synonym_correlation)
    what = f"{counted(len(pairs), 'pair')} of items correlated above {rules.synonym_correlation:g}"
    rule = f"a correlation of at least {_cut_off(rules.minimum_synonyms):g} within a respondent over {what}"
    if len(pairs) < _FEWEST:
        return Outcome(rule, f"there are fewer than {_FEWEST} pairs", {})
    index = correlation_over_pairs(answers, pairs)
    return _judged(rows, index, index < _cut_off(rules.minimum_synonyms), rule, "correlation over synonyms")


def _alike_antonyms(rows: pd.DataFrame, instrument: Instrument, rules: ScreeningRules) -> Outcome:
    answers = answers_to(rows, ordinal_items(rows, instrument))
    pairs = strongly_correlated_pairs(answers, correlation=rules.antonym_correlation)
    what = f"{counted(len(pairs), 'pair')} of items correlated below {rules.antonym_correlation:g}"
    rule = f"a correlation of at most {_cut_off(rules.maximum_antonyms):g} within a respondent over {what}"
    if len(pairs) < _FEWEST:
        return Outcome(rule, f"there are fewer than {_FEWEST} pairs", {})
    index = correlation_over_pairs(answers, pairs)
    return _judged(rows, index, index > _cut_off(rules.maximum_antonyms), rule, "correlation over antonyms")


def _cut_off(declared: float | None) -> float:
    """The cut-off of a rule that is not off, whose rules were checked to have one."""
    return float("nan") if declared is None else declared


def _judged(rows: pd.DataFrame, index: FloatArray, concerned: np.ndarray, rule: str, what: str) -> Outcome:
    """An index compared with its cut-off; those without one are kept and counted in the rule's wording."""
    texts = (f"{what} {value:.2f}" for value in index[concerned])
    undefined = int(np.isnan(index).sum())
    return Outcome(
        _with_undefined(rule, undefined, "for whom it is not defined"), "", reasons_at(rows, concerned, texts)
    )


def _with_undefined(rule: str, count: int, which: str) -> str:
    return f"{rule} ({counted(count, 'respondent')} {which} kept)" if count else rule
