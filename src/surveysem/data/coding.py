"""A table of raw cells turned into answers on the scales of an instrument."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import isfinite, nan
from types import MappingProxyType

import pandas as pd

from surveysem.data.cells import CellConventions, CellKind, DecodedColumn, RejectedCells, decode_column
from surveysem.data.imports.detection import TOOLS
from surveysem.data.imports.labels import normalised
from surveysem.data.imports.matching import ColumnMatches, match_columns
from surveysem.data.imports.settings import ImportSettings
from surveysem.data.imports.tools import SurveyTool
from surveysem.data.item_sets import ItemSets
from surveysem.data.marking import MARK_COLUMN
from surveysem.data.read import RawTable
from surveysem.data.wording import closest, counted, listed, rows_listed
from surveysem.errors import Problem
from surveysem.findings import Finding
from surveysem.instrument import Instrument, ResponseScale

_MANY_PROBLEMS = 25  # what one screen shows
_MANY_COLUMNS = 5
_MANY_MISSING = 12
_USUAL_MISSING_CODES = frozenset(
    {-9999, -999, -99, -98, -97, -88, -77, -9, -8, -7, -1, 9, 77, 88, 97, 98, 99, 999, 9999}
)
_FOUND = {
    "outside": "{cells} outside scale {scale}",
    "fraction": "{cells} that should be whole numbers on scale {scale}",
    "text": "{cells} with text that is neither a number nor a label of scale {scale}",
    "ambiguous": "{cells} with a label that stands for several codes of scale {scale}",
    "conflict": "{cells} whose number and label contradict each other on scale {scale}",
    "unlabelled": "{cells} without a known label, in a column whose labels show other codes than scale {scale} has",
    "missing option": "{cells} that the file declares missing although they are options of scale {scale}",
    "date": "{cells} with a date",
    "formula": "{cells} with a formula, which is not computed",
    "mixed marks": "{cells} with a decimal comma in a column that also has decimal points",
}
_REMEDIES = {
    "mixed marks": "Write all numbers of the column with the same decimal mark and without thousands separators.",
    "conflict": "Look how the export numbers its answers, and export either the numbers or the labels.",
    "unlabelled": "Correct the value labels of the file so that they have the questionnaire's wording and codes.",
    "missing option": "Correct the missing values declared in the file, or the options of the scale.",
    "date": "Spreadsheets turn answers such as 5-1 into dates: import the original export, or format the column as "
    "text before pasting.",
    "formula": "Replace the formulas by their values (in Excel: copy, then paste special, values).",
}
_SUSPECT_NUMBERS = (99.0, 999.0, 9999.0, 99999.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class CodedAnswers:
    """Answers as codes and numbers, before screening and reverse coding.

    Parameters
    ----------
    frame : pandas.DataFrame
        All rows; questions as floats (text scales: text), other columns as they came.
    findings : tuple of Finding
        What was absent, left as it was, turned into codes or read as missing.
    problems : tuple of Problem
        Everything that stands in the way.
    required : tuple of str
        Items that must be there; without those of sets that may be absent and are.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    required: tuple[str, ...] = ()


def code_answers(
    table: RawTable,
    instrument: Instrument,
    required: Collection[str],
    settings: ImportSettings = ImportSettings(),  # noqa: B008 - frozen
    item_sets: ItemSets = ItemSets(),  # noqa: B008 - frozen
) -> CodedAnswers:
    """Answers of a raw table in terms of the instrument's scales.

    Parameters
    ----------
    table : RawTable
        Raw cells.
    instrument : Instrument
        Whose questions are looked for among the columns.
    required : collection of str
        Items that must be there.
    settings : ImportSettings
        Columns, missing answers and codes the researcher declares.
    item_sets : ItemSets
        Required items that belong together, and what becomes of sets that are absent altogether.

    Returns
    -------
    CodedAnswers
        Nothing is raised; its ``problems`` list what is wrong.
    """
    tool = TOOLS[table.tool]
    matches = match_columns(table, instrument, tool, settings.columns)
    questions = {column: question for question, column in matches.columns.items()}
    scales = {question.id: instrument.scale(question.scale) for question in instrument.questions}
    conventions = _conventions(table, matches, scales, settings, tool)
    decoded = {
        name: decode_column(table.frame[column].rename(name), scales[name], conventions[name])
        for column, name in questions.items()
    }
    extra = [str(name) for name in table.frame.columns if name not in questions and name != MARK_COLUMN]
    explained = {problem.where.removeprefix(f"{table.source}, question ") for problem in matches.problems}
    known = {*decoded, *explained}
    needed = item_sets.still_required(required, known)
    return CodedAnswers(
        frame=table.frame.rename(columns=questions).assign(**{name: column.values for name, column in decoded.items()}),
        findings=(
            *table.findings,
            *_coding_findings(table, decoded, absent=[name for name in scales if name not in decoded], extra=extra),
            *matches.findings,
            *_warnings(table.source, decoded, scales),
        ),
        problems=(
            *_problems(table, instrument, matches, decoded, needed, extra),
            *item_sets.problems(table.source, known),
        ),
        required=needed,
    )


def _conventions(
    table: RawTable,
    matches: ColumnMatches,
    scales: Mapping[str, ResponseScale],
    settings: ImportSettings,
    tool: SurveyTool,
) -> dict[str, CellConventions]:
    missing = frozenset(form for each in settings.missing for form in _forms(each))
    answers = {
        scale: MappingProxyType({normalised(text): code for text, code in codes.items()})
        for scale, codes in settings.answers.items()
    }
    nothing: Mapping[str, int] = MappingProxyType({})
    return {
        name: CellConventions(
            decimal_comma=table.decimal_comma,
            missing=missing,
            answers=answers.get(scales[name].id, nothing),
            codes=tool.codes,
            value_labels=table.value_labels.get(column, MappingProxyType({})),
            source_missing=table.missing.get(column, frozenset()),
        )
        for name, column in matches.columns.items()
    }


def _forms(declared: float | str) -> tuple[float | str, ...]:
    """A declared cell as it is looked for: as a number where it is one, else as normalised text."""
    try:
        number = float(declared)
    except ValueError:
        number = nan
    return (number,) if isfinite(number) else (normalised(str(declared)),)


def _problems(
    table: RawTable,
    instrument: Instrument,
    matches: ColumnMatches,
    decoded: Mapping[str, DecodedColumn],
    required: Collection[str],
    extra: list[str],
) -> tuple[Problem, ...]:
    explained = {problem.where for problem in matches.problems}
    missing = [name for name in required if name not in decoded and f"{table.source}, question {name}" not in explained]
    texts = {name: table.texts.get(name, name) for name in extra}
    rejections = [rejection for column in decoded.values() for rejection in column.rejected]
    return (
        *matches.problems,
        *_missing_columns(table.source, missing, extra, _alike_texts(missing, instrument, texts)),
        *_rejection_problems(table.source, rejections, matches.columns),
    )


def _alike_texts(missing: list[str], instrument: Instrument, texts: Mapping[str, str]) -> dict[str, str]:
    """For each missing question the column whose text is most like its own, as a proposal only."""
    by_text = {text: column for column, text in texts.items()}
    alike = {}
    for name in missing[:_MANY_MISSING]:
        for text in instrument.question(name).text.values():
            match = closest(text, by_text)
            if match:
                alike[name] = by_text[match]
    return alike


def _missing_columns(source: str, missing: list[str], extra: list[str], texts: Mapping[str, str]) -> list[Problem]:
    matches = {name: closest(name, extra) or texts.get(name) for name in missing}
    if len(missing) <= _MANY_COLUMNS:
        return [_missing_column(source, name, match, extra) for name, match in matches.items()]
    alike = [f"{match} for {name}" for name, match in matches.items() if match]
    remedy = (
        "Name the columns after the items of the instrument, or declare them under `import: columns:` in the study "
    )
    remedy += "file."
    if alike:
        remedy += f" Did you mean {listed(alike, limit=12)}?"
    found = f"{len(missing)} columns are missing: {listed(missing, limit=100)}"
    return [Problem(where=source, found=found, remedy=remedy)]


def _missing_column(source: str, name: str, match: str | None, extra: list[str]) -> Problem:
    if match:
        declaration = f"`import: {{columns: {{{name}: {match!r}}}}}`"
        remedy = f"Did you mean {match}? Rename that column to {name}, or declare {declaration} in the study file."
    elif extra:
        remedy = f"Columns that belong to no question: {listed(extra, limit=12)}. Rename the right one, or "
        remedy += "declare it under `import: columns:` in the study file."
    else:
        remedy = "Add the column, or leave the item out of the model."
    return Problem(where=f"{source}, column {name}", found="this column is missing", remedy=remedy)


def _rejection_problems(source: str, rejections: list[RejectedCells], columns: Mapping[str, str]) -> list[Problem]:
    """One problem per column and reason; when that fills a screen, one per scale and reason."""
    groups: dict[tuple[str, str, str], list[RejectedCells]] = {}
    fold = len(rejections) > _MANY_PROBLEMS
    for rejection in rejections:
        key = (rejection.scale.id, rejection.kind, "" if fold else rejection.column)
        groups.setdefault(key, []).append(rejection)
    return [_rejection_problem(source, group, columns) for group in groups.values()]


def _rejection_problem(source: str, group: list[RejectedCells], columns: Mapping[str, str]) -> Problem:
    first = group[0]
    shown = list(dict.fromkeys(cell for rejection in group for cell in rejection.cells))
    n_cells = sum(len(rejection.rows) for rejection in group)
    found = _FOUND[first.kind].format(cells=counted(n_cells, "cell"), scale=first.scale.id)
    if len(group) == 1:
        header = columns.get(first.column, first.column)
        name = first.column if header == first.column else f"{first.column} ({header!r})"
        where = f"{source}, column {name}, {rows_listed(first.rows)}"
    else:
        places = (f"{one.column} ({len(one.rows)} from row {one.rows[0]})" for one in group)
        where = f"{source}, {len(group)} columns: {listed(places, limit=len(group))}"
    return Problem(where=where, found=f"{found}: {listed(shown)}", remedy=_remedy(first, shown))


def _remedy(rejection: RejectedCells, shown: list[str]) -> str:
    scale = rejection.scale
    if rejection.kind in _REMEDIES:
        return _REMEDIES[rejection.kind]
    if rejection.kind == "ambiguous":
        return f"Replace the labels by codes, or declare them under `import: answers: {scale.id}:`. {_admitted(scale)}"
    suspects = [cell for cell in shown if _looks_missing(cell)]
    if rejection.kind == "outside" and suspects:
        hint = f"If {listed(suspects)} stands for no answer, declare it under `missing` of scale {scale.id}."
        return f"{_admitted(scale)} {hint}"
    if rejection.kind == "text":
        hint = "If one stands for no answer, declare it under `import: missing:` in the study file"
        codes = f"; if for a code, under `import: answers: {scale.id}:`" if scale.options else ""
        return f"{_admitted(scale)} {hint}{codes}."
    return _admitted(scale)


def _looks_missing(cell: str) -> bool:
    try:
        return float(cell.replace(",", ".")) in _USUAL_MISSING_CODES
    except ValueError:
        return False


def _admitted(scale: ResponseScale) -> str:
    """Sentence that says which answers a scale admits."""
    missing = f" or the codes for no answer {listed(scale.missing, limit=9)}" if scale.missing else ""
    if scale.kind == "ordinal":
        return (
            f"Use codes {min(scale.options)} to {max(scale.options)}, their labels{missing}, or leave the cell empty."
        )
    if scale.kind == "nominal":
        codes = listed(sorted(scale.options), limit=20)
        return f"Use codes {codes}, their labels{missing}, or leave the cell empty."
    kind = "whole numbers" if scale.integer else "numbers"
    low = "" if scale.minimum is None else f" from {scale.minimum:g}"
    high = "" if scale.maximum is None else f" up to {scale.maximum:g}"
    return f"Use {kind}{low}{high}{missing}, or leave the cell empty."


def _coding_findings(
    table: RawTable, decoded: Mapping[str, DecodedColumn], *, absent: list[str], extra: list[str]
) -> tuple[Finding, ...]:
    notes = []
    if table.kind:
        marks = " Decimal commas and decimal points are both understood." if table.decimal_comma else ""
        notes.append(f"Read as {table.kind}, {_size(table)}.{marks}")
    if table.n_blank_lines:
        notes.append(f"{counted(table.n_blank_lines, 'blank line')} passed over.")
    if absent:
        notes.append(f"Questions without a column: {listed(absent, limit=100)}.")
    if extra:
        notes.append(f"Columns that belong to no question, kept unchanged: {listed(extra, limit=100)}.")
    notes += _counts_note(decoded, "label", "turned from labels into codes")
    notes += _counts_note(decoded, "tool code", f"with answer codes of {TOOLS[table.tool].title} turned into codes")
    notes += _counts_note(decoded, "empty", "empty and read as missing")
    notes += _counts_note(decoded, "missing code", "with a declared code for no answer, read as missing")
    notes += _counts_note(decoded, "source missing", "that the file itself declares missing, read as missing")
    return tuple(Finding(severity="note", where=table.source, message=note) for note in notes)


def _size(table: RawTable) -> str:
    n_rows, n_columns = table.frame.shape
    return f"{counted(n_rows, 'row')} and {counted(n_columns, 'column')}"


def _counts_note(decoded: Mapping[str, DecodedColumn], kind: CellKind, what: str) -> list[str]:
    counts = {name: column.counts[kind] for name, column in decoded.items() if kind in column.counts}
    if not counts:
        return []
    columns = listed((f"{name} ({count})" for name, count in counts.items()), limit=12)
    return [f"{counted(sum(counts.values()), 'cell')} {what}: {columns}."]


def _warnings(
    source: str, decoded: Mapping[str, DecodedColumn], scales: Mapping[str, ResponseScale]
) -> tuple[Finding, ...]:
    """What was understood without being declared, and might be misunderstood."""
    messages = _counts_note(decoded, "missing text", _missing_words(decoded))
    recoded = [
        f"{name} ({listed((f'{value:g} read as {code}' for value, code in column.recoded.items()), limit=9)})"
        for name, column in decoded.items()
        if column.recoded
    ]
    if recoded:
        message = "The file codes answers otherwise than the questionnaire, so they were read by their value labels: "
        messages.append(f"{message}{listed(recoded, limit=100)}.")
    suspects = [
        f"{name} ({number:g})" for name, column in decoded.items() for number in _suspects(column, scales[name])
    ]
    if suspects:
        message = f"Numbers that often stand for no answer were read as numbers: {listed(suspects, limit=100)}. "
        messages.append(f"{message}If they are no answers, declare them under `import: missing:` in the study file.")
    return tuple(Finding(severity="warning", where=source, message=message) for message in messages)


def _missing_words(decoded: Mapping[str, DecodedColumn]) -> str:
    words = dict.fromkeys(word for column in decoded.values() for word in column.missing_texts)
    declaration = ", ".join(f'"{word}"' for word in words)
    return (
        f"with {listed(words)} in place of a code or number, read as missing though not declared (to settle it, "
        f"declare `import: {{missing: [{declaration}]}}` in the study file)"
    )


def _suspects(column: DecodedColumn, scale: ResponseScale) -> list[float]:
    """Numbers such as 999 that are the largest of an open scale by far, or occur more than once."""
    if scale.kind != "number":
        return []
    frequencies = column.values.value_counts()
    found = [number for number in _SUSPECT_NUMBERS if number in frequencies.index]
    others = max((number for number in frequencies.index if number not in found), default=0.0)
    return [number for number in found if number > others and (frequencies[number] > 1 or number > 2 * others)]
