"""Power curves."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from surveysem.number_formats import format_bounded
from surveysem.report.figures.canvas import ALERT, GREY, INK, LIGHT, PaperFigure, font

if TYPE_CHECKING:
    from surveysem.planning.result import Power

_COLUMNS = 4


def plot_power(power: Power, *, width: float = 7.0) -> Figure:
    """Power against sample size, one panel a proposition, with Monte Carlo intervals.

    Parameters
    ----------
    power : Power
        What :func:`surveysem.power` returns.
    width : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure
        Dashed lines mark the powers asked for, crosses the sizes that cannot be analysed.
    """
    names = list(power.overview.index)
    columns = min(_COLUMNS, len(names))
    rows = ceil(len(names) / columns)
    figure = PaperFigure(figsize=(width, 0.4 + 1.35 * rows), dpi=150, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    grid = np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)).ravel()
    for axes, name in zip(grid, names, strict=False):
        _panel(axes, power, str(name))
    for axes in grid[len(names) :]:
        axes.set_visible(False)
    for axes in grid[: len(names)][-columns:]:
        axes.tick_params(labelbottom=True)
    text: dict[str, Any] = {"fontproperties": font()}
    figure.supxlabel(f"Respondents (n){_crosses(power)}", **text)
    figure.supylabel("Share of samples in which the proposition is supported", **text)
    return figure


def _crosses(power: Power) -> str:
    """What crosses mean, under the name of the axis."""
    if not power.refused_sizes:
        return ""
    parameters = int(power.settings["parameters"])  # type: ignore[call-overload]
    few = max(power.refused_sizes) < parameters
    why = f": fewer respondents than the model's {parameters} free parameters" if few else ""
    return f"\n× n = {', '.join(map(str, power.refused_sizes))}: no sample can be analysed{why}"


def _panel(axes: Axes, power: Power, name: str) -> None:
    rows = power.table.xs(name, level="proposition")
    effect = float(rows["population"].iloc[0])
    every = rows.index.to_numpy(dtype=float)
    is_analysable = np.isin(every, power.analysable_sizes)
    axes.plot(every[~is_analysable], rows["power"][~is_analysable], color=ALERT, marker="x", markersize=4, linewidth=0)
    rows, sizes = rows[is_analysable], every[is_analysable]
    for target in power.required.index.unique("target"):
        axes.axhline(target, color=LIGHT, linestyle=(0, (4, 2)), linewidth=0.8, zorder=0)
    axes.fill_between(sizes, rows["ci_lower"], rows["ci_upper"], color=LIGHT, linewidth=0)
    axes.plot(sizes, rows["power"], color=INK, marker="o", markersize=3.0, linewidth=1.0)
    title = name if np.isnan(effect) else f"{name} (β = {format_bounded(effect)})"
    axes.set_title(title, fontproperties=font(bold=True), loc="left")
    axes.set_ylim(-0.03, 1.03)
    axes.set_yticks([0, 0.5, 0.8, 1.0], ["0", ".50", ".80", "1"])
    axes.set_xticks(every)
    axes.tick_params(labelsize=6.5, colors=GREY)
    if len(every) > 3:
        axes.tick_params(axis="x", labelrotation=90)
    axes.spines[["top", "right"]].set_visible(False)
