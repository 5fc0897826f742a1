"""Paths of several groups and their differences, with standard errors by the delta method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import isnan

import numpy as np
import pandas as pd

from surveysem.findings import Finding
from surveysem.inference import Fit
from surveysem.inference.comparison import nested_difference
from surveysem.inference.estimates import stacked, wald_tests
from surveysem.inference.multiplicity import holm_adjusted
from surveysem.inference.standardized import Rows, plain_rows, standardized_rows
from surveysem.modelling.group_statements import ComparedPath
from surveysem.typing import FloatArray, IntArray

ALL_PATHS = "all paths"
"""Row of the test that all paths are equal."""


def paths_by_group(fit: Fit, paths: Sequence[ComparedPath], *, level: float) -> pd.DataFrame:
    """Each path in each group, with tests and intervals.

    Parameters
    ----------
    fit : Fit
        Several groups.
    paths : sequence of ComparedPath
        Of the model.
    level : float
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        Columns path, outcome, predictor, group, n_obs, estimate, std_error, z, p_value, ci_lower, ci_upper, and of the
        standardised path (by the standard deviations of its group) std_estimate, std_std_error, std_ci_lower,
        std_ci_upper.
    """
    at = _positions(fit, paths)
    sizes = [group.moments.n_obs for group in fit.solution.groups]
    identity = pd.DataFrame(
        [
            {"path": p.name, "outcome": p.outcome, "predictor": p.predictor, "group": label, "n_obs": n}
            for p in paths
            for label, n in zip(fit.group_labels, sizes, strict=True)
        ]
    )
    picked = np.eye(_plain(fit).jacobian.shape[0])[at.ravel()]
    plain = _tested(fit, _plain(fit), picked, level, ["estimate", "std_error", "z", "p_value", "ci_lower", "ci_upper"])
    std = _tested(fit, _standardized(fit), picked, level, ["estimate", "std_error", "ci_lower", "ci_upper"])
    return pd.concat([identity, plain, std.add_prefix("std_")], axis=1)


def differences_between_groups(fit: Fit, paths: Sequence[ComparedPath], *, level: float) -> pd.DataFrame:
    """Difference of each path between every two groups, the later group less the earlier one.

    Returns
    -------
    pandas.DataFrame
        Columns path, group, other (the group whose path is taken away), difference, std_error, z, p_value, p_adjusted
        (Holm, over all rows), ci_lower, ci_upper, and std_difference, std_std_error, std_z, std_p_value, std_ci_lower,
        std_ci_upper of the standardised paths, which differ also where standard deviations do.
    """
    at = _positions(fit, paths)
    pairs = list(combinations(range(len(fit.group_labels)), 2))
    labels = fit.group_labels
    identity = pd.DataFrame(
        [{"path": p.name, "group": labels[second], "other": labels[first]} for p in paths for first, second in pairs]
    )
    unit = np.eye(_plain(fit).jacobian.shape[0])
    contrast = np.array([unit[row[second]] - unit[row[first]] for row in at for first, second in pairs])
    columns = ["estimate", "std_error", "z", "p_value", "ci_lower", "ci_upper"]
    plain = _tested(fit, _plain(fit), contrast, level, columns).rename(columns={"estimate": "difference"})
    std = _tested(fit, _standardized(fit), contrast, level, columns).rename(columns={"estimate": "difference"})
    plain.insert(4, "p_adjusted", holm_adjusted(plain["p_value"].to_numpy()))
    return pd.concat([identity, plain, std.add_prefix("std_")], axis=1)


def difference_tests(
    restricted: Mapping[str, Fit], free: Fit, *, alpha: float, comparable: bool
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Difference tests by path and together, and what is wrong with them.

    Parameters
    ----------
    restricted : Mapping of str to Fit
        Models with one path, or all (:data:`ALL_PATHS`), equal across groups.
    free : Fit
        The model in which they are free.
    alpha : float
        Level of the tests.
    comparable : bool
        Whether measurement allows for verdicts.

    References
    ----------
    satorra_bentler_2001, satorra_2000, holm_1979
    """
    found = {name: nested_difference(fit, free) for name, fit in restricted.items()}
    frame = pd.DataFrame(
        {name: row[["chisq_diff", "df_diff", "p_value", "method"]] for name, row in found.items()}
    ).T.rename_axis("path")
    frame = frame.astype({"chisq_diff": float, "df_diff": float, "p_value": float})
    adjusted = frame["p_value"].copy()
    single = frame.index != ALL_PATHS
    adjusted[single] = holm_adjusted(adjusted[single].to_numpy())
    frame.insert(3, "p_adjusted", adjusted)
    frame["verdict"] = [_verdict(p, alpha, comparable=comparable) for p in adjusted]
    remarks = tuple(
        Finding(severity="warning", where=f"difference test, {name}", message=str(row["finding"]))
        for name, row in found.items()
        if row["finding"]
    )
    return frame, remarks


def _verdict(p_value: float, alpha: float, *, comparable: bool) -> str:
    if not comparable:
        return "not comparable"
    if isnan(p_value):
        return "no test"
    return "differs" if p_value < alpha else "no difference shown"


def _positions(fit: Fit, paths: Sequence[ComparedPath]) -> IntArray:
    """Row of each path in each group among the parameters, of shape (paths, groups)."""
    rows = {(row.lhs, row.rhs, row.group): index for index, row in enumerate(fit.table.parameters) if row.op == "~"}
    groups = range(1, len(fit.group_labels) + 1)
    return np.array([[rows[path.outcome, path.predictor, group] for group in groups] for path in paths])


def _plain(fit: Fit) -> Rows:
    return stacked([plain_rows(group) for group in fit.solution.groups])


def _standardized(fit: Fit) -> Rows:
    return stacked([standardized_rows(group, "std_all", fit.products) for group in fit.solution.groups])


def _tested(fit: Fit, rows: Rows, contrast: FloatArray, level: float, columns: Sequence[str]) -> pd.DataFrame:
    """Linear combinations of rows with tests and intervals."""
    used = np.flatnonzero(contrast.any(axis=0))
    weights = contrast[:, used]
    combined = Rows(values=weights @ rows.values[used], jacobian=weights @ rows.jacobian[used])
    tested = wald_tests(combined, fit.parameter_covariance, level)
    return pd.DataFrame({name: getattr(tested, name) for name in columns})
