"""Tables of the evidence across studies: verdicts, heterogeneity, and the studies one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from surveysem.number_formats import format_integer
from surveysem.propositions.proposition import DecisionRule
from surveysem.propositions.verdict import Verdict
from surveysem.report.combination import CombinationContent, Contribution
from surveysem.report.inline import Symbol, Text, cited
from surveysem.report.table import Cell, Column, Interval, Kind, Quantity, Row, Table
from surveysem.report.tables.columns import flattened
from surveysem.report.tables.verdicts import interval_label, tested_effect

HETEROGENEITY_NAMES = {
    "reml": "restricted maximum likelihood",
    "paule_mandel": "the method of Paule and Mandel",
    "dersimonian_laird": "the method of DerSimonian and Laird",
}


def combination_tables(content: CombinationContent) -> dict[str, Table]:
    """Tables by name, numbered in the order of the report; those with nothing to show are left out.

    Parameters
    ----------
    content : CombinationContent
        Evidence across studies.

    Returns
    -------
    dict of str to Table
        Among ``studies``, ``verdicts``, ``heterogeneity`` and ``extensions``.
    """
    made = (
        _study_table(content),
        _verdict_table(content, content.verdicts, "verdicts", "Verdicts on the evidence of all studies"),
        _heterogeneity_table(content),
        _verdict_table(content, content.extensions, "extensions", "Extensions: hypotheses beyond the propositions"),
    )
    tables = [table for table in made if table is not None]
    return {table.name: replace(table, number=number) for number, table in enumerate(tables, start=1)}


def _bounded(content: CombinationContent) -> tuple[Kind, Kind]:
    return ("bounded", "bounded_interval") if content.symbol == "β" else ("decimal", "interval")


def _effect_columns(content: CombinationContent, interval: str) -> tuple[Column, ...]:
    number, limits = _bounded(content)
    return (
        Column(key="estimate", label=content.symbol, kind=number, symbol=content.symbol == "b"),
        Column(key="std_error", label="SE", kind="decimal", decimals=3, symbol=True),
        Column(key="ci", label=interval, kind=limits),
    )


def _verdict_table(content: CombinationContent, judged: tuple[Verdict, ...], name: str, title: str) -> Table | None:
    if not judged:
        return None
    return Table(
        name=name,
        title=title,
        columns=(
            Column(key="id", label="Id"),
            Column(key="statement", label="Statement", below=True),
            Column(key="path", label="Effect tested"),
            Column(key="verdict", label="Verdict"),
            Column(key="k", label="k", kind="integer", symbol=True),
            Column(key="n", label="n", kind="integer", symbol=True),
            *_effect_columns(content, interval_label(judged)),
            Column(key="p_value", label="p", kind="p", symbol=True),
            Column(key="p_adjusted", label="p adj.", kind="p", symbol=True),
            Column(key="rule", label="Rule", below=True),
            Column(key="reason", label="Reason", below=True),
        ),
        rows=tuple(_verdict_rows(content, judged)),
        notes=tuple(_verdict_notes(content, judged)),
        simulated=content.simulated,
    )


def _verdict_rows(content: CombinationContent, judged: tuple[Verdict, ...], indent: int = 0) -> Iterator[Row]:
    for verdict in judged:
        words: dict[str, Cell] = {
            "id": verdict.id,
            "statement": verdict.proposition.statement,
            "path": tested_effect(content, verdict),
            "verdict": verdict.verdict,
            "rule": str(verdict.proposition.rule),
            "reason": verdict.reason,
        }
        yield Row(cells=words | _numbers(content, verdict), indent=indent)
        yield from _verdict_rows(content, verdict.parts, indent + 1)


def _numbers(content: CombinationContent, verdict: Verdict) -> dict[str, Cell]:
    if verdict.parts:
        return {}
    numbers = verdict.evidence
    return {
        "k": len(content.contributions.get(verdict.id, ())),
        "n": content.n(verdict.id),
        "estimate": numbers.estimate,
        "std_error": numbers.std_error,
        "ci": Interval(lower=numbers.ci_lower, upper=numbers.ci_upper),
        "p_value": verdict.p_unadjusted,
        "p_adjusted": _adjusted(verdict),
    }


def _adjusted(verdict: Verdict) -> Cell:
    value = verdict.p_adjusted if _adjusts(verdict) else verdict.p_otherwise
    return Quantity(value=value, kind="p", mark="†") if verdict.depends_on_adjustment else value


def _adjusts(verdict: Verdict) -> bool:
    rule = verdict.proposition.rule
    return isinstance(rule, DecisionRule) and rule.multiplicity != "none"


def _verdict_notes(content: CombinationContent, judged: tuple[Verdict, ...]) -> Iterator[Text]:
    declared = any(_adjusts(each) for each in flattened(judged))
    adjusted = "as the rule declares" if declared else "after Holm for comparison"
    yield (
        *method_note(content),
        " ",
        Symbol("k"),
        " = studies; ",
        Symbol("n"),
        f" = respondents of all of them; {_effect_name(content)}; ",
        Symbol("SE"),
        " = standard error; CI = confidence interval; ",
        Symbol("p"),
        f" is unadjusted, p adj. adjusted {adjusted}, both in the rule’s sides.",
    )
    if any(each.depends_on_adjustment for each in flattened(judged)):
        yield (
            "† The verdict would be another without the adjustment, or with it where none was declared; see Reason.",
        )


def _effect_name(content: CombinationContent) -> str:
    return "β = standardised effect" if content.symbol == "β" else "b = unstandardised effect"


def method_note(content: CombinationContent) -> Text:
    """How the effects were pooled."""
    estimator = f"Random-effects meta-analysis; τ² by {HETEROGENEITY_NAMES[content.heterogeneity]}; intervals "
    if content.interval == "hartung_knapp":
        return (estimator, "and tests after ", cited("hartung_knapp_2001"), ".")
    return (estimator, "and tests from the normal distribution.")


def _heterogeneity_table(content: CombinationContent) -> Table | None:
    if not content.pooled:
        return None
    _, limits = _bounded(content)
    return Table(
        name="heterogeneity",
        title="How much the effects differ between studies",
        columns=(
            Column(key="id", label="Id"),
            Column(key="k", label="k", kind="integer", symbol=True),
            Column(key="q", label="Q", kind="decimal", symbol=True),
            Column(key="df", label="df", kind="integer", symbol=True),
            Column(key="p", label="p", kind="p", symbol=True),
            Column(key="tau_squared", label="τ²", kind="decimal", decimals=4),
            Column(key="tau_interval", label="CI of τ²", kind="interval", decimals=3),
            Column(key="i_squared", label="I² (%)", kind="decimal", decimals=0),
            Column(key="prediction", label="Prediction interval", kind=limits),
        ),
        rows=tuple(_heterogeneity_rows(content)),
        notes=(_heterogeneity_note(content),),
        simulated=content.simulated,
    )


def _heterogeneity_rows(content: CombinationContent) -> Iterator[Row]:
    for name, effect in content.pooled.items():
        yield Row(
            cells={
                "id": name,
                "k": effect.n_studies,
                "q": effect.q,
                "df": effect.q_df,
                "p": effect.q_p_value,
                "tau_squared": effect.tau_squared,
                "tau_interval": Interval(lower=effect.tau_squared_lower, upper=effect.tau_squared_upper),
                "i_squared": 100 * effect.i_squared,
                "prediction": Interval(lower=effect.prediction_lower, upper=effect.prediction_upper),
            }
        )


def _heterogeneity_note(content: CombinationContent) -> Text:
    return (
        f"τ² = variance of the effects between studies, by {HETEROGENEITY_NAMES[content.heterogeneity]}, with its "
        "Q-profile interval (",
        cited("viechtbauer_2007"),
        "); ",
        Symbol("Q"),
        " = Cochran’s test of homogeneity; I² = share of the variance of the estimates that differences of effects ",
        "make (",
        cited("higgins_thompson_2002"),
        "); the prediction interval is where the effect of a new study is expected (",
        cited("higgins_thompson_spiegelhalter_2009"),
        "). Levels of the intervals are those of the verdicts.",
    )


def _study_table(content: CombinationContent) -> Table | None:
    if not content.contributions:
        return None
    return Table(
        name="studies",
        title="Effects of the single studies",
        columns=(
            Column(key="study", label="Study"),
            Column(key="n", label="n", kind="integer", symbol=True),
            *_effect_columns(content, interval_label(content.verdicts)),
            Column(key="weight", label="Weight (%)", kind="decimal", decimals=1),
        ),
        rows=tuple(_study_rows(content)),
        notes=(
            (
                f"{_effect_name(content)}; ",
                Symbol("SE"),
                " = standard error; CI = normal confidence interval of the study; ",
                Symbol("n"),
                f" = respondents, in all {_total(content)}. Weights are those of the pooled effect.",
            ),
        ),
        simulated=content.simulated,
    )


def _total(content: CombinationContent) -> str:
    total = sum(content.studies.values())
    return "unknown" if total != total else format_integer(total)


def _study_rows(content: CombinationContent) -> Iterator[Row]:
    effects = {each.id: tested_effect(content, each) for each in flattened((*content.verdicts, *content.extensions))}
    for name, parts in content.contributions.items():
        yield Row(cells={"study": f"{name}: {effects[name]}"}, strong=True)
        yield from (_study_row(each) for each in parts)


def _study_row(each: Contribution) -> Row:
    return Row(
        cells={
            "study": each.study,
            "n": each.n,
            "estimate": each.estimate,
            "std_error": each.std_error,
            "ci": Interval(lower=each.ci_lower, upper=each.ci_upper),
            "weight": 100 * each.weight,
        },
        indent=1,
    )
