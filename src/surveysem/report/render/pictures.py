"""Figures as bytes that are the same whenever the figure is."""

from __future__ import annotations

from io import BytesIO

import matplotlib
from matplotlib.figure import Figure

DOTS_PER_INCH = 300
_PORTRAIT_POINTS, _LANDSCAPE_POINTS = (451.0, 560.0), (697.0, 350.0)
_WIDE_POINTS = 560.0


def is_wide(figure: Figure) -> bool:
    """Whether letters become too small to read when the figure is shrunk to an upright page."""
    width, height = figure.get_size_inches()
    return bool(72 * width > _WIDE_POINTS and width > height)


def printed_width(figure: Figure) -> float:
    """Width on its page in points: its own, or less where the page does not hold it."""
    width, height = (72 * float(inches) for inches in figure.get_size_inches())
    widest, tallest = _LANDSCAPE_POINTS if is_wide(figure) else _PORTRAIT_POINTS
    return width * min(1.0, widest / width, tallest / height)


def svg_bytes(figure: Figure) -> bytes:
    """The figure as SVG, letters drawn as shapes so that it looks alike everywhere."""
    buffer = BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "surveysem", "svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def png_bytes(figure: Figure, *, dots_per_inch: int = DOTS_PER_INCH) -> bytes:
    """The figure as PNG for print."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return buffer.getvalue()


def pdf_bytes(figure: Figure) -> bytes:
    """The figure as PDF, letters embedded as TrueType so that they can be searched."""
    buffer = BytesIO()
    with matplotlib.rc_context({"pdf.fonttype": 42}):
        figure.savefig(buffer, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
    return buffer.getvalue()
