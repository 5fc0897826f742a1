"""Table: measurement invariance across groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from surveysem.modelling.invariance import Invariance
from surveysem.report.content import ReportContent
from surveysem.report.inline import Text, cited
from surveysem.report.table import Cell, Column, Row, Table

_COLUMNS = (
    Column(key="level", label="Level"),
    Column(key="chisq", label="χ²", kind="decimal", symbol=True),
    Column(key="df", label="df", kind="integer", symbol=True),
    Column(key="cfi", label="CFI", kind="bounded", decimals=3),
    Column(key="rmsea", label="RMSEA", kind="bounded", decimals=3),
    Column(key="srmr", label="SRMR", kind="bounded", decimals=3),
    Column(key="chisq_diff", label="Δχ²", kind="decimal", symbol=True, spanner="Change from the level before"),
    Column(key="df_diff", label="Δdf", kind="integer", symbol=True, spanner="Change from the level before"),
    Column(key="p_value", label="p", kind="p", symbol=True, spanner="Change from the level before"),
    Column(key="d_cfi", label="ΔCFI", kind="bounded", decimals=3, spanner="Change from the level before"),
    Column(key="d_rmsea", label="ΔRMSEA", kind="bounded", decimals=3, spanner="Change from the level before"),
    Column(key="d_srmr", label="ΔSRMR", kind="bounded", decimals=3, spanner="Change from the level before"),
    Column(key="holds", label="Holds"),
)
_OWN = ("chisq", "df", "cfi", "rmsea", "srmr")
_CHANGES = ("chisq_diff", "df_diff", "p_value", "d_cfi", "d_rmsea", "d_srmr")


def invariance(content: ReportContent) -> Table | None:
    """The levels tested for each grouping question, what each costs in fit, and whether it holds."""
    quality = content.measurement_quality
    if quality is None or not quality.invariance:
        return None
    rows: list[Row] = []
    for group, ladder in quality.invariance.items():
        rows.append(Row(cells={"level": f"{group} ({', '.join(ladder.fits['configural'].group_labels)})"}, strong=True))
        rows += _levels(ladder)
    return Table(
        name="invariance",
        title="Measurement invariance across groups",
        columns=_COLUMNS,
        rows=tuple(rows),
        notes=(_note(quality.invariance), *_proposals(quality.invariance)),
        simulated=content.simulated,
    )


def _levels(ladder: Invariance) -> Iterator[Row]:
    for number, (level, row) in enumerate(ladder.table.iterrows()):
        cells: dict[str, Cell] = {"level": str(level), **{key: float(row[key]) for key in _OWN}}
        if number:
            cells |= {key: float(row[key]) for key in _CHANGES} | {"holds": "yes" if row["holds"] else "no"}
        yield Row(cells=cells, indent=1)


def _note(ladders: Mapping[str, Invariance]) -> Text:
    used = dict.fromkeys(str(each) for ladder in _all(ladders) for each in ladder.table["version"])
    sizes = "; ".join(f"{name}: {_sizes(ladder)}" for name, ladder in ladders.items())
    estimator = next(iter(_all(ladders))).fits["configural"].estimator
    return (
        f"Estimator: {estimator}; respondents by group: {sizes}. CFI and RMSEA: {' or '.join(used)}. A level holds "
        "when CFI falls by .010 at most, RMSEA rises by .015 at most, and SRMR by .030 at most up to the metric level "
        "and .010 beyond; ",
        cited("chen_2007"),
        "; ",
        cited("cheung_rensvold_2002"),
        ". The first level that fails ends the tests. The difference test is shown, but decides nothing: in large "
        "samples it rejects trivial differences.",
    )


def _all(ladders: Mapping[str, Invariance]) -> list[Invariance]:
    return list(ladders.values())


def _sizes(ladder: Invariance) -> str:
    fit = ladder.fits["configural"]
    parts = zip(fit.group_labels, fit.solution.groups, strict=True)
    return ", ".join(f"{label} ({group.moments.n_obs})" for label, group in parts)


def _proposals(ladders: Mapping[str, Invariance]) -> Iterator[Text]:
    """What could be free where a level fails; proposed, not applied."""
    for name, ladder in ladders.items():
        if ladder.proposals.empty:
            continue
        by = "chi_square_robust" if "chi_square_robust" in ladder.proposals else "chi_square"
        best = ladder.proposals[ladder.proposals["parameter"] != ""].head(3)
        listed = ", ".join(f"{row['parameter']} (χ² {row[by]:.1f})" for _, row in best.iterrows())
        if listed:
            yield (f"{name}: largest score tests of equality, proposed for partial invariance, not applied: {listed}.",)
