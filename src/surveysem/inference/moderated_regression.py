"""Numbers of moderated regression: least squares with robust covariances, and the reliability of a product."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import isinf
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution
from scipy.stats import t as t_distribution

from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.inference.probing import JohnsonNeyman, SignificanceRegion, significance_boundaries
from surveysem.typing import FloatArray, IntArray

RegressionCovariance: TypeAlias = Literal["HC3", "cluster", "nonrobust"]

_LEVERAGE_OF_ONE = 1e-10
_REACH = 3.0
_N_POINTS = 241


@dataclass(frozen=True, kw_only=True, eq=False)
class LeastSquaresFit:
    """A linear regression by least squares.

    Parameters
    ----------
    estimate : array of shape (k,)
        Coefficients.
    covariance : array of shape (k, k)
        Of the coefficients.
    degrees_of_freedom : int
        Of the t and F tests: n − k, or the number of clusters less one.
    r_squared : float
        Share of explained variance.
    """

    estimate: FloatArray
    covariance: FloatArray
    degrees_of_freedom: int
    r_squared: float


def least_squares_regression(
    outcome: FloatArray, design: FloatArray, *, covariance: RegressionCovariance, clusters: IntArray | None = None
) -> LeastSquaresFit:
    """Coefficients of a linear regression with their covariance.

    Parameters
    ----------
    outcome : array of shape (n,)
        Dependent variable.
    design : array of shape (n, k)
        Independent variables with a column of ones; of full rank.
    covariance : {"HC3", "cluster", "nonrobust"}
        Robust to unequal variances, with residuals over 1 − h (MacKinnon & White's HC3); robust to dependence within
        clusters, times G/(G − 1) · (n − 1)/(n − k) for *G* clusters, tests having G − 1 degrees of freedom; or of
        equal variances.
    clusters : array of shape (n,), optional
        Number of the cluster of each row, for ``covariance="cluster"``.

    Raises
    ------
    DataError
        When a row alone decides a coefficient (leverage 1), so that HC3 does not exist.

    References
    ----------
    mackinnon_white_1985, long_ervin_2000, cameron_miller_2015

    Examples
    --------
    >>> design = np.column_stack([np.ones(4), [0.0, 0.0, 1.0, 1.0]])
    >>> fit = least_squares_regression(np.array([1.0, 3.0, 4.0, 8.0]), design, covariance="nonrobust")
    >>> fit.estimate.round(3).tolist(), np.sqrt(np.diag(fit.covariance)).round(3).tolist()
    ([2.0, 4.0], [1.581, 2.236])
    """
    from statsmodels.regression.linear_model import OLS

    if (covariance == "cluster") != (clusters is not None):
        raise UnsupportedError("Clusters go with covariance='cluster', and with it alone.")
    model = OLS(outcome, design)
    if clusters is not None:
        kept = {"groups": clusters, "use_correction": True, "df_correction": True}
        result = model.fit(cov_type="cluster", cov_kwds=kept, use_t=True)
        degrees_of_freedom = len(np.unique(clusters)) - 1
    else:
        if covariance == "HC3":
            _check_leverage(design)
        result = model.fit(cov_type=covariance, use_t=True)
        degrees_of_freedom = len(outcome) - design.shape[1]
    return LeastSquaresFit(
        estimate=np.asarray(result.params, dtype=np.float64),
        covariance=np.asarray(result.cov_params(), dtype=np.float64),
        degrees_of_freedom=degrees_of_freedom,
        r_squared=float(result.rsquared),
    )


def _check_leverage(design: FloatArray) -> None:
    orthonormal = np.linalg.qr(design)[0]
    alone = np.flatnonzero(1.0 - np.sum(orthonormal**2, axis=1) < _LEVERAGE_OF_ONE)
    if len(alone):
        rows = ", ".join(str(row + 1) for row in alone[:10])
        found = "each decides a coefficient alone, so that its residual is 0"
        remedy = "Leave out the variable that only it has a value of, or use covariance='nonrobust'."
        raise DataError(
            "HC3 does not exist.", [Problem(where=f"row(s) {rows} of those used", found=found, remedy=remedy)]
        )


def coefficient_tests(fit: LeastSquaresFit, weights: FloatArray, *, level: float) -> pd.DataFrame:
    """Linear combinations of coefficients with t tests and intervals.

    Parameters
    ----------
    fit : LeastSquaresFit
        The regression.
    weights : array of shape (r, k)
        One row a combination.
    level : float
        Confidence level.

    Returns
    -------
    pandas.DataFrame
        Columns estimate, std_error, t, p_value, ci_lower, ci_upper; *r* rows.
    """
    estimate = weights @ fit.estimate
    error = np.sqrt(np.einsum("ri,ij,rj->r", weights, fit.covariance, weights))
    t = estimate / error
    half_width = t_distribution.ppf(0.5 + level / 2.0, fit.degrees_of_freedom) * error
    return pd.DataFrame(
        {
            "estimate": estimate,
            "std_error": error,
            "t": t,
            "p_value": 2.0 * t_distribution.sf(np.abs(t), fit.degrees_of_freedom),
            "ci_lower": estimate - half_width,
            "ci_upper": estimate + half_width,
        }
    )


def term_test(fit: LeastSquaresFit, index: int) -> pd.Series:
    """Wald test that a coefficient is 0: F, df1, df2, p_value."""
    statistic = float(fit.estimate[index] ** 2 / fit.covariance[index, index])
    p_value = float(f_distribution.sf(statistic, 1, fit.degrees_of_freedom))
    return pd.Series({"F": statistic, "df1": 1, "df2": fit.degrees_of_freedom, "p_value": p_value})


def product_reliability(first: float, second: float, *, correlation: float) -> float:
    """Reliability of the product of two centred scores, (ρ₁ρ₂ + r²) / (1 + r²), normal scores supposed.

    Parameters
    ----------
    first, second : float
        Reliabilities of the two.
    correlation : float
        Between the two scores, *r*.

    References
    ----------
    busemeyer_jones_1983

    Examples
    --------
    >>> round(product_reliability(0.7, 0.7, correlation=0.0), 2)
    0.49
    >>> round(product_reliability(0.7, 0.7, correlation=0.5), 3)
    0.592
    """
    return (first * second + correlation**2) / (1.0 + correlation**2)


@dataclass(frozen=True, kw_only=True, eq=False)
class ObservedModerator:
    """Values of an observed moderator and how the regression codes them, (z − centre) / unit.

    Parameters
    ----------
    name : str
        Of the variable.
    values : array of shape (n,)
        In its own units.
    centre, unit : float
        Of the coding.
    """

    name: str
    values: FloatArray
    centre: float
    unit: float

    @property
    def mean(self) -> float:
        """Sample mean."""
        return float(self.values.mean())

    @property
    def deviation(self) -> float:
        """Sample standard deviation, divided by n − 1."""
        return float(self.values.std(ddof=1))

    def coded(self, raw: FloatArray) -> FloatArray:
        """Values in the units of the regression."""
        return (raw - self.centre) / self.unit


def significance_regions(
    line: FloatArray,
    covariance: FloatArray,
    moderator: ObservedModerator,
    *,
    predictor: str,
    outcome: str,
    alpha: float,
    degrees_of_freedom: int,
) -> JohnsonNeyman:
    """Values of an observed moderator for which the slope b₁ + b₃w differs from zero, *w* being the coded moderator.

    Parameters
    ----------
    line : array of shape (2,)
        b₁ and b₃.
    covariance : array of shape (2, 2)
        Of the two.
    moderator : ObservedModerator
        Its values and coding.
    predictor, outcome : str
        What the slope is of.
    alpha : float
        Level of the two-sided tests.
    degrees_of_freedom : int
        Of t.

    References
    ----------
    johnson_neyman_1936, bauer_curran_2005
    """
    critical = float(t_distribution.isf(alpha / 2.0, degrees_of_freedom))
    coded = significance_boundaries(line, covariance, critical)
    boundaries = tuple(moderator.centre + moderator.unit * each for each in coded)
    ends = (-np.inf, *boundaries, np.inf)
    regions = tuple(_region(line, covariance, critical, moderator, lower, upper) for lower, upper in pairwise(ends))
    return JohnsonNeyman(
        x=predictor,
        moderator=moderator.name,
        outcome=outcome,
        group="",
        alpha=alpha,
        control="pointwise",
        critical=critical,
        boundaries=boundaries,
        boundaries_sd=tuple((each - moderator.mean) / moderator.deviation for each in boundaries),
        regions=regions,
        curve=_curve(line, covariance, critical, moderator),
        respondents=moderator.values,
    )


def _region(
    line: FloatArray,
    covariance: FloatArray,
    critical: float,
    moderator: ObservedModerator,
    lower: float,
    upper: float,
) -> SignificanceRegion:
    scale = moderator.deviation
    inside = _inside(lower, upper, moderator)
    weights = np.array([1.0, float(moderator.coded(np.array(inside)))])
    slope = float(weights @ line)
    is_clear = slope**2 > critical**2 * float(weights @ covariance @ weights)
    held = (moderator.values > lower) & (moderator.values <= upper)
    return SignificanceRegion(
        lower=float(lower),
        upper=float(upper),
        lower_sd=float((lower - moderator.mean) / scale),
        upper_sd=float((upper - moderator.mean) / scale),
        sign=("positive" if slope > 0 else "negative") if is_clear else "none",
        share_normal=float("nan"),
        share_respondents=float(held.mean()),
    )


def _inside(lower: float, upper: float, moderator: ObservedModerator) -> float:
    """A value within an interval of the moderator, in its units."""
    if isinf(lower) and isinf(upper):
        return moderator.mean
    if isinf(lower):
        return upper - moderator.deviation
    return lower + moderator.deviation if isinf(upper) else (lower + upper) / 2.0


def _curve(line: FloatArray, covariance: FloatArray, critical: float, moderator: ObservedModerator) -> pd.DataFrame:
    at = np.linspace(-_REACH, _REACH, _N_POINTS)
    raw = moderator.mean + at * moderator.deviation
    weights = np.column_stack([np.ones(_N_POINTS), moderator.coded(raw)])
    slopes = weights @ line
    errors = np.sqrt(np.einsum("ki,ij,kj->k", weights, covariance, weights))
    return pd.DataFrame(
        {
            "at": at,
            "moderator_value": raw,
            "slope": slopes,
            "std_error": errors,
            "ci_lower": slopes - critical * errors,
            "ci_upper": slopes + critical * errors,
            "significant": np.abs(slopes) > critical * errors,
        }
    )
