"""Omega hierarchical: how much of a sum of items one general factor makes."""

from __future__ import annotations

from math import nan

import numpy as np
import pandas as pd

from surveysem.errors import UnsupportedError
from surveysem.estimation import GroupSolution
from surveysem.implied import Matrix, response_scales
from surveysem.inference.fit import Fit
from surveysem.inference.latent_moderation import refuse_latent_products
from surveysem.typing import FloatArray, IntArray


def general_factor_omega(*, total_loadings: FloatArray, factor_variance: float, covariance: FloatArray) -> float:
    """Omega hierarchical (Σc)²φ / 1ᵀΣ1: the share of the sum's variance that the general factor makes.

    Parameters
    ----------
    total_loadings : array of shape (k,)
        Total effects c of the general factor on the items: loadings, or products of first- and second-order ones.
    factor_variance : float
        φ of the general factor.
    covariance : array of shape (k, k)
        Of the items, implied (Σ) or the sample's (S).

    References
    ----------
    mcdonald_1999, zinbarg_2005

    Examples
    --------
    >>> general_factor_omega(total_loadings=np.array([1.0, 1.0]), factor_variance=1.0,
    ...                      covariance=np.array([[2.0, 1.5], [1.5, 2.0]])).__round__(4)
    0.5714
    """
    return float(total_loadings.sum() ** 2 * factor_variance / covariance.sum())


def omega_hierarchical(fit: Fit) -> pd.DataFrame:
    """Omega hierarchical and omega total of the general factors of second-order and bifactor models.

    Parameters
    ----------
    fit : Fit
        A model with a latent variable that other latent variables indicate, or one whose items take in all of another
        latent variable's.

    Returns
    -------
    pandas.DataFrame
        Indexed by general factor; columns structure ("second order" or "bifactor"), n_items, omega_total (common
        variance, 1ᵀ(Σ − Θ)1 / 1ᵀΣ1), omega_hierarchical ((Σc)²φ / 1ᵀΣ1, c the total effects of the general factor),
        omega_hierarchical_observed (over the sample's 1ᵀS1), omega_partial (without the first-order factors' own
        variance in the denominator) and omega_second_order (of the sum of the first-order factors; the last two are NaN
        for a bifactor model).

    Notes
    -----
    The R package semTools calls them ``total`` and the factor's name of ``compRelSEM()`` (``higher =`` a second-order
    factor), and omegaL1, partialOmegaL1 and omegaL2 of ``reliabilityL2()``. The omega of the specific factors of a
    bifactor model is that of :func:`~surveysem.inference.measurement.reliability.reliability_coefficients`.

    Raises
    ------
    UnsupportedError
        When the model has no general factor.

    References
    ----------
    mcdonald_1999, zinbarg_2005

    Examples
    --------
    >>> import surveysem as ss
    >>> data = ss.load_study("political_democracy").bundled_data()
    >>> syntax = "a =~ y1 + y2; b =~ y3 + y4; c =~ y5 + y6; d =~ y7 + y8; g =~ a + b + c + d"
    >>> omega_hierarchical(ss.cfa(syntax, data))["structure"].tolist()
    ['second order']
    """
    refuse_latent_products(fit, "Omega hierarchical is", "Fit the measurement model without products.")
    if not _general_factors(fit.solution.groups[0]):
        raise UnsupportedError(
            "The model has no general factor: no latent variable is measured by others (second order) or shares all "
            "items of another (bifactor). See reliability_coefficients()."
        )
    return fit.by_group(_table)


def _general_factors(group: GroupSolution) -> dict[str, str]:
    """General factors with the kind of their structure."""
    table = group.table
    items = {name: set(table.indicators_of(name)) for name in table.latent}
    found = {}
    for name, own in items.items():
        if own & set(table.latent):
            found[name] = "second order"
        elif any(len(other) > 1 and other < own for key, other in items.items() if key != name):
            found[name] = "bifactor"
    return found


def _table(group: GroupSolution) -> pd.DataFrame:
    factors = _general_factors(group)
    rows = [{"structure": kind} | _omegas(group, name) for name, kind in factors.items()]
    return pd.DataFrame(rows, index=pd.Index(list(factors), name="general_factor"))


def _omegas(group: GroupSolution, name: str) -> dict[str, float]:
    effects = group.implied.total_effects
    loadings, *_, residual = group.structure.matrices(group.theta)[:4]
    at = group.structure.latent.index(name)
    total = loadings @ effects[:, at]
    items = np.flatnonzero(loadings @ group.structure.reached[:, at])
    among = np.ix_(items, items)
    implied, noise = group.implied.covariance[among], residual[among]
    variance = float(group.implied.latent_covariance[at, at])
    common = float(total[items].sum() ** 2 * variance)
    arguments = {"total_loadings": total[items], "factor_variance": variance}
    return {
        "n_items": len(items),
        "omega_total": float((implied - noise).sum() / implied.sum()),
        "omega_hierarchical": general_factor_omega(covariance=implied, **arguments),  # type: ignore[arg-type]
        "omega_hierarchical_observed": general_factor_omega(
            covariance=_sample_covariance(group, items),
            **arguments,  # type: ignore[arg-type]
        ),
        **_second_order(group, at, common=common, noise=float(noise.sum())),
    }


def _sample_covariance(group: GroupSolution, items: IntArray) -> FloatArray:
    scales = response_scales(group.implied)[items]
    covariance: FloatArray = group.moments.covariance[np.ix_(items, items)] / np.outer(scales, scales)
    return covariance


def _second_order(group: GroupSolution, at: int, *, common: float, noise: float) -> dict[str, float]:
    paths = group.structure.matrices(group.theta)[Matrix.PATHS][:, at]
    first = np.flatnonzero(paths)
    if not first.size:
        return {"omega_partial": nan, "omega_second_order": nan}
    among = group.implied.latent_covariance[np.ix_(first, first)]
    variance = group.implied.latent_covariance[at, at]
    return {
        "omega_partial": common / (common + noise),
        "omega_second_order": float(paths[first].sum() ** 2 * variance / among.sum()),
    }
