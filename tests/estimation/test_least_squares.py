"""Least-squares discrepancies: derivatives, weights and what follows from the scales of latent responses."""

import numpy as np
import pytest

from surveysem.data.fourth_moments import covariance_statistics
from surveysem.estimation import GeneralizedLeastSquares, LeastSquares
from surveysem.implied import (
    among_explained,
    explained_variables,
    has_exact_hessian,
    implied_moments,
    implied_statistics,
    moment_structure,
    residual_variances,
    response_covariance,
    response_scales,
    statistics_jacobian,
    variance_jacobian,
)
from surveysem.specification import parameter_table, parse_syntax

N_OBS = 150
ORDINAL = {
    "indicators": ("f =~ u1 + u2 + u3; g =~ u4 + u5 + u6; g ~ f; u1 ~~ u4", {f"u{i}": 4 for i in range(1, 7)}),
    "mixed": ("f =~ u1 + y1 + u2; g =~ y2 + u3 + y3; g ~ f; y1 ~~ u2", {"u1": 2, "u2": 5, "u3": 3}),
    "free scales and means": (
        "f =~ u1 + u2 + u3 + y1; f ~ 1; u1 ~*~ NA*u1; u2 ~*~ NA*u2; u1 | 0.3*t1 + a*t2; u3 | a*t1; u2 | 0*t1; y1 ~ 0*1",
        {"u1": 3, "u2": 2, "u3": 4},
    ),
    "ordered outcomes": ("f =~ u1 + u2 + u3; u4 ~ f; u5 ~ f", {f"u{i}": 3 for i in range(1, 6)}),
    "ordered mediators": (
        "f =~ u1 + u2 + u3; u4 ~ f; u5 ~ u4 + f; y ~ u5; u4 ~*~ NA*u4; u4 | 0.2*t1 + 0.6*t2",
        {f"u{i}": 3 for i in range(1, 6)},
    ),
    "covariates": (
        "f =~ u1 + u2 + y1; g =~ u3 + y2 + u4; g ~ f + x1; f ~ a*x1 + b*x2; u1 ~*~ NA*u1; u1 | 0.1*t1; g ~ 1; y1 ~ a*1",
        {"u1": 3, "u2": 2, "u3": 3, "u4": 4},
    ),
    "direct effects": ("f =~ u1 + u2 + y1; f ~ x2 + x1; u2 ~ x1; y1 ~ x2; u3 ~ f + x2", {"u1": 3, "u2": 2, "u3": 3}),
    "mediators beside covariates": (
        "f =~ u1 + u2 + u3; u4 ~ f + x1; u5 ~ u4 + x2; y ~ u5 + x1; u5 ~*~ NA*u5; u5 | 0.2*t1 + 0.6*t2",
        {f"u{i}": 3 for i in range(1, 6)},
    ),
    "regressions": ("u1 ~ x1 + x2; u2 ~ x2 + y; y ~ x1; u2 ~*~ NA*u2; u2 | 0*t1", {"u1": 3, "u2": 2}),
}


def _structure(name):
    syntax, categories = ORDINAL[name]
    table = parameter_table(parse_syntax(syntax), categories=categories)
    root = np.random.default_rng(7).normal(size=(len(table.observed), 2 * len(table.observed)))
    return table, moment_structure(table, table.n_free, root @ root.T / root.shape[1], root[:, 0])


def _theta(table, rng):
    """A point near independence, so that no residual variance is negative."""
    theta = rng.uniform(0.2, 0.5, table.n_free)
    for row in table:
        if row.free and row.op == "~*~":
            theta[row.free - 1] = rng.uniform(0.8, 1.1)
        elif row.free and row.op == "|":
            theta[row.free - 1] = int(row.rhs[1:]) - 1.5 + rng.uniform(0, 0.2)
    return theta


def _least_squares(structure, theta, rng, *, full=False):
    """A discrepancy whose sample statistics differ from the implied ones."""
    statistics = implied_statistics(implied_moments(structure, theta)) + rng.normal(0, 0.1, _length(structure, theta))
    root = rng.normal(size=(len(statistics), 2 * len(statistics)))
    gamma = root @ root.T / len(statistics)
    weight = np.linalg.inv(gamma) if full else 1.0 / np.diag(gamma)
    return LeastSquares(statistics=statistics, weight=weight, gamma=gamma, n_obs=N_OBS)


def _length(structure, theta):
    return len(implied_statistics(implied_moments(structure, theta)))


def _differences(function, theta, step=1e-6):
    """Central differences with respect to each parameter, last axis first."""
    shifts = np.eye(len(theta)) * step
    return np.array([(function(theta + shift) - function(theta - shift)) / (2 * step) for shift in shifts])


@pytest.mark.parametrize("name", ORDINAL)
def test_the_jacobian_is_that_of_the_implied_statistics(name):
    table, structure = _structure(name)
    theta = _theta(table, np.random.default_rng(1))
    expected = _differences(lambda t: implied_statistics(implied_moments(structure, t)), theta).T
    np.testing.assert_allclose(statistics_jacobian(implied_moments(structure, theta)), expected, atol=2e-8)


@pytest.mark.parametrize("name", ORDINAL)
def test_as_many_statistics_as_the_table_counts(name):
    table, structure = _structure(name)
    assert _length(structure, _theta(table, np.random.default_rng(1))) == table.n_moments


@pytest.mark.parametrize("name", ORDINAL)
def test_latent_responses_have_the_variance_their_scales_say(name):
    table, structure = _structure(name)
    moments = implied_moments(structure, _theta(table, np.random.default_rng(2)))
    ordered = [name in table.ordered for name in explained_variables(structure)]
    given = among_explained(structure, response_covariance(moments))
    np.testing.assert_allclose(np.diag(given)[ordered], 1.0, rtol=1e-12)


@pytest.mark.parametrize("name", ["covariates", "direct effects", "mediators beside covariates", "regressions"])
def test_statistics_given_covariates_are_those_of_the_joint_moments(name):
    """Slopes, residual covariances and intercepts follow from joint means and covariances by linear regression."""
    table, structure = _structure(name)
    moments = implied_moments(structure, _theta(table, np.random.default_rng(5)))
    k = len(table.exogenous_observed)
    p, scales = len(table.observed) - k, response_scales(moments)
    covariance, mean = response_covariance(moments), scales * moments.mean
    slopes = np.linalg.solve(covariance[p:, p:], covariance[p:, :p])
    residual = covariance[:p, :p] - covariance[:p, p:] @ slopes
    intercepts = mean[:p] - mean[p:] @ slopes
    statistics = implied_statistics(moments)
    pairs = residual[np.triu_indices(p, 1)]
    continuous = [index for index in range(p) if table.observed[index] not in table.ordered]
    expected = np.concatenate([slopes.ravel(), residual[continuous, continuous], pairs])
    np.testing.assert_allclose(statistics[-len(expected) :], expected, atol=1e-12)
    thresholds = {name: [row for row in table if row.op == "|" and row.lhs == name] for name in table.ordered}
    theta, first = moments.theta, []
    for index, name in enumerate(table.observed[:p]):
        values = [row.value if row.value is not None else theta[row.free - 1] for row in thresholds.get(name, [])]
        first += [scales[index] * value - intercepts[index] for value in values] or [-intercepts[index]]
    np.testing.assert_allclose(statistics[: len(first)], first, atol=1e-12)


@pytest.mark.parametrize("name", ORDINAL)
def test_derivatives_of_variances_and_of_residual_variances(name):
    table, structure = _structure(name)
    theta = _theta(table, np.random.default_rng(3))
    moments = implied_moments(structure, theta)
    observed, latent = variance_jacobian(moments)
    np.testing.assert_allclose(
        observed, _differences(lambda t: np.diag(implied_moments(structure, t).covariance), theta), atol=2e-8
    )
    np.testing.assert_allclose(
        latent, _differences(lambda t: np.diag(implied_moments(structure, t).latent_covariance), theta), atol=2e-8
    )
    np.testing.assert_allclose(
        residual_variances(moments)[1],
        _differences(lambda t: residual_variances(implied_moments(structure, t))[0], theta),
        atol=2e-8,
    )


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("name", ORDINAL)
def test_gradient_and_hessian(name, full):
    rng = np.random.default_rng(4)
    table, structure = _structure(name)
    theta = _theta(table, rng)
    discrepancy = _least_squares(structure, theta, rng, full=full)
    moments = implied_moments(structure, theta)
    gradient = _differences(lambda t: discrepancy.value(implied_moments(structure, t)), theta)
    np.testing.assert_allclose(discrepancy.gradient(moments), gradient, rtol=1e-6, atol=1e-6)
    hessian = _differences(lambda t: discrepancy.gradient(implied_moments(structure, t)), theta)
    if has_exact_hessian(structure):
        np.testing.assert_allclose(discrepancy.hessian(moments), hessian, rtol=1e-5, atol=1e-5)
    else:  # the curvature of residual variances is left out: Gauss and Newton's Hessian
        np.testing.assert_array_equal(discrepancy.hessian(moments), discrepancy.expected_hessian(moments))
        assert not np.allclose(discrepancy.hessian(moments), hessian, rtol=1e-3)


@pytest.mark.parametrize("means", [False, True])
def test_gradient_and_hessian_of_continuous_variables(means):
    rng = np.random.default_rng(5)
    table = parameter_table(parse_syntax("f =~ a + b + c; g =~ d + e + i; g ~ f; b ~~ e"), means=means)
    structure = moment_structure(table, table.n_free)
    theta = rng.uniform(0.3, 0.9, table.n_free)
    moments = implied_moments(structure, theta)
    observations = rng.normal(size=(N_OBS, 6)) @ rng.normal(size=(6, 6)) + 1.0
    statistics, gamma = covariance_statistics(observations, has_means=means)
    covariance = np.cov(observations, rowvar=False)
    discrepancies = [
        LeastSquares(statistics=statistics, weight=np.linalg.inv(gamma), gamma=gamma, n_obs=N_OBS),
        GeneralizedLeastSquares(
            means=observations.mean(axis=0),
            covariance=covariance,
            inverse=np.linalg.inv(covariance),
            n_obs=N_OBS,
        ),
    ]
    for each in discrepancies:
        gradient = _differences(lambda t, each=each: each.value(implied_moments(structure, t)), theta)
        hessian = _differences(lambda t, each=each: each.gradient(implied_moments(structure, t)), theta)
        np.testing.assert_allclose(each.gradient(moments), gradient, rtol=1e-5, atol=1e-6 * np.abs(gradient).max())
        np.testing.assert_allclose(each.hessian(moments), hessian, rtol=1e-5, atol=1e-6 * np.abs(hessian).max())


def test_generalized_least_squares_is_least_squares_with_normal_theory_weights():
    rng = np.random.default_rng(6)
    observations = rng.normal(size=(N_OBS, 4)) @ rng.normal(size=(4, 4))
    table = parameter_table(parse_syntax("f =~ a + b + c + d"), means=True)
    structure = moment_structure(table, table.n_free)
    moments = implied_moments(structure, rng.uniform(0.3, 0.9, table.n_free))
    covariance = np.cov(observations, rowvar=False)
    statistics, gamma = covariance_statistics(observations, has_means=True)
    first, second = np.array([(i, i) for i in range(4)] + [(i, j) for i in range(4) for j in range(i + 1, 4)]).T
    normal = np.zeros_like(gamma)
    normal[:4, :4] = covariance
    normal[4:, 4:] = (
        covariance[np.ix_(first, first)] * covariance[np.ix_(second, second)]
        + covariance[np.ix_(first, second)] * covariance[np.ix_(second, first)]
    )
    by_weights = LeastSquares(statistics=statistics, weight=np.linalg.inv(normal), gamma=gamma, n_obs=N_OBS)
    by_traces = GeneralizedLeastSquares(
        means=observations.mean(axis=0), covariance=covariance, inverse=np.linalg.inv(covariance), n_obs=N_OBS
    )
    assert by_traces.value(moments) == pytest.approx(by_weights.value(moments), rel=1e-10)
    np.testing.assert_allclose(by_traces.gradient(moments), by_weights.gradient(moments), rtol=1e-8)
    np.testing.assert_allclose(by_traces.hessian(moments), by_weights.hessian(moments), rtol=1e-8, atol=1e-8)


def test_fourth_moments_are_those_of_the_sample():
    observations = np.random.default_rng(7).normal(size=(40, 3)) ** 3
    statistics, gamma = covariance_statistics(observations, has_means=False)
    covariance = np.cov(observations, rowvar=False)
    np.testing.assert_allclose(statistics, [*np.diag(covariance), covariance[0, 1], covariance[0, 2], covariance[1, 2]])
    centred = observations - observations.mean(axis=0)
    biased = covariance * 39 / 40
    fourth = np.mean(centred[:, 0] * centred[:, 1] * centred[:, 0] * centred[:, 2])
    assert gamma[3, 4] == pytest.approx(fourth - biased[0, 1] * biased[0, 2], rel=1e-12)
