"""Table: scales without each of their items."""

from __future__ import annotations

from surveysem.report.content import ReportContent
from surveysem.report.inline import Symbol, Text
from surveysem.report.table import Cell, Column, Quantity, Row, Table
from surveysem.report.tables.columns import model_note

_COLUMNS = (
    Column(key="item", label="Item"),
    Column(key="item_rest", label="r with rest", kind="bounded"),
    Column(key="alpha", label="α", kind="bounded", spanner="Without the item"),
    Column(key="omega", label="ω", kind="bounded", spanner="Without the item"),
    Column(key="composite_reliability", label="CR", kind="bounded", spanner="Without the item"),
    Column(key="average_variance_extracted", label="AVE", kind="bounded", spanner="Without the item"),
)
_COEFFICIENTS = ("alpha", "omega", "composite_reliability", "average_variance_extracted")


def item_deletion(content: ReportContent) -> Table | None:
    """Item–rest correlations, and the coefficients of each scale without each item."""
    quality = content.measurement_quality
    if quality is None or quality.item_deletion is None or quality.item_deletion.empty:
        return None
    rows: list[Row] = []
    for name, items in quality.item_deletion.groupby(level="latent_variable", sort=False):
        rows.append(Row(cells={"item": content.label(str(name))}, strong=True))
        for row in items.reset_index().to_dict("records"):
            cells: dict[str, Cell] = {"item": str(row["item"]), "item_rest": float(row["item_rest"])}
            cells |= {key: _coefficient(float(row[key]), float(row[f"{key}_change"])) for key in _COEFFICIENTS}
            rows.append(Row(cells=cells, indent=1))
    return Table(
        name="item_deletion",
        title="Scales without each of their items",
        columns=_COLUMNS,
        rows=tuple(rows),
        notes=(_note(content),),
        simulated=content.simulated,
    )


def _coefficient(value: float, change: float) -> Quantity:
    return Quantity(value=value, kind="bounded", mark="↑" if change > 0 else "")


def _note(content: ReportContent) -> Text:
    return (
        *model_note(content.measurement),
        " ",
        Symbol("r"),
        " with rest = correlation of the item with the sum of the others; α, ω, CR, AVE as in the table on "
        "reliability, of the scale without the item, the model fitted anew. ↑ Larger than with the item. A gain is "
        "partly chance, and an item that is left out narrows what the construct covers.",
    )
