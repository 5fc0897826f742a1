"""Inference for models with latent products: what the likelihood of rows gives, and what it does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from surveysem.data.moments import SampleMoments
from surveysem.errors import UnsupportedError
from surveysem.estimation import GroupSolution, LatentModeration, Solution
from surveysem.estimation.latent_moderation import latent_moderation
from surveysem.estimation.quasi_likelihood import QuasiLikelihood, casewise_scores_qml
from surveysem.inference.indices.likelihood import adjusted_bic, aic, bic, log_likelihood
from surveysem.linalg import log_determinant
from surveysem.typing import FloatArray

if TYPE_CHECKING:
    from surveysem.inference.fit import Fit


def method_name(solution: Solution) -> str:
    """Name of the method that latent products were estimated by; empty where there are none."""
    kinds = {type(group.discrepancy) for group in solution.groups}
    if LatentModeration in kinds:
        return "LMS"
    return "QML" if QuasiLikelihood in kinds else ""


def refuse_latent_products(fit: Fit, what: str, instead: str) -> None:
    """Refuse what has no meaning, or is not offered, for models with latent products.

    Raises
    ------
    UnsupportedError
        When latent products were estimated by LMS or QML.
    """
    method = method_name(fit.solution)
    if method:
        raise UnsupportedError(f"{what} not available for models with latent products fitted by {method}. {instead}")


def row_scores(group: GroupSolution) -> FloatArray:
    """Derivatives of each row's log-likelihood in one group, of shape (n, q)."""
    if isinstance(group.discrepancy, LatentModeration):
        return group.discrepancy.casewise_scores(group.implied)
    assert isinstance(group.discrepancy, QuasiLikelihood)
    return casewise_scores_qml(group.discrepancy, group.implied)


def expected_latent_variables(group: GroupSolution) -> FloatArray:
    """Posterior means of the latent variables of each row, of shape (n, m), at the estimates of either method.

    Means under the model are integrals, which quasi-maximum likelihood has not computed: they are made here.
    """
    discrepancy = group.discrepancy
    if isinstance(discrepancy, QuasiLikelihood):
        discrepancy = latent_moderation(
            group.implied, np.asarray(discrepancy.observations), reference=discrepancy.reference
        )
    assert isinstance(discrepancy, LatentModeration)
    return discrepancy.expected_scores(group.implied)[:, : len(group.table.latent)]


def likelihood_indices(solution: Solution) -> dict[str, float]:
    """The fit indices there are with latent products: npar, ntotal, logl, aic, bic and bic2.

    There is no chi-square and nothing made of it: the saturated model of means and covariances does not contain the
    model, whose outcomes are not normal.
    """
    logl = model_log_likelihood(solution)
    n_parameters = count_parameters(solution)
    return {
        "npar": float(n_parameters),
        "ntotal": float(solution.n_obs),
        "logl": logl,
        "aic": aic(log_likelihood=logl, n_parameters=n_parameters),
        "bic": bic(log_likelihood=logl, n_parameters=n_parameters, n_obs=solution.n_obs),
        "bic2": adjusted_bic(log_likelihood=logl, n_parameters=n_parameters, n_obs=solution.n_obs),
    }


def count_parameters(solution: Solution) -> int:
    """Free parameters less equality constraints."""
    return solution.table.n_free - sum(row.op == "==" for row in solution.table)


def model_log_likelihood(solution: Solution) -> float:
    """Log-likelihood of the explained variables given the observed exogenous ones."""
    total = -solution.n_obs * solution.discrepancy / 2.0
    for group in solution.groups:
        assert isinstance(group.discrepancy, LatentModeration | QuasiLikelihood)
        total += group.discrepancy.reference - _exogenous(group.moments, group.table.exogenous_observed)
    return total


def _exogenous(moments: SampleMoments, names: Sequence[str]) -> float:
    """Saturated log-likelihood of observed exogenous variables."""
    at = [moments.variables.index(name) for name in names]
    if not at:
        return 0.0
    determinant = log_determinant(np.asarray(moments.covariance)[np.ix_(at, at)])
    return log_likelihood(discrepancy=0.0, log_determinant_sample=determinant, n_variables=len(at), n_obs=moments.n_obs)
