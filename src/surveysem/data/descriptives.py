"""Item by item: how answers are distributed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from surveysem.data.missing.checks import check_answers
from surveysem.data.missingness import numeric_columns
from surveysem.data.responses import Responses
from surveysem.instrument import Instrument
from surveysem.typing import FloatArray

_MOST_CATEGORIES = 11  # above, values are taken for measures and their counts are not listed


def item_descriptives(
    data: pd.DataFrame | Responses,
    items: Sequence[str] | None = None,
    *,
    instrument: Instrument | None = None,
) -> pd.DataFrame:
    """Mean, spread, skewness, kurtosis, floor and ceiling shares and counts of the answers to each item.

    Parameters
    ----------
    data : pandas.DataFrame or Responses
        One row a respondent; NaN where an answer is missing, which is left out item by item.
    items : sequence of str, optional
        Numeric columns; by default the items of *instrument* that are there, or all numeric columns.
    instrument : Instrument, optional
        Says what the lowest and highest answers are; otherwise they are those that were given.

    Returns
    -------
    pandas.DataFrame
        Indexed by item: n, n_missing, mean, sd (divided by *n* − 1), median, minimum, maximum, skewness, kurtosis,
        floor_share, ceiling_share, n_categories (different answers), counts (answers by value, where there are at most
        11 different ones).

    Raises
    ------
    DataError
        When columns are absent or not numeric.

    Notes
    -----
    Skewness is G₁ = √(n(n − 1))/(n − 2) · m₃/m₂^{3/2} and kurtosis the excess
    G₂ = (n − 1)/((n − 2)(n − 3)) · ((n + 1)(m₄/m₂² − 3) + 6), with moments divided by *n*: the adjusted coefficients
    that SPSS, SAS and Excel print (type 2 of Joanes and Gill). A normal variable has 0 and 0.

    References
    ----------
    joanes_gill_1998

    Examples
    --------
    >>> table = item_descriptives(pd.DataFrame({"a": [1.0, 2.0, 2.0, 3.0, 5.0, np.nan]}))
    >>> table.loc["a", ["n", "mean", "skewness", "floor_share"]].astype(float).round(3).tolist()
    [5.0, 2.6, 1.118, 0.2]
    """
    frame = data.frame if isinstance(data, Responses) else data
    names = _items(frame, instrument) if items is None else list(items)
    check_answers(frame, tuple(names))
    limits = _limits(instrument, names)
    rows = [_described(frame[name].dropna(), limits.get(name)) for name in names]
    n_missing = [int(frame[name].isna().sum()) for name in names]
    table = pd.DataFrame(rows, index=pd.Index(names, name="item"))
    table.insert(1, "n_missing", n_missing)
    return table


def skewness(values: FloatArray) -> float:
    """Adjusted skewness G₁ of values (n,); NaN for fewer than three, or without variation.

    References
    ----------
    joanes_gill_1998

    Examples
    --------
    >>> round(skewness(np.array([1.0, 2.0, 2.0, 3.0, 5.0])), 3)
    1.118
    """
    n, m2, m3, _ = _central_moments(values)
    if n < 3 or m2 == 0:
        return float("nan")
    return float(np.sqrt(n * (n - 1.0)) / (n - 2.0) * m3 / m2**1.5)


def kurtosis(values: FloatArray) -> float:
    """Adjusted excess kurtosis G₂ of values (n,); NaN for fewer than four, or without variation.

    References
    ----------
    joanes_gill_1998

    Examples
    --------
    >>> round(kurtosis(np.array([1.0, 2.0, 2.0, 3.0, 5.0])), 3)
    1.456
    """
    n, m2, _, m4 = _central_moments(values)
    if n < 4 or m2 == 0:
        return float("nan")
    return float((n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * (m4 / m2**2 - 3.0) + 6.0))


def _central_moments(values: FloatArray) -> tuple[int, float, float, float]:
    n = len(values)
    deviations = values - values.mean() if n else values
    if not n or np.ptp(values) == 0:
        return n, 0.0, 0.0, 0.0
    return n, *(float(np.mean(deviations**power)) for power in (2, 3, 4))  # type: ignore[return-value]


def _items(frame: pd.DataFrame, instrument: Instrument | None) -> list[str]:
    if instrument is None:
        return numeric_columns(frame)
    return [item.id for item in instrument.items if item.id in frame]


def _limits(instrument: Instrument | None, names: Sequence[str]) -> Mapping[str, tuple[float, float]]:
    """Lowest and highest answers that the response scales allow."""
    if instrument is None:
        return {}
    scales = {item.id: instrument.scale(item.scale) for item in instrument.items if item.id in names}
    return {name: (min(scale.options), max(scale.options)) for name, scale in scales.items() if scale.options}


def _described(answers: pd.Series, limits: tuple[float, float] | None) -> dict[str, object]:
    values = answers.to_numpy(dtype=np.float64)
    n = len(values)
    if n == 0:
        nothing = dict.fromkeys(_NUMBERS, float("nan"))
        return {"n": 0} | nothing | {"n_categories": 0, "counts": {}}
    low, high = limits or (values.min(), values.max())
    categories, counts = np.unique(values, return_counts=True)
    listed = zip(categories, counts, strict=True) if len(categories) <= _MOST_CATEGORIES else ()
    numbers = (
        values.mean(),
        values.std(ddof=1) if n > 1 else float("nan"),
        np.median(values),
        values.min(),
        values.max(),
        skewness(values),
        kurtosis(values),
        np.mean(values == low),
        np.mean(values == high),
    )
    return (
        {"n": n}
        | {name: float(number) for name, number in zip(_NUMBERS, numbers, strict=True)}
        | {"n_categories": len(categories), "counts": {float(value): int(count) for value, count in listed}}
    )


_NUMBERS = ("mean", "sd", "median", "minimum", "maximum", "skewness", "kurtosis", "floor_share", "ceiling_share")
