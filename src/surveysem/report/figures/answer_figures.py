"""Figures of the answers for a report: what is missing, how items are distributed, what correlates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from surveysem.report.content import ReportContent
from surveysem.report.description import DescriptionContent
from surveysem.report.document import FigureBlock
from surveysem.report.figures.canvas import write_simulated_mark_below
from surveysem.report.figures.correlation_map import plot_correlations, plot_latent_correlations
from surveysem.report.figures.item_distributions import plot_items
from surveysem.report.figures.missing_pattern import plot_missingness
from surveysem.report.inline import listing

_MOST_ITEMS = 26  # in a figure that a page holds with its caption
_MOST_ANSWERS = 11
_LARGEST_MAP = 80  # items; letters of more would be too small


@dataclass(frozen=True, kw_only=True)
class _Answers:
    """A figure of the distribution of some items."""

    name: str
    items: tuple[str, ...]
    constructs: tuple[str, ...]


def answer_figures(content: ReportContent) -> dict[str, Figure]:
    """Figures of the answers by name, in the order of the report; those with nothing to show are left out."""
    described = content.description
    if described is None:
        return {}
    figures: dict[str, Figure] = {}
    if described.any_missing:
        figures["missing_pattern"] = _marked(content, plot_missingness(described.screened))
    for each in _parts(described):
        figures[each.name] = _marked(content, _distribution(content, described, each))
    if _maps_items(described):
        figures["item_correlations"] = _marked(content, plot_correlations(described.answers))
    if len(described.latent_correlations) > 1:
        figures["latent_correlations"] = plot_latent_correlations(
            described.latent_correlations, labels=content.labels, simulated=content.simulated
        )
    return figures


def answer_blocks(content: ReportContent, *, first: int = 1) -> dict[str, FigureBlock]:
    """Places of the figures of the answers, numbered from *first*."""
    described = content.description
    if described is None:
        return {}
    places = enumerate(_described(content, described), start=first)
    return {
        name: FigureBlock(
            name=name, number=number, title=title, caption=(caption,), alt=alt, simulated=content.simulated
        )
        for number, (name, title, caption, alt) in places
    }


def _described(content: ReportContent, described: DescriptionContent) -> Iterator[tuple[str, str, str, str]]:
    """Name, title, caption and text in words of each figure."""
    if described.any_missing:
        yield (
            "missing_pattern",
            "Patterns of missing answers",
            "A row is a pattern, a column an item, dark where the answer is missing. Over the columns stands the share "
            "missing of each item; items without a missing answer are not drawn.",
            "Patterns of missing answers; the table of missing answers gives the same counts.",
        )
    parts = _parts(described)
    for number, each in enumerate(parts, start=1):
        names = listing([content.label(name) for name in each.constructs])
        yield (
            each.name,
            f"Answers to the items{f', part {number} of {len(parts)}' if len(parts) > 1 else ''}",
            "Bars show the share of each answer and diverge from the middle of the scale. Reverse-keyed items are "
            "reversed.",
            f"Stacked bars of the answers to the items of {names}; the table of descriptive statistics gives the same.",
        )
    if _maps_items(described):
        yield (
            "item_correlations",
            "Correlations of the items",
            "Pearson correlations, each over the respondents who answered both. The darker a cell, the stronger; a "
            "stroke marks those of −.10 or below.",
            "Map of the correlations of the items.",
        )
    if len(described.latent_correlations) > 1:
        yield (
            "latent_correlations",
            "Correlations of the latent variables",
            "As the measurement model estimates them. The darker a cell, the stronger the correlation.",
            "Map of the correlations of the latent variables; the table of discriminant validity gives the same.",
        )


def _distribution(content: ReportContent, described: DescriptionContent, part: _Answers) -> Figure:
    headings = {described.constructs[name][0]: content.label(name) for name in part.constructs}
    return plot_items(described.answers, part.items, instrument=content.instrument, headings=headings)


def _parts(described: DescriptionContent) -> tuple[_Answers, ...]:
    """Items in figures of a legible size, each construct in one of them."""
    shown = {
        name: items
        for name, items in described.constructs.items()
        if all(0 < described.items["n_categories"][item] <= _MOST_ANSWERS for item in items)
    }
    groups = list(_grouped(shown, [len(items) for items in shown.values()]))
    return tuple(
        _Answers(
            name="responses" if len(groups) == 1 else f"responses_{number}",
            items=tuple(item for name in names for item in shown[name]),
            constructs=tuple(names),
        )
        for number, names in enumerate(groups, start=1)
    )


def _grouped(names: Sequence[str] | dict[str, tuple[str, ...]], sizes: Sequence[int]) -> Iterator[list[str]]:
    """Constructs in as few figures as hold them, of about the same size."""
    n_figures = -(-sum(sizes) // _MOST_ITEMS)
    room = sum(sizes) / n_figures if n_figures else 0.0
    group: list[str] = []
    filled = 0
    for name, size in zip(names, sizes, strict=True):
        if group and filled + size / 2 > room:
            yield group
            group, filled = [], 0
        group.append(name)
        filled += size
    if group:
        yield group


def _maps_items(described: DescriptionContent) -> bool:
    return 2 <= described.answers.shape[1] <= _LARGEST_MAP


def _marked(content: ReportContent, figure: Figure) -> Figure:
    """The figure with the mark of simulated data, if it has none: a frame of answers may have lost it."""
    marked = any(text.get_gid() == "mark" for axes in figure.axes for text in axes.texts)
    if content.simulated and not marked:
        write_simulated_mark_below(figure)
    return figure
