"""Evidence on propositions that paths differ between groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from surveysem.errors import SurveySEMError
from surveysem.inference import Fit, compare
from surveysem.modelling import InvarianceCriteria, fit_statements, loss_of_fit
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
    options : Mapping of str to str
        Estimator, missing, engine.
    """

    statements: tuple[Statement, ...]
    frame: pd.DataFrame
    options: Mapping[str, str]


def group_difference(test: GroupDifferenceTest, comparison: GroupComparison) -> Evidence:
    """Difference test of paths held equal across groups against free ones, loadings being equal in both.

    Metric invariance comes first: where equal loadings lose too much fit (Chen 2007), or a model cannot be fitted,
    the evidence says so instead.

    References
    ----------
    chen_2007, satorra_bentler_2001
    """
    if test.group not in comparison.frame.columns:
        return Evidence(obstacle=f"the answers have no column {test.group}")
    try:
        return _tested(test, comparison)
    except SurveySEMError as error:
        return Evidence(obstacle=f"the groups of {test.group} could not be compared ({error.message.rstrip('.')})")


def _tested(test: GroupDifferenceTest, comparison: GroupComparison) -> Evidence:
    held = {(path.outcome, path.predictor) for path in test.paths}
    free = tuple(_relabelled(each, held=frozenset()) for each in comparison.statements if each.op != ":=")
    equal = tuple(_relabelled(each, held=frozenset(held)) for each in comparison.statements if each.op != ":=")
    configural = _fit(free, test.group, comparison, group_equal=())
    metric = _fit(free, test.group, comparison, group_equal=("loadings",))
    obstacle = _obstacle(test.group, configural, metric)
    if obstacle:
        return Evidence(obstacle=obstacle)
    row = compare(_fit(equal, test.group, comparison, group_equal=("loadings",)), metric).iloc[-1]
    if row["finding"]:
        return Evidence(obstacle=str(row["finding"]).rstrip("."))
    return Evidence(
        p_value=float(row["p_value"]),
        chi_square_difference=float(row["chisq_diff"]),
        df_difference=int(row["df_diff"]),
    )


def _relabelled(statement: Statement, *, held: frozenset[tuple[str, str]]) -> Statement:
    """Labels make a parameter equal across groups: they are kept on the paths to be held equal only."""
    keep = statement.op == "~" and (statement.lhs, statement.rhs) in held
    return statement if keep else replace(statement, label="")


def _fit(
    statements: tuple[Statement, ...], group: str, comparison: GroupComparison, *, group_equal: tuple[str, ...]
) -> Fit:
    return fit_statements(
        statements,
        comparison.frame,
        group=group,
        group_equal=group_equal,
        **comparison.options,  # type: ignore[arg-type]
    )


def _obstacle(group: str, configural: Fit, metric: Fit) -> str:
    for name, fit in (("without constraints", configural), ("with equal loadings", metric)):
        serious = [finding.message for finding in fit.findings if finding.severity == "serious"]
        if serious:
            return f"the solution by {group} {name} is inadmissible ({' '.join(serious).rstrip('.')})"
    lost = loss_of_fit(metric, configural, level="metric", criteria=InvarianceCriteria())
    if not lost:
        return ""
    return f"loadings differ between the groups of {group} ({lost}), so that their paths cannot be compared"
