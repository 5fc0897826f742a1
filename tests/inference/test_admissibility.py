"""Solutions that no population could have are named, one by one."""

import numpy as np
import pandas as pd
import pytest

from surveysem.modelling import sem


def _exact(covariance, names, n=200, seed=0):
    """Data whose covariance (divided by n) is the given matrix exactly."""
    raw = np.random.default_rng(seed).standard_normal((n, len(names)))
    raw -= raw.mean(axis=0)
    whitened = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw / n)).T
    return pd.DataFrame(whitened @ np.linalg.cholesky(np.array(covariance)).T, columns=names)


@pytest.fixture
def heywood():
    """λ₁² = r₁₂ r₁₃ / r₂₃ = 1.2: the first residual variance is −0.2."""
    return _exact([[1.0, 0.6, 0.6], [0.6, 1.0, 0.3], [0.6, 0.3, 1.0]], ["a", "b", "c"])


def test_heywood_case_is_named(heywood):
    fit = sem("f =~ a + b + c", heywood)
    residual = fit.estimates.set_index(["lhs", "op", "rhs"]).loc[("a", "~~", "a"), "estimate"]
    assert residual == pytest.approx(-0.2, abs=1e-5)
    assert not fit.admissible
    assert "The residual variance of a is estimated at -0.200, below zero." in fit.warnings
    assert "The covariance matrix of the indicators' residuals is not positive definite." in fit.warnings
    assert "serious: inadmissible solution: The residual variance of a" in fit.summary()


def test_heywood_case_has_a_standardised_loading_beyond_one(heywood):
    fit = sem("f =~ a + b + c", heywood)
    loading = fit.estimates.query("op == '=~' and rhs == 'a'")["std_all"].iloc[0]
    assert loading == pytest.approx(np.sqrt(1.2), abs=1e-5)


def test_latent_correlation_beyond_one_is_named():
    """Items of two constructs that correlate more across constructs than within."""
    names = ["a1", "a2", "a3", "b1", "b2", "b3"]
    covariance = np.full((6, 6), 0.4)
    covariance[:3, 3:] = covariance[3:, :3] = 0.5
    np.fill_diagonal(covariance, 1.0)
    fit = sem("f =~ a1 + a2 + a3; g =~ b1 + b2 + b3", _exact(covariance, names))
    assert not fit.admissible
    assert "The correlation of f and g is estimated at 1.250, beyond ±1." in fit.warnings
    assert "The covariance matrix of the latent variables is not positive definite." in fit.warnings


def test_negative_disturbance_variance_is_named():
    names = ["a1", "a2", "a3", "b1", "b2", "b3"]
    covariance = np.full((6, 6), 0.4)
    covariance[:3, 3:] = covariance[3:, :3] = 0.5
    np.fill_diagonal(covariance, 1.0)
    fit = sem("f =~ a1 + a2 + a3; g =~ b1 + b2 + b3; g ~ f", _exact(covariance, names))
    assert any(message.startswith("The variance of g is estimated at -0.") for message in fit.warnings)
    assert not fit.admissible


def test_a_single_indicator_without_error_is_admissible():
    covariance = [[1.0, 0.3, 0.3, 0.3], [0.3, 1.0, 0.5, 0.5], [0.3, 0.5, 1.0, 0.5], [0.3, 0.5, 0.5, 1.0]]
    fit = sem("f =~ a; g =~ b + c + d; g ~ f", _exact(covariance, list("abcd")))
    assert fit.admissible
    assert fit.findings == ()


def test_observed_variables_in_regressions_are_admissible():
    covariance = [[1.0, 0.3, 0.3], [0.3, 1.0, 0.5], [0.3, 0.5, 1.0]]
    assert sem("a ~ b; b ~ c", _exact(covariance, list("abc"))).admissible


def test_notes_do_not_make_a_solution_inadmissible():
    frame = _exact([[1.0, 0.5, 0.5], [0.5, 1.0, 0.5], [0.5, 0.5, 1.0]], list("abc"))
    frame.loc[3, "a"] = np.nan
    fit = sem("f =~ a + b + c", frame)
    assert fit.admissible
    assert fit.warnings == ("1 of 200 rows have a missing value in a variable of the model and were left out.",)
