"""Residuals against lavaan's and against the dense formula."""

import numpy as np
import pytest

from surveysem.errors import UnsupportedError
from surveysem.implied import covariance_jacobian
from surveysem.inference.residuals import mean_residuals, residual_standard_errors, residuals

CASES = ["democracy_means", "democracy_equal", "second_order", "covariates", "observed_paths", "configural", "scalar"]
# Raw residuals are small differences of covariances; their tolerance is that of lavaan's estimates, and so is that of
# standardised ones, where a standard error may be a hundredth of the covariance's own.
KINDS = {"raw": ("raw", 2e-4), "cor": ("cor.bollen", 1e-5), "standardized": ("standardized", 2e-3)}


def ours_of(fit, kind, row):
    mean = isinstance(row.second, float)
    table = mean_residuals(fit, kind) if mean else residuals(fit, kind)
    key = (fit.group_labels[row.group - 1], row.first) if fit.group_labels else row.first
    return table.loc[key] if mean else table.loc[key, row.second]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES)
def test_residuals_are_lavaans(case, kind, fit_of, stored):
    fit, (name, tolerance) = fit_of(case), KINDS[kind]
    rows = list(stored("residuals", case=case, kind=name).itertuples())
    ours = np.array([ours_of(fit, kind, row) for row in rows])
    theirs = np.array([row.value for row in rows])
    exact = np.isnan(ours)
    # lavaan prints what is left of a residual that is 0 by construction; it has no standard error.
    assert np.abs(theirs[exact]).max(initial=0.0) < 1e-3
    assert exact.mean() < 0.5
    np.testing.assert_allclose(ours[~exact], theirs[~exact], rtol=1e-4, atol=tolerance)


def test_standard_errors_are_those_of_the_dense_formula(fit_of):
    """√diag(QΓQᵀ/n), Q = I − Δ(ΔᵀWΔ)⁻¹ΔᵀW, with all moments by all moments."""
    fit = fit_of("democracy_equal")
    group = fit.solution.groups[0]
    p, sample = len(group.structure.observed), group.moments.covariance
    lower = np.tril_indices(p)
    first, second = lower

    def gamma(covariance):
        across = covariance[np.ix_(first, first)] * covariance[np.ix_(second, second)]
        return across + covariance[np.ix_(first, second)] * covariance[np.ix_(second, first)]

    slopes = covariance_jacobian(group.implied)[:, first, second].T
    weight = np.linalg.inv(gamma(group.implied.covariance))
    basis = fit.solution.problem.constraints.basis
    within = slopes @ basis
    leaving = np.eye(len(first)) - within @ np.linalg.solve(within.T @ weight @ within, within.T @ weight)
    variance = np.diag(leaving @ gamma(sample) @ leaving.T) / fit.n_obs
    errors = residual_standard_errors(group, fit.parameter_covariance).covariance[lower]
    kept = ~np.isnan(errors)
    assert kept.sum() > len(first) // 2
    np.testing.assert_allclose(errors[kept], np.sqrt(variance[kept]), rtol=1e-6)


def test_frames_are_symmetric_and_labelled(fit_of):
    single = residuals(fit_of("holzinger"), "cor")
    assert list(single.index) == list(single.columns) == [f"x{number}" for number in range(1, 10)]
    np.testing.assert_array_equal(single, single.T)
    both = residuals(fit_of("scalar"))
    assert both.index.names == ["group", None]
    assert both.loc["Pasteur"].shape == (9, 9)
    assert mean_residuals(fit_of("scalar")).loc["Grant-White"].shape == (9,)


def test_moments_of_exogenous_variables_have_no_residual(fit_of):
    covariates = ["sex", "ageyr", "grade"]
    assert residuals(fit_of("covariates"), "standardized").loc[covariates, covariates].isna().all(axis=None)
    np.testing.assert_allclose(residuals(fit_of("covariates")).loc[covariates, covariates], 0.0, atol=1e-12)


def test_what_does_not_exist_is_refused(fit_of):
    with pytest.raises(UnsupportedError, match="'raw', 'cor', 'standardized'"):
        residuals(fit_of("holzinger"), "normalized")
    with pytest.raises(UnsupportedError, match="no means"):
        mean_residuals(fit_of("holzinger"))
    for case in ("democracy_mlr", "holzinger_missing"):
        with pytest.raises(UnsupportedError, match="estimator='ML' and complete rows"):
            residuals(fit_of(case), "standardized")
