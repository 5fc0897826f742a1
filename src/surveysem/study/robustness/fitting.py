"""Specifications fitted and judged, one after the other or in several processes: same numbers either way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any, TypeAlias

import pandas as pd
from joblib import Parallel, delayed  # type: ignore[import-untyped]
from rich.console import Console
from rich.progress import Progress
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from surveysem.data import Responses, ScreeningRules
from surveysem.data.responses import screen_again
from surveysem.errors import SurveySEMError
from surveysem.propositions import Verdict
from surveysem.report.robustness import NO_RESULT
from surveysem.study.robustness.analysis import JudgedAnalysis, analyse
from surveysem.study.robustness.plan import AS_DECLARED, AnalysisChoice, MeasurementVariant, RobustnessPlan
from surveysem.study.robustness.words import moderation_name
from surveysem.study.study import Study

MOST_SHOWN = 12
_WITH_ORDERED = ("DWLS", "WLSM", "WLSMV", "WLSMVS", "ULSM", "ULSMV", "ULSMVS")
Answers: TypeAlias = Mapping[str, Responses | str]
"""Screened answers by name of the screening, or why there are none."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SpecifiedAnalysis:
    """One specification, ready to be fitted; it is sent to other processes.

    Parameters
    ----------
    choice : AnalysisChoice
        What was chosen.
    study : Study
        The study with the measurement chosen.
    responses : Responses or str
        Answers with the screening chosen, or why there are none.
    options : Mapping of str to object
        Of :func:`~surveysem.study.fitting.fit_study`.
    """

    choice: AnalysisChoice
    study: Study
    responses: Responses | str
    options: Mapping[str, Any]


def answers_by_screening(declared: Responses, study: Study, plan: RobustnessPlan) -> Answers:
    """The answers under each screening of a plan, or why there are none."""
    found: dict[str, Responses | str] = {AS_DECLARED: declared}
    for name, rules in plan.screening.items():
        try:
            found[name] = screened_by(study, declared, rules)
        except SurveySEMError as error:
            found[name] = reason_of(error)
    return found


def screened_by(study: Study, responses: Responses, rules: ScreeningRules) -> Responses:
    """Answers to a study screened by other rules."""
    return screen_again(responses, study.instrument, required=study.specification.indicators, rules=rules)


def fit_choices(
    declared: JudgedAnalysis,
    choices: Sequence[AnalysisChoice],
    plan: RobustnessPlan,
    answers: Answers,
    options: Mapping[str, Any],
    *,
    n_jobs: int,
    progress: bool,
) -> pd.DataFrame:
    """Rows of all specifications, in their order; see :class:`~surveysem.report.robustness.RobustnessContent`.

    The declared analysis is not fitted again.
    """
    study = declared.study
    studies = {name: _with_measurement(study, variant) for name, variant in plan.measurement.items()}
    parcelled = {name: _with_parcels(answers, variant) for name, variant in plan.measurement.items()}
    tasks = [
        SpecifiedAnalysis(
            choice=each,
            study=studies.get(each.measurement, study),
            responses=parcelled.get(each.measurement, answers)[each.screening],
            options={**options, "ordered": _ordered(each.estimator, declared, options)},
        )
        for each in choices[1:]
    ]
    rows = _rows_of(choices[0], declared)
    for found in _in_order(tasks, n_jobs=n_jobs, progress=progress):
        rows += found
    return pd.DataFrame(rows)


def reason_of(error: SurveySEMError) -> str:
    """An error in one line: its message and its first problems."""
    return " ".join([error.message, *(str(problem) for problem in error.problems[:2])])


def _in_order(tasks: Sequence[SpecifiedAnalysis], *, n_jobs: int, progress: bool) -> Iterator[list[dict[str, object]]]:
    console = Console(stderr=True)
    hidden = not (progress and (console.is_terminal or console.is_jupyter))
    with Progress(console=console, disable=hidden) as bar:
        shown = bar.add_task("Specifications", total=len(tasks))
        for found in _results(tasks, n_jobs):
            bar.advance(shown)
            yield found


def _results(tasks: Sequence[SpecifiedAnalysis], n_jobs: int) -> Iterator[list[dict[str, object]]]:
    if n_jobs == 1 or len(tasks) < 2:
        yield from (fit_specified(task) for task in tasks)
        return
    calls = (delayed(fit_specified)(task) for task in tasks)
    yield from Parallel(n_jobs=n_jobs, backend="loky", return_as="generator")(calls)


def fit_specified(task: SpecifiedAnalysis) -> list[dict[str, object]]:
    """Rows of one specification: its verdicts, or why it has none."""
    if isinstance(task.responses, str):
        return _without_result(task, task.responses)
    choice, options = task.choice, dict(task.options)
    if choice.interaction:
        options["interaction"] = choice.interaction
        options["centering"] = choice.centering or None
    if choice.interaction != "lms":
        options.pop("nodes", None)
    # One thread, so that sums are added in the same order in every process.
    with threadpool_limits(limits=1, user_api="blas"):
        try:
            found = analyse(task.study, task.responses, estimator=choice.estimator, missing=choice.missing, **options)
            return _rows_of(choice, found)
        except SurveySEMError as error:
            return _without_result(task, reason_of(error))


def _rows_of(choice: AnalysisChoice, found: JudgedAnalysis) -> list[dict[str, object]]:
    fit = found.structural
    return [
        _chosen(choice) | {"n_obs": fit.n_obs} | _numbers(each) | {"admissible": fit.admissible, "problem": ""}
        for verdict in found.verdicts
        for each in (verdict, *verdict.parts)
    ]


def _chosen(choice: AnalysisChoice) -> dict[str, object]:
    return {
        "specification": choice.number,
        "declared": choice.number == 1,
        "measurement": choice.measurement,
        "screening": choice.screening,
        "missing": choice.missing,
        "moderation": moderation_name(choice),
        "estimator": choice.estimator,
    }


def _numbers(verdict: Verdict) -> dict[str, object]:
    evidence = verdict.evidence
    return {
        "proposition": verdict.id,
        "verdict": verdict.verdict,
        "estimate": evidence.estimate,
        "std_error": evidence.std_error,
        "ci_lower": evidence.ci_lower,
        "ci_upper": evidence.ci_upper,
        "beta": evidence.std_estimate,
        "beta_std_error": evidence.std_std_error,
        "beta_ci_lower": evidence.std_ci_lower,
        "beta_ci_upper": evidence.std_ci_upper,
        "p_value": evidence.p_value,
        "p_adjusted": verdict.p_adjusted,
    }


_NUMBERS = (
    *("estimate", "std_error", "ci_lower", "ci_upper"),
    *("beta", "beta_std_error", "beta_ci_lower", "beta_ci_upper", "p_value", "p_adjusted"),
)


def _without_result(task: SpecifiedAnalysis, why: str) -> list[dict[str, object]]:
    ids = [each.id for whole in task.study.propositions for each in (whole, *whole.parts)]
    nothing = dict.fromkeys(_NUMBERS, nan)
    return [
        _chosen(task.choice)
        | {"n_obs": 0, "proposition": name, "verdict": NO_RESULT}
        | nothing
        | {"admissible": False, "problem": why}
        for name in ids
    ]


def _with_measurement(study: Study, variant: MeasurementVariant) -> Study:
    return replace(study, specification=variant.applied_to(study.specification))


def _with_parcels(answers: Answers, variant: MeasurementVariant) -> Answers:
    """The answers with the means that parcels are; one is missing where an item of it is."""
    parcels = {name: items for each in variant.parcels.values() for name, items in each.items()}
    if not parcels:
        return answers
    return {name: each if isinstance(each, str) else _parcelled(each, parcels) for name, each in answers.items()}


def _parcelled(responses: Responses, parcels: Mapping[str, Sequence[str]]) -> Responses:
    made = {name: responses.frame[list(items)].mean(axis=1, skipna=False) for name, items in parcels.items()}
    return replace(responses, frame=responses.frame.assign(**made))


def _ordered(estimator: str, declared: JudgedAnalysis, options: Mapping[str, Any]) -> object:
    """Items taken for ordered: those of the declared analysis or all, where the estimator is made for them."""
    if estimator not in _WITH_ORDERED:
        return False
    return options.get("ordered") or declared.settings.get("ordered") or True
