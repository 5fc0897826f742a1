import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal

from surveysem.data import sample_moments
from surveysem.data.missing import likelihood_weights, missing_patterns, observed_log_likelihood


def _row_by_row(missing, mu, sigma):
    total = 0.0
    for row in missing.observations:
        at = ~np.isnan(row)
        total += multivariate_normal.logpdf(row[at], mu[at], sigma[np.ix_(at, at)])
    return total


def test_log_likelihood_is_the_sum_of_normal_densities(missing, point):
    expected = _row_by_row(missing, point.mu, point.sigma)
    assert observed_log_likelihood(missing, point.mu, point.sigma) == pytest.approx(expected, rel=1e-12)
    assert likelihood_weights(missing, point.mu, point.sigma).log_likelihood == pytest.approx(expected, rel=1e-12)


def test_weights_equal_their_definition(missing, point, plain_patterns):
    weights = likelihood_weights(missing, point.mu, point.sigma)
    gradient = -2.0 * sum(each.share * each.solved for each in plain_patterns)
    weight = sum(each.share * (each.inverse - each.weighted) for each in plain_patterns)
    np.testing.assert_allclose(weights.mean_gradient, gradient, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(weights.covariance_weight, weight, rtol=1e-10, atol=1e-13)
    np.testing.assert_array_equal(weights.covariance_weight, weights.covariance_weight.T)


def test_weights_are_the_gradient(missing, point):
    weights = likelihood_weights(missing, point.mu, point.sigma)
    step = 1e-5  # rounding 1e-11 and truncation 1e-10 of a central difference
    for element in range(len(point.u)):
        up, down = (observed_log_likelihood(missing, *point.moved(element, s)) for s in (step, -step))
        difference = -2.0 / missing.n_obs * (up - down) / (2.0 * step)
        of_covariance = np.vdot(weights.covariance_weight, point.direction(element))
        of_mean = weights.mean_gradient @ point.mean_directions[:, element]
        assert of_covariance + of_mean == pytest.approx(difference, abs=1e-8)


def test_complete_rows_give_the_closed_form():
    frame = pd.DataFrame(np.random.default_rng(5).normal(size=(40, 4)), columns=list("abcd"))
    moments, missing = sample_moments(frame, list("abcd")), missing_patterns(frame, list("abcd"))
    mu, sigma = np.full(4, 0.2), np.eye(4) + 0.4
    inverse, away = np.linalg.inv(sigma), moments.means - mu
    weights = likelihood_weights(missing, mu, sigma)
    second = moments.covariance + np.outer(away, away)
    discrepancy = 4 * np.log(2 * np.pi) + np.linalg.slogdet(sigma)[1] + np.vdot(second, inverse)
    assert weights.log_likelihood == pytest.approx(-20.0 * discrepancy, rel=1e-13)
    np.testing.assert_allclose(weights.covariance_weight, inverse - inverse @ second @ inverse, atol=1e-13)
    np.testing.assert_allclose(weights.mean_gradient, -2.0 * inverse @ away, atol=1e-13)


def test_order_of_rows_does_not_matter(scattered, planned):
    for frame in (scattered, planned):
        names = list(frame.columns)
        mu, sigma = np.zeros(len(names)), 4.0 * np.eye(len(names)) + 1.0
        straight = likelihood_weights(missing_patterns(frame, names), mu, sigma)
        shuffled = likelihood_weights(missing_patterns(frame.sample(frac=1.0, random_state=3), names), mu, sigma)
        assert shuffled.log_likelihood == pytest.approx(straight.log_likelihood, rel=1e-13)
        np.testing.assert_allclose(shuffled.covariance_weight, straight.covariance_weight, rtol=1e-11, atol=1e-13)


def test_not_positive_definite_is_refused(missing, point):
    indefinite = point.sigma - 1.01 * np.linalg.eigvalsh(point.sigma)[0] * np.eye(len(point.mu))
    two_negative = point.sigma * np.where(np.arange(len(point.mu)) < 2, -1.0, 1.0)
    for sigma in (indefinite, two_negative, np.full_like(point.sigma, np.nan)):
        with pytest.raises(np.linalg.LinAlgError):
            likelihood_weights(missing, point.mu, sigma)
        with pytest.raises(np.linalg.LinAlgError):
            observed_log_likelihood(missing, point.mu, sigma)
