"""Information matrices and scores, against finite differences of the log-likelihood."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from surveysem.implied import implied_moments
from surveysem.inference.information import (
    casewise_scores,
    expected_information,
    first_order_information,
    observed_information,
    parameter_covariance,
    structured_information,
)
from surveysem.modelling import sem

DEMOCRACY_TEXT = "f =~ y1 + y2 + y3 + y4; g =~ x1 + x2 + x3; f ~ g; y2 ~~ y4"


def _casewise_log_likelihood(group, theta):
    """Of each row, given the observed exogenous variables or not: their own likelihood does not depend on theta."""
    implied = implied_moments(group.structure, theta)
    covariance = implied.covariance
    centred = group.moments.observations - (implied.mean if group.structure.has_means else group.moments.means)
    if np.isnan(centred).any():
        return np.array([_of_incomplete(row, covariance) for row in centred])
    distance = np.einsum("ni,ni->n", centred, np.linalg.solve(covariance, centred.T).T)
    return -0.5 * (np.linalg.slogdet(covariance).logabsdet + distance + centred.shape[1] * np.log(2 * np.pi))


def _of_incomplete(row, covariance):
    seen = np.isfinite(row)
    part, covariance = row[seen], covariance[np.ix_(seen, seen)]
    distance = part @ np.linalg.solve(covariance, part)
    return -0.5 * (np.linalg.slogdet(covariance).logabsdet + distance + seen.sum() * np.log(2 * np.pi))


@pytest.mark.parametrize("off", [0.0, 0.05], ids=["at the minimum", "off it, where nothing cancels"])
def test_scores_are_derivatives_of_each_log_likelihood(every_fit, off):
    for group in every_fit.solution.groups:
        theta, step = group.theta + off, 1e-6
        ends = [[_casewise_log_likelihood(group, theta + s * e) for s in (step, -step)] for e in np.eye(len(theta))]
        numeric = np.column_stack([(upper - lower) / (2 * step) for upper, lower in ends])
        scores = casewise_scores(replace(group, implied=implied_moments(group.structure, theta)))
        # 1e-8 of the largest: rounding of a central difference with step 1e-6
        np.testing.assert_allclose(scores, numeric, atol=1e-8 * np.abs(numeric).max())


def test_scores_sum_to_zero_at_the_minimum(every_fit):
    """Within the constraints, where there are any."""
    solution = every_fit.solution
    scores = np.vstack([casewise_scores(group) for group in solution.groups])
    constraints = solution.problem.constraints
    scores = scores if constraints is None else scores @ constraints.basis
    spread = np.sqrt((scores**2).sum(axis=0))
    # The engine stops within 1e-3 standard errors from the minimum, most often much closer.
    np.testing.assert_allclose(scores.sum(axis=0) / spread, 0.0, atol=1e-4)


def test_information_matrices_are_symmetric_and_definite(every_fit):
    solution = every_fit.solution
    for information in (expected_information, observed_information, structured_information, first_order_information):
        matrix = information(solution)
        np.testing.assert_allclose(matrix, matrix.T, rtol=1e-10, atol=1e-12)
        assert np.linalg.eigvalsh(matrix)[0] > 0, information


def test_observed_information_is_minus_the_derivative_of_the_mean_score(every_fit):
    solution, step = every_fit.solution, 1e-5

    def mean_score(theta):
        moved = (replace(group, implied=implied_moments(group.structure, theta)) for group in solution.groups)
        return sum(casewise_scores(group).sum(axis=0) for group in moved) / solution.n_obs

    units = step * np.eye(len(solution.theta))
    numeric = -np.array([(mean_score(solution.theta + e) - mean_score(solution.theta - e)) / (2 * step) for e in units])
    observed = observed_information(solution)
    np.testing.assert_allclose(observed, numeric, atol=1e-6 * np.abs(observed).max())


def test_log_likelihoods_of_the_observations_add_up_to_logl(every_fit):
    if every_fit.table.exogenous_observed:
        return  # logl is that of the explained variables given the exogenous ones
    groups = every_fit.solution.groups
    total = sum(_casewise_log_likelihood(group, group.theta).sum() for group in groups)
    assert every_fit.fit_indices["logl"] == pytest.approx(total, rel=1e-11)


def test_parameter_covariance_is_the_inverse_information(every_fit):
    """Expected information, or observed where rows are incomplete; within the constraints, where there are any."""
    solution = every_fit.solution
    information = (observed_information if solution.incomplete else expected_information)(solution)
    constraints = solution.problem.constraints
    basis = np.eye(len(information)) if constraints is None else constraints.basis
    product = basis.T @ parameter_covariance(solution, "ML") @ information @ basis * every_fit.n_obs
    np.testing.assert_allclose(product, np.eye(basis.shape[1]), atol=1e-8)


def test_sandwich_of_observed_and_first_order_information(democracy_fit):
    solution = democracy_fit.solution
    bread = np.linalg.inv(observed_information(solution))
    meat = first_order_information(solution)
    np.testing.assert_allclose(
        parameter_covariance(solution, "MLR"), bread @ meat @ bread / democracy_fit.n_obs, rtol=1e-8
    )


def test_clusters_of_one_row_change_the_first_order_information_by_a_factor_only(democracy):
    """n / (n − 1)."""
    plain = sem(DEMOCRACY_TEXT, democracy, estimator="MLR", meanstructure=True)
    alone = sem(DEMOCRACY_TEXT, democracy.assign(row=np.arange(75)), cluster="row")
    factor = first_order_information(alone.solution) / first_order_information(plain.solution)
    np.testing.assert_allclose(factor, 75 / 74, rtol=1e-6)


def test_rows_that_come_twice_in_one_cluster_have_the_standard_errors_of_the_rows(democracy):
    """Copies add no information when the clusters say that they are copies."""
    once = sem(DEMOCRACY_TEXT, democracy.assign(row=np.arange(75)), cluster="row")
    twice = pd.concat([democracy.assign(row=np.arange(75))] * 2, ignore_index=True)
    np.testing.assert_allclose(
        sem(DEMOCRACY_TEXT, twice, cluster="row").parameter_covariance, once.parameter_covariance, rtol=1e-6, atol=1e-12
    )


def test_read_only(democracy_fit):
    with pytest.raises(ValueError, match="read-only"):
        democracy_fit.parameter_covariance[0, 0] = 1.0
