"""Satorra's (2000) test of a restriction: the difference of two statistics corrected in mean and variance."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from surveysem.estimation import Solution
from surveysem.implied import ImpliedMoments, implied_moments, moment_structure, statistics_jacobian
from surveysem.inference.indices.statistics import scaled_and_shifted
from surveysem.inference.information import expected_information, observed_information
from surveysem.inference.least_squares import is_least_squares, weight_information
from surveysem.inference.satorra_bentler import ScalingTraces
from surveysem.typing import FloatArray


@dataclass(frozen=True, kw_only=True)
class RestrictionTest:
    """Difference of the statistics of two nested models, scaled and shifted.

    Parameters
    ----------
    chi_square : float
        Scaled and shifted difference.
    degrees_of_freedom : int
        Number of restrictions.
    scaling : float
        Number the difference was divided by.
    shift : float
        Number then added.
    """

    chi_square: float
    degrees_of_freedom: int
    scaling: float
    shift: float


def restriction_test(
    restricted: Solution, larger: Solution, *, parameter_covariance: FloatArray, observed: bool = False
) -> RestrictionTest:
    """Scaled and shifted difference of the statistics of two nested models of the same data.

    Parameters
    ----------
    restricted, larger : Solution
        The models at their estimates, of the same rows and variables in any order.
    parameter_covariance : array of shape (q, q)
        Robust covariance of the larger model's estimates (the sandwich of its estimator).
    observed : bool
        Whether that sandwich has observed information (MLR).

    Notes
    -----
    The statistic is that of lavaan's ``lavTestLRT(method = "satorra.2000", A.method = "delta")``. See
    :func:`restriction_traces`.

    References
    ----------
    satorra_2000, asparouhov_muthen_2010
    """
    df = restricted.table.degrees_of_freedom - larger.table.degrees_of_freedom
    plain = restricted.n_obs * restricted.discrepancy - larger.n_obs * larger.discrepancy
    test = scaled_and_shifted(plain, df, _traces(restricted, larger, parameter_covariance, observed=observed))
    return RestrictionTest(chi_square=test.scaled, degrees_of_freedom=df, scaling=test.factor, shift=test.shift)


def restriction_traces(
    *, information: FloatArray, covariance: FloatArray, jacobian: FloatArray, restricted_jacobian: FloatArray
) -> ScalingTraces:
    """tr(UΓ) and tr(UΓUΓ) of a restriction, U = VΔ[P⁻¹ − H(HᵀPH)⁻¹Hᵀ]ΔᵀV with P = ΔᵀVΔ.

    Parameters
    ----------
    information : array of shape (r, r)
        P of the larger model.
    covariance : array of shape (r, r)
        P⁻¹ΔᵀVΓVΔP⁻¹, the asymptotic covariance matrix of its estimates.
    jacobian : array of shape (k, r)
        Δ: derivatives of the moments by the *r* directions in which the larger model's parameters may move.
    restricted_jacobian : array of shape (k, s)
        Those of the restricted model. H is their least-squares expression by the columns of Δ.

    Notes
    -----
    With A a basis of what is orthogonal to H, the bracket is P⁻¹Aᵀ(AP⁻¹Aᵀ)⁻¹AP⁻¹: A is the Jacobian of the
    restriction.

    References
    ----------
    satorra_2000

    Examples
    --------
    Of two parameters with unit information one is fixed; the estimates vary as under normality:

    >>> both, one = np.eye(2), np.array([[1.0], [0.0]])
    >>> restriction_traces(information=np.eye(2), covariance=np.eye(2), jacobian=both, restricted_jacobian=one)
    ScalingTraces(trace=1.0, trace_of_square=1.0)
    """
    within = np.linalg.lstsq(jacobian, restricted_jacobian, rcond=None)[0]
    kept = within @ np.linalg.solve(within.T @ information @ within, within.T @ information)
    released = (np.eye(len(information)) - kept) @ covariance @ information
    return ScalingTraces(trace=float(np.trace(released)), trace_of_square=float(np.sum(released * released.T)))


def _traces(
    restricted: Solution, larger: Solution, parameter_covariance: FloatArray, *, observed: bool
) -> ScalingTraces:
    basis, n = _basis(larger), larger.n_obs
    coordinates = np.linalg.pinv(basis)
    if is_least_squares(larger):  # whose covariance of the estimates has lavaan's denominator
        information, n = weight_information(larger), n - len(larger.groups)
    else:
        information = observed_information(larger) if observed else expected_information(larger)
    return restriction_traces(
        information=basis.T @ information @ basis,
        covariance=n * coordinates @ parameter_covariance @ coordinates.T,
        jacobian=_jacobian(tuple(group.implied for group in larger.groups)) @ basis,
        restricted_jacobian=_jacobian(_in_order_of(restricted, larger)) @ _basis(restricted),
    )


def _basis(solution: Solution) -> FloatArray:
    """Directions in which the parameters may move, of shape (q, r)."""
    constraints = solution.problem.constraints
    return np.eye(solution.table.n_free) if constraints is None else constraints.basis


def _jacobian(implied: tuple[ImpliedMoments, ...]) -> FloatArray:
    """Derivatives of the moments of all groups, one group under the other."""
    return np.vstack([statistics_jacobian(moments) for moments in implied])


def _in_order_of(solution: Solution, other: Solution) -> tuple[ImpliedMoments, ...]:
    """Implied moments of a solution with the observed variables in the order of another's."""
    if solution.table.observed == other.table.observed:
        return tuple(group.implied for group in solution.groups)
    table = replace(solution.table, observed=other.table.observed)
    structures = [
        moment_structure(table.in_group(number), table.n_free, sample.covariance, sample.means)
        for number, sample in enumerate(other.problem.samples, start=1)
    ]
    return tuple(implied_moments(structure, solution.theta) for structure in structures)
