"""What makes ordered and continuous variables useless for the two-stage estimator."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from surveysem.data.moments import _column_problems, _dependence_problems, _value_problems
from surveysem.data.wording import counted, listed
from surveysem.errors import DataError, Problem
from surveysem.typing import FloatArray

MOST_CATEGORIES = 20


def checked_values(
    frame: pd.DataFrame, variables: Sequence[str], ordered: Collection[str], exogenous: Collection[str] = ()
) -> FloatArray:
    """Values of the variables, shape (p, n), refused with every reason at once; *exogenous* ones may have two values.

    Raises
    ------
    DataError
        See :func:`surveysem.data.ordinal.ordinal_moments`.
    """
    names = tuple(variables)
    _refuse(_not_variables(names, ordered) + _column_problems(frame, names))
    observations = frame.loc[:, list(names)].to_numpy(dtype=np.float64)
    _refuse(_value_problems(observations, names, frame.index))
    if len(observations) < 2:
        _refuse([_too_few_rows(len(observations))])
    values = np.ascontiguousarray(observations.T)
    found = (
        _category_problem(name, row, name in ordered)
        for name, row in zip(names, values, strict=True)
        if name not in exogenous
    )
    _refuse([problem for problem in found if problem] + _among_continuous(observations, names, ordered))
    return values


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DataError("The ordered variables cannot carry a model.", problems)


def _not_variables(names: tuple[str, ...], ordered: Collection[str]) -> list[Problem]:
    if not ordered:
        return [Problem(where="ordered variables", found="none is named", remedy="Use sample_moments instead.")]
    return [
        Problem(
            where=f"ordered variable {name}",
            found="it is not among the variables",
            remedy=f"The variables are: {listed(names, limit=12)}.",
        )
        for name in ordered
        if name not in names
    ]


def _too_few_rows(n_obs: int) -> Problem:
    return Problem(
        where="the analysed rows",
        found=counted(n_obs, "complete row"),
        remedy="Collect more answers; correlations need at least two rows.",
    )


def _among_continuous(observations: FloatArray, names: tuple[str, ...], ordered: Collection[str]) -> list[Problem]:
    continuous = [column for column, name in enumerate(names) if name not in ordered]
    if not continuous:
        return []
    return _dependence_problems(observations[:, continuous], tuple(names[column] for column in continuous))


def _category_problem(name: str, values: FloatArray, is_ordered: bool) -> Problem | None:
    n_values = len(np.unique(values))
    if is_ordered and n_values == 1:
        return Problem(
            where=f"variable {name}",
            found=f"it does not vary (always {values[0]:g})",
            remedy="Leave it out of the model: it carries no information.",
        )
    if is_ordered and n_values > MOST_CATEGORIES:
        return Problem(
            where=f"ordered variable {name}",
            found=f"{n_values} different values",
            remedy=f"Treat it as continuous, or join categories to {MOST_CATEGORIES} at most.",
        )
    if not is_ordered and n_values == 2:
        return Problem(
            where=f"continuous variable {name}",
            found="two different values only",
            remedy="Declare it as ordered: its mean and its variance say the same.",
        )
    return None
