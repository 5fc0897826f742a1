"""A result gathered for the report, which recomputes nothing."""

from __future__ import annotations

import platform
from datetime import date
from importlib.metadata import version
from typing import TYPE_CHECKING

import pandas as pd

from surveysem.inference import Fit
from surveysem.report import ReportContent
from surveysem.study.bundles.tables import analysed_answers, answers_hash
from surveysem.study.description import description_content
from surveysem.study.local_fit import local_fit
from surveysem.study.moderation.probing import moderation_content
from surveysem.study.structural_content import named_effects, structural_content
from surveysem.study.study import Study

if TYPE_CHECKING:
    from surveysem.study.result import StudyResult

_PACKAGES = ("surveysem", "semopy", "numpy", "scipy", "pandas")


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
        effects=named_effects(result),
        fit_judgement=result.fit_judgement,
        findings=result.findings,
        agreement=_agreement(result.structural),
        software={"Python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
        settings={name: _shown(value, study) for name, value in result.settings.items() if _concerns(name, study)},
        fit_criteria=study.fit_criteria,
        generated=date.today().isoformat(),
        fingerprint=study.fingerprint,
        structural_linear=result.structural_linear,
        moderation=moderation_content(result),
        methods=None if result.methods is None else result.methods.table,
        preregistration=result.preregistration,
        description=description_content(result),
        measurement_quality=result.measurement_quality,
        robustness=None if result.robustness is None else result.robustness.content,
        influence=None if result.influence is None else result.influence.content,
        left_out=result.left_out,
        residuals=local_fit(result),
        data_hash=answers_hash(analysed_answers(study, responses)),
        **structural_content(result),
    )


def _concerns(name: str, study: Study) -> bool:
    """Whether a setting has a part in the analysis: a study without interactions has no method for them."""
    return name != "interaction" or bool(study.specification.interactions)


def _shown(value: object, study: Study) -> str:
    """A setting in words."""
    if value == study.specification.indicators:
        return f"all {len(study.specification.indicators)} items"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _agreement(fit: Fit) -> str:
    """What a refit by independent software showed, or why there is none."""
    if isinstance(fit.agreement, str):
        return fit.agreement.removesuffix(" Use engine='native'.")
    return fit.agreement.sentence()


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
