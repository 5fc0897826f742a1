"""The fit indices of a solution, under lavaan's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import nan
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy.stats import chi2

from surveysem.estimation import FullInformation, GeneralizedLeastSquares, GroupSolution, LeastSquares, Solution
from surveysem.implied import among_explained, implied_statistics, response_covariance
from surveysem.inference.indices.absolute import (
    adjusted_goodness_of_fit_index,
    critical_n,
    expected_cross_validation_index,
    goodness_of_fit_index,
    mcdonald_fit_index,
    weighted_squares,
)
from surveysem.inference.indices.categorical import correlation_statistics
from surveysem.inference.indices.comparative import cfi, ifi, nfi, rfi, rni, tli
from surveysem.inference.indices.incomplete import complete_data_statistics
from surveysem.inference.indices.likelihood import adjusted_bic, aic, bic
from surveysem.inference.indices.rmsea import rmsea, rmsea_interval, rmsea_p_close, rmsea_p_not_close
from surveysem.inference.indices.srmr import correlation_srmr, srmr
from surveysem.inference.indices.statistics import (
    ChiSquare,
    baseline_statistic,
    model_statistic,
    normal_log_likelihood,
)
from surveysem.inference.latent_moderation import likelihood_indices
from surveysem.inference.least_squares import UNCORRECTED, is_least_squares
from surveysem.typing import EstimatorName

_WITH_ROBUST_OF_ORDERED = frozenset({"WLSM", "WLSMV", "ULSM", "ULSMV"})
_WITH_ROBUST = frozenset({"MLR", "MLM", "MLMV", "WLSMV", "ULSM", "ULSMV"})
"""Estimators with robust versions of CFI, TLI and RMSEA."""


@dataclass(frozen=True, kw_only=True)
class _Tests:
    """Statistics of the model and of independence, and what indices need besides."""

    model: ChiSquare
    baseline: ChiSquare
    n_obs: int
    n_groups: int


def collect_fit_indices(solution: Solution, estimator: EstimatorName, *, curved: bool = True) -> Mapping[str, float]:
    """Fit indices under lavaan's names; ``.scaled`` and ``.robust`` ones are added under robust estimators.

    With missing values there are robust versions under ML too: they judge the saturated moments as if rows were
    complete, since the statistic of full information shrinks where much is missing (Zhang & Savalei 2023; see
    :func:`~surveysem.inference.indices.incomplete.complete_data_statistics`). Those of ordered variables judge the
    correlations by maximum likelihood (Savalei 2021): there are none where some variables are continuous or thresholds
    or means are restricted; see :func:`~surveysem.inference.indices.categorical.correlation_statistics`. Least squares
    has no likelihood, and the plain statistic of unweighted least squares no known distribution (p is NaN). RMSEA of
    least squares counts *n* less the number of groups, as in lavaan. GFI and AGFI are given of the covariances of one
    group alone: definitions differ where there are means, thresholds or variables that are given.

    Models with latent products fitted by LMS or QML have a likelihood only.

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    estimator : str
        Which statistic is reported besides the plain one.
    curved : bool
        Count the curvature of the model in the information that the statistic of MLR rests on.
    """
    if solution.has_latent_products:
        return MappingProxyType(likelihood_indices(solution))
    least_squares = is_least_squares(solution)
    tests = _Tests(
        model=model_statistic(solution, estimator, curved=curved),
        baseline=baseline_statistic(solution, estimator),
        n_obs=solution.n_obs - (len(solution.groups) if least_squares else 0),
        n_groups=len(solution.groups),
    )
    indices = _plain(tests) | {"ntotal": float(solution.n_obs)} | _size_and_residuals(solution)
    indices |= _absolute(tests, solution) | ({} if least_squares else _likelihood(solution))
    if estimator != "ML" and estimator not in UNCORRECTED:
        indices |= _scaled(tests)
    robust = _robust_tests(solution, estimator, tests)
    if robust is not None:
        indices |= _robust(robust)
    if estimator.startswith("ULS"):
        indices |= {"pvalue": nan, "baseline.pvalue": nan}
    return MappingProxyType(indices)


def _robust_tests(solution: Solution, estimator: EstimatorName, tests: _Tests) -> _Tests | None:
    """Statistics robust indices are made of; None where these are not offered."""
    if solution.incomplete:
        found = complete_data_statistics(solution, estimator)
    elif solution.table.ordered:
        found = correlation_statistics(solution) if estimator in _WITH_ROBUST_OF_ORDERED else None
    else:
        return tests if estimator in _WITH_ROBUST else None
    return None if found is None else replace(tests, model=found[0], baseline=found[1])


def _comparative(tests: _Tests, *, scaled: bool) -> dict[str, float]:
    def values(statistic: ChiSquare) -> tuple[float, float]:
        if scaled:
            return statistic.scaled, statistic.scaled_degrees_of_freedom
        return statistic.plain, float(statistic.degrees_of_freedom)

    (chi_square, df), (baseline, baseline_df) = values(tests.model), values(tests.baseline)
    return {
        "chi_square": chi_square,
        "degrees_of_freedom": df,
        "baseline_chi_square": baseline,
        "baseline_degrees_of_freedom": baseline_df,
    }


def _plain(tests: _Tests) -> dict[str, float]:
    model, baseline = tests.model, tests.baseline
    compared = _comparative(tests, scaled=False)
    indices = {
        "chisq": model.plain,
        "df": float(model.degrees_of_freedom),
        "pvalue": _p_value(model.plain, model.degrees_of_freedom),
        "baseline.chisq": baseline.plain,
        "baseline.df": float(baseline.degrees_of_freedom),
        "baseline.pvalue": _p_value(baseline.plain, baseline.degrees_of_freedom),
    }
    rmseas = _rmsea_family(tests, chi_square=model.plain, degrees_of_freedom=model.degrees_of_freedom)
    return indices | _incremental(compared) | rmseas


def _incremental(compared: dict[str, float], suffix: str = "") -> dict[str, float]:
    functions = {"cfi": cfi, "tli": tli, "nfi": nfi, "rfi": rfi, "rni": rni}
    indices = {f"{name}{suffix}": function(**compared) for name, function in functions.items()}
    without_df = {name: value for name, value in compared.items() if name != "baseline_degrees_of_freedom"}
    return indices | {f"ifi{suffix}": ifi(**without_df)}


def _scaled(tests: _Tests) -> dict[str, float]:
    model, baseline = tests.model, tests.baseline
    compared = _comparative(tests, scaled=True)
    indices = {
        "chisq.scaled": model.scaled,
        "df.scaled": model.scaled_degrees_of_freedom,
        "pvalue.scaled": _p_value(model.scaled, model.scaled_degrees_of_freedom),
        "chisq.scaling.factor": model.factor if model.degrees_of_freedom else nan,
        "baseline.chisq.scaled": baseline.scaled,
        "baseline.df.scaled": baseline.scaled_degrees_of_freedom,
        "baseline.pvalue.scaled": _p_value(baseline.scaled, baseline.scaled_degrees_of_freedom),
        "baseline.chisq.scaling.factor": baseline.factor,
    } | _incremental(compared, ".scaled")
    if model.shift:
        indices["chisq.shift.parameter"] = model.shift
        chi_square, df = model.scaled, float(model.degrees_of_freedom)
    else:  # as in lavaan, the plain statistic against the trace of UΓ
        chi_square, df = model.plain, model.mean_factor * model.degrees_of_freedom
    return indices | _rmsea_family(tests, chi_square=chi_square, degrees_of_freedom=df, suffix=".scaled")


def _robust(tests: _Tests) -> dict[str, float]:
    """Robust versions; intervals are those of the corrected statistic, stretched by its factor."""
    model = tests.model
    scalings = {"scaling": model.mean_factor, "baseline_scaling": tests.baseline.mean_factor}
    compared = _comparative(tests, scaled=False)
    family = _rmsea_family(
        tests,
        chi_square=model.scaled * model.factor,
        degrees_of_freedom=model.degrees_of_freedom,
        scaling=model.factor,
        suffix=".robust",
    )
    point = rmsea(
        chi_square=model.plain,
        degrees_of_freedom=model.degrees_of_freedom,
        n_obs=tests.n_obs,
        scaling=model.mean_factor,
        n_groups=tests.n_groups,
    )
    functions = {"cfi": cfi, "tli": tli, "rni": rni}
    indices = {f"{name}.robust": function(**compared, **scalings) for name, function in functions.items()}
    return indices | family | {"rmsea.robust": point}


def _rmsea_family(
    tests: _Tests, *, chi_square: float, degrees_of_freedom: float, suffix: str = "", scaling: float = 1.0
) -> dict[str, float]:
    arguments: dict[str, Any] = {
        "chi_square": chi_square,
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
        f"rmsea.notclose.pvalue{suffix}": rmsea_p_not_close(**arguments),
    }


def _absolute(tests: _Tests, solution: Solution) -> dict[str, float]:
    model, n_parameters = tests.model, _n_parameters(solution)
    test: dict[str, Any] = {
        "chi_square": model.plain,
        "degrees_of_freedom": model.degrees_of_freedom,
        "n_obs": tests.n_obs,
    }
    indices = {"mfi": mcdonald_fit_index(**test), "cn_05": critical_n(**test), "cn_01": critical_n(**test, level=0.01)}
    if not solution.table.ordered:
        indices["ecvi"] = expected_cross_validation_index(
            chi_square=model.plain, n_parameters=n_parameters, n_obs=tests.n_obs
        )
    return indices | _goodness_of_fit(solution)


def _goodness_of_fit(solution: Solution) -> dict[str, float]:
    """GFI and AGFI of models of covariances alone: means, thresholds and given variables make them another thing."""
    group, table = solution.groups[0], solution.table
    if len(solution.groups) > 1 or group.structure.has_means or table.ordered or table.exogenous_observed:
        return {}
    misfit, total = _weighted_squares(group)
    gfi = goodness_of_fit_index(misfit=misfit, total=total)
    adjusted = adjusted_goodness_of_fit_index(
        gfi=gfi, n_variables=len(table.observed), degrees_of_freedom=table.degrees_of_freedom
    )
    return {"gfi": gfi, "agfi": adjusted}


def _weighted_squares(group: GroupSolution) -> tuple[float, float]:
    """Of the residual and of the sample covariances, with the weights of the discrepancy."""
    discrepancy, sample = group.discrepancy, np.asarray(group.moments.covariance)
    if isinstance(discrepancy, LeastSquares):
        observed = discrepancy.statistics
        residual = observed - implied_statistics(group.implied)
        return float(residual @ discrepancy.weighted(residual)), float(observed @ discrepancy.weighted(observed))
    weight = discrepancy.inverse if isinstance(discrepancy, GeneralizedLeastSquares) else group.implied.inverse
    return weighted_squares(sample - group.implied.covariance, weight), weighted_squares(sample, weight)


def _size_and_residuals(solution: Solution) -> dict[str, float]:
    return {
        "npar": float(_n_parameters(solution)),
        "fmin": solution.discrepancy / 2.0,
        "srmr": sum(group.weight * _group_srmr(group) for group in solution.groups),
    }


def _n_parameters(solution: Solution) -> int:
    return solution.table.n_free - sum(row.op == "==" for row in solution.table)


def _likelihood(solution: Solution) -> dict[str, float]:
    saturated = sum(_saturated_log_likelihood(group) for group in solution.groups)
    logl = saturated - solution.n_obs * solution.discrepancy / 2.0
    n_free = _n_parameters(solution)
    return {
        "logl": logl,
        "unrestricted.logl": saturated,
        "aic": aic(log_likelihood=logl, n_parameters=n_free),
        "bic": bic(log_likelihood=logl, n_parameters=n_free, n_obs=solution.n_obs),
        "bic2": adjusted_bic(log_likelihood=logl, n_parameters=n_free, n_obs=solution.n_obs),
    }


def _group_srmr(group: GroupSolution) -> float:
    if group.table.ordered:
        return correlation_srmr(
            sample_covariance=among_explained(group.structure, group.moments.covariance),
            implied_covariance=among_explained(group.structure, response_covariance(group.implied)),
            n_exogenous=len(group.table.exogenous_observed),
        )
    return srmr(
        sample_covariance=group.moments.covariance,
        implied_covariance=group.implied.covariance,
        mean_residual=group.moments.means - group.implied.mean if group.structure.has_means else None,
    )


def _saturated_log_likelihood(solution: GroupSolution) -> float:
    """Of the explained variables given the observed exogenous ones, whose own likelihood is no part of the model."""
    moments = solution.moments
    exogenous = np.isin(moments.variables, solution.table.exogenous_observed)
    if isinstance(solution.discrepancy, FullInformation):
        everything = solution.discrepancy.saturated.log_likelihood
    else:
        everything = normal_log_likelihood(moments.covariance, moments.n_obs)
    if not exogenous.any():
        return everything
    return everything - normal_log_likelihood(moments.covariance[np.ix_(exogenous, exogenous)], moments.n_obs)


def _p_value(chi_square: float, degrees_of_freedom: float) -> float:
    return nan if degrees_of_freedom == 0 else float(chi2.sf(chi_square, degrees_of_freedom))
