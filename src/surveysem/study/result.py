"""What a fitted study says: verdicts, tables, figures and the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from surveysem import report
from surveysem.data import Responses
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.propositions import Verdict
from surveysem.study.content import report_content
from surveysem.study.moderation_methods import ModerationComparison
from surveysem.study.probing import ConditionalEffect, ProbedModeration, conditional_effects, probe_moderations
from surveysem.study.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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

    @property
    def verdicts(self) -> pd.DataFrame:
        """Verdicts on the propositions, indexed by id; the parts of a composite follow it.

        Columns: verdict, estimate, std_estimate, std_error, ci_lower, ci_upper, p_value, p_adjusted, effect_size, rule,
        reason, then statement, effect and the standard error, interval and p of std_estimate.
        """
        return _verdict_frame(self.judged)

    @property
    def extensions(self) -> pd.DataFrame:
        """Verdicts on hypotheses beyond the framework, with the columns of :attr:`verdicts`."""
        return _verdict_frame(self.judged_extensions)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything noticed on the way, from import to verdict."""
        fits = [*self.measurement.findings, *self.structural.findings]
        compared = () if self.methods is None else self.methods.findings
        return tuple(dict.fromkeys((*self.overrides, *fits, *compared, *self.responses.findings)))

    @cached_property
    def moderations(self) -> tuple[ProbedModeration, ...]:
        """Each latent interaction probed: simple slopes and Johnson–Neyman regions."""
        return probe_moderations(self.study, self.structural)

    @cached_property
    def conditional_effects(self) -> tuple[ConditionalEffect, ...]:
        """Indirect effects along the moderators of their steps, with Monte Carlo intervals."""
        return conditional_effects(self.study, self.structural)

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

    def write_report(self, folder: str | Path, *, formats: Sequence[str] = ("html", "markdown")) -> tuple[Path, ...]:
        """The report written into a folder; nothing is left half-written.

        Parameters
        ----------
        folder : str or pathlib.Path
            Made if it does not exist.
        formats : sequence of {"html", "docx", "latex", "markdown"}
            What to write: ``report.html``; ``report.docx``; a LaTeX project in ``latex``; ``report.md`` with figures.

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
        return report.write_report(self._content, Path(folder), formats=formats)

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

    def __repr__(self) -> str:
        lines = [f"{verdict.id}: {verdict.verdict}" for verdict in self.judged]
        mark = f"{self.responses.simulated_note}: " if self.responses.simulated else ""
        return "\n".join([f"{mark}{self.study.title}, n = {self.structural.n_obs}", *lines])

    def _repr_html_(self) -> str:
        return self.tables["verdicts"]._repr_html_()


def _verdict_frame(verdicts: Iterable[Verdict]) -> pd.DataFrame:
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
    )
