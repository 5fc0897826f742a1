"""Product indicators of a latent interaction, centred once, twice or by regression."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

import numpy as np
import pandas as pd

from surveysem.data.wording import counted
from surveysem.errors import DataError, Problem

ProductCentering: TypeAlias = Literal["single", "double", "residual"]


class IndicatorPair(Protocol):
    """Two indicators whose product is to be an indicator."""

    @property
    def name(self) -> str:
        """Name of the product, such as ``x1.z2``."""

    @property
    def predictor_indicator(self) -> str:
        """Indicator of the predictor."""

    @property
    def moderator_indicator(self) -> str:
        """Indicator of the moderator."""


def product_indicators(
    frame: pd.DataFrame,
    pairs: Sequence[IndicatorPair],
    *,
    centering: ProductCentering = "double",
    predictors: Mapping[str, Sequence[str]] | None = None,
    incomplete: bool = False,
) -> pd.DataFrame:
    """Products of indicators, one column per pair, centred.

    Parameters
    ----------
    frame : pandas.DataFrame, *n* rows
        Complete answers to the indicators.
    pairs : sequence of IndicatorPair, length *k*
        Which indicators to multiply: all pairs, or those matched in order.
    centering : {"single", "double", "residual"}
        Centre the indicators; the indicators and then their products (Lin et al. 2010); or take the residuals of the
        products' regressions on indicators (Little, Bovaird & Widaman 2006).
    predictors : Mapping of str to sequence of str
        For residuals: the indicators on which each product, by its name, is regressed; its own two by default.
    incomplete : bool
        Allow missing answers: a product is missing where one of its factors is, a residual where one of its predictors
        is; means and regressions are those of the rows that have the values.

    Returns
    -------
    pandas.DataFrame, shape (n, k)
        Columns named as the pairs, on the index of *frame*.

    Raises
    ------
    DataError
        When indicators are absent or have missing values, or a product's name is taken.

    Notes
    -----
    For indicators *x* and *z* the product is ``(x - mean(x)) * (z - mean(z))``, centred twice less its own mean. The
    second centring makes the mean structure unnecessary; shifting *x* or *z* changes nothing, of residuals either. All
    *n* rows enter the means, so exclude incomplete rows first, or allow them.

    References
    ----------
    lin_2010, marsh_wen_hau_2004, little_2006

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> pair = SimpleNamespace(name="x1.z1", predictor_indicator="x1", moderator_indicator="z1")
    >>> product_indicators(pd.DataFrame({"x1": [1.0, 2.0, 6.0], "z1": [0.0, 3.0, 3.0]}), [pair])
       x1.z1
    0    2.0
    1   -3.0
    2    1.0
    """
    problems = _pair_problems(frame, pairs, incomplete=incomplete)
    if problems:
        raise DataError("The product indicators cannot be formed.", problems)
    columns = {pair.name: _centred_product(frame, pair) for pair in pairs}
    if centering == "double":
        columns = {name: column - column.mean() for name, column in columns.items()}
    if centering == "residual":
        on = {pair.name: (pair.predictor_indicator, pair.moderator_indicator) for pair in pairs} | dict(
            predictors or {}
        )
        columns = {name: _residual(column, frame[list(on[name])]) for name, column in columns.items()}
    return pd.DataFrame(columns, index=frame.index)


def _centred_product(frame: pd.DataFrame, pair: IndicatorPair) -> pd.Series[float]:
    predictor = frame[pair.predictor_indicator].astype(float)
    moderator = frame[pair.moderator_indicator].astype(float)
    return (predictor - predictor.mean()) * (moderator - moderator.mean())


def _residual(product: pd.Series[float], predictors: pd.DataFrame) -> pd.Series[float]:
    """Residual of the regression on a constant and the predictors, in the rows that have all values."""
    known = (product.notna() & predictors.notna().all(axis=1)).to_numpy()
    basis = predictors[known].to_numpy(float)
    basis = np.column_stack([np.ones(len(basis)), basis - basis.mean(axis=0)]) if len(basis) else np.ones((0, 1))
    outcome = product.to_numpy()[known]
    residual = np.full(len(product), np.nan)
    residual[known] = outcome - basis @ np.linalg.lstsq(basis, outcome, rcond=None)[0]
    return pd.Series(residual, index=product.index)


def _pair_problems(frame: pd.DataFrame, pairs: Iterable[IndicatorPair], *, incomplete: bool) -> list[Problem]:
    pairs = tuple(pairs)
    names = Counter([pair.name for pair in pairs])
    problems = [
        Problem(where=f"product {name}", found="another column has this name", remedy="Rename that column.")
        for name, count in names.items()
        if count > 1 or name in frame.columns
    ]
    indicators = dict.fromkeys(name for pair in pairs for name in (pair.predictor_indicator, pair.moderator_indicator))
    found = [_indicator_problems(frame, name, incomplete=incomplete) for name in indicators]
    return problems + [problem for part in found for problem in part]


def _indicator_problems(frame: pd.DataFrame, name: str, *, incomplete: bool) -> list[Problem]:
    where = f"indicator {name}"
    if name not in frame.columns:
        return [Problem(where=where, found="the data have no such column", remedy="Correct its name.")]
    if not pd.api.types.is_numeric_dtype(frame[name]):
        return [Problem(where=where, found="the column is not numeric", remedy="Turn its answers into numbers.")]
    values = frame[name].astype(float)
    if infinite := int(np.isinf(values).sum()):
        found = counted(infinite, "infinite value")
        return [Problem(where=where, found=found, remedy="Give numbers, or leave these cells empty.")]
    if not incomplete and (missing := int(values.isna().sum())):
        found = counted(missing, "missing value")
        return [Problem(where=where, found=found, remedy="Form products from complete rows only.")]
    return []
