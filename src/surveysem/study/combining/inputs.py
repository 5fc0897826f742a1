"""Evidence of single studies, from fitted results or from tables, in one form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path
from typing import Literal, TypeAlias

import pandas as pd

from surveysem.errors import DataError, InputFileError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.propositions import CompositeRule, GroupDifferenceTest, Verdict
from surveysem.report.content import file_name
from surveysem.study.result import StudyResult
from surveysem.study.study import Study

EffectMetric: TypeAlias = Literal["standardized", "unstandardized"]
CombinableResult: TypeAlias = StudyResult | pd.DataFrame | str | Path


@dataclass(frozen=True, kw_only=True)
class SingleEffect:
    """One proposition's effect in one study.

    Parameters
    ----------
    study, proposition : str
        Name of the study; id of the proposition.
    estimate, std_error : float
        Effect in the metric that is pooled.
    n : float
        Respondents; NaN where the study does not tell.
    """

    study: str
    proposition: str
    estimate: float
    std_error: float
    n: float


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyEvidence:
    """What one study says.

    Parameters
    ----------
    name : str
        For readers.
    effects : Mapping of str to SingleEffect
        By proposition.
    findings : tuple of Finding
        What was left out or taken for granted.
    result : StudyResult or None
        Where the study was fitted here.
    """

    name: str
    effects: Mapping[str, SingleEffect]
    findings: tuple[Finding, ...]
    result: StudyResult | None = None

    @property
    def study(self) -> Study | None:
        """The study fitted, where there is one."""
        return None if self.result is None else self.result.study


def gathered(
    results: Sequence[CombinableResult] | Mapping[str, CombinableResult],
    names: Sequence[str] | None,
    metric: EffectMetric,
) -> tuple[StudyEvidence, ...]:
    """Evidence of every study given.

    Parameters
    ----------
    results : sequence or Mapping
        Fitted studies, frames or CSV files; a mapping names them.
    names : sequence of str, optional
        Names of the studies.
    metric : {"standardized", "unstandardized"}
        Of the effects.

    Raises
    ------
    DataError
        For fewer than two studies, names that are not one each and different, or tables that lack something.
    InputFileError
        When a file cannot be read.
    UnsupportedError
        For anything else than results, frames and files.
    """
    given = list(results.values()) if isinstance(results, Mapping) else list(results)
    named = list(results) if isinstance(results, Mapping) else names
    if len(given) < 2:
        raise DataError(f"Evidence is combined across at least two studies; {len(given)} was given.")
    called = [_name(each, number) for number, each in enumerate(given, start=1)] if named is None else list(named)
    if len(called) != len(given) or len(set(called)) != len(called):
        found = f"{len(given)} studies and the names {', '.join(called)}"
        remedy = "Give each study a name of its own."
        raise DataError("The studies cannot be told apart.", [Problem(where="names", found=found, remedy=remedy)])
    return tuple(_evidence(each, name, metric) for each, name in zip(given, called, strict=True))


def _name(given: CombinableResult, number: int) -> str:
    if isinstance(given, StudyResult):
        return f"Study {number} ({file_name(given.responses.source)})"
    return Path(given).stem if isinstance(given, str | Path) else f"Study {number}"


def _evidence(given: CombinableResult, name: str, metric: EffectMetric) -> StudyEvidence:
    if isinstance(given, StudyResult):
        return _of_result(given, name, metric)
    if isinstance(given, pd.DataFrame):
        return _of_frame(given, name, metric)
    if isinstance(given, str | Path):
        return _of_frame(_read(Path(given)), name, metric)
    raise UnsupportedError(f"{name} is a {type(given).__name__}; give results of fit_study, frames or CSV files.")


def _of_result(result: StudyResult, name: str, metric: EffectMetric) -> StudyEvidence:
    effects, findings = {}, []
    for verdict in _single(result):
        numbers = verdict.evidence
        obstacle = numbers.obstacle or ("it has no test of this effect" if verdict.verdict == "not testable" else "")
        pair = (numbers.std_estimate, numbers.std_std_error)
        estimate, error = pair if metric == "standardized" else (numbers.estimate, numbers.std_error)
        if not obstacle and not error > 0:
            obstacle = "it has no standard error in this metric"
        if obstacle:
            findings.append(_left_out(name, verdict.id, obstacle))
        else:
            effects[verdict.id] = SingleEffect(
                study=name, proposition=verdict.id, estimate=estimate, std_error=error, n=result.structural.n_obs
            )
    return StudyEvidence(name=name, effects=effects, findings=tuple(findings), result=result)


def _single(result: StudyResult) -> Iterator[Verdict]:
    """Verdicts on single effects, those of composites apart; differences of groups have no effect to pool."""
    for whole in (*result.judged, *result.judged_extensions):
        for verdict in whole.parts or (whole,):
            rule, test = verdict.proposition.rule, verdict.proposition.test
            if not isinstance(rule, CompositeRule) and not isinstance(test, GroupDifferenceTest):
                yield verdict


def _left_out(name: str, proposition: str, reason: str) -> Finding:
    message = f"{proposition} of this study is not pooled: {reason}."
    return Finding(severity="warning", where=name, message=message)


def _read(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        problem = Problem(where=str(path), found=str(error), remedy="Give a CSV file in UTF-8 with a header.")
        raise InputFileError(f"{path} could not be read.", [problem]) from None


def _of_frame(frame: pd.DataFrame, name: str, metric: EffectMetric) -> StudyEvidence:
    table = _with_ids(frame, name)
    estimate, error, taken = _columns(table, name, metric)
    effects, findings = {}, list(taken)
    for row in table.to_dict("records"):
        proposition = str(row["proposition"])
        effect = SingleEffect(
            study=name,
            proposition=proposition,
            estimate=float(row[estimate]),
            std_error=float(row[error]),
            n=float(row.get("n", nan)),
        )
        if row.get("verdict") == "not testable":
            findings.append(_left_out(name, proposition, "its table calls it not testable"))
        elif isnan(effect.estimate) and isnan(effect.std_error):
            continue  # composites have no effect of their own
        elif not effect.std_error > 0 or isnan(effect.estimate):
            findings.append(_left_out(name, proposition, "it has no estimate with a positive standard error"))
        else:
            effects[proposition] = effect
    return StudyEvidence(name=name, effects=effects, findings=tuple(findings))


def _with_ids(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The table with the ids of the propositions in a column of that name."""
    if "proposition" in frame.columns:
        table = frame
    elif "id" in frame.columns:
        table = frame.rename(columns={"id": "proposition"})
    else:
        table = frame.rename_axis("proposition").reset_index()
    doubled = table["proposition"][table["proposition"].duplicated()].astype(str).tolist()
    if doubled:
        found = f"{', '.join(doubled)} more than once"
        raise DataError(
            f"The table of {name} is ambiguous.",
            [Problem(where="proposition", found=found, remedy="Keep one row a proposition.")],
        )
    return table


def _columns(table: pd.DataFrame, name: str, metric: EffectMetric) -> tuple[str, str, tuple[Finding, ...]]:
    """Columns of the effect and its standard error, and what had to be taken for granted."""
    standardized, plain = ("std_estimate", "std_std_error"), ("estimate", "std_error")
    if metric == "standardized" and set(standardized) <= set(table.columns):
        return (*standardized, ())
    if metric == "standardized" and "std_estimate" in table.columns:
        found = "std_estimate without std_std_error"
        remedy = "Save result.verdicts itself (result.verdicts.to_csv), which holds both."
        raise DataError(
            f"The table of {name} lacks standard errors of its standardised effects.",
            [Problem(where=name, found=found, remedy=remedy)],
        )
    missing = [column for column in plain if column not in table.columns]
    if missing:
        columns = ", ".join(map(str, table.columns))
        problems = [
            Problem(where=name, found=f"no column {column!r} among {columns}", remedy="Add it.") for column in missing
        ]
        raise DataError(f"The table of {name} cannot be pooled.", problems)
    metric_name = metric.replace("ized", "ised")
    message = f"Its estimates were taken as {metric_name}, which a table cannot show."
    return (*plain, (Finding(severity="note", where=name, message=message),))
