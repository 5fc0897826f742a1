"""Answers written as survey tools and statistical software export them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from surveysem.data.imports.parquet import check_pyarrow
from surveysem.data.imports.settings import TOOL_NAMES
from surveysem.data.imports.shapes import (
    LABELLED_COLUMNS,
    SHAPES,
    Shape,
    extra_header_rows,
    labelled_header,
    questions_of,
)
from surveysem.data.imports.writing import write_table, write_whole
from surveysem.data.wording import counted, listed
from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.instrument import Instrument, Question, ResponseScale

_LONGEST_LABEL = {"sav": 120, "dta": 80}  # characters; SPSS counts 255 bytes, Stata 80 characters


def write_responses(
    frame: pd.DataFrame,
    path: str | Path,
    instrument: Instrument,
    *,
    format: str = "plain",
    labels: bool | None = None,
    language: str | None = None,
    force: bool = False,
) -> None:
    """Coded answers as a file in the shape of a survey tool's export, which reading brings back unchanged.

    Parameters
    ----------
    frame : pandas.DataFrame, shape (n, any)
        Answers as codes and numbers before reverse coding, columns named by question; other columns are kept at the
        end.
    path : str or pathlib.Path
        Its ending decides the kind of file: ``.csv``, ``.tsv``, ``.xlsx``; for the format ``"plain"`` also ``.sav``,
        ``.dta`` and ``.parquet``.
    instrument : Instrument
        Whose questions were answered.
    format : str
        ``"plain"``, ``"qualtrics"``, ``"limesurvey"``, ``"redcap"``, ``"kobotoolbox"``, ``"odk"``, ``"google_forms"``
        or ``"microsoft_forms"``.
    labels : bool, optional
        Whether labels are written instead of codes; as the tool does, if left out.
    language : str, optional
        Language of labels and question texts; the instrument's first if left out.
    force : bool
        Whether a file of that name is replaced.

    Raises
    ------
    UnsupportedError
        For another format, language or kind of file.
    DataError
        When the frame has no column of a question, or cells that are not on their scale.
    InputFileError
        When the file exists and may not be replaced, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from surveysem.instrument import read_instrument
    >>> instrument = read_instrument("political_democracy")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_responses(pd.DataFrame({"x1": [4.4]}), Path(folder) / "a.csv", instrument, format="odk")
    ...     (Path(folder) / "a.csv").read_text(encoding="utf-8").split(",")[1]
    'transformed-x1'
    """
    path = Path(path)
    _check_choices(format, language, instrument)
    questions = questions_of(instrument, [str(name) for name in frame.columns])
    _check_answers(frame, questions, instrument)
    if path.suffix.lower() in (".sav", ".dta", ".parquet"):
        _write_statistical(frame, path, instrument, questions, format, language, force=force)
        return
    shape = SHAPES[format]
    as_labels = shape.labels if labels is None else labels
    table = _shaped(frame, instrument, questions, format, language or instrument.default_language, labels=as_labels)
    write_table(table, path, force=force)


def _check_choices(format: str, language: str | None, instrument: Instrument) -> None:
    problems = []
    if format not in SHAPES:
        problems.append(Problem(where="format", found=f"{format!r}", remedy=f"Choose one of: {', '.join(TOOL_NAMES)}."))
    if language is not None and language not in instrument.languages:
        remedy = f"Choose one of: {', '.join(instrument.languages)}."
        problems.append(Problem(where="language", found=f"{language!r}", remedy=remedy))
    if problems:
        raise UnsupportedError("The answers cannot be written so.", problems)


def _check_answers(frame: pd.DataFrame, questions: list[Question], instrument: Instrument) -> None:
    problems = [] if questions else [_no_question(instrument)]
    for question in questions:
        scale = instrument.scale(question.scale)
        if scale.kind not in ("ordinal", "nominal"):
            continue
        column = frame[question.id]
        known = [*scale.options, *scale.missing]
        odd = column[column.notna() & ~column.isin(known)]
        if len(odd):
            found = f"{counted(len(odd), 'cell')} outside scale {scale.id}: {listed(odd.unique())}"
            remedy = f"Codes: {listed(known, limit=20)}."
            problems.append(Problem(where=f"column {question.id}", found=found, remedy=remedy))
    if problems:
        raise DataError("The answers do not fit the questionnaire.", problems)


def _no_question(instrument: Instrument) -> Problem:
    names = listed((question.id for question in instrument.questions), limit=12)
    return Problem(where="frame", found="no column is named after a question", remedy=f"Questions: {names}.")


def _shaped(
    frame: pd.DataFrame, instrument: Instrument, questions: list[Question], format: str, language: str, *, labels: bool
) -> pd.DataFrame:
    shape = SHAPES[format]
    before, after = LABELLED_COLUMNS.get(format, (shape.before, shape.after)) if labels else (shape.before, shape.after)
    numbered = {*shape.numbered, "Record ID", "Response ID", "Date submitted"}
    columns: dict[str, Any] = {name: _own_column(name in numbered, len(frame)) for name in before}
    for question in questions:
        scale = instrument.scale(question.scale)
        header = (labelled_header(format, question, language) if labels else None) or shape.header(question, language)
        columns[header] = _cells(frame[question.id], scale, shape, language, labels=labels)
    columns |= {name: _own_column(name in numbered, len(frame)) for name in after}
    asked = {question.id for question in questions}
    columns |= {str(name): frame[name].tolist() for name in frame.columns if name not in asked}
    table = pd.DataFrame(columns, dtype=object)
    rows = extra_header_rows(format, questions, shape, language)
    padded = [row + [""] * (table.shape[1] - len(row)) for row in rows]
    return pd.concat([pd.DataFrame(padded, columns=table.columns, dtype=object), table]) if rows else table


def _own_column(numbered: bool, n_rows: int) -> list[object]:
    return [place if numbered else None for place in range(1, n_rows + 1)]


def _cells(column: pd.Series, scale: ResponseScale, shape: Shape, language: str, *, labels: bool) -> list[object]:
    if scale.kind == "text":
        return [None if pd.isna(cell) else cell for cell in column]
    write: Callable[[float], object] = float
    if scale.kind != "number":
        write = _label_writer(scale, language) if labels else (lambda code: shape.code(int(code), scale))
    elif scale.missing:
        write = lambda number: int(number) if number in scale.missing else _number(number)  # noqa: E731
    return [None if pd.isna(cell) else write(cell) for cell in column]


def _label_writer(scale: ResponseScale, language: str) -> Callable[[float], str]:
    known = {code: label[language] for code, label in (*scale.options.items(), *scale.missing.items())}
    return lambda code: known[int(code)]


def _number(number: float) -> object:
    return int(number) if float(number).is_integer() else float(number)


def _write_statistical(
    frame: pd.DataFrame,
    path: Path,
    instrument: Instrument,
    questions: list[Question],
    format: str,
    language: str | None,
    *,
    force: bool,
) -> None:
    if format != "plain":
        problem = Problem(
            where=str(path), found=f"format {format!r}", remedy="Choose .csv or .xlsx, or format='plain'."
        )
        raise UnsupportedError(f"Survey tools do not shape files ending in {path.suffix}.", [problem])
    kind = path.suffix.lower()[1:]
    if kind == "parquet":
        check_pyarrow(str(path))
        write_whole(path, lambda name: frame.to_parquet(name, index=False), force=force)
        return
    options = _labels_for(kind, instrument, questions, language or instrument.default_language)
    plain = frame.reset_index(drop=True)
    for name in plain.columns:
        if plain[name].dtype == object:
            plain[name] = plain[name].where(plain[name].notna(), "")
    writer = getattr(import_module("pyreadstat"), f"write_{kind}")
    write_whole(path, lambda name: writer(plain, name, **options), force=force)


def _labels_for(kind: str, instrument: Instrument, questions: list[Question], language: str) -> dict[str, Any]:
    scales = {question.id: instrument.scale(question.scale) for question in questions}
    values = {
        name: {code: label[language] for code, label in (*scale.options.items(), *scale.missing.items())}
        for name, scale in scales.items()
        if scale.options or scale.missing
    }
    options: dict[str, Any] = {
        "column_labels": {question.id: question.text[language][: _LONGEST_LABEL[kind]] for question in questions},
        "variable_value_labels": values,
    }
    if kind == "sav":
        options["missing_ranges"] = {name: list(scale.missing)[:3] for name, scale in scales.items() if scale.missing}
    return options
