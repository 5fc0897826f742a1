"""Section on moderation: method, tests, probing, and the comparison of methods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from surveysem.number_formats import MINUS, format_decimal
from surveysem.report.content import ReportContent
from surveysem.report.document import Block, BulletList, FigureBlock, Paragraph, Section
from surveysem.report.figures.collection import regions_name, slopes_name
from surveysem.report.inline import Strong, Text, cited, counted, plain
from surveysem.report.moderation import ModerationContent, ProbedModeration
from surveysem.report.sections.phrases import paragraph
from surveysem.report.table import Table

_MADE: dict[str, tuple[str, str]] = {
    "double": ("mean-centred before and after multiplication", "lin_2010"),
    "residual": ("replaced by their residuals from a regression on all items of both variables", "little_2006"),
    "unconstrained": (
        "mean-centred before multiplication, with a mean of the latent product that is the covariance of its factors",
        "marsh_wen_hau_2004",
    ),
    "constrained": (
        "mean-centred before multiplication, with every parameter of the product tied to those of its factors, which "
        "takes these for normal",
        "algina_moulder_2001",
    ),
}


def moderation_section(content: ReportContent, tables: dict[str, Table], figures: dict[str, FigureBlock]) -> Section:
    """What moderates what, how strongly, and for whom."""
    moderation = content.moderation
    if moderation is None:
        return Section(heading="Moderation", blocks=(tables["moderation"],))
    blocks: list[Block] = [_opening(moderation, tables), tables["moderation"]]
    where = "Values of the moderator at which the effect of the predictor differs from zero, after "
    blocks.append(paragraph(where, cited("johnson_neyman_1936"), ":"))
    blocks.append(BulletList(items=tuple(_region_text(content, each) for each in moderation.probed)))
    blocks += [figures[name(each)] for each in moderation.probed for name in (slopes_name, regions_name)]
    blocks += [tables[name] for name in ("simple_slopes", "conditional_effects") if name in tables]
    if "moderation_methods" in tables:
        blocks += list(_methods(content, tables["moderation_methods"]))
    return Section(heading="Moderation", blocks=tuple(blocks))


def _opening(moderation: ModerationContent, tables: dict[str, Table]) -> Paragraph:
    words = f"{counted(len(moderation.probed), 'interaction')} of latent variables "
    words += f"{'was' if len(moderation.probed) == 1 else 'were'} estimated "
    along = ""
    if "conditional_effects" in tables:
        along = f"; Table {tables['conditional_effects'].number} follows indirect effects along the moderator"
    return paragraph(
        words,
        *method_words(moderation),
        f", with surveysem {moderation.version}. Table {tables['moderation'].number} gives tests and sizes, "
        f"Table {tables['simple_slopes'].number} the effect of each predictor at low, mean and high values of its "
        f"moderator{along}.",
    )


def method_words(moderation: ModerationContent) -> Text:
    """The method in the words of a methods section."""
    if moderation.method == "lms":
        nodes = f", by quadrature with {moderation.nodes} nodes" if moderation.nodes else ""
        return ("by latent moderated structural equations (LMS) after ", cited("klein_moosbrugger_2000"), nodes)
    if moderation.method == "qml":
        return ("by quasi-maximum likelihood (QML) after ", cited("klein_muthen_2007"))
    made, key = _MADE[moderation.centering]
    return (f"from products of their indicators ({_pairs(moderation)}), {made}, after ", cited(key))


def _pairs(moderation: ModerationContent) -> str:
    kinds = set(moderation.pairs.values())
    if len(kinds) == 1:
        return "matched pairs of items" if kinds == {"matched"} else "all pairs of items"
    return "; ".join(f"{term.replace(':', ' × ')}: {kind} pairs" for term, kind in moderation.pairs.items())


def _region_text(content: ReportContent, probed: ProbedModeration) -> Text:
    regions = replace(
        probed.regions,
        x=content.label(probed.predictor),
        moderator=content.label(probed.moderator),
        outcome=content.label(probed.outcome),
    )
    return (Strong(f"{probed.label}. "), regions.description)


def _methods(content: ReportContent, table: Table) -> Iterator[Block]:
    yield paragraph(
        f"Table {table.number} repeats the estimates by every method. The verdicts rest on the declared method alone; "
        "where methods disagree, the verdict depends on a choice."
    )
    found = [each for each in content.findings if each.where.startswith("methods of moderation")]
    said = [each.message for each in found if each.message.startswith("On ")]
    if said:
        yield BulletList(items=tuple((message,) for message in said))
    yield table


def moderation_notes(content: ReportContent) -> Iterator[Paragraph]:
    """What the interactions were estimated from, and what their standardised values are."""
    if content.moderation is not None:
        yield paragraph("Interactions of latent variables were estimated ", *method_words(content.moderation), ".")
    yield paragraph(
        "Standardised effects of interactions use the standard deviations of the two latent variables, not that of "
        "their product, after ",
        cited("wen_marsh_hau_2010"),
        ".",
    )


def slope_blocks(content: ReportContent, *, first: int) -> dict[str, FigureBlock]:
    """Places of the figures of simple slopes and of regions of significance, numbered from *first*."""
    probed = () if content.moderation is None else content.moderation.probed
    blocks: dict[str, FigureBlock] = {}
    for each in probed:
        blocks[slopes_name(each)] = _slope_block(content, each, first + len(blocks))
        blocks[regions_name(each)] = _region_block(content, each, first + len(blocks))
    return blocks


def _region_block(content: ReportContent, probed: ProbedModeration, number: int) -> FigureBlock:
    predictor, moderator, outcome = (
        content.label(name) for name in (probed.predictor, probed.moderator, probed.outcome)
    )
    strokes = "" if probed.regions.unavailable else " Strokes along the lower edge are the respondents’ factor scores."
    return FigureBlock(
        name=regions_name(probed),
        number=number,
        title=f"{probed.label}: effect of {predictor} on {outcome} along {moderator}",
        caption=(
            f"Slope of {predictor} at each value of {moderator}, with its 95% confidence band; the ground is grey "
            "where the slope does not differ from zero, after ",
            cited("johnson_neyman_1936"),
            f".{strokes}",
        ),
        alt=f"Slope of {predictor} on {outcome} along {moderator}. {plain(_region_text(content, probed)[1:])}",
        simulated=content.simulated,
    )


def _slope_block(content: ReportContent, probed: ProbedModeration, number: int) -> FigureBlock:
    predictor, moderator, outcome = (
        content.label(name) for name in (probed.predictor, probed.moderator, probed.outcome)
    )
    values = "; ".join(
        f"{format_decimal(float(slope))} at {MINUS if at < 0 else '+'}{abs(at):g} SD"
        for slope, at in zip(probed.slopes["slope"], probed.slopes["at"], strict=True)
    )
    strokes = "" if probed.regions.unavailable else " Strokes along the lower edge are the respondents’ factor scores."
    return FigureBlock(
        name=slopes_name(probed),
        number=number,
        title=f"{probed.label}: {predictor} and {outcome} by {moderator}",
        caption=(
            f"Predicted {outcome} along {predictor} at three values of {moderator}, in the units of the latent "
            f"variables, with 95% confidence bands.{strokes}",
        ),
        alt=f"Three lines of predicted {outcome} along {predictor}. Slopes: {values} of {moderator}.",
        simulated=content.simulated,
    )
