"""Likelihood-ratio tests of nested models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan
from typing import get_args

import numpy as np
import pandas as pd
from scipy.stats import chi2

from surveysem.data.moments import SampleMoments
from surveysem.errors import DataError, EstimationError, IdentificationError, Problem, UnsupportedError
from surveysem.estimation import Solution
from surveysem.inference.fit import Fit
from surveysem.inference.indices.rmsea import rmsea
from surveysem.inference.indices.statistics import ChiSquare
from surveysem.inference.least_squares import is_least_squares
from surveysem.inference.moderation_test import compare_with_products
from surveysem.inference.restriction_test import restriction_test
from surveysem.inference.scaled_differences import (
    METHOD_NAMES,
    DifferenceMethod,
    ScaledDifference,
    larger_scaling_at_restriction,
    scaled_difference,
)
from surveysem.typing import EstimatorName

_PLAIN = ("ML", "GLS", "WLS")
_SCALED = ("MLR", "MLM", "WLSM", "ULSM")
_SHIFTED = ("MLMV", "MLMVS", "WLSMV", "WLSMVS", "ULSMV", "ULSMVS")
UNTESTED: Mapping[str, EstimatorName] = {"DWLS": "WLSMV", "ULS": "ULSMV"}
"""Estimators whose difference of statistics follows no known distribution, with one of the same estimates."""
_SAME = 1e-8
"""Relative difference of two moments that rounding can make."""
_BY_OTHER = (
    "The scaling factor of Satorra and Bentler's (2001) difference is not positive; the test is Satorra's (2000)."
)
_OTHERS = 'compare(…, method="satorra_2000") and method="satorra_bentler_2010" are made not to have one'


@dataclass(frozen=True, kw_only=True)
class _Tested:
    """A model with its plain statistic, its degrees of freedom and its scaling factor."""

    solution: Solution
    plain: float
    df: int
    factor: float


def compare(*fits: Fit, names: Sequence[str] = (), method: DifferenceMethod | None = None) -> pd.DataFrame:
    """Likelihood-ratio tests of nested models, each against the next larger one.

    Parameters
    ----------
    *fits : Fit
        Two or more models of the same data, nested in one another; in any order. That they are nested is taken on
        trust.
    names : sequence of str
        Row labels in the order of *fits*; "model 1", "model 2" … by default.
    method : {"satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000"}, optional
        Correction of the difference under robust estimators; lavaan's default of the estimator if left out. That of
        2001 can have a negative scaling factor, and then is no test. That of 2010, for MLM and MLR, evaluates the
        larger model at the restricted estimates: its factor is positive, but under MLR the information there need not
        be positive definite when the restriction is far from the data. That of 2000 is scaled and shifted, always by a
        positive factor.

    Returns
    -------
    pandas.DataFrame
        Sorted by df; columns df, aic, bic (NaN under least squares), chisq, chisq_diff, df_diff, rmsea_diff, p_value,
        method, which names the test, and finding, which says what is wrong with it (empty where nothing is). chisq is
        the plain statistic. Under ML, GLS and WLS chisq_diff is the difference of the two; under MLR, MLM, WLSM and
        ULSM it is the Satorra–Bentler (2001) scaled difference unless *method* says otherwise; under MLMV, WLSMV, ULSMV
        and their variants that end in S, Satorra's (2000) difference, scaled and shifted. Corrected differences have no
        rmsea_diff.

    Raises
    ------
    DataError
        When the models were not fitted to the same data.
    UnsupportedError
        For fewer than two fits, different estimators, models of which only some have means, equal degrees of freedom,
        and DWLS and ULS, whose difference of statistics follows no known distribution; and for a *method* that the
        estimator has not.

    Notes
    -----
    All are those of lavaan's ``lavTestLRT()``, with its defaults or its option ``method``. Where latent products were
    fitted by LMS or QML, the columns are npar, logl, aic, bic, chisq_diff (twice the difference of the
    log-likelihoods, scaled under MLR), df_diff, p_value, method and finding; the model without the product may be an
    ordinary fit of the same variables by ML or MLR, from incomplete rows too. Where such a fit models no means, npar,
    aic and bic count those it takes from the sample, so that they can be compared.

    With incomplete rows lavaan's ``satorra.2000`` differs: it can be twice the other tests of the same restriction, and
    Wald's, with which the one here agrees.

    References
    ----------
    satorra_2000, satorra_bentler_2001, satorra_bentler_2010

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> free = ss.sem("dem60 =~ y1 + y2 + y3 + y4", data)
    >>> equal = ss.sem("dem60 =~ y1 + a*y2 + a*y3 + a*y4", data)
    >>> compare(equal, free)[["df", "chisq_diff", "df_diff"]].round(3)
             df  chisq_diff  df_diff
    model 2   2         NaN      NaN
    model 1   4       2.763      2.0
    """
    with_products = any(fit.solution.has_latent_products for fit in fits)
    _check_options(fits, names, method, by_statistic=not with_products)
    _check_same_data(fits)
    labels = list(names) or [f"model {number}" for number in range(1, len(fits) + 1)]
    if with_products:
        return compare_with_products(fits, labels)
    order = sorted(range(len(fits)), key=lambda index: fits[index].fit_indices["df"])
    ordered = [fits[index] for index in order]
    rows = [_own_row(ordered[0]) | _no_test()]
    rows += [_own_row(small) | _test(small, large, method) for large, small in pairwise(ordered)]
    return pd.DataFrame(rows, index=[labels[index] for index in order]).astype({"df": int})


def _own_row(fit: Fit) -> dict[str, object]:
    return {name: fit.fit_indices.get(name, nan) for name in ("df", "aic", "bic", "chisq")}


def _no_test() -> dict[str, object]:
    return {"chisq_diff": nan, "df_diff": nan, "rmsea_diff": nan, "p_value": nan, "method": "", "finding": ""}


def _test(restricted: Fit, larger: Fit, method: DifferenceMethod | None) -> dict[str, object]:
    row = _difference_row(_of_fit(restricted), _of_fit(larger), larger, method)
    is_plain = restricted.estimator in _PLAIN
    usable = nan if row["finding"] or not is_plain else float(str(row["chisq_diff"]))
    return row | {
        "rmsea_diff": _rmsea_difference(
            usable, int(restricted.fit_indices["df"] - larger.fit_indices["df"]), restricted
        )
    }


def nested_difference(restricted: Fit, larger: Fit) -> pd.Series:
    """The difference test of :func:`compare`, by Satorra (2000) where the scaling factor of 2001 is not positive.

    Parameters
    ----------
    restricted, larger : Fit
        Of the same data, the first nested in the second.

    Returns
    -------
    pandas.Series
        The row of the restricted model; its finding says where the other test was made.

    References
    ----------
    satorra_2000, satorra_bentler_2001
    """
    row: pd.Series = compare(restricted, larger).iloc[-1]
    is_negative = not np.isnan(row["df_diff"]) and np.isnan(row["chisq_diff"])
    if restricted.estimator not in _SCALED or restricted.solution.has_latent_products or not is_negative:
        return row
    other: pd.Series = compare(restricted, larger, method="satorra_2000").iloc[-1].copy()
    if not other["finding"]:
        other["finding"] = _BY_OTHER
    return other


def _of_fit(fit: Fit) -> _Tested:
    indices = fit.fit_indices
    factor = indices.get("chisq.scaling.factor", nan)
    return _Tested(solution=fit.solution, plain=indices["chisq"], df=int(indices["df"]), factor=factor)


def solution_difference_test(
    restricted: Solution,
    statistic: ChiSquare,
    larger: Fit,
    larger_statistic: ChiSquare,
    *,
    method: DifferenceMethod | None = None,
) -> dict[str, object]:
    """chisq_diff, df_diff, p_value, method and finding of a nested model of which no more than its statistic is known.

    Parameters
    ----------
    restricted : Solution
        The restricted model, fitted to the data of the larger one.
    statistic, larger_statistic : ChiSquare
        Of the two models, under the estimator of *larger*.
    larger : Fit
        The model it is nested in.
    method : str, optional
        As of :func:`compare`; by default Satorra's (2000) stands in where the scaling factor of Satorra and Bentler's
        (2001) is not positive, which the finding says.

    Notes
    -----
    The test that :func:`compare` makes, without the fit indices of the restricted model.
    """
    models = (_of_statistic(restricted, statistic), _of_statistic(larger.solution, larger_statistic))
    row = _difference_row(*models, larger, method)
    if method or larger.estimator not in _SCALED or not np.isnan(float(str(row["chisq_diff"]))):
        return row
    other = _difference_row(*models, larger, "satorra_2000")
    return other if other["finding"] else other | {"finding": _BY_OTHER}


def _of_statistic(solution: Solution, statistic: ChiSquare) -> _Tested:
    return _Tested(
        solution=solution, plain=statistic.plain, df=statistic.degrees_of_freedom, factor=statistic.mean_factor
    )


def _difference_row(
    restricted: _Tested, larger: _Tested, fit: Fit, method: DifferenceMethod | None
) -> dict[str, object]:
    df, plain = restricted.df - larger.df, restricted.plain - larger.plain
    if fit.estimator in _PLAIN:
        value, scaling, name, trouble = plain, 1.0, "difference of statistics", ""
    else:
        chosen = method or ("satorra_2000" if fit.estimator in _SHIFTED else "satorra_bentler_2001")
        test, trouble = _corrected(restricted, larger, fit, chosen)
        value, scaling, name = test.chi_square, test.scaling, METHOD_NAMES[chosen]
    finding = _finding(plain, scaling, trouble)
    p_value = float(chi2.sf(nan if finding else value, df))
    return {"chisq_diff": value, "df_diff": float(df), "p_value": p_value, "method": name, "finding": finding}


def _corrected(
    restricted: _Tested, larger: _Tested, fit: Fit, method: DifferenceMethod
) -> tuple[ScaledDifference, str]:
    """The corrected difference, and why there is none."""
    if method == "satorra_2000":
        shifted = restriction_test(
            restricted.solution,
            larger.solution,
            parameter_covariance=fit.parameter_covariance,
            observed=fit.estimator == "MLR",
        )
        return ScaledDifference(chi_square=shifted.chi_square, scaling=shifted.scaling), ""
    factor, trouble = larger.factor, ""
    if method == "satorra_bentler_2010" and larger.df:
        factor, trouble = _factor_at_restriction(restricted, larger, fit)
    scaled = scaled_difference(
        chi_square=restricted.plain,
        degrees_of_freedom=restricted.df,
        scaling=restricted.factor,
        larger_chi_square=larger.plain,
        larger_degrees_of_freedom=larger.df,
        larger_scaling=factor,
    )
    return scaled, trouble


def _factor_at_restriction(restricted: _Tested, larger: _Tested, fit: Fit) -> tuple[float, str]:
    try:
        factor = larger_scaling_at_restriction(restricted.solution, larger.solution, fit.estimator)
    except (EstimationError, IdentificationError) as error:
        return nan, f"The larger model cannot be evaluated at the restricted estimates. {error.message}"
    if np.isnan(factor):
        return nan, "The larger model cannot imply what the restricted one implies: they are not nested."
    return factor, ""


def _rmsea_difference(difference: float, df: int, fit: Fit) -> float:
    if np.isnan(difference):
        return nan
    n_groups = len(fit.solution.groups)
    return rmsea(chi_square=difference, degrees_of_freedom=df, n_obs=fit.n_obs, n_groups=n_groups)


def _finding(plain: float, scaling: float, trouble: str) -> str:
    if plain < -1e-5:
        return (
            f"The restricted model fits better than the larger one, by {-plain:.3g}: it is not nested in it, or the "
            "larger one stopped at a local minimum. There is no test."
        )
    if trouble:
        return f"{trouble} There is no test."
    if not scaling > 0:
        return (
            f"The scaling factor of the difference is {scaling:.3g}, not positive, as can happen in small samples: "
            f"the scaled difference cannot be computed. {_OTHERS}."
        )
    return ""


def _check_options(
    fits: Sequence[Fit], names: Sequence[str], method: DifferenceMethod | None, *, by_statistic: bool
) -> None:
    problems = _problems_of_method(fits, method)
    if len(fits) < 2:
        problems.append(_problem("fits", f"{len(fits)} given", "Give two or more."))
    if names and len(names) != len(fits):
        problems.append(_problem("names", f"{len(names)} for {len(fits)} fits", "Give one name for each fit."))
    estimators = sorted({fit.estimator for fit in fits})
    if len(estimators) > 1:
        problems.append(_problem("estimators", ", ".join(estimators), "Fit all models with one estimator."))
    problems += [
        _problem(
            f"estimator {name}",
            "the difference of two statistics follows no known distribution",
            f"Fit the models with {other}, whose estimates are the same and whose test is corrected.",
        )
        for name, other in UNTESTED.items()
        if name in estimators
    ]
    if by_statistic and len({fit.table.has_means for fit in fits}) > 1:
        problems.append(_problem("means", "only some models have them", "Set meanstructure alike in all fits."))
    degrees = [int(fit.fit_indices["df"]) for fit in fits] if by_statistic else []
    if len(set(degrees)) < len(degrees):
        found = f"degrees of freedom {', '.join(map(str, degrees))}"
        problems.append(_problem("fits", found, "Models with equal degrees of freedom are not nested; compare AIC."))
    if problems:
        raise UnsupportedError("These models cannot be compared by likelihood-ratio tests.", problems)


def _problems_of_method(fits: Sequence[Fit], method: DifferenceMethod | None) -> list[Problem]:
    where = f"method {method}"
    if method is None:
        return []
    if method not in METHOD_NAMES:
        return [_problem(where, "there is no such test", f"Available: {', '.join(get_args(DifferenceMethod))}.")]
    if any(fit.solution.has_latent_products for fit in fits):
        return [_problem(where, "latent products are tested by their likelihood", "Leave method out.")]
    available = {name for fit in fits for name in _methods_of(fit)}
    if method in available or not fits:
        return []
    remedy = (
        f"Available: {', '.join(name for name in METHOD_NAMES if name in available)}." if available else "Leave it out."
    )
    return [_problem(where, f"not available with {fits[0].estimator}", remedy)]


def _methods_of(fit: Fit) -> tuple[DifferenceMethod, ...]:
    """Corrections that a fit's estimator and data have."""
    if fit.estimator in _SHIFTED:
        return ("satorra_2000",)
    if fit.estimator not in _SCALED:
        return ()
    if is_least_squares(fit.solution):
        return ("satorra_bentler_2001", "satorra_2000")
    return ("satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000")


def _check_same_data(fits: Sequence[Fit]) -> None:
    first = fits[0]
    problems = [
        _problem(f"fits 1 and {number}", found, "Fit all models to the same rows and variables.")
        for number, fit in enumerate(fits[1:], start=2)
        if (found := _data_difference(first, fit))
    ]
    if problems:
        raise DataError("The models were not fitted to the same data.", problems)


def _data_difference(first: Fit, second: Fit) -> str:
    """What differs in the data of two fits; empty when nothing does."""
    differing = set(first.table.observed) ^ set(second.table.observed)
    if differing:
        return f"only one of them has {', '.join(sorted(differing))}"
    if set(first.table.exogenous_observed) != set(second.table.exogenous_observed):
        return "other variables are exogenous, whose moments are taken from the sample"
    pairs = list(zip(first.solution.problem.samples, second.solution.problem.samples, strict=False))
    if len(first.solution.groups) != len(second.solution.groups) or any(a.n_obs != b.n_obs for a, b in pairs):
        return f"n = {_sizes(first)} and n = {_sizes(second)}"
    return "" if all(_same_moments(a, b) for a, b in pairs) else "means or covariances differ"


def _sizes(fit: Fit) -> str:
    return " + ".join(str(sample.n_obs) for sample in fit.solution.problem.samples)


def _same_moments(first: SampleMoments, second: SampleMoments) -> bool:
    at = [second.variables.index(name) for name in first.variables]
    scale = np.sqrt(np.diag(first.covariance))
    apart = np.abs(first.covariance - second.covariance[np.ix_(at, at)]) / np.outer(scale, scale)
    shifted = np.abs(first.means - second.means[at]) / (scale + np.abs(first.means))
    return bool(apart.max() <= _SAME and shifted.max() <= _SAME)


def _problem(where: str, found: str, remedy: str) -> Problem:
    return Problem(where=where, found=found, remedy=remedy)
