"""Residuals: what the model leaves unexplained of covariances and means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.estimation import GroupSolution, MaximumLikelihood
from surveysem.implied import (
    among_explained,
    covariance_jacobian,
    explained_variables,
    mean_jacobian,
    response_covariance,
)
from surveysem.inference.fit import Fit
from surveysem.typing import FloatArray

ResidualKind: TypeAlias = Literal["raw", "cor", "standardized"]

_NO_VARIANCE = 1e-8
"""Variance of a residual, relative to that of the sample moment, that only rounding makes."""


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupResiduals:
    """Residuals of one group.

    Parameters
    ----------
    covariance : array of shape (p, p)
        Of the covariances, or correlations.
    mean : array of shape (p,)
        Of the means.
    """

    covariance: FloatArray
    mean: FloatArray


def residuals(fit: Fit, kind: ResidualKind = "raw") -> pd.DataFrame:
    """Residual covariances: sample less implied.

    Parameters
    ----------
    fit : Fit
        The fitted model.
    kind : {"raw", "cor", "standardized"}
        Covariances; correlations, each matrix by its own variances (Bollen); or raw residuals divided by their
        standard errors, to be read as *z*. One that the model reproduces by construction has no standard error (NaN).

    Returns
    -------
    pandas.DataFrame, shape (p, p)
        Of each group, one under the other with the group as first index level, where there are several.

    Raises
    ------
    UnsupportedError
        For an unknown kind, and for standardised residuals under other estimators than ML from complete rows.

    Notes
    -----
    Standard errors are those of normal theory, √diag(Q Γ Qᵀ / n) with Q = I − Δ (ΔᵀWΔ)⁻¹ΔᵀW. As in lavaan, the
    data of other groups count as fixed.

    References
    ----------
    bollen_1989

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> residuals(ss.sem("dem60 =~ y1 + y2 + y3 + y4", data), "cor").round(3)
           y1     y2     y3     y4
    y1  0.000 -0.021  0.095 -0.026
    y2 -0.021  0.000 -0.093  0.049
    y3  0.095 -0.093  0.000 -0.017
    y4 -0.026  0.049 -0.017  0.000
    """
    names = explained_variables(fit.solution.groups[0].structure)
    frames = [
        pd.DataFrame(_of_group(fit, group, kind).covariance, index=names, columns=names)
        for group in fit.solution.groups
    ]
    return frames[0] if len(frames) == 1 else pd.concat(frames, keys=fit.group_labels, names=["group"])


def mean_residuals(fit: Fit, kind: ResidualKind = "raw") -> pd.Series:
    """Residual means: sample less implied.

    Parameters
    ----------
    fit : Fit
        A model with a mean structure.
    kind : {"raw", "cor", "standardized"}
        In units of the variable, of its sample standard deviation, or of the residual's standard error.

    Returns
    -------
    pandas.Series
        Indexed by variable, by group and variable where there are several groups.

    Raises
    ------
    UnsupportedError
        As :func:`residuals`, and for models without means or with ordered variables, which have none.
    """
    if not fit.table.has_means:
        raise UnsupportedError("The model has no means, so there are no residual means. Fit with meanstructure=True.")
    if fit.table.ordered:
        raise UnsupportedError(f"Ordered variables ({', '.join(fit.table.ordered)}) have no means, hence no residuals.")
    series = [
        pd.Series(_of_group(fit, group, kind).mean, index=list(fit.table.observed), name="residual_mean")
        for group in fit.solution.groups
    ]
    return series[0] if len(series) == 1 else pd.concat(series, keys=fit.group_labels, names=["group"])


def _of_group(fit: Fit, group: GroupSolution, kind: ResidualKind) -> GroupResiduals:
    if kind == "raw":
        return raw_residuals(group)
    if kind == "cor":
        return correlation_residuals(group)
    if kind == "standardized":
        return _standardized(fit, group)
    raise UnsupportedError(f"There are no residuals of kind {kind!r}. Available: 'raw', 'cor', 'standardized'.")


def raw_residuals(group: GroupSolution) -> GroupResiduals:
    """Sample less implied moments of one group; covariances divided by *n* (*n* − 1 under least squares)."""
    implied = group.implied
    mean = group.moments.means - implied.mean if implied.structure.has_means else np.zeros(len(implied.mean))
    return GroupResiduals(covariance=_sample(group) - _implied(group), mean=mean)


def correlation_residuals(group: GroupSolution) -> GroupResiduals:
    """Sample less implied correlations of one group, and residual means in sample standard deviations."""
    scale = np.sqrt(np.diag(group.moments.covariance))
    return GroupResiduals(
        covariance=_correlation(_sample(group)) - _correlation(_implied(group)),
        mean=raw_residuals(group).mean / scale,
    )


def _sample(group: GroupSolution) -> FloatArray:
    """Sample covariances; beside ordered variables, given the observed exogenous ones."""
    return among_explained(group.structure, group.moments.covariance)


def _implied(group: GroupSolution) -> FloatArray:
    """The same of the model."""
    return among_explained(group.structure, response_covariance(group.implied))


def _correlation(covariance: FloatArray) -> FloatArray:
    scale = np.sqrt(np.diag(covariance))
    correlation: FloatArray = covariance / np.outer(scale, scale)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _standardized(fit: Fit, group: GroupSolution) -> GroupResiduals:
    if fit.estimator != "ML" or not isinstance(group.discrepancy, MaximumLikelihood):
        raise UnsupportedError(
            "Standardized residuals are available for estimator='ML' and complete rows. "
            "With other estimators use kind='cor'."
        )
    raw = raw_residuals(group)
    errors = residual_standard_errors(group, fit.parameter_covariance)
    return GroupResiduals(covariance=raw.covariance / errors.covariance, mean=raw.mean / errors.mean)


def residual_standard_errors(group: GroupSolution, parameter_covariance: FloatArray) -> GroupResiduals:
    """Normal-theory standard errors of the residuals of one group; NaN where there is none.

    Parameters
    ----------
    group : GroupSolution
        One group at the estimates.
    parameter_covariance : array of shape (q, q)
        Inverse expected information of all observations.

    Notes
    -----
    To first order the estimates move with the group's moments by n V ΔᵀW (s − σ). That is made of functionals
    ½ tr(Wₐ S), Wₐ = Σ⁻¹ ∂ₐΣ Σ⁻¹, which have covariances S Wₐ S with S and ½ tr(Wₐ S W_b S) among each other
    (over *n*), so that no matrix of all moments by all moments is needed. Moments of observed exogenous variables
    count as fixed: the parts of these covariances that they explain are taken off.
    """
    weight = parameter_covariance * group.moments.n_obs
    return GroupResiduals(covariance=_covariance_errors(group, weight), mean=_mean_errors(group, weight))


def _explained_by_exogenous(group: GroupSolution) -> FloatArray:
    """Part (p, p) of the sample covariance that lies in the observed exogenous variables."""
    sample = group.moments.covariance
    at = np.flatnonzero(np.isin(group.structure.observed, group.table.exogenous_observed))
    explained: FloatArray = sample[:, at] @ np.linalg.solve(sample[np.ix_(at, at)], sample[at])
    return explained


def _functionals(group: GroupSolution) -> tuple[FloatArray, FloatArray]:
    """Wₐ of shape (q, p, p), and ∂ₐμᵀ Σ⁻¹ of shape (q, p)."""
    inverse = group.implied.inverse
    on_covariance: FloatArray = inverse @ covariance_jacobian(group.implied) @ inverse
    on_mean = mean_jacobian(group.implied) @ inverse
    return on_covariance, on_mean if group.structure.has_means else np.zeros_like(on_mean)


def _seen(group: GroupSolution) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Covariances (over *n*) of the functionals: with S (q, p, p), with the means (q, p), among each other (q, q)."""
    sample, fixed = group.moments.covariance, _explained_by_exogenous(group)
    on_covariance, on_mean = _functionals(group)
    with_covariance: FloatArray = sample @ on_covariance @ sample - fixed @ on_covariance @ fixed
    with_mean = on_mean @ (sample - fixed)
    among = np.einsum("aij,bij->ab", on_covariance, with_covariance) / 2.0 + with_mean @ on_mean.T
    return with_covariance, with_mean, among


def _covariance_errors(group: GroupSolution, weight: FloatArray) -> FloatArray:
    with_covariance, _, among = _seen(group)
    movement = np.einsum("ab,bij->aij", weight, covariance_jacobian(group.implied))
    spread = np.einsum("ab,bij->aij", among, movement)
    total = _variances_of_covariances(group.moments.covariance)
    own = total - _variances_of_covariances(_explained_by_exogenous(group))
    variance = own - 2.0 * (movement * with_covariance).sum(axis=0) + (movement * spread).sum(axis=0)
    return _errors(variance, total, group.moments.n_obs)


def _variances_of_covariances(covariance: FloatArray) -> FloatArray:
    """Normal-theory variances (over *n*) of sample covariances."""
    variances: FloatArray = np.outer(np.diag(covariance), np.diag(covariance)) + covariance**2
    return variances


def _mean_errors(group: GroupSolution, weight: FloatArray) -> FloatArray:
    _, with_mean, among = _seen(group)
    movement = weight @ mean_jacobian(group.implied)
    total = np.diag(group.moments.covariance)
    own = total - np.diag(_explained_by_exogenous(group))
    variance = own - 2.0 * (movement * with_mean).sum(axis=0) + (movement * (among @ movement)).sum(axis=0)
    return _errors(variance, total, group.moments.n_obs)


def _errors(variance: FloatArray, total: FloatArray, n_obs: int) -> FloatArray:
    errors: FloatArray = np.sqrt(np.where(variance > _NO_VARIANCE * total, variance, np.nan) / n_obs)
    return errors
