"""Likelihood-ratio tests of nested models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import nan

import numpy as np
import pandas as pd
from scipy.stats import chi2

from surveysem.data.moments import SampleMoments
from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.estimation import Solution
from surveysem.inference.fit import Fit
from surveysem.inference.indices.rmsea import rmsea
from surveysem.inference.indices.statistics import ChiSquare
from surveysem.inference.moderation_test import compare_with_products
from surveysem.inference.restriction_test import restriction_test
from surveysem.typing import EstimatorName

_PLAIN = ("ML", "GLS", "WLS")
_SCALED = ("MLR", "MLM", "WLSM", "ULSM")
_SHIFTED = ("MLMV", "MLMVS", "WLSMV", "WLSMVS", "ULSMV", "ULSMVS")
UNTESTED: Mapping[str, EstimatorName] = {"DWLS": "WLSMV", "ULS": "ULSMV"}
"""Estimators whose difference of statistics follows no known distribution, with one of the same estimates."""
_SAME = 1e-8
"""Relative difference of two moments that rounding can make."""
_SHIFTED_METHOD = "Satorra (2000), scaled and shifted"
_SCALED_METHOD = "Satorra and Bentler (2001), scaled"


@dataclass(frozen=True, kw_only=True)
class ScaledDifference:
    """Scaled difference of two likelihood-ratio statistics.

    Parameters
    ----------
    chi_square : float
        The statistic; NaN where its scaling factor is not positive.
    scaling : float
        Scaling factor of the difference.
    """

    chi_square: float
    scaling: float


def scaled_difference(
    *,
    chi_square: float,
    degrees_of_freedom: int,
    scaling: float,
    larger_chi_square: float,
    larger_degrees_of_freedom: int,
    larger_scaling: float,
) -> ScaledDifference:
    """Satorra–Bentler scaled difference of the likelihood-ratio statistics of two nested models.

    c = (df₀ c₀ − df₁ c₁) / (df₀ − df₁), and the statistic is (T₀ − T₁) / c. The factor *c* can turn out negative in
    small samples; there is no statistic then.

    Parameters
    ----------
    chi_square, degrees_of_freedom, scaling : float, int, float
        Plain statistic T₀ of the restricted model, its df₀ and its scaling factor c₀.
    larger_chi_square, larger_degrees_of_freedom, larger_scaling : float, int, float
        T₁, df₁ and c₁ of the model it is nested in.

    References
    ----------
    satorra_bentler_2001

    Examples
    --------
    >>> scaled_difference(chi_square=30.0, degrees_of_freedom=12, scaling=1.5, larger_chi_square=20.0,
    ...                   larger_degrees_of_freedom=8, larger_scaling=1.25)
    ScaledDifference(chi_square=5.0, scaling=2.0)
    """
    released = degrees_of_freedom - larger_degrees_of_freedom
    # Of a saturated model df is 0, and so is the product, whatever its factor (NaN) is taken to be.
    larger = larger_degrees_of_freedom * larger_scaling if larger_degrees_of_freedom else 0.0
    factor = (degrees_of_freedom * scaling - larger) / released
    return ScaledDifference(chi_square=(chi_square - larger_chi_square) / factor if factor > 0 else nan, scaling=factor)


def compare(*fits: Fit, names: Sequence[str] = ()) -> pd.DataFrame:
    """Likelihood-ratio tests of nested models, each against the next larger one.

    Parameters
    ----------
    *fits : Fit
        Two or more models of the same data, nested in one another; in any order. That they are nested is taken on
        trust.
    names : sequence of str
        Row labels in the order of *fits*; "model 1", "model 2" … by default.

    Returns
    -------
    pandas.DataFrame
        Sorted by df; columns df, aic, bic (NaN under least squares), chisq, chisq_diff, df_diff, rmsea_diff, p_value,
        method, which names the test, and finding, which says what is wrong with it (empty where nothing is). chisq is
        the plain statistic. Under ML, GLS and WLS chisq_diff is the difference of the two; under MLR, MLM, WLSM and
        ULSM it is the Satorra–Bentler (2001) scaled difference; under MLMV, WLSMV, ULSMV and their variants that end in
        S, Satorra's (2000) difference, scaled and shifted. Corrected differences have no rmsea_diff.

    Raises
    ------
    DataError
        When the models were not fitted to the same data.
    UnsupportedError
        For fewer than two fits, different estimators, models of which only some have means, equal degrees of freedom,
        and DWLS and ULS, whose difference of statistics follows no known distribution.

    Notes
    -----
    All are those of lavaan's ``lavTestLRT()`` with its defaults. Where latent products were fitted by LMS or QML, the
    columns are npar, logl, aic, bic, chisq_diff (twice the difference of the log-likelihoods, scaled under MLR),
    df_diff, p_value, method and finding; the model without the product may be an ordinary fit of the same variables by
    ML or MLR, from incomplete rows too.

    References
    ----------
    satorra_2000, satorra_bentler_2001

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
    _check_options(fits, names, by_statistic=not with_products)
    _check_same_data(fits)
    labels = list(names) or [f"model {number}" for number in range(1, len(fits) + 1)]
    if with_products:
        return compare_with_products(fits, labels)
    order = sorted(range(len(fits)), key=lambda index: fits[index].fit_indices["df"])
    ordered = [fits[index] for index in order]
    rows = [_own_row(ordered[0]) | _no_test()]
    rows += [_own_row(small) | _test(small, large) for large, small in pairwise(ordered)]
    return pd.DataFrame(rows, index=[labels[index] for index in order]).astype({"df": int})


def _own_row(fit: Fit) -> dict[str, object]:
    return {name: fit.fit_indices.get(name, nan) for name in ("df", "aic", "bic", "chisq")}


def _no_test() -> dict[str, object]:
    return {"chisq_diff": nan, "df_diff": nan, "rmsea_diff": nan, "p_value": nan, "method": "", "finding": ""}


def _test(restricted: Fit, larger: Fit) -> dict[str, object]:
    df = int(restricted.fit_indices["df"] - larger.fit_indices["df"])
    plain = restricted.fit_indices["chisq"] - larger.fit_indices["chisq"]
    statistic, scaling, method = _difference(restricted, larger, plain)
    finding = _finding(plain, scaling)
    usable = nan if finding else statistic
    return {
        "chisq_diff": statistic,
        "df_diff": float(df),
        "rmsea_diff": _rmsea_difference(usable, df, restricted) if restricted.estimator in _PLAIN else nan,
        "p_value": float(chi2.sf(usable, df)),
        "method": method,
        "finding": finding,
    }


def _difference(restricted: Fit, larger: Fit, plain: float) -> tuple[float, float, str]:
    """The statistic, the number it was divided by, and the name of the test."""
    if restricted.estimator in _PLAIN:
        return plain, 1.0, "difference of statistics"
    if restricted.estimator in _SHIFTED:
        test = restriction_test(restricted.solution, larger.solution, parameter_covariance=larger.parameter_covariance)
        return test.chi_square, test.scaling, _SHIFTED_METHOD
    first, second = restricted.fit_indices, larger.fit_indices
    scaled = scaled_difference(
        chi_square=first["chisq"],
        degrees_of_freedom=int(first["df"]),
        scaling=first["chisq.scaling.factor"],
        larger_chi_square=second["chisq"],
        larger_degrees_of_freedom=int(second["df"]),
        larger_scaling=second["chisq.scaling.factor"],
    )
    return scaled.chi_square, scaled.scaling, _SCALED_METHOD


def solution_difference_test(
    restricted: Solution, statistic: ChiSquare, larger: Fit, larger_statistic: ChiSquare
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

    Notes
    -----
    The test that :func:`compare` makes, without the fit indices of the restricted model.
    """
    df = statistic.degrees_of_freedom - larger_statistic.degrees_of_freedom
    plain = statistic.plain - larger_statistic.plain
    value, scaling, method = plain, 1.0, "difference of statistics"
    if larger.estimator in _SHIFTED:
        test = restriction_test(restricted, larger.solution, parameter_covariance=larger.parameter_covariance)
        value, scaling, method = test.chi_square, test.scaling, _SHIFTED_METHOD
    elif larger.estimator not in _PLAIN:
        scaled = scaled_difference(
            chi_square=statistic.plain,
            degrees_of_freedom=statistic.degrees_of_freedom,
            scaling=statistic.mean_factor,
            larger_chi_square=larger_statistic.plain,
            larger_degrees_of_freedom=larger_statistic.degrees_of_freedom,
            larger_scaling=larger_statistic.mean_factor,
        )
        value, scaling, method = scaled.chi_square, scaled.scaling, _SCALED_METHOD
    finding = _finding(plain, scaling)
    p_value = float(chi2.sf(nan if finding else value, df))
    return {"chisq_diff": value, "df_diff": float(df), "p_value": p_value, "method": method, "finding": finding}


def _rmsea_difference(difference: float, df: int, fit: Fit) -> float:
    if np.isnan(difference):
        return nan
    n_groups = len(fit.solution.groups)
    return rmsea(chi_square=difference, degrees_of_freedom=df, n_obs=fit.n_obs, n_groups=n_groups)


def _finding(plain: float, scaling: float) -> str:
    if plain < -1e-5:
        return (
            f"The restricted model fits better than the larger one, by {-plain:.3g}: it is not nested in it, or the "
            "larger one stopped at a local minimum. There is no test."
        )
    if not scaling > 0:
        return (
            f"The scaling factor of the difference is {scaling:.3g}, not positive, as can happen in small samples: "
            "the scaled difference cannot be computed."
        )
    return ""


def _check_options(fits: Sequence[Fit], names: Sequence[str], *, by_statistic: bool) -> None:
    problems = []
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
