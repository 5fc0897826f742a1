"""Table: reliability and convergent validity."""

from __future__ import annotations

from math import isclose, nan

from surveysem.number_formats import format_bounded
from surveysem.report.content import ReportContent
from surveysem.report.inline import Text, cited
from surveysem.report.measurement_quality import QualityCutoffs
from surveysem.report.table import Cell, Column, Interval, Quantity, Row, Table
from surveysem.report.tables.columns import model_note

_ALPHA_INTERVAL = Column(key="alpha_ci", label="95% CI", kind="bounded_interval")


def reliability(content: ReportContent) -> Table | None:
    """Reliability coefficients and average variance extracted per latent variable."""
    if content.reliability.empty:
        return None
    intervals = {str(name): _alpha_interval(content, str(name)) for name in content.reliability.index}
    rows = [
        Row(
            cells={
                "latent_variable": content.label(str(name)),
                "alpha_ci": intervals[str(name)],
                **_coefficients(dict(values), content.quality_cutoffs),
            }
        )
        for name, values in content.reliability.iterrows()
    ]
    with_intervals = any(each.lower == each.lower for each in intervals.values())
    return Table(
        name="reliability",
        title="Reliability and convergent validity",
        columns=_columns(with_intervals=with_intervals),
        rows=tuple(rows),
        notes=(_note(content, with_intervals=with_intervals),),
        simulated=content.simulated,
    )


def _columns(*, with_intervals: bool) -> tuple[Column, ...]:
    return (
        Column(key="latent_variable", label="Latent variable"),
        Column(key="n_items", label="Items", kind="integer"),
        Column(key="alpha", label="α", kind="bounded"),
        *((_ALPHA_INTERVAL,) if with_intervals else ()),
        Column(key="omega", label="ω", kind="bounded"),
        Column(key="composite_reliability", label="CR", kind="bounded"),
        Column(key="average_variance_extracted", label="AVE", kind="bounded"),
    )


def _note(content: ReportContent, *, with_intervals: bool) -> Text:
    limits = content.quality_cutoffs
    interval: Text = (", with the interval of ", cited("feldt_1987")) if with_intervals else ()
    customary = limits == QualityCutoffs()
    return (
        *model_note(content.measurement),
        " α = Cronbach’s alpha",
        *interval,
        "; ω = McDonald’s omega; CR = composite reliability; AVE = average variance extracted. "
        f"† Below {'the customary' if customary else 'the chosen'} minimum: {format_bounded(limits.reliability)} for "
        f"CR, {format_bounded(limits.ave)} for AVE",
        *(("; ", cited("fornell_larcker_1981")) if customary else ()),
        ".",
    )


def _alpha_interval(content: ReportContent, name: str) -> Interval:
    """Interval of the alpha that the table shows; NaN where there is none."""
    quality = content.measurement_quality
    if quality is None or (name, "alpha") not in quality.reliability.index:
        return Interval(lower=nan, upper=nan)
    row = dict(quality.reliability.xs((name, "alpha")))
    shown = float(content.reliability["alpha"][name])
    if not isclose(float(row["estimate"]), shown, abs_tol=1e-8):
        return Interval(lower=nan, upper=nan)
    return Interval(lower=float(row["ci_lower"]), upper=float(row["ci_upper"]))


def _coefficients(values: dict[object, float], cutoffs: QualityCutoffs) -> dict[str, Cell]:
    cells: dict[str, Cell] = {key: float(values[key]) for key in ("n_items", "alpha", "omega")}
    limits = {"composite_reliability": cutoffs.reliability, "average_variance_extracted": cutoffs.ave}
    for key, limit in limits.items():
        mark = "†" if values[key] < limit else ""
        cells[key] = Quantity(value=float(values[key]), kind="bounded", mark=mark)
    return cells
