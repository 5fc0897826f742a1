"""Forest plot: standardised estimates of the propositions with their intervals and verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan, nan

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from surveysem.number_formats import format_bounded, format_interval
from surveysem.propositions.proposition import DecisionRule
from surveysem.propositions.verdict import Verdict
from surveysem.report.content import ReportContent
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
from surveysem.report.tables.verdicts import interval_label, tested_effect
from surveysem.typing import VerdictLabel

_WIDTH = 7.2
_ID, _PLOT, _NUMBERS, _VERDICT = 0.15, 2.85, 4.52, 5.82
_PLOT_RIGHT = 4.37
_ROW_PADDING = 0.13
_BOTTOM = 0.62
_INDENT = 0.12
_TOP = 0.62


@dataclass(frozen=True, kw_only=True)
class _Style:
    marker: str
    color: str
    filled: bool = True


_STYLES: dict[VerdictLabel, _Style] = {
    "supported": _Style(marker="o", color="#0072B2"),
    "partially supported": _Style(marker="D", color="#56B4E9"),
    "not supported": _Style(marker="o", color="#444444", filled=False),
    "contradicted": _Style(marker="v", color="#D55E00"),
    "negligible": _Style(marker="s", color="#8c8c8c"),
    "not testable": _Style(marker="x", color="#444444"),
}


@dataclass(frozen=True, kw_only=True)
class _Line:
    verdict: Verdict
    depth: int
    label_at: float
    texts: list[str]
    height: float


@dataclass(frozen=True, kw_only=True)
class _Scale:
    lowest: float
    highest: float

    def x(self, value: float) -> float:
        return _PLOT + (value - self.lowest) / (self.highest - self.lowest) * (_PLOT_RIGHT - _PLOT)


def forest_plot(content: ReportContent) -> Figure | None:
    """Standardised effect of each proposition, its interval and its verdict, which symbol, colour and word tell.

    Returns
    -------
    matplotlib.figure.Figure or None
        7.2 inches wide; None without propositions.
    """
    lines = _lines(content)
    if not lines:
        return None
    height = _TOP + sum(line.height for line in lines) + _BOTTOM
    figure, axes = blank_figure(_WIDTH, height)
    scale = _scale([line.verdict for line in lines])
    _draw_headings(axes, height - _TOP + 0.1, lines[0].label_at, interval_label(content.verdicts))
    _draw_axis(axes, scale, height)
    top = height - _TOP
    for line in lines:
        _draw_line(axes, scale, line, top - line.height / 2)
        top -= line.height
    if any(not isnan(_smallest_effect(line.verdict)) for line in lines):
        _draw_legend(axes)
    if content.simulated:
        write_simulated_mark(axes, _WIDTH, height)
    return figure


def _lines(content: ReportContent) -> list[_Line]:
    ranked = list(_ranked(content.verdicts))
    widest = max((text_width(verdict.id, bold=True) + _INDENT * depth for verdict, depth in ranked), default=0.0)
    label_at = _ID + widest + 0.12
    return [_line(content, verdict, depth, label_at) for verdict, depth in ranked]


def _line(content: ReportContent, verdict: Verdict, depth: int, label_at: float) -> _Line:
    effect = tested_effect(content, verdict) or "Combination of its parts"
    texts = wrapped(effect, _PLOT - label_at - _INDENT * depth - 0.1)
    height = len(texts) * LINE_HEIGHT + _ROW_PADDING
    return _Line(verdict=verdict, depth=depth, label_at=label_at, texts=texts, height=height)


def _ranked(verdicts: Sequence[Verdict], depth: int = 0) -> Iterator[tuple[Verdict, int]]:
    for verdict in verdicts:
        yield verdict, depth
        yield from _ranked(verdict.parts, depth + 1)


def _scale(verdicts: Sequence[Verdict]) -> _Scale:
    evidence = [verdict.evidence for verdict in verdicts]
    values = [value for e in evidence for value in (e.std_estimate, e.std_ci_lower, e.std_ci_upper)]
    values = [value for value in [*values, *map(_smallest_effect, verdicts)] if not isnan(value)]
    lowest, highest = min([*values, 0.0]), max([*values, 0.0])
    room = 0.08 * (highest - lowest) or 0.5
    return _Scale(lowest=lowest - room, highest=highest + room)


def _smallest_effect(verdict: Verdict) -> float:
    rule = verdict.proposition.rule
    if isinstance(rule, DecisionRule) and rule.smallest_effect is not None:
        return rule.smallest_effect
    return nan


def _draw_headings(axes: Axes, y: float, label_at: float, interval: str) -> None:
    headings = ((_ID, "Id"), (label_at, "Effect"), (_NUMBERS, f"β [{interval}]"), (_VERDICT, "Verdict"))
    for x, heading in headings:
        axes.text(x, y, heading, va="bottom", color=INK, fontproperties=font(bold=True), gid="heading")
    axes.add_line(Line2D([_ID, _WIDTH - 0.15], [y - 0.05, y - 0.05], color=INK, linewidth=0.8))


def _draw_axis(axes: Axes, scale: _Scale, height: float) -> None:
    bottom, top = _BOTTOM, height - _TOP
    axes.add_line(Line2D([scale.x(0)] * 2, [bottom, top], color=INK, linewidth=0.8))
    axes.add_line(Line2D([_PLOT, _PLOT_RIGHT], [bottom, bottom], color=INK, linewidth=0.8))
    for tick in _ticks(scale):
        x = scale.x(tick)
        axes.add_line(Line2D([x, x], [bottom, bottom - 0.05], color=INK, linewidth=0.8))
        text = "0" if tick == 0 else format_bounded(tick, 1)
        axes.text(x, bottom - 0.08, text, ha="center", va="top", color=INK, fontproperties=font(), gid="tick")
    middle = (_PLOT + _PLOT_RIGHT) / 2
    title = "Standardised effect β"
    axes.text(middle, bottom - 0.27, title, ha="center", va="top", color=INK, fontproperties=font(), gid="axis")


def _ticks(scale: _Scale) -> list[float]:
    """Multiples of a step, wide enough apart for their labels."""
    span = scale.highest - scale.lowest
    step = next((step for step in (0.1, 0.2, 0.5, 1.0) if span / step <= 6), float(round(span / 4) or 1))
    first, last = int(scale.lowest / step), int(scale.highest / step)
    return [round(step * number, 1) for number in range(first, last + 1)]


def _draw_legend(axes: Axes) -> None:
    y = _BOTTOM - 0.33
    axes.add_patch(Rectangle((_ID, y - 0.05), 0.2, 0.1, facecolor=LIGHT, edgecolor="none"))
    words = "Below the smallest effect of interest"
    axes.text(_ID + 0.28, y, words, va="center", fontproperties=font(), gid="legend", color=INK)


def _draw_line(axes: Axes, scale: _Scale, line: _Line, y: float) -> None:
    verdict = line.verdict
    composite = bool(verdict.parts)
    indent = _INDENT * line.depth
    axes.text(_ID + indent, y, literal(verdict.id), va="center", fontproperties=font(bold=True), gid="id", color=INK)
    for number, text in enumerate(line.texts):
        place = y + ((len(line.texts) - 1) / 2 - number) * LINE_HEIGHT
        axes.text(
            line.label_at + indent, place, literal(text), va="center", fontproperties=font(), gid="effect", color=INK
        )
    _draw_verdict_word(axes, verdict, y)
    if not composite:
        _draw_estimate(axes, scale, verdict, y, line.height)


def _draw_verdict_word(axes: Axes, verdict: Verdict, y: float) -> None:
    style = _STYLES[verdict.verdict]
    axes.add_line(_symbol(style, _VERDICT + 0.05, y))
    axes.text(_VERDICT + 0.17, y, verdict.verdict, va="center", fontproperties=font(), gid="verdict", color=INK)


def _draw_estimate(axes: Axes, scale: _Scale, verdict: Verdict, y: float, height: float) -> None:
    evidence, style = verdict.evidence, _STYLES[verdict.verdict]
    smallest = _smallest_effect(verdict)
    if not isnan(smallest):
        left, right = scale.x(-smallest), scale.x(smallest)
        corner = (left, y - height / 2)
        axes.add_patch(Rectangle(corner, right - left, height, facecolor=LIGHT, edgecolor="none", zorder=0))
    interval = format_interval(evidence.std_ci_lower, evidence.std_ci_upper, bounded=True)
    numbers = f"{format_bounded(evidence.std_estimate)} {interval}" if not isnan(evidence.std_estimate) else "—"
    axes.text(_NUMBERS, y, numbers, va="center", fontproperties=font(), gid="numbers", color=INK)
    if isnan(evidence.std_estimate):
        return
    if not isnan(evidence.std_ci_lower) and not isnan(evidence.std_ci_upper):
        limits = [scale.x(evidence.std_ci_lower), scale.x(evidence.std_ci_upper)]
        axes.add_line(Line2D(limits, [y, y], color=style.color, linewidth=1.4))
    axes.add_line(_symbol(style, scale.x(evidence.std_estimate), y))


def _symbol(style: _Style, x: float, y: float) -> Line2D:
    face = style.color if style.filled else "white"
    return Line2D(
        [x],
        [y],
        marker=style.marker,
        color=style.color,
        markerfacecolor=face,
        markeredgecolor=style.color,
        markersize=6,
        linestyle="none",
        zorder=5,
    )
