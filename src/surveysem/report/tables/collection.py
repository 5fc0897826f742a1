"""The paper's tables by name, numbered in the order in which the report shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from surveysem.report.content import ReportContent
from surveysem.report.table import Table
from surveysem.report.tables.common_method_bias import common_method_bias, marker_technique
from surveysem.report.tables.cross_loadings import cross_loadings
from surveysem.report.tables.deviations import deviations
from surveysem.report.tables.discriminant_validity import discriminant_validity
from surveysem.report.tables.effects import effects, total_effects
from surveysem.report.tables.factor_correlations import factor_correlations
from surveysem.report.tables.fit import fit
from surveysem.report.tables.influence import influence
from surveysem.report.tables.invariance import invariance
from surveysem.report.tables.item_deletion import item_deletion
from surveysem.report.tables.item_descriptives import item_descriptives
from surveysem.report.tables.measurement import measurement
from surveysem.report.tables.measurement_models import measurement_models
from surveysem.report.tables.missing_data import missing_data
from surveysem.report.tables.model_comparison import model_comparison
from surveysem.report.tables.moderation import moderation
from surveysem.report.tables.moderation_methods import moderation_methods
from surveysem.report.tables.modification_indices import modification_indices
from surveysem.report.tables.paths import paths
from surveysem.report.tables.planned_power import planned_power
from surveysem.report.tables.probing import conditional_effects, simple_slopes
from surveysem.report.tables.reliability import reliability
from surveysem.report.tables.residuals import residuals
from surveysem.report.tables.robustness import robustness
from surveysem.report.tables.sample import sample
from surveysem.report.tables.sample_characteristics import observed_measures, sample_characteristics
from surveysem.report.tables.verdicts import extensions, verdicts

TableMaker: TypeAlias = Callable[[ReportContent], Table | None]
_MAKERS: tuple[TableMaker, ...] = (
    sample,
    sample_characteristics,
    observed_measures,
    missing_data,
    deviations,
    planned_power,
    item_descriptives,
    measurement,
    reliability,
    discriminant_validity,
    factor_correlations,
    cross_loadings,
    modification_indices,
    item_deletion,
    measurement_models,
    common_method_bias,
    marker_technique,
    invariance,
    fit,
    residuals,
    verdicts,
    paths,
    total_effects,
    moderation,
    simple_slopes,
    conditional_effects,
    moderation_methods,
    model_comparison,
    effects,
    extensions,
    robustness,
    influence,
)


def paper_tables(content: ReportContent) -> dict[str, Table]:
    """Tables of the paper by name; those with nothing to show are left out.

    Parameters
    ----------
    content : ReportContent
        Results of the analysis.

    Returns
    -------
    dict of str to Table
        Among ``sample``, ``sample_characteristics``, ``observed_measures``, ``missing_data``, ``deviations``,
        ``planned_power``, ``item_descriptives``, ``measurement``,
        ``reliability``, ``discriminant_validity``, ``factor_correlations``, ``cross_loadings``,
        ``modification_indices``, ``item_deletion``, ``measurement_models``, ``common_method_bias``,
        ``marker_technique``, ``invariance``, ``fit``, ``residuals``, ``verdicts``,
        ``paths``, ``moderation``, ``simple_slopes``, ``conditional_effects``, ``moderation_methods``, ``effects``,
        ``extensions``, ``robustness`` and ``influence``, numbered from 1 in that order.
    """
    tables = [table for table in (make(content) for make in _MAKERS) if table is not None]
    return {table.name: replace(table, number=number) for number, table in enumerate(tables, start=1)}
