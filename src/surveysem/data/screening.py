"""Screening: which respondents are analysed, which are left out or flagged, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from surveysem.data.screening_indices import index_steps
from surveysem.data.screening_rules import ScreeningAction, ScreeningRules
from surveysem.data.screening_steps import Step, fixed_steps, incomplete_step
from surveysem.data.wording import counted
from surveysem.instrument import Instrument

__all__ = ["Screening", "ScreeningAction", "ScreeningRules", "screen_answers"]


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

    Notes
    -----
    Rules are applied one after the other, each to the rows the ones before left; what rests on the sample (Mahalanobis
    distances, synonyms and antonyms) is that of these rows.
    """
    remaining = frame
    flow = [("imported", "rows of the source", "", 0, len(frame))]
    dropped: list[tuple[int, str, str]] = []
    flagged: list[tuple[int, str, str]] = []
    for step, action, apply, _ in _steps(instrument, list(required), rules):
        outcome = apply(remaining if action != "off" else remaining.iloc[:0])
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


def _steps(instrument: Instrument, required: Sequence[str], rules: ScreeningRules) -> list[Step]:
    """The rules in the order they are applied; those never heard of where they are off are left out."""
    steps = [*fixed_steps(instrument, rules), *index_steps(instrument, rules), incomplete_step(required, rules)]
    return [step for step in steps if step.told_when_off or step.action != "off"]
