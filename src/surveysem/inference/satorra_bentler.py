"""Satorra–Bentler corrections of normal-theory maximum likelihood: traces of UΓ and sandwich standard errors.

Γ is the covariance of the sample moments estimated from fourth moments, U the residual weight matrix. Neither is ever
formed: with c_i the deviation of case i's products from their mean, cᵢᵀVcⱼ needs inner products of the observations
only, so that everything is n × q or n × n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from surveysem.estimation import GroupSolution, Solution
from surveysem.implied import element_columns, element_to_parameter, mean_weights
from surveysem.linalg import inverse_positive_definite
from surveysem.typing import FloatArray, IntArray

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


@dataclass(frozen=True, kw_only=True, eq=False)
class CaseProducts:
    """Deviations Cᵢ = zᵢzᵢᵀ − ẑᵢẑᵢᵀ − M of the cases' products from their mean M, in *r* coordinates.

    ẑ is what observed exogenous variables explain of z by linear regression: as their moments are fixed, only the rest
    varies. Where there are none, ẑ is 0.

    Parameters
    ----------
    centred : array of shape (n, r)
        z, observations less their means.
    fitted : array of shape (n, r) or None
        ẑ; None where it is 0.
    mean : array of shape (r, r)
        M.
    """

    centred: FloatArray
    fitted: FloatArray | None
    mean: FloatArray

    @classmethod
    def of(cls, group: GroupSolution) -> CaseProducts:
        """Those of one group, in the units of its variables."""
        centred: FloatArray = group.moments.observations - group.moments.means
        exogenous = np.isin(group.moments.variables, group.table.exogenous_observed)
        if not exogenous.any():
            return cls(centred=centred, fitted=None, mean=np.asarray(group.moments.covariance))
        given = centred[:, exogenous]
        fitted: FloatArray = given @ np.linalg.lstsq(given, centred, rcond=None)[0]
        return cls(centred=centred, fitted=fitted, mean=(centred.T @ centred - fitted.T @ fitted) / len(centred))

    def along(self, matrix: FloatArray) -> CaseProducts:
        """The same in the coordinates zᵀT, for a *matrix* T of shape (r, s)."""
        return CaseProducts(
            centred=self.centred @ matrix,
            fitted=None if self.fitted is None else self.fitted @ matrix,
            mean=matrix.T @ self.mean @ matrix,
        )

    def whitened(self, covariance: FloatArray) -> CaseProducts:
        """The same in coordinates whose inner products are those of the inverse of a *covariance* matrix (r, r)."""
        root: FloatArray = np.linalg.cholesky(inverse_positive_definite(covariance)).astype(np.float64)
        return self.along(root)

    @property
    def residuals(self) -> FloatArray:
        """z − ẑ, of shape (n, r)."""
        return self.centred if self.fitted is None else self.centred - self.fitted

    def elements(self, row: IntArray, column: IntArray) -> FloatArray:
        """Elements of each Cᵢ, of shape (n, k)."""
        products: FloatArray = self.centred[:, row] * self.centred[:, column] - self.mean[row, column]
        if self.fitted is not None:
            products -= self.fitted[:, row] * self.fitted[:, column]
        return products

    @cached_property
    def _about(self) -> FloatArray:
        """tr(zᵢzᵢᵀM − ẑᵢẑᵢᵀM), of shape (n,)."""
        about: FloatArray = np.sum((self.centred @ self.mean) * self.centred, axis=1)
        if self.fitted is not None:
            about -= np.sum((self.fitted @ self.mean) * self.fitted, axis=1)
        return about

    def lengths(self) -> FloatArray:
        """tr(Cᵢ²) of each case, of shape (n,)."""
        squares: FloatArray = np.sum(self.centred**2, axis=1) ** 2
        if self.fitted is not None:
            squares -= 2.0 * np.sum(self.centred * self.fitted, axis=1) ** 2
            squares += np.sum(self.fitted**2, axis=1) ** 2
        return squares - 2.0 * self._about + float(np.sum(self.mean**2))

    def inner(self, rows: slice) -> FloatArray:
        """tr(CᵢCⱼ) of some cases with all, of shape (k, n)."""
        products: FloatArray = (self.centred[rows] @ self.centred.T) ** 2
        if self.fitted is not None:
            products -= (self.centred[rows] @ self.fitted.T) ** 2 + (self.fitted[rows] @ self.centred.T) ** 2
            products += (self.fitted[rows] @ self.fitted.T) ** 2
        products += float(np.sum(self.mean**2)) - self._about[rows, None] - self._about[None, :]
        return products


def weighted_deviations(group: GroupSolution) -> FloatArray:
    """Δᵀ V cᵢ of each case of one group, of shape (n, q), with V at the implied moments."""
    implied = group.implied
    at = element_columns(implied.structure)
    projected = CaseProducts.of(group).along(inverse_positive_definite(implied.covariance) @ implied.columns)
    elements = at.scale * projected.elements(at.u, at.v)
    if implied.structure.has_means:
        elements += mean_weights(implied) * projected.residuals[:, at.u]
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
    whitened : CaseProducts
        In coordinates whose inner products are zᵢᵀ Σ⁻¹ zⱼ.
    deviations : array of shape (n, q)
        See :func:`weighted_deviations`.
    weight : float
        Share of the group in all observations.
    has_means : bool
        Whether means are among the moments.
    """

    whitened: CaseProducts
    deviations: FloatArray
    weight: float
    has_means: bool

    @classmethod
    def of(cls, group: GroupSolution) -> _Cases:
        return cls(
            whitened=CaseProducts.of(group).whitened(np.asarray(group.implied.covariance)),
            deviations=weighted_deviations(group),
            weight=group.weight,
            has_means=group.structure.has_means,
        )

    @property
    def lengths(self) -> FloatArray:
        """cᵢᵀ V cᵢ of each case, of shape (n,)."""
        lengths: FloatArray = 0.5 * self.whitened.lengths()
        return lengths + np.sum(self.whitened.residuals**2, axis=1) if self.has_means else lengths

    def explained(self, inverse_information: FloatArray) -> FloatArray:
        """Part of the lengths that the parameters take up, of shape (n,)."""
        taken: FloatArray = np.sum((self.deviations @ inverse_information) * self.deviations, axis=1)
        return taken

    def products(self, rows: slice) -> FloatArray:
        """cᵢᵀ V cⱼ of some cases with all, of shape (k, n)."""
        products: FloatArray = 0.5 * self.whitened.inner(rows)
        if self.has_means:
            products += self.whitened.residuals[rows] @ self.whitened.residuals.T
        return products


def _squared_products(first: _Cases, second: _Cases, inverse_information: FloatArray) -> float:
    """Share of two groups in tr(UΓUΓ): weighted sum of (cᵢᵀ U cⱼ)² over their cases, by chunks of rows."""
    total = 0.0
    loaded = inverse_information @ second.deviations.T
    for begin in range(0, len(first.deviations), _CHUNK):
        rows = slice(begin, begin + _CHUNK)
        products = -second.weight * (first.deviations[rows] @ loaded)
        if first is second:
            products += first.products(rows)
        total += float(np.sum(products**2))
    # Γ of a group is divided by its weight; U holds the weights of both groups, one of which is in *products*.
    n_first, n_second = len(first.deviations), len(second.deviations)
    return total * first.weight / second.weight / (n_first * n_second)


def independence_scaling(solution: Solution) -> ScalingTraces:
    """tr(UΓ) and tr(UΓUΓ) of the model of independence, in which only exogenous variables covary, over all groups.

    Parameters
    ----------
    solution : Solution
        A model of the same data, by maximum likelihood.
    """
    trace, square = 0.0, 0.0
    for group in solution.groups:
        cases, explained = _independent(group)
        variances = cases.elements(explained, explained)
        n_cases = len(variances)
        trace += float(np.mean(cases.lengths() - np.sum(variances**2, axis=1))) / 2.0
        for begin in range(0, n_cases, _CHUNK):
            rows = slice(begin, begin + _CHUNK)
            products = (cases.inner(rows) - variances[rows] @ variances.T) / 2.0
            square += float(np.sum(products**2)) / n_cases**2
    return ScalingTraces(trace=trace, trace_of_square=square)


def _independent(group: GroupSolution) -> tuple[CaseProducts, IntArray]:
    """Cases whitened by the covariances under independence, and the explained variables, whose variances are free."""
    covariance = np.array(group.moments.covariance)
    exogenous = np.isin(group.moments.variables, group.table.exogenous_observed)
    tied = np.outer(exogenous, exogenous) | np.eye(len(covariance), dtype=bool)
    return CaseProducts.of(group).whitened(np.where(tied, covariance, 0.0)), np.flatnonzero(~exogenous)
