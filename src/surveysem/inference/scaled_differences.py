"""Differences of two likelihood-ratio statistics, corrected for answers that are not normal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import nan
from typing import Literal, TypeAlias

from surveysem.estimation import Solution, estimate_model
from surveysem.inference.indices.statistics import model_statistic
from surveysem.inference.nesting import MISFIT_OF_ROUNDING, moments_as_implied
from surveysem.typing import EstimatorName

DifferenceMethod: TypeAlias = Literal["satorra_bentler_2001", "satorra_bentler_2010", "satorra_2000"]

METHOD_NAMES: Mapping[DifferenceMethod, str] = {
    "satorra_bentler_2001": "Satorra and Bentler (2001), scaled",
    "satorra_bentler_2010": "Satorra and Bentler (2010), scaled",
    "satorra_2000": "Satorra (2000), scaled and shifted",
}
"""Names of the tests as readers see them."""


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

    c = (df₀ c₀ − df₁ c₁) / (df₀ − df₁), and the statistic is (T₀ − T₁) / c. With c₁ at the larger model's own estimates
    (Satorra & Bentler 2001) the factor *c* can turn out negative; there is no statistic then. With c₁ of the larger
    model at the restricted estimates (:func:`larger_scaling_at_restriction`) it is the strictly positive variant of
    Satorra & Bentler (2010).

    Parameters
    ----------
    chi_square, degrees_of_freedom, scaling : float, int, float
        Plain statistic T₀ of the restricted model, its df₀ and its scaling factor c₀.
    larger_chi_square, larger_degrees_of_freedom, larger_scaling : float, int, float
        T₁, df₁ and c₁ of the model it is nested in.

    References
    ----------
    satorra_bentler_2001, satorra_bentler_2010

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


def larger_scaling_at_restriction(restricted: Solution, larger: Solution, estimator: EstimatorName) -> float:
    """Scaling factor of the larger of two nested models where it implies what the restricted one implies.

    Parameters
    ----------
    restricted, larger : Solution
        Linear models of continuous variables, of the same rows; with variables in any order.
    estimator : {"MLM", "MLR"}
        Of both.

    Returns
    -------
    float
        c₁₀ of Satorra & Bentler (2010); NaN where the larger model cannot imply it: the two are not nested.

    Raises
    ------
    EstimationError, IdentificationError
        When the larger model has no solution there, or its information is not positive definite (which under MLR, whose
        information is observed, can happen far from the data).

    Notes
    -----
    The larger model is fitted to the means and covariances the restricted one implies, which gives its parameters
    there; fourth moments and scores are those of the data.

    References
    ----------
    satorra_bentler_2010
    """
    samples = moments_as_implied(restricted, larger)
    there = estimate_model(larger.table, samples, start=larger.theta)
    if larger.n_obs * there.discrepancy > MISFIT_OF_ROUNDING:
        return nan
    return model_statistic(_moved(larger, there), estimator).mean_factor


def _moved(solution: Solution, to: Solution) -> Solution:
    """A solution's model and data at the estimates of another: no minimum, only a place to evaluate."""
    problem = solution.problem.at(to.theta)
    implied = problem.implied(to.theta)
    return replace(
        solution,
        problem=problem,
        groups=tuple(replace(group, implied=each) for group, each in zip(solution.groups, implied, strict=True)),
        engine_result=to.engine_result,
        discrepancy=problem.value(implied),
    )
