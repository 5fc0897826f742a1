"""Evidence on propositions that paths differ between groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from surveysem.errors import SurveySEMError
from surveysem.modelling.group_moderation import GroupModeration, compare_paths
from surveysem.modelling.group_statements import ComparedPath
from surveysem.propositions import Evidence, GroupDifferenceTest
from surveysem.specification import Statement


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupComparison:
    """What a comparison of groups needs.

    Parameters
    ----------
    statements : tuple of Statement
        The structural model, with a label on each path.
    frame : pandas.DataFrame
        Its columns and the grouping questions, one row a respondent.
    options : Mapping of str to object
        Estimator, missing, engine, and ordered items and the column of clusters where there are any.
    """

    statements: tuple[Statement, ...]
    frame: pd.DataFrame
    options: Mapping[str, Any]


def group_difference(test: GroupDifferenceTest, comparison: GroupComparison) -> Evidence:
    """Difference test of paths held equal across groups against free ones, loadings being equal in both.

    Metric invariance comes first, in the confirmatory factor model: where equal loadings lose too much fit (Chen 2007),
    or a model cannot be fitted, the evidence says so instead. Clusters are allowed for in both.

    References
    ----------
    chen_2007, satorra_bentler_2001
    """
    if test.group not in comparison.frame.columns:
        return Evidence(obstacle=f"the answers have no column {test.group}")
    try:
        result = _compared(test, comparison)
    except SurveySEMError as error:
        return Evidence(obstacle=f"the groups of {test.group} could not be compared ({error.message.rstrip('.')})")
    return _evidence(result)


def _compared(test: GroupDifferenceTest, comparison: GroupComparison) -> GroupModeration:
    # A label would make a parameter equal across groups.
    unlabelled = [replace(each, label="") for each in comparison.statements if each.op != ":="]
    return compare_paths(
        unlabelled,
        comparison.frame,
        group=test.group,
        paths=[ComparedPath(outcome=path.outcome, predictor=path.predictor) for path in test.paths],
        one_by_one=False,
        **comparison.options,
    )


def _evidence(result: GroupModeration) -> Evidence:
    if result.obstacle:
        return Evidence(obstacle=result.obstacle)
    row = result.tests.iloc[-1]
    if result.tests["verdict"].iloc[-1] == "no test":
        reasons = [each.message for each in result.findings if each.where.startswith("difference test")]
        return Evidence(obstacle=" ".join(reasons).rstrip("."))
    return Evidence(
        p_value=float(row["p_value"]),
        chi_square_difference=float(row["chisq_diff"]),
        df_difference=int(row["df_diff"]),
    )
