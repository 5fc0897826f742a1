"""Index plot: how far each respondent moves the estimates."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from surveysem.report.figures.canvas import (
    ALERT,
    INK,
    LIGHT,
    LINE_HEIGHT,
    blank_figure,
    font,
    literal,
    write_simulated_mark,
)
from surveysem.report.figures.panel import number_label, round_ticks
from surveysem.report.robustness import InfluenceContent
from surveysem.typing import FloatArray, IntArray

_WIDTH = 7.0
_LEFT, _RIGHT = 0.75, 6.85
_UPPER, _LOWER = 2.0, 1.6
_NAMED = 8


def influence_plot(content: InfluenceContent, *, simulated: bool = False) -> Figure:
    """Generalised Cook's distance of each respondent, and the largest change of a tested effect.

    Parameters
    ----------
    content : InfluenceContent
        Distances and changes.
    simulated : bool
        Write the mark of simulated data.

    Returns
    -------
    matplotlib.figure.Figure
        7 inches wide; the most influential respondents are named.
    """
    top = 0.5 if simulated else 0.3
    height = top + _UPPER + 0.45 + _LOWER + 0.6
    figure, axes = blank_figure(_WIDTH, height)
    distances = content.cases["generalized_distance"].to_numpy(float)
    changes = content.cases["largest_change"].to_numpy(float)
    names = [str(name[-1] if isinstance(name, tuple) else name) for name in content.cases.index]
    named = np.argsort(np.nan_to_num(-distances), kind="stable")[:_NAMED]
    places = _LEFT + 0.05 + (_RIGHT - _LEFT - 0.1) * (np.arange(len(distances)) + 0.5) / len(distances)
    upper, lower = height - top - _UPPER, 0.6
    _panel(axes, "Generalised Cook’s distance", distances, upper, _UPPER, from_zero=True)
    _panel(axes, "Largest change of an effect (SE)", changes, lower, _LOWER, from_zero=False)
    for values, bottom, tall, zero in ((distances, upper, _UPPER, True), (changes, lower, _LOWER, False)):
        at = _scaled(values, bottom, tall, from_zero=zero)
        base = float(_scaled(np.zeros(1), bottom, tall, from_zero=zero, like=values)[0])
        for number, (x, y) in enumerate(zip(places, at, strict=True)):
            if np.isfinite(y):
                strong = number in named
                axes.add_line(
                    Line2D([x, x], [base, y], color=INK if strong else "#9a9a9a", linewidth=0.8 if strong else 0.5)
                )
    _name(axes, names, places, _scaled(distances, upper, _UPPER, from_zero=True), named)
    _words(axes, (_LEFT + _RIGHT) / 2, 0.3, "Respondents, in the order of the answers", ha="center")
    if simulated:
        write_simulated_mark(axes, _WIDTH, height)
    return figure


def _limits(values: FloatArray, *, from_zero: bool) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    low, high = (
        (0.0, float(known.max(initial=0.0)))
        if from_zero
        else (float(known.min(initial=0.0)), float(known.max(initial=0.0)))
    )
    room = 0.12 * (high - low) or 1.0
    return low if from_zero else low - room, high + room


def _scaled(
    values: FloatArray, bottom: float, tall: float, *, from_zero: bool, like: FloatArray | None = None
) -> FloatArray:
    low, high = _limits(values if like is None else like, from_zero=from_zero)
    scaled: FloatArray = bottom + (values - low) / (high - low) * tall
    return scaled


def _panel(axes: Axes, title: str, values: FloatArray, bottom: float, tall: float, *, from_zero: bool) -> None:
    low, high = _limits(values, from_zero=from_zero)
    axes.add_line(Line2D([_LEFT, _LEFT], [bottom, bottom + tall], color=INK, linewidth=0.8))
    zero = float(_scaled(np.zeros(1), bottom, tall, from_zero=from_zero, like=values)[0])
    axes.add_line(Line2D([_LEFT, _RIGHT], [zero, zero], color=INK, linewidth=0.8))
    for tick in round_ticks(low, high, 5):
        y = float(_scaled(np.array([tick]), bottom, tall, from_zero=from_zero, like=values)[0])
        axes.add_line(Line2D([_LEFT - 0.04, _LEFT], [y, y], color=INK, linewidth=0.8))
        if abs(y - zero) > 1e-6:
            axes.add_line(Line2D([_LEFT, _RIGHT], [y, y], color=LIGHT, linewidth=0.4, zorder=0))
        _words(axes, _LEFT - 0.07, y, number_label(round(tick, 6)), ha="right")
    _words(axes, _LEFT - 0.05, bottom + tall + 0.1, title, bold=True)


def _name(axes: Axes, names: list[str], places: FloatArray, heights: FloatArray, named: IntArray) -> None:
    """Rows of the most influential respondents above their lines, moved up where they would collide."""
    taken: list[tuple[float, float]] = []
    for number in named:
        x, y = float(places[number]), float(heights[number]) + 0.09
        if not np.isfinite(y):
            continue
        while any(abs(x - other) < 0.3 and abs(y - level) < LINE_HEIGHT * 0.9 for other, level in taken):
            y += LINE_HEIGHT * 0.9
        taken.append((x, y))
        axes.text(
            x, y, literal(names[number]), ha="center", va="center", color=ALERT, fontproperties=font(), gid="name"
        )


def _words(axes: Axes, x: float, y: float, words: str, *, ha: str = "left", bold: bool = False) -> None:
    axes.text(x, y, literal(words), ha=ha, va="center", color=INK, fontproperties=font(bold=bold), gid="text")
