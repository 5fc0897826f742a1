"""The paper's figures by name."""

from __future__ import annotations

from matplotlib.figure import Figure

from surveysem.report.content import ReportContent
from surveysem.report.figures.forest_plot import forest_plot
from surveysem.report.figures.path_diagram import path_diagram


def paper_figures(content: ReportContent) -> dict[str, Figure]:
    """Figures of the paper by name; those with nothing to show are left out.

    Parameters
    ----------
    content : ReportContent
        Results of the analysis.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        ``propositions`` (forest plot) and ``path_diagram``, in print size, each carrying the mark of simulated data
        where the data are simulated.
    """
    figures = {"propositions": forest_plot(content), "path_diagram": path_diagram(content)}
    return {name: figure for name, figure in figures.items() if figure is not None}
