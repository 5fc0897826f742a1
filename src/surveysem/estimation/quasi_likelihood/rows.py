"""What latent products add to the log-likelihood of a row, from the conditional moments of auxiliary variables.

Let η = η₀ + LᵀΩL be the outcomes, with L the factors of products and η₀ linear, and c the generalised least squares
estimate of the outcomes from a row's indicators less its expectation in the linear part. What the row holds beside c
is normally distributed whatever Ω is. Given that, L and the part of c without products are jointly normal, so the
conditional mean and covariance of c are exact; quasi-maximum likelihood takes its conditional distribution for normal.

Rows are the last axis of all arrays here; where all rows share a value, its length may be 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from surveysem.implied import ModeratedStructure
from surveysem.typing import FloatArray, IntArray

_STEP = 1e-30
"""Of complex steps: derivatives are exact to rounding."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Products:
    """Outcomes and factors of products, and the *k* coefficients that join them.

    Parameters
    ----------
    outcomes, factors : int arrays of shape (r,) and (f,)
        Places among the latent variables.
    outcome, first, second : int arrays of shape (k,)
        Places among outcomes and factors of what each coefficient concerns.
    """

    outcomes: IntArray
    factors: IntArray
    outcome: IntArray
    first: IntArray
    second: IntArray

    @classmethod
    def of(cls, structure: ModeratedStructure) -> Products:
        """Those of a moment structure."""
        outcomes, outcome = np.unique(structure.outcome, return_inverse=True)
        factors, both = np.unique([structure.first, structure.second], return_inverse=True)
        first, second = both.reshape(2, -1)
        return cls(outcomes=outcomes, factors=factors, outcome=outcome, first=first, second=second)

    def into(self, seen: IntArray) -> tuple[Products, IntArray]:
        """The products into some of the outcomes, and the places of their coefficients."""
        kept = np.flatnonzero(np.isin(self.outcome, seen))
        into = Products(
            outcomes=self.outcomes[seen],
            factors=self.factors,
            outcome=np.searchsorted(seen, self.outcome[kept]),
            first=self.first[kept],
            second=self.second[kept],
        )
        return into, kept

    def forms(self, coefficients: FloatArray) -> FloatArray:
        """Symmetric matrices of the quadratic forms, of shape (r, f, f)."""
        forms = np.zeros((len(self.outcomes), len(self.factors), len(self.factors)), dtype=coefficients.dtype)
        np.add.at(forms, (self.outcome, self.first, self.second), coefficients / 2.0)
        np.add.at(forms, (self.outcome, self.second, self.first), coefficients / 2.0)
        return forms


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """Outcomes' estimates of each row, and their conditional moments.

    Parameters
    ----------
    estimate : array of shape (r, n)
        c.
    factors : array of shape (f, n)
        Conditional means m of the factors.
    precision, variance : arrays of shape (r, r, n)
        Inverse covariance M of c without products, and M⁻¹.
    between : array of shape (f, r, n)
        H: what the factors' expectation given all of a row gains by a unit of c.
    across : array of shape (f, r, n)
        Conditional covariance N of the factors with c without products.
    factor_covariance : array of shape (f, f, n)
        Conditional covariance P of the factors.
    forms : array of shape (r, f, f)
        Ω.
    slopes : array of shape (r, f, n)
        Ωm.
    residual : array of shape (r, n)
        c less its conditional mean.
    covariance : array of shape (r, r, n)
        V, the conditional covariance of c.
    """

    estimate: FloatArray
    factors: FloatArray
    precision: FloatArray
    variance: FloatArray
    between: FloatArray
    across: FloatArray
    factor_covariance: FloatArray
    forms: FloatArray
    slopes: FloatArray
    residual: FloatArray
    covariance: FloatArray


def prediction(means: FloatArray, covariance: FloatArray, forms: FloatArray) -> Prediction:
    """Conditional mean and covariance of the outcomes' estimates.

    Parameters
    ----------
    means : array of shape (r + f, n)
        t of each row, outcomes first.
    covariance : array of shape (r + f, r + f, n)
        Q.
    forms : array of shape (r, f, f)
        Ω.

    Notes
    -----
    E(c) = mᵀΩm + tr ΩP and V = M⁻¹ + 4 mᵀΩPΩm + 2 tr ΩPΩP + 2 (mᵀΩN + NᵀΩm). All is analytic in the arguments, so that
    complex steps give derivatives.

    References
    ----------
    klein_muthen_2007

    Examples
    --------
    One outcome 0.5 L² and a factor L with conditional mean 2 and variance 1, unrelated to the rest of the outcome:

    >>> covariance = np.array([[-1.0, 0.0], [0.0, 1.0]])[:, :, None]
    >>> found = prediction(np.array([[0.0], [2.0]]), covariance, np.array([[[0.5]]]))
    >>> found.residual.item(), found.covariance.item()
    (-2.5, 5.5)
    """
    r = len(forms)
    precision, between = -covariance[:r, :r], -covariance[r:, :r]
    variance = _inverse(precision)
    across = _product("fo...,op...->fp...", between, variance)
    factor_covariance = covariance[r:, r:] + _product("fo...,go...->fg...", across, between)
    estimate = _product("op...,p...->o...", variance, means[:r])
    factors = means[r:] - _product("fo...,o...->f...", between, estimate)
    slopes = _product("ofg,g...->of...", forms, factors)
    spread = _product("ofg,gh...->ofh...", forms, factor_covariance)
    expected = _product("of...,f...->o...", slopes, factors) + _product("off...->o...", spread)
    pulled = _product("of...,fg...->og...", slopes, factor_covariance)
    beside = _product("of...,fp...->op...", slopes, across)
    return Prediction(
        estimate=estimate,
        factors=factors,
        precision=precision,
        variance=variance,
        between=between,
        across=across,
        factor_covariance=factor_covariance,
        forms=forms,
        slopes=slopes,
        residual=estimate - expected,
        covariance=variance
        + 4.0 * _product("of...,pf...->op...", pulled, slopes)
        + 2.0 * (beside + beside.swapaxes(0, 1))
        + 2.0 * _product("ofg...,pgf...->op...", spread, spread),
    )


def log_ratios(at: Prediction) -> FloatArray:
    """Log-density of each row less that of the linear part, of shape (n,).

    Raises
    ------
    numpy.linalg.LinAlgError
        Where M or a V is not positive definite.
    """
    roots = np.linalg.cholesky(np.moveaxis(at.covariance, -1, 0))
    linear = np.linalg.cholesky(np.moveaxis(at.precision, -1, 0))
    log_determinants = 2.0 * np.log(np.einsum("noo->no", roots)).sum(1)
    log_determinants = log_determinants + 2.0 * np.log(np.einsum("noo->no", linear)).sum(1)
    scaled = np.linalg.solve(roots, at.residual.T[:, :, None])[:, :, 0]
    unmoderated = _product("op...,p...->o...", at.precision, at.estimate)
    ratios: FloatArray = ((unmoderated * at.estimate).sum(0) - (scaled**2).sum(1) - log_determinants) / 2.0
    return ratios


@dataclass(frozen=True, kw_only=True, eq=False)
class RowGradients:
    """Derivatives of log-ratios with respect to t (a, n), the symmetric Q (a, a, n) and the coefficients (k, n)."""

    means: FloatArray
    covariance: FloatArray
    coefficients: FloatArray


def row_gradients(at: Prediction, products: Products) -> RowGradients:
    """Derivatives of each row's log-ratio, by going back through :func:`prediction`."""
    weights = _inverse(at.covariance)
    pull = _product("op...,p...->o...", weights, at.residual)
    of_covariance = (pull[:, None] * pull[None] - weights) / 2.0
    of_across = 4.0 * _product("of...,op...->fp...", at.slopes, of_covariance)
    of_slopes = pull[:, None] * at.factors[None] + 4.0 * _product("op...,fp...->of...", of_covariance, at.across)
    of_slopes += 2.0 * _product("go...,gf...->of...", of_across, at.factor_covariance)
    of_factors = _product("o...,of...->f...", pull, at.slopes) + _product("ofg,of...->g...", at.forms, of_slopes)
    spread = _product("ofg,gh...->ofh...", at.forms, at.factor_covariance)
    mixed = 4.0 * _product("op...,pfg...->ofg...", of_covariance, spread)
    of_factor_covariance = (
        _product("o...,ofg->fg...", pull, at.forms)
        + _product("fo...,og...->fg...", of_across, at.slopes)
        + _product("ofg...,ogh->fh...", mixed, at.forms)
    )
    of_forms = of_slopes[:, :, None] * at.factors[None, None] + pull[:, None, None] * at.factor_covariance[None]
    of_forms += _product("gf...,ogh...->ofh...", at.factor_covariance, mixed)
    means, covariance = _before_sweeping(at, pull, of_covariance, of_factors, of_across, of_factor_covariance)
    outcome, first, second = products.outcome, products.first, products.second
    return RowGradients(
        means=means,
        covariance=covariance,
        coefficients=(of_forms[outcome, first, second] + of_forms[outcome, second, first]) / 2.0,
    )


def _before_sweeping(
    at: Prediction,
    pull: FloatArray,
    of_covariance: FloatArray,
    of_factors: FloatArray,
    of_across: FloatArray,
    of_factor_covariance: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Derivatives with respect to t and Q from those with respect to m, V, N and P."""
    r = len(pull)
    unmoderated = _product("op...,p...->o...", at.precision, at.estimate)
    of_estimate = unmoderated - pull - _product("f...,fo...->o...", of_factors, at.between)
    through = of_across + _product("fg...,go...->fo...", of_factor_covariance, at.between)
    of_variance = (
        of_covariance
        + at.precision / 2.0
        + (of_estimate - unmoderated / 2.0)[:, None] * unmoderated[None]
        + _product("fo...,fp...->op...", at.between, through)
    )
    of_between = (
        _product("fg...,go...->fo...", of_factor_covariance, at.across)
        + _product("fp...,po...->fo...", through, at.variance)
        - of_factors[:, None] * at.estimate[None]
    )
    size = r + len(of_factors)
    covariance = np.empty((size, size, pull.shape[-1]), dtype=pull.dtype)
    covariance[:r, :r] = _product("op...,pq...,qs...->os...", at.variance, _symmetric(of_variance), at.variance)
    covariance[r:, :r] = -of_between / 2.0
    covariance[:r, r:] = covariance[r:, :r].swapaxes(0, 1)
    covariance[r:, r:] = _symmetric(of_factor_covariance)
    return np.concatenate([_product("op...,p...->o...", at.variance, of_estimate), of_factors]), covariance


def _symmetric(matrices: FloatArray) -> FloatArray:
    return (matrices + matrices.swapaxes(0, 1)) / 2.0


def _product(subscripts: str, *arrays: FloatArray) -> FloatArray:
    """Einstein sum: over arrays whose last axis is long, it beats products of many small matrices several times."""
    product: FloatArray = np.einsum(subscripts, *arrays)
    return product


def _inverse(matrices: FloatArray) -> FloatArray:
    if len(matrices) == 1 and not matrices.all():
        raise np.linalg.LinAlgError("a conditional variance is 0")
    if len(matrices) == 1:
        return 1.0 / matrices
    return np.linalg.inv(matrices.transpose(2, 0, 1)).transpose(1, 2, 0).astype(matrices.dtype, copy=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class RowCurvatures:
    """Second derivatives of log-ratios.

    Parameters
    ----------
    means : array of shape (a, a, n)
        Of each row, with respect to t.
    mixed : array of shape (a, a² + k, n)
        Of each row, with respect to t and to Q, as a long vector, and the coefficients.
    shared : array of shape (a² + k, a² + k, K)
        Summed over rows of the same pattern, with respect to Q and the coefficients.
    """

    means: FloatArray
    mixed: FloatArray
    shared: FloatArray


def row_curvatures(
    means: FloatArray, covariance: FloatArray, coefficients: FloatArray, products: Products, starts: IntArray
) -> RowCurvatures:
    """Second derivatives of log-ratios, by complex steps in :func:`row_gradients`: exact to rounding.

    Parameters
    ----------
    means : array of shape (a, n)
        t.
    covariance : array of shape (a, a, n)
        Q.
    coefficients : array of shape (k,)
        Of the products.
    starts : int array of shape (K,)
        First row of each pattern of missing values.
    """

    def along(t: FloatArray, q: FloatArray, omega: FloatArray) -> tuple[FloatArray, FloatArray]:
        gradients = row_gradients(prediction(t, q, products.forms(omega)), products)
        beside = np.concatenate([gradients.covariance.reshape(-1, n), gradients.coefficients])
        return gradients.means.imag / _STEP, beside.imag / _STEP

    size, n = means.shape
    each = 1j * _STEP * np.eye(size)
    own = [along(means + step[:, None], covariance, coefficients) for step in each]
    shared = np.empty((size**2 + len(coefficients), size**2 + len(coefficients), len(starts)))
    for a in range(size):
        for b in range(a + 1):
            step = (np.outer(each[a], np.eye(size)[b]) + np.outer(np.eye(size)[b], each[a])) / 2.0
            _, beside = along(means, covariance + step[:, :, None], coefficients)
            shared[a * size + b] = shared[b * size + a] = np.add.reduceat(beside, starts, axis=1)
    for number, step in enumerate(1j * _STEP * np.eye(len(coefficients))):
        _, beside = along(means, covariance, coefficients + step)
        shared[size**2 + number] = np.add.reduceat(beside, starts, axis=1)
    return RowCurvatures(
        means=np.stack([second for second, _ in own]), mixed=np.stack([beside for _, beside in own]), shared=shared
    )
