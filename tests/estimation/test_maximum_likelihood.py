"""The maximum likelihood discrepancy: derivatives against differences, special cases that must collapse."""

from dataclasses import replace

import numpy as np
import pytest

from surveysem.data.moments import SampleMoments
from surveysem.estimation import MaximumLikelihood, ml_discrepancy
from surveysem.implied import implied_moments, moment_structure
from surveysem.specification import parameter_table, parse_syntax

TWO_FACTORS = "f =~ a + b + c; g =~ d + e + h; g ~ f; a ~~ d"
MODELS = {
    "two factors": TWO_FACTORS,
    "means": f"{TWO_FACTORS}; f ~ 1; g ~ 1; a ~ 0*1; d ~ 0*1",
    "second order": "f =~ a + b + c; g =~ d + e + h; k =~ i + j + l; top =~ f + g + k",
    "observed outcome": "f =~ a + b + c; f ~ x; y ~ f + x",
    "means of covariates": "f =~ a + b + c; f ~ x; y ~ f + x; f ~ 1; a ~ 0*1",
    "equal loadings": "f =~ a + s*b + s*c; g =~ d + s*e + h",
}


def _moments(covariance, means):
    """Moments without rows: the discrepancy needs none."""
    p = len(means)
    names = tuple(f"v{i}" for i in range(p))
    rows = np.zeros((10 * p, p))
    return SampleMoments(variables=names, covariance=covariance, means=means, n_obs=len(rows), observations=rows)


@pytest.fixture(params=MODELS)
def case(request):
    """A discrepancy, a structure and a point in its parameter space."""
    table = parameter_table(parse_syntax(MODELS[request.param]))
    assert table.has_means == request.param.startswith("means")
    rng = np.random.default_rng(5)
    p = len(table.observed)
    root = rng.standard_normal((3 * p, p))
    moments = _moments(root.T @ root / (3 * p), rng.standard_normal(p))
    structure = moment_structure(table, table.n_free, moments.covariance, moments.means)
    theta = rng.uniform(0.4, 0.8, structure.n_free)
    for row in table:
        if row.free and row.op == "~~":
            theta[row.free - 1] = 1.2 if row.lhs == row.rhs else 0.1
    return MaximumLikelihood(moments=moments), structure, theta


def _difference(function, theta, step=1e-6):
    unit = step * np.eye(len(theta))
    return np.array([(function(theta + e) - function(theta - e)) / (2 * step) for e in unit])


def test_discrepancy_is_zero_only_for_equal_matrices():
    rng = np.random.default_rng(0)
    root = rng.standard_normal((20, 4))
    sample = root.T @ root
    assert ml_discrepancy(sample, sample) == pytest.approx(0.0, abs=1e-12)
    assert ml_discrepancy(1.1 * sample, sample) == pytest.approx(4 * (np.log(1.1) + 1 / 1.1 - 1))


def test_indefinite_matrices_are_refused(case):
    with pytest.raises(np.linalg.LinAlgError):
        ml_discrepancy(np.diag([1.0, -1.0]), np.eye(2))
    discrepancy, structure, theta = case
    with pytest.raises(np.linalg.LinAlgError):
        discrepancy.value(implied_moments(structure, np.where(theta == 1.2, -1.2, theta)))


def test_value_is_that_of_the_covariances_and_the_distance_of_the_means(case):
    discrepancy, structure, theta = case
    implied = implied_moments(structure, theta)
    moments = discrepancy.moments
    difference = moments.means - implied.mean if structure.has_means else np.zeros(len(moments.means))
    by_hand = ml_discrepancy(implied.covariance, moments.covariance)
    by_hand += difference @ np.linalg.solve(implied.covariance, difference)
    assert discrepancy.value(implied) == pytest.approx(by_hand, rel=1e-12)


def test_gradient_is_the_derivative_of_the_value(case):
    discrepancy, structure, theta = case
    numeric = _difference(lambda t: discrepancy.value(implied_moments(structure, t)), theta)
    # 1e-7: rounding of a central difference with step 1e-6
    gradient = discrepancy.gradient(implied_moments(structure, theta))
    np.testing.assert_allclose(gradient, numeric, rtol=1e-7, atol=1e-7)


def test_hessian_is_the_derivative_of_the_gradient(case):
    discrepancy, structure, theta = case
    numeric = _difference(lambda t: discrepancy.gradient(implied_moments(structure, t)), theta)
    hessian = discrepancy.hessian(implied_moments(structure, theta))
    np.testing.assert_allclose(hessian, numeric, rtol=1e-6, atol=1e-6)


def test_hessian_equals_its_expectation_where_the_model_is_exact(case):
    """With S = Σ and m = μ the curvature of the model drops out."""
    discrepancy, structure, theta = case
    implied = implied_moments(structure, theta)
    exact = MaximumLikelihood(moments=replace(discrepancy.moments, covariance=implied.covariance, means=implied.mean))
    expected = exact.expected_hessian(implied)
    np.testing.assert_allclose(exact.hessian(implied), expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(exact.structured_hessian(implied), expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(exact.gradient(implied), 0, atol=1e-10)
    assert exact.value(implied) == pytest.approx(0, abs=1e-12)


def test_expected_hessian_is_the_mean_of_the_observed_over_samples(case):
    """The Hessian is linear in S and, about μ, in m: its mean over samples is its value at the mean sample."""
    discrepancy, structure, theta = case
    implied = implied_moments(structure, theta)
    rng = np.random.default_rng(8)
    draws = rng.multivariate_normal(np.zeros(len(implied.covariance)), implied.covariance, size=(40, 50))
    samples = [draw.T @ draw / len(draw) for draw in draws]
    # Recentred, so that their mean is Σ exactly; the means are those of the model.
    shift = implied.covariance - np.mean(samples, axis=0)
    hessians = [
        MaximumLikelihood(moments=replace(discrepancy.moments, covariance=sample + shift, means=implied.mean)).hessian(
            implied
        )
        for sample in samples
    ]
    np.testing.assert_allclose(np.mean(hessians, axis=0), discrepancy.expected_hessian(implied), rtol=1e-9, atol=1e-9)


def test_structured_hessian_leaves_out_the_curvature_of_the_model(case):
    """Hessian less structured Hessian is what second derivatives of Σ and μ contribute: 0 where both are linear."""
    discrepancy, structure, theta = case
    implied = implied_moments(structure, theta)
    difference = discrepancy.hessian(implied) - discrepancy.structured_hessian(implied)
    linear = np.ones(structure.n_free, dtype=bool)
    linear[structure.parameter[structure.matrix != 3]] = False  # elements of Θ
    assert linear.any()
    np.testing.assert_allclose(difference[np.ix_(linear, linear)], 0, atol=1e-12)
    assert np.abs(difference).max() > 1e-3
