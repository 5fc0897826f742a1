"""Table: the power of the sample that was registered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from surveysem.report.content import ReportContent
from surveysem.report.deviations import PlannedPower
from surveysem.report.table import Column, Interval, Row, Table


def planned_power(content: ReportContent) -> Table | None:
    """Power of each proposition at each sample size, as registered; None without a registered power analysis."""
    check = content.preregistration
    if check is None or not check.sample.power:
        return None
    power = check.sample.power
    told = any(each.ci_lower == each.ci_lower for each in power)
    interval = (Column(key="ci", label="95% CI", kind="bounded_interval"),) if told else ()
    return Table(
        name="planned_power",
        title="Power of the planned sample",
        columns=(
            Column(key="proposition", label="Proposition"),
            Column(key="power", label="Power", kind="bounded"),
            *interval,
        ),
        rows=tuple(_rows(power)),
        notes=((_note(check.date, told=told),),),
    )


def _rows(power: Sequence[PlannedPower]) -> Iterator[Row]:
    for size in sorted({each.n for each in power}):
        yield Row(cells={"proposition": f"n = {size:,}"}, strong=True)
        for each in power:
            if each.n == size:
                interval = Interval(lower=each.ci_lower, upper=each.ci_upper)
                yield Row(cells={"proposition": each.proposition, "power": each.power, "ci": interval}, indent=1)


def _note(date: str, *, told: bool) -> str:
    interval = " CI = confidence interval of the power, which simulation leaves uncertain." if told else ""
    return (
        f"As registered on {date}: the share of samples in which the proposition would be supported if the effects "
        f"were as assumed; n = respondents analysed.{interval}"
    )
