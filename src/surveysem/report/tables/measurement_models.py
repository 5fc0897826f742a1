"""Table: alternative measurement models."""

from __future__ import annotations

from math import nan

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.inline import Text
from surveysem.report.table import Cell, Column, Row, Table
from surveysem.report.tables.columns import model_note

FIT_COLUMNS = (
    Column(key="chisq", label="χ²", kind="decimal", symbol=True),
    Column(key="df", label="df", kind="integer", symbol=True),
    Column(key="p_value", label="p", kind="p", symbol=True),
    Column(key="cfi", label="CFI", kind="bounded", decimals=3),
    Column(key="tli", label="TLI", kind="bounded", decimals=3),
    Column(key="rmsea", label="RMSEA", kind="bounded", decimals=3),
    Column(key="srmr", label="SRMR", kind="bounded", decimals=3),
)
"""Test and fit of a model among several."""

_CRITERIA = (
    Column(key="aic", label="AIC", kind="decimal", decimals=1),
    Column(key="bic", label="BIC", kind="decimal", decimals=1),
)


def measurement_models(content: ReportContent) -> Table | None:
    """Fit of the measurement model and of its alternatives."""
    quality = content.measurement_quality
    if quality is None or quality.alternatives is None:
        return None
    table = quality.alternatives.table
    criteria = _CRITERIA if table["bic"].notna().any() else ()
    columns = (Column(key="model", label="Model"), *FIT_COLUMNS, *criteria, Column(key="solution", label="Solution"))
    shown = {column.key for column in columns}
    rows = [
        Row(
            cells={"model": readable(content, str(name)), "solution": solution(row)}
            | {key: cell for key, cell in fit_cells(row).items() if key in shown}
        )
        for name, row in table.iterrows()
    ]
    return Table(
        name="measurement_models",
        title="Alternative measurement models",
        columns=columns,
        rows=tuple(rows),
        notes=(_note(content, table),),
        simulated=content.simulated,
    )


def fit_cells(row: pd.Series) -> dict[str, Cell]:
    """Cells of :data:`FIT_COLUMNS` and the information criteria; scaled and robust values where the model has them."""
    keys = {
        "chisq": ("chisq.scaled", "chisq"),
        "df": ("df.scaled", "df"),
        "p_value": ("pvalue.scaled", "pvalue"),
        "cfi": ("cfi.robust", "cfi.scaled", "cfi"),
        "tli": ("tli.robust", "tli.scaled", "tli"),
        "rmsea": ("rmsea.robust", "rmsea.scaled", "rmsea"),
        "srmr": ("srmr",),
        "aic": ("aic",),
        "bic": ("bic",),
    }
    return {key: next((float(row[name]) for name in names if name in row.index), nan) for key, names in keys.items()}


def readable(content: ReportContent, name: str) -> str:
    """A model's name with the reader's name of the construct it parts."""
    construct, colon, rest = name.partition(": ")
    return f"{content.label(construct)}: {rest}" if colon else name[:1].upper() + name[1:]


def solution(row: pd.Series) -> str:
    """Whether a model has a solution that a population could have."""
    if row["admissible"] != row["admissible"]:
        return "none"
    return "admissible" if row["admissible"] else "inadmissible"


def _note(content: ReportContent, table: pd.DataFrame) -> Text:
    criteria = (" AIC, BIC = information criteria; lower is better.",) if table["bic"].notna().any() else ()
    return (*model_note(content.measurement), *versions_note(table), *criteria)


def versions_note(table: pd.DataFrame) -> Text:
    """Which versions of test and indices a table of models shows."""
    scaled = " χ² is scaled;" if "chisq.scaled" in table else ""
    robust = " CFI, TLI and RMSEA are robust." if "cfi.robust" in table else ""
    ending = robust or (" CFI, TLI and RMSEA are scaled." if "cfi.scaled" in table else "")
    return (f"{scaled}{ending}",) if scaled or ending else ()
