"""Test of fit and fit indices of a model fitted to several imputed data sets by maximum likelihood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc

from surveysem.errors import UnsupportedError
from surveysem.estimation import GroupSolution, Solution
from surveysem.inference.fit import Fit
from surveysem.inference.indices.comparative import cfi, tli
from surveysem.inference.indices.rmsea import rmsea, rmsea_interval, rmsea_p_close
from surveysem.inference.pooling import PooledTest, pool_chi_squares, pool_likelihood_ratios
from surveysem.linalg import log_determinant
from surveysem.typing import FloatArray


class PooledFitTests(NamedTuple):
    """Tests of the model and of independence, each against the saturated model; None without degrees of freedom."""

    model: PooledTest | None
    baseline: PooledTest | None
    model_by_d2: PooledTest | None


class _Moments(NamedTuple):
    """Sample moments of one group in one imputed data set; means are None where they are not modelled."""

    covariance: FloatArray
    means: FloatArray
    exogenous: np.ndarray
    has_means: bool
    n_obs: int


def pooled_fit_tests(fits: Sequence[Fit]) -> PooledFitTests:
    """D₃ of the model and of independence, and D₂ of the model.

    Parameters
    ----------
    fits : sequence of Fit
        One an imputed data set, by maximum likelihood from complete rows, all of the same model.

    Raises
    ------
    UnsupportedError
        Where the model's constraints are not linear, so that pooled estimates do not meet them.

    Notes
    -----
    D₃ needs the likelihood of each data set at the pooled estimates of both models compared; those of the saturated
    model are the means over imputations of the sample means and covariances. Of observed exogenous variables, every
    model takes the moments of each data set as they are.

    References
    ----------
    meng_rubin_1992, li_1991
    """
    solutions = [fit.solution for fit in fits]
    if solutions[0].problem.is_curved:
        raise UnsupportedError("A pooled test is not available with constraints that are not linear.")
    samples = [[_moments(group) for group in solution.groups] for solution in solutions]
    pooled = [_averaged(groups) for groups in zip(*samples, strict=True)]
    saturated = np.array([_saturated_at(each, pooled) for each in samples])
    own = np.array([fit.fit_indices["chisq"] for fit in fits])
    at_pooled = _at_pooled_parameters(solutions) - saturated
    baseline = np.array([fit.fit_indices["baseline.chisq"] for fit in fits])
    baseline_at_pooled = np.array([_independence_at(each, pooled) for each in samples]) - saturated
    df, baseline_df = (int(fits[0].fit_indices[name]) for name in ("df", "baseline.df"))
    return PooledFitTests(
        model=pool_likelihood_ratios(own, at_pooled, degrees_of_freedom=df) if df else None,
        baseline=pool_likelihood_ratios(baseline, baseline_at_pooled, degrees_of_freedom=baseline_df)
        if baseline_df
        else None,
        model_by_d2=pool_chi_squares(own, degrees_of_freedom=df) if df else None,
    )


def pooled_fit_indices(fits: Sequence[Fit], tests: PooledFitTests) -> Mapping[str, float]:
    """Fit indices from pooled statistics, under lavaan's names.

    Parameters
    ----------
    fits : sequence of Fit
        One an imputed data set.
    tests : PooledFitTests
        Their tests.

    Notes
    -----
    ``chisq`` is k·D₃ and ``pvalue`` that of D₃ under its F distribution; cfi, tli and rmsea take k·D₃ for a χ²
    statistic. Under robust estimators ``chisq.scaled`` divides it by the mean of the scaling factors. srmr is the mean
    over imputations.
    """
    first = fits[0].fit_indices
    indices = {"npar": first["npar"], "df": first["df"], "ntotal": float(fits[0].n_obs)}
    indices |= {"srmr": _mean(fits, "srmr"), "n_imputations": float(len(fits))}
    if tests.model is None or tests.baseline is None:
        return MappingProxyType(indices | {"chisq": 0.0, "pvalue": nan})
    indices |= _of_test("", tests.model) | _of_test("baseline.", tests.baseline)
    if tests.model_by_d2 is not None:
        indices |= {"chisq.d2": tests.model_by_d2.chi_square, "pvalue.d2": tests.model_by_d2.p_value}
    indices |= _approximate(indices, fits, suffix="")
    if "chisq.scaling.factor" in first:
        indices |= _scaled(indices, fits)
    return MappingProxyType(indices)


def _of_test(prefix: str, test: PooledTest) -> dict[str, float]:
    return {
        f"{prefix}chisq": test.chi_square,
        f"{prefix}df": float(test.degrees_of_freedom),
        f"{prefix}pvalue": test.p_value,
        f"{prefix}f": test.statistic,
        f"{prefix}df2": test.denominator_degrees_of_freedom,
        f"{prefix}riv": test.relative_increase,
    }


def _scaled(indices: Mapping[str, float], fits: Sequence[Fit]) -> dict[str, float]:
    factors = {f"{name}chisq.scaling.factor": _mean(fits, f"{name}chisq.scaling.factor") for name in ("", "baseline.")}
    scaled = {
        f"{name}chisq.scaled": indices[f"{name}chisq"] / factors[f"{name}chisq.scaling.factor"]
        for name in ("", "baseline.")
    }
    p_value = float(chdtrc(indices["df"], max(scaled["chisq.scaled"], 0.0)))
    scaled |= {"df.scaled": indices["df"], "pvalue.scaled": p_value}
    return factors | scaled | _approximate({**indices, **scaled}, fits, suffix=".scaled")


def _approximate(indices: Mapping[str, float], fits: Sequence[Fit], *, suffix: str) -> dict[str, float]:
    """CFI, TLI and RMSEA from a statistic taken for χ²."""
    chi_square, df = max(indices[f"chisq{suffix}"], 0.0), indices["df"]
    sizes = {"n_obs": fits[0].n_obs, "n_groups": len(fits[0].solution.groups)}
    baseline = {
        "baseline_chi_square": max(indices[f"baseline.chisq{suffix}"], 0.0),
        "baseline_degrees_of_freedom": indices["baseline.df"],
    }
    lower, upper = rmsea_interval(chi_square=chi_square, degrees_of_freedom=df, **sizes)
    found = {
        "cfi": cfi(chi_square=chi_square, degrees_of_freedom=df, **baseline),
        "tli": tli(chi_square=chi_square, degrees_of_freedom=df, **baseline),
        "rmsea": rmsea(chi_square=chi_square, degrees_of_freedom=df, **sizes),
        "rmsea.ci.lower": lower,
        "rmsea.ci.upper": upper,
        "rmsea.pvalue": rmsea_p_close(chi_square=chi_square, degrees_of_freedom=df, **sizes),
    }
    return {f"{name}{suffix}": value for name, value in found.items()}


def _mean(fits: Sequence[Fit], name: str) -> float:
    return float(np.mean([fit.fit_indices[name] for fit in fits]))


def _moments(group: GroupSolution) -> _Moments:
    sample = group.moments
    return _Moments(
        covariance=np.asarray(sample.covariance),
        means=np.asarray(sample.means),
        exogenous=np.isin(sample.variables, group.table.exogenous_observed),
        has_means=group.structure.has_means,
        n_obs=sample.n_obs,
    )


def _averaged(groups: Sequence[_Moments]) -> _Moments:
    """Maximum likelihood moments of the saturated model, pooled over imputations."""
    return groups[0]._replace(
        covariance=np.mean([each.covariance for each in groups], axis=0),
        means=np.mean([each.means for each in groups], axis=0),
    )


def _at_pooled_parameters(solutions: Sequence[Solution]) -> FloatArray:
    """n·F of each data set at the mean of the estimates."""
    theta = np.mean([solution.theta for solution in solutions], axis=0)
    values = [each.problem.n_obs * each.problem.value(each.problem.implied(theta)) for each in solutions]
    return np.array(values)


def _saturated_at(samples: Sequence[_Moments], pooled: Sequence[_Moments]) -> float:
    """n·F of one data set at pooled saturated moments, given the exogenous variables."""
    total = 0.0
    for sample, at in zip(samples, pooled, strict=True):
        value = _distance(sample, at, np.ones(len(sample.means), dtype=bool))
        total += sample.n_obs * (value - _distance(sample, at, sample.exogenous))
    return total


def _independence_at(samples: Sequence[_Moments], pooled: Sequence[_Moments]) -> float:
    """n·F of one data set at pooled variances and means of independent variables."""
    total = 0.0
    for sample, at in zip(samples, pooled, strict=True):
        free = ~sample.exogenous
        variances, deviations = np.diag(at.covariance)[free], (sample.means - at.means)[free]
        squares = np.diag(sample.covariance)[free] + (deviations**2 if sample.has_means else 0.0)
        kept = sample.covariance[np.ix_(~free, ~free)]
        constant = (log_determinant(kept) if len(kept) else 0.0) - log_determinant(sample.covariance)
        total += sample.n_obs * (float(np.sum(np.log(variances) + squares / variances - 1.0)) + constant)
    return total


def _distance(sample: _Moments, at: _Moments, among: np.ndarray) -> float:
    """ML discrepancy of the sample's moments from others, among some of the variables."""
    if not among.any():
        return 0.0
    block = np.ix_(among, among)
    observed, expected = sample.covariance[block], at.covariance[block]
    solved = np.linalg.solve(expected, observed)
    value = log_determinant(expected) - log_determinant(observed) + float(np.trace(solved)) - len(observed)
    if sample.has_means:
        deviation = (sample.means - at.means)[among]
        value += float(deviation @ np.linalg.solve(expected, deviation))
    return value
