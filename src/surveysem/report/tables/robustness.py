"""Table: how far verdicts depend on choices of the analysis."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.inline import Symbol, Text, cited
from surveysem.report.robustness import RobustnessContent
from surveysem.report.table import Cell, Column, Interval, Row, Table

_COLUMNS = (
    Column(key="id", label="Id"),
    Column(key="effect", label="Effect tested"),
    Column(key="declared", label="Verdict", spanner="As declared"),
    Column(key="declared_beta", label="β", kind="bounded", spanner="As declared"),
    Column(key="supported", label="supported", kind="integer", spanner="Specifications"),
    Column(key="n", label="of", kind="integer", spanner="Specifications"),
    Column(key="median", label="median", kind="bounded", spanner="β"),
    Column(key="range", label="range", kind="bounded_interval", spanner="β"),
    Column(key="p_max", label="Largest p", kind="p", symbol=True),
    Column(key="verdicts", label="Verdicts", below=True),
)


def robustness(content: ReportContent) -> Table | None:
    """Each proposition under all specifications of the analysis."""
    if content.robustness is None:
        return None
    return robustness_table(content.robustness, simulated=content.simulated)


def robustness_table(content: RobustnessContent, *, simulated: bool) -> Table:
    """The table of the specifications, for a paper or a notebook."""
    return Table(
        name="robustness",
        title="Verdicts under all specifications of the analysis",
        columns=_COLUMNS,
        rows=tuple(_rows(content)),
        notes=(_note(content),),
        simulated=simulated,
    )


def _rows(content: RobustnessContent) -> Iterator[Row]:
    for each in content.propositions:
        cells: dict[str, Cell] = {"id": each.id, "effect": each.title}
        yield Row(cells=cells | _cells(content.share(each.id)))


def _cells(row: pd.Series) -> dict[str, Cell]:
    cells: dict[str, Cell] = {
        "declared": str(row["declared_verdict"]),
        "supported": int(row["n_supported"]),
        "n": int(row["n_specifications"]),
        "verdicts": str(row["verdicts"]) if row["share_same"] < 1.0 else None,
    }
    if pd.isna(row["beta_median"]):
        return cells
    return cells | {
        "declared_beta": float(row["declared_beta"]),
        "median": float(row["beta_median"]),
        "range": Interval(lower=float(row["beta_min"]), upper=float(row["beta_max"])),
        "p_max": float(row["p_max"]),
    }


def _note(content: RobustnessContent) -> Text:
    names = {"moderation": "latent interactions", "missing": "missing answers"}
    choices = "; ".join(f"{names.get(name, name)}: {', '.join(levels)}" for name, levels in content.choices.items())
    n_obs = content.table.loc[content.table["n_obs"] > 0, "n_obs"]
    counts = f"{n_obs.min():,}" if n_obs.min() == n_obs.max() else f"{n_obs.min():,} to {n_obs.max():,}"
    return (
        f"All combinations of {choices or 'no alternatives'}, after ",
        cited("steegen_2016"),
        " and ",
        cited("simonsohn_2020"),
        ", each judged by the declared rules; ",
        Symbol("n"),
        f" = {counts}. β = standardised estimate; ",
        Symbol("p"),
        " is two-sided and not adjusted. Specifications share their answers: the share that supports a proposition "
        "describes how far it depends on choices and is no probability.",
    )
