"""What a fitted study says: verdicts, tables, figures and the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from surveysem import report
from surveysem.data import Responses
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.propositions import Verdict
from surveysem.study.content import report_content
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
        Estimator, missing, interaction, engine.
    overrides : tuple of Finding
        Rules the researcher set aside.
    """

    study: Study
    responses: Responses
    measurement: Fit
    structural: Fit
    judged: tuple[Verdict, ...]
    judged_extensions: tuple[Verdict, ...]
    fit_judgement: tuple[Finding, ...]
    settings: Mapping[str, str]
    overrides: tuple[Finding, ...]

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
        return tuple(dict.fromkeys((*self.overrides, *fits, *self.responses.findings)))

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
        formats : sequence of {"html", "markdown"}
            What to write.

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
        return report.write_report(self._content, Path(folder), formats=tuple(formats))

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
