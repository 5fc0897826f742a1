"""From a fitted structural model to verdicts by the declared rules; and the rows that models are fitted to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from surveysem.data import Responses
from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.modelling import rows_left_out
from surveysem.propositions import Evidence, Proposition, Verdict, judge_propositions
from surveysem.study.evidence import collect_evidence
from surveysem.study.groups import GroupComparison
from surveysem.study.quality.minimum import excluded, marked, quality_shortfalls
from surveysem.study.reduced import unmeasured_evidence
from surveysem.study.responses import model_frame
from surveysem.study.study import Study


def analysed_rows(
    study: Study, responses: Responses, settings: Mapping[str, Any]
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """The columns of the models and the clusters, with incomplete rows or without, and what was left out."""
    items = responses.frame[list(study.specification.indicators)]
    kept = items if settings["missing"] == "fiml" else items.dropna()
    frame = model_frame(study, kept)
    if settings.get("cluster") in responses.frame:
        frame[settings["cluster"]] = responses.frame.loc[kept.index, settings["cluster"]]
    return frame, () if settings["missing"] == "fiml" else rows_left_out(len(kept), len(items))


def judge_study(
    study: Study,
    responses: Responses,
    frame: pd.DataFrame,
    options: Mapping[str, Any],
    *,
    structural: Fit,
    measurement: Fit,
    allow_inadmissible: bool,
) -> tuple[tuple[Verdict, ...], tuple[Verdict, ...]]:
    """Verdicts on the propositions and on the extensions.

    Parameters
    ----------
    study : Study
        Declares propositions and rules.
    responses : Responses
        The answers, for grouping questions.
    frame : pandas.DataFrame
        The rows analysed.
    options : Mapping of str to object
        Estimator, missing, engine, ordered and cluster where they have a part.
    structural, measurement : Fit
        The two models.
    allow_inadmissible : bool
        Judge on a solution that no population could have.
    """
    groups = _group_comparison(study, responses, frame, options)
    obstacle = "" if structural.admissible or allow_inadmissible else _obstacle(structural)
    verdicts, extensions = (
        judge_family(study, family, _evidence(study, family, structural, groups, obstacle), measurement)
        for family in (study.propositions, study.extensions)
    )
    return verdicts, extensions


def _evidence(
    study: Study, family: Sequence[Proposition], structural: Fit, groups: GroupComparison, obstacle: str
) -> Mapping[str, Evidence]:
    unmeasured = unmeasured_evidence(study, family)
    return collect_evidence(family, structural, groups, obstacle=obstacle, unmeasured=unmeasured)


def judge_family(
    study: Study, family: Sequence[Proposition], evidence: Mapping[str, Evidence], measurement: Fit
) -> tuple[Verdict, ...]:
    """Verdicts on one family, with what the declared minimum of measurement has to say."""
    rule = study.minimum_quality
    shortfalls = quality_shortfalls(family, rule, measurement, study.labels)
    if rule is None or rule.action == "mark":
        return marked(judge_propositions(family, evidence, study.labels), shortfalls)
    return judge_propositions(family, excluded(evidence, shortfalls), study.labels)


def _group_comparison(
    study: Study, responses: Responses, frame: pd.DataFrame, options: Mapping[str, Any]
) -> GroupComparison:
    names = [question.id for question in study.instrument.grouping_questions if question.id in responses.frame.columns]
    return GroupComparison(
        statements=study.statements("structural"),
        frame=frame.assign(**{name: responses.frame.loc[frame.index, name] for name in names}),
        options=options,
    )


def _obstacle(structural: Fit) -> str:
    serious = [finding.message for finding in structural.findings if finding.severity == "serious"]
    return f"the solution is inadmissible ({' '.join(serious).rstrip('.')})"
