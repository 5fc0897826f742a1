"""Method paragraphs for a manuscript, written from what was done."""

from __future__ import annotations

from collections.abc import Iterator

from surveysem.number_formats import format_bounded, format_share
from surveysem.propositions import DecisionRule
from surveysem.report.content import ReportContent
from surveysem.report.inline import Inline, Symbol, Text, cited, counted, listing, sentence
from surveysem.report.sections.moderation import method_words
from surveysem.report.sections.phrases import sources
from surveysem.report.tables.columns import flattened, is_interaction, rows_of

_ADJUSTED_AFTER = {"holm": "holm_1979", "benjamini_hochberg": "benjamini_hochberg_1995"}
_ROBUST = {
    "MLR": ("robust (Huber–White) standard errors and a scaled test statistic, after ", "yuan_bentler_2000"),
    "MLM": ("robust standard errors and a test statistic corrected in its mean, after ", "satorra_bentler_1994"),
    "MLMV": ("robust standard errors and a test statistic corrected in mean and variance, after ", "satorra_2000"),
    "MLMVS": ("robust standard errors and a test statistic corrected in mean and variance, after ", "satorra_2000"),
}


def sample_text(content: ReportContent) -> Text:
    """Where the answers came from and what screening left of them."""
    n_read, n_used = content.n_read, content.n_analysed
    share = format_share(n_used, n_read)
    opening = (
        f"The answers were simulated, not collected ({content.simulated_note}): no respondent gave them. "
        if content.simulated
        else ""
    )
    steps = [
        f"{str(row['step']).replace('_', ' ')}, n = {int(row['n_affected']):,}"
        for row in content.flow.to_dict("records")
        if row["action"] == "exclude" and row["n_affected"]
    ]
    left_out = n_read - n_used
    if not left_out:
        return (
            f"{opening}Of {counted(n_read, 'respondent')}, screening by rules declared beforehand left out nobody.",
        )
    why = f" ({'; '.join(steps)})" if steps else ""
    return (
        f"{opening}Of {counted(n_read, 'respondent')}, {left_out:,} {'was' if left_out == 1 else 'were'} left out by "
        f"rules declared beforehand{why}, and {n_used:,} ({share}) were analysed.",
    )


def missing_text(content: ReportContent) -> Text:
    """How missing answers were treated."""
    amount = ""
    if content.description is not None:
        cells = content.description.screened
        n_missing = int(cells.isna().to_numpy().sum())
        if not n_missing:
            return (f"None of the {counted(cells.size, 'answer')} to the items of the model was missing.",)
        share = format_share(n_missing, cells.size)
        amount = f"Of {counted(cells.size, 'answer')} to the items of the model, {n_missing:,} ({share}) were missing. "
    if content.settings.get("missing") == "fiml":
        return (f"{amount}Models were fitted by full-information maximum likelihood, which uses every answer given.",)
    return (f"{amount}Respondents with a missing answer to an item of the model were left out (listwise deletion).",)


def measures_text(content: ReportContent) -> Text:
    """The instrument: latent variables, items, response scales, reversed items, sources."""
    loadings = rows_of(content.measurement, "=~")
    items = set(loadings["rhs"])
    asked = [item for item in content.instrument.items if item.id in items]
    scales = dict.fromkeys(item.scale for item in asked)
    lengths = [len(content.instrument.scale(name).options) for name in scales if content.instrument.scale(name).options]
    points = listing([f"{length}-point" for length in sorted(set(lengths))])
    answered = (
        f", answered on {points} scales" if len(lengths) > 1 else f", answered on a {points} scale" if points else ""
    )
    n_reversed = sum(item.reverse for item in asked)
    reversed_ = (
        f" Answers to {counted(n_reversed, 'item')} worded in the opposite direction were reverse-coded."
        if n_reversed
        else ""
    )
    constructs = [each for each in content.instrument.constructs if each.id in set(loadings["lhs"])]
    keys = tuple(dict.fromkeys(key for construct in constructs for key in construct.sources))
    drawn = (" The measures draw on ", *sources(content, keys), ".") if keys else ()
    number = counted(len(set(loadings["lhs"])), "latent variable")
    absent = (f" {' '.join(content.left_out)}",) if content.left_out else ()
    opening = f"The questionnaire measured {number} by {counted(len(items), 'item')}{answered}.{reversed_}"
    return (opening, *drawn, *absent)


def analysis_text(content: ReportContent) -> Text:
    """Models, estimator, moderation, software and criteria of fit."""
    return tuple(_analysis(content))


def _analysis(content: ReportContent) -> Iterator[Inline]:
    yield f"A measurement model{_exceptions(content)} was judged before the structural model. Both were fitted by "
    yield from _estimator(content.structural.estimator)
    version = content.software.get("surveysem", "")
    yield f", with surveysem{f' {version}' if version else ''}"
    python = content.software.get("Python", "")
    yield f" (Python {python})." if python else "."
    terms = [str(term) for term in rows_of(content.structural, "~")["rhs"]]
    products = sum(map(is_interaction, terms))
    if products and content.moderation is not None:
        named = "The interaction" if products == 1 else f"The {products} interactions"
        yield f" {named} of latent variables {'was' if products == 1 else 'were'} estimated "
        yield from method_words(content.moderation)
        yield "."
    criteria = content.fit_criteria
    yield (
        f" Fit was held against cut-offs declared beforehand: CFI ≥ {format_bounded(criteria.cfi)}, "
        f"TLI ≥ {format_bounded(criteria.tli)}, RMSEA ≤ {format_bounded(criteria.rmsea)} and "
        f"SRMR ≤ {format_bounded(criteria.srmr)}; they come from "
    )
    yield cited("hu_bentler_1999")
    yield " and are conventions, not tests."


def _exceptions(content: ReportContent) -> str:
    """What the measurement model has beside one loading for each item."""
    loadings, covariances = rows_of(content.measurement, "=~"), rows_of(content.measurement, "~~")
    n_cross = int(loadings["rhs"].duplicated().sum())
    among_items = covariances["lhs"].isin(loadings["rhs"]) & (covariances["lhs"] != covariances["rhs"])
    n_residual = int(among_items.sum())
    if not n_cross and not n_residual:
        return ", in which every item loads on one latent variable alone and residuals are uncorrelated,"
    found = [
        counted(number, what)
        for number, what in ((n_cross, "cross-loading"), (n_residual, "residual covariance"))
        if number
    ]
    return f" with {listing(found)}"


def _estimator(name: str) -> Text:
    if name == "ML":
        return ("maximum likelihood with normal-theory standard errors (ML)",)
    if name in _ROBUST:
        words, key = _ROBUST[name]
        return (f"maximum likelihood with {words}", cited(key), f" ({name})")
    return (name,)


def rules_text(content: ReportContent) -> Text:
    """The decision rules; empty without propositions."""
    rules = [each.proposition.rule for each in flattened(content.verdicts)]
    decisive = list(dict.fromkeys(rule for rule in rules if isinstance(rule, DecisionRule)))
    if not decisive:
        return ()
    return (
        f"{_each(len(content.verdicts))} was judged by a rule declared before the data were read. {_tests(decisive)}; ",
        *_adjustments(decisive),
        f". {_smallest(decisive)}{_composites(content)}".rstrip(),
    )


def _each(number: int) -> str:
    return "The proposition" if number == 1 else f"Each of the {number} propositions"


def _tests(rules: list[DecisionRule]) -> str:
    kinds = list(dict.fromkeys(("one" if rule.one_sided else "two", f"{rule.alpha:g}".lstrip("0")) for rule in rules))
    tests = " or ".join(f"{sides}-sided test at α = {alpha}" for sides, alpha in kinds)
    tests += ", as declared for it" if len(kinds) > 1 else ""
    return f"A proposition counts as supported when its effect has the sign foretold and differs from zero in a {tests}"


def _adjustments(rules: list[DecisionRule]) -> Text:
    """Treatment of the number of tests, which one study has in common."""
    kind = rules[0].multiplicity
    if kind == "none":
        return (Symbol("p"), " values were not adjusted for the number of tests")
    return (Symbol("p"), " values were adjusted for the number of tests after ", cited(_ADJUSTED_AFTER[kind]))


def _smallest(rules: list[DecisionRule]) -> str:
    sizes = sorted({rule.smallest_effect for rule in rules if rule.smallest_effect is not None})
    if not sizes:
        return "No smallest effect of interest was declared, so that no effect could be called negligible."
    limits = " or ".join(f"±{format_bounded(size)}" for size in sizes)
    level = " or ".join(f"{each:.0%}" for each in dict.fromkeys(1 - 2 * rule.alpha for rule in rules))
    return (
        f"An effect whose standardised {level} interval lies inside the smallest effect of interest declared for it "
        f"({limits}) counts as negligible."
    )


def _composites(content: ReportContent) -> str:
    composed = [verdict.id for verdict in content.verdicts if verdict.parts]
    if not composed:
        return ""
    joined = listing(composed)
    return sentence(f" {joined} {'has' if len(composed) == 1 else 'have'} parts, supported only when all of them are")
