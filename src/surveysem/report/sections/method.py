"""Sections on the sample, the measures and the model."""

from __future__ import annotations

from surveysem.number_formats import format_share
from surveysem.report.content import ReportContent
from surveysem.report.document import Block, BulletList, DefinitionList, Section
from surveysem.report.inline import Code, Inline, Symbol, Text, cited, counted
from surveysem.report.sections.phrases import paragraph, sources
from surveysem.report.table import Table
from surveysem.report.tables.columns import is_interaction, rows_of


def sample_section(content: ReportContent, tables: dict[str, Table]) -> Section:
    """Where the answers came from and which were analysed."""
    share = format_share(content.n_analysed, content.n_read)
    sentence = paragraph(
        "The answers were read from ",
        Code(content.source_name),
        f". Of {counted(content.n_read, 'answer')}, {content.n_analysed:,} ({share}) entered the analysis; "
        f"Table {tables['sample'].number} shows what each rule of screening left out or flagged.",
    )
    return Section(heading="Sample", blocks=(sentence, tables["sample"]))


def model_section(content: ReportContent) -> Section:
    """Measures, and the model they enter."""
    latent = list(dict.fromkeys(rows_of(content.measurement, "=~")["lhs"]))
    blocks: list[Block] = [
        paragraph(*_model_sentences(content, len(latent))),
        DefinitionList(entries=tuple((name, value.replace("_", " ")) for name, value in content.settings.items())),
    ]
    measures = tuple(_measure(content, str(name)) for name in latent)
    if measures:
        blocks += [paragraph("Latent variables and their indicators:"), BulletList(items=measures)]
    return Section(heading="Measures and model", blocks=tuple(blocks))


def _model_sentences(content: ReportContent, n_latent: int) -> tuple[Inline, ...]:
    terms = rows_of(content.structural, "~")["rhs"].astype(str)
    products = int(sum(map(is_interaction, terms)))
    moderated = f" and {counted(products, 'interaction')} of latent variables" if products else ""
    return (
        f"A measurement model of {counted(n_latent, 'latent variable')} and a structural model with "
        f"{counted(len(terms) - products, 'path')}{moderated} were fitted by ",
        *_estimator(content.structural.estimator),
        f", engine {content.structural.engine}, ",
        Symbol("n"),
        f" = {content.structural.n_obs:,}. The measurement model was judged before the structural one.",
    )


def _estimator(name: str) -> Text:
    match name:
        case "ML":
            return ("maximum likelihood with normal-theory standard errors (ML)",)
        case "MLR":
            words = "maximum likelihood with robust standard errors and the scaled test statistic of "
            return (words, cited("yuan_bentler_2000"), " (MLR)")
    return (name,)


def _measure(content: ReportContent, name: str) -> Text:
    count = int((rows_of(content.measurement, "=~")["lhs"] == name).sum())
    words = f"{content.label(name)}: {counted(count, 'indicator')}"
    keys = next((construct.sources for construct in content.instrument.constructs if construct.id == name), ())
    return (f"{words}; after ", *sources(content, keys), ".") if keys else (f"{words}.",)
