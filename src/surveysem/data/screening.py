"""Screening: which respondents are analysed, which are left out or flagged, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
import pandas as pd

from surveysem.data.wording import counted, listed
from surveysem.errors import Problem, UnsupportedError
from surveysem.instrument import Instrument

ScreeningAction: TypeAlias = Literal["exclude", "flag", "off"]


@dataclass(frozen=True, kw_only=True)
class ScreeningRules:
    """What to do about respondents whose answers should not count.

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
    straight_lining : {"exclude", "flag", "off"}
        Respondents with *longest_run* or more equal answers in a row, over the items on ordinal scales in the order of
        the questionnaire and before reverse coding.
    longest_run : int or None
        Length of run that counts as straight-lining; there is no universal value, so none is preset.
    incomplete : {"exclude", "flag", "off"}
        Respondents with a missing answer to a required item (``exclude`` is listwise deletion).

    Raises
    ------
    UnsupportedError
        When values are not among those named above; all are listed at once.

    References
    ----------
    meade_craig_2012, curran_2016

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
    straight_lining: ScreeningAction = "off"
    longest_run: int | None = None
    incomplete: ScreeningAction = "exclude"

    def __post_init__(self) -> None:
        problems = [
            _unknown_action(name, getattr(self, name)) for name in _actions() if not _is_action(getattr(self, name))
        ]
        problems += _number_problems(self)
        if problems:
            raise UnsupportedError("The screening rules are not valid.", problems)


@dataclass(frozen=True, kw_only=True, eq=False)
class Screening:
    """The way from the rows imported to the rows analysed.

    Parameters
    ----------
    flow : pandas.DataFrame
        One row per step: step, rule, action, n_affected, n_remaining.
    dropped : pandas.DataFrame
        One row per respondent left out: row, step, reason.
    flagged : pandas.DataFrame
        One row per respondent and step that flagged but kept them: row, step, reason.
    """

    flow: pd.DataFrame
    dropped: pd.DataFrame
    flagged: pd.DataFrame

    @property
    def n_imported(self) -> int:
        """Rows in the source."""
        return int(self.flow["n_remaining"].iloc[0])

    @property
    def n_analysed(self) -> int:
        """Rows left after all steps."""
        return int(self.flow["n_remaining"].iloc[-1])

    def __repr__(self) -> str:
        return f"Screening: {self.n_analysed} of {self.n_imported} rows analysed\n{self.flow.to_string(index=False)}"

    def _repr_html_(self) -> str:
        summary = f"<p><b>Screening</b>: {self.n_analysed} of {counted(self.n_imported, 'row')} analysed</p>"
        return summary + self.flow.to_html(index=False, border=0)


class _Outcome(NamedTuple):
    """What a rule says: its wording, why it could not be applied, and the reason per row concerned."""

    rule: str
    obstacle: str
    reasons: dict[int, str]


_Rule: TypeAlias = Callable[[pd.DataFrame], _Outcome]


def screen_answers(
    frame: pd.DataFrame, instrument: Instrument, *, required: Collection[str], rules: ScreeningRules
) -> tuple[pd.DataFrame, Screening]:
    """Rows to analyse, and the account of those left out or flagged.

    Parameters
    ----------
    frame : pandas.DataFrame
        Coded answers before reverse coding, indexed by row number.
    instrument : Instrument
        Whose screening questions, attention checks and items are looked at.
    required : collection of str
        Items whose answers must be complete.
    rules : ScreeningRules
        What to do about whom.

    Returns
    -------
    tuple of pandas.DataFrame and Screening
        Every row of *frame* is in the first or has a line in ``dropped`` of the second.
    """
    remaining = frame
    flow = [("imported", "rows of the source", "", 0, len(frame))]
    dropped: list[tuple[int, str, str]] = []
    flagged: list[tuple[int, str, str]] = []
    for step, action, rule in _steps(instrument, list(required), rules):
        outcome = rule(remaining if action != "off" else remaining.iloc[:0])
        if action == "exclude":
            remaining = remaining.drop(index=list(outcome.reasons))
        account = dropped if action == "exclude" else flagged
        account += [(row, step, reason) for row, reason in outcome.reasons.items()]
        told = f"not applied: {outcome.obstacle}" if outcome.obstacle and action != "off" else action
        flow.append((step, outcome.rule, told, len(outcome.reasons), len(remaining)))
    flow.append(("analysed", "rows that enter the analysis", "", 0, len(remaining)))
    return remaining, Screening(
        flow=pd.DataFrame(flow, columns=["step", "rule", "action", "n_affected", "n_remaining"]),
        dropped=pd.DataFrame(dropped, columns=["row", "step", "reason"]),
        flagged=pd.DataFrame(flagged, columns=["row", "step", "reason"]),
    )


def longest_runs(answers: pd.DataFrame) -> pd.Series:
    """Longest run of equal neighbouring answers in each row; a missing answer ends a run.

    Parameters
    ----------
    answers : pandas.DataFrame, shape (n, p)
        Answers in the order they were given.

    Returns
    -------
    pandas.Series, length *n*
        Lengths of runs; 0 for a row without answers.

    Examples
    --------
    >>> longest_runs(pd.DataFrame([[4.0, 4.0, 4.0, 5.0], [1.0, 2.0, 1.0, 2.0]])).tolist()
    [3, 1]
    """
    values = answers.to_numpy(dtype=float)
    run = np.zeros(len(values), dtype=np.int64)
    longest = run.copy()
    previous = np.full(len(values), np.nan)
    for column in values.T:
        run = np.where(column == previous, run + 1, np.where(np.isnan(column), 0, 1))
        longest = np.maximum(longest, run)
        previous = column
    return pd.Series(longest, index=answers.index)


def _steps(
    instrument: Instrument, required: list[str], rules: ScreeningRules
) -> list[tuple[str, ScreeningAction, _Rule]]:
    return [
        ("eligibility", rules.eligibility, lambda rows: _not_eligible(rows, instrument)),
        ("duplicate_ids", rules.duplicate_ids, lambda rows: _duplicate_ids(rows, rules.id_column)),
        ("duplicate_rows", rules.duplicate_rows, lambda rows: _duplicate_rows(rows, instrument)),
        ("attention_checks", rules.attention_checks, lambda rows: _inattentive(rows, instrument, rules)),
        ("straight_lining", rules.straight_lining, lambda rows: _straight_lining(rows, instrument, rules)),
        ("incomplete", rules.incomplete, lambda rows: _incomplete(rows, required)),
    ]


def _not_eligible(rows: pd.DataFrame, instrument: Instrument) -> _Outcome:
    eligible = {question.id: question.eligible for question in instrument.screening_questions}
    wrong = {name: ~rows[name].isin(codes) for name, codes in eligible.items() if name in rows}
    rule = f"an eligible answer to {_which(eligible, rows, 'the screening questions')}"
    return _Outcome(rule, _obstacle(eligible, rows, "screening question"), _reasons(rows, wrong, "not eligible"))


def _inattentive(rows: pd.DataFrame, instrument: Instrument, rules: ScreeningRules) -> _Outcome:
    expected = {check.id: check.expected for check in instrument.attention_checks}
    failed = {name: rows[name] != code for name, code in expected.items() if name in rows}
    tolerated = rules.max_failed_attention_checks
    rule = f"at most {tolerated} failed of {_which(expected, rows, 'the attention checks')}"
    n_failed = sum((wrong.astype(int) for wrong in failed.values()), start=pd.Series(0, index=rows.index))
    reasons = _reasons(rows[n_failed > tolerated], failed, "attention check failed")
    return _Outcome(rule, _obstacle(expected, rows, "attention check"), reasons)


def _duplicate_ids(rows: pd.DataFrame, id_column: str | None) -> _Outcome:
    if id_column is None:
        return _Outcome("one row per respondent id", "no id column is named", {})
    rule = f"one row per value of {id_column}"
    if id_column not in rows:
        return _Outcome(rule, f"column {id_column} absent", {})
    ids = rows[id_column]
    repeated = ids.notna() & (ids.astype(str).str.strip() != "") & ids.duplicated(keep="first")
    return _Outcome(rule, "", {int(row): f"{id_column} {ids[row]} occurred before" for row in rows.index[repeated]})


def _duplicate_rows(rows: pd.DataFrame, instrument: Instrument) -> _Outcome:
    questions = [question.id for question in instrument.questions if question.id in rows]
    repeated = rows.duplicated(subset=questions, keep="first")
    reasons = {int(row): "same answers to all questions as an earlier row" for row in rows.index[repeated]}
    return _Outcome("no two rows with the same answers to all questions", "", reasons)


def _straight_lining(rows: pd.DataFrame, instrument: Instrument, rules: ScreeningRules) -> _Outcome:
    items = [item.id for item in instrument.items if item.id in rows and instrument.scale(item.scale).kind == "ordinal"]
    if rules.longest_run is None:
        return _Outcome("no long run of equal answers", "", {})
    runs = longest_runs(rows[items])
    concerned = runs[runs >= rules.longest_run]
    rule = f"fewer than {rules.longest_run} equal answers in a row over {counted(len(items), 'item')}"
    return _Outcome(rule, "", {int(row): f"{concerned[row]} equal answers in a row" for row in concerned.index})


def _incomplete(rows: pd.DataFrame, required: list[str]) -> _Outcome:
    missing = {name: rows[name].isna() for name in required}
    rule = f"complete answers to {counted(len(required), 'required item')}"
    return _Outcome(rule, "", _reasons(rows, missing, "no answer to"))


def _reasons(rows: pd.DataFrame, wrong: dict[str, pd.Series], what: str) -> dict[int, str]:
    """For each row with something wrong, what it is and in which columns."""
    table = pd.DataFrame(wrong, index=rows.index).astype(bool)
    return {
        int(row): f"{what}: {listed(table.columns[table.loc[row].to_numpy()], limit=10)}"
        for row in table.index[table.any(axis=1)]
    }


def _which(names: Collection[str], rows: pd.DataFrame, otherwise: str) -> str:
    """The questions a rule looks at, and those it cannot because their columns are absent."""
    present = [name for name in names if name in rows]
    absent = [name for name in names if name not in rows]
    text = listed(present, limit=20) or otherwise
    return f"{text} (absent: {listed(absent, limit=20)})" if present and absent else text


def _obstacle(names: Collection[str], rows: pd.DataFrame, kind: str) -> str:
    """Why a rule does not apply; empty when at least one of its columns is there."""
    if not names:
        return f"the instrument has no {kind}"
    if any(name in rows for name in names):
        return ""
    return f"{'column' if len(names) == 1 else 'columns'} {listed(names, limit=20)} absent"


def _actions() -> list[str]:
    numbers = {"id_column", "max_failed_attention_checks", "longest_run"}
    return [field.name for field in fields(ScreeningRules) if field.name not in numbers]


def _is_action(value: object) -> bool:
    return value in get_args(ScreeningAction)


def _unknown_action(name: str, value: object) -> Problem:
    choices = ", ".join(get_args(ScreeningAction))
    return Problem(where=f"screening rule {name}", found=f"{value!r}", remedy=f"Choose one of: {choices}.")


def _number_problems(rules: ScreeningRules) -> list[Problem]:
    problems = []
    if not _is_whole(rules.max_failed_attention_checks, at_least=0):
        found = f"{rules.max_failed_attention_checks!r}"
        remedy = "Give a whole number, 0 or more."
        problems.append(Problem(where="screening rule max_failed_attention_checks", found=found, remedy=remedy))
    if rules.longest_run is not None and not _is_whole(rules.longest_run, at_least=2):
        remedy = "Give a whole number, 2 or more."
        problems.append(Problem(where="screening rule longest_run", found=f"{rules.longest_run!r}", remedy=remedy))
    if rules.straight_lining in ("exclude", "flag") and rules.longest_run is None:
        found = f"{rules.straight_lining!r} without a longest_run"
        remedy = "Declare the run of equal answers that counts as straight-lining, for instance longest_run=10."
        problems.append(Problem(where="screening rule straight_lining", found=found, remedy=remedy))
    return problems


def _is_whole(value: object, *, at_least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= at_least
