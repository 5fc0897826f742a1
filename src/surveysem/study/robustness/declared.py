"""Robustness beside a result: the specifications around it, and who bears it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from surveysem.errors import Problem, SurveySEMError, UnsupportedError
from surveysem.findings import Finding
from surveysem.study.robustness.analysis import JudgedAnalysis
from surveysem.study.robustness.fitting import reason_of
from surveysem.study.robustness.influence import Influence, influence
from surveysem.study.robustness.multiverse import Multiverse, multiverse_of

if TYPE_CHECKING:
    from surveysem.study.result import StudyResult

_REFITTED = 5
"""Most influential respondents without each of whom the study is judged again."""
_PASSED_ON = ("nodes", "cluster", "engine")


def with_robustness(
    result: StudyResult,
    asked: bool | Multiverse | None,
    *,
    allow_inadmissible: bool = False,
    n_jobs: int = 1,
    progress: bool = False,
) -> StudyResult:
    """The result with what was asked for or, where nothing was, with what its study declares.

    Parameters
    ----------
    result : StudyResult
        The declared analysis.
    asked : bool or Multiverse or None
        Whether specifications are fitted, or those that were; as declared if None. Influential respondents, and the
        clusters that the study names under ``robustness:``, go with them.
    allow_inadmissible, n_jobs, progress
        As of :func:`~surveysem.study.fitting.fit_study`.

    Raises
    ------
    UnsupportedError
        When the specifications given are those of another study.
    """
    if isinstance(asked, Multiverse):
        _check_same(result, asked)
        found = asked
    elif _wanted(result, asked):
        options: dict[str, Any] = {name: result.settings[name] for name in _PASSED_ON if name in result.settings}
        options["allow_inadmissible"] = allow_inadmissible
        found = multiverse_of(JudgedAnalysis.of(result), n_jobs=n_jobs, progress=progress, options=options)
    else:
        return result
    try:
        bearers = _influence(result, n_jobs=n_jobs)
    except SurveySEMError as error:
        message = f"There is nothing on influential respondents: {reason_of(error)}"
        told = Finding(severity="warning", where="influential respondents", message=message)
        return replace(result, robustness=replace(found, findings=(*found.findings, told)))
    return replace(result, robustness=found, influence=bearers)


def _influence(result: StudyResult, *, n_jobs: int) -> Influence:
    """Influence of respondents and of the clusters the study names."""
    declared = result.study.robustness
    products = result.structural.solution.has_latent_products
    return influence(
        result,
        cluster=(declared.clusters if declared is not None else "") or None,
        method="one_step" if products else "exact",
        n_refitted=_REFITTED,
        n_jobs=n_jobs,
    )


def _wanted(result: StudyResult, asked: bool | None) -> bool:
    declared = result.study.robustness
    return asked if asked is not None else declared is not None and declared.always


def _check_same(result: StudyResult, given: Multiverse) -> None:
    found = given.table[given.table["declared"]]
    same = given.study.fingerprint == result.study.fingerprint
    if not same or found["n_obs"].iloc[0] != result.structural.n_obs:
        remedy = "Give surveysem.multiverse(study, data) of the same study and answers, or robustness=True."
        problem = Problem(
            where="robustness", found="specifications of another study or of other answers", remedy=remedy
        )
        raise UnsupportedError("The specifications do not belong to this analysis.", [problem])
