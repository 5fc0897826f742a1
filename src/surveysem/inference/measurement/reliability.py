"""Reliability of every scale of a fitted model: coefficient by coefficient, with its formula."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from surveysem.estimation import FullInformation, GroupSolution
from surveysem.implied import Matrix, response_scales
from surveysem.inference.fit import Fit
from surveysem.inference.latent_moderation import refuse_latent_products
from surveysem.inference.measurement.coefficients import (
    categorical_omega,
    feldt_interval,
    implied_average_variance_extracted,
    standardized_alpha,
)
from surveysem.inference.reliability import alpha, composite_reliability, omega
from surveysem.typing import FloatArray

_ANSWERS, _RESPONSES = "answers", "latent responses"
_LARGEST = 0.999


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scale:
    """One latent variable and its *k* items, in the scale of the model (latent responses where items are ordered).

    Parameters
    ----------
    sample, implied : arrays of shape (k, k)
        Covariances; the sample's is divided by *n*.
    loadings : array of shape (k,)
        Unstandardised.
    latent_variance : float
        φ.
    answers : array of shape (n, k)
        As given; NaN where missing.
    thresholds : tuple of arrays
        Of ordered items in units of the latent responses' standard deviation; empty unless all items are ordered.
    some_ordered, cross_loaded : bool
        Whether an item is ordered, and whether one loads on another latent variable.
    incomplete : bool
        Whether moments are those of full information.
    """

    sample: FloatArray
    implied: FloatArray
    loadings: FloatArray
    latent_variance: float
    answers: FloatArray
    thresholds: tuple[FloatArray, ...]
    some_ordered: bool
    cross_loaded: bool
    incomplete: bool

    @property
    def n_items(self) -> int:
        """Number of items, *k*."""
        return len(self.loadings)


@dataclass(frozen=True, kw_only=True)
class _Coefficient:
    coefficient: str
    scale: str
    estimate: float
    ci_lower: float = nan
    ci_upper: float = nan
    interval: str = ""
    formula: str


def reliability_coefficients(fit: Fit, *, level: float = 0.95) -> pd.DataFrame:
    """Reliability coefficients of all latent variables with observed indicators, each with its formula.

    Parameters
    ----------
    fit : Fit
        A measurement model; of a second-order or bifactor model see
        :func:`~surveysem.inference.measurement.general_factor.omega_hierarchical` too.
    level : float
        Confidence level of the intervals of alpha.

    Returns
    -------
    pandas.DataFrame
        Indexed by latent variable and coefficient (by group first where there are several); columns n_items, scale,
        estimate, ci_lower, ci_upper, interval (how it was made), formula. ``scale`` says whether the coefficient is of
        the sum of the answers or of latent responses, which nobody can add up: of ordered items those of latent
        responses describe an ideal, those of answers the scale in use.

        Of continuous items: alpha, with Feldt's interval (complete rows only), standardized_alpha, omega,
        composite_reliability, average_variance_extracted. Of ordered ones alpha of the answers' codes, ordinal_alpha
        (of polychoric correlations), categorical_omega over the sample's and categorical_omega_implied over the implied
        correlations of latent responses, and omega, composite_reliability and average_variance_extracted of latent
        responses.

    Notes
    -----
    S is the sample's and Σ the implied covariance matrix of the items, both with what correlated residuals and
    cross-loadings contribute; the numerators hold the one latent variable alone. The values are those of the R package
    semTools: ``compRelSEM(obs.var = TRUE)`` (omega, categorical_omega), ``compRelSEM(obs.var = FALSE)``
    (composite_reliability, categorical_omega_implied), ``reliability()`` (alpha, alpha.ord) and
    ``AVE(obs.var = FALSE)``, which gives none where items load on two latent variables: here Σλ²φ is divided by the
    implied variances.

    References
    ----------
    cronbach_1951, feldt_1987, zumbo_2007, green_yang_2009, mcdonald_1999, raykov_1997, fornell_larcker_1981

    Examples
    --------
    >>> import surveysem as ss
    >>> fit = ss.cfa("dem60 =~ y1 + y2 + y3 + y4", ss.load_study("political_democracy").bundled_data())
    >>> table = reliability_coefficients(fit)
    >>> table.loc[("dem60", "alpha"), ["estimate", "ci_lower", "ci_upper"]].astype(float).round(3).tolist()
    [0.859, 0.798, 0.905]
    """
    refuse_latent_products(fit, "Reliability coefficients are", "Fit the measurement model without products.")
    return fit.by_group(lambda group: _table(group, level))


def _table(group: GroupSolution, level: float) -> pd.DataFrame:
    rows, keys = [], []
    for name in group.table.latent:
        items = group.table.indicators_of(name)
        if not items or any(item not in group.structure.observed for item in items):
            continue
        scale = _scale(group, name)
        for found in _coefficients(scale, level):
            keys.append((name, found.coefficient))
            rows.append({"n_items": scale.n_items, **{key: getattr(found, key) for key in _COLUMNS}})
    index = pd.MultiIndex.from_tuples(keys, names=["latent_variable", "coefficient"])
    return pd.DataFrame(rows, index=index)


_COLUMNS = ("scale", "estimate", "ci_lower", "ci_upper", "interval", "formula")


def _scale(group: GroupSolution, name: str) -> _Scale:
    structure = group.structure
    items = group.table.indicators_of(name)
    at = [structure.observed.index(item) for item in items]
    latent = structure.latent.index(name)
    loadings = structure.matrices(group.theta)[Matrix.LOADINGS][at]
    among = np.ix_(at, at)
    scales = response_scales(group.implied)[at]
    thresholds = group.moments.thresholds
    all_ordered = all(item in thresholds for item in items)
    return _Scale(
        sample=group.moments.covariance[among] / np.outer(scales, scales),
        implied=group.implied.covariance[among],
        loadings=loadings[:, latent],
        latent_variance=float(group.implied.latent_covariance[latent, latent]),
        answers=group.moments.observations[:, at],
        thresholds=tuple(thresholds[item] for item in items) if all_ordered else (),
        some_ordered=any(item in thresholds for item in items),
        cross_loaded=bool((loadings != 0).sum(axis=1).max() > 1),
        incomplete=isinstance(group.discrepancy, FullInformation),
    )


def _coefficients(scale: _Scale, level: float) -> Iterator[_Coefficient]:
    yield from _alphas(scale, level)
    if scale.thresholds:
        yield from _categorical(scale)
    on = _RESPONSES if scale.some_ordered else _ANSWERS
    parts: dict[str, Any] = {"loadings": scale.loadings, "latent_variance": scale.latent_variance}
    yield _Coefficient(
        coefficient="omega",
        scale=on,
        estimate=omega(sample_covariance=scale.sample, **parts),
        formula="(Σλ)²φ / 1ᵀS1",
    )
    yield _Coefficient(
        coefficient="composite_reliability",
        scale=on,
        estimate=composite_reliability(implied_covariance=scale.implied, **parts),
        formula="(Σλ)²φ / 1ᵀΣ1",
    )
    yield _Coefficient(
        coefficient="average_variance_extracted",
        scale=on,
        estimate=implied_average_variance_extracted(implied_variances=np.diag(scale.implied), **parts),
        formula="Σλ²φ / Σσ, σ with cross-loadings" if scale.cross_loaded else "Σλ²φ / (Σλ²φ + Σθ)",
    )


def _alphas(scale: _Scale, level: float) -> Iterator[_Coefficient]:
    covariance = np.cov(scale.answers, rowvar=False, ddof=0) if scale.some_ordered else scale.sample
    value = alpha(np.atleast_2d(covariance))
    lower, upper, how = nan, nan, ""
    if not scale.incomplete and scale.n_items > 1:
        lower, upper = feldt_interval(value, n_obs=len(scale.answers), n_items=scale.n_items, level=level)
        how = "Feldt"
    yield _Coefficient(
        coefficient="alpha",
        scale=_ANSWERS,
        estimate=value,
        ci_lower=lower,
        ci_upper=upper,
        interval=how,
        formula="k/(k − 1) · (1 − Σs² / 1ᵀS1)",
    )
    deviations = np.sqrt(np.diag(scale.sample))
    yield _Coefficient(
        coefficient="ordinal_alpha" if scale.some_ordered else "standardized_alpha",
        scale=_RESPONSES if scale.some_ordered else _ANSWERS,
        estimate=standardized_alpha(scale.sample / np.outer(deviations, deviations)),
        formula="k r̄ / (1 + (k − 1) r̄)" + (", r polychoric" if scale.some_ordered else ""),
    )


def _categorical(scale: _Scale) -> Iterator[_Coefficient]:
    deviations = np.sqrt(np.diag(scale.implied))
    standardize = np.outer(deviations, deviations)
    common = np.outer(scale.loadings, scale.loadings) * scale.latent_variance / standardize
    observed = scale.sample / np.sqrt(np.outer(np.diag(scale.sample), np.diag(scale.sample)))
    for name, total, written in (
        ("categorical_omega", observed, "S"),
        ("categorical_omega_implied", scale.implied / standardize, "Σ"),
    ):
        usable = max(np.abs(common).max(), np.abs(np.tril(total, -1)).max(initial=0.0)) <= _LARGEST
        yield _Coefficient(
            coefficient=name,
            scale=_ANSWERS,
            estimate=categorical_omega(common=common, total=total, thresholds=scale.thresholds) if usable else nan,
            formula=f"Σ cov of codes given λφλᵀ / variance of their sum given {written} (Green & Yang 2009)",
        )
