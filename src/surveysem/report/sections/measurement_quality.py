"""Sections on distinct constructs, single items, common method bias and measurement invariance."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from surveysem.findings import Finding
from surveysem.modelling.marker_technique import MarkerTechnique
from surveysem.modelling.method_bias import MethodBias
from surveysem.number_formats import format_bounded, format_decimal, format_p_equation
from surveysem.report.content import ReportContent
from surveysem.report.document import Block, BulletList, Notice, Section
from surveysem.report.inline import Inline, Symbol, Text, cited, counted, listing
from surveysem.report.measurement_quality import MeasurementQuality
from surveysem.report.sections.phrases import finding_text, paragraph
from surveysem.report.table import Table

_ALPHA = 0.05
_UNDONE = ("It could not be done", "Not available")
_LISTED = 6
"""Names a sentence lists before it counts the rest."""


def quality_sections(content: ReportContent, tables: dict[str, Table]) -> Iterator[Section]:
    """Sections on what the checks of measurement found; none without checks."""
    quality = content.measurement_quality
    if quality is None:
        return
    blocks = [
        *_pairs(content, quality, tables),
        *_items(content, quality, tables),
        *_alternatives(content, quality, tables),
    ]
    if blocks:
        yield Section(heading="Distinct constructs and single items", blocks=tuple(blocks))
    bias = [*_method_bias(content, quality, tables)]
    if bias:
        yield Section(heading="Common method bias", blocks=tuple(bias))
    if "invariance" in tables:
        yield Section(
            heading="Measurement invariance", blocks=tuple(_invariance(content, quality, tables["invariance"]))
        )
    if clusters := [each for each in quality.findings if each.where == "clusters"]:
        yield Section(heading="Clusters in checks of measurement", blocks=tuple(map(_notice, clusters)))
    if undone := [each for each in quality.findings if each.message.startswith(_UNDONE)]:
        yield Section(heading="Checks of measurement that could not be made", blocks=tuple(map(_notice, undone)))


def _pairs(content: ReportContent, quality: MeasurementQuality, tables: dict[str, Table]) -> Iterator[Block]:
    if "factor_correlations" not in tables:
        return
    table, pairs = tables["factor_correlations"], quality.factor_correlations
    doubtful = pairs[pairs["problem"].isin(["marginal", "moderate", "severe"])]
    named = [
        f"{content.label(str(row['first']))} with {content.label(str(row['second']))} ({row['problem']})"
        for _, row in doubtful.iterrows()
    ]
    found = (
        f"reaches .8 for {counted(len(doubtful), 'pair')}: {_some(named)}"
        if named
        else f"stays below .8 for all {counted(len(pairs), 'pair')}, no sign of a problem"
    )
    yield paragraph(
        f"The 95% interval of the correlation of two latent variables {found} (Table {table.number}); classes after ",
        cited("ronkko_cho_2022"),
        ".",
        *_ratio_intervals(content, quality),
        *_pair_tests(content, quality),
    )
    yield table


def _ratio_intervals(content: ReportContent, quality: MeasurementQuality) -> Text:
    table = quality.htmt_intervals
    if table is None:
        return ()
    including = table[~table["excludes_1"].astype(bool)]
    if including.empty:
        words = " Bootstrap intervals of the heterotrait–monotrait ratio exclude 1 for every pair"
    else:
        named = _some(_named(content, including))
        words = f" The bootstrap interval of the heterotrait–monotrait ratio includes 1 for {named}"
    return (f"{words}, the criterion of ", cited("henseler_2015"), ".")


def _pair_tests(content: ReportContent, quality: MeasurementQuality) -> Text:
    table = quality.discriminant_tests
    if table is None:
        return ()
    if table.empty:
        return (" No pair comes near enough to be tested against a correlation of 1.",)
    undecided = table[(table["restriction"] == "fixed to 1") & (table["conclusion"] != "distinct")]
    if undecided.empty:
        return (" A correlation of 1 is rejected for every pair that was tested.",)
    return (
        f" A correlation of 1 is not rejected for {_some(_named(content, undecided))}: they are not shown to differ.",
    )


def _named(content: ReportContent, pairs: pd.DataFrame) -> list[str]:
    records = pairs.to_dict("records")
    return [f"{content.label(str(row['first']))} with {content.label(str(row['second']))}" for row in records]


def _some(names: list[str]) -> str:
    if len(names) <= _LISTED:
        return listing(names)
    return f"{', '.join(names[:_LISTED])} and {len(names) - _LISTED} more"


def _items(content: ReportContent, quality: MeasurementQuality, tables: dict[str, Table]) -> Iterator[Block]:
    if "cross_loadings" in tables:
        yield paragraph(*_cross_sentence(content, quality, tables["cross_loadings"].number))
        yield tables["cross_loadings"]
    if "modification_indices" in tables:
        yield tables["modification_indices"]
    if "item_deletion" in tables:
        yield paragraph(_deletion_sentence(quality, tables["item_deletion"].number))
        yield tables["item_deletion"]


def _cross_sentence(content: ReportContent, quality: MeasurementQuality, number: int) -> Text:
    limit = content.quality_cutoffs.loading
    own = quality.cross_loadings[quality.cross_loadings["is_own"]]
    weak = [str(name) for name in own.loc[own["loading"].abs() < limit, "item"]]
    foreign = quality.cross_loadings[~quality.cross_loadings["is_own"]]
    nearest = foreign["structure"].abs().groupby(foreign["item"]).max()
    best = own.groupby("item")["structure"].agg(lambda values: values.abs().max())
    closer = [str(name) for name in best.index if name in nearest.index and nearest[name] >= best[name]]
    loading = (
        f"Loadings lie below {format_bounded(limit)} for {_some(weak)}"
        if weak
        else (f"No standardised loading lies below {format_bounded(limit)}")
    )
    leaning = (
        f"{_some(closer)} correlate by the model at least as much with another latent variable as with their own"
        if closer
        else "every item correlates by the model most with its own latent variable"
    )
    return (f"{loading}; {leaning} (Table {number}).",)


def _deletion_sentence(quality: MeasurementQuality, number: int) -> str:
    table = quality.item_deletion
    if table is None:
        return ""
    changes = table.reset_index()[["item", "composite_reliability_change"]].to_numpy()
    gains = [str(item) for item, change in changes if change > 0]
    found = f"would be larger without {_some(gains)}" if gains else "is lower without any of the items"
    return (
        f"Composite reliability of its scale {found} (Table {number}); items were not left out because of that, for a "
        "gain is partly chance and costs breadth."
    )


def _alternatives(content: ReportContent, quality: MeasurementQuality, tables: dict[str, Table]) -> Iterator[Block]:
    if quality.alternatives is None or "measurement_models" not in tables:
        return
    table = quality.alternatives.table
    usable = table[table["admissible"] == 1.0]
    number = tables["measurement_models"].number
    if usable.empty:
        yield paragraph(f"None of the alternative measurement models has an admissible solution (Table {number}).")
    elif usable["bic"].isna().all():
        yield paragraph(
            f"Table {number} compares measurement models by their fit; least squares has no likelihood, and so no BIC, "
            "to choose one by. The model of the study was declared before and is kept."
        )
    else:
        best = str(usable["bic"].idxmin())
        left = len(table) - len(usable)
        rest = f"; {counted(left, 'model')} had none" if left else ""
        yield paragraph(
            f"Among the measurement models with an admissible solution, “{best}” has the lowest BIC (Table {number})"
            f"{rest}. The model of the study was declared before and is kept."
        )
    yield from _findings(content, quality.alternatives.findings)
    yield tables["measurement_models"]


def _method_bias(content: ReportContent, quality: MeasurementQuality, tables: dict[str, Table]) -> Iterator[Block]:
    if quality.vif.empty:
        return
    bias = quality.method_bias
    if bias is not None:
        yield paragraph(*_single_factor(bias), *_method_factor(bias))
        if bias.marker is not None:
            yield paragraph(*_marker(content, bias.marker))
        yield from _findings(content, tuple(each for each in bias.findings if each.severity != "note"))
    yield paragraph(*_collinearity(content, quality), *_harman(quality))
    if bias is None:
        yield paragraph(
            "Neither statistic shows that there is no bias; a marker or a method factor can be declared in the study "
            "file, and remedies of design come first, after ",
            cited("podsakoff_2003"),
            ".",
        )
    yield from (tables[name] for name in ("common_method_bias", "marker_technique") if name in tables)


def _single_factor(bias: MethodBias) -> Text:
    row = bias.tests[bias.tests["restricted"] == "single factor"]
    if row.empty or row["p_value"].isna().all():
        return ("There is no test of a single factor against the measurement model. ",)
    p_value = float(row["p_value"].iloc[0])
    verdict = "fits worse" if p_value < _ALPHA else "does not fit significantly worse"
    statistic = f"({int(row['df_diff'].iloc[0])}) = {format_decimal(float(row['chisq_diff'].iloc[0]))}, "
    return (
        f"A single factor for all items {verdict} than the measurement model, ",
        Symbol("Δχ²"),
        statistic,
        Symbol("p"),
        f" {format_p_equation(p_value)}; that one factor does not explain everything is a weak criterion. ",
    )


def _method_factor(bias: MethodBias) -> Text:
    if bias.variance_shares.empty:
        return ("With a method factor the measurement model has no admissible solution, so that nothing follows.",)
    shares = [f"{format_bounded(float(share))} ({name})" for name, share in bias.variance_shares["method"].items()]
    words: tuple[Inline, ...] = (
        f"A method factor takes up {listing(shares)} of the items’ variance, substance included, after ",
        cited("richardson_2009"),
        ".",
    )
    return words


def _marker(content: ReportContent, marked: MarkerTechnique) -> Text:
    questions = (
        ("Baseline", "method variance is {}shown"),
        ("Method-C", "its size is {}shown to differ among items"),
        ("Method-R", "it is {}shown to bias the correlations of the latent variables"),
    )
    tests = marked.tests.drop_duplicates("restricted").set_index("restricted")
    clauses = [words.format("" if tests["p_value"][name] < _ALPHA else "not ") for name, words in questions]
    return (
        f"With {content.label(marked.marker)} as marker, after ",
        cited("williams_2010"),
        f", {clauses[0]}, {clauses[1]}, and {clauses[2]}. {_marker_changes(marked)}The technique rests on a marker "
        "that theory relates to no other construct; ",
        cited("simmering_2015"),
        ".",
    )


def _marker_changes(marked: MarkerTechnique) -> str:
    """By how much the correlations of the latent variables change, in the retained model and at the limits."""
    rows = marked.correlations
    if rows.empty:
        return ""
    largest = float((rows[marked.retained] - rows["CFA"]).abs().max())
    words = f"Allowing for it changes these correlations by {format_bounded(largest)} at most"
    if "Method-S" in rows:
        at_limits = float((rows["Method-S"] - rows["CFA"]).abs().max())
        words += f", and by {format_bounded(at_limits)} with method loadings at the limits of their 95% intervals"
    return f"{words}. "


def _collinearity(content: ReportContent, quality: MeasurementQuality) -> Text:
    limit = content.quality_cutoffs.vif
    if quality.vif.isna().all():
        return (
            "Full-collinearity factors are not defined: correlations of latent variables are not positive definite. ",
        )
    high = [f"{content.label(str(name))} ({value:.2f})" for name, value in quality.vif.items() if value > limit]
    found = f"exceed {limit:g} for {_some(high)}" if high else f"reach {quality.vif.max():.2f} at most, below {limit:g}"
    return (
        f"Full-collinearity variance inflation factors of the latent variables {found}, the cut-off of ",
        cited("kock_2015"),
        ". ",
    )


def _harman(quality: MeasurementQuality) -> Text:
    return (
        f"The first principal component holds {format_bounded(quality.harman)} of the items’ variance (Harman’s test). "
        "This share does not tell data with method bias from others, as ",
        cited("howard_2024"),
        " show: no conclusion rests on it.",
    )


def _invariance(content: ReportContent, quality: MeasurementQuality, table: Table) -> Iterator[Block]:
    yield paragraph(
        f"Measurement invariance was tested level by level (Table {table.number}), with the limits of ",
        cited("chen_2007"),
        ".",
    )
    yield BulletList(items=tuple((ladder.decision,) for ladder in quality.invariance.values()))
    yield from _findings(
        content, tuple(each for each in quality.findings if each.where.startswith("invariance across"))
    )
    yield table


def _is_of_invariance(finding: Finding) -> bool:
    return finding.where.startswith("invariance across") and not finding.message.startswith(_UNDONE)


def _findings(content: ReportContent, findings: tuple[Finding, ...]) -> Iterator[Block]:
    if findings:
        yield BulletList(items=tuple(finding_text(_readable(content, each)) for each in findings))


def _readable(content: ReportContent, finding: Finding) -> Finding:
    """A finding with readers' names of latent variables."""
    where, message = finding.where, finding.message
    for name in sorted(content.labels, key=len, reverse=True):
        where, message = (re.sub(rf"\b{name}\b", content.labels[name], text) for text in (where, message))
    return replace(finding, where=where, message=message)


def _notice(finding: Finding) -> Notice:
    return Notice(severity=finding.severity, text=finding_text(finding))
