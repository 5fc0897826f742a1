"""Results paragraphs for a manuscript, written from the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from math import isnan

import pandas as pd

from surveysem.number_formats import format_bounded, format_decimal, format_interval, format_p_equation
from surveysem.propositions import DecisionRule, InteractionTest, PathTest
from surveysem.propositions.verdict import Evidence, Verdict
from surveysem.report.content import FittedModel, ReportContent
from surveysem.report.inline import Inline, Symbol, Text, cited, listing, sentence
from surveysem.report.sections.phrases import fit_sentence
from surveysem.report.tables.columns import flattened, rows_of


def measurement_text(content: ReportContent) -> Text:
    """Loadings, reliability, convergent and discriminant validity."""
    return tuple(_measurement(content))


def _measurement(content: ReportContent) -> Iterator[Inline]:
    loadings = rows_of(content.measurement, "=~")["std_all"]
    yield f"Standardised loadings lay between {format_bounded(loadings.min())} and {format_bounded(loadings.max())}"
    table = content.reliability
    if len(table):
        reliability, variance = table["composite_reliability"], table["average_variance_extracted"]
        yield ". Composite reliability, after "
        yield cited("joreskog_1971")
        yield f", lay between {format_bounded(reliability.min())} and {format_bounded(reliability.max())}"
        yield ", the average variance extracted, after "
        yield cited("fornell_larcker_1981")
        yield f", between {format_bounded(variance.min())} and {format_bounded(variance.max())}"
        low = [content.label(str(name)) for name in table.index[variance < content.quality_cutoffs.ave]]
        if low:
            yield f" (below {format_bounded(content.quality_cutoffs.ave)} for {listing(low)})"
    yield "."
    yield from _discriminant(content)


def _discriminant(content: ReportContent) -> Iterator[Inline]:
    ratios = content.htmt.to_numpy(dtype=float)
    pairs = [
        (float(ratios[row, column]), str(content.htmt.index[row]), str(content.htmt.columns[column]))
        for row in range(len(content.htmt))
        for column in range(row)
    ]
    known = [pair for pair in pairs if not isnan(pair[0])]
    if not known:
        return
    ratio, first, second = max(known)
    cutoff = content.quality_cutoffs.htmt
    reached = "below" if ratio < cutoff else "not below"
    yield f" The largest heterotrait–monotrait ratio of correlations, {format_bounded(ratio)} for "
    yield f"{content.label(second)} and {content.label(first)}, was {reached} {format_bounded(cutoff)}, a cut-off of "
    yield cited("henseler_2015")
    yield "."


def fit_text(content: ReportContent) -> Text:
    """Fit of the models, and whether the declared cut-offs are met."""
    parts: list[Inline] = [*_fit("measurement model", content.measurement)]
    parts += [" ", *_fit("structural model", content.structural)]
    if content.structural_linear is not None:
        parts += [" ", *_fit("structural model without its products", content.structural_linear)]
    parts.append(_solutions(content))
    if content.poor_fit:
        missed = [
            f"{each.where}, {each.message[:1].lower()}{each.message[1:].rstrip('.')}"
            for each in content.fit_judgement
            if each.severity != "note"
        ]
        parts.append(f" Not all cut-offs were met ({'; '.join(missed)}). The estimates must be read with this in mind.")
    elif content.fit_judgement:
        parts.append(" No declared cut-off was missed.")
    return tuple(parts)


def _solutions(content: ReportContent) -> str:
    """Whether the solutions converged and could be those of a population."""
    models = {"measurement model": content.measurement, "structural model": content.structural}
    failed = [name for name, model in models.items() if not model.converged]
    odd = [name for name, model in models.items() if model.converged and not model.admissible]
    if failed:
        return f" The search for a solution did not converge for the {listing(failed)}."
    if odd:
        return f" The solution of the {listing(odd)} is inadmissible: no population could have it."
    return " All solutions converged and are admissible."


def _fit(name: str, model: FittedModel) -> Text:
    return (f"For the {name}, ", *fit_sentence(model), ".")


def propositions_text(content: ReportContent) -> Text:
    """Every proposition with its verdict and numbers."""
    parts: list[Inline] = []
    for verdict in flattened(content.verdicts):
        parts += [" ", *_proposition(content, verdict)] if parts else _proposition(content, verdict)
    return tuple(parts)


def _proposition(content: ReportContent, verdict: Verdict) -> Text:
    opening = f"{verdict.id} was {verdict.verdict}"
    if verdict.parts:
        return (f"{opening} ({listing([f'{part.id} {part.verdict}' for part in verdict.parts])}).",)
    if verdict.evidence.obstacle:
        return (f"{opening}: {sentence(verdict.evidence.obstacle)}",)
    effect = _effect(content, verdict)
    return (f"{opening}{effect} ", *_numbers(verdict), ".")


def _effect(content: ReportContent, verdict: Verdict) -> str:
    test = verdict.proposition.test
    if isinstance(test, PathTest):
        return f": the effect of {content.label(test.predictor)} on {content.label(test.outcome)} was"
    if isinstance(test, InteractionTest):
        names = f"{content.label(test.predictor)} and {content.label(test.moderator)}"
        return f": the interaction of {names} on {content.label(test.outcome)} was"
    return ", by a difference test of the paths between groups,"


def _numbers(verdict: Verdict) -> Text:
    evidence = verdict.evidence
    if isnan(evidence.estimate):
        return (
            Symbol("Δχ²"),
            f"({evidence.df_difference}) = {format_decimal(evidence.chi_square_difference)}, ",
            *_p(verdict),
        )
    return (
        Symbol("b"),
        f" = {format_decimal(evidence.estimate)}, ",
        Symbol("SE"),
        f" = {format_decimal(evidence.std_error, 3)}, {_level(verdict)} CI "
        f"{format_interval(evidence.ci_lower, evidence.ci_upper)}, ",
        *_p(verdict),
        ", ",
        Symbol("β"),
        f" = {format_bounded(evidence.std_estimate)}{_size(evidence)}",
    )


def _level(verdict: Verdict) -> str:
    rule = verdict.proposition.rule
    return f"{1 - rule.alpha:.0%}" if isinstance(rule, DecisionRule) else "95%"


def _p(verdict: Verdict) -> Text:
    """The p that decided: of the sides the rule declares, adjusted where it asks for that."""
    rule = verdict.proposition.rule
    if not isinstance(rule, DecisionRule):
        return ()
    adjusted = "" if rule.multiplicity == "none" else "adjusted "
    side = " (one-sided)" if rule.one_sided else ""
    return (adjusted, Symbol("p"), f" {format_p_equation(verdict.p_adjusted)}{side}")


def _size(evidence: Evidence) -> str:
    return "" if isnan(evidence.effect_size) else f", f² = {format_decimal(evidence.effect_size, 3)}"


def effects_text(content: ReportContent) -> Text:
    """Explained variance and indirect effects."""
    explained = _explained(content)
    parts: list[Inline] = []
    if explained:
        parts.append(f"The structural model explained {listing(explained)}.")
    for row in content.effects.to_dict("records"):
        parts += [" " if parts else "", *_indirect(str(row["label"]), pd.Series(row))]
    if len(content.effects) and content.bootstrap is not None:
        drawn = f"{content.bootstrap.n_replicates:,}"
        parts.append(f" Intervals and p of indirect effects come from a bootstrap of {drawn} replicates.")
    return tuple(parts)


def _explained(content: ReportContent) -> list[str]:
    outcomes = list(dict.fromkeys(str(name) for name in rows_of(content.structural, "~")["lhs"]))
    shares = content.structural.r_squared
    return [
        f"{float(shares[name]):.0%} of the variance of {content.label(name)}"
        for name in outcomes
        if name in shares.index and not pd.isna(shares[name])
    ]


def _indirect(label: str, row: pd.Series) -> Text:
    interval = format_interval(float(row["ci_lower"]), float(row["ci_upper"]))
    return (
        f"The indirect effect {label} was ",
        Symbol("b"),
        f" = {format_decimal(float(row['estimate']))}, 95% CI {interval}, ",
        Symbol("p"),
        f" {format_p_equation(float(row['p_value']))}, ",
        Symbol("β"),
        f" = {format_bounded(float(row['std_estimate']))}.",
    )


def moderation_text(content: ReportContent) -> Text:
    """Simple slopes of each interaction; empty without any."""
    if content.moderation is None or not content.moderation.probed:
        return ()
    parts: list[Inline] = []
    for probed in content.moderation.probed:
        places = zip(probed.slopes["slope"].astype(float), probed.slopes["at"].astype(float), strict=True)
        slopes = [f"{format_decimal(slope)} at {_place(at)}" for slope, at in places]
        parts.append(
            f"{' ' if parts else ''}{probed.label}: the effect of {content.label(probed.predictor)} on "
            f"{content.label(probed.outcome)} was {listing(slopes)} of {content.label(probed.moderator)}."
        )
    return tuple(parts)


def _place(at: float) -> str:
    if not at:
        return "the mean"
    return f"{abs(at):g} SD {'below' if at < 0 else 'above'} the mean"
