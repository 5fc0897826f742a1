"""Answers read, checked against the questionnaire, screened and reverse-coded: what an analysis starts from."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import pandas as pd

from surveysem.data.coding import code_answers
from surveysem.data.imports.settings import ImportSettings
from surveysem.data.item_sets import ItemSets
from surveysem.data.marking import ATTRIBUTE, attribute, partly_marked, simulation_note
from surveysem.data.read import RawTable, read_table
from surveysem.data.screening import Screening, ScreeningRules, screen_answers
from surveysem.data.screening_findings import UNAPPLIED, unapplied_rules
from surveysem.data.wording import closest, counted, listed
from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.instrument import Instrument


@dataclass(frozen=True, kw_only=True, eq=False)
class Responses:
    """The answers that enter an analysis.

    Parameters
    ----------
    frame : pandas.DataFrame
        Analysed rows, indexed by ``row`` (the number in the source, where the header is row 1). Questions are codes and
        numbers as floats (text questions: text); reverse-keyed items are already reversed; other columns are as they
        came.
    screening : Screening
        Who was left out or flagged, and why.
    source : str
        File or frame the answers came from.
    simulated : bool
        Whether they are marked as simulated.
    simulated_note : str
        The mark; empty for answers of people.
    findings : tuple of Finding
        What a reader must know about the import.
    reverse_keyed : tuple of str
        Items whose answers were reversed.
    rules : ScreeningRules or None
        Rules they were screened by; None where that is not known.
    coded : pandas.DataFrame or None
        The coded answers of everybody read, before screening and reversal, so that they can be screened by other rules.
    """

    frame: pd.DataFrame
    screening: Screening
    source: str
    simulated: bool
    simulated_note: str
    findings: tuple[Finding, ...]
    reverse_keyed: tuple[str, ...]
    rules: ScreeningRules | None = None
    coded: pd.DataFrame | None = None

    @property
    def n_obs(self) -> int:
        """Number of analysed rows, *n*."""
        return len(self.frame)

    def __repr__(self) -> str:
        return "\n".join([self._headline(), *(str(finding) for finding in self.findings), repr(self.screening)])

    def _repr_html_(self) -> str:
        findings = "".join(f"<li>{escape(str(finding))}</li>" for finding in self.findings)
        return f"<p><b>{escape(self._headline())}</b></p><ul>{findings}</ul>{self.screening._repr_html_()}"

    def _headline(self) -> str:
        mark = f", {self.simulated_note}" if self.simulated else ""
        return f"Responses: {counted(self.n_obs, 'analysed row')} from {self.source}{mark}"


def read_responses(
    source: str | Path | pd.DataFrame,
    instrument: Instrument,
    *,
    required: Collection[str] | None = None,
    rules: ScreeningRules = ScreeningRules(),  # noqa: B008 - frozen
    settings: ImportSettings = ImportSettings(),  # noqa: B008 - frozen
    item_sets: ItemSets = ItemSets(),  # noqa: B008 - frozen
) -> Responses:
    """Answers to a questionnaire: read, checked, screened, with reverse-keyed items reversed once.

    Parameters
    ----------
    source : str, pathlib.Path or pandas.DataFrame
        File (CSV, Excel, SPSS, Stata, Parquet; the exports of survey tools) or frame, with one column per question.
    instrument : Instrument
        The questionnaire.
    required : collection of str, optional
        Items that must be there and, unless the rules say otherwise, answered; by default all.
    rules : ScreeningRules
        What to do about whom.
    settings : ImportSettings
        What is declared about the export: tool, sheet, columns, missing answers.
    item_sets : ItemSets
        Required items that belong together, and whether sets may be absent altogether.

    Returns
    -------
    Responses
        Analysed rows and the account of all others.

    Raises
    ------
    InputFileError, UnsupportedError
        When the source cannot be read.
    DataError
        Lists everything wrong at once: missing columns, answers outside their scales, items without variation,
        nobody left to analyse.

    Notes
    -----
    A reverse-keyed answer *x* becomes *max + min − x* of its scale.

    Examples
    --------
    >>> from surveysem.data import read_political_democracy
    >>> from surveysem.instrument import read_instrument
    >>> data = read_responses(read_political_democracy(), read_instrument("political_democracy"))
    >>> data.n_obs, data.screening.n_imported, data.simulated
    (75, 75, False)
    """
    table = read_table(source, settings=settings)
    needed = _required_items(instrument, required)
    _refuse_analysed(table)
    coded = code_answers(table, instrument, needed, settings, item_sets)
    problems = [*partly_marked(table.frame, table.source), *coded.problems]
    if problems:
        raise DataError(f"{table.source} does not fit the questionnaire {instrument.id!r}.", problems)
    needed = coded.required
    answers, screening = screen_answers(coded.frame, instrument, required=needed, rules=rules)
    _check_rows_left(table.source, screening)
    _check_variation(table.source, answers, needed)
    note = simulation_note(table.frame)
    frame, reverse_keyed = _reversed(answers, instrument)
    return Responses(
        frame=frame,
        screening=screening,
        source=table.source,
        simulated=bool(note),
        simulated_note=note,
        findings=_without_folders(
            table.source,
            (
                *_simulated_finding(table.source, note),
                *coded.findings,
                *_constant_findings(frame, instrument, needed),
                *unapplied_rules(screening, rules),
            ),
        ),
        reverse_keyed=reverse_keyed,
        rules=rules,
        coded=coded.frame,
    )


def screen_again(
    responses: Responses, instrument: Instrument, *, required: Collection[str], rules: ScreeningRules
) -> Responses:
    """The same answers screened by other rules.

    Parameters
    ----------
    responses : Responses
        As :func:`read_responses` returned them.
    instrument, required, rules
        As there.

    Raises
    ------
    DataError
        When everybody would be left out, or items would not vary.
    UnsupportedError
        When the answers were not read by :func:`read_responses`.
    """
    if responses.coded is None:
        raise UnsupportedError("Only answers that read_responses() returned can be screened by other rules.")
    needed = _required_items(instrument, required)
    answers, screening = screen_answers(responses.coded, instrument, required=needed, rules=rules)
    _check_rows_left(responses.source, screening)
    _check_variation(responses.source, answers, needed)
    frame, _ = _reversed(answers, instrument)
    others = (each for each in responses.findings if not each.where.startswith(UNAPPLIED))
    findings = (*others, *unapplied_rules(screening, rules))
    return replace(responses, frame=frame, screening=screening, rules=rules, findings=findings)


def _without_folders(source: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that name the file but not where it lies: they go into reports."""
    name = re.split(r"[\\/]", source)[-1]
    return tuple(replace(each, where=each.where.replace(source, name)) for each in findings)


def _required_items(instrument: Instrument, required: Collection[str] | None) -> tuple[str, ...]:
    items = [item.id for item in instrument.items]
    if required is None:
        return tuple(items)
    unknown = [name for name in dict.fromkeys(required) if name not in items]
    problems = [_unknown_item(name, items) for name in unknown]
    if not required:
        problems.append(Problem(where="required", found="no item is named", remedy="Name the items of the model."))
    if problems:
        raise DataError(f"The items required are not those of the questionnaire {instrument.id!r}.", problems)
    return tuple(name for name in items if name in set(required))


def _unknown_item(name: str, items: list[str]) -> Problem:
    match = closest(name, items)
    remedy = f"Did you mean {match}?" if match else f"Items: {listed(items, limit=12)}."
    return Problem(where=f"required item {name}", found="the questionnaire has no such item", remedy=remedy)


def _refuse_analysed(table: RawTable) -> None:
    if attribute(table.frame).get("reverse_coded"):
        remedy = "Pass the answers as they were collected; these would be reversed a second time."
        found = "these rows have been read, screened and reverse-coded before"
        raise DataError("The answers have been read before.", [Problem(where=table.source, found=found, remedy=remedy)])


def _check_rows_left(source: str, screening: Screening) -> None:
    if screening.n_analysed:
        return
    lost = [
        f"{step} ({rule}) left out {counted(n_affected, 'row')}, {n_remaining} remained"
        for step, rule, action, n_affected, n_remaining in screening.flow.itertuples(index=False, name=None)
        if action == "exclude" and n_affected
    ]
    first = screening.dropped.iloc[0]
    found = f"of {counted(screening.n_imported, 'row')}, {'; '.join(lost)}"
    remedy = f"Look at the first row left out: row {first['row']}, {first['reason']}. Correct the file or the rules."
    raise DataError("No rows are left to analyse.", [Problem(where=source, found=found, remedy=remedy)])


def _check_variation(source: str, answers: pd.DataFrame, needed: Collection[str]) -> None:
    if len(answers) == 1:
        where = f"{source}, row {answers.index[0]}"
        remedy = "Collect more answers, or look at the rules of screening if more were expected."
        raise DataError(
            "One row is not enough.", [Problem(where=where, found="only this row is left to analyse", remedy=remedy)]
        )
    problems = [
        Problem(
            where=f"{source}, column {name}",
            found=f"item {name} {_sameness(answers[name])}",
            remedy="Check the export; if it is right, leave the item out of the model.",
        )
        for name in needed
        if answers[name].nunique() < 2
    ]
    if problems:
        raise DataError("Items without variation cannot be analysed.", problems)


def _sameness(answers: pd.Series) -> str:
    given = answers.dropna()
    return (
        f"has the answer {given.iloc[0]:g} in all analysed rows" if len(given) else "has no answer in the analysed rows"
    )


def _reversed(answers: pd.DataFrame, instrument: Instrument) -> tuple[pd.DataFrame, tuple[str, ...]]:
    columns = {}
    for item in instrument.items:
        if item.reverse and item.id in answers:
            codes = instrument.scale(item.scale).options
            columns[item.id] = max(codes) + min(codes) - answers[item.id]
    frame = answers.assign(**columns)
    frame.attrs = {**frame.attrs, ATTRIBUTE: {**attribute(frame), "reverse_coded": True}}
    return frame, tuple(columns)


def _simulated_finding(source: str, note: str) -> list[Finding]:
    if not note:
        return []
    message = f"These answers are simulated, not collected: {note}. They support no conclusion about people."
    return [Finding(severity="warning", where=source, message=message)]


def _constant_findings(frame: pd.DataFrame, instrument: Instrument, needed: Collection[str]) -> list[Finding]:
    others = [item.id for item in instrument.items if item.id in frame and item.id not in needed]
    return [
        Finding(severity="warning", where=name, message=f"Item {name} {_sameness(frame[name])}.")
        for name in others
        if frame[name].nunique() < 2
    ]
