"""Simple slopes: predicted lines of an interaction, with bands, and where the respondents are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from surveysem.errors import UnsupportedError
from surveysem.inference import Fit
from surveysem.inference.bootstrap import Bootstrap
from surveysem.inference.probing import Units, predicted_values, respondents_of, simple_slopes, values_asked
from surveysem.number_formats import MINUS, format_decimal, format_interval
from surveysem.report.figures.panel import (
    PENS,
    POSITIVE,
    SINGLE_COLUMN,
    KeyEntry,
    PanelPlan,
    Pen,
    draw_band,
    draw_panels,
    draw_rug,
    padded,
    set_ticks,
    shown_name,
)
from surveysem.typing import FloatArray

_N_POINTS = 61


def plot_simple_slopes(
    fit: Fit,
    *,
    x: str,
    moderator: str,
    outcome: str,
    at: Sequence[float] | None = None,
    units: Units = "sd",
    x_range: tuple[float, float] = (-2.5, 2.5),
    labels: Mapping[str, str] | None = None,
    width: float = SINGLE_COLUMN,
    rug: bool = True,
    bootstrap: Bootstrap | None = None,
    level: float = 0.95,
) -> Figure:
    """Predicted outcome along a predictor, one line a value of the moderator, with confidence bands.

    Parameters
    ----------
    fit, x, moderator, outcome, at, units, bootstrap, level
        As of :func:`surveysem.simple_slopes`; at most five values.
    x_range : (float, float)
        Of the predictor, in standard deviations from its mean.
    labels : Mapping of str to str, optional
        Names to print for variables.
    width : float
        Inches: 3.5 for one column of a page, 7 for both.
    rug : bool
        Show the respondents' factor scores (or observed values) of the predictor along the lower edge.

    Returns
    -------
    matplotlib.figure.Figure
        One panel a group.

    Raises
    ------
    UnsupportedError
        As :func:`surveysem.simple_slopes`; for more than five values; and for a rug where there are no factor scores.

    Examples
    --------
    >>> import surveysem as ss
    >>> rng = np.random.default_rng(1)
    >>> x, z = rng.normal(size=(2, 500))
    >>> y = 0.4 * x + 0.3 * z + 0.2 * x * z + rng.normal(size=500)
    >>> latent = {"x": x, "z": z, "y": y}
    >>> data = pd.DataFrame({f"{n}{i}": latent[n] + rng.normal(size=500) / 2 for n in latent for i in (1, 2, 3)})
    >>> model = "X =~ x1 + x2 + x3; Z =~ z1 + z2 + z3; Y =~ y1 + y2 + y3; Y ~ X + Z + X:Z"
    >>> figure = ss.plot_simple_slopes(ss.sem(model, data), x="X", moderator="Z", outcome="Y")
    >>> float(figure.get_size_inches()[0])
    3.5
    """
    question: dict[str, Any] = {"x": x, "moderator": moderator, "outcome": outcome}
    uncertainty: dict[str, Any] = {"bootstrap": bootstrap, "level": level}
    slopes = simple_slopes(fit, **question, at=at, units=units, **uncertainty)
    groups = fit.group_labels if len(fit.group_labels) > 1 else ("",)
    n_values = len(slopes) // len(groups)
    if n_values > len(PENS):
        raise UnsupportedError(
            f"{n_values} lines cannot be told apart; give at most {len(PENS)} values of {moderator}."
        )
    names = [shown_name(name, labels) for name in (x, moderator, outcome)]
    _, shown_units = values_asked(fit, moderator, at, units)
    plans, lines = [], []
    for group in groups:
        of_group = _rows(slopes, group)
        lines.append(_lines(fit, of_group, question, x_range, uncertainty, group))
        key = _key(of_group, names[1], units=shown_units, level=level, curve=x == moderator)
        title = f"Group: {group}" if group else ""
        plans.append(PanelPlan(title=title, x_label=names[0], y_label=f"Predicted {names[2]}", key=key))
    figure, panels = draw_panels(plans, width=width)
    for axes, drawn, group in zip(panels, lines, groups, strict=True):
        _draw(axes, drawn, every=lines, values=respondents_of(fit, x, group or None) if rug else None)
    return figure


def _rows(table: pd.DataFrame, group: str) -> pd.DataFrame:
    return table[table["group"] == group].reset_index(drop=True) if group else table


def _lines(
    fit: Fit,
    slopes: pd.DataFrame,
    question: Mapping[str, Any],
    x_range: tuple[float, float],
    uncertainty: Mapping[str, Any],
    group: str,
) -> list[pd.DataFrame]:
    """Predicted values along the predictor, one table a line."""
    is_curve = question["x"] == question["moderator"]
    along, units = values_asked(fit, question["x"], None, "sd")
    if units == "sd":
        along = tuple(np.linspace(*x_range, _N_POINTS).tolist())
    at = along if is_curve else tuple(slopes["at"].tolist())
    values = predicted_values(fit, **question, at=at, x_at=None if units == "raw" else along, **uncertainty)
    values = _rows(values, group)
    n_lines = 1 if is_curve else len(slopes)
    return [values.iloc[n * len(along) : (n + 1) * len(along)] for n in range(n_lines)]


def _key(slopes: pd.DataFrame, moderator: str, *, units: Units, level: float, curve: bool) -> tuple[KeyEntry, ...]:
    pens: list[Pen | None] = [None] * len(slopes) if curve else list(pens_of(len(slopes)))
    entries = [KeyEntry(text=f"{moderator}:")]
    for row, pen in zip(slopes.to_dict("records"), pens, strict=True):
        interval = format_interval(row["ci_lower"], row["ci_upper"], 3)
        place = value_label(row["at"], row["moderator_value"], units)
        entries.append(KeyEntry(text=f"{place}: slope {format_decimal(row['slope'], 3)} {interval}", pen=pen))
    note = f"Bands and brackets: {100 * level:g}% confidence"
    return (*entries, KeyEntry(text=note))


def pens_of(n_lines: int) -> tuple[Pen, ...]:
    """Pens of some lines, from the lowest value to the highest."""
    return {1: (POSITIVE,), 2: (PENS[0], PENS[2])}.get(n_lines, PENS[:n_lines])


def value_label(standard: float, raw: float, units: Units) -> str:
    """Where a variable is, in words: ``at +1 SD (2.34)`` or ``= 2.34``.

    Examples
    --------
    >>> value_label(1.0, 2.345, "sd"), value_label(0.0, 1.0, "sd"), value_label(0.3, 1.0, "raw")
    ('at +1 SD (2.35)', 'at its mean (1.00)', '= 1')
    """
    if units == "raw":
        return f"= {raw:g}".replace("-", MINUS)
    place = f"{standard:+g} SD".replace("-", MINUS) if standard else "its mean"
    return f"at {place} ({format_decimal(raw)})"


def _draw(axes: Axes, drawn: list[pd.DataFrame], *, every: list[list[pd.DataFrame]], values: FloatArray | None) -> None:
    """Lines of one panel, on the scale of all."""
    together = pd.concat([line for lines in every for line in lines])
    low, high = padded(together[["ci_lower", "ci_upper"]].to_numpy().ravel(), below=0.09)
    x = together["x_value"]
    set_ticks(axes, (float(x.min()), float(x.max())), (low, high))
    for line, pen in zip(drawn, pens_of(len(drawn)), strict=True):
        at = line["x_value"].to_numpy()
        draw_band(axes, at, line["ci_lower"].to_numpy(), line["ci_upper"].to_numpy(), pen)
        axes.plot(at, line["predicted"].to_numpy(), color=pen.color, linestyle=pen.style, linewidth=1.6, zorder=4)
    if values is not None:
        draw_rug(axes, values)
