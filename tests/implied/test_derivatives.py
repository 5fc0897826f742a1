"""Analytic derivatives against finite differences and against the dense oracle."""

import numpy as np
import pytest

from surveysem.implied import (
    Matrix,
    covariance_jacobian,
    cross_products,
    implied_moments,
    mean_gradient,
    mean_hessian,
    mean_jacobian,
    mean_products,
    moment_structure,
    trace_gradient,
    trace_hessian,
    trace_products,
    variance_jacobian,
)
from surveysem.specification import parameter_table, parse_syntax

MODELS = {
    "means": """
        f =~ a + b + c
        g =~ d + e + i
        g ~ f + x
        f ~ 1
        g ~ 1
        a ~ 0*1
        d ~ 0*1
        b ~~ e
    """,
    "democracy": """
        ind60 =~ x1 + x2 + x3
        dem60 =~ y1 + a*y2 + b*y3 + y4
        dem65 =~ y5 + a*y6 + b*y7 + y8
        dem60 ~ ind60
        dem65 ~ ind60 + dem60
        y1 ~~ y5
        y2 ~~ y4 + y6
    """,
    "second order": "f =~ a + b + c; g =~ d + e + i; h =~ k + l + o; top =~ f + g + h",
    "observed outcome and covariate": "f =~ a + b + c; f ~ x + w; y ~ f + x; a ~~ y",
    "non-recursive": "f =~ a + b + c; g =~ d + e + i; f ~ x + g; g ~ w + f",
}


@pytest.fixture(params=MODELS, ids=str)
def moments(request):
    table = parameter_table(parse_syntax(MODELS[request.param]))
    assert table.has_means == (request.param == "means")
    rng = np.random.default_rng(1)
    sample = np.cov(rng.standard_normal((60, len(table.observed))), rowvar=False)
    structure = moment_structure(table, table.n_free, sample, rng.standard_normal(len(sample)))
    return implied_moments(structure, rng.uniform(0.3, 0.9, structure.n_free))


def _symmetric(rng, p):
    matrix = rng.standard_normal((p, p))
    return matrix + matrix.T


def _difference(function, theta, step=1e-6):
    """Central difference, the parameter along the first axis."""
    unit = step * np.eye(len(theta))
    return np.array([(function(theta + e) - function(theta - e)) / (2 * step) for e in unit])


def test_jacobian_is_the_derivative_of_the_implied_covariance(moments):
    numeric = _difference(lambda t: implied_moments(moments.structure, t).covariance, moments.theta)
    # 1e-6: truncation and rounding of a central difference with step 1e-6 on entries of order 10
    np.testing.assert_allclose(covariance_jacobian(moments), numeric, atol=1e-6)


def test_trace_gradient_equals_the_dense_form(moments):
    weight = _symmetric(np.random.default_rng(2), len(moments.covariance))
    dense = np.einsum("ij,qij->q", weight, covariance_jacobian(moments))
    np.testing.assert_allclose(trace_gradient(moments, weight), dense, rtol=1e-10, atol=1e-10)


def test_trace_products_equal_the_dense_form(moments):
    rng = np.random.default_rng(3)
    p = len(moments.covariance)
    first, second = _symmetric(rng, p), _symmetric(rng, p)
    jacobian = covariance_jacobian(moments)
    dense = np.einsum("ij,ajk,kl,bli->ab", first, jacobian, second, jacobian, optimize=True)
    np.testing.assert_allclose(trace_products(moments, first, second), dense, rtol=1e-9, atol=1e-8)


def test_trace_hessian_is_the_derivative_of_the_trace_gradient(moments):
    weight = _symmetric(np.random.default_rng(4), len(moments.covariance))
    numeric = _difference(lambda t: trace_gradient(implied_moments(moments.structure, t), weight), moments.theta)
    scale = np.abs(numeric).max()
    np.testing.assert_allclose(trace_hessian(moments, weight), numeric, atol=1e-7 * scale)


def test_variance_jacobian_matches_differences(moments):
    observed, latent = variance_jacobian(moments)
    structure = moments.structure
    numeric = _difference(lambda t: np.diag(implied_moments(structure, t).covariance), moments.theta)
    np.testing.assert_allclose(observed, numeric, atol=1e-6)
    numeric = _difference(lambda t: np.diag(implied_moments(structure, t).latent_covariance), moments.theta)
    np.testing.assert_allclose(latent, numeric, atol=1e-6)


def test_mean_jacobian_and_hessian_match_differences(moments):
    structure, direction = moments.structure, np.random.default_rng(5).standard_normal(len(moments.mean))
    numeric = _difference(lambda t: implied_moments(structure, t).mean, moments.theta)
    np.testing.assert_allclose(mean_jacobian(moments), numeric, atol=1e-6)
    np.testing.assert_allclose(mean_gradient(moments, direction), mean_jacobian(moments) @ direction, atol=1e-12)
    numeric = _difference(lambda t: mean_gradient(implied_moments(structure, t), direction), moments.theta)
    np.testing.assert_allclose(mean_hessian(moments, direction), numeric, atol=1e-6)


def test_mean_products_equal_the_dense_forms(moments):
    rng = np.random.default_rng(6)
    weight, vector = _symmetric(rng, len(moments.mean)), rng.standard_normal(len(moments.mean))
    means, covariances = mean_jacobian(moments), covariance_jacobian(moments)
    np.testing.assert_allclose(mean_products(moments, weight), means @ weight @ means.T, atol=1e-10)
    dense = np.einsum("i,aij,jk,bk->ab", vector, covariances, weight, means)
    np.testing.assert_allclose(cross_products(moments, vector, weight), dense, atol=1e-9)


def test_total_effects_are_exactly_zero_where_no_path_leads(moments):
    """Powers of B have the same zeros as their sum, and none of its rounding."""
    paths = moments.structure.matrices(moments.theta)[Matrix.PATHS]
    powers = sum(np.linalg.matrix_power(np.abs(paths), k) for k in range(len(paths)))
    np.testing.assert_array_equal(moments.total_effects != 0, powers != 0)
