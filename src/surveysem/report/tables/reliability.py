"""Table: reliability and convergent validity."""

from __future__ import annotations

from surveysem.report.content import ReportContent
from surveysem.report.inline import cited
from surveysem.report.table import Cell, Column, Quantity, Row, Table
from surveysem.report.tables.columns import model_note

RELIABILITY_THRESHOLD = 0.70
VARIANCE_THRESHOLD = 0.50

_COLUMNS = (
    Column(key="latent_variable", label="Latent variable"),
    Column(key="n_items", label="Items", kind="integer"),
    Column(key="alpha", label="α", kind="bounded"),
    Column(key="omega", label="ω", kind="bounded"),
    Column(key="composite_reliability", label="CR", kind="bounded"),
    Column(key="average_variance_extracted", label="AVE", kind="bounded"),
)


def reliability(content: ReportContent) -> Table | None:
    """Reliability coefficients and average variance extracted per latent variable."""
    if content.reliability.empty:
        return None
    rows = [
        Row(cells={"latent_variable": content.label(str(name)), **_coefficients(dict(values))})
        for name, values in content.reliability.iterrows()
    ]
    return Table(
        name="reliability",
        title="Reliability and convergent validity",
        columns=_COLUMNS,
        rows=tuple(rows),
        notes=(
            (
                *model_note(content.measurement),
                " α = Cronbach’s alpha; ω = McDonald’s omega; CR = composite reliability; AVE = average variance "
                "extracted. † Below the customary minimum: .70 for CR, .50 for AVE; ",
                cited("fornell_larcker_1981"),
                ".",
            ),
        ),
        simulated=content.simulated,
    )


def _coefficients(values: dict[object, float]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {key: float(values[key]) for key in ("n_items", "alpha", "omega")}
    limits = {"composite_reliability": RELIABILITY_THRESHOLD, "average_variance_extracted": VARIANCE_THRESHOLD}
    for key, limit in limits.items():
        mark = "†" if values[key] < limit else ""
        cells[key] = Quantity(value=float(values[key]), kind="bounded", mark=mark)
    return cells
