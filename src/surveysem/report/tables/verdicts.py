"""Tables: verdicts on the propositions, and on the extensions, never mixed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from surveysem.propositions.proposition import (
    CompositeTest,
    DecisionRule,
    GroupDifferenceTest,
    InteractionTest,
    PathTest,
)
from surveysem.propositions.verdict import Evidence, Verdict
from surveysem.report.content import ReportContent
from surveysem.report.inline import Symbol, Text, cited
from surveysem.report.table import Cell, Column, Interval, Quantity, Row, Table
from surveysem.report.tables.columns import ABBREVIATIONS, flattened, model_note


def verdicts(content: ReportContent) -> Table | None:
    """Verdict on every proposition, its evidence, rule and reason."""
    return _verdict_table(content, content.verdicts, name="verdicts", title="Verdicts on the propositions")


def extensions(content: ReportContent) -> Table | None:
    """Verdict on every hypothesis beyond the propositions."""
    title = "Extensions: verdicts on hypotheses beyond the propositions"
    return _verdict_table(content, content.extensions, name="extensions", title=title)


class Labelled(Protocol):
    """What knows the readers' names of latent variables."""

    def label(self, latent_variable: str) -> str:
        """Reader's name of a latent variable."""


def tested_effect(content: Labelled, verdict: Verdict) -> str:
    """The effect that decides, in readers' names."""
    match verdict.proposition.test:
        case PathTest(outcome=outcome, predictor=predictor):
            return f"{content.label(predictor)} → {content.label(outcome)}"
        case InteractionTest(outcome=outcome, predictor=predictor, moderator=moderator):
            product = f"{content.label(predictor)} × {content.label(moderator)}"
            return f"{product} → {content.label(outcome)}"
        case GroupDifferenceTest(group=group, paths=paths):
            tested = "; ".join(f"{content.label(path.predictor)} → {content.label(path.outcome)}" for path in paths)
            return f"{tested}, by {group}" if len(paths) < 3 else f"{len(paths)} paths, by {group}"
        case CompositeTest():
            return ""


def interval_label(verdicts: tuple[Verdict, ...]) -> str:
    """Heading of the intervals, with their level where all rules share one."""
    rules = [verdict.proposition.rule for verdict in flattened(verdicts)]
    alphas = {rule.alpha for rule in rules if isinstance(rule, DecisionRule)}
    return f"{1 - alphas.pop():.0%} CI" if len(alphas) == 1 else "1 − α CI"


def _verdict_table(content: ReportContent, judged: tuple[Verdict, ...], *, name: str, title: str) -> Table | None:
    if not judged:
        return None
    return Table(
        name=name,
        title=title,
        columns=_columns(interval_label(judged)),
        rows=tuple(_rows(content, judged)),
        notes=tuple(_notes(content, judged)),
        simulated=content.simulated,
    )


def _columns(interval: str) -> tuple[Column, ...]:
    return (
        Column(key="id", label="Id"),
        Column(key="statement", label="Statement", below=True),
        Column(key="path", label="Effect tested"),
        Column(key="verdict", label="Verdict"),
        Column(key="std_estimate", label="β", kind="bounded"),
        Column(key="estimate", label="b", kind="decimal", symbol=True),
        Column(key="std_error", label="SE", kind="decimal", decimals=3, symbol=True),
        Column(key="ci", label=interval, kind="interval"),
        Column(key="p_value", label="p", kind="p", symbol=True),
        Column(key="p_adjusted", label="p adj.", kind="p", symbol=True),
        Column(key="effect_size", label="f²", kind="decimal", decimals=3, symbol=True),
        Column(key="rule", label="Rule", below=True),
        Column(key="reason", label="Reason", below=True),
    )


def _rows(content: ReportContent, judged: tuple[Verdict, ...], indent: int = 0) -> Iterator[Row]:
    for verdict in judged:
        yield Row(cells={**_words(content, verdict), **_numbers(verdict)}, indent=indent)
        yield from _rows(content, verdict.parts, indent + 1)


def _words(content: ReportContent, verdict: Verdict) -> dict[str, Cell]:
    return {
        "id": verdict.id,
        "statement": verdict.proposition.statement,
        "path": tested_effect(content, verdict),
        "verdict": verdict.verdict,
        "rule": str(verdict.proposition.rule),
        "reason": verdict.reason,
    }


def _numbers(verdict: Verdict) -> dict[str, Cell]:
    if verdict.parts:
        return {"p_adjusted": _adjusted(verdict)} if verdict.depends_on_adjustment else {}
    evidence: Evidence = verdict.evidence
    return {
        "std_estimate": evidence.std_estimate,
        "estimate": evidence.estimate,
        "std_error": evidence.std_error,
        "ci": Interval(lower=evidence.ci_lower, upper=evidence.ci_upper),
        "p_value": verdict.p_unadjusted,
        "p_adjusted": _adjusted(verdict),
        "effect_size": evidence.effect_size,
    }


def _adjusted(verdict: Verdict) -> Cell:
    """The adjusted p, which decides where the rule declares an adjustment; marked where the treatment matters."""
    value = verdict.p_adjusted if _adjusts(verdict) else verdict.p_otherwise
    return Quantity(value=value, kind="p", mark="†") if verdict.depends_on_adjustment else value


def _adjusts(verdict: Verdict) -> bool:
    rule = verdict.proposition.rule
    return isinstance(rule, DecisionRule) and rule.multiplicity != "none"


def _adjustment(judged: tuple[Verdict, ...]) -> Text:
    """What the adjusted p is: that of the rule, or Holm's beside a rule that declares none."""
    if any(_adjusts(each) for each in flattened(judged)):
        return (" adj. is adjusted as the rule declares, both in its sides; ",)
    return (" adj. is adjusted after ", cited("holm_1979"), " for comparison, both in the rule’s sides; ")


def _notes(content: ReportContent, judged: tuple[Verdict, ...]) -> Iterator[Text]:
    yield (
        *model_note(content.structural),
        " ",
        *ABBREVIATIONS,
        "; CI is that of ",
        Symbol("b"),
        "; ",
        Symbol("p"),
        " is unadjusted and ",
        Symbol("p"),
        *_adjustment(judged),
        Symbol("f²"),
        " = Cohen’s effect size within the equation. The rules were declared before the data were read.",
    )
    if any(each.depends_on_adjustment for each in flattened(judged)):
        yield (
            "† The verdict would be another without the adjustment, or with it where none was declared; see Reason.",
        )
    if content.poor_fit:
        yield ("The fit of the models misses declared cut-offs; read the verdicts with that in mind.",)
