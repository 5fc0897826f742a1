"""Eigenvalues beside those of unrelated variables."""

from __future__ import annotations

from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from surveysem.modelling.parallel_analysis import ParallelAnalysis
from surveysem.report.figures.canvas import GREY, INK, PaperFigure, font

_NAMES = {"components": "Principal components", "factors": "Common factors"}


def plot_scree(analysis: ParallelAnalysis, *, width: float = 7.0) -> Figure:
    """Scree plots of a parallel analysis: components and common factors, with the random percentiles.

    Parameters
    ----------
    analysis : ParallelAnalysis
        What :func:`surveysem.parallel_analysis` returns.
    width : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure
        Two panels; points above the dashed line stand out from chance.
    """
    figure = PaperFigure(figsize=(width, width * 0.42), dpi=150, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    counts = {"components": analysis.n_components, "factors": analysis.n_factors}
    ranks = analysis.table.index.to_numpy()
    for axes, (kind, title) in zip(figure.subplots(1, 2), _NAMES.items(), strict=True):
        text: dict[str, Any] = {"fontproperties": font()}
        axes.plot(ranks, analysis.table[kind], color=INK, marker="o", markersize=3.5, linewidth=1.0, label="data")
        limit = analysis.table[f"{kind}_percentile"]
        label = f"percentile {analysis.percentile:g} of {analysis.n_samples} random samples"
        axes.plot(ranks, limit, color=GREY, linestyle=(0, (4, 2)), linewidth=1.0, label=label)
        axes.set_title(f"{title}: {counts[kind]} stand out", fontproperties=font(bold=True))
        axes.set_xlabel("Rank", **text)
        axes.set_ylabel("Eigenvalue", **text)
        axes.set_xticks(ranks if len(ranks) <= 12 else ranks[:: len(ranks) // 10 + 1])
        axes.tick_params(labelsize=7)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(prop=font(size=7.0), frameon=False)
    return figure
