"""What a fitted study says: verdicts, tables, figures and the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from surveysem import report
from surveysem.data import Responses
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.bootstrap import Bootstrap
from surveysem.propositions import Verdict
from surveysem.report.sections.manuscript import plain_paragraphs
from surveysem.study.bundles.bundle import write_bundle, zipped_bundle
from surveysem.study.content import report_content
from surveysem.study.moderation.methods import ModerationComparison
from surveysem.study.moderation.probing import (
    ConditionalEffect,
    ProbedModeration,
    conditional_effects,
    probe_moderations,
)
from surveysem.study.quality.measured import measure_quality
from surveysem.study.rivals.fits import RivalComparison
from surveysem.study.robustness.findings import told_beside
from surveysem.study.robustness.influence import Influence
from surveysem.study.robustness.multiverse import Multiverse
from surveysem.study.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BUNDLE = "bundle.zip"
_NUMBERS = ("estimate", "std_estimate", "std_error", "ci_lower", "ci_upper", "p_value")
_STANDARDIZED = ("std_std_error", "std_ci_lower", "std_ci_upper", "std_p_value")


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyResult:
    """A fitted study.

    Parameters
    ----------
    study : Study
        What was settled before the data were read.
    responses : Responses
        The answers and their screening.
    measurement, structural : Fit
        The two models.
    judged, judged_extensions : tuple of Verdict
        Verdicts with their evidence.
    fit_judgement : tuple of Finding
        What the declared cut-offs say about the models.
    settings : Mapping of str to str
        Estimator, missing, interaction, centering or nodes where they have a part, engine.
    overrides : tuple of Finding
        Rules the researcher set aside.
    structural_linear : Fit or None
        The structural model without its latent products, where these were estimated by LMS or QML. A model with them
        has no chi-square; cut-offs of fit are held against this one.
    product_tests : pandas.DataFrame
        Likelihood-ratio tests of each latent product and of all together (LMS and QML): outcome, product, chisq_diff,
        df_diff, p_value, method and finding, by label of the interaction.
    methods : ModerationComparison or None
        The latent interactions by all methods, where that was asked for.
    bootstrap : Bootstrap or None
        Of the structural model, where one was declared or asked for.
    rival_models : RivalComparison or None
        The study's model beside its rivals, where it declares some.
    preregistration : PreregistrationCheck or None
        The analysis held against its preregistration, where one was given: ``deviations`` and whether it is intact.
    robustness : Multiverse or None
        The study in every combination of defensible choices, where that was asked for or declared.
    influence : Influence or None
        Respondents and clusters on which the estimates rest, likewise.
    left_out : tuple of str
        Sentences on what the model was fitted without, because the answers do not measure it.
    """

    study: Study
    responses: Responses
    measurement: Fit
    structural: Fit
    judged: tuple[Verdict, ...]
    judged_extensions: tuple[Verdict, ...]
    fit_judgement: tuple[Finding, ...]
    settings: Mapping[str, Any]
    overrides: tuple[Finding, ...]
    structural_linear: Fit | None = None
    product_tests: pd.DataFrame = field(default_factory=pd.DataFrame)
    methods: ModerationComparison | None = None
    robustness: Multiverse | None = None
    influence: Influence | None = None
    bootstrap: Bootstrap | None = None
    rival_models: RivalComparison | None = None
    preregistration: report.PreregistrationCheck | None = None
    left_out: tuple[str, ...] = ()

    @property
    def verdicts(self) -> pd.DataFrame:
        """Verdicts on the propositions, indexed by id; the parts of a composite follow it.

        Columns: verdict, estimate, std_estimate, std_error, ci_lower, ci_upper, p_value, p_adjusted, effect_size, rule,
        reason, then statement, effect, the standard error, interval and p of std_estimate, and p_unadjusted (in the
        sides the rule declares), p_otherwise and verdict_otherwise (under the other treatment of multiplicity: Holm's
        where the rule declares none, none where it declares one).
        """
        return verdict_frame(self.judged)

    @property
    def extensions(self) -> pd.DataFrame:
        """Verdicts on hypotheses beyond the framework, with the columns of :attr:`verdicts`."""
        return verdict_frame(self.judged_extensions)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything noticed on the way, from import to verdict."""
        fits = [*self.measurement.findings, *self.structural.findings]
        compared = () if self.methods is None else self.methods.findings
        told = told_beside(self.robustness, self.influence)
        return tuple(dict.fromkeys((*self.overrides, *fits, *compared, *told, *self.responses.findings)))

    @cached_property
    def measurement_quality(self) -> report.MeasurementQuality:
        """Checks of measurement: the quick ones, and those the study declares; made when first asked for, and kept."""
        return measure_quality(self.study, self.responses, self.measurement, self.settings)

    def check_measurement(self, progress: Callable[[str], None]) -> report.MeasurementQuality:
        """:attr:`measurement_quality`, with the name of each slow check told before it begins.

        Parameters
        ----------
        progress : callable
            Takes the name of a check.
        """
        if "measurement_quality" not in self.__dict__:
            found = measure_quality(self.study, self.responses, self.measurement, self.settings, progress=progress)
            self.__dict__["measurement_quality"] = found
        return self.measurement_quality

    @cached_property
    def moderations(self) -> tuple[ProbedModeration, ...]:
        """Each latent interaction probed: simple slopes and Johnson–Neyman regions."""
        return probe_moderations(self.study, self.structural)

    @cached_property
    def conditional_effects(self) -> tuple[ConditionalEffect, ...]:
        """Indirect effects along the moderators of their steps, with intervals by bootstrap or Monte Carlo."""
        return conditional_effects(self.study, self.structural, self.bootstrap)

    @cached_property
    def _content(self) -> report.ReportContent:
        return report_content(self)

    @cached_property
    def tables(self) -> Mapping[str, report.Table]:
        """Tables for a paper, by name; each shows itself in a notebook."""
        return report.paper_tables(self._content)

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """matplotlib figures by name."""
        return report.paper_figures(self._content)

    @cached_property
    def paragraphs(self) -> Mapping[str, str]:
        """Method and results as paragraphs for a manuscript, by name; a report has them with citations marked."""
        return plain_paragraphs(self._content)

    @cached_property
    def jars(self) -> report.Table:
        """The reporting standards for structural equation models: what the report tells, and what the author adds."""
        blocks = report.build_document(self._content).blocks
        return next(block for block in blocks if isinstance(block, report.Table) and block.name == "jars")

    def write_report(
        self, folder: str | Path, *, formats: Sequence[str] = ("html", "markdown"), bundle: bool = False
    ) -> tuple[Path, ...]:
        """The report written into a folder; nothing is left half-written.

        Parameters
        ----------
        folder : str or pathlib.Path
            Made if it does not exist.
        formats : sequence of {"html", "docx", "latex", "markdown"}
            What to write: ``report.html``; ``report.docx``; a LaTeX project in ``latex``; ``report.md`` with figures.
            ``paragraphs.md`` and ``references.bib``, text to paste and the works cited, come with each.
        bundle : bool
            Write ``bundle.zip`` beside it (:meth:`write_bundle`) and say in the report that it is there.

        Returns
        -------
        tuple of pathlib.Path
            The files written.

        Raises
        ------
        UnsupportedError
            For another format, or a table too wide for a printed page.
        InputFileError
            When the folder cannot be written.
        """
        if not bundle:
            return report.write_report(self._content, Path(folder), formats=formats)
        content = replace(self._content, bundle=BUNDLE)
        return report.write_report(content, Path(folder), formats=formats, attachments={BUNDLE: zipped_bundle(self)})

    def write_tables(self, folder: str | Path, *, formats: Sequence[str] = ("csv", "xlsx")) -> tuple[Path, ...]:
        """The paper's tables written into a folder as data, unrounded; nothing is left half-written.

        Parameters
        ----------
        folder : str or pathlib.Path
            Made if it does not exist.
        formats : sequence of {"csv", "xlsx"}
            What to write: a CSV file per table; ``tables.xlsx`` with a sheet per table. Text that a spreadsheet
            program would run as a formula is made harmless.

        Returns
        -------
        tuple of pathlib.Path
            The files written.

        Raises
        ------
        UnsupportedError
            For another format.
        InputFileError
            When the folder cannot be written.
        """
        return report.write_tables(self.tables, Path(folder), formats=formats)

    def write_bundle(self, target: str | Path, *, include_data: bool = False) -> tuple[Path, ...]:
        """Everything needed to compute the result again, as a folder or one ZIP file.

        Study and instrument as they were used, settings, versions, parameters and moments with all their digits,
        verdicts, the hash of the answers, and scripts for lavaan and semopy; :func:`surveysem.replicate` checks it.

        Parameters
        ----------
        target : str or pathlib.Path
            Folder, made if it does not exist, or a file that ends in ``.zip``.
        include_data : bool
            Put the analysed answers into it, without names, row numbers or order. Combinations of answers may still
            tell who gave them.

        Raises
        ------
        StudyError
            When the study was not read from files.
        InputFileError
            When the bundle cannot be written; nothing is changed then.
        """
        return write_bundle(self, target, include_data=include_data)

    def __repr__(self) -> str:
        lines = [f"{verdict.id}: {verdict.verdict}" for verdict in self.judged]
        mark = f"{self.responses.simulated_note}: " if self.responses.simulated else ""
        return "\n".join([f"{mark}{self.study.title}, n = {self.structural.n_obs}", *lines])

    def _repr_html_(self) -> str:
        table = self.tables["verdicts"]
        columns = tuple(column for column in table.columns if column.key not in {"path", "rule", "reason"})
        return replace(table, columns=columns)._repr_html_()


def verdict_frame(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Verdicts with their evidence, indexed by proposition; the parts of a composite follow it."""
    rows = [_verdict_row(each) for verdict in verdicts for each in (verdict, *verdict.parts)]
    return pd.DataFrame(rows).set_index("proposition") if rows else pd.DataFrame(columns=["verdict"])


def _verdict_row(verdict: Verdict) -> dict[str, object]:
    evidence = verdict.evidence
    return (
        {"proposition": verdict.id, "verdict": verdict.verdict}
        | {name: getattr(evidence, name) for name in _NUMBERS}
        | {"p_adjusted": verdict.p_adjusted, "effect_size": evidence.effect_size}
        | {"rule": str(verdict.proposition.rule), "reason": verdict.reason}
        | {"statement": verdict.proposition.statement, "effect": str(verdict.proposition.test)}
        | {name: getattr(evidence, name) for name in _STANDARDIZED}
        | {"p_unadjusted": verdict.p_unadjusted, "p_otherwise": verdict.p_otherwise}
        | {"verdict_otherwise": verdict.verdict_otherwise or verdict.verdict}
    )
