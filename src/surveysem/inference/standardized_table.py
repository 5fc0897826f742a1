"""The standardised solution with its own standard errors."""

from __future__ import annotations

import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.inference.estimates import identity_columns, stacked, wald_tests, with_definitions
from surveysem.inference.fit import Fit
from surveysem.inference.standardized import Standardization, standardized_rows

_KINDS = ("std_all", "std_lv", "std_nox")


def standardized_solution(fit: Fit, kind: Standardization = "std_all", *, level: float = 0.95) -> pd.DataFrame:
    """Standardised estimates, with standard errors by the delta method, tests and intervals.

    Parameters
    ----------
    fit : Fit
        The fitted model.
    kind : {"std_all", "std_lv", "std_nox"}
        All variables have unit variance; latent ones only; or all but observed exogenous ones, so that the path of
        a dummy variable is the difference between its two values.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    pandas.DataFrame
        Columns lhs, op, rhs, group, label, est_std, std_error, z, p_value, ci_lower, ci_upper; one row a parameter,
        then one a defined quantity. What is fixed by standardising has standard error 0 and NaN for tests.

    Raises
    ------
    UnsupportedError
        For an unknown kind.

    Notes
    -----
    As lavaan's ``standardizedSolution()``. Defined quantities are computed from standardised values; where rows with
    one label differ in them, from those of the first.

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> solution = standardized_solution(ss.sem("dem60 =~ y1 + y2 + y3 + y4", data))
    >>> solution.loc[:3, ["rhs", "est_std", "std_error"]].round(3)
      rhs  est_std  std_error
    0  y1    0.819      0.050
    1  y2    0.763      0.058
    2  y3    0.712      0.066
    3  y4    0.878      0.042
    """
    if kind not in _KINDS:
        raise UnsupportedError(f"There is no standardisation {kind!r}. Available: {', '.join(map(repr, _KINDS))}.")
    table = fit.table
    groups = [standardized_rows(group, kind, fit.products) for group in fit.solution.groups]
    tested = wald_tests(with_definitions(table, stacked(groups)), fit.parameter_covariance, level)
    identity = identity_columns((*table.parameters, *table.definitions), fit.products)
    columns = {name: identity[name] for name in ("lhs", "op", "rhs", "group", "label")}
    return pd.DataFrame(
        columns
        | {
            "est_std": tested.estimate,
            "std_error": tested.std_error,
            "z": tested.z,
            "p_value": tested.p_value,
            "ci_lower": tested.ci_lower,
            "ci_upper": tested.ci_upper,
        }
    )
