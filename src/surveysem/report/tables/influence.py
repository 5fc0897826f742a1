"""Table: the respondents and clusters that the estimates rest on most."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from surveysem.report.content import ReportContent
from surveysem.report.inline import Symbol, Text, cited
from surveysem.report.robustness import InfluenceContent
from surveysem.report.table import Column, Row, Table

_COLUMNS = (
    Column(key="who", label="Left out"),
    Column(key="n_obs", label="n", kind="integer", symbol=True),
    Column(key="gcd", label="gCD", kind="decimal", decimals=3, symbol=True),
    Column(key="ld", label="LD", kind="decimal", decimals=3, symbol=True),
    Column(key="effect", label="Effect changed most"),
    Column(key="change", label="Δ/SE", kind="decimal", symbol=True),
    Column(key="verdicts", label="Verdicts that change"),
)
_MOST = 10


def influence(content: ReportContent) -> Table | None:
    """The most influential respondents and, where there are any, clusters."""
    if content.influence is None:
        return None
    return influence_table(content.influence, simulated=content.simulated)


def influence_table(content: InfluenceContent, *, simulated: bool) -> Table:
    """The table of the most influential respondents and clusters, for a paper or a notebook."""
    return Table(
        name="influence",
        title=f"Respondents {'and clusters ' if len(content.clusters) else ''}on which the estimates rest most",
        columns=_COLUMNS,
        rows=tuple(_rows(content)),
        notes=(_note(content),),
        simulated=simulated,
    )


def _rows(content: InfluenceContent) -> Iterator[Row]:
    yield from _part(content, content.cases, "respondent", "Respondents (row)")
    if len(content.clusters):
        yield from _part(content, content.clusters, "cluster", f"Clusters ({content.cluster})")


def _part(content: InfluenceContent, table: pd.DataFrame, kind: str, heading: str) -> Iterator[Row]:
    yield Row(cells={"who": heading}, strong=True)
    for number, (name, row) in enumerate(table.nlargest(_MOST, "generalized_distance").iterrows()):
        # Beyond the most influential respondents nothing was judged again, which is not "none".
        judged = number < content.n_refitted if kind == "respondent" else content.clusters_judged
        yield Row(
            cells={
                "who": str(name[-1] if isinstance(name, tuple) else name),
                "n_obs": int(row["n_left_out"]),
                "gcd": float(row["generalized_distance"]),
                "ld": float(row["likelihood_distance"]),
                "effect": str(row["largest_effect"]),
                "change": float(row["largest_change"]),
                "verdicts": _changed(content.verdicts, kind, name) if judged else "not judged again",
            },
            indent=1,
        )


def _changed(verdicts: pd.DataFrame, kind: str, name: object) -> str:
    if verdicts.empty:
        return "none"
    rows = verdicts[(verdicts["kind"] == kind) & (verdicts["left_out"] == name)]
    return "; ".join(f"{row.proposition}: {row.without}" for row in rows.itertuples()) or "none"


def _judged(content: InfluenceContent) -> str:
    """Without whom verdicts were judged again."""
    whom = ["each of the most influential respondents"] if content.n_refitted else []
    whom += ["each cluster"] if content.clusters_judged else []
    return (
        f"Without {' and without '.join(whom)} the study was judged again."
        if whom
        else "No verdicts were judged again."
    )


def _note(content: InfluenceContent) -> Text:
    how = "refitting the model" if content.method == "exact" else "one Newton step from the estimates"
    clusters = " or cluster" if len(content.clusters) else ""
    return (
        f"Found by {how} without each respondent{clusters} in turn. ",
        Symbol("n"),
        " = respondents left out; ",
        Symbol("gCD"),
        " = generalised Cook’s distance, after ",
        cited("pek_maccallum_2011"),
        "; ",
        Symbol("LD"),
        " = likelihood distance, after ",
        cited("cook_1986"),
        "; Δ/",
        Symbol("SE"),
        " = what those left out add to the estimate, in its standard errors. " + _judged(content),
    )
