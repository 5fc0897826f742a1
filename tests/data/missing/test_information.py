import numpy as np
import pandas as pd
import pytest

from surveysem.data.missing import (
    casewise_scores_missing,
    likelihood_weights,
    missing_patterns,
    observed_log_likelihood,
    pattern_information,
    saturated_expected_information,
    saturated_observed_information,
    saturated_scores,
)
from surveysem.data.missing import information as information_module
from surveysem.data.missing import saturated_information as saturated_module


@pytest.fixture(scope="module")
def pieces(missing, point):
    return pattern_information(missing, point.mu, point.sigma, **point.elements)


@pytest.fixture(scope="module")
def scores(missing, point):
    return casewise_scores_missing(
        missing, point.mu, point.sigma, **point.elements, mean_directions=point.mean_directions
    )


def test_pieces_equal_their_definition(pieces, point, plain_patterns):
    n_elements = len(point.u)
    directions = [point.direction(element) for element in range(n_elements)]
    expected, observed = np.zeros((n_elements, n_elements)), np.zeros((n_elements, n_elements))
    cross = np.zeros((n_elements, len(point.mu)))
    for each in plain_patterns:
        for a, first in enumerate(directions):
            cross[a] += 2.0 * each.share * each.inverse @ first @ each.solved
            for b, second in enumerate(directions):
                expected[a, b] += each.share * np.trace(each.inverse @ first @ each.inverse @ second)
                observed[a, b] += 2.0 * each.share * np.trace(each.weighted @ first @ each.inverse @ second)
    np.testing.assert_allclose(pieces.expected, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(pieces.observed, observed - expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(pieces.cross, cross, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(pieces.mean, sum(each.share * each.inverse for each in plain_patterns), atol=1e-13)


def test_observed_information_is_the_derivative_of_the_gradient(missing, point, pieces):
    step = 1e-5
    for element in np.flatnonzero(~point.mean_directions.any(axis=0)):
        up, down = (likelihood_weights(missing, *point.moved(element, s)) for s in (step, -step))
        change = (up.covariance_weight - down.covariance_weight) / (2.0 * step)
        along = [np.vdot(change, point.direction(other)) for other in range(len(point.u))]
        np.testing.assert_allclose(pieces.observed[element], along, atol=1e-8)
        cross = (up.mean_gradient - down.mean_gradient) / (2.0 * step)
        np.testing.assert_allclose(pieces.cross[element], cross, atol=1e-8)


def test_mean_information_is_half_the_derivative_of_the_mean_gradient(missing, point, pieces):
    for place, unit in enumerate(np.eye(len(point.mu))):
        up, down = (likelihood_weights(missing, point.mu + s * unit, point.sigma) for s in (1e-4, -1e-4))
        difference = (up.mean_gradient - down.mean_gradient) / 2e-4
        np.testing.assert_allclose(2.0 * pieces.mean[place], difference, atol=1e-9)


def test_small_chunks_give_the_same(missing, point, pieces, monkeypatch):
    whole = saturated_observed_information(missing, point.mu, point.sigma)
    monkeypatch.setattr(information_module, "_CHUNK", 1)
    monkeypatch.setattr(saturated_module, "_CHUNK", 1)
    chunked = pattern_information(missing, point.mu, point.sigma, **point.elements)
    for name in ("observed", "expected", "cross"):
        np.testing.assert_allclose(getattr(chunked, name), getattr(pieces, name), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(saturated_observed_information(missing, point.mu, point.sigma), whole, atol=1e-12)


def test_scores_sum_to_the_gradient(missing, point, scores):
    weights = likelihood_weights(missing, point.mu, point.sigma)
    for element in range(len(point.u)):
        of_covariance = np.vdot(weights.covariance_weight, point.direction(element))
        gradient = of_covariance + weights.mean_gradient @ point.mean_directions[:, element]
        assert scores[:, element].sum() == pytest.approx(-missing.n_obs / 2.0 * gradient, rel=1e-9, abs=1e-10)


def test_scores_are_derivatives_of_each_rows_log_likelihood(missing, point, scores):
    rows = [_alone(missing, row) for row in range(0, missing.n_obs, 7)]
    for element in range(len(point.u)):
        up, down = ([one(*point.moved(element, s)) for one in rows] for s in (1e-5, -1e-5))
        difference = (np.array(up) - np.array(down)) / 2e-5
        np.testing.assert_allclose(scores[::7, element], difference, atol=1e-7)


def _alone(missing, row):
    """Log-likelihood of one row, by its definition."""
    values = missing.observations[row]
    at = ~np.isnan(values)

    def log_likelihood(mu, sigma):
        away, block = values[at] - mu[at], sigma[np.ix_(at, at)]
        distance = away @ np.linalg.solve(block, away)
        return -0.5 * (at.sum() * np.log(2.0 * np.pi) + np.linalg.slogdet(block)[1] + distance)

    return log_likelihood


def test_scores_follow_the_rows(missing, point, scores):
    order = np.random.default_rng(8).permutation(missing.n_obs)
    frame = pd.DataFrame(missing.observations[order], columns=list(missing.variables))
    mixed = casewise_scores_missing(
        missing_patterns(frame, missing.variables),
        point.mu,
        point.sigma,
        **point.elements,
        mean_directions=point.mean_directions,
    )
    np.testing.assert_allclose(mixed, scores[order], rtol=1e-11, atol=1e-12)


def test_saturated_information_is_the_pattern_information_of_all_moments(missing, point):
    p = len(point.mu)
    row, column = np.tril_indices(p)
    scale = np.where(row == column, 0.5, 1.0)
    pieces = pattern_information(missing, point.mu, point.sigma, columns=np.eye(p), u=row, v=column, scale=scale)
    observed = saturated_observed_information(missing, point.mu, point.sigma)
    expected = saturated_expected_information(missing, point.mu, point.sigma)
    np.testing.assert_allclose(observed[p:, p:], pieces.observed / 2.0, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(observed[p:, :p], pieces.cross / 2.0, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(observed[:p, :p], pieces.mean, atol=1e-13)
    np.testing.assert_allclose(expected[p:, p:], pieces.expected / 2.0, rtol=1e-9, atol=1e-12)
    assert not expected[:p, p:].any()
    np.testing.assert_array_equal(observed, observed.T)


def test_saturated_scores_sum_to_the_gradient(missing, point):
    p = len(point.mu)
    weights = likelihood_weights(missing, point.mu, point.sigma)
    total = -2.0 / missing.n_obs * saturated_scores(missing, point.mu, point.sigma).sum(axis=0)
    row, column = np.tril_indices(p)
    np.testing.assert_allclose(total[:p], weights.mean_gradient, atol=1e-12)
    doubled = np.where(row == column, 1.0, 2.0) * weights.covariance_weight[row, column]
    np.testing.assert_allclose(total[p:], doubled, atol=1e-12)


def test_covariance_must_be_positive_definite(missing, point):
    with pytest.raises(np.linalg.LinAlgError):
        pattern_information(missing, point.mu, -point.sigma, **point.elements)
    with pytest.raises(np.linalg.LinAlgError):
        observed_log_likelihood(missing, point.mu, -point.sigma)
