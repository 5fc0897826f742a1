"""What figures of answers share: the columns shown, their names, and text that fits rows and columns of any number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from surveysem.data import Responses
from surveysem.data.marking import simulation_note
from surveysem.data.missing.checks import check_answers
from surveysem.data.missingness import numeric_columns
from surveysem.errors import UnsupportedError
from surveysem.report.figures.canvas import FONT_SIZE, INK, font, literal, text_width, write_simulated_mark

FULL_WIDTH = 7.0
MARGIN = 0.08
_SMALLEST = 4.5  # points; smaller print is not legible on paper


def shown_answers(data: pd.DataFrame | Responses, items: Sequence[str] | None) -> tuple[pd.DataFrame, bool]:
    """The columns shown, and whether the answers are simulated.

    Raises
    ------
    DataError
        When columns are absent or not numeric.
    UnsupportedError
        When there are none.
    """
    frame = data.frame if isinstance(data, Responses) else data
    names = numeric_columns(frame) if items is None else list(items)
    if not names:
        raise UnsupportedError("There is nothing to show: no column is numeric. Name items of the answers.")
    check_answers(frame, tuple(names))
    simulated = data.simulated if isinstance(data, Responses) else bool(simulation_note(frame))
    return frame[names], simulated


def names_shown(names: Sequence[str], labels: Mapping[str, str] | None) -> list[str]:
    """Names to print."""
    return [literal((labels or {}).get(name, name)) for name in names]


def size_for(pitch: float) -> float:
    """Font size in points of lines that are *pitch* inches apart."""
    return max(_SMALLEST, min(FONT_SIZE, pitch * 72.0 * 0.9))


def widest(names: Sequence[str], size: float) -> float:
    """Width in inches of the longest of some names printed at a size in points."""
    return max((text_width(name) for name in names), default=0.0) * size / FONT_SIZE


def write(
    axes: Axes, x: float, y: float, text: str, *, size: float, gid: str, bold: bool = False, **options: Any
) -> None:
    """Text in ink, at a place in inches."""
    options = {"ha": "left", "va": "center", "color": INK, **options}
    axes.text(x, y, text, fontproperties=font(size=size, bold=bold), gid=gid, **options)


def mark_simulated(axes: Axes, width: float, height: float, simulated: bool) -> float:
    """The mark of simulated answers, where they are, and the height it leaves."""
    if not simulated:
        return height
    write_simulated_mark(axes, width, height)
    return height - 0.2
