"""Table: the largest modification indices of the measurement model."""

from __future__ import annotations

from surveysem.report.content import ReportContent
from surveysem.report.inline import Text, cited
from surveysem.report.table import Column, Row, Table
from surveysem.report.tables.columns import model_note

SHOWN_INDICES = 10

_COLUMNS = (
    Column(key="parameter", label="Parameter"),
    Column(key="kind", label="Kind"),
    Column(key="mi", label="MI", kind="decimal"),
    Column(key="epc", label="EPC", kind="decimal", decimals=3),
    Column(key="sepc_all", label="Standardised EPC", kind="bounded"),
)
_KINDS = {"=~": "loading", "~~": "covariance of residuals", "~": "effect", "~1": "intercept", "|": "threshold"}


def modification_indices(content: ReportContent) -> Table | None:
    """The parameters whose absence costs most fit."""
    quality = content.measurement_quality
    if quality is None or quality.modification_indices.empty:
        return None
    table = quality.modification_indices
    largest = table.sort_values("mi", ascending=False, kind="stable").head(SHOWN_INDICES)
    rows = [
        Row(
            cells={
                "parameter": f"{content.label(str(row['lhs']))} {row['op']} {content.label(str(row['rhs']))}",
                "kind": _KINDS.get(str(row["op"]), str(row["op"])),
                **{key: float(row[key]) for key in ("mi", "epc", "sepc_all")},
            }
        )
        for _, row in largest.iterrows()
    ]
    return Table(
        name="modification_indices",
        title="Largest modification indices of the measurement model",
        columns=_COLUMNS,
        rows=tuple(rows),
        notes=(_note(content, len(table)),),
        simulated=content.simulated,
    )


def _note(content: ReportContent, n_indices: int) -> Text:
    return (
        *model_note(content.measurement),
        f" MI = modification index, the expected fall of χ² if the parameter were free; EPC = its expected value. "
        f"The largest of {n_indices:,}: among so many, some exceed 3.84 by chance. =~ loading, ~~ covariance. No "
        "parameter was freed; models changed in search of fit seldom hold in the next sample; ",
        cited("maccallum_1992"),
        ".",
    )
