"""Fast refits against the native engine, sample by sample, and the stacked discrepancy against the single one."""

import numpy as np
import pandas as pd
import pytest

from surveysem.data import read_political_democracy
from surveysem.data.moments import SampleMoments
from surveysem.errors import EstimationError, UnsupportedError
from surveysem.estimation import MaximumLikelihood, refit
from surveysem.estimation.batched import stacked_discrepancy
from surveysem.estimation.refit import plan_refits
from surveysem.estimation.stacks import SampleStack
from surveysem.implied import implied_moments, moment_structure
from surveysem.inference.resampling import resampled_moments
from surveysem.modelling import sem

DEMOCRACY = """
    ind60 =~ x1 + x2 + x3
    dem60 =~ y1 + y2 + y3 + y4
    dem65 =~ y5 + y6 + y7 + y8
    dem60 ~ ind60
    dem65 ~ ind60 + dem60
    y1 ~~ y5
    y2 ~~ y4 + y6
    y6 ~~ y8
"""
MODELS = {
    "simple": ("f =~ y1 + y2 + y3 + y4; g =~ y5 + y6 + y7 + y8; f ~~ g", {}),
    "correlated residuals": (DEMOCRACY, {}),
    "unit variances": ("f =~ NA*y1 + y2 + y3; f ~~ 1*f; g =~ NA*y5 + y6 + y7; g ~~ 1*g", {}),
    "second order": ("f =~ x1 + x2 + x3; g =~ y1 + y2 + y4; h =~ y5 + y6 + y8; top =~ f + 3*g + 3*h", {}),
    "observed covariates": ("f =~ y1 + y2 + y3 + y4; f ~ x1 + x2; y5 ~ f + x1", {}),
    "non-recursive": ("f =~ y1 + y2 + y4; g =~ y5 + y6 + y8; f ~ 0.2*g; g ~ f + x1", {}),
    "means": ("f =~ y1 + y2 + y3 + y4; g =~ y5 + y6 + y8; g ~ f + x1; f ~ 1; y1 ~ 0*1", {"meanstructure": True}),
    "shared labels": ("f =~ y1 + a*y2 + b*y3 + y4; g =~ y5 + a*y6 + b*y7 + y8; y1 ~~ v*y1; y5 ~~ v*y5", {}),
    "constraint": ("f =~ y1 + a*y2 + b*y4; g =~ y5 + c*y6 + d*y8; a + b == c + d; c == 0.8*d", {}),
    "groups": (
        "f =~ y1 + y2 + y4; g =~ y5 + y6 + y8; g ~ f",
        {"group": "half", "group_equal": ["loadings", "intercepts"]},
    ),
}
N_SAMPLES = 12


@pytest.fixture(scope="module")
def data():
    """Bollen's data, twice with other noise, so that resamples are well conditioned."""
    once = read_political_democracy().select_dtypes("number")
    noise = np.random.default_rng(1).standard_normal((3 * len(once), once.shape[1]))
    frame = pd.concat([once] * 3, ignore_index=True) + 0.4 * noise * once.std().to_numpy()
    return frame.assign(half=np.where(np.arange(len(frame)) % 2, "odd", "even"))


@pytest.fixture(scope="module", params=MODELS)
def fit(request, data):
    text, options = MODELS[request.param]
    return sem(text, data, **options)


def resamples(fit, n_samples=N_SAMPLES, seed=7):
    rng = np.random.default_rng(seed)
    return [resampled_moments(group.moments.observations, n_samples, rng) for group in fit.solution.groups]


def as_moments(group, stack, number):
    return SampleMoments(
        variables=group.moments.variables,
        covariance=stack.covariances[number],
        means=stack.means[number],
        n_obs=group.moments.n_obs,
        observations=np.zeros((0, len(group.moments.variables))),
    )


def test_refits_agree_with_the_native_engine(fit):
    samples = resamples(fit)
    plan = plan_refits(fit.solution)
    refits = plan.fit(samples)
    assert refits.n_retried == 0
    assert not refits.failures
    exact = np.array([plan._fit_exactly(samples, number) for number in range(N_SAMPLES)])
    errors = np.sqrt(np.diag(fit.parameter_covariance))
    # 1e-5 standard errors: refits stop within 1e-5 of all parameters together, before a last step
    np.testing.assert_array_less(np.abs(refits.theta - exact) / errors, 1e-5)


def test_refits_lie_at_the_minimum_by_exact_distance(fit):
    samples = resamples(fit, seed=8)
    theta = plan_refits(fit.solution).fit(samples).theta
    problem = fit.solution.problem
    basis = np.eye(len(theta[0])) if problem.constraints is None else problem.constraints.basis
    for number, point in enumerate(theta):
        gradient, hessian = np.zeros(len(point)), np.zeros((len(point), len(point)))
        for group, stack in zip(fit.solution.groups, samples, strict=True):
            moments = as_moments(group, stack, number)
            structure = moment_structure(group.table, len(point), moments.covariance, moments.means)
            discrepancy, implied = MaximumLikelihood(moments=moments), implied_moments(structure, point)
            gradient += group.weight * discrepancy.gradient(implied)
            hessian += group.weight * discrepancy.hessian(implied)
        within = basis.T @ gradient
        step = np.linalg.solve(basis.T @ hessian @ basis, within)
        assert np.sqrt(fit.n_obs / 2 * abs(within @ step)) < 1e-4


def test_the_full_sample_is_its_own_refit(fit):
    samples = [
        SampleStack(
            covariances=group.moments.covariance[None],
            means=group.moments.means[None],
            n_obs=np.array([group.moments.n_obs]),
        )
        for group in fit.solution.groups
    ]
    plan = plan_refits(fit.solution)
    refits = plan.fit(samples)
    errors = np.sqrt(np.diag(fit.parameter_covariance))
    np.testing.assert_array_less(np.abs(refits.theta[0] - fit.solution.theta) / errors, 1e-6)
    assert plan.discrepancy(refits.theta, samples)[0] == pytest.approx(fit.solution.discrepancy, abs=1e-10)


@pytest.mark.parametrize("where", ["usual", "tiny residuals", "negative residuals"])
def test_stacked_discrepancy_equals_the_single_one(fit, where):
    rng = np.random.default_rng(3)
    group, stacked = fit.solution.groups[0], plan_refits(fit.solution).groups[0]
    stack = resamples(fit, 5)[0]
    theta = fit.solution.theta * rng.uniform(0.95, 1.05, (5, len(fit.solution.theta)))
    variances = [row.free - 1 for row in group.table if row.op == "~~" and row.lhs == row.rhs and row.free]
    if where != "usual":
        theta[::2, variances[0]] = {"tiny residuals": 1e-9, "negative residuals": -1e-3}[where]
    value, gradient = stacked_discrepancy(stacked, theta, stack)
    for number, point in enumerate(theta):
        moments = as_moments(group, stack, number)
        structure = moment_structure(group.table, len(point), moments.covariance, moments.means)
        implied, discrepancy = implied_moments(structure, point), MaximumLikelihood(moments=moments)
        constant = np.linalg.slogdet(moments.covariance)[1] + len(moments.variables)
        assert value[number] - constant == pytest.approx(discrepancy.value(implied), abs=1e-9)
        exact = discrepancy.gradient(implied)
        # 1e-10: rounding of sums whose terms are as large as the largest derivative
        np.testing.assert_allclose(gradient[number], exact, atol=1e-10 * np.abs(exact).max(), rtol=1e-8)


def test_points_without_a_positive_definite_covariance_are_infinitely_bad(data):
    fit = sem(MODELS["simple"][0], data)
    theta = np.tile(fit.solution.theta, (3, 1))
    theta[1, [row.free - 1 for row in fit.table if row.op == "~~" and row.free]] = -1.0
    value, gradient = stacked_discrepancy(plan_refits(fit.solution).groups[0], theta, resamples(fit, 3)[0])
    assert np.isfinite(value).tolist() == [True, False, True]
    assert not gradient[1].any()


def test_samples_far_from_the_full_one_are_fitted_too(data):
    fit = sem(MODELS["correlated residuals"][0], data)
    plan = plan_refits(fit.solution)
    samples = [resampled_moments(fit.solution.groups[0].moments.observations[:40], 30, np.random.default_rng(5))]
    refits = plan.fit(samples)
    assert np.isnan(refits.theta[:, 0]).sum() == len(refits.failures)
    values = plan.discrepancy(refits.theta, samples)
    for number in range(0, 30, 6):
        assert number not in refits.failures
        exact = plan._fit_exactly(samples, number)
        one = [stack.take(slice(number, number + 1)) for stack in samples]
        assert values[number] == pytest.approx(plan.discrepancy(exact[None], one)[0], abs=1e-8)


def test_what_does_not_converge_is_retried_and_then_reported(data, monkeypatch):
    fit = sem(MODELS["simple"][0], data)
    plan, samples = plan_refits(fit.solution), resamples(fit, 3)
    expected = plan.fit(samples).theta
    monkeypatch.setattr(refit, "_LARGEST_ITERATIONS", 1)
    retried = plan.fit(samples)
    assert retried.n_retried == 3
    np.testing.assert_allclose(retried.theta, expected, atol=1e-5)

    def refuse(*_, **__):
        raise EstimationError("The model did not converge: no.")

    monkeypatch.setattr(refit, "estimate_model", refuse)
    failed = plan.fit(samples)
    assert dict(failed.failures) == dict.fromkeys(range(3), "The model did not converge: no.")
    assert np.isnan(failed.theta).all()


def test_singular_samples_have_no_statistic_of_fit(data):
    fit = sem(MODELS["simple"][0], data)
    stack = resamples(fit, 2)[0]
    covariances = stack.covariances.copy()
    covariances[1, 0] = covariances[1, 1]
    covariances[1, :, 0] = covariances[1, :, 1]
    singular = [SampleStack(covariances=covariances, means=stack.means, n_obs=stack.n_obs)]
    values = plan_refits(fit.solution).discrepancy(np.tile(fit.solution.theta, (2, 1)), singular)
    assert np.isfinite(values).tolist() == [True, False]


def test_other_discrepancies_are_refused(data):
    with pytest.raises(UnsupportedError, match="maximum likelihood only"):
        plan_refits(sem("f =~ y1 + y2 + y3", data, estimator="GLS").solution)


def test_inequality_constraints_hold_in_every_sample(data):
    fit = sem("f =~ y1 + a*y2 + y3 + b*y4; a < b", data)
    labels = {row.label: row.free - 1 for row in fit.table if row.label}
    samples = resamples(fit, 20)
    free = plan_refits(sem("f =~ y1 + a*y2 + y3 + b*y4", data).solution).fit(samples).theta
    refits = plan_refits(fit.solution).fit(samples)
    crosses = free[:, labels["a"]] > free[:, labels["b"]]
    assert 0 < crosses.sum() < 20
    np.testing.assert_allclose(refits.theta[crosses, labels["a"]], refits.theta[crosses, labels["b"]], rtol=1e-9)
    np.testing.assert_allclose(refits.theta[~crosses], free[~crosses], rtol=1e-4, atol=1e-5)
