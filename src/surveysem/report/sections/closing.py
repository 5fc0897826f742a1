"""Sections on findings, methods, reproduction and the bibliography."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from surveysem.findings import Finding
from surveysem.report.content import ReportContent
from surveysem.report.document import (
    Block,
    DefinitionList,
    Equation,
    Notice,
    Paragraph,
    ReferenceList,
    Section,
    works_cited,
)
from surveysem.report.inline import Code, FileLink, Inline, Text, cited
from surveysem.report.sections.moderation import moderation_notes
from surveysem.report.sections.phrases import finding_text, paragraph
from surveysem.report.tables.columns import has_ordered, is_interaction, rows_of
from surveysem.report.tables.fit import has_robust_indices, has_scaled_test
from surveysem.typing import LeastSquaresName


def findings_section(content: ReportContent) -> Section:
    """Everything noticed on the way, the serious first."""
    order = {"serious": 0, "warning": 1, "note": 2}
    findings = sorted(_every_finding(content), key=lambda finding: order[finding.severity])
    notices = tuple(Notice(severity=finding.severity, text=finding_text(finding)) for finding in findings)
    blocks: tuple[Block, ...] = notices or (paragraph("Nothing was noticed that a reader must be told."),)
    return Section(heading="Findings", blocks=blocks)


def _every_finding(content: ReportContent) -> Iterator[Finding]:
    yield from content.findings
    known = {finding.message for finding in content.findings}
    models = {"measurement model": content.measurement, "structural model": content.structural}
    for name, model in models.items():
        for message in model.warnings:
            if message not in known:
                yield Finding(severity="warning", where=name, message=message)


def methods_section(content: ReportContent) -> Section:
    """What the coefficients mean and how they are computed."""
    return Section(heading="Notes on method", blocks=tuple(_methods(content)))


def _methods(content: ReportContent) -> Iterator[Block]:
    yield from _reliability_notes()
    models = [model for model in (content.measurement, content.structural, content.structural_linear) if model]
    if any(has_scaled_test(model.fit_indices) for model in models):
        yield _scaled_note(content.structural.estimator)
    if any(has_robust_indices(model.fit_indices) for model in models):
        yield _robust_note(content)
    if any(is_interaction(str(term)) for term in rows_of(content.structural, "~")["rhs"]):
        yield from moderation_notes(content)
    yield paragraph("The report follows the reporting standards of ", cited("appelbaum_2018"), " as far as they apply.")


def _reliability_notes() -> Iterator[Block]:
    yield paragraph(
        "Composite reliability, after ",
        cited("joreskog_1971"),
        ", is the share of variance of the sum of the indicators that their latent variable explains; λ are "
        "unstandardised loadings, φ is the variance of the latent variable, θ are residual variances and covariances:",
    )
    yield Equation(
        text="CR = (Σλᵢ)² φ / [(Σλᵢ)² φ + ΣΣθᵢⱼ]",
        latex=r"\mathrm{CR} = \frac{(\sum_i \lambda_i)^2 \varphi}"
        r"{(\sum_i \lambda_i)^2 \varphi + \sum_i \sum_j \theta_{ij}}",
    )
    yield paragraph(
        "The average variance extracted, after ",
        cited("fornell_larcker_1981"),
        ", is computed from standardised loadings and standardised residual variances:",
    )
    yield Equation(
        text="AVE = Σλᵢ² / (Σλᵢ² + Σθᵢᵢ)",
        latex=r"\mathrm{AVE} = \frac{\sum_i \lambda_i^2}{\sum_i \lambda_i^2 + \sum_i \theta_{ii}}",
    )
    yield paragraph(
        "Omega, after ",
        cited("mcdonald_1999"),
        ", has the numerator of CR over the observed variance of the sum; alpha is that of ",
        cited("cronbach_1951"),
        ".",
    )


def _scaled_note(estimator: str) -> Paragraph:
    shifted = estimator in ("MLMV", "WLSMV", "ULSMV")
    source = "asparouhov_muthen_2010" if shifted else "satorra_bentler_1994"
    if estimator == "MLR":
        source = "yuan_bentler_2000"
    if estimator in get_args(LeastSquaresName):
        return paragraph(
            "Scaled means that the χ² statistic is corrected for weights that are not the full covariance of what the "
            "model is fitted to, after ",
            cited(source),
            ".",
        )
    return paragraph(
        "Scaled means that the χ² statistic is corrected for non-normal answers, after ",
        cited(source),
        ".",
    )


def _robust_note(content: ReportContent) -> Paragraph:
    """What robust indices are, and who derived them: for ordered answers, incomplete or complete ones."""
    if has_ordered(content.measurement):
        return paragraph(
            "Robust CFI, TLI and RMSEA of ordered answers estimate the population values that the indices of maximum "
            "likelihood would have if the latent responses had been observed, after ",
            cited("savalei_2021"),
            ".",
        )
    if content.settings.get("missing") == "fiml":
        sources: tuple[Inline, ...] = (cited("zhang_savalei_2023"),)
    else:
        sources = (cited("brosseau_liard_2014"), " and ", cited("brosseau_liard_2012"))
    return paragraph(
        "Robust CFI, TLI and RMSEA estimate the population values that the standard indices estimate from complete "
        "answers under normality, after ",
        *sources,
        ".",
    )


def reproduction_section(content: ReportContent) -> Section:
    """Fingerprint of the rules, versions, and the agreement of engines."""
    blocks: list[Block] = [
        paragraph(
            "The study file, which holds the model and the decision rules, has the fingerprint ",
            Code(content.fingerprint),
            f". The report was made on {content.generated} for the study ",
            Code(content.study_id),
            ".",
        )
    ]
    if content.data_hash:
        blocks.append(
            paragraph(
                "The answers analysed, items and grouping questions alone and whatever the order of their rows, have "
                "the SHA-256 hash ",
                Code(content.data_hash),
                ".",
            )
        )
    if content.agreement:
        blocks.append(paragraph(content.agreement))
    blocks.append(paragraph(*_bundle_sentence(content)))
    blocks.append(DefinitionList(entries=tuple(content.software.items())))
    return Section(heading="Reproduction", blocks=tuple(blocks))


def _bundle_sentence(content: ReportContent) -> Text:
    """Where everything lies that is needed to compute the results again, or how to write it."""
    if content.bundle:
        return (
            "Study, questionnaire, settings, parameters and moments with all their digits, and scripts for lavaan and "
            "semopy are in ",
            FileLink(content.bundle),
            " beside this report; ",
            Code(f"surveysem replicate {content.bundle}"),
            " computes everything again and compares it number by number.",
        )
    return (
        "The option ",
        Code("--bundle"),
        " of ",
        Code("surveysem fit"),
        " writes everything needed to compute the results again into one file.",
    )


def references_section(sections: Sequence[Section]) -> Section:
    """Bibliography of everything cited before."""
    works = works_cited([block for section in sections for block in section.blocks])
    return Section(heading="References", blocks=(ReferenceList(works=works),))
