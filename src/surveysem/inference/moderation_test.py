"""Likelihood-ratio tests of models with latent products, against each other and against linear ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan

import numpy as np
import pandas as pd
from scipy.linalg import orth
from scipy.stats import chi2

from surveysem.errors import Problem, UnsupportedError
from surveysem.estimation import Solution
from surveysem.inference.fit import Fit
from surveysem.inference.information import first_order_information, observed_information
from surveysem.inference.latent_moderation import method_name
from surveysem.specification import Parameter
from surveysem.typing import FloatArray

_WORSE = 1e-4
"""Excess of the restricted model's log-likelihood over the larger one's that is more than rounding."""


@dataclass(frozen=True, kw_only=True)
class LikelihoodRatio:
    """A likelihood-ratio test of two nested models.

    Parameters
    ----------
    statistic : float
        Twice the difference of the log-likelihoods, divided by the scaling; NaN where there is no test.
    degrees_of_freedom : int
        Parameters that are free in the larger model only.
    scaling : float
        1 under ML; under MLR that of :func:`difference_scaling`.
    p_value : float
        Of the statistic.
    finding : str
        What is wrong with the test; empty where nothing is.
    """

    statistic: float
    degrees_of_freedom: int
    scaling: float
    p_value: float
    finding: str


def likelihood_ratio(
    *, log_likelihood: float, larger_log_likelihood: float, degrees_of_freedom: int, scaling: float = 1.0
) -> LikelihoodRatio:
    """Likelihood-ratio test of a restricted model against a larger one.

    Parameters
    ----------
    log_likelihood, larger_log_likelihood : float
        Of the restricted and of the larger model.
    degrees_of_freedom : int
        Difference in parameters.
    scaling : float
        Number the difference is divided by; see :func:`difference_scaling`.

    Examples
    --------
    >>> test = likelihood_ratio(log_likelihood=-17831.87, larger_log_likelihood=-17493.57, degrees_of_freedom=1)
    >>> round(test.statistic, 1), test.degrees_of_freedom
    (676.6, 1)
    """
    finding = ""
    if log_likelihood > larger_log_likelihood + _WORSE:
        finding = (
            f"The restricted model's log-likelihood is higher, by {log_likelihood - larger_log_likelihood:.3g}: it is "
            "not nested in the larger one, or that stopped at a local maximum. There is no test."
        )
    elif not np.isfinite(scaling):
        finding = (
            "The parameters of the restricted model are not found in the larger one: there is no scaled difference."
        )
    statistic = nan if finding else 2.0 * (larger_log_likelihood - log_likelihood) / scaling
    return LikelihoodRatio(
        statistic=statistic,
        degrees_of_freedom=degrees_of_freedom,
        scaling=scaling,
        p_value=nan if finding else float(chi2.sf(max(statistic, 0.0), degrees_of_freedom)),
        finding=finding,
    )


def compare_with_products(fits: Sequence[Fit], labels: Sequence[str]) -> pd.DataFrame:
    """Likelihood-ratio tests of models of which at least one has latent products; see ``compare``.

    Parameters
    ----------
    fits : sequence of Fit
        Models of the same data under one estimator, ML or MLR.
    labels : sequence of str
        Row labels.

    Raises
    ------
    UnsupportedError
        For LMS beside QML, and models with equally many parameters.
    """
    restrictions = [fit.table.degrees_of_freedom for fit in fits]
    _check(fits, restrictions)
    order = sorted(range(len(fits)), key=lambda index: restrictions[index])
    n_means = max(_n_means(fit) for fit in fits)
    rows = [_own_row(fits[order[0]], n_means) | _no_test()]
    for larger, restricted in pairwise(order):
        df = restrictions[restricted] - restrictions[larger]
        rows.append(_own_row(fits[restricted], n_means) | _tested(fits[restricted], fits[larger], df))
    return pd.DataFrame(rows, index=[labels[index] for index in order]).astype({"npar": int})


def _own_row(fit: Fit, n_means: int) -> dict[str, object]:
    """Log-likelihood and criteria; where means are not modelled, their log-likelihood counts them as estimated."""
    more = 0 if fit.table.has_means else n_means
    indices = fit.fit_indices
    return {
        "npar": int(indices["npar"]) + more,
        "logl": indices["logl"],
        "aic": indices["aic"] + 2.0 * more,
        "bic": indices["bic"] + more * np.log(fit.n_obs),
    }


def _n_means(fit: Fit) -> int:
    return sum(row.free > 0 and row.op == "~1" for row in fit.table)


def _no_test() -> dict[str, object]:
    return {"chisq_diff": nan, "df_diff": nan, "p_value": nan, "method": "", "finding": ""}


def _tested(restricted: Fit, larger: Fit, df: int) -> dict[str, object]:
    robust = restricted.estimator == "MLR"
    test = likelihood_ratio(
        log_likelihood=restricted.fit_indices["logl"],
        larger_log_likelihood=larger.fit_indices["logl"],
        degrees_of_freedom=df,
        scaling=difference_scaling(restricted.solution, larger.solution) if robust else 1.0,
    )
    return {
        "chisq_diff": test.statistic,
        "df_diff": float(test.degrees_of_freedom),
        "p_value": test.p_value,
        "method": f"{_quasi(larger)}likelihood ratio{', scaled (Satorra 2000)' if robust else ''}",
        "finding": test.finding,
    }


def _quasi(fit: Fit) -> str:
    """How the test's name begins: QML maximises an approximation, so that its likelihood ratio is one too."""
    return "quasi-" if method_name(fit.solution) == "QML" else ""


def difference_scaling(restricted: Solution, larger: Solution) -> float:
    """Mean of the likelihood-ratio statistic of a restriction, per degree of freedom, without normality.

    c = [tr(A⁻¹B) − tr((PᵀAP)⁻¹PᵀBP)] / df with A the observed and B the first-order information of the larger model at
    its estimates, and P the directions that the restriction leaves. It is always positive, unlike a difference of two
    models' own traces, which fails where the restricted model is far off.

    Parameters
    ----------
    restricted, larger : Solution
        Nested models of the same rows.

    Returns
    -------
    float
        NaN where parameters of the restricted model have no counterpart in the larger one.

    References
    ----------
    satorra_2000
    """
    directions = _directions(restricted, larger)
    constraints = larger.problem.constraints
    everything = np.eye(larger.table.n_free) if constraints is None else constraints.basis
    released = everything.shape[1] - np.linalg.matrix_rank(directions)
    if released != restricted.table.degrees_of_freedom - larger.table.degrees_of_freedom:
        return nan
    observed, first_order = observed_information(larger), first_order_information(larger)

    def trace(along: FloatArray) -> float:
        inner = np.linalg.solve(along.T @ observed @ along, along.T @ first_order @ along)
        return float(np.trace(inner))

    return (trace(everything) - trace(orth(directions))) / float(released)


def _directions(restricted: Solution, larger: Solution) -> FloatArray:
    """Directions (q, r) in which the larger model's parameters may move under the restriction, found row by row."""
    places = {_place(row): row.free for row in restricted.table.parameters}
    constraints = restricted.problem.constraints
    basis = np.eye(restricted.table.n_free) if constraints is None else constraints.basis
    directions = np.zeros((larger.table.n_free, basis.shape[1]))
    own: list[int] = []
    for row in larger.table.parameters:
        number = places.get(_place(row), 0)
        if row.free and number:
            directions[row.free - 1] = basis[number - 1]
        elif row.free and row.op == "~1" and not restricted.table.has_means:
            own.append(row.free - 1)
    means = np.eye(larger.table.n_free)[:, sorted(set(own))]
    return np.hstack([directions, means])


def _place(row: Parameter) -> tuple[str, str, str, int]:
    first, second = sorted((row.lhs, row.rhs)) if row.op == "~~" else (row.lhs, row.rhs)
    return first, row.op, second, row.group


def _check(fits: Sequence[Fit], restrictions: Sequence[int]) -> None:
    problems = []
    methods = sorted({name for fit in fits if (name := method_name(fit.solution))})
    if len(methods) > 1:
        remedy = "Fit all of them by one method."
        problems.append(Problem(where="methods", found=f"models fitted by {' and '.join(methods)}", remedy=remedy))
    if {fit.estimator for fit in fits} - {"ML", "MLR"}:
        found = ", ".join(sorted({fit.estimator for fit in fits}))
        problems.append(Problem(where="estimators", found=found, remedy="Fit all models with ML, or all with MLR."))
    if len(set(restrictions)) < len(restrictions):
        remedy = "Such models are not nested; compare AIC."
        problems.append(Problem(where="fits", found="models with equally many parameters", remedy=remedy))
    if problems:
        raise UnsupportedError("These models cannot be compared by likelihood-ratio tests.", problems)
