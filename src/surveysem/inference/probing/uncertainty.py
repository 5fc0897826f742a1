"""Standard errors and intervals of functions of the parameters: by the delta method, from draws, or by bootstrap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import nan
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from surveysem.errors import DataError, UnsupportedError
from surveysem.inference.bootstrap import Bootstrap
from surveysem.inference.bootstrap_intervals import Confidence, acceleration_of, bootstrap_interval
from surveysem.inference.bootstrap_tables import _of_units
from surveysem.inference.delta import delta_standard_errors, normal_theory
from surveysem.inference.estimates import identity_columns
from surveysem.inference.fit import Fit
from surveysem.inference.information import casewise_scores, invert_information, observed_information
from surveysem.inference.least_squares import is_least_squares
from surveysem.inference.probing.group import Points
from surveysem.typing import FloatArray

IntervalMethod: TypeAlias = Literal["delta", "monte_carlo", "bootstrap"]
Quantity: TypeAlias = Callable[[Points], Points]
"""From parameters (b, q) to *k* quantities (b, k)."""

_STEP = 1e-30
_CHUNK = 1000


@dataclass(frozen=True, kw_only=True, eq=False)
class Uncertainty:
    """How standard errors and intervals are computed.

    Parameters
    ----------
    method : {"delta", "monte_carlo", "bootstrap"}
        Normal theory, or quantiles of draws of the estimates, or of refits to resampled rows.
    level : float
        Confidence level.
    thetas : array of shape (b, q)
        The draws; none for the delta method.
    confidence : str
        Kind of interval from draws.
    influence : array of shape (n, q), optional
        Of each observation on the estimates, for BCa intervals.
    """

    method: IntervalMethod
    level: float
    thetas: FloatArray
    confidence: Confidence = "percentile"
    influence: FloatArray | None = None

    @property
    def name(self) -> str:
        """In a word or two, for a table."""
        named = {"delta": "delta method", "monte_carlo": "Monte Carlo"}
        return named.get(self.method, f"bootstrap, {self.confidence}")


def choose_uncertainty(
    fit: Fit,
    *,
    method: IntervalMethod | None,
    default: IntervalMethod,
    bootstrap: Bootstrap | None,
    level: float,
    n_draws: int = 20_000,
    seed: int = 1,
) -> Uncertainty:
    """The way of computing intervals that was asked for: *default*, or bootstrap where one is given.

    Raises
    ------
    UnsupportedError
        For options that make no sense.
    DataError
        Where the bootstrap is of another fit.
    """
    chosen = method or ("bootstrap" if bootstrap is not None else default)
    _check(chosen, bootstrap, level=level, n_draws=n_draws)
    if chosen == "delta":
        return Uncertainty(method=chosen, level=level, thetas=np.empty((0, len(fit.solution.theta))))
    if chosen == "monte_carlo":
        thetas = np.random.default_rng(seed).multivariate_normal(
            fit.solution.theta, fit.parameter_covariance, size=n_draws, method="eigh", check_valid="ignore"
        )
        constraints = fit.solution.problem.constraints
        if constraints is not None and constraints.is_curved:
            thetas = constraints.project_each(thetas)
        return Uncertainty(method=chosen, level=level, thetas=thetas)
    assert bootstrap is not None
    _check_bootstrap(fit, bootstrap)
    return Uncertainty(
        method=chosen,
        level=level,
        thetas=_bootstrapped_parameters(fit, bootstrap),
        confidence=bootstrap.confidence,
        influence=_influence(fit) if bootstrap.confidence == "bca" else None,
    )


def _check(method: str, bootstrap: Bootstrap | None, *, level: float, n_draws: int) -> None:
    problems = []
    if method not in ("delta", "monte_carlo", "bootstrap"):
        problems.append(f"intervals={method!r}; available: delta, monte_carlo, bootstrap")
    if method == "bootstrap" and bootstrap is None:
        problems.append("intervals='bootstrap' without draws; give bootstrap=fit.bootstrap(...)")
    if method in ("delta", "monte_carlo") and bootstrap is not None:
        problems.append(f"intervals={method!r} and a bootstrap; leave out one of them")
    if not 0.0 < level < 1.0:
        problems.append(f"level={level!r}; a confidence level lies between 0 and 1")
    if n_draws < 100:
        problems.append(f"n_draws={n_draws!r}; it must be at least 100")
    if problems:
        raise UnsupportedError(f"The intervals cannot be computed: {'; '.join(problems)}.")


def _bootstrapped_parameters(fit: Fit, bootstrap: Bootstrap) -> FloatArray:
    """Free parameters (b, q) of each replicate with a solution."""
    columns = identity_columns(fit.table.parameters, fit.products)
    names: dict[int, str] = {}
    for row, lhs, rhs in zip(fit.table.parameters, columns["lhs"], columns["rhs"], strict=True):
        end = f".g{row.group}" if row.group > 1 else ""
        if row.free:
            names.setdefault(row.free, f"{lhs}{row.op}{rhs}{end}")
    wanted = [("estimate", names[number]) for number in range(1, fit.table.n_free + 1)]
    same = len(bootstrap.intervals) == len(fit.estimates) and np.array_equal(
        bootstrap.intervals["estimate"], fit.estimates["estimate"], equal_nan=True
    )
    if not same or not set(wanted) <= set(bootstrap.draws.columns):
        raise DataError("The bootstrap is of another fit: its estimates are not those of this one. Bootstrap this fit.")
    thetas: FloatArray = bootstrap.draws[wanted].to_numpy(dtype=float)
    return thetas


def _check_bootstrap(fit: Fit, bootstrap: Bootstrap) -> None:
    """Refuse what the draws do not tell."""
    observed = {name for pair in fit.products.values() for name in pair} & set(fit.table.observed)
    if fit.product_indicators and observed:
        raise UnsupportedError(
            f"A bootstrap that centres products anew does not keep the means of observed variables in them "
            f"({', '.join(sorted(observed))}), which slopes depend on. Available: intervals='delta', 'monte_carlo'."
        )
    if bootstrap.confidence == "bca" and is_least_squares(fit.solution):
        raise UnsupportedError(
            "BCa intervals of slopes and indirect effects are not available under least squares. Available: "
            "fit.bootstrap(..., confidence='percentile'), 'basic' or 'normal'."
        )


def _influence(fit: Fit) -> FloatArray:
    """Influence (n, q) of rows, or of clusters where these are drawn, on the estimates."""
    inverse = invert_information(observed_information(fit.solution), fit.solution)
    scores = [_of_units(casewise_scores(group), group.moments.clusters) for group in fit.solution.groups]
    return np.vstack(scores) @ inverse


def derivatives(quantity: Quantity, theta: FloatArray) -> FloatArray:
    """Derivatives (k, q) of *k* quantities by complex steps, exact to rounding."""
    stepped = quantity(theta + 1j * _STEP * np.eye(len(theta)))
    jacobian: FloatArray = np.ascontiguousarray(stepped.imag.T / _STEP)
    return jacobian


def inferred(fit: Fit, quantity: Quantity, uncertainty: Uncertainty, *, name: str, prefix: str = "") -> pd.DataFrame:
    """Quantities with standard errors, tests and intervals: one row each.

    Parameters
    ----------
    fit : Fit
        The fitted model.
    quantity : function
        From parameters (b, q) to (b, k).
    uncertainty : Uncertainty
        How.
    name, prefix : str
        Column of the quantity, and what the names of the others begin with.

    Returns
    -------
    pandas.DataFrame
        Columns *name*, std_error, z (by the delta method only), p_value, ci_lower, ci_upper, and n_draws where there
        are draws: those in which the quantity exists.
    """
    theta = fit.solution.theta
    estimate = np.asarray(quantity(theta[None]).real[0], dtype=np.float64)
    if uncertainty.method == "delta":
        errors = delta_standard_errors(derivatives(quantity, theta), fit.parameter_covariance)
        tested = normal_theory(estimate, errors, level=uncertainty.level)
        columns = {
            "std_error": tested.std_error,
            "z": tested.z,
            "p_value": tested.p_value,
            "ci_lower": tested.ci_lower,
            "ci_upper": tested.ci_upper,
        }
    else:
        columns = _from_draws(quantity, uncertainty, estimate, theta)
    return pd.DataFrame({name: estimate} | {f"{prefix}{key}": values for key, values in columns.items()})


def _from_draws(
    quantity: Quantity, uncertainty: Uncertainty, estimate: FloatArray, theta: FloatArray
) -> dict[str, FloatArray]:
    thetas = uncertainty.thetas
    draws = np.vstack([quantity(thetas[start : start + _CHUNK]) for start in range(0, len(thetas), _CHUNK)])
    skews = np.zeros(len(estimate))
    if uncertainty.influence is not None:
        skews = acceleration_of(uncertainty.influence @ derivatives(quantity, theta).T)
    found = [
        bootstrap_interval(
            column, value, confidence=uncertainty.confidence, level=uncertainty.level, acceleration=float(skew)
        )
        for column, value, skew in zip(draws.T, estimate.tolist(), skews, strict=True)
    ]
    return {
        "std_error": np.array([each.std_error for each in found]),
        "z": np.full(len(found), nan),
        "p_value": np.array([each.p_value for each in found]),
        "ci_lower": np.array([each.lower for each in found]),
        "ci_upper": np.array([each.upper for each in found]),
        "n_draws": np.array([each.n_draws for each in found]),
    }
