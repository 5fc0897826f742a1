"""Paper and pens of the figures: sizes in inches, one font, colours that survive greyscale and colour blindness."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from surveysem.report.document import SIMULATED_MARK

FONT_SIZE = 8.0
LINE_HEIGHT = 0.145
INK = "#1a1a1a"
GREY = "#767676"
LIGHT = "#d9d9d9"
ALERT = "#a33a00"
_POINTS_PER_INCH = 72.0
_METRICS = TextToPath()


def font(*, bold: bool = False, size: float = FONT_SIZE) -> FontProperties:
    """The font of all figures, which comes with matplotlib."""
    return FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")


class PaperFigure(Figure):
    """A matplotlib figure that shows itself in a notebook, without pyplot."""

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue()


def blank_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """A white figure and axes whose unit is the inch, with the origin at the lower left."""
    figure = PaperFigure(figsize=(width, height), dpi=150, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    axes.axis("off")
    return figure, axes


@lru_cache(maxsize=4096)
def text_width(text: str, *, bold: bool = False) -> float:
    """Width of one line in inches, without blanks at its end."""
    if not text.strip():
        return 0.0
    # Asked of the font: outlines of the letters would take twenty times as long.
    points, _, _ = _METRICS.get_text_width_height_descent(text.rstrip(), font(bold=bold), False)
    return float(points) / _POINTS_PER_INCH


def literal(text: str) -> str:
    """Text whose dollar signs are not taken for mathematics."""
    return text.replace("$", r"\$")


def wrapped(text: str, width: float, *, bold: bool = False) -> list[str]:
    """Lines of a text, broken between words, and inside hyphenated ones, to fit a width in inches."""
    lines = [""]
    for word in " ".join(text.split()).replace("-", "-\u200b").replace(" ", " \u200b").split("\u200b"):
        extended = lines[-1] + word
        if lines[-1] and text_width(extended.rstrip(), bold=bold) > width:
            lines.append(word)
        else:
            lines[-1] = extended
    return [line.rstrip() for line in lines]


def write_simulated_mark(axes: Axes, width: float, height: float) -> None:
    """The mark of simulated data in the upper right corner."""
    axes.text(
        width - 0.08,
        height - 0.08,
        SIMULATED_MARK,
        ha="right",
        va="top",
        color=ALERT,
        fontproperties=font(bold=True, size=9),
        gid="mark",
    )


def write_simulated_mark_below(figure: Figure) -> None:
    """The mark of simulated data in the lower right corner, where figures with axes of their own have room."""
    figure.text(
        figure.get_size_inches()[0] - 0.08,
        0.08,
        SIMULATED_MARK,
        transform=figure.dpi_scale_trans,
        ha="right",
        va="bottom",
        color=ALERT,
        fontproperties=font(bold=True, size=9),
        gid="mark",
    )
