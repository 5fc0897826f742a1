"""What the report says about effects and rival models of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from surveysem.errors import EstimationError
from surveysem.inference.collinearity import variance_inflation
from surveysem.inference.effects import EffectKind, effects_table
from surveysem.study.rivals.rules import STUDY_MODEL

if TYPE_CHECKING:
    from surveysem.study.result import StudyResult

_EFFECT_COLUMNS = [
    "label",
    "estimate",
    "std_error",
    "ci_lower",
    "ci_upper",
    "p_value",
    "std_estimate",
    "std_ci_lower",
    "std_ci_upper",
]


def named_effects(result: StudyResult) -> pd.DataFrame:
    """Indirect effects as the study names them, with the bootstrap's intervals where there is one."""
    source = result.structural.estimates if result.bootstrap is None else result.bootstrap.intervals
    rows = source[source["op"] == ":="]
    titles = [result.study.effect_titles.get(name, name) for name in rows["lhs"]]
    return rows.assign(label=titles, std_estimate=rows["std_all"])[_EFFECT_COLUMNS].reset_index(drop=True)


def structural_content(result: StudyResult) -> dict[str, Any]:
    """Fields of a report's content: the bootstrap, effects altogether, variance inflation, and rivals."""
    fit, rivals = result.structural, result.rival_models
    return {
        "bootstrap": result.bootstrap,
        **_decomposition(result),
        "variance_inflation": variance_inflation(fit.solution.groups[0], fit.products),
        "rivals": None if rivals is None else _behind(rivals.table),
        "rival_findings": () if rivals is None else rivals.findings,
    }


def _decomposition(result: StudyResult) -> dict[str, Any]:
    """Direct, indirect and total effects, or why there are none: feedback that leaves their sum no limit."""
    if not result.study.specification.paths:
        return {}
    kinds: tuple[EffectKind, ...] = ("direct", "indirect", "total")
    try:
        return {"decomposition": effects_table(result.structural, kinds=kinds, bootstrap=result.bootstrap)}
    except EstimationError as error:
        return {"effects_note": error.message}


def _behind(table: pd.DataFrame) -> pd.DataFrame:
    """The table with what each model's AIC and BIC are above those of the study's model."""
    own = table.loc[STUDY_MODEL]
    return table.assign(aic_behind=table["aic"] - own["aic"], bic_behind=table["bic"] - own["bic"])
