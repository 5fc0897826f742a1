"""Latent moderated structural equations: the likelihood of models with products of latent variables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from surveysem.errors import Problem, UnsupportedError
from surveysem.estimation.latent_moderation.curvature import casewise_scores, log_likelihood_hessian
from surveysem.estimation.latent_moderation.factors import HeldFactors, held_factors
from surveysem.estimation.latent_moderation.gradient import score_sum
from surveysem.estimation.latent_moderation.posterior import Posterior, linear_posterior, posterior
from surveysem.estimation.latent_moderation.quadrature import Grid, lattice_grid, product_grid
from surveysem.estimation.latent_moderation.rows import RowGroups, row_groups
from surveysem.implied import ImpliedMoments, ModeratedMoments, ModeratedStructure, mean_products, trace_products
from surveysem.typing import FloatArray, IntArray

_NO_OTHER_INFORMATION = (
    "Latent moderated structural equations have neither expected information nor information without the curvature of "
    "the model. Available: observed and first-order information."
)
SPACING = 1.0
"""Distance of neighbouring nodes in posterior standard deviations; the error is then about 5e-9."""
RADIUS = 6.0
"""Distance of the farthest node from a row's posterior mean, likewise."""
_CELLS_AT_A_TIME = 1500
"""Cells from which on rows are visited part by part."""
_MOST_VALUES = 40_000_000
"""Largest number of densities, rows times nodes, that are held in memory."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LatentModeration:
    """Likelihood of latent moderated structural equations of one group; F = 2/n (reference − ln L).

    Parameters
    ----------
    rows : RowGroups
        The answers.
    factors : HeldFactors
        What is held at the nodes.
    grid : Grid
        The nodes.
    reference : float
        Log-likelihood of the saturated normal model.
    scale : array of shape (p,)
        Variances of the variables.

    References
    ----------
    klein_moosbrugger_2000
    """

    rows: RowGroups
    factors: HeldFactors
    grid: Grid
    reference: float
    scale: FloatArray
    _kept: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def _parts(self) -> tuple[tuple[RowGroups, Grid], ...]:
        """Rows and nodes by the groups of rows whose cells are held in memory at a time."""
        bounds = [0]
        for number, end in enumerate(self.grid.bounds[1:].tolist(), start=1):
            if end - int(self.grid.bounds[bounds[-1]]) >= _CELLS_AT_A_TIME or number == self.rows.n_groups:
                bounds.append(number)
        return tuple((self.rows.part(*ends), self.grid.part(*ends)) for ends in pairwise(bounds))

    def _posteriors(self, implied: ImpliedMoments) -> Iterator[Posterior]:
        """Rows and cells at the parameters, part by part; where there is one part, it is kept."""
        kept = self._at(implied)
        if "posterior" in kept:
            yield kept["posterior"]
            return
        for rows, grid in self._parts:
            made = posterior(implied, self.factors, rows, grid, scale=self.scale)
            if len(self._parts) == 1:
                kept["posterior"] = made
            yield made

    def _at(self, implied: ImpliedMoments) -> dict[str, Any]:
        """What is kept until other parameters are asked for."""
        if not np.array_equal(self._kept.get("theta", ()), implied.theta):
            self._kept.clear()
            self._kept["theta"] = np.array(implied.theta)
        return self._kept

    def _evaluated(self, implied: ImpliedMoments) -> dict[str, Any]:
        """Log-likelihood and, since parts are not kept, the gradient, where there are several parts."""
        kept = self._at(implied)
        if "log_likelihood" not in kept:
            total, gradient = 0.0, np.zeros(len(implied.theta))
            for at in self._posteriors(implied):
                total += float(at.log_likelihood.sum())
                if len(self._parts) > 1:
                    gradient += score_sum(at)
            kept["log_likelihood"] = total
            if len(self._parts) > 1:
                kept["gradient"] = gradient
        return kept

    def value(self, implied: ImpliedMoments) -> float:
        """F."""
        log_likelihood: float = self._evaluated(implied)["log_likelihood"]
        return 2.0 / self.rows.n_obs * (self.reference - log_likelihood)

    def gradient(self, implied: ImpliedMoments) -> FloatArray:
        """∂F/∂θ of shape (q,)."""
        kept = self._evaluated(implied)
        if "gradient" not in kept:
            kept["gradient"] = sum(score_sum(at) for at in self._posteriors(implied))
        gradient: FloatArray = -2.0 / self.rows.n_obs * kept["gradient"]
        return gradient

    def hessian(self, implied: ImpliedMoments) -> FloatArray:
        """Exact second derivatives."""
        kept = self._at(implied)
        if "hessian" not in kept:
            kept["hessian"] = sum(log_likelihood_hessian(at) for at in self._posteriors(implied))
        hessian: FloatArray = -2.0 / self.rows.n_obs * kept["hessian"]
        return hessian

    def metric_hessian(self, implied: ImpliedMoments) -> FloatArray:
        """Expected Hessian of the linear part, and first-order information of the products' coefficients.

        It is a place to start from only; see :class:`~surveysem.estimation.discrepancy.CostlyDiscrepancy`.
        """
        linear, structure = _linear(implied)
        hessian = trace_products(linear, linear.inverse, linear.inverse) + 2.0 * mean_products(linear, linear.inverse)
        at = np.unique(structure.product_parameter[structure.product_parameter >= 0])
        scores = self.casewise_scores(implied, at)[:, at]
        hessian = np.array(hessian)
        hessian[np.ix_(at, at)] += 2.0 / self.rows.n_obs * scores.T @ scores
        return hessian

    def expected_hessian(self, implied: ImpliedMoments) -> FloatArray:  # noqa: ARG002
        """Not available: the expectation has no closed form."""
        raise UnsupportedError(_NO_OTHER_INFORMATION)

    def structured_hessian(self, implied: ImpliedMoments) -> FloatArray:  # noqa: ARG002
        """Not available: the likelihood is no function of sample moments."""
        raise UnsupportedError(_NO_OTHER_INFORMATION)

    def casewise_scores(self, implied: ImpliedMoments, parameters: IntArray | None = None) -> FloatArray:
        """Derivatives of each row's log-likelihood, of shape (n, q), 0 for others than some *parameters* if given."""
        scores = np.empty((self.rows.n_obs, len(implied.theta)))
        for at in self._posteriors(implied):
            scores[at.rows.order] = casewise_scores(at, parameters)
        return scores

    def expected_scores(self, implied: ImpliedMoments) -> FloatArray:
        """Posterior means of the latent variables of each row, of shape (n, m)."""
        scores = np.empty((self.rows.n_obs, len(implied.structure.latent)))
        for at in self._posteriors(implied):
            scores[at.rows.order] = at.expected
        return scores

    def denser(self, implied: ImpliedMoments, *, spacing: float, radius: float) -> LatentModeration:
        """The same with nodes laid anew about the rows' posterior means."""
        _, covariances = linear_posterior(implied, self.rows, scale=self.scale)
        held = list(self.factors.latent)
        means, covariances = self.expected_scores(implied)[self.rows.order][:, held], covariances[:, held][:, :, held]
        grid = lattice_grid(self.rows, means, covariances, spacing=spacing, radius=radius)
        return replace(self, grid=_affordable(grid, self.rows))


def latent_moderation(
    implied: ImpliedMoments,
    observations: FloatArray,
    *,
    reference: float,
    nodes: int | None = None,
) -> LatentModeration:
    """Likelihood of one group with nodes that suit given parameters.

    Parameters
    ----------
    implied : ImpliedMoments
        Of the model with products at parameters to start from.
    observations : array of shape (n, p)
        Rows in the order of the structure's observed variables; NaN where missing.
    reference : float
        Log-likelihood of the saturated normal model.
    nodes : int, optional
        Nodes in each dimension; as many as precision asks for if left out.
    """
    linear, structure = _linear(implied)
    observed = [name in structure.observed for name in structure.latent]
    multiplied = np.unique(np.concatenate([structure.first, structure.second]))
    columns = [structure.observed.index(structure.latent[at]) for at in multiplied if observed[at]]
    rows, scale = row_groups(observations, columns), np.nanvar(observations, axis=0)
    means, covariances = linear_posterior(implied, rows, scale=scale)
    factors = held_factors(structure, _cost(linear.latent_covariance, covariances))
    held = list(factors.latent)
    means, covariances = means[:, held], covariances[:, held][:, :, held]
    if nodes is None:
        grid = lattice_grid(rows, means, covariances, spacing=SPACING, radius=RADIUS)
    else:
        grid = product_grid(rows, means, covariances, nodes=nodes, radius=RADIUS)
    return LatentModeration(rows=rows, factors=factors, grid=_affordable(grid, rows), reference=reference, scale=scale)


def _affordable(grid: Grid, rows: RowGroups) -> Grid:
    """The grid, unless it would not fit into memory."""
    values = int((np.diff(grid.bounds) * np.diff(rows.bounds)).sum())
    if values > _MOST_VALUES:
        problem = Problem(
            where=f"an integral of {grid.nodes.shape[1]} dimensions",
            found=f"{grid.largest:,} nodes for {rows.n_obs:,} rows, too many",
            remedy='Use interaction="qml" or "product_indicator", or fewer products whose factors are all different.',
        )
        raise UnsupportedError("Latent moderated structural equations are not available for this model.", [problem])
    return grid


def _cost(prior: FloatArray, posterior: FloatArray) -> FloatArray:
    """Prior over posterior standard deviation of each latent variable, of shape (m,); infinite where that is none."""
    variances = np.diagonal(posterior, axis1=1, axis2=2).min(axis=0)
    ratios: FloatArray = np.where(variances > 0, np.diag(prior) / np.where(variances > 0, variances, 1.0), np.inf)
    return np.sqrt(np.maximum(ratios, 0.0))


def _linear(implied: ImpliedMoments) -> tuple[ImpliedMoments, ModeratedStructure]:
    assert isinstance(implied, ModeratedMoments)
    assert isinstance(implied.structure, ModeratedStructure)
    return implied.linear, implied.structure
