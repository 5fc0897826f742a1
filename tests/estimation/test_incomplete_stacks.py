"""Fast refits to incomplete rows against the ordinary engine, sample by sample, and their discrepancy against it."""

import numpy as np
import pandas as pd
import pytest

from surveysem.data import read_political_democracy
from surveysem.estimation.incomplete_stacks import incomplete_rows, incomplete_stack, stacked_full_information
from surveysem.estimation.refit import plan_refits
from surveysem.implied import implied_moments, moment_structure
from surveysem.inference.resampling import RowSampler
from surveysem.modelling import sem

MODELS = {
    "simple": ("f =~ y1 + y2 + y3 + y4; g =~ y5 + y6 + y7 + y8; g ~ f", {}),
    "correlated residuals": ("f =~ y1 + y2 + y3 + y4; g =~ y5 + y6 + y7 + y8; g ~ f; y1 ~~ y5; y2 ~~ y4 + y6", {}),
    "observed covariates": ("f =~ y1 + y2 + y3 + y4; f ~ x1 + x2; y5 ~ f + x1", {}),
    "constraint": ("f =~ y1 + a*y2 + b*y4; g =~ y5 + c*y6 + d*y8; a + b == c + d; c == 0.8*d", {}),
    "groups": (
        "f =~ y1 + y2 + y4; g =~ y5 + y6 + y8; g ~ f",
        {"group": "half", "group_equal": ["loadings", "intercepts"]},
    ),
}
N_SAMPLES = 6


@pytest.fixture(scope="module")
def data():
    """Bollen's data four times with other noise and holes: some patterns with many rows, many with one."""
    once = read_political_democracy().select_dtypes("number")
    rng = np.random.default_rng(1)
    frame = pd.concat([once] * 4, ignore_index=True)
    frame = frame + 0.4 * rng.standard_normal(frame.shape) * once.std().to_numpy()
    holes = rng.random(frame.shape) < np.where(np.arange(len(frame)) < 150, 0.0, 0.15)[:, None]
    holes[:, frame.columns.str.startswith("x")] = False
    return frame.mask(holes).assign(half=np.where(np.arange(len(frame)) % 2, "odd", "even"))


@pytest.fixture(scope="module", params=MODELS)
def fit(request, data):
    text, options = MODELS[request.param]
    return sem(text, data, missing="fiml", **options)


def resamples(fit, n_samples=N_SAMPLES, seed=7):
    rng = np.random.default_rng(seed)
    return [
        incomplete_stack(
            incomplete_rows(group.discrepancy.missing),
            RowSampler(n_obs=group.moments.n_obs).frequencies(n_samples, rng),
        )
        for group in fit.solution.groups
    ]


def test_patterns_are_compressed_where_they_have_many_rows(fit):
    for stack in resamples(fit):
        assert 0 < len(stack.shared.crowded) < len(stack.shared.observed)
        assert len(stack.shared.row_pattern) < len(stack.shared.observations)


def test_refits_agree_with_the_native_engine(fit):
    samples, plan = resamples(fit), plan_refits(fit.solution)
    refits = plan.fit(samples)
    assert refits.n_retried == 0
    exact = np.array([plan._fit_exactly(samples, number) for number in range(N_SAMPLES)])
    np.testing.assert_allclose(refits.theta, exact, rtol=1e-6, atol=1e-6)


def test_the_full_sample_is_its_own_refit(fit):
    samples = [
        incomplete_stack(incomplete_rows(group.discrepancy.missing), np.ones((1, group.moments.n_obs)))
        for group in fit.solution.groups
    ]
    refits = plan_refits(fit.solution).fit(samples)
    np.testing.assert_allclose(refits.theta[0], fit.solution.theta, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("where", ["usual", "negative residuals"])
def test_stacked_discrepancy_equals_the_single_one(fit, where):
    rng = np.random.default_rng(3)
    group, stacked = fit.solution.groups[0], plan_refits(fit.solution).groups[0]
    stack = resamples(fit, 4)[0]
    theta = fit.solution.theta * rng.uniform(0.95, 1.05, (4, len(fit.solution.theta)))
    if where != "usual":
        variances = [row.free - 1 for row in group.table if row.op == "~~" and row.lhs == row.rhs and row.free]
        theta[::2, variances[0]] = -1e-3
    value, gradient = stacked_full_information(stacked, theta, stack)
    differences = []
    for number, point in enumerate(theta):
        moments, discrepancy = stack.single(number, group.moments.variables)
        structure = moment_structure(group.table, len(point), moments.covariance, moments.means)
        implied = implied_moments(structure, point)
        saturated = discrepancy.saturated.log_likelihood
        n_values = (discrepancy.missing.coverage.diagonal() * moments.n_obs).sum()
        constant = -(2.0 * saturated + n_values * np.log(2 * np.pi)) / moments.n_obs
        differences.append(value[number] - constant - discrepancy.value(implied))
        exact = discrepancy.gradient(implied)
        # 1e-9: rounding of sums whose terms are as large as the largest derivative
        np.testing.assert_allclose(gradient[number], exact, atol=1e-9 * np.abs(exact).max(), rtol=1e-7)
    np.testing.assert_allclose(differences, 0.0, atol=1e-9)


def test_points_without_a_positive_definite_covariance_are_infinitely_bad(data):
    fit = sem(MODELS["simple"][0], data, missing="fiml")
    theta = np.tile(fit.solution.theta, (3, 1))
    theta[1, [row.free - 1 for row in fit.table if row.op == "~~" and row.free]] = -1.0
    value, gradient = stacked_full_information(plan_refits(fit.solution).groups[0], theta, resamples(fit, 3)[0])
    assert np.isfinite(value).tolist() == [True, False, True]
    assert not gradient[1].any()


def test_moments_are_given_of_complete_variables_only(data):
    fit = sem(MODELS["observed covariates"][0], data, missing="fiml")
    stack = resamples(fit, 2)[0]
    names = list(fit.table.observed)
    for number in range(2):
        drawn = data[names].to_numpy().repeat(stack.frequencies[number].astype(int), axis=0)
        complete = ~np.isnan(drawn).any(axis=0) & stack.shared.is_complete
        assert {name for name, found in zip(names, complete, strict=True) if found} >= {"x1", "x2"}
        expected = np.where(np.outer(complete, complete), np.cov(drawn, rowvar=False, bias=True), np.nan)
        np.testing.assert_allclose(stack.moments.covariances[number], expected, rtol=1e-10)
        np.testing.assert_allclose(stack.moments.means[number], np.where(complete, drawn.mean(axis=0), np.nan))


def test_samples_that_cannot_be_fitted_say_why(data):
    fit = sem(MODELS["simple"][0], data, missing="fiml")
    shared = incomplete_rows(fit.solution.groups[0].discrepancy.missing)
    frequencies = np.zeros((1, len(data)))
    frequencies[0, :4] = 75
    refits = plan_refits(fit.solution).fit([incomplete_stack(shared, frequencies)])
    assert refits.n_retried == 1
    assert np.isnan(refits.theta).all()
    assert "singular" in refits.failures[0]
