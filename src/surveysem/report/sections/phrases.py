"""Sentences that several sections share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import nan

from surveysem.findings import Finding
from surveysem.number_formats import format_bounded, format_decimal, format_integer, format_interval, format_p_equation
from surveysem.report.content import FittedModel, ReportContent
from surveysem.report.document import Notice, Paragraph
from surveysem.report.inline import Citation, Inline, Symbol, Text, cited, listing
from surveysem.report.tables.fit import has_robust_indices, has_scaled_test


def paragraph(*parts: Inline) -> Paragraph:
    """A paragraph of its pieces."""
    return Paragraph(text=parts)


def finding_text(finding: Finding) -> Text:
    """Where something was noticed, and what; names of files and items keep their letters."""
    first = finding.where.split(" ", 1)[0].rstrip(",")
    where = f"{finding.where[:1].upper()}{finding.where[1:]}" if first.isalpha() else finding.where
    return (f"{where}: {finding.message}",)


def fit_sentence(model: FittedModel) -> Text:
    """Test of fit and indices, the scaled and robust ones where there are any; else the log-likelihood."""
    indices = model.fit_indices
    if "chisq" not in indices:
        return _likelihood_sentence(indices)
    robust, scaled = has_robust_indices(indices), ".scaled" if has_scaled_test(indices) else ""
    suffix = ".robust" if robust else ""

    def index(key: str) -> float:
        return indices.get(key, nan)

    interval = format_interval(index(f"rmsea.ci.lower{suffix}"), index(f"rmsea.ci.upper{suffix}"), 3, bounded=True)
    return (
        "scaled " if scaled else "",
        Symbol("χ²"),
        f"({format_integer(index(f'df{scaled}'))}) = {format_decimal(index(f'chisq{scaled}'))}, ",
        Symbol("p"),
        f" {format_p_equation(index(f'pvalue{scaled}'))}, ",
        f"{'robust ' if robust else ''}CFI = {format_bounded(index(f'cfi{suffix}'), 3)}, ",
        f"TLI = {format_bounded(index(f'tli{suffix}'), 3)}, ",
        f"RMSEA = {format_bounded(index(f'rmsea{suffix}'), 3)}, 90% CI {interval}, ",
        f"SRMR = {format_bounded(index('srmr'), 3)}",
    )


def _likelihood_sentence(indices: Mapping[str, float]) -> Text:
    return (
        f"log-likelihood = {format_decimal(indices['logl'])}, {format_integer(indices['npar'])} free parameters, "
        f"AIC = {format_decimal(indices['aic'])}, BIC = {format_decimal(indices['bic'])}; its latent products were "
        "estimated from the likelihood of the answers, which has no ",
        Symbol("χ²"),
        " test of fit",
    )


def doubts(content: ReportContent) -> Iterator[Notice]:
    """What stands beside every verdict when the models give reason to doubt it."""
    for name, model in _models(content).items():
        if not model.converged:
            yield Notice(severity="serious", text=(f"The {name} did not converge; its estimates must not be used.",))
        if not model.admissible:
            words = (
                f"The {name} has an inadmissible solution, such as a negative variance: no population could have it."
            )
            yield Notice(severity="serious", text=(words,))
    if content.poor_fit:
        yield Notice(severity="warning", text=("Read the verdicts with the fit in mind. ", *_misfit(content)))


def _misfit(content: ReportContent) -> Iterator[Inline]:
    for finding in content.fit_judgement:
        if finding.severity != "note":
            yield from (*finding_text(finding), " ")


def _models(content: ReportContent) -> Mapping[str, FittedModel]:
    return {"measurement model": content.measurement, "structural model": content.structural}


def sources(content: ReportContent, keys: tuple[str, ...]) -> Text:
    """Works cited, parted by semicolons."""
    works: list[Inline] = [_work(content, key) for key in keys]
    return tuple(part for work in works for part in ("; ", work))[1:]


def _work(content: ReportContent, key: str) -> Citation:
    """A work of the package's list, or one that only the instrument lists."""
    for work in content.instrument.references:
        if work.key == key:
            authors = ", ".join(work.authors)
            doi = f" https://doi.org/{work.doi}" if work.doi else ""
            families = listing([author.partition(",")[0] for author in work.authors])
            return Citation(
                key, f"{families} ({work.year})", f"{authors} ({work.year}). {work.title}. {work.source}.{doi}"
            )
    return cited(key)
