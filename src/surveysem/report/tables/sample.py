"""Table: from the answers read to the answers analysed."""

from __future__ import annotations

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.table import Cell, Column, Row, Table

_COLUMNS = (
    Column(key="step", label="Step"),
    Column(key="rule", label="Rule"),
    Column(key="action", label="Action"),
    Column(key="n_affected", label="Concerned", kind="integer"),
    Column(key="n_remaining", label="Remaining", kind="integer"),
)


def sample(content: ReportContent) -> Table:
    """Respondents at each step of the screening."""
    rows = tuple(_step(step) for _, step in content.flow.iterrows())
    return Table(
        name="sample",
        title="Sample and screening",
        columns=_COLUMNS,
        rows=rows,
        notes=(("Rules were applied in the order shown.",),),
        simulated=content.simulated,
    )


def _step(step: pd.Series) -> Row:
    words: dict[str, Cell] = {"step": str(step["step"]).replace("_", " ").capitalize()}
    words |= {key: str(step[key]) for key in ("rule", "action")}
    remaining = float(step["n_remaining"])
    if not words["action"]:
        return Row(cells={**words, "n_remaining": remaining}, strong=True)
    return Row(cells={**words, "n_affected": float(step["n_affected"]), "n_remaining": remaining})
