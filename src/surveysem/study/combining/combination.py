"""Evidence across studies: the same propositions pooled by random-effects meta-analysis and judged again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from importlib.metadata import version
from math import nan
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

import pandas as pd

from surveysem import report
from surveysem.errors import StudyError, UnsupportedError
from surveysem.findings import Finding
from surveysem.inference.meta_analysis import HeterogeneityMethod, PooledEffect, PooledInterval
from surveysem.propositions import DecisionRule, Verdict, judge_propositions
from surveysem.propositions.pooled_wording import with_pooled_reasons
from surveysem.report.combination import CombinationContent
from surveysem.report.figures.meta_forest import combination_figures
from surveysem.report.render.writing import write_document
from surveysem.report.sections.combination import combination_document
from surveysem.report.tables.combination import combination_tables
from surveysem.study.combining.checks import check_combinable, single_propositions
from surveysem.study.combining.inputs import CombinableResult, EffectMetric, StudyEvidence, gathered
from surveysem.study.combining.pooling import pooled_evidence
from surveysem.study.study import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FEW_STUDIES = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class CombinedResult:
    """The propositions of a study judged on the evidence of several.

    Parameters
    ----------
    study : Study
        Whose propositions and rules judge.
    content : CombinationContent
        Pooled effects, verdicts, contributions of the studies and findings.
    """

    study: Study
    content: CombinationContent

    @property
    def verdicts(self) -> pd.DataFrame:
        """Verdicts on the propositions, indexed by id; the parts of a composite follow it.

        Columns: verdict, n_studies, n, estimate, std_error, ci_lower, ci_upper, p_value, p_unadjusted, p_adjusted,
        prediction_lower, prediction_upper, tau_squared, tau_squared_lower, tau_squared_upper, i_squared, q, q_df,
        q_p_value, rule, reason, statement, effect, p_otherwise, verdict_otherwise.
        """
        return _verdict_frame(self.content, self.content.verdicts)

    @property
    def extensions(self) -> pd.DataFrame:
        """Verdicts on hypotheses beyond the framework, with the columns of :attr:`verdicts`."""
        return _verdict_frame(self.content, self.content.extensions)

    @property
    def estimates(self) -> pd.DataFrame:
        """Effect of each study: proposition, study, n, estimate, std_error, ci_lower, ci_upper, weight."""
        rows = [
            {"proposition": name, **asdict(each)}
            for name, parts in self.content.contributions.items()
            for each in parts
        ]
        return pd.DataFrame(rows)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything a reader must know."""
        return self.content.findings

    @cached_property
    def tables(self) -> Mapping[str, report.Table]:
        """Tables for a paper: ``studies``, ``verdicts``, ``heterogeneity`` and ``extensions``."""
        return combination_tables(self.content)

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """A forest plot of each proposition, ``forest_`` with its id."""
        return combination_figures(self.content)

    def write_report(self, folder: str | Path, *, formats: Sequence[str] = ("html", "markdown")) -> tuple[Path, ...]:
        """The report written into a folder; nothing is left half-written.

        Parameters
        ----------
        folder : str or pathlib.Path
            Made if it does not exist.
        formats : sequence of {"html", "docx", "latex", "markdown"}
            What to write.

        Raises
        ------
        UnsupportedError
            For another format.
        InputFileError
            When the folder cannot be written.
        """
        return write_document(combination_document(self.content), self.figures, folder, formats)

    def write_tables(self, folder: str | Path, *, formats: Sequence[str] = ("csv", "xlsx")) -> tuple[Path, ...]:
        """The tables written into a folder as data, unrounded."""
        return report.write_tables(self.tables, Path(folder), formats=formats)

    def __repr__(self) -> str:
        lines = [f"{verdict.id}: {verdict.verdict}" for verdict in self.content.verdicts]
        mark = "SIMULATED DATA: " if self.content.simulated else ""
        return "\n".join([f"{mark}{self.study.title}, {len(self.content.studies)} studies", *lines])

    def _repr_html_(self) -> str:
        return self.tables["verdicts"]._repr_html_()


def combine(
    results: Sequence[CombinableResult] | Mapping[str, CombinableResult],
    *,
    names: Sequence[str] | None = None,
    study: Study | None = None,
    effect: EffectMetric = "standardized",
    heterogeneity: HeterogeneityMethod = "reml",
    interval: PooledInterval = "hartung_knapp",
) -> CombinedResult:
    """The same propositions across several studies: effects pooled, heterogeneity, and verdicts by the same rules.

    Parameters
    ----------
    results : sequence or Mapping
        At least two of: results of :func:`fit_study`; frames (or paths of CSV files) of saved or published results,
        with ``proposition``, ``estimate``, ``std_error`` and ``n``, or as ``result.verdicts`` has them. A mapping names
        them.
    names : sequence of str, optional
        Names of the studies.
    study : Study, optional
        Whose propositions and rules judge, where the studies' rules differ or all are tables; else that of the first
        result, whose rules the others must share.
    effect : {"standardized", "unstandardized"}
        What is pooled; unstandardised effects only where items and scales are the same.
    heterogeneity : {"reml", "paule_mandel", "dersimonian_laird"}
        Estimator of the variance τ² of effects between studies.
    interval : {"hartung_knapp", "normal"}
        Interval and test of the mean effect.

    Returns
    -------
    CombinedResult
        ``verdicts``, ``estimates``, ``tables``, ``figures``, ``findings``, ``write_report``.

    Raises
    ------
    DataError, InputFileError
        For too few studies and tables that cannot be read.
    StudyError
        When a sample is given twice, or propositions or rules differ; all differences are listed.
    UnsupportedError
        For an unknown option.

    Notes
    -----
    Effects are pooled as they are: standardised paths with their delta-method standard errors, no transformation.
    Pooling partial effects asks for models with the same predictors; others are told in findings.

    References
    ----------
    becker_wu_2007, hartung_knapp_2001, viechtbauer_2005

    Examples
    --------
    >>> import surveysem as ss, pandas as pd
    >>> study = ss.load_study("political_democracy")
    >>> published = [
    ...     pd.DataFrame({"proposition": ["D1"], "estimate": [b], "std_error": [0.1], "n": [n]})
    ...     for b, n in ((0.40, 80), (0.55, 70), (0.47, 95))
    ... ]
    >>> combined = ss.combine(published, names=["A", "B", "C"], study=study)
    >>> print(combined.verdicts.loc["D1", "reason"].partition(":")[0])
    D1 is supported across 3 studies (n = 245)
    """
    if effect not in get_args(EffectMetric):
        raise UnsupportedError(f"effect={effect!r} is not offered. Available: standardized, unstandardized.")
    studies = gathered(results, names, effect)
    governing = study or next((each.study for each in studies if each.study is not None), None)
    if governing is None:
        raise StudyError("Tables carry no rules. Say whose propositions and rules judge: study=load_study(…).")
    checked = check_combinable(studies, governing, metric=effect, same_rules=study is None)
    evidence = pooled_evidence(
        list(single_propositions(governing)), studies, metric=effect, heterogeneity=heterogeneity, interval=interval
    )
    symbol: Literal["β", "b"] = "β" if effect == "standardized" else "b"
    verdicts, extensions = (
        tuple(
            with_pooled_reasons(each, evidence.pooled, evidence.n, governing.labels, symbol)
            for each in judge_propositions(family, evidence.evidence, governing.labels)
        )
        for family in (governing.propositions, governing.extensions)
    )
    told = (*(found for each in studies for found in each.findings), *checked, *_cautions(studies, evidence.pooled))
    content = CombinationContent(
        title=governing.title,
        study_id=governing.id,
        fingerprint=governing.fingerprint,
        labels=governing.labels,
        symbol=symbol,
        heterogeneity=heterogeneity,
        interval=interval,
        studies=MappingProxyType({each.name: _respondents(each) for each in studies}),
        simulated=any(_simulated(each) for each in studies),
        verdicts=verdicts,
        extensions=extensions,
        pooled=evidence.pooled,
        contributions=evidence.contributions,
        findings=(*told, *_unjudged(governing, effect)),
        generated=date.today().isoformat(),
        software=f"surveysem {version('surveysem')}",
    )
    return CombinedResult(study=governing, content=content)


def _respondents(evidence: StudyEvidence) -> float:
    return max((each.n for each in evidence.effects.values()), default=nan)


def _simulated(evidence: StudyEvidence) -> bool:
    return evidence.result is not None and evidence.result.responses.simulated


def _cautions(studies: Sequence[StudyEvidence], pooled: Mapping[str, PooledEffect]) -> tuple[Finding, ...]:
    found = []
    simulated = [each.name for each in studies if _simulated(each)]
    if simulated and len(simulated) < len(studies):
        message = f"{', '.join(simulated)} are of simulated answers and are pooled with others, which makes no sense."
        found.append(Finding(severity="serious", where="studies", message=message))
    few = {name: each.n_studies for name, each in pooled.items() if each.n_studies < _FEW_STUDIES}
    if few:
        message = (
            f"{', '.join(few)} rest on fewer than {_FEW_STUDIES} studies: τ² and the prediction interval are then very "
            "uncertain."
        )
        found.append(Finding(severity="note", where="heterogeneity", message=message))
    narrow = [name for name, each in pooled.items() if _narrower_than_normal(each)]
    if narrow:
        message = (
            f"{', '.join(narrow)}: the Hartung–Knapp standard error is smaller than the usual one, because the effects "
            "happen to lie closer together than their standard errors let expect."
        )
        found.append(Finding(severity="note", where="interval", message=message))
    return tuple(found)


def _narrower_than_normal(effect: PooledEffect) -> bool:
    """Whether the standard error is below the one that the model implies."""
    return effect.std_error < effect.model_std_error


def _unjudged(governing: Study, metric: EffectMetric) -> tuple[Finding, ...]:
    declared = [
        each.id
        for each in single_propositions(governing)
        if isinstance(each.rule, DecisionRule) and each.rule.smallest_effect is not None
    ]
    if metric == "standardized" or not declared:
        return ()
    message = (
        f"{', '.join(declared)} declare a smallest effect of interest, which is standardised; whether the effects are "
        "negligible was not judged on unstandardised ones."
    )
    return (Finding(severity="warning", where="verdicts", message=message),)


_POOLED = (
    "prediction_lower",
    "prediction_upper",
    "tau_squared",
    "tau_squared_lower",
    "tau_squared_upper",
    "i_squared",
    "q",
    "q_df",
    "q_p_value",
)


def _verdict_frame(content: CombinationContent, verdicts: Sequence[Verdict]) -> pd.DataFrame:
    rows = [_row(content, each) for verdict in verdicts for each in (verdict, *verdict.parts)]
    return pd.DataFrame(rows).set_index("proposition") if rows else pd.DataFrame(columns=["verdict"])


def _row(content: CombinationContent, verdict: Verdict) -> dict[str, object]:
    numbers, pooled = verdict.evidence, content.pooled.get(verdict.id)
    names = ("estimate", "std_error", "ci_lower", "ci_upper", "p_value")
    return (
        {"proposition": verdict.id, "verdict": verdict.verdict}
        | {"n_studies": len(content.contributions.get(verdict.id, ())), "n": content.n(verdict.id)}
        | {name: getattr(numbers, name) for name in names}
        | {"p_unadjusted": verdict.p_unadjusted, "p_adjusted": verdict.p_adjusted}
        | {name: nan if pooled is None else getattr(pooled, name) for name in _POOLED}
        | {"rule": str(verdict.proposition.rule), "reason": verdict.reason}
        | {"statement": verdict.proposition.statement, "effect": str(verdict.proposition.test)}
        | {"p_otherwise": verdict.p_otherwise, "verdict_otherwise": verdict.verdict_otherwise or verdict.verdict}
    )
