"""The fit indices of a solution, under lavaan's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import nan
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.stats import chi2

from surveysem.estimation import GroupSolution, Solution
from surveysem.inference.indices.comparative import cfi, tli
from surveysem.inference.indices.likelihood import aic, bic, log_likelihood
from surveysem.inference.indices.rmsea import rmsea, rmsea_interval, rmsea_p_close
from surveysem.inference.indices.scaling import (
    independence_trace,
    saturated_trace,
    yuan_bentler_scaling_factor,
)
from surveysem.inference.indices.srmr import srmr
from surveysem.inference.information import first_order_information, invert_information, observed_information
from surveysem.linalg import log_determinant
from surveysem.typing import EstimatorName, FloatArray


@dataclass(frozen=True, kw_only=True)
class _Tests:
    """χ² of model and baseline with their degrees of freedom and scaling factors."""

    chi_square: float
    degrees_of_freedom: int
    baseline_chi_square: float
    baseline_degrees_of_freedom: int
    n_obs: int
    n_groups: int = 1
    scaling: float = 1.0
    baseline_scaling: float = 1.0

    def model(self, *, scaled: bool) -> dict[str, Any]:
        return {
            "chi_square": self.chi_square / (self.scaling if scaled else 1.0),
            "degrees_of_freedom": self.degrees_of_freedom,
        }

    def baseline(self, *, scaled: bool) -> dict[str, Any]:
        return {
            "baseline_chi_square": self.baseline_chi_square / (self.baseline_scaling if scaled else 1.0),
            "baseline_degrees_of_freedom": self.baseline_degrees_of_freedom,
        }


def collect_fit_indices(solution: Solution, estimator: EstimatorName) -> Mapping[str, float]:
    """Fit indices under lavaan's names; ``.scaled`` and ``.robust`` ones are added under ``MLR``.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    estimator : {"ML", "MLR"}
        Which statistic is reported besides the plain one.
    """
    tests = _likelihood_ratio_tests(solution, estimator)
    indices = _plain(tests) | _likelihood(solution)
    if estimator == "MLR":
        indices |= _scaled(tests) | _robust(tests)
    return MappingProxyType(indices)


def _likelihood_ratio_tests(solution: Solution, estimator: EstimatorName) -> _Tests:
    df, n_obs = solution.table.degrees_of_freedom, solution.n_obs
    n_exogenous = len(solution.table.exogenous_observed)
    n_groups = len(solution.groups)
    baseline_df = n_groups * _baseline_degrees_of_freedom(len(solution.table.observed), n_exogenous)
    baseline = sum(group.weight * _baseline_discrepancy(group) for group in solution.groups)
    plain = _Tests(
        chi_square=n_obs * solution.discrepancy,
        degrees_of_freedom=df,
        baseline_chi_square=n_obs * baseline,
        baseline_degrees_of_freedom=baseline_df,
        n_obs=n_obs,
        n_groups=n_groups,
    )
    if estimator == "ML":
        return plain
    return replace(
        plain,
        scaling=_scaling(solution),
        baseline_scaling=abs(_saturated_trace(solution) - _independence_trace(solution)) / baseline_df,
    )


def _scaling(solution: Solution) -> float:
    return yuan_bentler_scaling_factor(
        saturated_trace=_saturated_trace(solution),
        first_order=first_order_information(solution),
        inverse_observed=invert_information(observed_information(solution), solution),
        degrees_of_freedom=solution.table.degrees_of_freedom,
    )


def _saturated_trace(solution: Solution) -> float:
    """Over all groups; saturated means add their number."""
    means = len(solution.table.observed) if solution.table.has_means else 0
    return sum(saturated_trace(_centred(group), group.moments.covariance) + means for group in solution.groups)


def _independence_trace(solution: Solution) -> float:
    means = len(solution.table.observed) if solution.table.has_means else 0
    return sum(independence_trace(_centred(group)) + means for group in solution.groups)


def _centred(group: GroupSolution) -> FloatArray:
    centred: FloatArray = group.moments.observations - group.moments.means
    return centred


def _baseline_degrees_of_freedom(n_variables: int, n_exogenous: int) -> int:
    """Covariances set to zero: all but those among observed exogenous variables."""
    return n_variables * (n_variables - 1) // 2 - n_exogenous * (n_exogenous - 1) // 2


def _baseline_discrepancy(solution: GroupSolution) -> float:
    """F of independence in one group; observed exogenous variables keep their covariances."""
    covariance = solution.moments.covariance
    exogenous = np.isin(solution.moments.variables, solution.table.exogenous_observed)
    free = np.log(np.diag(covariance)[~exogenous]).sum()
    kept = covariance[np.ix_(exogenous, exogenous)]
    return float(free) + (log_determinant(kept) if exogenous.any() else 0.0) - log_determinant(covariance)


def _plain(tests: _Tests) -> dict[str, float]:
    model, baseline = tests.model(scaled=False), tests.baseline(scaled=False)
    return (
        {
            "chisq": tests.chi_square,
            "df": float(tests.degrees_of_freedom),
            "pvalue": _p_value(tests.chi_square, tests.degrees_of_freedom),
            "baseline.chisq": tests.baseline_chi_square,
            "baseline.df": float(tests.baseline_degrees_of_freedom),
            "baseline.pvalue": _p_value(tests.baseline_chi_square, tests.baseline_degrees_of_freedom),
            "cfi": cfi(**model, **baseline),
            "tli": tli(**model, **baseline),
        }
        | _rmsea_family(tests, degrees_of_freedom=tests.degrees_of_freedom)
        | {"ntotal": float(tests.n_obs)}
    )


def _scaled(tests: _Tests) -> dict[str, float]:
    model, baseline = tests.model(scaled=True), tests.baseline(scaled=True)
    return {
        "chisq.scaled": model["chi_square"],
        "df.scaled": float(tests.degrees_of_freedom),
        "pvalue.scaled": _p_value(model["chi_square"], tests.degrees_of_freedom),
        "chisq.scaling.factor": tests.scaling if tests.degrees_of_freedom else nan,
        "baseline.chisq.scaled": baseline["baseline_chi_square"],
        "baseline.df.scaled": float(tests.baseline_degrees_of_freedom),
        "baseline.pvalue.scaled": _p_value(baseline["baseline_chi_square"], tests.baseline_degrees_of_freedom),
        "baseline.chisq.scaling.factor": tests.baseline_scaling,
        "cfi.scaled": cfi(**model, **baseline),
        "tli.scaled": tli(**model, **baseline),
    } | _rmsea_family(tests, degrees_of_freedom=tests.scaling * tests.degrees_of_freedom, suffix=".scaled")


def _robust(tests: _Tests) -> dict[str, float]:
    model, baseline = tests.model(scaled=False), tests.baseline(scaled=False)
    scalings = {"scaling": tests.scaling, "baseline_scaling": tests.baseline_scaling}
    return {
        "cfi.robust": cfi(**model, **baseline, **scalings),
        "tli.robust": tli(**model, **baseline, **scalings),
    } | _rmsea_family(tests, degrees_of_freedom=tests.degrees_of_freedom, scaling=tests.scaling, suffix=".robust")


def _rmsea_family(
    tests: _Tests, *, degrees_of_freedom: float, suffix: str = "", scaling: float = 1.0
) -> dict[str, float]:
    """RMSEA, interval and p; the scaled version holds the plain χ² against *c* times as many degrees of freedom."""
    arguments: dict[str, Any] = {
        "chi_square": tests.chi_square,
        "degrees_of_freedom": degrees_of_freedom,
        "n_obs": tests.n_obs,
        "n_groups": tests.n_groups,
        "scaling": scaling,
    }
    lower, upper = rmsea_interval(**arguments)
    return {
        f"rmsea{suffix}": rmsea(**arguments),
        f"rmsea.ci.lower{suffix}": lower,
        f"rmsea.ci.upper{suffix}": upper,
        f"rmsea.pvalue{suffix}": rmsea_p_close(**arguments),
    }


def _likelihood(solution: Solution) -> dict[str, float]:
    saturated = sum(_saturated_log_likelihood(group) for group in solution.groups)
    logl = saturated - solution.n_obs * solution.discrepancy / 2.0
    n_free = solution.table.n_free - sum(row.op == "==" for row in solution.table)
    return {
        "npar": float(n_free),
        "fmin": solution.discrepancy / 2.0,
        "logl": logl,
        "unrestricted.logl": saturated,
        "aic": aic(log_likelihood=logl, n_parameters=n_free),
        "bic": bic(log_likelihood=logl, n_parameters=n_free, n_obs=solution.n_obs),
        "srmr": sum(group.weight * _group_srmr(group) for group in solution.groups),
    }


def _group_srmr(group: GroupSolution) -> float:
    return srmr(
        sample_covariance=group.moments.covariance,
        implied_covariance=group.implied.covariance,
        mean_residual=group.moments.means - group.implied.mean if group.structure.has_means else None,
    )


def _saturated_log_likelihood(solution: GroupSolution) -> float:
    """Of the explained variables given the observed exogenous ones, whose own likelihood is no part of the model."""
    moments = solution.moments
    exogenous = np.isin(moments.variables, solution.table.exogenous_observed)
    everything = _normal_log_likelihood(moments.covariance, moments.n_obs)
    if not exogenous.any():
        return everything
    return everything - _normal_log_likelihood(moments.covariance[np.ix_(exogenous, exogenous)], moments.n_obs)


def _normal_log_likelihood(covariance: FloatArray, n_obs: int) -> float:
    return log_likelihood(
        discrepancy=0.0,
        log_determinant_sample=log_determinant(covariance),
        n_variables=len(covariance),
        n_obs=n_obs,
    )


def _p_value(chi_square: float, degrees_of_freedom: int) -> float:
    return nan if degrees_of_freedom == 0 else float(chi2.sf(chi_square, degrees_of_freedom))
