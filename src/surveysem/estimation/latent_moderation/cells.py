"""The model in each cell: rows of one group, with the latent factors held at one node.

In a cell the model is linear, η ~ N(a, Φ) with total effects A(v) = A + A Ω(v) A. The rows' own variables enter through
x = (1, h, e): h = ΛᵀΘ⁻¹(y − ν) of the regular variables, whose residuals are uncorrelated and vary, and e = y − ν of
the exact ones, whose residual variances are too small to divide by or whose residuals covary. The log-density of a row
is a quadratic form of x, and the expectation of everything a score is made of is linear in x.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from surveysem.estimation.latent_moderation.factors import HeldFactors
from surveysem.estimation.latent_moderation.measurement import BoolArray, Measurement
from surveysem.implied import ModeratedStructure
from surveysem.typing import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class CellModels:
    """The linear model of each of *c* cells; f = 1 + m + x features, s = d + x variables that are known exactly.

    Parameters
    ----------
    total : array of shape (c, m, m)
        A(v).
    mean : array of shape (c, m)
        a = A(v) α.
    latent : array of shape (c, m, m)
        Φ = A(v) Ψ A(v)ᵀ.
    select : array of shape (c, s, m)
        What the known variables are of the latent ones: held factors, then exact variables.
    noise : array of shape (c, s, s)
        Residual covariances of the known variables; 1 on the diagonal for those a group lacks.
    held : array of shape (c, d)
        Values of the held latent factors.
    information, root : arrays of shape (c, m, m)
        M of the regular variables, and R with M = R Rᵀ.
    known : array of shape (c, x)
        1 for exact variables that the group has, else 0.
    """

    total: FloatArray
    mean: FloatArray
    latent: FloatArray
    select: FloatArray
    noise: FloatArray
    held: FloatArray
    information: FloatArray
    root: FloatArray
    known: FloatArray

    @property
    def n_cells(self) -> int:
        """Number of cells, *c*."""
        return len(self.held)

    @cached_property
    def _identity(self) -> FloatArray:
        return np.eye(self.mean.shape[1])

    @cached_property
    def _reach(self) -> FloatArray:
        """Covariances of the known variables (rows) with the latent ones, (c, s, m)."""
        reach: FloatArray = self.select @ self.latent
        return reach

    @cached_property
    def _certain(self) -> FloatArray:
        """Covariances of the known variables, (c, s, s)."""
        certain: FloatArray = self._reach @ _t(self.select) + self.noise
        return certain

    @cached_property
    def _weight(self) -> FloatArray:
        return np.asarray(np.linalg.inv(self._certain), dtype=np.float64)

    @cached_property
    def _gain(self) -> FloatArray:
        """Regression of the latent variables on the known ones, (c, m, s)."""
        gain: FloatArray = _t(self._reach) @ self._weight
        return gain

    @cached_property
    def _conditional(self) -> FloatArray:
        """Covariances of the latent variables given the known ones, (c, m, m)."""
        conditional: FloatArray = self.latent - self._gain @ self._reach
        return conditional

    @cached_property
    def _inner(self) -> FloatArray:
        inner: FloatArray = self._identity + _t(self.root) @ self._conditional @ self.root
        return inner

    @cached_property
    def posterior(self) -> FloatArray:
        """Covariances C of the latent variables given everything, (c, m, m)."""
        loaded = self._conditional @ self.root
        posterior = self._conditional - loaded @ np.linalg.solve(self._inner, _t(loaded))
        return (posterior + _t(posterior)) / 2.0

    @cached_property
    def _kept(self) -> FloatArray:
        """I − CM."""
        kept: FloatArray = self._identity - self.posterior @ self.information
        return kept

    @cached_property
    def _score_features(self) -> FloatArray:
        """h as a linear function of the features, (m, f)."""
        m, n_exact = self.mean.shape[1], self.known.shape[1]
        return np.hstack([np.zeros((m, 1)), np.eye(m), np.zeros((m, n_exact))])

    @cached_property
    def _deviation(self) -> FloatArray:
        """Known variables less their means as linear functions of the features, (c, s, f)."""
        (m, n_exact), d = (self.mean.shape[1], self.known.shape[1]), self.held.shape[1]
        deviation = np.zeros((self.n_cells, d + n_exact, 1 + m + n_exact))
        deviation[:, :d, 0] = self.held
        deviation[:, :, 0] -= (self.select @ self.mean[:, :, None])[:, :, 0]
        deviation[:, d:, 1 + m :] = np.eye(n_exact)
        return deviation

    @cached_property
    def _before(self) -> FloatArray:
        """Expected latent variables given the known ones, likewise (c, m, f)."""
        before: FloatArray = self._gain @ self._deviation
        before[:, :, 0] += self.mean
        return before

    @cached_property
    def _expected(self) -> FloatArray:
        """Expected latent variables given everything, (c, m, f)."""
        expected: FloatArray = self._kept @ self._before + self.posterior @ self._score_features
        return expected

    @cached_property
    def form(self) -> FloatArray:
        """Log-density of a row and the node, less the row's constant, as a quadratic form of the features, (c, f, f).

        Raises :class:`numpy.linalg.LinAlgError` where a covariance matrix is not positive definite.
        """
        gap = self._score_features - self.information @ self._before
        crossed = _t(self._before) @ self._score_features
        form = _t(gap) @ self.posterior @ gap - _t(self._before) @ self.information @ self._before
        form = 0.5 * (form - _t(self._deviation) @ self._weight @ self._deviation + crossed + _t(crossed))
        n_known = self.held.shape[1] + self.known.sum(axis=1)
        determinants = _log_determinant(self._certain) + _log_determinant(self._inner)
        form[:, 0, 0] -= 0.5 * (determinants + n_known * np.log(2.0 * np.pi))
        return (form + _t(form)) / 2.0

    @cached_property
    def maps(self) -> FloatArray:
        """The coordinates (1, r, η, z) as linear functions of the features, (c, g, f); g = 1 + 2m + x.

        r = Aᵀ Λᵀ Σ⁻¹ (y − μ) are the expected disturbances in units of their inverse covariance; η the expected latent
        variables; z the exact variables' part of Σ⁻¹ (y − μ).
        """
        unexplained = self._score_features - self.information @ self._expected
        certain = self._weight @ (self._deviation - self._reach @ unexplained)
        disturbances = _t(self.total) @ (unexplained + _t(self.select) @ certain)
        one = np.zeros((self.n_cells, 1, certain.shape[2]))
        one[:, 0, 0] = 1.0
        d = self.held.shape[1]
        return np.concatenate([one, disturbances, self._expected, certain[:, d:]], axis=1)

    @cached_property
    def _filtered(self) -> FloatArray:
        filtered: FloatArray = self._weight @ self.select
        return filtered

    @cached_property
    def _told(self) -> FloatArray:
        told: FloatArray = self._filtered @ (self.latent - self.latent @ self.information @ self.posterior)
        return told

    @cached_property
    def shrink(self) -> FloatArray:
        """U with Φ U = C, (c, m, m)."""
        shrink: FloatArray = self._identity - self.information @ self.posterior - _t(self.select) @ self._told
        return shrink

    @cached_property
    def spread(self) -> FloatArray:
        """Posterior covariances of what the coordinates are expectations of, less what complete data tell, (c, g, g).

        Its elements are those of −Dᵀ Σ⁻¹ D, D the dictionary of columns; A is added where r meets η, and Φ where η
        meets η.
        """
        d, m = self.held.shape[1], self.mean.shape[1]
        informed = self.information @ _t(self.shrink)
        towards = self._filtered @ (self._identity - self.latent @ informed)
        precision = informed + _t(self.select) @ towards
        left = self._weight @ self._reach
        among = self._weight + left @ self.information @ self._kept @ _t(left)
        present = self.known[:, :, None]
        r, eta, z = slice(1, 1 + m), slice(1 + m, 1 + 2 * m), slice(1 + 2 * m, None)
        spread = np.zeros((self.n_cells, 1 + 2 * m + self.known.shape[1], 1 + 2 * m + self.known.shape[1]))
        spread[:, r, r] = -_t(self.total) @ precision @ self.total
        spread[:, r, eta] = _t(self.total) @ self.shrink
        spread[:, eta, r] = _t(spread[:, r, eta])
        spread[:, eta, eta] = self.posterior
        spread[:, z, eta] = -self._told[:, d:] * present
        spread[:, eta, z] = _t(spread[:, z, eta])
        spread[:, z, r] = -(towards @ self.total)[:, d:] * present
        spread[:, r, z] = _t(spread[:, z, r])
        spread[:, z, z] = -among[:, d:, d:] * present * _t(present)
        return spread

    @cached_property
    def crossing(self) -> FloatArray:
        """What, times Λᵀ Θ⁻¹ of the regular variables, is their share in the exact ones' covariances, (c, x, m)."""
        crossing: FloatArray = self._weight @ self._reach @ _t(self._kept)
        return crossing[:, self.held.shape[1] :] * self.known[:, :, None]


def effects_at(
    structure: ModeratedStructure, factors: HeldFactors, total: FloatArray, coefficients: FloatArray, held: FloatArray
) -> FloatArray:
    """A(v) = A + A Ω(v) A at values *held* (c, d + given) of the held factors, of shape (c, m, m)."""
    omega = np.zeros((len(held), *total.shape))
    for outcome, which, other, coefficient in zip(
        structure.outcome, factors.held, factors.other, coefficients, strict=True
    ):
        omega[:, outcome, other] += coefficient * held[:, which]
    effects: FloatArray = total + total @ omega @ total
    return effects


def cell_models(
    matrices: tuple[FloatArray, ...],
    held_latent: Sequence[int],
    measured: Measurement,
    present: BoolArray,
    *,
    total: FloatArray,
    held: FloatArray,
    group: IntArray,
) -> CellModels:
    """The linear model of each cell.

    Parameters
    ----------
    matrices : tuple of arrays
        At the parameters.
    held_latent : sequence of int
        Positions of the latent variables that are held, *d* of them.
    measured : Measurement
        How rows enter.
    present : bool array of shape (o, p)
        Answers each group has.
    total : array of shape (c, m, m)
        A(v) of each cell.
    held : array of shape (c, d)
        Their values.
    group : int array of shape (c,)
        Group of rows of each cell.
    """
    loadings, _, residual, uniqueness, _, intercepts = matrices
    known = present[:, measured.exact].astype(np.float64)
    d, n_exact = len(held_latent), len(measured.exact)
    select = np.zeros((len(known), d + n_exact, loadings.shape[1]))
    select[:, np.arange(d), list(held_latent)] = 1.0
    select[:, d:] = loadings[measured.exact] * known[:, :, None]
    noise = np.zeros((len(known), d + n_exact, d + n_exact))
    noise[:, d:, d:] = uniqueness[np.ix_(measured.exact, measured.exact)] * known[:, :, None] * known[:, None, :]
    noise[:, np.arange(d, d + n_exact), np.arange(d, d + n_exact)] += 1.0 - known
    latent = total @ residual @ _t(total)
    return CellModels(
        total=total,
        mean=total @ intercepts[:, 0],
        latent=(latent + _t(latent)) / 2.0,
        select=select[group],
        noise=noise[group],
        held=held,
        information=measured.information[group],
        root=_root(measured.information)[group],
        known=known[group],
    )


def _root(information: FloatArray) -> FloatArray:
    """R with M = R Rᵀ."""
    values, vectors = np.linalg.eigh(information)
    root: FloatArray = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    return root


def _log_determinant(matrices: FloatArray) -> FloatArray:
    """ln|·| of positive definite matrices (c, k, k), of shape (c,)."""
    diagonal = np.diagonal(np.linalg.cholesky(matrices), axis1=-2, axis2=-1)
    logarithms: FloatArray = 2.0 * np.log(diagonal).sum(axis=-1)
    return logarithms


def _t(matrices: FloatArray) -> FloatArray:
    return np.swapaxes(matrices, -1, -2)
