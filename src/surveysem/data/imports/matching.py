"""Columns of an export matched to an instrument's questions: by declaration, id or question text, never by guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from types import MappingProxyType

from surveysem.data.imports.table import RawTable
from surveysem.data.imports.tools import SurveyTool, same_key
from surveysem.data.wording import closest, listed
from surveysem.errors import Problem
from surveysem.findings import Finding
from surveysem.instrument import Instrument, Question

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_NO_LETTER = re.compile(r"[\W_]+")
_BRACKETED = re.compile(r"\[([^\[\]]+)\]\s*$")
_GROUP = re.compile(r"\s[-–—]\s|/")
_LONGEST_SHOWN = 60


@dataclass(frozen=True, kw_only=True)
class ColumnMatches:
    """Which column answers which question.

    Parameters
    ----------
    columns : Mapping of str to str
        Header of the column, by id of the question.
    findings : tuple of Finding
        Matches other than by the exact id, for confirmation.
    problems : tuple of Problem
        Declared columns that do not exist, and matches that are not unique.
    """

    columns: Mapping[str, str]
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(kw_only=True)
class _Search:
    """Columns not yet matched and the questions not yet found, while the rules are tried one after the other."""

    source: str
    free: list[str]
    open: list[str]
    columns: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def take(self, matches: Mapping[str, list[str]]) -> dict[str, str]:
        """Record matches of one rule: question to the columns it found."""
        taken: dict[str, str] = {}
        wanted = [column for columns in matches.values() for column in columns]
        for question, columns in matches.items():
            if len(columns) == 1 and wanted.count(columns[0]) == 1:
                taken[question] = columns[0]
            elif columns:
                self.problems.append(_not_unique(self.source, question, columns))
                self.open.remove(question)
        self.columns |= taken
        claimed = set(wanted)
        self.free = [name for name in self.free if name not in claimed]
        self.open = [name for name in self.open if name not in taken]
        return taken


def match_columns(
    table: RawTable, instrument: Instrument, tool: SurveyTool, declared: Mapping[str, str]
) -> ColumnMatches:
    """Columns matched to questions, each by the first rule that finds one.

    Parameters
    ----------
    table : RawTable
        Whose columns are matched.
    instrument : Instrument
        Whose questions are looked for.
    tool : SurveyTool
        How the tool names columns.
    declared : Mapping of str to str
        Headers the researcher declares, by id of the question.

    Returns
    -------
    ColumnMatches
        Rules, in order: the declared header; the id itself; the id whatever its letters' case and spaces; the id as the
        tool writes it (after its groups, within brackets); the question's text in any language of the instrument,
        whatever its case, spaces, punctuation and HTML tags.

    Notes
    -----
    Nothing is matched by likeness: what is alike is only proposed in the error about a missing column.
    """
    names = [str(name) for name in table.frame.columns]
    search = _Search(source=table.source, free=names, open=[question.id for question in instrument.questions])
    _by_declaration(search, names, declared)
    search.take({name: [name] for name in search.open if name in set(search.free)})
    search.free = [name for name in search.free if name.casefold() not in tool.own]
    loose = search.take(_found(search, same_key, lambda name: [same_key(name)]))
    by_tool = search.take(_found(search, tool.key, lambda name: [tool.key(each) for each in tool.names(name)]))
    by_text = search.take(_by_text(search, instrument, table.texts))
    findings = (
        *_finding(table, "by id, apart from the case of letters and spaces", loose),
        *_finding(table, f"by id as {tool.title} writes it", by_tool),
        *_finding(table, "by the question's text; please confirm", by_text),
    )
    return ColumnMatches(columns=MappingProxyType(search.columns), findings=findings, problems=tuple(search.problems))


def text_key(text: str) -> str:
    """A question's text without HTML, punctuation, letter case and differences of spacing.

    Examples
    --------
    >>> text_key("<b>It kept</b> its&nbsp;promises.")
    'it kept its promises'
    """
    plain = unicodedata.normalize("NFC", unescape(_TAG.sub(" ", text)))
    return " ".join(_NO_LETTER.sub(" ", plain).split()).casefold()


def _by_declaration(search: _Search, names: list[str], declared: Mapping[str, str]) -> None:
    trimmed = {" ".join(name.split()): name for name in names}
    found = {}
    for question, header in declared.items():
        column = trimmed.get(" ".join(header.split()))
        if question not in search.open:
            match = closest(question, search.open)
            remedy = f"Did you mean {match}?" if match else "Use an id of the instrument."
            search.problems.append(
                Problem(where=f"columns, {question}", found="the instrument has no such question", remedy=remedy)
            )
        elif column is None:
            search.problems.append(_no_such_column(search.source, question, header, names))
            search.open.remove(question)
        else:
            found[question] = [column]
            if question in names and column != question:
                search.problems.append(_two_columns(search.source, question, column))
    search.take(found)


def _found(search: _Search, key: Callable[[str], str], keys_of: Callable[[str], Iterable[str]]) -> dict[str, list[str]]:
    """Free columns by the open question whose key is the first of theirs that is a question's."""
    questions: dict[str, list[str]] = {}
    for question in search.open:
        questions.setdefault(key(question), []).append(question)
    matches: dict[str, list[str]] = {}
    for column in search.free:
        found = next((questions[each] for each in keys_of(column) if each in questions), [])
        for question in found:
            matches.setdefault(question, []).append(column)
    return matches


def _by_text(search: _Search, instrument: Instrument, texts: Mapping[str, str]) -> dict[str, list[str]]:
    wordings: dict[str, set[str]] = {}
    for question in instrument.questions:
        if question.id in search.open:
            for key in _keys_of_question(question):
                wordings.setdefault(key, set()).add(question.id)
    matches: dict[str, list[str]] = {}
    for column in search.free:
        keys = [key for text in (column, texts.get(column, "")) for key in _keys_of_text(text)]
        found = next((wordings[key] for key in keys if key in wordings), set())
        for name in sorted(found):
            matches.setdefault(name, []).append(column)
    return matches


def _keys_of_question(question: Question) -> set[str]:
    return {text_key(text) for text in question.text.values()} - {""}


def _keys_of_text(text: str) -> list[str]:
    """The whole text, then the statement of a matrix: in brackets at the end, after a dash, or after its groups."""
    parts = [text]
    bracketed = _BRACKETED.search(text)
    if bracketed:
        parts.append(bracketed.group(1))
    parts += [text[sign.end() :] for sign in _GROUP.finditer(text)]
    return [key for key in map(text_key, parts) if key]


def _finding(table: RawTable, how: str, matches: Mapping[str, str]) -> list[Finding]:
    if not matches:
        return []
    shown = (f"{question} = {_shown(column, table.texts)}" for question, column in matches.items())
    message = f"Columns matched {how}: {listed(shown, limit=200)}."
    return [Finding(severity="note", where=table.source, message=message)]


def _shown(column: str, texts: Mapping[str, str]) -> str:
    text = texts.get(column, "")
    full = f"{column} ({text})" if text and text != column else column
    return f'"{full}"' if len(full) <= _LONGEST_SHOWN else f'"{full[: _LONGEST_SHOWN - 1]}…"'


def _not_unique(source: str, question: str, columns: list[str]) -> Problem:
    if len(columns) > 1:
        found = f"{len(columns)} columns fit this question: {listed((repr(name) for name in columns), limit=10)}"
    else:
        found = f"column {columns[0]!r} fits this question and another"
    remedy = f"Declare the right one: `import: {{columns: {{{question}: {columns[0]!r}}}}}` in the study file."
    return Problem(where=f"{source}, question {question}", found=found, remedy=remedy)


def _no_such_column(source: str, question: str, header: str, names: list[str]) -> Problem:
    match = closest(header, names)
    remedy = f"Did you mean {match!r}?" if match else f"Columns: {listed(names, limit=12)}."
    return Problem(
        where=f"{source}, question {question}", found=f"the declared column {header!r} does not exist", remedy=remedy
    )


def _two_columns(source: str, question: str, column: str) -> Problem:
    found = f"there are two columns for it: one of that name, and the declared one {column!r}"
    remedy = "Delete or rename one of them, or take the declaration back."
    return Problem(where=f"{source}, question {question}", found=found, remedy=remedy)
