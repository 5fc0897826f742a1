"""Product indicators of a latent interaction, centred twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from surveysem.data.wording import counted
from surveysem.errors import DataError, Problem


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
    frame: pd.DataFrame, pairs: Sequence[IndicatorPair], *, incomplete: bool = False
) -> pd.DataFrame:
    """Double-mean-centred products of indicators, one column per pair.

    Parameters
    ----------
    frame : pandas.DataFrame, *n* rows
        Complete answers to the indicators.
    pairs : sequence of IndicatorPair, length *k*
        Which indicators to multiply: all pairs, or those matched in order.
    incomplete : bool
        Allow missing answers: a product is missing where one of its factors is, and means are those of the rows that
        have a value.

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
    For indicators *x* and *z* the product is ``(x - mean(x)) * (z - mean(z))`` less its own mean. The second centring
    makes the mean structure unnecessary; shifting *x* or *z* changes nothing. All *n* rows enter the means, so exclude
    incomplete rows first, or allow them.

    References
    ----------
    lin_2010, marsh_wen_hau_2004

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
    return pd.DataFrame(columns, index=frame.index)


def _centred_product(frame: pd.DataFrame, pair: IndicatorPair) -> pd.Series[float]:
    predictor = frame[pair.predictor_indicator].astype(float)
    moderator = frame[pair.moderator_indicator].astype(float)
    product = (predictor - predictor.mean()) * (moderator - moderator.mean())
    return product - product.mean()


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
    missing = int(np.count_nonzero(np.isinf(values) if incomplete else ~np.isfinite(values)))
    if missing:
        found = counted(missing, "missing or infinite value")
        return [Problem(where=where, found=found, remedy="Form products from complete rows only.")]
    return []
