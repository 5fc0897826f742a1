"""Multivariate skewness and kurtosis after Mardia."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from scipy.special import chdtrc, erfc

from surveysem.data.missing.checks import check_answers
from surveysem.data.missingness import numeric_columns
from surveysem.data.responses import Responses
from surveysem.errors import DataError, Problem, UnsupportedError
from surveysem.findings import Finding
from surveysem.linalg import is_positive_definite
from surveysem.typing import FloatArray

Divisor: TypeAlias = Literal["n-1", "n"]
_SINGULAR = 1e-10


@dataclass(frozen=True, kw_only=True)
class MardiaTest:
    """Mardia's tests of multivariate normality.

    Parameters
    ----------
    n_obs, n_variables : int
        Complete rows *n* and variables *p*.
    skewness : float
        b₁ₚ; 0 for a normal distribution.
    skewness_chi_square : float
        n b₁ₚ / 6.
    skewness_degrees_of_freedom : int
        p(p + 1)(p + 2)/6.
    skewness_p_value : float
        Upper tail.
    small_sample_chi_square, small_sample_p_value : float
        The same with Mardia's correction for small samples.
    kurtosis : float
        b₂ₚ; p(p + 2) for a normal distribution.
    kurtosis_z : float
        (b₂ₚ − p(p + 2)) / √(8p(p + 2)/n).
    kurtosis_p_value : float
        Two-sided.
    findings : tuple of Finding
        Rows left out.
    """

    n_obs: int
    n_variables: int
    skewness: float
    skewness_chi_square: float
    skewness_degrees_of_freedom: int
    skewness_p_value: float
    small_sample_chi_square: float
    small_sample_p_value: float
    kurtosis: float
    kurtosis_z: float
    kurtosis_p_value: float
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        skew = f"skewness {self.skewness:.3f}, χ²({self.skewness_degrees_of_freedom}) = {self.skewness_chi_square:.2f}"
        kurt = f"kurtosis {self.kurtosis:.3f}, z = {self.kurtosis_z:.2f}"
        return f"Mardia: {skew}, p = {self.skewness_p_value:.3f}; {kurt}, p = {self.kurtosis_p_value:.3f}"


def mardia_test(
    data: pd.DataFrame | Responses, items: Sequence[str] | None = None, *, divisor: Divisor = "n-1"
) -> MardiaTest:
    """Mardia's multivariate skewness and kurtosis, with their tests.

    Parameters
    ----------
    data : pandas.DataFrame or Responses
        One row a respondent; incomplete rows are left out and counted by a finding.
    items : sequence of str, optional
        Numeric columns; all of them by default.
    divisor : {"n-1", "n"}
        What the covariance S is divided by: *n* − 1 as in psych and semTools, or *n* as in Mardia's paper, which makes
        b₁ₚ (n/(n − 1))³ and b₂ₚ (n/(n − 1))² times as large.

    Raises
    ------
    DataError
        When columns are absent or not numeric, or the covariance of the complete rows is singular.
    UnsupportedError
        For another divisor.

    Notes
    -----
    With z = S^{-1/2}(x − m): b₁ₚ = Σ over i, j of (zᵢᵀzⱼ)³/n², which is the sum of squares of all
    third moments of z, and b₂ₚ = Σ over i of (zᵢᵀzᵢ)²/n.

    References
    ----------
    mardia_1970

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 4.0, 3.0, 9.0], "b": [2.0, 1.0, 5.0, 3.0, 2.0]})
    >>> test = mardia_test(frame)
    >>> round(test.skewness, 4), round(test.kurtosis, 4)
    (1.376, 3.691)
    """
    if divisor not in get_args(Divisor):
        raise UnsupportedError(f"divisor={divisor!r} is not available. Available: {', '.join(get_args(Divisor))}.")
    frame = data.frame if isinstance(data, Responses) else data
    names = numeric_columns(frame) if items is None else list(items)
    check_answers(frame, tuple(names))
    values = frame[names].to_numpy(dtype=np.float64, na_value=np.nan)
    complete = values[~np.isnan(values).any(axis=1)]
    z = _standardized(complete, names)
    n, p = z.shape
    if divisor == "n-1":
        z = z * np.sqrt((n - 1) / n)
    return _tests(multivariate_skewness(z), multivariate_kurtosis(z), n, p, _left_out(len(values), n))


def multivariate_skewness(z: FloatArray) -> float:
    """Mardia's b₁ₚ of rows (n, p) with mean 0 and covariance I."""
    total = 0.0
    for column in z.T:
        third = (z * column[:, None]).T @ z / len(z)
        total += float(np.vdot(third, third))
    return total


def multivariate_kurtosis(z: FloatArray) -> float:
    """Mardia's b₂ₚ of rows (n, p) with mean 0 and covariance I."""
    lengths = np.einsum("ij,ij->i", z, z)
    return float(np.mean(lengths**2))


def _standardized(values: FloatArray, names: Sequence[str]) -> FloatArray:
    """Uncorrelated columns of unit variance: a triangular root of S⁻¹ applied to deviations from the means."""
    deviations = values - values.mean(axis=0) if len(values) else values
    covariance = deviations.T @ deviations / max(len(values), 1)
    spread = np.sqrt(np.diag(covariance))
    if not (spread > 0).all() or not is_positive_definite(covariance / np.outer(spread, spread), tolerance=_SINGULAR):
        problem = Problem(
            where=f"{len(names)} variables",
            found=f"the covariance of {len(values)} complete rows is singular",
            remedy="Leave out variables that do not vary or repeat others, or collect more rows.",
        )
        raise DataError("Mardia's coefficients cannot be computed.", [problem])
    whitened: FloatArray = np.linalg.solve(np.linalg.cholesky(covariance), deviations.T).T
    return whitened


def _tests(skewness: float, kurtosis: float, n: int, p: int, findings: tuple[Finding, ...]) -> MardiaTest:
    df = p * (p + 1) * (p + 2) // 6
    correction = (p + 1) * (n + 1) * (n + 3) / (n * ((n + 1) * (p + 1) - 6))
    chi_square = n * skewness / 6.0
    z = (kurtosis - p * (p + 2)) / np.sqrt(8.0 * p * (p + 2) / n)
    return MardiaTest(
        n_obs=n,
        n_variables=p,
        skewness=skewness,
        skewness_chi_square=chi_square,
        skewness_degrees_of_freedom=df,
        skewness_p_value=float(chdtrc(df, chi_square)),
        small_sample_chi_square=chi_square * correction,
        small_sample_p_value=float(chdtrc(df, chi_square * correction)),
        kurtosis=kurtosis,
        kurtosis_z=float(z),
        kurtosis_p_value=float(erfc(abs(z) / np.sqrt(2.0))),
        findings=findings,
    )


def _left_out(n_rows: int, n_complete: int) -> tuple[Finding, ...]:
    if n_rows == n_complete:
        return ()
    message = f"{n_rows - n_complete} of {n_rows} rows are incomplete and took no part in Mardia's tests."
    return (Finding(severity="note", where="multivariate normality", message=message),)
