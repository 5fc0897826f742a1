"""From answers to verdicts: measurement model, structural model, evidence, judgement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from surveysem.data import Responses
from surveysem.study.progress import stage, wanted
from surveysem.study.result import StudyResult
from surveysem.study.robustness.declared import with_robustness
from surveysem.study.robustness.multiverse import Multiverse
from surveysem.study.stages import (
    Request,
    analysed_sample,
    check_request,
    fitted_models,
    gathered,
    held_to_plan,
    judged,
    with_advice,
)
from surveysem.study.study import Study
from surveysem.typing import EstimatorName


def fit_study(
    study: Study,
    data: Responses | pd.DataFrame | str | Path,
    *,
    estimator: EstimatorName | Literal["auto"] | None = None,
    missing: str | None = None,
    interaction: str | None = None,
    centering: str | None = None,
    nodes: int | None = None,
    ordered: Sequence[str] | bool | None = None,
    cluster: str | None = None,
    engine: str = "native",
    allow_inadmissible: bool = False,
    compare_interactions: bool | None = None,
    robustness: bool | Multiverse | None = None,
    bootstrap: int | None = None,
    seed: int | None = None,
    confidence: str | None = None,
    rivals: bool = True,
    progress: bool | None = None,
    n_jobs: int = 1,
    preregistration: str | Path | None = None,
    deviations: Literal["list", "refuse"] = "list",
    unmeasured: Literal["refuse", "not_testable"] | None = None,
) -> StudyResult:
    """A study fitted to answers, with a verdict on each of its propositions.

    Parameters
    ----------
    study : Study
        Questionnaire, model, propositions and rules.
    data : Responses, pandas.DataFrame, str or pathlib.Path
        Screened answers, or what :func:`read_responses` reads.
    estimator : str, optional
        One of those :func:`surveysem.sem` knows, instead of the one the study declares; ``"auto"`` follows
        :func:`surveysem.advise_estimator` and reports why.
    missing : {"listwise", "fiml"}, optional
        Treatment of missing answers, instead of the declared one.
    interaction : {"product_indicator", "lms", "qml"}, optional
        Method of latent moderation, instead of the declared one; see :func:`surveysem.sem`.
    centering : {"double", "residual", "unconstrained", "constrained"}, optional
        How product indicators are made, instead of as declared.
    nodes : int, optional
        Nodes of quadrature in each dimension, for ``interaction="lms"``.
    ordered : sequence of str, or bool, optional
        Items whose answers are ordered categories, ``True`` for all of them, instead of those the study declares; they
        need an estimator of least squares such as WLSMV, and a study without latent interactions.
    cluster : str, optional
        Column whose values part the respondents into clusters (the influencer, the firm), instead of the one the study
        declares: standard errors and tests allow for dependence within them, under ML and MLR. An empty text for none.
    engine : {"native", "semopy"}
        Software that minimises.
    allow_inadmissible : bool
        Let propositions be judged on a solution that no population could have; the result and its report say so.
    compare_interactions : bool, optional
        Fit the latent interactions by all methods and report them beside each other (:func:`compare_moderation`),
        instead of as declared.
    robustness : bool or Multiverse, optional
        Fit the study in every combination of defensible choices (:func:`multiverse`), or take those that were fitted,
        instead of as declared.
    bootstrap : int, optional
        Replicates of a bootstrap of the structural model, for the intervals and p of paths and effects, instead of as
        declared; 0 for none. Verdicts rest on the estimator's own standard errors.
    seed : int, optional
        Of the bootstrap, instead of the one the study declares.
    confidence : {"percentile", "bca", "basic", "normal"}, optional
        Kind of bootstrap interval, likewise.
    rivals : bool
        Fit the rival models the study declares; see :func:`compare_rivals`.
    progress : bool, optional
        Show stages and bars; on a terminal if left out, and in a notebook too if True.
    n_jobs : int
        Processes for the bootstrap, the rivals and robustness; they gain where one process would need many seconds.
    preregistration : str or pathlib.Path, optional
        The ``preregistration.yaml`` that :func:`preregister` wrote: study, questionnaire, exclusions, options, sample
        are held against it before anything is fitted.
    deviations : {"list", "refuse"}
        What becomes of deviations from it: told in findings and in the report, or an error that lists them all.
    unmeasured : {"refuse", "not_testable"}, optional
        What becomes of constructs none of whose items are among the answers, instead of as declared: an error; or the
        model is fitted without them, and the propositions that need them are not testable. Constructs of which some
        items are there must have them all. ``result.study`` is then the reduced study.

    Raises
    ------
    DataError, EstimationError, IdentificationError, UnsupportedError
        Each says where, what was found and what to do.

    Examples
    --------
    >>> import surveysem as ss
    >>> study = ss.load_study("political_democracy")
    >>> ss.fit_study(study, study.bundled_data()).verdicts["verdict"].tolist()
    ['supported', 'supported', 'supported']
    """
    shown = wanted(progress)
    request = Request(
        study=study,
        options={
            "estimator": estimator,
            "missing": missing,
            "interaction": interaction,
            "centering": centering,
            "nodes": nodes,
            "ordered": ordered,
            "cluster": cluster,
            "engine": engine,
        },
        unmeasured=unmeasured,
        allow_inadmissible=allow_inadmissible,
        compare_interactions=compare_interactions,
        robustness=robustness,
        bootstrap={"replicates": bootstrap, "seed": seed, "confidence": confidence},
        rivals=rivals,
        progress=shown,
        n_jobs=n_jobs,
    )
    check_request(request)
    sample = analysed_sample(request, data)
    registered = held_to_plan(request, sample, preregistration, deviations)
    sample = with_advice(sample)
    with stage("Fitting the models", progress=shown):
        models = fitted_models(sample)
        verdicts = judged(request, sample, models)
    result = gathered(request, sample, models, verdicts, registered)
    return with_robustness(result, robustness, allow_inadmissible=allow_inadmissible, n_jobs=n_jobs, progress=shown)
