"""Table: the study's model beside its rivals."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.inline import Inline, Symbol, cited
from surveysem.report.table import Cell, Column, Row, Table
from surveysem.report.tables.columns import model_note

STUDY_MODEL = "study"
"""Id of the study's own model."""
RELATIONS = {
    "restricted": "nested in the study’s model",
    "larger": "the study’s model is nested in it",
    "equivalent": "equivalent to the study’s model",
    "not nested": "not nested",
    "undecided": "nesting undecided",
}
_TEST = "Difference to the study’s model"


def model_comparison(content: ReportContent) -> Table | None:
    """Fit, information criteria and difference tests of the rival models."""
    if content.rivals is None:
        return None
    columns = tuple(_columns(content.rivals))
    return Table(
        name="model_comparison",
        title="The study’s model and its rivals",
        columns=columns,
        rows=tuple(_row(str(name), row, columns) for name, row in content.rivals.iterrows()),
        notes=(tuple(_note(content, content.rivals)),),
        simulated=content.simulated,
    )


def _columns(table: pd.DataFrame) -> Iterator[Column]:
    """Those for which some model has a number; scaled and robust versions where there are any."""
    yield Column(key="model", label="Model")
    shown: dict[str, Column] = {
        _version(table, "chisq", "chisq.scaled"): Column(key="", label="χ²", kind="decimal", symbol=True),
        "logl": Column(key="", label="Log-likelihood", kind="decimal"),
        "df": Column(key="", label="df", kind="integer", symbol=True),
        "npar": Column(key="", label="Parameters", kind="integer"),
        _version(table, "cfi", "cfi.robust"): Column(key="", label="CFI", kind="bounded", decimals=3),
        _version(table, "rmsea", "rmsea.robust"): Column(key="", label="RMSEA", kind="bounded", decimals=3),
        "srmr": Column(key="", label="SRMR", kind="bounded", decimals=3),
        "aic": Column(key="", label="AIC", kind="decimal", decimals=1),
        "bic": Column(key="", label="BIC", kind="decimal", decimals=1),
        "akaike_weight": Column(key="", label="w", kind="bounded", symbol=True),
        "chisq_diff": Column(key="", label="Δχ²", kind="decimal", symbol=True, spanner=_TEST),
        "df_diff": Column(key="", label="Δdf", kind="integer", symbol=True, spanner=_TEST),
        "p_value": Column(key="", label="p", kind="p", symbol=True, spanner=_TEST),
    }
    moments = table.loc[table["problem"] == "", "chisq"].notna().all()
    hidden = {"logl", "npar"} if moments else {"df", *_OF_MOMENTS}
    for key, column in shown.items():
        if key not in hidden and table[key].notna().any():
            yield Column(
                key=key,
                label=column.label,
                kind=column.kind,
                decimals=column.decimals,
                symbol=column.symbol,
                spanner=column.spanner,
            )
    yield Column(key="changes", label="Change", below=True)


_OF_MOMENTS = ("chisq", "chisq.scaled", "cfi", "cfi.robust", "rmsea", "rmsea.robust", "srmr")


def _version(table: pd.DataFrame, standard: str, corrected: str) -> str:
    return corrected if table[corrected].notna().any() else standard


def _row(name: str, row: pd.Series, columns: tuple[Column, ...]) -> Row:
    own = name == STUDY_MODEL
    cells: dict[str, Cell] = {"model": "The study’s model" if own else str(row["title"]), "changes": _changes(row)}
    for column in columns:
        blank = own and column.spanner == _TEST
        if column.kind != "text" and not blank and not row["problem"]:
            cells[column.key] = float(row[column.key])
    return Row(cells=cells)


def _changes(row: pd.Series) -> str:
    if row["problem"]:
        return f"{_capital(row['changes'])}; it has no solution"
    relation = RELATIONS.get(str(row["relation"]), "")
    inadmissible = "" if row["admissible"] else "; its solution is inadmissible"
    return f"{_capital(row['changes'])}; {relation}{inadmissible}" if row["changes"] else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _note(content: ReportContent, table: pd.DataFrame) -> Iterator[Inline]:
    yield from model_note(content.structural)
    moments = table.loc[table["problem"] == "", "chisq"].notna().all()
    if moments and table["chisq.scaled"].notna().any():
        yield " χ² is scaled, CFI and RMSEA are robust, and differences of χ² are those of "
        yield cited("satorra_bentler_2001")
        yield "."
    methods = [str(each) for each in table["method"].unique() if each]
    if methods and not moments:
        yield f" Difference: {', '.join(methods)}."
    if table["aic"].notna().any():
        yield " AIC, BIC = information criteria of Akaike and Schwarz, smaller for the better model; "
        yield Symbol("w")
        yield " = Akaike weight among these models, after "
        yield cited("wagenmakers_farrell_2004")
        yield "."
    if moments and (table["relation"] != "undecided").any():
        yield " Only nested models are tested; whether they are was found by fitting the larger to what the smaller "
        yield "implies, after "
        yield cited("bentler_satorra_2010")
        yield "."
