"""One analysis of a study, as far as its verdicts need it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from surveysem.data import Responses
from surveysem.inference import Fit
from surveysem.modelling import fit_statements
from surveysem.propositions import Verdict
from surveysem.specification import moderated_statements
from surveysem.study.analysis import advised_settings, analysis_settings, fit_options
from surveysem.study.judging import analysed_rows, judge_study
from surveysem.study.structural import fit_structural
from surveysem.study.study import Study

if TYPE_CHECKING:
    from surveysem.study.result import StudyResult


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedAnalysis:
    """A study analysed in one way.

    Parameters
    ----------
    study : Study
        What was settled before.
    responses : Responses
        The answers.
    settings : Mapping of str to object
        Options of the analysis.
    structural : Fit
        The structural model.
    verdicts : tuple of Verdict
        On the propositions.
    """

    study: Study
    responses: Responses
    settings: Mapping[str, Any]
    structural: Fit
    verdicts: tuple[Verdict, ...]

    @classmethod
    def of(cls, result: StudyResult) -> JudgedAnalysis:
        """That of a result."""
        return cls(
            study=result.study,
            responses=result.responses,
            settings=result.settings,
            structural=result.structural,
            verdicts=result.judged,
        )


def analyse(
    study: Study,
    responses: Responses,
    *,
    estimator: str | None = None,
    missing: str | None = None,
    interaction: str | None = None,
    centering: str | None = None,
    nodes: int | None = None,
    ordered: Sequence[str] | bool | None = None,
    cluster: str | None = None,
    engine: str = "native",
    allow_inadmissible: bool = False,
) -> JudgedAnalysis:
    """Verdicts as :func:`~surveysem.study.fitting.fit_study` gives them, without what else a report says.

    Parameters
    ----------
    study, responses, estimator, missing, interaction, centering, nodes, ordered, cluster, engine, allow_inadmissible
        As there.
    """
    settings = analysis_settings(
        study,
        estimator=estimator,
        missing=missing,
        interaction=interaction,
        centering=centering,
        nodes=nodes,
        ordered=ordered,
        cluster=cluster,
        engine=engine,
    )
    return analyse_with(study, responses, settings, allow_inadmissible=allow_inadmissible)


def analyse_with(
    study: Study, responses: Responses, settings: Mapping[str, Any], *, allow_inadmissible: bool = False
) -> JudgedAnalysis:
    """The same with settings as :func:`~surveysem.study.analysis.analysis_settings` gives them."""
    frame, notes = analysed_rows(study, responses, settings)
    settings, _ = advised_settings(study, frame, settings)
    options = fit_options(settings)
    structural = _structural(study, frame, settings, options)
    # Only a declared minimum of measurement makes the measurement model matter to a verdict.
    measurement = structural
    if study.minimum_quality is not None:
        measurement = fit_statements(study.statements("measurement"), frame, notes=notes, **options)
    verdicts, _ = judge_study(
        study,
        responses,
        frame,
        options,
        structural=structural,
        measurement=measurement,
        allow_inadmissible=allow_inadmissible,
    )
    return JudgedAnalysis(study=study, responses=responses, settings=settings, structural=structural, verdicts=verdicts)


def _structural(study: Study, frame: pd.DataFrame, settings: Mapping[str, Any], options: Mapping[str, Any]) -> Fit:
    """The structural model alone, without the models that tests of latent products compare it with."""
    method = settings["interaction"]
    if method == "product_indicator" or not study.specification.interactions:
        return fit_structural(study.specification, frame, settings).full
    statements = moderated_statements(study.specification)
    return fit_statements(statements, frame, interaction=method, nodes=settings.get("nodes"), **options)
