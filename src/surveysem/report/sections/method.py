"""Sections on the sample, the measures and the model."""

from __future__ import annotations

from surveysem.number_formats import format_share
from surveysem.report.content import ReportContent
from surveysem.report.description import AdviceContent
from surveysem.report.document import Block, BulletList, DefinitionList, Paragraph, Section
from surveysem.report.inline import Code, Inline, Symbol, Text, cited, counted, listing, sentence
from surveysem.report.sections.phrases import paragraph, sources
from surveysem.report.table import Table
from surveysem.report.tables.columns import has_ordered, is_interaction, rows_of


def sample_section(content: ReportContent, tables: dict[str, Table]) -> Section:
    """Where the answers came from and which were analysed."""
    share = format_share(content.n_analysed, content.n_read)
    origin = paragraph(
        "The answers were read from ",
        Code(content.source_name),
        f". Of {counted(content.n_read, 'respondent')}, {content.n_analysed:,} ({share}) entered the analysis; "
        f"Table {tables['sample'].number} shows what each rule of screening left out or flagged.",
    )
    blocks: list[Block] = [origin, tables["sample"]]
    described = [tables[name] for name in ("sample_characteristics", "observed_measures") if name in tables]
    if described:
        what = listing([f"Table {table.number}" for table in described])
        blocks += [paragraph(f"{what} {'describe' if len(described) > 1 else 'describes'} those analysed."), *described]
    return Section(heading="Sample and screening", blocks=tuple(blocks))


def model_section(content: ReportContent) -> Section:
    """Measures, and the model they enter."""
    latent = list(dict.fromkeys(rows_of(content.measurement, "=~")["lhs"]))
    blocks: list[Block] = [
        paragraph(*_model_sentences(content, len(latent))),
        *([paragraph(" ".join(content.left_out))] if content.left_out else []),
        DefinitionList(entries=tuple(_setting(name, value) for name, value in content.settings.items())),
    ]
    if content.description is not None:
        blocks.append(_advice(content.description.advice, used=content.structural.estimator))
    measures = tuple(_measure(content, str(name)) for name in latent)
    if measures:
        blocks += [paragraph("Latent variables and their indicators:"), BulletList(items=measures)]
    return Section(heading="Measures and model", blocks=tuple(blocks))


def _setting(name: str, value: str) -> tuple[str, str]:
    """A setting in words; names of columns stay as they are."""
    words = value if name in ("ordered", "cluster") else value.replace("_", " ")
    return name.replace("_", " "), words


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
        *_ordered(content),
        *_clustered(content),
    )


def _ordered(content: ReportContent) -> Text:
    """How ordered answers were modelled; empty without any."""
    if not has_ordered(content.measurement):
        return ()
    items = rows_of(content.measurement, "|")["lhs"].nunique()
    return (
        f" The answers to {counted(items, 'item')} were taken for ordered categories: each stands for a normal latent "
        "response that is cut at thresholds, and the model reproduces their polychoric correlations, after ",
        cited("muthen_1984"),
        ".",
    )


def _clustered(content: ReportContent) -> Text:
    cluster = content.settings.get("cluster")
    if not cluster:
        return ()
    return (f" Standard errors and test statistics allow for dependence within the clusters of {cluster}.",)


def _estimator(name: str) -> Text:
    match name:
        case "ML":
            return ("maximum likelihood with normal-theory standard errors (ML)",)
        case "MLR":
            words = "maximum likelihood with robust standard errors and the scaled test statistic of "
            return (words, cited("yuan_bentler_2000"), " (MLR)")
        case "MLM" | "MLMV" | "MLMVS":
            source = cited("asparouhov_muthen_2010" if name == "MLMV" else "satorra_bentler_1994")
            return (
                "maximum likelihood with robust standard errors and the scaled test statistic of ",
                source,
                f" ({name})",
            )
        case "GLS":
            return ("generalised least squares, after ", cited("browne_1974"), " (GLS)")
    return _least_squares(name)


def _least_squares(name: str) -> Text:
    """Weights, standard errors and test statistic of an estimator of least squares."""
    if name == "WLS":
        return ("weighted least squares, after ", cited("browne_1984"), " (WLS)")
    weights = "unweighted" if name.startswith("ULS") else "diagonally weighted"
    if name in ("ULS", "DWLS"):
        return (f"{weights} least squares ({name})",)
    source = cited("asparouhov_muthen_2010" if name.endswith("MV") else "satorra_bentler_1994")
    return (
        f"{weights} least squares with robust standard errors and the scaled test statistic of ",
        source,
        f" ({name})",
    )


def _advice(advice: AdviceContent, *, used: str) -> Paragraph:
    """The estimator that the answers call for, with reasons, and whether it was used."""
    reasons = " ".join(sentence(reason) for reason in advice.reasons)
    if not advice.advised:
        return paragraph(f"No estimator can be advised from the answers. {reasons}")
    if advice.followed:
        return paragraph(f"The answers call for {advice.advised}, which was used. {reasons}")
    return paragraph(f"The answers call for {advice.advised}; what was used instead is {used}. {reasons}")


def _measure(content: ReportContent, name: str) -> Text:
    count = int((rows_of(content.measurement, "=~")["lhs"] == name).sum())
    words = f"{content.label(name)}: {counted(count, 'indicator')}"
    keys = next((construct.sources for construct in content.instrument.constructs if construct.id == name), ())
    return (f"{words}; after ", *sources(content, keys), ".") if keys else (f"{words}.",)
