"""The paper's tables by name, numbered in the order in which the report shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from surveysem.report.content import ReportContent
from surveysem.report.table import Table
from surveysem.report.tables.discriminant_validity import discriminant_validity
from surveysem.report.tables.effects import effects
from surveysem.report.tables.fit import fit
from surveysem.report.tables.measurement import measurement
from surveysem.report.tables.moderation import moderation
from surveysem.report.tables.moderation_methods import moderation_methods
from surveysem.report.tables.paths import paths
from surveysem.report.tables.probing import conditional_effects, simple_slopes
from surveysem.report.tables.reliability import reliability
from surveysem.report.tables.sample import sample
from surveysem.report.tables.verdicts import extensions, verdicts

TableMaker: TypeAlias = Callable[[ReportContent], Table | None]
_MAKERS: tuple[TableMaker, ...] = (
    sample,
    measurement,
    reliability,
    discriminant_validity,
    fit,
    verdicts,
    paths,
    moderation,
    simple_slopes,
    conditional_effects,
    moderation_methods,
    effects,
    extensions,
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
        Among ``sample``, ``measurement``, ``reliability``, ``discriminant_validity``, ``fit``, ``verdicts``,
        ``paths``, ``moderation``, ``simple_slopes``, ``conditional_effects``, ``moderation_methods``, ``effects`` and
        ``extensions``, numbered from 1 in that order.
    """
    tables = [table for table in (make(content) for make in _MAKERS) if table is not None]
    return {table.name: replace(table, number=number) for number, table in enumerate(tables, start=1)}
