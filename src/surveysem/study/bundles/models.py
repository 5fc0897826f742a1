"""A fitted model as files: its syntax and the moments it can be fitted to again."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from surveysem.estimation import FullInformation, MaximumLikelihood
from surveysem.inference import Fit
from surveysem.inference.information import first_order_information
from surveysem.specification import Parameter, ParameterTable, Statement, lavaan_syntax, semopy_syntax
from surveysem.study.bundles.tables import csv_bytes
from surveysem.typing import FloatArray

CLUSTER = "cluster_"
"""Column of the clusters, numbered, in the rows of a model."""


def explicit_statements(table: ParameterTable) -> tuple[Statement, ...]:
    """A model of one group with every default written out, for lavaan's ``lavaan()``.

    Parameters that are one and the same get a label where the author gave none.
    """
    shared = {number for number, count in Counter(row.free for row in table if row.free).items() if count > 1}
    return tuple(
        Statement(lhs=row.lhs, op=row.op, rhs=row.rhs, label=_label(row, shared), value=row.value)
        for row in table
        if not row.exogenous and not row.determined
    )


def _label(row: Parameter, shared: set[int]) -> str:
    return row.label or (f"p{row.free}_" if row.free in shared else "")


def rests_on_moments(fit: Fit) -> bool:
    """Whether covariances, means and *n* determine the estimates: one group, complete rows, maximum likelihood."""
    groups = fit.solution.groups
    return len(groups) == 1 and isinstance(groups[0].discrepancy, MaximumLikelihood)


def lavaan_can_fit(fit: Fit) -> bool:
    """Whether the bundle's script can hand the model to lavaan: one group, no products of latent variables."""
    return len(fit.solution.groups) == 1 and not fit.solution.has_latent_products


def semopy_can_fit(fit: Fit) -> bool:
    """Whether semopy can be told the model: no means, no constraints, no parameters that are one."""
    table = fit.table
    counts = Counter(row.free for row in table if row.free)
    plain = not table.has_means and not table.constraints and max(counts.values(), default=1) == 1
    return plain and rests_on_moments(fit) and not table.exogenous_observed


def model_files(name: str, fit: Fit, *, include_data: bool) -> dict[str, bytes]:
    """Syntax and moments of one model by path in a bundle, and its rows where they are wanted."""
    folder, files = f"models/{name}", {}
    if lavaan_can_fit(fit):
        files[f"{folder}/model.lavaan.txt"] = lavaan_syntax(explicit_statements(fit.table)).encode("utf-8")
    if semopy_can_fit(fit):
        files[f"{folder}/model.semopy.txt"] = semopy_syntax(fit.table).encode("utf-8")
    files |= _moments(folder, fit)
    if rests_on_moments(fit) and fit.estimator == "MLR":
        products = matrix_frame(first_order_information(fit.solution), fit.table.free_names)
        files[f"{folder}/score_products.csv"] = csv_bytes(products, index=True)
    if include_data and lavaan_can_fit(fit):
        files[f"{folder}/data.csv"] = csv_bytes(_rows(fit))
    return files


def _moments(folder: str, fit: Fit) -> dict[str, bytes]:
    """Covariances and means of each group; of incomplete rows they are those of the saturated model."""
    files: dict[str, bytes] = {}
    for number, group in enumerate(fit.solution.groups, start=1):
        if not isinstance(group.discrepancy, MaximumLikelihood | FullInformation):
            continue
        suffix = f"_group_{number}" if len(fit.solution.groups) > 1 else ""
        moments = group.moments
        means = pd.DataFrame({"variable": moments.variables, "mean": moments.means})
        covariance = matrix_frame(moments.covariance, moments.variables)
        files[f"{folder}/covariance{suffix}.csv"] = csv_bytes(covariance, index=True)
        files[f"{folder}/means{suffix}.csv"] = csv_bytes(means)
    return files


def _rows(fit: Fit) -> pd.DataFrame:
    """Rows of the model's variables, product indicators included, sorted by their values."""
    moments = fit.solution.groups[0].moments
    frame = pd.DataFrame(np.asarray(moments.observations), columns=list(moments.variables))
    if moments.clusters is not None:
        frame[CLUSTER] = moments.clusters
    return frame.sort_values(list(frame.columns), kind="stable").reset_index(drop=True)


def matrix_frame(matrix: FloatArray, names: tuple[str, ...]) -> pd.DataFrame:
    """A symmetric matrix with names on both sides."""
    return pd.DataFrame(np.asarray(matrix), index=pd.Index(names, name="variable"), columns=list(names))
