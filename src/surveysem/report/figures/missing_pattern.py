"""Which answers are missing together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from surveysem.data import Responses
from surveysem.data.missingness import Missingness, missing_amounts
from surveysem.data.wording import counted
from surveysem.errors import UnsupportedError
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
from surveysem.report.figures.canvas import INK, LIGHT, blank_figure

_ROW = 0.16
_WIDEST_CELL = 0.4


def plot_missingness(
    data: pd.DataFrame | Responses,
    items: Sequence[str] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    most: int = 30,
    width: float = FULL_WIDTH,
) -> Figure:
    """Patterns of missing answers: a row a pattern, a column an item, dark where the answer is missing.

    Parameters
    ----------
    data : pandas.DataFrame or Responses
        One row a respondent.
    items : sequence of str, optional
        Numeric columns; all of them by default. Those without a missing answer are not drawn, but counted.
    labels : Mapping of str to str, optional
        Names to print.
    most : int
        Patterns drawn, the most frequent first; the others are counted below.
    width : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure
        With the share missing of each item above its column and the number of respondents beside each pattern.

    Raises
    ------
    DataError, UnsupportedError
        For columns that are absent or not numeric, and where no answer is missing.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, None, 3.0], "b": [1.0, 2.0, None], "c": [1.0, 2.0, 3.0]})
    >>> plot_missingness(frame).get_size_inches().tolist()[0]
    7.0
    """
    frame, simulated = shown_answers(data, items)
    found = missing_amounts(frame)
    names = [str(name) for name in found.patterns.columns[3:]]
    if not names:
        raise UnsupportedError("No answer is missing, so there is no pattern to show.")
    patterns = found.patterns.head(most)
    printed = names_shown(names, labels)
    left = MARGIN + 0.95
    cell = min(_WIDEST_CELL, (width - left - MARGIN) / len(names))
    size = size_for(cell)
    shares = [_percent(share) for share in found.items.loc[names, "share_missing"]]
    of_shares = widest(shares, size)
    top = max(widest(printed, size), 0.3) + of_shares + 0.3
    bottom = 0.42
    height = top + bottom + _ROW * len(patterns) + (0.2 if simulated else 0.0)
    figure, axes = blank_figure(width, height)
    upper = mark_simulated(axes, width, height, simulated) - top
    for column, (name, share) in enumerate(zip(printed, shares, strict=True)):
        middle = left + cell * (column + 0.5)
        write(axes, middle, upper + 0.06, share, size=size, gid="share", rotation=90, ha="center", va="bottom")
        above = upper + of_shares + 0.16
        write(axes, middle, above, name, size=size, gid="item", rotation=90, ha="center", va="bottom")
    _draw_patterns(axes, patterns, names, (left, upper, cell))
    _write_note(axes, found, len(patterns), len(frame.columns) - len(names))
    return figure


def _percent(share: float) -> str:
    return "<1%" if 0 < share < 0.005 else f"{share:.0%}"


def _draw_patterns(axes: Axes, patterns: pd.DataFrame, names: Sequence[str], place: tuple[float, float, float]) -> None:
    left, upper, cell = place
    answered = patterns[list(names)].to_numpy(dtype=bool)
    write(axes, left - 0.08, upper + 0.08, "respondents", size=8, gid="head", ha="right", va="bottom")
    for row, (count, share) in enumerate(zip(patterns["n_rows"], patterns["share_rows"], strict=True)):
        y = upper - _ROW * (row + 1)
        write(axes, left - 0.08, y + _ROW / 2, f"{count:,} ({_percent(share)})", size=8, gid="count", ha="right")
        for column in range(len(names)):
            color = LIGHT if answered[row, column] else INK
            box = Rectangle((left + cell * column, y), cell, _ROW, facecolor=color, edgecolor="white", linewidth=0.4)
            box.set_gid("answered" if answered[row, column] else "missing")
            axes.add_patch(box)


def _write_note(axes: Axes, found: Missingness, n_drawn: int, n_complete: int) -> None:
    rest = found.patterns.iloc[n_drawn:]
    lines = [f"Dark: missing; light: answered. {found.share_missing:.1%} of all answers are missing."]
    more = []
    if len(rest):
        more.append(
            f"Not drawn: {counted(len(rest), 'further pattern')} of {counted(int(rest['n_rows'].sum()), 'respondent')}."
        )
    if n_complete:
        more.append(f"Not drawn: {counted(n_complete, 'item')} without a missing answer.")
    lines += [" ".join(more)] if more else []
    for number, line in enumerate(reversed(lines)):
        write(axes, MARGIN, 0.1 + 0.15 * number, line, size=8, gid="note")
