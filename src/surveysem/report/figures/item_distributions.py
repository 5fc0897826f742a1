"""How answers to each item are distributed: stacked bars around the middle of the scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from surveysem.data import Responses
from surveysem.errors import UnsupportedError
from surveysem.instrument import Instrument
from surveysem.report.figures.answers import (
    FULL_WIDTH,
    MARGIN,
    mark_simulated,
    names_shown,
    shown_answers,
    size_for,
    widest,
    write,
)
from surveysem.report.figures.canvas import GREY, INK, blank_figure, literal
from surveysem.typing import FloatArray

_TALLEST = 8.6
_ROW = 0.2
_MOST_CATEGORIES = 11


class _Bar(NamedTuple):
    """One item: its codes from the lowest to the highest, the share of each, and what stands beside the bar."""

    codes: tuple[float, ...]
    shares: tuple[float, ...]
    mean: float
    n_answers: int


def plot_items(
    data: pd.DataFrame | Responses,
    items: Sequence[str] | None = None,
    *,
    instrument: Instrument | None = None,
    labels: Mapping[str, str] | None = None,
    headings: Mapping[str, str] | None = None,
    width: float = FULL_WIDTH,
) -> Figure:
    """Distribution of the answers to each item, as stacked bars that diverge from the middle of the scale.

    Parameters
    ----------
    data : pandas.DataFrame or Responses
        One row a respondent; NaN where an answer is missing, which is left out item by item.
    items : sequence of str, optional
        Numeric columns with at most 11 different answers; by default the items of *instrument* that are there, or all
        such columns.
    instrument : Instrument, optional
        Says which answers there are; otherwise those that were given to any of the items shown.
    labels : Mapping of str to str, optional
        Names to print.
    headings : Mapping of str to str, optional
        What stands over an item, by the first item of each group of them.
    width : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure
        Bars get darker from the lowest to the highest answer; the middle answer of an odd number is split by the line.

    Raises
    ------
    DataError, UnsupportedError
        For columns that are absent, not numeric, or have more than 11 different answers.

    References
    ----------
    robbins_heiberger_2011

    Examples
    --------
    >>> plot_items(pd.DataFrame({"a": [1.0, 2.0, 3.0, 3.0], "b": [3.0, 3.0, 2.0, None]})).get_size_inches().tolist()[0]
    7.0
    """
    frame, simulated = shown_answers(data, _named(data, items, instrument))
    bars = _bars(frame, instrument)
    printed = names_shown([str(name) for name in frame], labels)
    over = {place: (headings or {}).get(str(name), "") for place, name in enumerate(frame)}
    n_lines = len(bars) + sum(map(bool, over.values()))
    pitch = min(_ROW, _TALLEST / n_lines)
    size = size_for(pitch)
    head, bottom = 0.3 + (0.2 if simulated else 0.0), 0.55
    height = head + bottom + pitch * n_lines
    figure, axes = blank_figure(width, height)
    upper = mark_simulated(axes, width, height, simulated) - 0.3
    left = max(MARGIN + min(widest(printed, size), width * 0.4) + 0.1, 0.65)
    right = width - MARGIN - 0.9
    below, above = (max(_extent(bar, side) for bar in bars) for side in (0, 1))
    scale = (right - left) / max(below + above, 1e-9)
    middle = left + below * scale
    y = upper
    for row, (bar, name) in enumerate(zip(bars, printed, strict=True)):
        if over[row]:
            y -= pitch
            write(axes, MARGIN, y + pitch / 2, literal(over[row]), size=size, gid="heading", bold=True)
        y -= pitch
        write(axes, left - 0.08, y + pitch / 2, name, size=size, gid="item", ha="right")
        _draw_bar(axes, bar, (middle, y, scale), pitch)
        write(axes, right + 0.45, y + pitch / 2, f"{bar.mean:.2f}", size=size, gid="mean", ha="right")
        write(axes, width - MARGIN, y + pitch / 2, f"{bar.n_answers:,}", size=size, gid="count", ha="right")
    axes.plot([middle, middle], [upper, upper - pitch * n_lines], color=INK, linewidth=0.8, gid="middle", zorder=3)
    write(axes, right + 0.45, upper + 0.1, "mean", size=8, gid="head", ha="right")
    write(axes, width - MARGIN, upper + 0.1, "n", size=8, gid="head", ha="right")
    _draw_key(axes, bars, left, width)
    return figure


def _named(
    data: pd.DataFrame | Responses, items: Sequence[str] | None, instrument: Instrument | None
) -> Sequence[str] | None:
    if items is not None:
        return items
    frame = data.frame if isinstance(data, Responses) else data
    if instrument is not None:
        scales = {item.id: instrument.scale(item.scale) for item in instrument.items if item.id in frame}
        return [name for name, scale in scales.items() if scale.kind == "ordinal"]
    numeric = frame.select_dtypes(include="number")
    return [str(name) for name in numeric if numeric[name].nunique() <= _MOST_CATEGORIES]


def _bars(frame: pd.DataFrame, instrument: Instrument | None) -> list[_Bar]:
    given = np.unique(frame.to_numpy(dtype=np.float64, na_value=np.nan))
    given = given[~np.isnan(given)]
    if len(given) > _MOST_CATEGORIES:
        raise UnsupportedError(
            f"The items have {len(given)} different answers; at most {_MOST_CATEGORIES} can be shown. Name fewer items."
        )
    scales = {item.id: instrument.scale(item.scale).options for item in instrument.items} if instrument else {}
    return [
        _bar(frame[name].dropna().to_numpy(dtype=np.float64), tuple(sorted(scales.get(str(name)) or given)))
        for name in frame
    ]


def _bar(answers: FloatArray, codes: tuple[float, ...]) -> _Bar:
    n = len(answers)
    shares = tuple(float(np.mean(answers == code)) if n else 0.0 for code in codes)
    return _Bar(codes=codes, shares=shares, mean=float(answers.mean()) if n else float("nan"), n_answers=n)


def _start(bar: _Bar) -> float:
    """Where the bar begins, in shares from the middle line: half of the middle answer lies on either side."""
    half = len(bar.shares) // 2
    before = sum(bar.shares[:half])
    return -(before + (bar.shares[half] / 2.0 if len(bar.shares) % 2 else 0.0))


def _extent(bar: _Bar, side: int) -> float:
    start = _start(bar)
    return -start if side == 0 else start + sum(bar.shares)


@lru_cache
def _shade(place: int, n_codes: int) -> str:
    """Light for the lowest answer, dark for the highest, in colour and in greyscale."""
    return to_hex(colormaps["cividis"](0.97 - 0.92 * place / max(n_codes - 1, 1)))


def _draw_bar(axes: Axes, bar: _Bar, place: tuple[float, float, float], pitch: float) -> None:
    middle, y, scale = place
    x = middle + _start(bar) * scale
    for number, share in enumerate(bar.shares):
        if share:
            color = _shade(number, len(bar.shares))
            box = Rectangle(
                (x, y + 0.1 * pitch), share * scale, 0.8 * pitch, facecolor=color, edgecolor="white", linewidth=0.3
            )
            box.set_gid("share")
            axes.add_patch(box)
        x += share * scale


def _draw_key(axes: Axes, bars: Sequence[_Bar], left: float, width: float) -> None:
    codes = max((bar.codes for bar in bars), key=len)
    same = all(bar.codes == codes for bar in bars)
    step = min(0.42, (width - left - 0.2) / len(codes))
    for number, code in enumerate(codes):
        x = left + step * number
        box = Rectangle(
            (x, 0.24), step * 0.9, 0.12, facecolor=_shade(number, len(codes)), edgecolor=GREY, linewidth=0.3
        )
        axes.add_patch(box)
        text = f"{code:g}" if same else {0: "lowest", len(codes) - 1: "highest"}.get(number, "")
        write(axes, x + step * 0.45, 0.13, text, size=8, gid="key", ha="center")
    write(axes, left - 0.08, 0.3, "answer", size=8, gid="key", ha="right")
