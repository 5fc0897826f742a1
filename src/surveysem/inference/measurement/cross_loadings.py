"""How items relate to latent variables they are not meant to measure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from surveysem.estimation import GroupSolution
from surveysem.implied import Matrix
from surveysem.inference.fit import Fit
from surveysem.typing import FloatArray


def structure_coefficients(
    *, loadings: FloatArray, latent_covariance: FloatArray, implied_variances: FloatArray
) -> FloatArray:
    """Implied correlations of items with latent variables, shape (p, m).

    Parameters
    ----------
    loadings : array of shape (p, m)
        Unstandardised.
    latent_covariance : array of shape (m, m)
        Φ.
    implied_variances : array of shape (p,)
        Of the items.

    Examples
    --------
    >>> structure_coefficients(loadings=np.array([[0.8, 0.0]]), latent_covariance=np.array([[1.0, 0.5], [0.5, 1.0]]),
    ...                        implied_variances=np.array([1.0])).round(2)
    array([[0.8, 0.4]])
    """
    scale = np.outer(np.sqrt(implied_variances), np.sqrt(np.diag(latent_covariance)))
    coefficients: FloatArray = loadings @ latent_covariance / scale
    return coefficients


def cross_loadings(fit: Fit, *, indices: pd.DataFrame | None = None) -> pd.DataFrame:
    """Loadings, structure coefficients and modification indices of all items on all latent variables.

    Parameters
    ----------
    fit : Fit
        A measurement model.
    indices : pandas.DataFrame, optional
        Its modification indices, where they are known already.

    Returns
    -------
    pandas.DataFrame
        Columns item, latent_variable, (group,) loading (standardised; 0 where there is none), structure (the implied
        correlation of item and latent variable), mi and sepc_all (modification index and expected standardised loading
        of an absent one; NaN where there is a loading or where it could not be estimated), and is_own, whether the item
        is an indicator of the latent variable.

    Notes
    -----
    An item that correlates almost as highly with another latent variable as with its own, or whose sepc_all is large,
    deserves a look at its wording; freeing a loading because of its index capitalises on chance (MacCallum et al.
    1992). Indices of normal theory, also under robust estimators.

    References
    ----------
    maccallum_1992

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> fit = ss.cfa("dem60 =~ y1 + y2 + y3 + y4; dem65 =~ y5 + y6 + y7 + y8", data)
    >>> cross_loadings(fit).query("not is_own").shape
    (8, 7)
    """
    several = len(fit.solution.groups) > 1
    parts = [_of_group(group).assign(group=number) for number, group in enumerate(fit.solution.groups, start=1)]
    known = fit.modification_indices() if indices is None else indices
    candidates = known.query("op == '=~'").rename(columns={"lhs": "latent_variable", "rhs": "item"})
    keys = ["item", "latent_variable", "group"]
    table = pd.concat(parts, ignore_index=True).merge(
        candidates[[*keys, "mi", "sepc_all"]], on=keys, how="left", validate="one_to_one"
    )
    table[["mi", "sepc_all"]] = table[["mi", "sepc_all"]].mask(table["is_own"])
    columns = [*keys[: 3 if several else 2], "loading", "structure", "mi", "sepc_all", "is_own"]
    if several:
        table["group"] = [fit.group_labels[number - 1] for number in table["group"]]
    return table[columns]


def _of_group(group: GroupSolution) -> pd.DataFrame:
    structure, table = group.structure, group.table
    loadings = structure.matrices(group.theta)[Matrix.LOADINGS]
    variances = np.diag(group.implied.covariance)
    coefficients = structure_coefficients(
        loadings=loadings, latent_covariance=group.implied.latent_covariance, implied_variances=variances
    )
    factors = [name for name in table.latent if not set(table.indicators_of(name)) & set(table.latent)]
    items = list(dict.fromkeys(item for name in factors for item in table.indicators_of(name)))
    rows = []
    for item in items:
        i = structure.observed.index(item)
        for name in factors:
            j = structure.latent.index(name)
            scale = np.sqrt(group.implied.latent_covariance[j, j] / variances[i])
            rows.append(
                {
                    "item": item,
                    "latent_variable": name,
                    "loading": float(loadings[i, j] * scale),
                    "structure": float(coefficients[i, j]),
                    "is_own": item in table.indicators_of(name),
                }
            )
    return pd.DataFrame(rows)
