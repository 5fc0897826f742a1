"""Names and order of the statistics that a model for ordered items is fitted to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, kw_only=True)
class OrdinalStatistic:
    """One sample statistic, named as a row of a parameter table.

    Parameters
    ----------
    lhs : str
        Variable.
    op : str
        ``|`` threshold, ``~1`` mean (its sign reversed), ``~`` slope, ``~~`` variance, covariance or correlation.
    rhs : str
        ``t1``, ``t2`` … of a threshold, empty for a mean, the other variable otherwise.

    Examples
    --------
    >>> print(OrdinalStatistic(lhs="trust_1", op="|", rhs="t2"))
    trust_1|t2
    """

    lhs: str
    op: str
    rhs: str

    def __str__(self) -> str:
        return f"{self.lhs}{self.op}{self.rhs}"


def ordinal_statistics(
    variables: Sequence[str], n_categories: Mapping[str, int], exogenous: Sequence[str] = ()
) -> tuple[OrdinalStatistic, ...]:
    """Statistics of ordered and continuous variables in the order of lavaan's ``wls.obs``.

    Parameters
    ----------
    variables : sequence of str, length *p*
        Names.
    n_categories : mapping of str to int
        Number of categories of each ordered variable; the others are continuous.
    exogenous : sequence of str
        Observed exogenous variables, on which all are regressed.

    Returns
    -------
    tuple of OrdinalStatistic
        Thresholds and reversed means in the order of the variables, slopes on the first exogenous variable, the second
        …, variances of the continuous ones, then the lower triangle of the covariances column by column.

    Examples
    --------
    >>> [str(statistic) for statistic in ordinal_statistics(["u", "y"], {"u": 3})]
    ['u|t1', 'u|t2', 'y~1', 'y~~y', 'u~~y']
    >>> [str(statistic) for statistic in ordinal_statistics(["u", "v"], {"u": 2, "v": 2}, ["x"])]
    ['u|t1', 'v|t1', 'u~x', 'v~x', 'u~~v']
    """
    continuous = [name for name in variables if name not in n_categories]
    rows = [row for name in variables for row in _location(name, n_categories.get(name))]
    rows += [(name, "~", predictor) for predictor in exogenous for name in variables]
    rows += [(name, "~~", name) for name in continuous]
    rows += [(first, "~~", second) for first, second in combinations(variables, 2)]
    return tuple(OrdinalStatistic(lhs=lhs, op=op, rhs=rhs) for lhs, op, rhs in rows)


def _location(name: str, n_categories: int | None) -> list[tuple[str, str, str]]:
    if n_categories is None:
        return [(name, "~1", "")]
    return [(name, "|", f"t{number}") for number in range(1, n_categories)]
