"""Correlations of items as a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from surveysem.data import Responses
from surveysem.data.careless.synonyms import pairwise_correlations
from surveysem.errors import UnsupportedError
from surveysem.number_formats import MINUS
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
from surveysem.report.figures.canvas import GREY, INK, blank_figure
from surveysem.typing import FloatArray

_WIDEST_CELL = 0.42
_WITH_NUMBERS = 0.3  # inches a cell needs to hold a number
_STROKE = -0.1  # weaker negative correlations are as good as white
_MAP = LinearSegmentedColormap.from_list("signed", ["#8c3a00", "#ffffff", "#00487a"])


def plot_correlations(
    data: pd.DataFrame | Responses,
    items: Sequence[str] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    width: float = FULL_WIDTH,
) -> Figure:
    """Correlations of items, each over the respondents who answered both.

    Parameters
    ----------
    data : pandas.DataFrame or Responses
        One row a respondent.
    items : sequence of str, optional
        Numeric columns, in the order to be drawn; all of them by default.
    labels : Mapping of str to str, optional
        Names to print.
    width : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure
        The darker a cell, the stronger the correlation; a stroke marks those of −0.1 or below, so that greyscale tells
        them from positive ones.
        Numbers stand in the cells where there is room; a cross marks correlations that do not exist because an item
        does not vary.

    Raises
    ------
    DataError, UnsupportedError
        For columns that are absent or not numeric, and fewer than two of them.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [3.0, 1.0, 0.0]})
    >>> plot_correlations(frame).get_size_inches().tolist()[0]
    7.0
    """
    frame, simulated = shown_answers(data, items)
    p = len(frame.columns)
    if p < 2:
        raise UnsupportedError("A map of correlations needs two items or more.")
    correlations = pairwise_correlations(frame.to_numpy(dtype=np.float64, na_value=np.nan))
    return _drawn(correlations, names_shown([str(name) for name in frame], labels), width, simulated=simulated)


def plot_latent_correlations(
    correlations: pd.DataFrame,
    *,
    labels: Mapping[str, str] | None = None,
    width: float = FULL_WIDTH,
    simulated: bool = False,
) -> Figure:
    """Correlations that a model estimates, as a map like that of :func:`plot_correlations`.

    Parameters
    ----------
    correlations : pandas.DataFrame
        Square, with the same names as rows and columns; NaN where there is none.
    labels : Mapping of str to str, optional
        Names to print.
    width : float
        Inches.
    simulated : bool
        Whether they come from simulated answers.

    Raises
    ------
    UnsupportedError
        For fewer than two variables.

    Examples
    --------
    >>> table = pd.DataFrame([[1.0, 0.4], [0.4, 1.0]], index=["trust", "risk"], columns=["trust", "risk"])
    >>> plot_latent_correlations(table).get_size_inches().tolist()[0]
    7.0
    """
    if len(correlations) < 2:
        raise UnsupportedError("A map of correlations needs two variables or more.")
    printed = names_shown([str(name) for name in correlations], labels)
    return _drawn(correlations.to_numpy(dtype=np.float64), printed, width, simulated=simulated)


def _drawn(correlations: FloatArray, printed: Sequence[str], width: float, *, simulated: bool) -> Figure:
    p = len(correlations)
    size = size_for((width - 1.2) / p)
    left = MARGIN + widest(printed, size) + 0.08
    cell = min(_WIDEST_CELL, (width - left - MARGIN) / p)
    bottom = MARGIN + widest(printed, size) + 0.08
    height = bottom + cell * p + MARGIN + (0.2 if simulated else 0.0)
    figure, axes = blank_figure(width, height)
    upper = mark_simulated(axes, width, height, simulated) - MARGIN
    _draw_cells(axes, correlations, (left, upper), cell)
    for number, name in enumerate(printed):
        middle = cell * (number + 0.5)
        write(axes, left - 0.06, upper - middle, name, size=size, gid="item", ha="right")
        write(axes, left + middle, bottom - 0.06, name, size=size, gid="item", ha="center", va="top", rotation=90)
    _draw_key(axes, left + cell * p, upper)
    return figure


def _draw_cells(axes: Axes, correlations: FloatArray, corner: tuple[float, float], cell: float) -> None:
    """Lower triangle with the diagonal: all cells at once, for there are thousands of a long questionnaire."""
    left, upper = corner
    p = len(correlations)
    rows, columns = np.tril_indices(p)
    values = correlations[rows, columns]
    lower_left = np.stack([left + cell * columns, upper - cell * (rows + 1)], axis=1)
    square = cell * np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    boxes = PolyCollection(
        list(lower_left[:, None, :] + square),
        facecolors=[_MAP((r + 1.0) / 2.0) if r == r else "white" for r in values],
        edgecolors="#c8c8c8",
        linewidths=0.25,
        gid="cells",
    )
    axes.add_collection(boxes)
    corners = [(float(x), float(y)) for x, y in lower_left]
    if cell >= _WITH_NUMBERS:
        _write_numbers(axes, values, corners, cell)
    _draw_strokes(axes, values, corners, cell)


def _write_numbers(axes: Axes, values: FloatArray, corners: Sequence[tuple[float, float]], cell: float) -> None:
    for r, (x, y) in zip(values, corners, strict=True):
        if np.isnan(r):
            continue
        text = f"{abs(r):.2f}".removeprefix("0") if abs(r) < 0.995 else "1"
        sign, ink = MINUS if round(r, 2) < 0 else "", "white" if abs(r) > 0.7 else INK
        write(axes, x + cell / 2, y + cell / 2, f"{sign}{text}", size=7, gid="number", ha="center", color=ink)


def _draw_strokes(axes: Axes, values: FloatArray, corners: Sequence[tuple[float, float]], cell: float) -> None:
    """Stroke of a negative correlation where there is no number, cross of an absent one."""
    numbered = cell >= _WITH_NUMBERS
    lines: list[list[tuple[float, float]]] = []
    inks: list[str] = []
    for r, (x, y) in zip(values, corners, strict=True):
        absent, negative = bool(np.isnan(r)), bool(r <= _STROKE) and not numbered
        for start, end in [(0.2, 0.8)] * (absent or negative) + [(0.8, 0.2)] * absent:
            lines.append([(x + 0.2 * cell, y + start * cell), (x + 0.8 * cell, y + end * cell)])
            inks.append("white" if abs(r) > 0.7 else INK)
    axes.add_collection(LineCollection(lines, colors=inks, linewidths=0.4, gid="strokes"))


def _draw_key(axes: Axes, right: float, upper: float) -> None:
    """A scale in the empty corner above the diagonal."""
    values = np.linspace(-1.0, 1.0, 9)
    step = min(0.2, right / 40.0)
    x0 = right - step * len(values)
    for number, value in enumerate(values):
        box = (x0 + step * number, upper - 0.3)
        axes.add_patch(Rectangle(box, step, 0.13, facecolor=_MAP((value + 1) / 2), edgecolor=GREY, linewidth=0.3))
        if value < 0:
            axes.plot(
                [box[0] + 0.2 * step, box[0] + 0.8 * step],
                [box[1] + 0.03, box[1] + 0.1],
                color="white" if value < -0.7 else INK,
                linewidth=0.5,
            )
    for value, text in ((0, f"{MINUS}1"), (4, "0"), (8, "1")):
        write(axes, x0 + step * (value + 0.5), upper - 0.4, text, size=7, gid="key", ha="center")
    write(axes, right, upper - 0.08, "correlation", size=8, gid="key", ha="right")
