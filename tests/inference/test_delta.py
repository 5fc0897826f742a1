"""The delta method."""

import numpy as np

from surveysem.inference.delta import delta_standard_errors


def test_a_negative_variance_has_no_standard_error():
    """A covariance of estimates that is none must not pass for a fixed quantity, whose standard error is 0."""
    covariance = np.array([[1.0, 2.0], [2.0, 1.0]])
    errors = delta_standard_errors(np.array([[1.0, -1.0], [1.0, 0.0], [0.0, 0.0]]), covariance)
    np.testing.assert_array_equal(errors, [np.nan, 1.0, 0.0])


def test_a_quantity_that_cannot_vary_is_fixed():
    """What cancels leaves rounding of either sign."""
    direction = np.array([[1.0], [0.1], [0.3]])
    jacobian = np.array([[0.1, -1.0, 0.0], [-0.3, 0.0, 1.0], [0.2, 1.0, -1.0], [1.0, 0.0, 0.0]])
    errors = delta_standard_errors(jacobian, direction @ direction.T)
    np.testing.assert_array_equal(errors, [0.0, 0.0, 0.0, 1.0])
