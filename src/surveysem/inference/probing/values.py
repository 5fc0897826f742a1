"""At which values of a variable a question is answered: standard deviations from the mean, or its own units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from surveysem.errors import Problem, UnsupportedError
from surveysem.inference.fit import Fit
from surveysem.inference.probing.group import ProbedGroup, probed_groups
from surveysem.typing import FloatArray

Units: TypeAlias = Literal["sd", "raw"]

_AT = (-1.0, 0.0, 1.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Values:
    """Chosen values of one variable in one group.

    Parameters
    ----------
    standard : array of shape (k,)
        In standard deviations from the mean.
    raw : array of shape (k,)
        In the variable's units.
    """

    standard: FloatArray
    raw: FloatArray


def chosen_values(
    groups: Sequence[ProbedGroup], name: str, at: Sequence[float] | float | None, units: Units
) -> tuple[Values, ...]:
    """Values of one variable in each group.

    Parameters
    ----------
    groups : sequence of ProbedGroup
        The groups.
    name : str
        A variable.
    at : sequence of float, optional
        The values; by default both values of an observed variable that has two, else −1, 0 and 1.
    units : {"sd", "raw"}
        Of *at*: standard deviations from the mean in the group, as the model implies them, or the variable's units.

    Raises
    ------
    UnsupportedError
        For options that make no sense, and standard deviations of a variable with a negative variance.
    """
    both = two_values(groups, name) if at is None else None
    wanted = _numbers(_AT if at is None else at)
    problems = []
    if units not in ("sd", "raw"):
        problems.append(Problem(where="units", found=f"{units!r} is not offered", remedy="Use 'sd' or 'raw'."))
    if wanted.ndim != 1 or not len(wanted) or not np.isfinite(wanted).all():
        problems.append(Problem(where="at", found=f"{at!r} are no values", remedy="Give finite numbers."))
    if at is None and units == "raw" and both is None:
        problems.append(Problem(where="at", found=f"no values of {name} are given", remedy="Give at=(…) in its units."))
    if problems:
        raise UnsupportedError("The values cannot be used.", problems)
    if both is not None:
        return tuple(_values(group, name, both, "raw") for group in groups)
    return tuple(_values(group, name, wanted, units) for group in groups)


def _numbers(at: Sequence[float] | float) -> FloatArray:
    """The values as an array; none where they are no numbers."""
    try:
        return np.atleast_1d(np.array(at, dtype=np.float64))
    except (TypeError, ValueError):
        return np.zeros(0)


def two_values(groups: Sequence[ProbedGroup], name: str) -> FloatArray | None:
    """Both values (2,) of an observed variable that has two in the data of all groups, else None."""
    if not groups[0].is_observed(name):
        return None
    found = np.unique(np.concatenate([group.observations_of(name) for group in groups]))
    found = found[~np.isnan(found)]
    return found if len(found) == 2 else None


def values_asked(fit: Fit, name: str, at: Sequence[float] | None, units: Units) -> tuple[tuple[float, ...], Units]:
    """Values of a variable and their units when the defaults of :func:`chosen_values` are filled in."""
    both = two_values(probed_groups(fit), name) if at is None else None
    if both is not None:
        return tuple(both.tolist()), "raw"
    return tuple(_AT if at is None else at), units


def _values(group: ProbedGroup, name: str, at: FloatArray, units: Units) -> Values:
    mean = group.means[name]
    if units == "raw":
        return Values(standard=(at - mean) / group.deviations[name], raw=at)
    return Values(standard=at, raw=mean + at * standard_deviation(group, name))


def standard_deviation(group: ProbedGroup, name: str) -> float:
    """Implied standard deviation of a variable in a group.

    Raises
    ------
    UnsupportedError
        Where the variance is not positive.
    """
    deviation = group.deviations[name]
    if np.isnan(deviation):
        where = f"{name}, group {group.label}" if group.label else name
        found = "its implied variance is not positive, so that it has no standard deviation"
        remedy = "Repair the model: no population could have this solution."
        raise UnsupportedError("The values cannot be used.", [Problem(where=where, found=found, remedy=remedy)])
    return deviation
