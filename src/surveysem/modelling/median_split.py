"""Dichotomised scores: refused where they make no sense, and marked so that results that use them say so."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from surveysem.errors import DataError, Problem
from surveysem.findings import Finding


class SplitLabel(str):
    """Label of a group that was made by cutting a score in two; a text that knows its origin.

    Parameters
    ----------
    text : str
        The label.
    message : str
        What a reader of results by this group must know.
    """

    __slots__ = ("message",)

    message: str

    def __new__(cls, text: str, message: str) -> SplitLabel:
        """The label with its message."""
        made = super().__new__(cls, text)
        made.message = message
        return made

    def __reduce__(self) -> tuple[type[SplitLabel], tuple[str, str]]:
        return (type(self), (str(self), self.message))


def median_split(
    values: pd.Series, labels: tuple[str, str] = ("low", "high"), *, cut: float | None = None
) -> pd.Series:
    """Two groups of respondents: scores at or below the median, and above it.

    Cutting a score in two throws information away: tests lose power, and where predictors correlate it can make effects
    that are not there (MacCallum, Zhang, Preacher & Rucker 2002). A warning is printed, and results by the groups made
    here carry a finding. Keep the score and model the interaction (``Y ~ X + Z + X:Z``, or
    :func:`~surveysem.modelling.moderated_regression.moderated_regression`) wherever you can.

    Parameters
    ----------
    values : pandas.Series
        Scores of the respondents, missing where unknown.
    labels : (str, str)
        Names of the lower and of the upper group.
    cut : float, optional
        Value at or below which a score is low, instead of the median: a limit that means something by itself.

    Returns
    -------
    pandas.Series
        The labels, missing where the score is. They keep their mark when they are made a column of a frame, but not
        when they are written to a file.

    Raises
    ------
    DataError
        When the values are no numbers, have fewer than three different values, or a group would be empty.

    References
    ----------
    maccallum_2002

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     median_split(pd.Series([1.0, 2.0, 2.0, 5.0])).tolist()
    ['low', 'low', 'low', 'high']
    """
    numbers = _checked(values, labels)
    limit = float(numbers.median()) if cut is None else float(cut)
    is_high = numbers > limit
    n_high, n_low = int(is_high.sum()), int((numbers <= limit).sum())
    name = str(values.name) if values.name is not None else "the score"
    if not n_high or not n_low:
        remedy = f"Choose a cut from {numbers.min():g} to below {numbers.max():g}."
        problem = Problem(
            where=name, found=f"nobody is {'above' if not n_high else 'at or below'} {limit:g}", remedy=remedy
        )
        raise DataError("The scores cannot be cut in two.", [problem])
    where = "its median" if cut is None else "the cut"
    message = (
        f"{name} was cut in two at {where}, {limit:g} ({n_low} at or below it, {n_high} above). That loses power, and "
        "where predictors correlate it can make effects that are not there (MacCallum et al. 2002). Keep the score and "
        "model the interaction instead."
    )
    warnings.warn(message, UserWarning, stacklevel=2)
    made = np.array([SplitLabel(labels[0], message), SplitLabel(labels[1], message), np.nan], dtype=object)
    codes = np.where(numbers.isna(), 2, np.where(is_high, 1, 0))
    return pd.Series(made[codes], index=values.index, name=values.name, dtype=object)


def split_findings(values: pd.Series) -> tuple[Finding, ...]:
    """What must be told of groups made by :func:`median_split`; nothing of others.

    Parameters
    ----------
    values : pandas.Series
        Column that parts the rows into groups.
    """
    messages = dict.fromkeys(each.message for each in values if isinstance(each, SplitLabel))
    return tuple(Finding(severity="warning", where=f"groups of {values.name}", message=each) for each in messages)


def _checked(values: pd.Series, labels: Sequence[str]) -> pd.Series:
    """The scores as numbers, every problem told at once."""
    problems = []
    if not isinstance(values, pd.Series):
        raise DataError(f"The scores must be a column of a DataFrame (a pandas Series), not {type(values).__name__}.")
    if len(labels) != 2 or len(set(labels)) != 2 or not all(isinstance(each, str) for each in labels):
        problems.append(Problem(where="labels", found=repr(labels), remedy="Give two different texts."))
    name = str(values.name) if values.name is not None else "the score"
    is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_complex_dtype(values)
    if not is_number or not np.isfinite(values.dropna().to_numpy(dtype=float)).all():
        problems.append(Problem(where=name, found="not all values are finite numbers", remedy="Give scores."))
    elif values.nunique() < 3:
        found = f"{values.nunique()} different value(s)"
        remedy = "It parts the respondents already: use it as it is."
        problems.append(Problem(where=name, found=found, remedy=remedy))
    if problems:
        raise DataError("The scores cannot be cut in two.", problems)
    return values.astype(float)
