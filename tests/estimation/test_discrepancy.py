"""The discrepancy and its derivatives, against finite differences and where they must coincide."""

import numpy as np
import pytest

from surveysem.estimation import ml_discrepancy, ml_expected_hessian, ml_gradient, ml_hessian
from surveysem.implied import covariance_structure, implied_moments
from surveysem.specification import parameter_table, parse_syntax

MODELS = {
    "two factors": "f =~ a + b + c; g =~ d + e + h; g ~ f; a ~~ d",
    "second order": "f =~ a + b + c; g =~ d + e + h; k =~ i + j + l; top =~ f + g + k",
    "observed outcome": "f =~ a + b + c; f ~ x; y ~ f + x",
    "equal loadings": "f =~ a + s*b + s*c; g =~ d + s*e + h",
}


@pytest.fixture(params=MODELS)
def setting(request):
    """A structure, a point in its parameter space and a sample covariance."""
    table = parameter_table(parse_syntax(MODELS[request.param]))
    rng = np.random.default_rng(5)
    p = len(table.observed)
    root = rng.standard_normal((3 * p, p))
    sample = root.T @ root / (3 * p)
    structure = covariance_structure(table, sample)
    theta = rng.uniform(0.4, 0.8, structure.n_free)
    for row in table:
        if row.free and row.op == "~~":
            theta[row.free - 1] = 1.2 if row.lhs == row.rhs else 0.1
    return structure, theta, sample


def _difference(function, theta, step=1e-6):
    unit = step * np.eye(len(theta))
    return np.array([(function(theta + e) - function(theta - e)) / (2 * step) for e in unit])


def test_discrepancy_is_zero_only_for_equal_matrices():
    rng = np.random.default_rng(0)
    root = rng.standard_normal((20, 4))
    sample = root.T @ root
    assert ml_discrepancy(sample, sample) == pytest.approx(0.0, abs=1e-12)
    assert ml_discrepancy(1.1 * sample, sample) == pytest.approx(4 * (np.log(1.1) + 1 / 1.1 - 1))


def test_indefinite_matrices_are_refused():
    with pytest.raises(np.linalg.LinAlgError):
        ml_discrepancy(np.diag([1.0, -1.0]), np.eye(2))


def test_gradient_is_the_derivative_of_the_discrepancy(setting):
    structure, theta, sample = setting
    numeric = _difference(lambda t: ml_discrepancy(implied_moments(structure, t).covariance, sample), theta)
    # 1e-7: rounding of a central difference with step 1e-6
    np.testing.assert_allclose(ml_gradient(implied_moments(structure, theta), sample), numeric, rtol=1e-7, atol=1e-7)


def test_hessian_is_the_derivative_of_the_gradient(setting):
    structure, theta, sample = setting
    numeric = _difference(lambda t: ml_gradient(implied_moments(structure, t), sample), theta)
    np.testing.assert_allclose(ml_hessian(implied_moments(structure, theta), sample), numeric, rtol=1e-6, atol=1e-6)


def test_observed_and_expected_hessian_coincide_on_the_implied_matrix(setting):
    """With S = Σ the curvature of Σ drops out: the observed Hessian is its expectation."""
    structure, theta, _ = setting
    moments = implied_moments(structure, theta)
    np.testing.assert_allclose(
        ml_hessian(moments, moments.covariance), ml_expected_hessian(moments), rtol=1e-9, atol=1e-9
    )


def test_expected_hessian_is_the_mean_of_the_observed_over_samples(setting):
    """The Hessian is linear in S, so its mean over samples is its value at the mean of the samples."""
    structure, theta, _ = setting
    moments = implied_moments(structure, theta)
    rng = np.random.default_rng(8)
    draws = rng.multivariate_normal(np.zeros(len(moments.covariance)), moments.covariance, size=(40, 50))
    samples = [draw.T @ draw / len(draw) for draw in draws]
    # Recentred, so that their mean is Σ exactly.
    shift = moments.covariance - np.mean(samples, axis=0)
    mean = np.mean([ml_hessian(moments, sample + shift) for sample in samples], axis=0)
    np.testing.assert_allclose(mean, ml_expected_hessian(moments), rtol=1e-9, atol=1e-9)
