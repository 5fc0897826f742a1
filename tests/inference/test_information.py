"""Information matrices and scores, against finite differences of the log-likelihood."""

import numpy as np
import pytest

from surveysem.implied import implied_moments
from surveysem.inference.information import (
    casewise_scores,
    expected_information,
    first_order_information,
    observed_information,
    parameter_covariance,
)


def _casewise_log_likelihood(structure, theta, centred):
    covariance = implied_moments(structure, theta).covariance
    distance = np.einsum("ni,ni->n", centred, np.linalg.solve(covariance, centred.T).T)
    return -0.5 * (np.linalg.slogdet(covariance).logabsdet + distance + centred.shape[1] * np.log(2 * np.pi))


def _centred(fit):
    moments = fit.solution.moments
    return moments.observations - moments.means


def test_scores_are_derivatives_of_each_log_likelihood(any_fit):
    solution, centred = any_fit.solution, _centred(any_fit)
    theta = solution.theta + 0.05  # off the minimum, where nothing cancels
    moments = implied_moments(solution.structure, theta)
    step = 1e-6
    numeric = np.column_stack(
        [
            (
                _casewise_log_likelihood(solution.structure, theta + step * unit, centred)
                - _casewise_log_likelihood(solution.structure, theta - step * unit, centred)
            )
            / (2 * step)
            for unit in np.eye(len(theta))
        ]
    )
    scale = np.abs(numeric).max()
    # 1e-8 of the largest: rounding of a central difference with step 1e-6
    np.testing.assert_allclose(casewise_scores(moments, centred), numeric, atol=1e-8 * scale)


def test_scores_sum_to_zero_at_the_minimum(any_fit):
    scores = casewise_scores(any_fit.solution.implied, _centred(any_fit))
    spread = np.sqrt((scores**2).sum(axis=0))
    # The engine stops about 1e-6 standard errors from the minimum.
    np.testing.assert_allclose(scores.sum(axis=0) / spread, 0.0, atol=1e-4)


def test_information_matrices_are_symmetric_and_definite(any_fit):
    for matrix in (expected_information(any_fit.solution), first_order_information(any_fit.solution)):
        np.testing.assert_allclose(matrix, matrix.T, rtol=1e-10, atol=1e-12)
        assert np.linalg.eigvalsh(matrix)[0] > 0


def test_log_likelihoods_of_the_observations_add_up_to_logl(democracy_fit):
    solution = democracy_fit.solution
    total = _casewise_log_likelihood(solution.structure, solution.theta, _centred(democracy_fit)).sum()
    assert democracy_fit.fit_indices["logl"] == pytest.approx(total, rel=1e-12)


def test_parameter_covariance_is_inverse_expected_information(any_fit):
    product = parameter_covariance(any_fit.solution, "ML") @ expected_information(any_fit.solution) * any_fit.n_obs
    np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-8)


def test_sandwich_collapses_when_the_scores_vary_as_the_observed_information_says(democracy_fit):
    solution = democracy_fit.solution
    bread = np.linalg.inv(observed_information(solution))
    meat = first_order_information(solution)
    np.testing.assert_allclose(
        parameter_covariance(solution, "MLR"), bread @ meat @ bread / democracy_fit.n_obs, rtol=1e-8
    )


def test_read_only(democracy_fit):
    with pytest.raises(ValueError, match="read-only"):
        democracy_fit.parameter_covariance[0, 0] = 1.0
