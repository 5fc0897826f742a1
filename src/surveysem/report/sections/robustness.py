"""Section on robustness: other specifications, other software, and influential respondents."""

from __future__ import annotations

from collections.abc import Iterator

from surveysem.report.content import ReportContent
from surveysem.report.document import Block, BulletList, FigureBlock, Section
from surveysem.report.figures.specification_curve import curve_name
from surveysem.report.inline import Text, cited, counted
from surveysem.report.robustness import NO_RESULT, InfluenceContent, RobustnessContent
from surveysem.report.sections.phrases import paragraph
from surveysem.report.table import Table

_NAMES = {
    "measurement": "measurement",
    "screening": "screening of respondents",
    "missing": "treatment of missing answers",
    "moderation": "method of latent interactions",
    "estimator": "estimator",
}


def robustness_section(content: ReportContent, tables: dict[str, Table], figures: dict[str, FigureBlock]) -> Section:
    """How far verdicts depend on choices and on single respondents."""
    blocks: list[Block] = []
    if content.robustness is not None:
        blocks += _specifications(content.robustness, tables, figures)
    if content.agreement:
        blocks.append(paragraph("Independent software: ", content.agreement))
    if content.influence is not None:
        blocks += _influence(content.influence, tables, figures)
    return Section(heading="Robustness", blocks=tuple(blocks))


def _specifications(
    content: RobustnessContent, tables: dict[str, Table], figures: dict[str, FigureBlock]
) -> Iterator[Block]:
    lost = content.table.loc[content.table["verdict"] == NO_RESULT, "specification"].nunique()
    without = f", of which {lost} had no result" if lost else ""
    yield paragraph(
        f"The analysis was repeated in {counted(content.n_specifications, 'specification')}{without}: all combinations "
        f"of the choices below, the declared analysis among them, after ",
        cited("steegen_2016"),
        f". Table {tables['robustness'].number} counts their verdicts.",
    )
    yield BulletList(items=tuple((f"{_NAMES[name]}: {', '.join(levels)}",) for name, levels in content.choices.items()))
    yield BulletList(items=tuple((sentence,) for sentence in content.sentences))
    yield tables["robustness"]
    yield from (block for name, block in figures.items() if name.startswith("specification_curve"))


def _influence(content: InfluenceContent, tables: dict[str, Table], figures: dict[str, FigureBlock]) -> Iterator[Block]:
    yield paragraph(
        f"Whether single respondents bear the results: Table {tables['influence'].number} lists those whose answers "
        f"the estimates rest on most, and Figure {figures['influence'].number} shows all."
    )
    yield BulletList(items=tuple((sentence,) for sentence in content.sentences))
    yield tables["influence"]
    yield figures["influence"]


def robustness_blocks(content: ReportContent, *, first: int) -> dict[str, FigureBlock]:
    """Places of the figures on robustness, numbered from *first*."""
    places: list[tuple[str, str, Text, str]] = []
    if content.robustness is not None:
        places += _curves(content.robustness)
    if content.influence is not None:
        places.append(_index_plot(content.influence))
    return {
        name: FigureBlock(name=name, number=number, title=title, caption=caption, alt=alt, simulated=content.simulated)
        for number, (name, title, caption, alt) in enumerate(places, start=first)
    }


def _curves(content: RobustnessContent) -> Iterator[tuple[str, str, Text, str]]:
    shares = content.shares
    counts = "; ".join(f"{name} {row.n_supported} of {row.n_specifications}" for name, row in shares.iterrows())
    yield (
        "specification_curve",
        "Standardised effects under all specifications",
        (
            "One symbol for each specification; symbol and colour tell its verdict, the upright stroke marks the "
            "declared analysis. Symbols are staggered so that none hides another.",
        ),
        f"Standardised effects of each proposition under all specifications. Supported: {counts}.",
    )
    for name in content.drawn_apart:
        row = shares.loc[name]
        yield (
            curve_name(name),
            f"Specification curve of {name}",
            (
                "Above, the standardised effect with its confidence interval in each specification, sorted; below, the "
                "choices each made. The ring and the grey column mark the declared analysis. After ",
                cited("simonsohn_2020"),
                ".",
            ),
            f"Specification curve of {name}: β from {row['beta_min']:.2f} to {row['beta_max']:.2f}; {row['verdicts']}.",
        )


def _index_plot(content: InfluenceContent) -> tuple[str, str, Text, str]:
    largest = content.cases["generalized_distance"].nlargest(3)
    named = ", ".join(
        f"row {name[-1] if isinstance(name, tuple) else name} ({value:.2f})" for name, value in largest.items()
    )
    return (
        "influence",
        "Influence of each respondent on the estimates",
        (
            "Generalised Cook’s distance of each respondent in the order of the answers; the largest are named by row. "
            "Below, the change of the tested effects that each brings about, in standard errors.",
        ),
        f"Index plot of generalised Cook’s distances. Largest: {named}.",
    )
