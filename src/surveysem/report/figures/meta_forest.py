"""Forest plot of one proposition across studies: each study, their mean, and where a new study is expected."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, sqrt

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle

from surveysem.inference.meta_analysis import PooledEffect
from surveysem.number_formats import DASH, format_bounded, format_decimal, format_integer, format_interval
from surveysem.propositions.verdict import Verdict
from surveysem.report.combination import CombinationContent, Contribution
from surveysem.report.figures.canvas import (
    INK,
    LIGHT,
    LINE_HEIGHT,
    blank_figure,
    font,
    literal,
    text_width,
    wrapped,
    write_simulated_mark,
)
from surveysem.report.tables.columns import flattened
from surveysem.report.tables.verdicts import tested_effect

_WIDTH = 7.2
_NAME, _N, _PLOT, _PLOT_RIGHT, _NUMBERS, _WEIGHT = 0.15, 2.35, 2.5, 4.95, 5.1, 7.05
_ROW, _TOP, _BOTTOM = 0.24, 0.78, 0.62
_COLOR, _MEAN = "#444444", "#0072B2"


@dataclass(frozen=True, kw_only=True)
class _Scale:
    lowest: float
    highest: float

    def x(self, value: float) -> float:
        return _PLOT + (value - self.lowest) / (self.highest - self.lowest) * (_PLOT_RIGHT - _PLOT)


def combination_figures(content: CombinationContent) -> dict[str, Figure]:
    """A forest plot of each proposition that was pooled, ``forest_`` with its id."""
    verdicts = {each.id: each for each in flattened((*content.verdicts, *content.extensions))}
    return {f"forest_{name}": meta_forest(content, verdicts[name]) for name in content.pooled}


def meta_forest(content: CombinationContent, verdict: Verdict) -> Figure:
    """Effects of the studies with their intervals, areas of the squares as the weights; the mean as a diamond.

    Parameters
    ----------
    content : CombinationContent
        Where the proposition was pooled.
    verdict : Verdict
        On the proposition.
    """
    parts, pooled = content.contributions[verdict.id], content.pooled[verdict.id]
    names = [_shortened(each.study) for each in parts]
    lines = sum(len(name) for name in names)
    body = lines * LINE_HEIGHT + len(parts) * (_ROW - LINE_HEIGHT)
    height = _TOP + body + 2 * _ROW + 0.1 + _BOTTOM
    figure, axes = blank_figure(_WIDTH, height)
    scale = _scale(parts, pooled)
    _draw_headings(axes, content, verdict, height)
    _draw_axis(axes, scale, height, content.symbol)
    top = height - _TOP
    for each, name in zip(parts, names, strict=True):
        tall = len(name) * LINE_HEIGHT + _ROW - LINE_HEIGHT
        _draw_study(axes, scale, each, name, top - tall / 2, content.symbol)
        top -= tall
    axes.add_line(Line2D([_NAME, _WIDTH - 0.15], [top - 0.05, top - 0.05], color=LIGHT, linewidth=0.8))
    _draw_mean(axes, scale, pooled, top - 0.1 - _ROW / 2, content)
    _draw_prediction(axes, scale, pooled, top - 0.1 - 1.5 * _ROW, content.symbol)
    if content.simulated:
        write_simulated_mark(axes, _WIDTH, height)
    return figure


def _shortened(name: str) -> list[str]:
    return wrapped(name, _N - _NAME - 0.5)


def _scale(parts: tuple[Contribution, ...], pooled: PooledEffect) -> _Scale:
    """From the lowest to the highest limit; an interval far wider than the studies' is cut off, and shown so."""
    limits = [limit for each in parts for limit in (each.ci_lower, each.ci_upper)] + [0.0]
    span = max(limits) - min(limits)
    wide = (pooled.ci_lower, pooled.ci_upper, pooled.prediction_lower, pooled.prediction_upper)
    values = [*limits, *(value for value in wide if not isnan(value))]
    lowest, highest = max(min(values), min(limits) - span), min(max(values), max(limits) + span)
    return _Scale(lowest=lowest - 0.05 * span, highest=highest + 0.05 * span)


def _draw_headings(axes: Axes, content: CombinationContent, verdict: Verdict, height: float) -> None:
    title = f"{verdict.id}: {tested_effect(content, verdict)} — {verdict.verdict}"
    room = _WIDTH - 0.3 - (1.3 if content.simulated else 0.0)
    lines = wrapped(title, room, bold=True)
    for number, line in enumerate(lines):
        place = height - 0.16 - number * LINE_HEIGHT
        axes.text(_NAME, place, literal(line), va="center", color=INK, fontproperties=font(bold=True), gid="title")
    y = height - _TOP + 0.1
    level = f"{content.pooled[verdict.id].level:.0%} CI"
    for x, words, side in (
        (_NAME, "Study", "left"),
        (_N, "n", "right"),
        (_NUMBERS, f"{content.symbol} [{level}]", "left"),
        (_WEIGHT, "Weight", "right"),
    ):
        axes.text(x, y, words, ha=side, va="bottom", color=INK, fontproperties=font(bold=True), gid="heading")
    axes.add_line(Line2D([_NAME, _WIDTH - 0.15], [y - 0.05, y - 0.05], color=INK, linewidth=0.8))


def _draw_axis(axes: Axes, scale: _Scale, height: float, symbol: str) -> None:
    bottom, top = _BOTTOM, height - _TOP
    axes.add_line(Line2D([scale.x(0)] * 2, [bottom, top], color=INK, linewidth=0.8))
    axes.add_line(Line2D([_PLOT, _PLOT_RIGHT], [bottom, bottom], color=INK, linewidth=0.8))
    span = scale.highest - scale.lowest
    step = next((each for each in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if span / each <= 6), span / 4)
    for number in range(int(scale.lowest / step), int(scale.highest / step) + 1):
        x = scale.x(number * step)
        axes.add_line(Line2D([x, x], [bottom, bottom - 0.05], color=INK, linewidth=0.8))
        text = "0" if number == 0 else _number(number * step, symbol, 1)
        axes.text(x, bottom - 0.08, text, ha="center", va="top", color=INK, fontproperties=font(), gid="tick")
    title = "Standardised effect β" if symbol == "β" else "Unstandardised effect b"
    middle = (_PLOT + _PLOT_RIGHT) / 2
    axes.text(middle, bottom - 0.27, title, ha="center", va="top", color=INK, fontproperties=font(), gid="axis")


def _draw_study(axes: Axes, scale: _Scale, each: Contribution, name: list[str], y: float, symbol: str) -> None:
    for number, line in enumerate(name):
        place = y + ((len(name) - 1) / 2 - number) * LINE_HEIGHT
        axes.text(_NAME, place, literal(line), va="center", color=INK, fontproperties=font(), gid="study")
    n = DASH if isnan(each.n) else format_integer(each.n)
    axes.text(_N, y, n, ha="right", va="center", color=INK, fontproperties=font(), gid="n")
    axes.add_line(Line2D([scale.x(each.ci_lower), scale.x(each.ci_upper)], [y, y], color=_COLOR, linewidth=1.2))
    side = 0.2 * sqrt(each.weight)
    corner = (scale.x(each.estimate) - side / 2, y - side / 2)
    axes.add_patch(Rectangle(corner, side, side, facecolor=_COLOR, edgecolor="none", zorder=4))
    _write_numbers(axes, each.estimate, each.ci_lower, each.ci_upper, y, symbol)
    weight = f"{format_decimal(100 * each.weight, 1)}%"
    axes.text(_WEIGHT, y, weight, ha="right", va="center", color=INK, fontproperties=font(), gid="weight")


def _draw_mean(axes: Axes, scale: _Scale, pooled: PooledEffect, y: float, content: CombinationContent) -> None:
    words = "Mean effect"
    axes.text(_NAME, y, words, va="center", color=INK, fontproperties=font(bold=True), gid="study")
    left, right = max(pooled.ci_lower, scale.lowest), min(pooled.ci_upper, scale.highest)
    corners = [(left, 0.0), (pooled.estimate, 0.08), (right, 0.0), (pooled.estimate, -0.08)]
    points = [(scale.x(value), y + rise) for value, rise in corners]
    axes.add_patch(Polygon(points, closed=True, facecolor=_MEAN, edgecolor="none", zorder=5))
    _mark_cuts(axes, scale, pooled.ci_lower, pooled.ci_upper, y)
    _write_numbers(axes, pooled.estimate, pooled.ci_lower, pooled.ci_upper, y, content.symbol, bold=True)


def _draw_prediction(axes: Axes, scale: _Scale, pooled: PooledEffect, y: float, symbol: str) -> None:
    words = f"Prediction (τ = {format_bounded(pooled.tau_squared**0.5)}, I² = {100 * pooled.i_squared:.0f}%)"
    axes.text(_NAME, y, words, va="center", color=INK, fontproperties=font(), gid="study")
    if isnan(pooled.prediction_lower):
        return
    limits = [max(pooled.prediction_lower, scale.lowest), min(pooled.prediction_upper, scale.highest)]
    axes.add_line(Line2D([scale.x(value) for value in limits], [y, y], color=_MEAN, linewidth=1.2, linestyle="--"))
    _mark_cuts(axes, scale, pooled.prediction_lower, pooled.prediction_upper, y)
    interval = format_interval(pooled.prediction_lower, pooled.prediction_upper, bounded=symbol == "β")
    place = _NUMBERS + text_width(".00 ")
    axes.text(place, y, interval, va="center", color=INK, fontproperties=font(), gid="numbers")


def _mark_cuts(axes: Axes, scale: _Scale, lower: float, upper: float, y: float) -> None:
    """Arrow heads where an interval goes on beyond the plot."""
    for beyond, x, marker in ((lower < scale.lowest, _PLOT, "<"), (upper > scale.highest, _PLOT_RIGHT, ">")):
        if beyond:
            axes.add_line(Line2D([x], [y], marker=marker, color=_MEAN, markersize=4, linestyle="none", zorder=6))


def _write_numbers(
    axes: Axes, estimate: float, lower: float, upper: float, y: float, symbol: str, *, bold: bool = False
) -> None:
    text = f"{_number(estimate, symbol, 2)} {format_interval(lower, upper, bounded=symbol == 'β')}"
    axes.text(_NUMBERS, y, text, va="center", color=INK, fontproperties=font(bold=bold), gid="numbers")


def _number(value: float, symbol: str, decimals: int) -> str:
    return format_bounded(value, decimals) if symbol == "β" else format_decimal(value, decimals)
