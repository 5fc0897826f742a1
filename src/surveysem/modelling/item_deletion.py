"""What becomes of a scale's reliability when one of its items is left out."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
import pandas as pd

from surveysem.inference import Fit
from surveysem.inference.measurement import reliability_coefficients
from surveysem.inference.reliability import alpha
from surveysem.modelling.measurement_models import (
    FitOptions,
    attempt,
    check_first_order,
    indicators,
    measurement_statements_of,
    unit_scaled,
    without_item,
)
from surveysem.specification import Statement
from surveysem.typing import EstimatorName, FloatArray

_FROM_MODEL = ("omega", "composite_reliability", "average_variance_extracted")


def item_rest_correlations(covariance: FloatArray) -> FloatArray:
    """Correlation of each of *k* items with the sum of the others, shape (k,).

    Parameters
    ----------
    covariance : array of shape (k, k)
        Of the items; any denominator.

    Examples
    --------
    >>> item_rest_correlations(np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5], [0.5, 0.5, 1.0]])).round(4)
    array([0.5774, 0.5774, 0.5774])
    """
    variances = np.diag(covariance)
    with_rest = covariance.sum(axis=1) - variances
    of_rest = covariance.sum() - 2.0 * with_rest - variances
    found: FloatArray = with_rest / np.sqrt(variances * of_rest)
    return found


def item_deletion(
    syntax: str,
    data: pd.DataFrame,
    *,
    estimator: EstimatorName = "ML",
    missing: str = "listwise",
    ordered: Sequence[str] | bool = (),
) -> pd.DataFrame:
    """Item–rest correlations, and alpha, omega, composite reliability and AVE of every scale without each of its items.

    Parameters
    ----------
    syntax : str
        A model in lavaan's syntax; its measurement part is used.
    data : pandas.DataFrame
        One row a respondent.
    estimator, missing, ordered
        As of :func:`surveysem.sem`.

    Returns
    -------
    pandas.DataFrame
        Indexed by latent variable and item; columns item_rest (corrected item–total correlation), alpha, omega,
        composite_reliability, average_variance_extracted (of the scale without the item; the model is fitted anew
        without it, to the same rows) with differences from the whole scale in columns that end in _change, and finding
        (why there is no value: no
        solution without the item, or an inadmissible one, whose coefficients would mislead). Scales of two items have
        item_rest only. Of ordered items all are in terms of latent responses.

    Raises
    ------
    UnsupportedError
        For a second-order model.

    Notes
    -----
    Alpha and item_rest are those of ``alpha()`` of the R package psych, with r.drop. A gain from deletion is partly
    chance and narrows what the construct covers: decide by the item's wording and its facet first.

    References
    ----------
    cronbach_1951, mcdonald_1999

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> table = item_deletion("dem60 =~ y1 + y2 + y3 + y4", data)
    >>> table["alpha"].round(3).tolist()
    [0.81, 0.845, 0.847, 0.779]
    """
    statements = unit_scaled(measurement_statements_of(syntax))
    check_first_order(statements, "Item deletion")
    options = FitOptions(estimator=estimator, missing=missing, ordered=ordered)
    whole = options.fit(statements, data, unit_variances=True)
    if missing == "listwise":
        data = data.dropna(subset=list(whole.table.observed))
    rows = [
        {"latent_variable": name, "item": item} | row
        for name, items in indicators(statements).items()
        for item, row in zip(items, _of_scale(statements, data, options, whole, name, items), strict=True)
    ]
    return pd.DataFrame(rows).set_index(["latent_variable", "item"])


def _of_scale(
    statements: Sequence[Statement],
    data: pd.DataFrame,
    options: FitOptions,
    whole: Fit,
    name: str,
    items: Sequence[str],
) -> list[dict[str, object]]:
    group = whole.solution.groups[0]
    at = [group.structure.observed.index(item) for item in items]
    covariance = group.moments.covariance[np.ix_(at, at)]
    with_rest = item_rest_correlations(covariance) if len(items) > 1 else [nan]
    before = {"alpha": alpha(covariance)} | _from_model(whole, name)
    rows: list[dict[str, object]] = []
    for number, item in enumerate(items):
        left = np.delete(np.arange(len(items)), number)
        after = {"alpha": alpha(covariance[np.ix_(left, left)])} if len(items) > 2 else {"alpha": nan}
        refitted, finding = (
            _without(statements, data, options, name, item) if len(items) > 2 else (_NOTHING, "two items")
        )
        after |= refitted
        changes = {f"{key}_change": value - before[key] for key, value in after.items()}
        rows.append({"item_rest": float(with_rest[number])} | after | changes | {"finding": finding})
    return rows


_NOTHING = dict.fromkeys(_FROM_MODEL, nan)


def _without(
    statements: Sequence[Statement], data: pd.DataFrame, options: FitOptions, name: str, item: str
) -> tuple[dict[str, float], str]:
    """Coefficients of one scale from the model without an item; or why there are none."""
    fit, findings = attempt(without_item(statements, item), data, options, where=item, unit_variances=True)
    if fit is None or findings:
        return _NOTHING, " ".join(each.message for each in findings)
    return _from_model(fit, name), ""


def _from_model(fit: Fit, name: str) -> dict[str, float]:
    table = reliability_coefficients(fit)
    return {key: float(table.loc[(name, key), "estimate"]) for key in _FROM_MODEL}  # type: ignore[arg-type]
