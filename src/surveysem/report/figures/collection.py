"""The paper's figures by name."""

from __future__ import annotations

from matplotlib.figure import Figure

from surveysem.report.content import ReportContent
from surveysem.report.figures.answer_figures import answer_figures
from surveysem.report.figures.canvas import write_simulated_mark_below
from surveysem.report.figures.forest_plot import forest_plot
from surveysem.report.figures.influence import influence_plot
from surveysem.report.figures.moderator_curve import plot_johnson_neyman
from surveysem.report.figures.path_diagram import model_diagram, path_diagram
from surveysem.report.figures.simple_slopes import plot_simple_slopes
from surveysem.report.figures.specification_curve import curve_name, specification_curve, specification_overview
from surveysem.report.moderation import ProbedModeration

_WIDTH = 7.0


def paper_figures(content: ReportContent) -> dict[str, Figure]:
    """Figures of the paper by name; those with nothing to show are left out.

    Parameters
    ----------
    content : ReportContent
        Results of the analysis.

    Returns
    -------
    dict of str to matplotlib.figure.Figure
        ``missing_pattern``, ``responses`` (or several, numbered), ``item_correlations`` and ``latent_correlations``;
        ``propositions`` (forest plot), ``path_diagram``, and ``simple_slopes_`` and ``johnson_neyman_`` with the id of
        each interaction;
        ``specification_curve``, the same with the id of each proposition on which specifications disagree, and
        ``influence``; in print size, each carrying the mark of simulated data where the data are simulated.
    """
    answers = answer_figures(content)
    figures = {
        "propositions": forest_plot(content),
        "path_diagram": path_diagram(content),
        "model_diagram": model_diagram(content),
    }
    probed = () if content.moderation is None else content.moderation.probed
    slopes: dict[str, Figure] = {}
    for each in probed:
        slopes |= {slopes_name(each): _slopes(content, each), regions_name(each): _regions(content, each)}
    return (
        answers
        | {name: figure for name, figure in figures.items() if figure is not None}
        | slopes
        | robustness_figures(content)
    )


def slopes_name(probed: ProbedModeration) -> str:
    """Name of the figure of an interaction's simple slopes."""
    return f"simple_slopes_{probed.label}"


def regions_name(probed: ProbedModeration) -> str:
    """Name of the figure of an interaction's regions of significance."""
    return f"johnson_neyman_{probed.label}"


def robustness_figures(content: ReportContent) -> dict[str, Figure]:
    """Figures of specifications and influence, where there are any."""
    found: dict[str, Figure] = {}
    if content.robustness is not None:
        found["specification_curve"] = specification_overview(content.robustness, simulated=content.simulated)
        for name in content.robustness.drawn_apart:
            curve = specification_curve(content.robustness, name, simulated=content.simulated)
            found[curve_name(name)] = curve
    if content.influence is not None:
        found["influence"] = influence_plot(content.influence, simulated=content.simulated)
    return found


def _slopes(content: ReportContent, probed: ProbedModeration) -> Figure:
    figure = plot_simple_slopes(
        probed.fit, **probed.question, labels=content.labels, width=_WIDTH, rug=not probed.regions.unavailable
    )
    return _marked(figure, content)


def _regions(content: ReportContent, probed: ProbedModeration) -> Figure:
    figure = plot_johnson_neyman(
        probed.fit, **probed.question, labels=content.labels, width=_WIDTH, rug=not probed.regions.unavailable
    )
    return _marked(figure, content)


def _marked(figure: Figure, content: ReportContent) -> Figure:
    if content.simulated:
        write_simulated_mark_below(figure)
    return figure
