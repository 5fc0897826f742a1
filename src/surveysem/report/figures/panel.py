"""Panels of plots: axes laid out in inches, one below or beside the other, with wrapped labels and a key underneath.

Nothing is transparent and no colour stands alone, so that the figures survive EPS, greyscale and colour blindness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from surveysem.number_formats import MINUS
from surveysem.report.figures.canvas import INK, LINE_HEIGHT, PaperFigure, font, literal, wrapped
from surveysem.typing import FloatArray

LineStyle: TypeAlias = Literal["-"] | tuple[float, Sequence[float]]

SINGLE_COLUMN = 3.5
FULL_WIDTH = 7.0
_SIDE_BY_SIDE = 5.5
_TICKS = 0.42
_RIGHT = 0.12
_GAP = 0.14
_SAMPLE = 0.38
_TALLEST = 3.0
_TALLEST_IN_SPACE = 4.3


@dataclass(frozen=True, kw_only=True)
class Pen:
    """How one line of a plot looks.

    Parameters
    ----------
    color, tint : str
        Of the line, and of the band around it.
    style : "-" or tuple
        Dashes, which tell lines apart in greyscale.
    """

    color: str
    tint: str
    style: LineStyle


POSITIVE = Pen(color="#0072B2", tint="#cfe3f1", style="-")
NEUTRAL = Pen(color="#444444", tint="#d6d6d6", style=(0, (5, 2)))
NEGATIVE = Pen(color="#D55E00", tint="#f8dccb", style=(0, (1, 1.2)))
PENS = (
    NEGATIVE,
    NEUTRAL,
    POSITIVE,
    Pen(color="#7a5195", tint="#e3d9ea", style=(0, (7, 2, 1, 2))),
    Pen(color="#00674e", tint="#cce6de", style=(0, (3, 1, 1, 1, 1, 1))),
)


@dataclass(frozen=True, kw_only=True)
class KeyEntry:
    """One entry of the key under a panel.

    Parameters
    ----------
    text : str
        What the line is.
    pen : Pen, optional
        The line; without one the text stands alone.
    marker : str
        Symbol on the line.
    """

    text: str
    pen: Pen | None = None
    marker: str = ""


@dataclass(frozen=True, kw_only=True)
class PanelPlan:
    """What is written around one panel.

    Parameters
    ----------
    title : str
        Above it; empty for none.
    x_label, y_label : str
        Of the axes.
    key : tuple of KeyEntry
        Below it.
    top_label : str
        Of a second scale above; empty for none.
    """

    title: str
    x_label: str
    y_label: str
    key: tuple[KeyEntry, ...] = ()
    top_label: str = ""


@dataclass(frozen=True, kw_only=True)
class _Size:
    """Inches of the parts of a panel."""

    width: float
    left: float
    axes_width: float
    axes_height: float
    above: float
    below: float

    @property
    def height(self) -> float:
        return self.above + self.axes_height + self.below


def draw_panels(
    plans: Sequence[PanelPlan], *, width: float, aspect: float = 0.75, projection: str | None = None
) -> tuple[Figure, list[Axes]]:
    """A white figure with one set of axes a panel, side by side where there is room; labels and keys are written.

    Parameters
    ----------
    plans : sequence of PanelPlan
        What is written.
    width : float
        Of the figure, in inches.
    aspect : float
        Height of the axes over their width; flat ones are at most 3 inches high, those in space 4.3.
    projection : str, optional
        ``"3d"`` for axes in space, whose labels the caller writes.
    """
    columns = 2 if len(plans) > 1 and width >= _SIDE_BY_SIDE else 1
    sizes = [_size(plan, width / columns, aspect, flat=projection is None) for plan in plans]
    rows = [range(start, min(start + columns, len(plans))) for start in range(0, len(plans), columns)]
    aboves = [max(sizes[number].above for number in row) for row in rows]
    heights = [
        above + max(sizes[n].axes_height + sizes[n].below for n in row) for row, above in zip(rows, aboves, strict=True)
    ]
    figure = PaperFigure(figsize=(width, sum(heights)), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    axes = []
    for place, row in enumerate(rows):
        top = sum(heights) - sum(heights[:place])
        for column, number in enumerate(row):
            corner = (column * width / columns, top - aboves[place])
            axes.append(_panel(figure, plans[number], sizes[number], corner, projection))
    return figure, axes


def _size(plan: PanelPlan, width: float, aspect: float, *, flat: bool) -> _Size:
    n_lines = 1
    for _ in range(3):
        left = 0.12 + n_lines * LINE_HEIGHT + _TICKS if flat else 0.1
        axes_width = width - left - _RIGHT
        axes_height = min(aspect * axes_width, _TALLEST if flat else _TALLEST_IN_SPACE)
        needed = len(_broken(plan.y_label, axes_height))
        if needed == n_lines or not flat:
            break
        n_lines = needed
    n_title = len(_broken(plan.title, width - 0.3, bold=True)) if plan.title else 0
    above = _GAP + n_title * LINE_HEIGHT + (0.06 if n_title else 0.0)
    above += 0.28 + LINE_HEIGHT * len(_broken(plan.top_label, axes_width)) if plan.top_label else 0.0
    below = 0.32 + LINE_HEIGHT * len(_broken(plan.x_label, axes_width)) if flat else 0.06
    below += sum(len(_key_lines(entry, width)) * LINE_HEIGHT + 0.03 for entry in plan.key) + 0.12
    return _Size(width=width, left=left, axes_width=axes_width, axes_height=axes_height, above=above, below=below)


@lru_cache(maxsize=512)
def _broken(text: str, width: float, *, bold: bool = False) -> list[str]:
    """Lines of a text; measuring letters takes long, and every text is laid out twice."""
    return wrapped(text, width, bold=bold)


def _key_lines(entry: KeyEntry, width: float) -> list[str]:
    return _broken(entry.text, width - 0.3 - (_SAMPLE if entry.pen else 0.0))


def _panel(figure: Figure, plan: PanelPlan, size: _Size, corner: tuple[float, float], projection: str | None) -> Axes:
    """Axes whose upper edge is at the height of *corner*, and what is written around them."""
    x, y = corner[0] + size.left, corner[1] - size.axes_height
    across, up = figure.get_size_inches()
    place = (x / across, y / up, size.axes_width / across, size.axes_height / up)
    axes: Axes = figure.add_axes(place, projection=projection)
    if plan.title:
        lines = _broken(plan.title, size.width - 0.3, bold=True)
        title_at = corner[1] + size.above - _GAP
        _write(figure, corner[0] + size.width / 2, title_at, lines, "heading", va="top", bold=True)
    bottom = y - 0.06
    if projection is None:
        _style(axes)
        lines = _broken(plan.x_label, size.axes_width)
        _write(figure, x + size.axes_width / 2, y - 0.27, lines, "axis", va="top")
        bottom = y - 0.32 - LINE_HEIGHT * len(lines)
        lines = _broken(plan.y_label, size.axes_height)
        _write(figure, corner[0] + 0.08, y + size.axes_height / 2, lines, "axis", va="center", rotated=True)
        if plan.top_label:
            lines = _broken(plan.top_label, size.axes_width)
            _write(figure, x + size.axes_width / 2, corner[1] + 0.27, lines, "axis", va="bottom")
    _draw_key(figure, plan.key, size.width, corner[0], bottom - 0.04)
    return axes


def _write(
    figure: Figure,
    x: float,
    y: float,
    lines: Sequence[str],
    gid: str,
    *,
    va: str,
    bold: bool = False,
    rotated: bool = False,
) -> None:
    """Centred lines of text at a place in inches."""
    offset = {"top": 0.0, "center": (len(lines) - 1) / 2, "bottom": len(lines) - 1}[va] * LINE_HEIGHT
    for number, line in enumerate(lines):
        shift = offset - number * LINE_HEIGHT
        figure.text(
            x + LINE_HEIGHT * number if rotated else x,
            y if rotated else y + shift,
            literal(line),
            transform=figure.dpi_scale_trans,
            ha="left" if rotated else "center",
            va=va,
            rotation=90 if rotated else 0,
            rotation_mode="default",
            color=INK,
            fontproperties=font(bold=bold),
            gid=gid,
        )


def _draw_key(figure: Figure, key: Sequence[KeyEntry], width: float, left: float, top: float) -> None:
    for entry in key:
        lines = _key_lines(entry, width)
        if entry.pen:
            figure.add_artist(
                Line2D(
                    [left + 0.15, left + 0.15 + _SAMPLE - 0.08],
                    [top - LINE_HEIGHT / 2] * 2,
                    transform=figure.dpi_scale_trans,
                    color=entry.pen.color,
                    linestyle=entry.pen.style,
                    linewidth=1.6,
                    marker=entry.marker or None,
                    markevery=[0],
                    markersize=5,
                )
            )
        for line in lines:
            figure.text(
                left + 0.15 + (_SAMPLE if entry.pen else 0.0),
                top,
                literal(line),
                transform=figure.dpi_scale_trans,
                va="top",
                color=INK,
                fontproperties=font(),
                gid="legend",
            )
            top -= LINE_HEIGHT
        top -= 0.03


def _style(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(INK)
        axes.spines[side].set_linewidth(0.8)
    axes.tick_params(color=INK, width=0.8, length=3, pad=2)


def set_ticks(axes: Axes, x: tuple[float, float], y: tuple[float, float]) -> None:
    """Limits of both axes, with round ticks in the figures' font."""
    axes.set_xlim(*x)
    axes.set_ylim(*y)
    for axis, (low, high), most in ((axes.xaxis, x, 7), (axes.yaxis, y, 5)):
        ticks = round_ticks(low, high, most)
        axis.set_ticks(ticks, labels=[number_label(t) for t in ticks], fontproperties=font(), color=INK, gid="tick")


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers within limits."""
    ticks = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    within = [float(tick) for tick in ticks if low <= tick <= high]
    return [0.0 if abs(tick) < 1e-9 * (high - low) else tick for tick in within]


def number_label(value: float) -> str:
    """A tick's number, with the sign of subtraction."""
    return f"{value:g}".replace("-", MINUS)


def padded(values: FloatArray | Sequence[float], *, below: float = 0.05, above: float = 0.05) -> tuple[float, float]:
    """Limits around values, with room as a share of their range."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    room = (high - low) or abs(high) or 1.0
    return low - below * room, high + above * room


def draw_band(axes: Axes, x: FloatArray, lower: FloatArray, upper: FloatArray, pen: Pen) -> None:
    """The interval around a line: a tint, and thin limits that stay visible where bands overlap."""
    axes.fill_between(x, lower, upper, facecolor=pen.tint, edgecolor="none", linewidth=0, zorder=1)
    for limit in (lower, upper):
        axes.plot(x, limit, color=pen.color, linewidth=0.5, linestyle="-", zorder=3)


def draw_rug(axes: Axes, values: FloatArray) -> None:
    """Where the respondents are: a short stroke each, along the lower edge."""
    low, high = axes.get_xlim()
    shown = values[(values >= low) & (values <= high)]
    bottom, top = axes.get_ylim()
    # Thinner strokes for more respondents, so that where they are dense still differs from where they are not.
    stroke = float(np.clip(120.0 / max(len(shown), 1), 0.06, 0.5))
    axes.vlines(shown, bottom, bottom + 0.04 * (top - bottom), color=INK, linewidth=stroke, zorder=2, gid="rug")


def shown_name(name: str, labels: Mapping[str, str] | None) -> str:
    """The label of a variable, or its name with spaces."""
    return (labels or {}).get(name, name.replace("_", " "))
