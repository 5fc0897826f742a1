"""Table: items that lean towards another latent variable than their own."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from surveysem.number_formats import format_bounded
from surveysem.report.content import ReportContent
from surveysem.report.inline import Text, cited
from surveysem.report.table import Cell, Column, Quantity, Row, Table
from surveysem.report.tables.columns import model_note

SHOWN_ITEMS = 20
"""Rows of the table where there are more items: those nearest to another latent variable, compared with their own."""

_COLUMNS = (
    Column(key="item", label="Item"),
    Column(key="own", label="Name", spanner="Own latent variable"),
    Column(key="loading", label="Loading", kind="bounded", spanner="Own latent variable"),
    Column(key="structure", label="Nearest", spanner="Other latent variables"),
    Column(key="nearest", label="r", kind="bounded", symbol=True, spanner="Other latent variables"),
    Column(key="towards", label="Largest index", spanner="Loading if it were free"),
    Column(key="mi", label="MI", kind="decimal", spanner="Loading if it were free"),
    Column(key="sepc_all", label="Expected", kind="bounded", spanner="Loading if it were free"),
)


def cross_loadings(content: ReportContent) -> Table | None:
    """Items that lean most elsewhere: loading, the latent variable they correlate with most, the largest index."""
    quality = content.measurement_quality
    if quality is None or quality.cross_loadings.empty:
        return None
    own = leaning_items(quality.cross_loadings)
    return Table(
        name="cross_loadings",
        title="Items and other latent variables",
        columns=_COLUMNS,
        rows=tuple(_row(content, quality.cross_loadings, row) for row in own.head(SHOWN_ITEMS).to_dict("records")),
        notes=(_note(content, len(own)),),
        simulated=content.simulated,
    )


def leaning_items(table: pd.DataFrame) -> pd.DataFrame:
    """Own loadings of the items, those first that correlate almost as highly with another latent variable.

    Parameters
    ----------
    table : pandas.DataFrame
        Of :func:`surveysem.cross_loadings`.
    """
    own = table[table["is_own"]]
    foreign = (
        table.loc[~table["is_own"]].assign(size=lambda rows: rows["structure"].abs()).groupby("item")["size"].max()
    )
    margin = own["structure"].abs().to_numpy() - foreign.reindex(own["item"]).fillna(0.0).to_numpy()
    ordered: pd.DataFrame = own.iloc[margin.argsort(kind="stable")]
    return ordered


def _row(content: ReportContent, table: pd.DataFrame, own: Mapping[Hashable, Any]) -> Row:
    foreign = table[(table["item"] == own["item"]) & ~table["is_own"]]
    if foreign.empty:
        return Row(cells={"item": str(own["item"]), "loading": float(own["loading"])})
    nearest = foreign.loc[foreign["structure"].abs().idxmax()]
    loading = float(own["loading"])
    closer = abs(float(nearest["structure"])) >= abs(float(own["structure"]))
    weak = "†" if abs(loading) < content.quality_cutoffs.loading else ""
    cells: dict[str, Cell] = {
        "item": str(own["item"]),
        "own": content.label(str(own["latent_variable"])),
        "loading": Quantity(value=loading, kind="bounded", mark=weak),
        "structure": content.label(str(nearest["latent_variable"])),
        "nearest": Quantity(value=float(nearest["structure"]), kind="bounded", mark="‡" if closer else ""),
    }
    indices = foreign.dropna(subset=["mi"])
    if not indices.empty:
        largest = indices.loc[indices["mi"].idxmax()]
        cells |= {
            "towards": content.label(str(largest["latent_variable"])),
            "mi": Quantity(value=float(largest["mi"]), kind="decimal"),
            "sepc_all": Quantity(value=float(largest["sepc_all"]), kind="bounded"),
        }
    return Row(cells=cells)


def _note(content: ReportContent, n_items: int) -> Text:
    chosen = f" Of {n_items} items the {SHOWN_ITEMS} that lean most elsewhere." if n_items > SHOWN_ITEMS else ""
    return (
        *model_note(content.measurement),
        chosen,
        " Loadings are standardised, † below "
        f"{format_bounded(content.quality_cutoffs.loading)}. Nearest: the other latent variable that the item "
        "correlates with most by the model, ‡ at least as much as with its own. MI = modification index of the largest "
        "absent loading, expected: its standardised value. Freeing loadings for an index capitalises on chance; ",
        cited("maccallum_1992"),
        ".",
    )
