"""Positive definite matrices."""

import numpy as np
import pytest

from surveysem.linalg import inverse_positive_definite, is_positive_definite, log_determinant


def _definite(p, seed=0):
    root = np.random.default_rng(seed).standard_normal((3 * p, p))
    return root.T @ root


@pytest.mark.parametrize("p", [1, 2, 7])
def test_determinant_and_inverse(p):
    matrix = _definite(p)
    assert log_determinant(matrix) == pytest.approx(np.linalg.slogdet(matrix).logabsdet)
    inverse = inverse_positive_definite(matrix)
    np.testing.assert_allclose(inverse @ matrix, np.eye(p), atol=1e-12)
    np.testing.assert_array_equal(inverse, inverse.T)


@pytest.mark.parametrize("matrix", [np.diag([1.0, -1.0, -1.0]), np.diag([1.0, 0.0]), np.ones((2, 2))])
def test_indefinite_matrices(matrix):
    """The first has a positive determinant, which proves nothing."""
    assert not is_positive_definite(matrix)
    with pytest.raises(np.linalg.LinAlgError):
        log_determinant(matrix - 1e-12 * np.eye(len(matrix)))
    with pytest.raises(np.linalg.LinAlgError):
        inverse_positive_definite(matrix - 1e-12 * np.eye(len(matrix)))


def test_tolerance_is_relative_to_the_largest_eigenvalue():
    matrix = np.diag([1e6, 1e-3])
    assert is_positive_definite(matrix)
    assert not is_positive_definite(matrix, tolerance=1e-8)


def test_a_matrix_without_rows_is_definite():
    assert is_positive_definite(np.zeros((0, 0)))
