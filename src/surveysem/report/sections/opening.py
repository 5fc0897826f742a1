"""What stands before the sections: the summary, and the warning on simulated data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from surveysem.findings import Severity
from surveysem.number_formats import format_share
from surveysem.report.content import ReportContent
from surveysem.report.document import Highlight
from surveysem.report.inline import Strong, Text, counted, listing, plain, sentence
from surveysem.report.sections.phrases import finding_text


def banner(content: ReportContent) -> Text:
    """What simulated data mean for the reader; empty for real data."""
    if not content.simulated:
        return ()
    sentences = (
        "No respondent gave these answers. They were drawn from a population that somebody made up, so the verdicts "
        "show what the method would do and say nothing about the world.",
        content.simulated_note,
        content.population_note,
    )
    return (Strong("Simulated data. "), " ".join(sentence(words) for words in sentences if words))


def summary(content: ReportContent) -> Iterator[Highlight]:
    """The answers in a few words."""
    if content.verdicts:
        yield _propositions(content)
    yield _fit(content)
    share = format_share(content.n_analysed, content.n_read)
    yield Highlight(
        label="Sample", value=f"{content.n_analysed:,}", detail=f"{share} of {content.n_read:,} respondents read"
    )
    yield _findings(content)


def _propositions(content: ReportContent) -> Highlight:
    counts = Counter(verdict.verdict for verdict in content.verdicts)
    others = [f"{number} {verdict}" for verdict, number in counts.items() if verdict != "supported"]
    return Highlight(
        label="Propositions supported",
        value=f"{counts['supported']} of {len(content.verdicts)}",
        detail=f"Beside them, {listing(others)}" if others else "All of them",
    )


def _fit(content: ReportContent) -> Highlight:
    missed = content.poor_fit
    return Highlight(
        label="Model fit",
        value="Cut-offs missed" if missed else "Cut-offs met" if content.fit_judgement else "Not judged",
        detail=" ".join(plain(finding_text(finding)) for finding in content.fit_judgement),
        severity="warning" if missed else "note",
    )


def _findings(content: ReportContent) -> Highlight:
    counts = Counter(finding.severity for finding in content.findings)
    order: tuple[Severity, ...] = ("serious", "warning", "note")
    plurals = {"serious": "serious", "warning": "warnings", "note": "notes"}
    listed = [counted(counts[severity], severity, plurals[severity]) for severity in order if counts[severity]]
    worst: Severity = next((severity for severity in order if counts[severity]), "note")
    return Highlight(
        label="Findings",
        value=str(len(content.findings)),
        detail=listing(listed) or "Nothing was noticed on the way",
        severity=worst,
    )
