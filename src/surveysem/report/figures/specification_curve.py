"""Specification curves: every analysis of the same answers, sorted by its estimate, over the choices it made.

Verdicts are told by symbol and colour, the declared analysis by a ring and a grey column, so that nothing is lost in
greyscale or to the colour blind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from surveysem.number_formats import format_bounded
from surveysem.report.figures.canvas import (
    GREY,
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
from surveysem.report.figures.panel import number_label, round_ticks
from surveysem.report.robustness import NO_RESULT, RobustnessContent
from surveysem.typing import FloatArray

_WIDTH = 7.0
_RIGHT = 6.85
_CURVE = 2.1
_DOTS = 0.17
_DASHES = (0, (3, 2))
_DECLARED = "declared analysis"
_STYLES: Mapping[str, tuple[str, str, bool]] = {
    "supported": ("o", "#0072B2", True),
    "partially supported": ("D", "#56B4E9", True),
    "not supported": ("o", "#444444", False),
    "contradicted": ("v", "#D55E00", True),
    "negligible": ("s", "#8c8c8c", True),
    "not testable": ("x", "#444444", False),
}
_CHOICE_NAMES = {
    "measurement": "Measurement",
    "screening": "Screening",
    "missing": "Missing answers",
    "moderation": "Latent interactions",
    "estimator": "Estimator",
}


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """Values from *low* to *high* between two places in inches."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def curve_name(proposition: str) -> str:
    """Name of the figure of a proposition's specification curve."""
    return f"specification_curve_{proposition}"


def specification_curve(content: RobustnessContent, proposition: str, *, simulated: bool = False) -> Figure:
    """Standardised estimates of one proposition under all specifications, with their choices below.

    Parameters
    ----------
    content : RobustnessContent
        The specifications.
    proposition : str
        Id of a proposition or part that an effect of its own decides.
    simulated : bool
        Write the mark of simulated data.

    Returns
    -------
    matplotlib.figure.Figure
        7 inches wide. Specifications without a result are not drawn; the line under the title counts them.
    """
    rows = content.rows_of(proposition)
    shown = rows[(rows["verdict"] != NO_RESULT) & rows["beta"].notna()].sort_values("beta", kind="stable")
    tested = next(each for each in content.propositions if each.id == proposition)
    entries = [(choice, level) for choice, levels in content.choices.items() for level in levels]
    left = 0.25 + max([text_width(level) for _, level in entries] + [text_width("Latent interactions", bold=True), 1.2])
    heading = _heading(content, proposition, tested.title, len(shown), len(rows))
    top_lines = [line for text, bold in heading for line in wrapped(text, _WIDTH - 0.3, bold=bold)]
    matrix = _DOTS * len(entries) + LINE_HEIGHT * 1.4 * len(content.choices)
    height = 0.3 + LINE_HEIGHT * len(top_lines) + _CURVE + 0.25 + matrix + 0.55 + (0.16 if simulated else 0.0)
    figure, axes = blank_figure(_WIDTH, height)
    y = height - (0.3 if simulated else 0.12)
    for text, bold in heading:
        for line in wrapped(text, _WIDTH - 0.3, bold=bold):
            _text(axes, 0.15, y, line, bold=bold, va="top", gid="heading")
            y -= LINE_HEIGHT
    bottom = y - 0.12 - _CURVE
    places = _places(len(shown), left)
    for number in np.flatnonzero(shown["declared"].to_numpy()).tolist():
        _column(axes, places, number, 0.5, y - 0.08)
    scale = _draw_curve(axes, shown, places, (bottom, y - 0.12), left, tested.smallest_effect)
    _text(
        axes, left - 0.42, (scale.start + scale.end) / 2, "Standardised effect β", rotation=90, ha="center", gid="axis"
    )
    _draw_matrix(axes, content.choices, shown, places, bottom - 0.2, left)
    x = _draw_key(axes, dict.fromkeys(str(each) for each in shown["verdict"]))
    _symbol(axes, x, 0.22, "o", GREY, filled=True, size=3.5)
    _ring(axes, x, 0.22, 3.5)
    _text(axes, x + 0.14, 0.22, _DECLARED, gid="legend")
    if np.isfinite(tested.smallest_effect):
        x += 0.4 + text_width(_DECLARED)
        axes.add_line(Line2D([x - 0.1, x + 0.12], [0.22, 0.22], color=GREY, linewidth=0.7, linestyle=_DASHES))
        _text(axes, x + 0.2, 0.22, "smallest effect of interest", gid="legend")
    if simulated:
        write_simulated_mark(axes, _WIDTH, height)
    return figure


def specification_overview(content: RobustnessContent, *, simulated: bool = False) -> Figure:
    """Standardised estimates of all propositions under all specifications, one line of symbols each.

    Parameters
    ----------
    content : RobustnessContent
        The specifications.
    simulated : bool
        Write the mark of simulated data.

    Returns
    -------
    matplotlib.figure.Figure
        7 inches wide; propositions that their parts decide have words alone.
    """
    label_at = 0.15 + max(text_width(each.id, bold=True) for each in content.propositions) + 0.1
    start, end, words_at = 2.85, 5.3, 5.45
    lines = {
        each.id: wrapped(each.title or "Combination of its parts", start - label_at - 0.1)
        for each in content.propositions
    }
    heights = {name: max(len(text) * LINE_HEIGHT, 0.2) + 0.14 for name, text in lines.items()}
    top = 0.62 if simulated else 0.45
    height = top + sum(heights.values()) + 0.95
    figure, axes = blank_figure(_WIDTH, height)
    known = content.table[["beta"]].to_numpy(float)
    low, high = (min(np.nanmin(known), 0.0), max(np.nanmax(known), 0.0)) if np.isfinite(known).any() else (-1.0, 1.0)
    room = 0.06 * (high - low) or 0.5
    scale = _Scale(low=low - room, high=high + room, start=start, end=end)
    for x, words in (
        (0.15, "Id"),
        (label_at, "Effect"),
        (start, "β in each specification"),
        (words_at, "Supported in"),
    ):
        _text(axes, x, height - top + 0.08, words, bold=True, va="bottom", gid="heading")
    axes.add_line(Line2D([0.15, _RIGHT], [height - top + 0.03] * 2, color=INK, linewidth=0.8))
    y = height - top
    axes.add_line(Line2D([scale.at(0)] * 2, [0.85, y], color=INK, linewidth=0.8, zorder=1))
    for each in content.propositions:
        middle = y - heights[each.id] / 2
        _text(axes, 0.15, middle, each.id, bold=True, gid="id")
        for number, line in enumerate(lines[each.id]):
            _text(axes, label_at, middle + ((len(lines[each.id]) - 1) / 2 - number) * LINE_HEIGHT, line, gid="effect")
        _text(axes, words_at, middle, _in_words(content.share(each.id)), gid="numbers")
        _draw_strip(axes, content.rows_of(each.id), scale, middle)
        y -= heights[each.id]
    _draw_level_axis(axes, scale, 0.85)
    found = content.table.loc[content.table["verdict"] != NO_RESULT, "verdict"]
    x = _draw_key(axes, dict.fromkeys(str(each) for each in found))
    axes.add_line(Line2D([x, x], [0.14, 0.3], color=INK, linewidth=1.1))
    _text(axes, x + 0.08, 0.22, _DECLARED, gid="legend")
    if simulated:
        write_simulated_mark(axes, _WIDTH, height)
    return figure


def _heading(
    content: RobustnessContent, proposition: str, title: str, shown: int, total: int
) -> list[tuple[str, bool]]:
    row = content.share(proposition)
    without = f"; {total - shown} more without a result" if total > shown else ""
    counts = f"{row['n_supported']} of {shown} specifications support it{without}. "
    counts += f"Median β {format_bounded(row['beta_median'])}."
    return [(f"{proposition}: {title}", True), (counts, False)]


def _places(n: int, left: float) -> FloatArray:
    """Places of *n* specifications across, in inches, not farther apart than a quarter of an inch."""
    width = min(_RIGHT - 0.1 - left, 0.25 * n)
    return left + 0.05 + width * (np.arange(n) + 0.5) / max(n, 1)


def _column(axes: Axes, places: FloatArray, number: int, bottom: float, top: float) -> None:
    width = max(min(0.16, (places[1] - places[0]) * 1.1 if len(places) > 1 else 0.16), 0.05)
    corner = (places[number] - width / 2, bottom)
    axes.add_patch(Rectangle(corner, width, top - bottom, facecolor="#ececec", edgecolor="none", zorder=0))


def _draw_curve(
    axes: Axes,
    shown: pd.DataFrame,
    places: FloatArray,
    span: tuple[float, float],
    left: float,
    smallest: float,
) -> _Scale:
    values = shown[["beta", "beta_ci_lower", "beta_ci_upper"]].to_numpy(float)
    low, high = min(float(np.nanmin(values)), 0.0), max(float(np.nanmax(values)), 0.0)
    room = 0.05 * (high - low) or 0.1
    scale = _Scale(low=low - room, high=high + room, start=span[0], end=span[1])
    if np.isfinite(smallest):
        for limit in (-smallest, smallest):
            if scale.low < limit < scale.high:
                line = Line2D([left, _RIGHT], [scale.at(limit)] * 2, color=GREY, linewidth=0.7, linestyle=_DASHES)
                axes.add_line(line)
    axes.add_line(Line2D([left, _RIGHT], [scale.at(0)] * 2, color=INK, linewidth=0.8, zorder=1))
    axes.add_line(Line2D([left, left], list(span), color=INK, linewidth=0.8))
    for tick in round_ticks(scale.low, scale.high, 6):
        axes.add_line(Line2D([left - 0.04, left], [scale.at(tick)] * 2, color=INK, linewidth=0.8))
        _text(axes, left - 0.07, scale.at(tick), number_label(round(tick, 6)), ha="right", gid="tick")
    size = float(np.clip(180.0 / max(len(shown), 1), 2.2, 5.0))
    estimates = zip(places, values, shown["verdict"], shown["declared"], strict=True)
    for x, (beta, lower, upper), verdict, is_declared in estimates:
        marker, color, filled = _STYLES[str(verdict)]
        if np.isfinite(lower) and np.isfinite(upper):
            limits = [scale.at(lower), scale.at(upper)]
            axes.add_line(Line2D([x, x], limits, color=color, linewidth=min(1.0, size / 4), zorder=2))
        _symbol(axes, x, scale.at(beta), marker, color, filled=filled, size=size)
        if is_declared:
            _ring(axes, x, scale.at(beta), size)
    return scale


def _draw_matrix(
    axes: Axes,
    choices: Mapping[str, Sequence[str]],
    shown: pd.DataFrame,
    places: FloatArray,
    top: float,
    left: float,
) -> None:
    y, size = top, float(np.clip(160.0 / max(len(shown), 1), 1.8, 3.6))
    for choice, levels in choices.items():
        _text(axes, 0.15, y, _CHOICE_NAMES[choice], bold=True, va="top", gid="choice")
        y -= LINE_HEIGHT * 1.25
        for level in levels:
            middle = y - _DOTS / 2
            _text(axes, 0.25, middle, level, gid="level")
            axes.add_line(Line2D([left, _RIGHT], [middle] * 2, color=LIGHT, linewidth=0.4, zorder=0.5))
            made = places[(shown[choice] == level).to_numpy()]
            axes.add_line(
                Line2D(made, [middle] * len(made), marker="s", color=INK, markersize=size, linestyle="none", zorder=3)
            )
            y -= _DOTS
        y -= LINE_HEIGHT * 0.15


def _draw_strip(axes: Axes, rows: pd.DataFrame, scale: _Scale, y: float) -> None:
    found = rows[rows["beta"].notna() & (rows["verdict"] != NO_RESULT)]
    if found.empty:
        return
    axes.add_line(
        Line2D([scale.at(found["beta"].min()), scale.at(found["beta"].max())], [y, y], color=GREY, linewidth=0.8)
    )
    # Symbols of equal estimates are laid above and below the line, so that none hides the others.
    order = found.sort_values("beta", kind="stable")
    for number, (beta, verdict) in enumerate(zip(order["beta"].to_numpy(float), order["verdict"], strict=True)):
        marker, color, filled = _STYLES[str(verdict)]
        shift = 0.035 * ((number % 3) - 1)
        _symbol(axes, scale.at(beta), y + shift, marker, color, filled=filled, size=2.6)
    declared = found[found["declared"]]
    if len(declared):
        x = scale.at(float(declared["beta"].iloc[0]))
        axes.add_line(Line2D([x, x], [y - 0.1, y + 0.1], color=INK, linewidth=1.1, zorder=6))


def _draw_level_axis(axes: Axes, scale: _Scale, y: float) -> None:
    axes.add_line(Line2D([scale.start, scale.end], [y, y], color=INK, linewidth=0.8))
    for tick in round_ticks(scale.low, scale.high, 6):
        axes.add_line(Line2D([scale.at(tick)] * 2, [y, y - 0.04], color=INK, linewidth=0.8))
        _text(axes, scale.at(tick), y - 0.07, number_label(round(tick, 6)), ha="center", va="top", gid="tick")
    middle = (scale.start + scale.end) / 2
    _text(axes, middle, y - 0.24, "Standardised effect β", ha="center", va="top", gid="axis")


def _draw_key(axes: Axes, verdicts: Mapping[str, None]) -> float:
    """Symbols and words of the verdicts; where the next entry begins."""
    x = 0.2
    for verdict in verdicts:
        marker, color, filled = _STYLES[verdict]
        _symbol(axes, x, 0.22, marker, color, filled=filled, size=4.5)
        _text(axes, x + 0.1, 0.22, verdict, gid="legend")
        x += 0.3 + text_width(verdict)
    return x


def _in_words(row: pd.Series) -> str:
    n, supported = int(row["n_specifications"]), int(row["n_supported"])
    if str(row["declared_verdict"]) == "partially supported":
        return f"{supported} of {n}, in part {int(row['n_same'])}"
    return f"{supported} of {n} ({supported / n:.0%})"


def _symbol(axes: Axes, x: float, y: float, marker: str, color: str, *, filled: bool, size: float) -> None:
    face = color if filled else "white"
    axes.add_line(
        Line2D(
            [x],
            [y],
            marker=marker,
            markerfacecolor=face,
            markeredgecolor=color,
            markersize=size,
            markeredgewidth=0.8,
            linestyle="none",
            zorder=4,
        )
    )


def _ring(axes: Axes, x: float, y: float, size: float) -> None:
    axes.add_line(
        Line2D(
            [x],
            [y],
            marker="o",
            markerfacecolor="none",
            markeredgecolor=INK,
            markersize=size + 4.0,
            markeredgewidth=0.9,
            linestyle="none",
            zorder=5,
        )
    )


def _text(
    axes: Axes,
    x: float,
    y: float,
    words: str,
    *,
    bold: bool = False,
    ha: str = "left",
    va: str = "center",
    rotation: float = 0.0,
    gid: str,
) -> None:
    axes.text(x, y, literal(words), ha=ha, va=va, rotation=rotation, color=INK, fontproperties=font(bold=bold), gid=gid)
