"""Satorra–Bentler corrections of normal-theory maximum likelihood: traces of UΓ and sandwich standard errors.

Γ is the covariance of the sample moments estimated from fourth moments, U the residual weight matrix. Neither is ever
formed: with c_i the deviation of case i's products from the sample covariance, cᵢᵀVcⱼ needs inner products of the
observations only, so that everything is n × q or n × n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from surveysem.estimation import GroupSolution, Solution
from surveysem.implied import element_columns, element_to_parameter, mean_weights
from surveysem.linalg import inverse_positive_definite
from surveysem.typing import FloatArray

_CHUNK = 1000


@dataclass(frozen=True, kw_only=True)
class ScalingTraces:
    """Traces of UΓ and of its square.

    Parameters
    ----------
    trace : float
        tr(UΓ); under normality the degrees of freedom.
    trace_of_square : float
        tr(UΓUΓ).
    """

    trace: float
    trace_of_square: float


def weighted_deviations(group: GroupSolution) -> FloatArray:
    """Δᵀ V cᵢ of each case of one group, of shape (n, q), with V at the implied moments."""
    implied, moments = group.implied, group.moments
    at = element_columns(implied.structure)
    centred = moments.observations - moments.means
    weighted = inverse_positive_definite(implied.covariance) @ implied.columns
    sample = weighted.T @ moments.covariance @ weighted
    projected = centred @ weighted
    elements = at.scale * (projected[:, at.u] * projected[:, at.v] - sample[at.u, at.v])
    if implied.structure.has_means:
        elements += mean_weights(implied) * projected[:, at.u]
    return elements @ element_to_parameter(implied.structure)


def sandwich_covariance(solution: Solution, inverse_information: FloatArray) -> FloatArray:
    """Covariance of the estimates (q, q) that holds without normality (lavaan's ``robust.sem``).

    Parameters
    ----------
    solution : Solution
        The model at its estimates.
    inverse_information : array of shape (q, q)
        Inverse expected information of one observation.

    References
    ----------
    satorra_bentler_1994
    """
    meat = np.zeros_like(inverse_information)
    for group in solution.groups:
        deviations = weighted_deviations(group)
        meat += deviations.T @ deviations / solution.n_obs
    return inverse_information @ meat @ inverse_information / solution.n_obs


def scaling_traces(groups: Sequence[GroupSolution], inverse_information: FloatArray) -> ScalingTraces:
    """tr(UΓ) and tr(UΓUΓ) of a model, over all its groups.

    Parameters
    ----------
    groups : sequence of GroupSolution
        The model at its estimates.
    inverse_information : array of shape (q, q)
        Inverse expected information of one observation.

    References
    ----------
    satorra_bentler_1994
    """
    cases = [_Cases.of(group) for group in groups]
    trace = sum(float(np.mean(each.lengths - each.weight * each.explained(inverse_information))) for each in cases)
    square = sum(_squared_products(first, second, inverse_information) for first in cases for second in cases)
    return ScalingTraces(trace=trace, trace_of_square=square)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cases:
    """What the traces need of each case of one group.

    Parameters
    ----------
    whitened : array of shape (n, p)
        Centred observations times the Cholesky factor of Σ⁻¹, so that inner products are zᵢᵀ Σ⁻¹ zⱼ.
    about : array of shape (n,)
        zᵢᵀ Σ⁻¹ S Σ⁻¹ zᵢ.
    constant : float
        tr(Σ⁻¹ S Σ⁻¹ S).
    deviations : array of shape (n, q)
        See :func:`weighted_deviations`.
    weight : float
        Share of the group in all observations.
    has_means : bool
        Whether means are among the moments.
    """

    whitened: FloatArray
    about: FloatArray
    constant: float
    deviations: FloatArray
    weight: float
    has_means: bool

    @classmethod
    def of(cls, group: GroupSolution) -> _Cases:
        inverse = inverse_positive_definite(group.implied.covariance)
        centred = group.moments.observations - group.moments.means
        sample = inverse @ group.moments.covariance @ inverse
        return cls(
            whitened=centred @ np.linalg.cholesky(inverse),
            about=np.sum((centred @ sample) * centred, axis=1),
            constant=float(np.sum(sample * group.moments.covariance)),
            deviations=weighted_deviations(group),
            weight=group.weight,
            has_means=group.structure.has_means,
        )

    @property
    def lengths(self) -> FloatArray:
        """cᵢᵀ V cᵢ of each case, of shape (n,)."""
        inner = np.sum(self.whitened**2, axis=1)
        lengths: FloatArray = 0.5 * (inner**2 - 2.0 * self.about + self.constant)
        return lengths + inner if self.has_means else lengths

    def explained(self, inverse_information: FloatArray) -> FloatArray:
        """Part of the lengths that the parameters take up, of shape (n,)."""
        taken: FloatArray = np.sum((self.deviations @ inverse_information) * self.deviations, axis=1)
        return taken

    def products(self, rows: slice) -> FloatArray:
        """cᵢᵀ V cⱼ of some cases with all, of shape (k, n)."""
        inner = self.whitened[rows] @ self.whitened.T
        products: FloatArray = 0.5 * (inner**2 - self.about[rows, None] - self.about[None, :] + self.constant)
        return products + inner if self.has_means else products


def _squared_products(first: _Cases, second: _Cases, inverse_information: FloatArray) -> float:
    """Share of two groups in tr(UΓUΓ): weighted sum of (cᵢᵀ U cⱼ)² over their cases, by chunks of rows."""
    total = 0.0
    loaded = inverse_information @ second.deviations.T
    for begin in range(0, len(first.about), _CHUNK):
        rows = slice(begin, begin + _CHUNK)
        products = -second.weight * (first.deviations[rows] @ loaded)
        if first is second:
            products += first.products(rows)
        total += float(np.sum(products**2))
    # Γ of a group is divided by its weight; U holds the weights of both groups, one of which is in *products*.
    n_first, n_second = len(first.about), len(second.about)
    return total * first.weight / second.weight / (n_first * n_second)
