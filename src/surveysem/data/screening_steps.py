"""Screening rules applied to coded answers, before reverse coding: whom each concerns, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from surveysem.data.screening_rules import ScreeningAction, ScreeningRules
from surveysem.data.wording import counted, listed
from surveysem.instrument import Instrument
from surveysem.typing import FloatArray

BoolArray: TypeAlias = NDArray[np.bool_]


class Outcome(NamedTuple):
    """What a rule says: its wording, why it could not be applied, and the reason per row concerned."""

    rule: str
    obstacle: str
    reasons: dict[int, str]


class Step(NamedTuple):
    """A rule of the list, what to do about whom it concerns, and whether it is told of where it is off."""

    name: str
    action: ScreeningAction
    apply: Callable[[pd.DataFrame], Outcome]
    told_when_off: bool = True


Rule: TypeAlias = Callable[[pd.DataFrame], Outcome]


def fixed_steps(instrument: Instrument, rules: ScreeningRules) -> list[Step]:
    """Rules on who a respondent is and whether instructions were followed."""
    return [
        Step("eligibility", rules.eligibility, lambda rows: _not_eligible(rows, instrument)),
        Step("duplicate_ids", rules.duplicate_ids, lambda rows: _duplicate_ids(rows, rules.id_column)),
        Step("duplicate_rows", rules.duplicate_rows, lambda rows: _duplicate_rows(rows, instrument)),
        Step("attention_checks", rules.attention_checks, lambda rows: _inattentive(rows, instrument, rules)),
    ]


def incomplete_step(required: Sequence[str], rules: ScreeningRules) -> Step:
    """The rule on missing answers to required items, which comes last."""
    return Step("incomplete", rules.incomplete, lambda rows: _incomplete(rows, required))


def ordinal_items(rows: pd.DataFrame, instrument: Instrument) -> list[str]:
    """Items on ordinal scales that are among the columns, in the order of the questionnaire."""
    return [item.id for item in instrument.items if item.id in rows and instrument.scale(item.scale).kind == "ordinal"]


def answers_to(rows: pd.DataFrame, names: Sequence[str]) -> FloatArray:
    """Coded answers as numbers; NaN where missing."""
    values: FloatArray = rows[list(names)].to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def reasons_at(rows: pd.DataFrame, concerned: BoolArray, texts: Iterable[str]) -> dict[int, str]:
    """The texts by row number of the rows concerned, a boolean array."""
    return dict(zip((int(row) for row in rows.index[concerned]), texts, strict=True))


def _not_eligible(rows: pd.DataFrame, instrument: Instrument) -> Outcome:
    eligible = {question.id: question.eligible for question in instrument.screening_questions}
    wrong = {name: ~rows[name].isin(codes) for name, codes in eligible.items() if name in rows}
    rule = f"an eligible answer to {_which(eligible, rows, 'the screening questions')}"
    return Outcome(rule, _obstacle(eligible, rows, "screening question"), _reasons(rows, wrong, "not eligible"))


def _inattentive(rows: pd.DataFrame, instrument: Instrument, rules: ScreeningRules) -> Outcome:
    expected = {check.id: check.expected for check in instrument.attention_checks}
    failed = {name: rows[name] != code for name, code in expected.items() if name in rows}
    tolerated = rules.max_failed_attention_checks
    rule = f"at most {tolerated} failed of {_which(expected, rows, 'the attention checks')}"
    n_failed = sum((wrong.astype(int) for wrong in failed.values()), start=pd.Series(0, index=rows.index))
    too_many = n_failed > tolerated
    wrong = {name: failure & too_many for name, failure in failed.items()}
    reasons = _reasons(rows, wrong, "attention check failed")
    return Outcome(rule, _obstacle(expected, rows, "attention check"), reasons)


def _duplicate_ids(rows: pd.DataFrame, id_column: str | None) -> Outcome:
    if id_column is None:
        return Outcome("one row per respondent id", "no id column is named", {})
    rule = f"one row per value of {id_column}"
    if id_column not in rows:
        return Outcome(rule, f"column {id_column} absent", {})
    ids = rows[id_column]
    repeated = ids.notna() & (ids.astype(str).str.strip() != "") & ids.duplicated(keep="first")
    texts = (f"{id_column} {value} occurred before" for value in ids[repeated])
    return Outcome(rule, "", reasons_at(rows, repeated.to_numpy(), texts))


def _duplicate_rows(rows: pd.DataFrame, instrument: Instrument) -> Outcome:
    questions = [question.id for question in instrument.questions if question.id in rows]
    repeated = rows.duplicated(subset=questions, keep="first")
    reasons = {int(row): "same answers to all questions as an earlier row" for row in rows.index[repeated]}
    return Outcome("no two rows with the same answers to all questions", "", reasons)


def _incomplete(rows: pd.DataFrame, required: Sequence[str]) -> Outcome:
    missing = {name: rows[name].isna() for name in required}
    rule = f"complete answers to {counted(len(required), 'required item')}"
    return Outcome(rule, "", _reasons(rows, missing, "no answer to"))


def _reasons(rows: pd.DataFrame, wrong: dict[str, pd.Series], what: str) -> dict[int, str]:
    """For each row with something wrong, what it is and in which columns."""
    if not wrong:
        return {}
    names = np.array(list(wrong))
    table = np.column_stack([column.to_numpy(dtype=bool) for column in wrong.values()])
    concerned = np.asarray(table.any(axis=1))
    packed = np.packbits(table[concerned], axis=1)
    texts = {
        each.tobytes(): f"{what}: {listed(names[which], limit=10)}"
        for each, which in zip(*_distinct(packed, table[concerned]), strict=True)
    }
    return reasons_at(rows, concerned, (texts[each.tobytes()] for each in packed))


def _distinct(packed: np.ndarray, table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows, packed and as booleans."""
    if not len(packed):
        return packed, table
    _, first = np.unique(packed, axis=0, return_index=True)
    return packed[first], table[first]


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
