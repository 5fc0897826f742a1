"""The models of a bundle fitted again to its moments, where no answers are at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from surveysem.data.moments import SampleMoments
from surveysem.errors import SurveySEMError
from surveysem.estimation import Solution, estimate_model
from surveysem.inference import Fit, infer
from surveysem.inference.information import invert_information, observed_information
from surveysem.propositions import DecisionRule, Proposition
from surveysem.specification import AS_WRITTEN, ParameterTable, parameter_table, parse_syntax
from surveysem.study.bundles.reading import Bundle
from surveysem.study.bundles.tables import (
    group_tests,
    measurement_tables,
    model_tables,
    parameters_table,
    verdict_table,
)
from surveysem.study.evidence import collect_evidence
from surveysem.study.groups import GroupComparison
from surveysem.study.judging import judge_family
from surveysem.study.reduced import unmeasured_evidence
from surveysem.study.result import verdict_frame
from surveysem.study.study import ModelName, Study
from surveysem.typing import EstimatorName

_FROM_ERRORS = ["std_error", "z", "p_value", "ci_lower", "ci_upper"]
_OF_ERRORS = [*_FROM_ERRORS, *(f"std_{name}" for name in _FROM_ERRORS if name != "z")]
_OF_THE_FAMILY = ["p_otherwise", "verdict_otherwise", "reason"]
"""What depends on the p of every proposition, those on differences between groups included."""
_NORMAL_THEORY: EstimatorName = "ML"


def tables_from_moments(bundle: Bundle, study: Study) -> dict[str, pd.DataFrame]:
    """What can be computed again from covariances, means and score products, by name of the table.

    Parameters
    ----------
    bundle : Bundle
        Where the moments are.
    study : Study
        The study in it.

    Notes
    -----
    Under MLR the sandwich V = A⁻¹BA⁻¹/n takes its outer matrix A from the moments and its inner one, B, the mean
    cross-product of the casewise scores, from the bundle. Scaled statistics need fourth moments of the answers.
    """
    tables: dict[str, pd.DataFrame] = {}
    fits: dict[str, Fit] = {}
    for name, facts in bundle.facts["models"].items():
        if not facts["from_moments"]:
            continue
        fits[name] = _refit(bundle, study, name, facts)
        tables |= _tables(name, fits[name], bundle, facts["estimator"])
    if "measurement" in fits:
        tables |= measurement_tables(fits["measurement"])
    both = {"measurement", "structural"} <= set(fits)
    if both and _has_errors(bundle, "structural", bundle.facts["models"]["structural"]["estimator"]):
        allowed = bool(bundle.facts.get("inadmissible_allowed"))
        tables |= _verdicts(study, fits["structural"], fits["measurement"], inadmissible_allowed=allowed)
    return tables


def _has_errors(bundle: Bundle, name: str, estimator: str) -> bool:
    """Whether standard errors follow from what the bundle holds."""
    return estimator == _NORMAL_THEORY or f"models/{name}/score_products.csv" in bundle.files


def _refit(bundle: Bundle, study: Study, name: str, facts: dict[str, Any]) -> Fit:
    solution = _solution(bundle, study, name, facts)
    products = {product: (str(first), str(second)) for product, (first, second) in facts["products"].items()}
    plain = infer(solution, estimator=_NORMAL_THEORY, products=products)
    if facts["estimator"] == _NORMAL_THEORY or not _has_errors(bundle, name, facts["estimator"]):
        return plain
    inner = bundle.frame(f"models/{name}/score_products.csv", index=True)
    order = list(solution.table.free_names)
    meat = inner.loc[order, order].to_numpy(dtype=np.float64)
    bread = invert_information(observed_information(solution), solution)
    covariance = bread @ meat @ bread / solution.n_obs
    return Fit(solution=solution, estimator="MLR", parameter_covariance=covariance, products=products)


def _solution(bundle: Bundle, study: Study, name: str, facts: dict[str, Any]) -> Solution:
    folder = f"models/{name}"
    try:
        table = parameter_table(
            parse_syntax(bundle.text(f"{folder}/model.lavaan.txt")), AS_WRITTEN, means=bool(facts["means"])
        )
    except SurveySEMError as error:
        raise bundle.refused(f"{folder}/model.lavaan.txt", error.message, "Use the bundle as written.") from None
    if not _is_of_study(table, study, name, bundle.facts["settings"]):
        found = "the model is not the one that study.yaml describes"
        raise bundle.refused(f"{folder}/model.lavaan.txt", found, "Ask for the bundle as it was written.")
    return estimate_model(table, _moments(bundle, folder, table.observed, int(facts["n_obs"])))


def _is_of_study(table: ParameterTable, study: Study, name: str, settings: Mapping[str, Any]) -> bool:
    """Whether a model is the study's, as far as that can be told without answers.

    Product indicators other than double mean-centred ones are written when the answers are at hand.
    """
    told_apart = not study.specification.interactions or settings.get("centering") == "double"
    if name == "structural_linear" or table.has_means or (name == "structural" and not told_apart):
        return True
    return _rows(table) == _rows(study.parameter_table(cast(ModelName, name)))


def _rows(table: ParameterTable) -> set[tuple[str, str, str, float | None]]:
    rows: set[tuple[str, str, str, float | None]] = set()
    for row in table:
        first, second = sorted((row.lhs, row.rhs)) if row.op == "~~" else (row.lhs, row.rhs)
        rows.add((first, row.op, second, row.value))
    return rows


def _moments(bundle: Bundle, folder: str, variables: tuple[str, ...], n_obs: int) -> SampleMoments:
    covariance = bundle.frame(f"{folder}/covariance.csv", index=True)
    means = bundle.frame(f"{folder}/means.csv", index=True)["mean"]
    lacking = [name for name in variables if name not in covariance.columns or name not in means.index]
    if lacking:
        found = f"no moments of {', '.join(lacking)}"
        raise bundle.refused(f"{folder}/covariance.csv", found, "Use the bundle as it was written.")
    names = list(variables)
    return SampleMoments(
        variables=variables,
        covariance=covariance.loc[names, names].to_numpy(dtype=np.float64),
        means=means.loc[names].to_numpy(dtype=np.float64),
        n_obs=n_obs,
        observations=np.empty((0, len(names))),
    )


def _tables(name: str, fit: Fit, bundle: Bundle, estimator: str) -> dict[str, pd.DataFrame]:
    """Tables of a model, fit indices as those of normal theory, which no casewise statistic is part of."""
    normal = infer(fit.solution, estimator=_NORMAL_THEORY, products=fit.products)
    tables = model_tables(name, normal)
    if not _has_errors(bundle, name, estimator):
        tables[f"{name}/parameters"] = tables[f"{name}/parameters"].drop(columns=_OF_ERRORS)
        return tables
    return tables | {f"{name}/parameters": parameters_table(fit)}


def _verdicts(study: Study, fit: Fit, measurement: Fit, *, inadmissible_allowed: bool) -> dict[str, pd.DataFrame]:
    found = {}
    for name, family in (("verdicts", study.propositions), ("extensions", study.extensions)):
        judged = _judged_alone(family)
        if judged and (fit.admissible or inadmissible_allowed):
            unmeasured = unmeasured_evidence(study, judged)
            evidence = collect_evidence(judged, fit, _no_groups(), unmeasured=unmeasured)
            table = verdict_table(verdict_frame(judge_family(study, judged, evidence, measurement)))
            found[name] = table if len(judged) == len(family) else table.drop(columns=_OF_THE_FAMILY, errors="ignore")
    return found


def _judged_alone(family: Sequence[Proposition]) -> tuple[Proposition, ...]:
    """Propositions whose verdicts need no comparison of groups; none where p is adjusted over such ones."""
    alone = tuple(each for each in family if not group_tests((each,)))
    rules = [part.rule for each in alone for part in (each.parts or (each,))]
    adjusted = any(cast(DecisionRule, rule).multiplicity != "none" for rule in rules)
    return () if adjusted and len(alone) < len(family) else alone


def _no_groups() -> GroupComparison:
    return GroupComparison(statements=(), frame=pd.DataFrame(), options={})
