"""The maximum likelihood discrepancy: derivatives against differences, special cases that must collapse."""

import numpy as np
import pytest

from surveysem.data.moments import SampleMoments
from surveysem.estimation import MaximumLikelihood, ml_discrepancy
from surveysem.estimation.start import start_values
from surveysem.implied import implied_moments, moment_structure
from surveysem.specification import parameter_table, parse_syntax

SYNTAX = "f =~ a + b + c; g =~ d + e + i; g ~ f; b ~~ e; f ~ 1; g ~ 1; a ~ 0*1; d ~ 0*1"


def sample(p, seed=1):
    rows = np.random.default_rng(seed).standard_normal((80, p)) @ np.random.default_rng(2).uniform(0, 1, (p, p)) + 1.0
    return SampleMoments(
        variables=tuple("abcdei"),
        covariance=np.cov(rows, rowvar=False, bias=True),
        means=rows.mean(axis=0),
        n_obs=80,
        observations=rows,
    )


@pytest.fixture(params=[SYNTAX, SYNTAX.split("; f ~ 1")[0]], ids=["means", "covariances"])
def case(request):
    table = parameter_table(parse_syntax(request.param))
    structure = moment_structure(table, table.n_free)
    theta = start_values(table, (sample(6),)) * np.random.default_rng(3).uniform(0.9, 1.1, table.n_free)
    return MaximumLikelihood(moments=sample(6)), structure, theta


def difference(function, theta, step=1e-6):
    unit = step * np.eye(len(theta))
    return np.array([(function(theta + e) - function(theta - e)) / (2 * step) for e in unit])


def test_gradient_is_the_derivative_of_the_value(case):
    discrepancy, structure, theta = case
    numeric = difference(lambda t: discrepancy.value(implied_moments(structure, t)), theta)
    np.testing.assert_allclose(discrepancy.gradient(implied_moments(structure, theta)), numeric, rtol=1e-5, atol=1e-6)


def test_hessian_is_the_derivative_of_the_gradient(case):
    discrepancy, structure, theta = case
    numeric = difference(lambda t: discrepancy.gradient(implied_moments(structure, t)), theta)
    hessian = discrepancy.hessian(implied_moments(structure, theta))
    np.testing.assert_allclose(hessian, numeric, atol=1e-6 * np.abs(numeric).max())


def test_hessian_equals_its_expectation_where_the_model_is_exact(case):
    _, structure, theta = case
    implied = implied_moments(structure, theta)
    exact = SampleMoments(
        variables=tuple("abcdei"),
        covariance=implied.covariance,
        means=implied.mean,
        n_obs=80,
        observations=np.zeros((80, 6)),
    )
    discrepancy = MaximumLikelihood(moments=exact)
    np.testing.assert_allclose(discrepancy.hessian(implied), discrepancy.expected_hessian(implied), atol=1e-9)
    np.testing.assert_allclose(discrepancy.gradient(implied), 0, atol=1e-10)
    assert discrepancy.value(implied) == pytest.approx(0, abs=1e-12)


def test_without_means_the_value_is_that_of_the_covariances(case):
    discrepancy, structure, theta = case
    if not structure.has_means:
        implied = implied_moments(structure, theta)
        plain = ml_discrepancy(implied.covariance, discrepancy.moments.covariance)
        assert discrepancy.value(implied) == pytest.approx(plain, rel=1e-12)
