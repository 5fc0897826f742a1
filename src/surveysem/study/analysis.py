"""How a study is analysed: what it declares, what the researcher asks for, and what the answers call for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pandas as pd

from surveysem.errors import Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.modelling.advice import EstimatorAdvice, advise_estimator
from surveysem.modelling.latent_moderation import check_interaction
from surveysem.study.study import Study
from surveysem.typing import EstimatorName, LeastSquaresName, MissingTreatment

_PLACE = "estimator chosen from the answers"


def analysis_settings(
    study: Study,
    *,
    engine: str,
    nodes: int | None,
    ordered: Sequence[str] | bool | None,
    cluster: str | None,
    **given: str | None,
) -> dict[str, Any]:
    """The options of the analysis: those given, else those declared; only what has a part in it.

    Parameters
    ----------
    study : Study
        Declares options.
    engine, nodes, ordered, cluster, **given
        As of :func:`surveysem.fit_study`; None for what is not given.

    Returns
    -------
    dict
        estimator, missing, interaction and engine; centering, nodes, ordered (a tuple of items) and cluster where they
        have a part.

    Raises
    ------
    UnsupportedError
        Lists the options that do not go together.
    """
    declared = study.analysis.model_dump()
    settings = {name: value or declared[name] for name, value in given.items()}
    check_interaction(settings["interaction"], centering=settings["centering"], pairs="all")
    categories = _items(study, declared["ordered"] if ordered is None else ordered)
    named: dict[str, Any] = {"ordered": categories, "nodes": nodes}
    named["cluster"] = declared["cluster"] if cluster is None else cluster
    problems = [
        *_product_problems(settings["interaction"], centering=given["centering"], nodes=nodes),
        *_problems(study, settings | named),
    ]
    if problems:
        raise UnsupportedError("The options of the analysis do not go together.", problems)
    if settings["interaction"] != "product_indicator" or not study.specification.interactions:
        del settings["centering"]
    return settings | {name: value for name, value in named.items() if value} | {"engine": engine}


def fit_options(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the settings that every model of a study is fitted with."""
    names = ("estimator", "missing", "engine", "ordered", "cluster")
    return {name: settings[name] for name in names if name in settings}


def declared_options(study: Study, frame: pd.DataFrame) -> dict[str, Any]:
    """Estimator, missing and ordered as a study declares them, for its measurement model.

    Parameters
    ----------
    study : Study
        Declares them; ``estimator: auto`` is resolved by the advice, clusters left aside.
    frame : pandas.DataFrame
        The items, one row a respondent.
    """
    analysis = study.analysis
    ordered = _items(study, analysis.ordered)
    settings: dict[str, Any] = {"estimator": analysis.estimator, "missing": analysis.missing}
    settings |= {"ordered": ordered} if ordered else {}
    return fit_options(advised_settings(study, frame, settings)[0])


def advised_settings(
    study: Study, frame: pd.DataFrame, settings: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """The settings with ``estimator="auto"`` replaced by what the answers call for, and why.

    Parameters
    ----------
    study : Study
        Its indicators are looked at.
    frame : pandas.DataFrame
        The rows analysed; with the column of clusters where one is named.
    settings : Mapping of str to object
        As of :func:`analysis_settings`.

    Returns
    -------
    tuple of dict and tuple of Finding
        Items named as ordered stay so, under WLSMV. A cluster column that is named is kept under MLR; WLSMV, which
        allows for no clusters, is advised only where their design effects may be neglected.
    """
    if settings["estimator"] != "auto":
        return dict(settings), ()
    if settings.get("ordered"):
        message = "WLSMV was used because items were declared to be ordered."
        return {**settings, "estimator": "WLSMV"}, (Finding(severity="note", where=_PLACE, message=message),)
    advice = estimator_advice(study, frame, settings)
    chosen: dict[str, Any] = {**settings, "estimator": advice.estimator}
    if advice.ordered:
        chosen["ordered"] = advice.ordered
        chosen.pop("cluster", None)
    return chosen, advice.findings


def estimator_advice(study: Study, frame: pd.DataFrame, settings: Mapping[str, Any]) -> EstimatorAdvice:
    """What the answers to a study call for; see :func:`surveysem.advise_estimator`."""
    return advise_estimator(
        frame,
        study.specification.indicators,
        cluster=settings.get("cluster"),
        missing=settings["missing"],
        categorical=not study.specification.interactions,
    )


def check_comparison(study: Study, settings: Mapping[str, Any], asked: bool | None) -> None:
    """Refuse to compare methods for latent interactions where respondents are clustered: not all allow for it."""
    wanted = study.analysis.compare_interactions if asked is None else asked
    if wanted and "cluster" in settings:
        remedy = "Leave compare_interactions out, or the clusters."
        problem = Problem(where="compare_interactions", found=f"cluster={settings['cluster']!r}", remedy=remedy)
        raise UnsupportedError("The methods for latent interactions are not compared with clusters.", [problem])


def continuous_note(settings: Mapping[str, Any]) -> tuple[Finding, ...]:
    """What must be known of least squares with items that are not taken for ordered."""
    estimator = settings["estimator"]
    if settings.get("ordered") or estimator not in get_args(LeastSquaresName) or estimator == "GLS":
        return ()
    message = (
        f"{estimator} was used with items taken for continuous: its weights come from their fourth moments, not from "
        "polychoric correlations. ordered=True takes the items for ordered categories."
    )
    return (Finding(severity="note", where="estimator", message=message),)


def _items(study: Study, ordered: Sequence[str] | bool) -> tuple[str, ...]:
    """Items to take for ordered, in the order of the model; names that are none come last."""
    items = study.specification.indicators
    if isinstance(ordered, bool):
        return tuple(items) if ordered else ()
    named = (ordered,) if isinstance(ordered, str) else tuple(ordered)
    return (*(name for name in items if name in named), *(name for name in named if name not in items))


def _product_problems(interaction: str, *, centering: str | None, nodes: int | None) -> list[Problem]:
    problems = []
    if centering is not None and interaction != "product_indicator":
        remedy = 'Leave it out, or use interaction="product_indicator".'
        found = f"{centering!r} with interaction={interaction!r}"
        problems.append(Problem(where="centering", found=found, remedy=remedy))
    if nodes is not None and interaction != "lms":
        remedy = 'Leave it out, or use interaction="lms".'
        problems.append(Problem(where="nodes", found=f"{nodes!r} with interaction={interaction!r}", remedy=remedy))
    return problems


def _problems(study: Study, settings: Mapping[str, Any]) -> list[Problem]:
    return [*_estimator_problems(settings), *_ordered_problems(study, settings), *_cluster_problems(settings)]


def _estimator_problems(settings: Mapping[str, Any]) -> list[Problem]:
    problems = []
    available = ("auto", *get_args(EstimatorName))
    if settings["estimator"] not in available:
        remedy = f"Available: {', '.join(available)}."
        problems.append(Problem(where="estimator", found=repr(settings["estimator"]), remedy=remedy))
    if settings["missing"] == "imputation":
        remedy = (
            "Imputed data sets have no verdicts, for the report's tests and standardised intervals are not pooled. Use "
            "missing='fiml', or pool the model itself with surveysem.fit_imputed(study.model_syntax(), "
            "surveysem.model_frame(study, data), seed=1), for models without products."
        )
        problems.append(Problem(where="missing", found="'imputation'", remedy=remedy))
    elif settings["missing"] not in get_args(MissingTreatment):
        remedy = f"Available: {', '.join(get_args(MissingTreatment))}."
        problems.append(Problem(where="missing", found=repr(settings["missing"]), remedy=remedy))
    return problems


def _ordered_problems(study: Study, settings: Mapping[str, Any]) -> list[Problem]:
    problems, items = [], study.specification.indicators
    for name in settings["ordered"]:
        if name not in items:
            remedy = f"Items of the model: {', '.join(items)}."
            problems.append(Problem(where="ordered", found=f"{name!r} is none of them", remedy=remedy))
    if settings["ordered"] and study.specification.interactions:
        labels = ", ".join(each.label for each in study.specification.interactions)
        found = f"ordered items and latent interactions ({labels})"
        remedy = (
            "Latent products are made of continuous items: leave ordered out and use estimator='MLR', or a study "
            "without `moderation`."
        )
        problems.append(Problem(where="ordered", found=found, remedy=remedy))
    return problems


def _cluster_problems(settings: Mapping[str, Any]) -> list[Problem]:
    if not settings["cluster"]:
        return []
    problems = []
    if settings["ordered"] or settings["estimator"] not in ("auto", "ML", "MLR"):
        found = f"{settings['cluster']!r} with " + (
            "ordered items" if settings["ordered"] else f"estimator={settings['estimator']!r}"
        )
        remedy = "Clusters are allowed for by estimator='MLR' with continuous items, or leave the clusters out."
        problems.append(Problem(where="cluster", found=found, remedy=remedy))
    return problems
