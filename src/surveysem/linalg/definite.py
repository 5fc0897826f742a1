"""Positive definite matrices: test, log-determinant and inverse."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from surveysem.typing import FloatArray


def is_positive_definite(matrix: FloatArray, *, tolerance: float = 0.0) -> bool:
    """Whether all eigenvalues of a symmetric matrix exceed *tolerance* times the largest.

    A positive sign of the determinant does not prove it, so eigenvalues are looked at.

    Parameters
    ----------
    matrix : array of shape (p, p)
        Symmetric matrix.
    tolerance : float
        Relative to the largest absolute eigenvalue.

    Examples
    --------
    >>> is_positive_definite(np.diag([1.0, -1.0])), is_positive_definite(np.eye(2))
    (False, True)
    """
    if matrix.shape[0] == 0:
        return True
    eigenvalues = np.linalg.eigvalsh(matrix)
    return bool(eigenvalues[0] > tolerance * np.abs(eigenvalues).max())


def log_determinant(matrix: FloatArray) -> float:
    """Natural logarithm of the determinant of a positive definite matrix.

    Raises
    ------
    numpy.linalg.LinAlgError
        When the matrix is not positive definite.
    """
    return 2.0 * float(np.log(np.diag(np.linalg.cholesky(matrix))).sum())


def inverse_positive_definite(matrix: FloatArray) -> FloatArray:
    """Inverse of a positive definite matrix, exactly symmetric.

    Raises
    ------
    numpy.linalg.LinAlgError
        When the matrix is not positive definite.
    """
    inverse = np.asarray(cho_solve(cho_factor(matrix, lower=True), np.eye(matrix.shape[0])))
    symmetric: FloatArray = (inverse + inverse.T) / 2.0
    return symmetric
