"""Figures as bytes that are the same whenever the figure is."""

from __future__ import annotations

from io import BytesIO

import matplotlib
from matplotlib.figure import Figure

_DOTS_PER_INCH = 200


def svg_bytes(figure: Figure) -> bytes:
    """The figure as SVG, letters drawn as shapes so that it looks alike everywhere."""
    buffer = BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "surveysem", "svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def png_bytes(figure: Figure) -> bytes:
    """The figure as PNG for print."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=_DOTS_PER_INCH, metadata={"Software": None})
    return buffer.getvalue()
