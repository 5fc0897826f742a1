"""Analytic derivatives against finite differences and against the dense oracle."""

import numpy as np
import pytest

from surveysem.implied import (
    covariance_jacobian,
    covariance_structure,
    implied_moments,
    trace_gradient,
    trace_hessian,
    trace_products,
    variance_jacobian,
)
from surveysem.specification import parameter_table, parse_syntax

MODELS = {
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
    rng = np.random.default_rng(1)
    sample = np.cov(rng.standard_normal((60, len(table.observed))), rowvar=False)
    structure = covariance_structure(table, sample)
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
