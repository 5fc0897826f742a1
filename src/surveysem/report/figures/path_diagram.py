"""Path diagrams: of the structural model, and of the whole model with its indicators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, PathPatch, Polygon, Rectangle
from matplotlib.path import Path

from surveysem.number_formats import format_bounded, stars
from surveysem.report.content import ReportContent
from surveysem.report.figures.canvas import (
    GREY,
    INK,
    LINE_HEIGHT,
    blank_figure,
    font,
    literal,
    text_width,
    wrapped,
    write_simulated_mark,
)
from surveysem.report.figures.graph import Arrow
from surveysem.report.figures.placement import slot_heights
from surveysem.report.figures.routing import Route, Routing, Slot, route_arrows
from surveysem.report.tables.columns import is_interaction, rows_of

_MARGIN = 0.15
_MOVE, _LINE, _QUADRATIC, _CUBIC = (int(code) for code in (Path.MOVETO, Path.LINETO, Path.CURVE3, Path.CURVE4))
_TOP = 0.35
_LEGEND = 0.45
_LABEL_WIDTH = 1.0
_GAP = (0.2, 0.6)
_HEAD = 0.09
_DOT = 0.035
_LEGEND_TEXTS = (
    "Solid: path.  Dashed: moderation of the path it points at.  Grey: p ≥ .05.",
    "Standardised estimates; * p < .05, ** p < .01, *** p < .001.",
)
_LEGEND_OF_INDICATORS = "White: indicators with standardised loadings.  Not drawn: residuals, covariances."
_ROW = 0.165
_ROW_GAP = 0.05
_INSET = 0.06


Indicators: TypeAlias = Mapping[str, list[tuple[str, str]]]
"""By latent variable: indicators and their standardised loadings, as printed."""


@dataclass(frozen=True, kw_only=True)
class _Layout:
    routing: Routing
    lines: dict[Slot, list[str]]
    indicators: dict[Slot, list[tuple[str, str]]]
    legend: tuple[str, ...]
    height: dict[Slot, float]
    size: dict[Slot, float]
    left: list[float]
    right: list[float]


def path_diagram(content: ReportContent) -> Figure | None:
    """Latent variables from left to right, arrows with standardised estimates, moderation dashed.

    Returns
    -------
    matplotlib.figure.Figure or None
        As large as the model needs with letters of 8 points; None without paths.
    """
    return _diagram(content, {})


def model_diagram(content: ReportContent) -> Figure | None:
    """The structural model with the indicators of each latent variable and their standardised loadings.

    Returns
    -------
    matplotlib.figure.Figure or None
        As large as the model needs with letters of 8 points; None without paths or without indicators.
    """
    indicators = loadings_in_words(content)
    return _diagram(content, indicators) if indicators else None


def loadings_in_words(content: ReportContent) -> Indicators:
    """Indicators of each latent variable with their standardised loadings; products are left out."""
    found: dict[str, list[tuple[str, str]]] = {}
    for _, row in rows_of(content.structural, "=~").iterrows():
        found.setdefault(str(row["lhs"]), []).append((str(row["rhs"]), format_bounded(float(row["std_all"]))))
    return found


def _diagram(content: ReportContent, indicators: Indicators) -> Figure | None:
    arrows = path_arrows(content)
    if not arrows:
        return None
    names = list(dict.fromkeys(name for arrow in arrows for name in (arrow.source, arrow.onto, arrow.target) if name))
    return _draw(content, _lay_out(content, route_arrows(names, arrows), indicators))


def path_arrows(content: ReportContent) -> tuple[Arrow, ...]:
    """Paths and moderations of the structural model, with estimate and stars."""
    arrows = []
    for _, row in rows_of(content.structural, "~").iterrows():
        outcome, term, p = str(row["lhs"]), str(row["rhs"]), float(row["p_value"])
        predictor, _, moderator = term.partition(":")
        label = format_bounded(float(row["std_all"])) + stars(p)
        source, onto = (moderator, predictor) if is_interaction(term) else (predictor, "")
        arrows.append(Arrow(source=source, onto=onto, target=outcome, label=label, significant=p < 0.05))
    return tuple(arrows)


def _lay_out(content: ReportContent, routing: Routing, indicators: Indicators) -> _Layout:
    shown = {slot: list(indicators.get(slot.key, ())) for slot in routing.boxes.values()}
    lines = {slot: _box_lines(content, slot) for slot in routing.boxes.values()}
    ports = {slot: _most_arrows(routing, slot) for slot in lines}
    size = dict.fromkeys(routing.slots, 0.08)
    size |= {slot: 0.15 for slot in routing.slots if slot.kind == "label"}
    needed = {slot: len(text) * LINE_HEIGHT + 0.14 + _rows_height(shown[slot]) for slot, text in lines.items()}
    size |= {slot: max(needed[slot], 0.14 * ports[slot]) for slot in lines}
    height = slot_heights(routing, size)
    widest = {slot: _widest(text, shown[slot]) for slot, text in lines.items()}
    left, right = _column_edges(routing, widest, height)
    legend = (*_LEGEND_TEXTS, _LEGEND_OF_INDICATORS) if any(shown.values()) else _LEGEND_TEXTS
    return _Layout(
        routing=routing,
        lines=lines,
        indicators=shown,
        legend=legend,
        height=height,
        size=size,
        left=left,
        right=right,
    )


def _rows_height(indicators: Sequence[tuple[str, str]]) -> float:
    return len(indicators) * _ROW + _ROW_GAP if indicators else 0.0


def _widest(lines: Sequence[str], indicators: Sequence[tuple[str, str]]) -> float:
    """Width in inches that the texts of a box take up."""
    rows = [text_width(name) + text_width(loading) + 0.16 + 2 * _INSET for name, loading in indicators]
    return max(*(text_width(line) for line in lines), *rows, 0.0)


def _box_lines(content: ReportContent, slot: Slot) -> list[str]:
    lines = wrapped(content.label(slot.key), _LABEL_WIDTH)
    explained = content.structural.r_squared.get(slot.key)
    return lines if explained is None else [*lines, f"R² = {format_bounded(float(explained))}"]


def _most_arrows(routing: Routing, slot: Slot) -> int:
    leaving = sum(route.slots[0] == slot for route in routing.routes)
    return max(leaving, sum(route.slots[-1] == slot for route in routing.routes))


def _column_edges(
    routing: Routing, widest: Mapping[Slot, float], height: dict[Slot, float]
) -> tuple[list[float], list[float]]:
    widths = [0.14 if kind == "junction" else 0.0 for kind in routing.columns]
    for slot, width in widest.items():
        widths[slot.column] = max(widths[slot.column], width + 0.16)
    for route in routing.routes:
        column = route.slots[1].column
        widths[column] = max(widths[column], text_width(route.arrow.label) + 0.06)
    left, right, edge = [], [], _MARGIN
    for column, width in enumerate(widths):
        edge += _gap(routing, height, column)
        left.append(edge)
        edge += width
        right.append(edge)
    return left, right


def _gap(routing: Routing, height: dict[Slot, float], column: int) -> float:
    """Room left of a column: more where arrows climb steeply."""
    climbs = [abs(height[a] - height[b]) for a, b in routing.neighbours if b.column == column]
    return min(max(0.13 * max(climbs), _GAP[0]), _GAP[1]) if climbs else 0.0


def _draw(content: ReportContent, layout: _Layout) -> Figure:
    bottom = min(layout.height[slot] - layout.size[slot] / 2 for slot in layout.height)
    top = max(layout.height[slot] + layout.size[slot] / 2 for slot in layout.height)
    shift = _LEGEND + 0.17 * (len(layout.legend) - len(_LEGEND_TEXTS)) + _MARGIN - bottom
    for slot in layout.height:
        layout.height[slot] += shift
    legend_width = max(map(text_width, layout.legend))
    width = max(layout.right[-1], legend_width + _MARGIN) + _MARGIN
    height = top + shift + (_TOP if content.simulated else _MARGIN)
    figure, axes = blank_figure(width, height)
    for route in layout.routing.routes:
        _draw_route(axes, layout, route)
    for slot in layout.lines:
        _draw_box(axes, layout, slot)
    for number, line in enumerate(reversed(layout.legend)):
        axes.text(_MARGIN, 0.12 + number * 0.17, line, color=INK, fontproperties=font(), gid="legend")
    if content.simulated:
        write_simulated_mark(axes, width, height)
    return figure


def _draw_box(axes: Axes, layout: _Layout, slot: Slot) -> None:
    left, right = layout.left[slot.column], layout.right[slot.column]
    size, centre = layout.size[slot], layout.height[slot]
    style = "round,pad=0,rounding_size=0.08"
    corner = (left, centre - size / 2)
    box = FancyBboxPatch(corner, right - left, size, boxstyle=style, facecolor="#f4f6f8", edgecolor=INK, linewidth=0.9)
    box.set_gid("box")
    axes.add_patch(box)
    _draw_indicators(axes, layout, slot)
    lines = layout.lines[slot]
    middle = centre + _rows_height(layout.indicators[slot]) / 2
    for number, line in enumerate(lines):
        y = middle + ((len(lines) - 1) / 2 - number) * LINE_HEIGHT
        axes.text(
            (left + right) / 2,
            y,
            literal(line),
            ha="center",
            va="center",
            color=GREY if line.startswith("R² = ") else INK,
            fontproperties=font(),
            gid="box-text",
        )


def _draw_indicators(axes: Axes, layout: _Layout, slot: Slot) -> None:
    """Small white boxes in the lower part of a box, one an indicator."""
    rows = layout.indicators[slot]
    left, right = layout.left[slot.column] + _INSET, layout.right[slot.column] - _INSET
    used = len(layout.lines[slot]) * LINE_HEIGHT + 0.14 + _rows_height(rows)
    lowest = layout.height[slot] - used / 2 + _ROW_GAP
    for number, (name, loading) in enumerate(reversed(rows)):
        bottom = lowest + number * _ROW
        frame = Rectangle((left, bottom), right - left, _ROW, facecolor="white", edgecolor=GREY, linewidth=0.5)
        frame.set_gid("indicator")
        axes.add_patch(frame)
        for x, text, side in ((left + 0.05, name, "left"), (right - 0.05, loading, "right")):
            y = bottom + _ROW / 2
            axes.text(
                x,
                y,
                literal(text),
                ha=side,
                va="center_baseline",
                color=INK,
                fontproperties=font(),
                gid="indicator-text",
            )


def _draw_route(axes: Axes, layout: _Layout, route: Route) -> None:
    color = INK if route.arrow.significant else GREY
    path, head = _curve(layout, route)
    line = PathPatch(path, facecolor="none", edgecolor=color, linewidth=1.1 if route.arrow.significant else 0.8)
    line.set_linestyle((0, (4, 2.5)) if route.arrow.onto else "solid")
    axes.add_patch(line)
    axes.add_patch(Polygon(head, closed=True, facecolor=color, edgecolor=color, linewidth=0.5))
    if route.arrow.onto:
        x, y = _centre(layout, route.slots[-1])
        axes.add_patch(Circle((x, y), _DOT, facecolor=INK, edgecolor="white", linewidth=0.6, zorder=3))
    x, y = _centre(layout, route.slots[1])
    around = {"boxstyle": "square,pad=0.12", "facecolor": "white", "edgecolor": "none"}
    axes.text(
        x,
        y,
        route.arrow.label,
        ha="center",
        va="center_baseline",
        color=color,
        fontproperties=font(),
        bbox=around,
        gid="label",
        zorder=4,
    )


def _centre(layout: _Layout, slot: Slot) -> tuple[float, float]:
    return (layout.left[slot.column] + layout.right[slot.column]) / 2, layout.height[slot]


def _curve(layout: _Layout, route: Route) -> tuple[Path, list[tuple[float, float]]]:
    """Line from slot to slot, level inside columns and curved between them, and the corners of its head."""
    start = (layout.right[route.slots[0].column], _port(layout, route, 0))
    if route.leftwards:
        start = (start[0] + _HEAD, start[1])
    points, codes = [start], [_MOVE]
    for slot in route.slots[1:-1]:
        y = layout.height[slot]
        _bend(points, codes, (layout.left[slot.column], y))
        points.append((layout.right[slot.column], y))
        codes.append(_LINE)
    if route.arrow.onto:
        return _end_on_junction(layout, route, points, codes)
    tip = (layout.left[route.slots[-1].column], _port(layout, route, -1))
    _bend(points, codes, tip if route.leftwards else (tip[0] - _HEAD, tip[1]))
    head = _head((start[0] - _HEAD, start[1]), -_HEAD) if route.leftwards else _head(tip, _HEAD)
    return Path(points, codes), head


def _bend(points: list[tuple[float, float]], codes: list[int], end: tuple[float, float]) -> None:
    x, y = points[-1]
    middle = (x + end[0]) / 2
    points += [(middle, y), (middle, end[1]), end]
    codes += [_CUBIC] * 3


def _head(tip: tuple[float, float], length: float) -> list[tuple[float, float]]:
    x, y = tip
    return [tip, (x - length, y + abs(length) * 0.4), (x - length, y - abs(length) * 0.4)]


def _end_on_junction(
    layout: _Layout, route: Route, points: list[tuple[float, float]], codes: list[int]
) -> tuple[Path, list[tuple[float, float]]]:
    """Moderation arrives from above or below, so that it is not taken for the path it moderates."""
    x, y = _centre(layout, route.slots[-1])
    side = 1.0 if points[-1][1] >= y else -1.0
    tip = y + side * _DOT
    foot = tip + side * _HEAD
    points += [(x, points[-1][1]), (x, foot)]
    codes += [_QUADRATIC] * 2
    return Path(points, codes), [(x, tip), (x - _HEAD * 0.4, foot), (x + _HEAD * 0.4, foot)]


def _port(layout: _Layout, route: Route, end: int) -> float:
    """Height at which an arrow leaves or enters its box: arrows share a side in the order of where they go."""
    box = route.slots[end]
    towards = 1 if end == 0 else -2
    rivals = [other for other in layout.routing.routes if other.slots[end] == box]
    rivals.sort(key=lambda other: (layout.height[other.slots[towards]], repr(other.arrow)))
    place = rivals.index(route) - (len(rivals) - 1) / 2
    step = min(0.16, 0.8 * layout.size[box] / max(len(rivals), 1))
    return layout.height[box] + place * step
