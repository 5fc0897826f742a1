"""Figures of the paper, drawn without global state."""

from surveysem.report.figures.collection import paper_figures

__all__ = ["paper_figures"]
