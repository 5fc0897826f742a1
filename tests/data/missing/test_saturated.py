import numpy as np
import pandas as pd
import pytest

from surveysem.data import sample_moments
from surveysem.data.missing import (
    likelihood_weights,
    missing_patterns,
    observed_log_likelihood,
    saturated_moments,
    saturated_trace_missing,
)
from surveysem.data.missing import saturated as saturated_module
from surveysem.data.missing.saturated import em_step, iterate
from surveysem.errors import DataError


@pytest.fixture(scope="module")
def saturated(missing):
    return saturated_moments(missing)


def test_gradient_is_rounding_error(missing, saturated):
    weights = likelihood_weights(missing, saturated.means, saturated.covariance)
    spread = np.sqrt(np.diag(saturated.covariance))
    assert np.abs(weights.mean_gradient * spread).max() < 1e-9
    assert np.abs(weights.covariance_weight * np.outer(spread, spread)).max() < 1e-9
    assert saturated.gradient < 2e-10


def test_no_nearby_moments_are_more_likely(missing, saturated):
    rng = np.random.default_rng(6)
    p = len(saturated.means)
    best = observed_log_likelihood(missing, saturated.means, saturated.covariance)
    assert saturated.log_likelihood == best
    for _ in range(20):
        tilt = np.eye(p) + 0.02 * rng.normal(size=(p, p))
        mu = saturated.means + 0.05 * rng.normal(size=p)
        assert observed_log_likelihood(missing, mu, tilt @ saturated.covariance @ tilt.T) < best


def test_plain_em_never_lowers_the_likelihood(missing):
    p = len(missing.variables)
    now = iterate(missing.layout, np.zeros(p), np.eye(p))
    likelihoods = [now.weights.log_likelihood]
    for _ in range(60):
        now = em_step(missing.layout, now)
        likelihoods.append(now.weights.log_likelihood)
    assert np.diff(likelihoods).min() > -1e-9
    assert likelihoods[1] > likelihoods[0] + 1.0


def test_em_step_is_the_mean_of_completed_rows(missing, point):
    now = iterate(missing.layout, point.mu, point.sigma)
    first, second = np.zeros_like(point.mu), np.zeros_like(point.sigma)
    for row in missing.observations:
        o, m = np.flatnonzero(~np.isnan(row)), np.flatnonzero(np.isnan(row))
        slopes = point.sigma[np.ix_(m, o)] @ np.linalg.inv(point.sigma[np.ix_(o, o)])
        completed = np.where(np.isnan(row), 0.0, row)
        completed[m] = point.mu[m] + slopes @ (row[o] - point.mu[o])
        first += completed / missing.n_obs
        second += np.outer(completed, completed) / missing.n_obs
        second[np.ix_(m, m)] += (point.sigma[np.ix_(m, m)] - slopes @ point.sigma[np.ix_(o, m)]) / missing.n_obs
    step = em_step(missing.layout, now)
    np.testing.assert_allclose(step.mu, first, rtol=1e-10)
    np.testing.assert_allclose(step.sigma, second - np.outer(first, first), rtol=1e-9, atol=1e-11)


def test_complete_rows_give_sample_moments():
    frame = pd.DataFrame(np.random.default_rng(7).normal(3.0, 2.0, size=(50, 4)), columns=list("abcd"))
    saturated = saturated_moments(missing_patterns(frame, list("abcd")))
    moments = sample_moments(frame, list("abcd"))
    np.testing.assert_allclose(saturated.means, moments.means, rtol=1e-12)
    np.testing.assert_allclose(saturated.covariance, moments.covariance, rtol=1e-12)


def test_trace_of_complete_rows_is_that_of_fourth_moments():
    frame = pd.DataFrame(np.random.default_rng(8).exponential(size=(60, 3)), columns=list("abc"))
    missing = missing_patterns(frame, list("abc"))
    moments = sample_moments(frame, list("abc"))
    centred = moments.observations - moments.means
    row, column = np.tril_indices(3)
    inverse = np.linalg.inv(moments.covariance)
    third_and_fourth = np.hstack([centred, centred[:, row] * centred[:, column] - moments.covariance[row, column]])
    gamma = third_and_fourth.T @ third_and_fourth / 60
    duplication = np.zeros((9, 6))
    for place, (i, j) in enumerate(zip(row, column, strict=True)):
        duplication[3 * i + j, place] = duplication[3 * j + i, place] = 1.0
    weight = np.zeros((9, 9))
    weight[:3, :3] = inverse
    weight[3:, 3:] = 0.5 * duplication.T @ np.kron(inverse, inverse) @ duplication
    expected = np.trace(gamma @ weight)  # A = weight and B = weight Γ weight at the sample moments
    assert saturated_trace_missing(missing, saturated_moments(missing)) == pytest.approx(expected, rel=1e-10)


def test_monotone_missingness_gives_regression_estimates():
    rng = np.random.default_rng(10)
    frame = pd.DataFrame({"a": rng.normal(size=60)})
    frame["b"] = 0.7 * frame["a"] + rng.normal(size=60)
    frame.loc[40:, "b"] = np.nan
    saturated = saturated_moments(missing_patterns(frame, ["a", "b"]))
    slope, intercept = np.polyfit(frame["a"][:40], frame["b"][:40], 1)
    residual = np.var(frame["b"][:40] - intercept - slope * frame["a"][:40])
    mean, variance = frame["a"].mean(), frame["a"].var(ddof=0)
    np.testing.assert_allclose(saturated.means, [mean, intercept + slope * mean], rtol=1e-9)
    expected = [[variance, slope * variance], [slope * variance, slope**2 * variance + residual]]
    np.testing.assert_allclose(saturated.covariance, expected, rtol=1e-9)


def test_units_do_not_matter(scattered):
    names = list(scattered.columns)
    units = 10.0 ** np.array([-6, -3, 0, 2, 4, 6])
    shift = np.array([5.0, 0.0, -30.0, 0.0, 1.0, 2.0]) * units
    plain = missing_patterns(scattered, names)
    changed = missing_patterns(scattered * units + shift, names)
    first, second = saturated_moments(plain), saturated_moments(changed)
    np.testing.assert_allclose(second.means, first.means * units + shift, rtol=1e-8)
    np.testing.assert_allclose(second.covariance, first.covariance * np.outer(units, units), rtol=1e-7)
    lost = np.log(units) @ (~np.isnan(plain.observations)).sum(axis=0)
    assert second.log_likelihood == pytest.approx(first.log_likelihood - lost, rel=1e-11)
    trace = saturated_trace_missing(plain, first)
    assert saturated_trace_missing(changed, second) == pytest.approx(trace, rel=1e-7)


def test_much_missing_still_converges():
    rng = np.random.default_rng(12)
    factor = rng.normal(size=(400, 1))
    values = factor + rng.normal(size=(400, 8))
    values[rng.random(values.shape) < 0.6] = np.nan
    missing = missing_patterns(pd.DataFrame(values, columns=list("abcdefgh")), list("abcdefgh"))
    assert saturated_moments(missing).gradient < 2e-10


@pytest.mark.parametrize("share", [0.0, 0.2])
def test_dependent_variables_are_named(share):
    rng = np.random.default_rng(13)
    frame = pd.DataFrame(rng.normal(size=(90, 4)), columns=list("abcd"))
    frame = frame.assign(total=frame["a"] + frame["b"])
    frame = frame.mask(pd.DataFrame(rng.random(frame.shape) < share, columns=frame.columns))
    missing = missing_patterns(frame, list(frame.columns))
    with pytest.raises(DataError, match="variables a, b, total: their estimated covariance is singular"):
        saturated_moments(missing)


def test_too_few_rows_together_are_refused():
    values = np.random.default_rng(1).normal(size=(30, 2))
    values[:14, 0] = np.nan
    values[16:, 1] = np.nan  # rows 14 and 15 have both: two points lie on a line, and its likelihood has no bound
    with pytest.raises(DataError, match=r"variables a, b: .* too few rows have them together"):
        saturated_moments(missing_patterns(pd.DataFrame(values, columns=["a", "b"]), ["a", "b"]))


@pytest.mark.parametrize("noise", [1e-2, 1e-3])
def test_near_repetitions_are_allowed(noise):
    rng = np.random.default_rng(16)
    values = rng.normal(size=(200, 4))
    values[:, 3] = values[:, 0] + noise * values[:, 3]
    values[rng.random(values.shape) < 0.1] = np.nan
    missing = missing_patterns(pd.DataFrame(values, columns=list("abcd")), list("abcd"))
    # Rounding of the inverse of Σ: ten times 2e-16 over the unexplained share of the variance, noise² / 2.
    assert saturated_moments(missing).gradient < 1e-10 + 2e-14 / noise**2


def test_steps_that_run_out_are_refused(scattered, monkeypatch):
    monkeypatch.setattr(saturated_module, "_MAX_STEPS", 3)
    missing = missing_patterns(scattered, list(scattered.columns))
    with pytest.raises(DataError, match="after 3 steps of the EM algorithm the gradient is still"):
        saturated_moments(missing)


def test_arrays_are_read_only(saturated):
    for array in (saturated.means, saturated.covariance):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0
