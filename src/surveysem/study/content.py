"""A result gathered for the report, which recomputes nothing."""

from __future__ import annotations

import platform
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING

import pandas as pd

from surveysem.inference import Fit
from surveysem.report import ReportContent
from surveysem.study.probing import moderation_content

if TYPE_CHECKING:
    from surveysem.study.result import StudyResult

_PACKAGES = ("surveysem", "semopy", "numpy", "scipy", "pandas")
_EFFECT_COLUMNS = [
    "label",
    "estimate",
    "std_error",
    "ci_lower",
    "ci_upper",
    "p_value",
    "std_estimate",
]


def report_content(result: StudyResult) -> ReportContent:
    """Everything a report says about one result."""
    study, responses = result.study, result.responses
    return ReportContent(
        title=study.title,
        study_id=study.id,
        instrument=study.instrument,
        labels=study.labels,
        simulated=responses.simulated,
        simulated_note=responses.simulated_note,
        population_note=study.population_note if responses.simulated else "",
        source=responses.source,
        n_read=responses.screening.n_imported,
        n_analysed=result.structural.n_obs,
        flow=_flow(result),
        measurement=result.measurement,
        structural=result.structural,
        reliability=result.measurement.reliability,
        htmt=result.measurement.htmt,
        fornell_larcker=result.measurement.fornell_larcker,
        verdicts=result.judged,
        extensions=result.judged_extensions,
        effects=_effects(result),
        fit_judgement=result.fit_judgement,
        findings=result.findings,
        agreement=_agreement(result.structural),
        software={"Python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
        settings={name: str(value) for name, value in result.settings.items()},
        fit_criteria=study.fit_criteria,
        generated=date.today().isoformat(),
        fingerprint=study.fingerprint,
        structural_linear=result.structural_linear,
        moderation=moderation_content(result),
        methods=None if result.methods is None else result.methods.table,
    )


def _agreement(fit: Fit) -> str:
    """What a refit by independent software showed, or why there is none."""
    if isinstance(fit.agreement, str):
        return fit.agreement.removesuffix(" Use engine='native'.")
    return fit.agreement.sentence()


def _effects(result: StudyResult) -> pd.DataFrame:
    """Indirect effects, named as the study names them."""
    rows = result.structural.estimates.query("op == ':='")
    titles = [result.study.effect_titles.get(name, name) for name in rows["lhs"]]
    return rows.assign(label=titles, std_estimate=rows["std_all"])[_EFFECT_COLUMNS].reset_index(drop=True)


def _flow(result: StudyResult) -> pd.DataFrame:
    """The flow of screening, with the rows that the treatment of missing answers left out."""
    flow, n_used = result.responses.screening.flow, result.structural.n_obs
    n_left_out = result.responses.n_obs - n_used
    if not n_left_out:
        return flow
    last = flow.iloc[[-1]].assign(n_remaining=n_used)
    step = pd.DataFrame(
        {
            "step": ["missing answers"],
            "rule": [result.settings["missing"]],
            "action": ["exclude"],
            "n_affected": [n_left_out],
            "n_remaining": [n_used],
        }
    )
    return pd.concat([flow.iloc[:-1], step, last], ignore_index=True)
