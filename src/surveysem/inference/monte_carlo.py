"""Monte Carlo intervals of defined quantities: draws of the estimates, not of the data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.inference.bootstrap_intervals import bootstrap_interval
from surveysem.inference.fit import Fit
from surveysem.specification import ParameterTable
from surveysem.specification.expressions import evaluate_stack
from surveysem.typing import FloatArray


def monte_carlo_intervals(fit: Fit, n_draws: int = 20_000, *, seed: int, level: float = 0.95) -> pd.DataFrame:
    """Monte Carlo intervals of defined quantities (``:=``), indirect effects above all.

    Parameters
    ----------
    fit : Fit
        A model with definitions.
    n_draws : int
        Draws of the free parameters from the normal distribution with their estimates and covariance; where
        constraints are not linear, of those that the others follow from.
    seed : int
        Of the draws.
    level : float
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        Columns lhs, op, rhs, label, estimate, std_error (standard deviation of the draws), ci_lower, ci_upper,
        p_value (consistent with the interval) and n_draws, those in which the quantity is a real number.

    Raises
    ------
    UnsupportedError
        When the model defines nothing, or the options make no sense.

    Notes
    -----
    A product of estimates is not normal although the estimates are; its simulated quantiles allow for that, without
    refitting the model. The estimator's covariance is used, robust where the fit is.

    References
    ----------
    mackinnon_2004

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> fit = ss.sem("y5 ~ b*y1 + x1; y1 ~ a*x1; indirect := a*b", data)
    >>> intervals = monte_carlo_intervals(fit, seed=1)
    >>> intervals[["estimate", "ci_lower", "ci_upper"]].round(1)
       estimate  ci_lower  ci_upper
    0       0.8       0.4       1.3
    """
    if not fit.table.definitions:
        raise UnsupportedError("Monte Carlo intervals are of defined quantities; this model has none (name := …).")
    if not 0.0 < level < 1.0 or n_draws < 2:
        raise UnsupportedError(f"n_draws={n_draws!r}, level={level!r}: at least 2 draws, and a level between 0 and 1.")
    theta = np.random.default_rng(seed).multivariate_normal(
        fit.solution.theta, fit.parameter_covariance, size=n_draws, method="eigh", check_valid="ignore"
    )
    constraints = fit.solution.problem.constraints
    if constraints is not None and constraints.is_curved:
        theta = constraints.project_each(theta)
    draws = _defined(fit.table, theta)
    shown = fit.estimates[fit.estimates["op"] == ":="].reset_index(drop=True)
    found = [
        bootstrap_interval(draws[name], float(value), level=level)
        for name, value in zip(shown["lhs"], shown["estimate"], strict=True)
    ]
    return shown[["lhs", "op", "rhs", "label", "estimate"]].assign(
        std_error=[each.std_error for each in found],
        ci_lower=[each.lower for each in found],
        ci_upper=[each.upper for each in found],
        p_value=[each.p_value for each in found],
        n_draws=[each.n_draws for each in found],
    )


def _defined(table: ParameterTable, theta: FloatArray) -> dict[str, FloatArray]:
    """Labelled parameters and defined quantities at each draw (b, q), each of shape (b,)."""
    values: dict[str, FloatArray] = {}
    for row in table.parameters:
        if row.label:
            fixed = np.full(len(theta), row.value or 0.0)
            values.setdefault(row.label, theta[:, row.free - 1] if row.free else fixed)
    for row in table.definitions:
        values[row.lhs] = evaluate_stack(row.rhs, values)
    return values
