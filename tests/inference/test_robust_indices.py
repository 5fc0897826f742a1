"""Statistics behind robust fit indices: the formula written out, and cases that must collapse."""

import numpy as np
import pytest

from surveysem.inference.indices import incomplete
from surveysem.inference.indices.distances import GroupMoments, covariance_metric, expected_distance
from surveysem.inference.indices.incomplete import complete_data_statistics
from surveysem.modelling import sem

MODEL = "f =~ x1 + x2 + x3; g =~ y1 + y2 + y3 + y4; g ~ f; y2 ~~ y4"


def _symmetric(rng, size):
    half = rng.standard_normal((size, size + 3))
    return half @ half.T / size


def test_expected_distance_is_the_trace_over_all_groups_at_once():
    """tr(PᵀVPΓ) of block-diagonal matrices."""
    rng = np.random.default_rng(8)
    shares, sizes, q = (0.3, 0.7), (5, 4), 3
    parts, weights = [], []
    for share, size in zip(shares, sizes, strict=True):
        weight, jacobian = _symmetric(rng, size), rng.standard_normal((size, q))
        gamma, metric = _symmetric(rng, size), _symmetric(rng, size)
        loaded = weight @ jacobian
        parts.append(GroupMoments(share=share, gamma=gamma, jacobian=jacobian, loaded=loaded, metric=metric))
        weights.append(weight)

    def blocks(first, second):
        corner = np.zeros((len(first), len(second)))
        return np.block([[first, corner], [corner.T, second]])

    gamma = blocks(*(part.gamma / part.share for part in parts))
    metric = blocks(*(part.metric * part.share for part in parts))
    weight = blocks(*(each * share for each, share in zip(weights, shares, strict=True)))
    jacobian = np.vstack([part.jacobian for part in parts])
    inverse = np.linalg.inv(jacobian.T @ weight @ jacobian)
    residual = np.eye(9) - jacobian @ inverse @ jacobian.T @ weight
    expected = np.trace(residual.T @ metric @ residual @ gamma)
    assert expected_distance(parts, inverse) == pytest.approx(expected, rel=1e-12)


def test_the_mean_of_simulated_distances_is_the_expected_one():
    """4000 normal draws of the moments; the tolerance is four standard errors of their mean."""
    rng = np.random.default_rng(9)
    jacobian, gamma, metric, weight = rng.standard_normal((6, 2)), *(_symmetric(rng, 6) for _ in range(3))
    inverse = np.linalg.inv(jacobian.T @ weight @ jacobian)
    part = GroupMoments(share=1.0, gamma=gamma, jacobian=jacobian, loaded=weight @ jacobian, metric=metric)
    draws = rng.standard_normal((4000, 6)) @ np.linalg.cholesky(gamma).T
    residual = draws - draws @ weight @ jacobian @ inverse @ jacobian.T
    distances = np.sum((residual @ metric) * residual, axis=1)
    standard_error = distances.std() / np.sqrt(len(distances))
    assert expected_distance([part], inverse) == pytest.approx(distances.mean(), abs=4 * standard_error)


def test_the_metric_of_covariances_is_the_hessian_of_the_discrepancy():
    """Central differences of ½ F about S = Σ."""
    covariance = np.array([[2.0, 0.5, 0.3], [0.5, 1.0, -0.2], [0.3, -0.2, 1.5]])
    first, second = np.triu_indices(3)

    def half_discrepancy(change):
        sample = covariance.copy()
        sample[first, second] += change
        sample[second, first] = sample[first, second]
        ratio = np.linalg.solve(covariance, sample)
        return (np.trace(ratio) - np.linalg.slogdet(ratio).logabsdet - 3) / 2

    step, units = 1e-4, np.eye(6)
    hessian = [
        [
            sum(
                sign * half_discrepancy(step * (a + side * b)) - sign * half_discrepancy(-step * (a - side * b))
                for sign, side in ((1, 1), (-1, -1))
            )
            for b in units
        ]
        for a in units
    ]
    differences = np.array(hessian) / (4 * step**2)
    # 1e-6: the step's square, and rounding divided by it
    np.testing.assert_allclose(covariance_metric(covariance, first, second), differences, atol=1e-6)


def test_robust_indices_of_complete_rows_are_the_plain_ones(democracy):
    """Under ML nothing is corrected where nothing is missing."""
    fit = sem(MODEL, democracy, missing="fiml")
    model, baseline = complete_data_statistics(fit.solution, "ML")
    assert model.plain == pytest.approx(fit.fit_indices["chisq"], rel=1e-8)
    assert (model.factor, baseline.factor) == pytest.approx((1.0, 1.0), rel=1e-8)
    for name, value in fit.fit_indices.items():
        if name.endswith(".robust"):
            assert value == pytest.approx(fit.fit_indices[name.removesuffix(".robust")], rel=1e-6, abs=1e-8), name


def test_robust_indices_do_not_depend_on_units_and_order(democracy):
    rng = np.random.default_rng(2)
    columns = ["x1", "x2", "x3", "y1", "y2", "y3", "y4"]
    incomplete_rows = democracy[columns].mask(rng.random((75, 7)) < 0.15)
    other = (incomplete_rows * np.array([1, 10, 100, 0.1, 1, 5, 3]) + 7.0).iloc[::-1]
    for estimator in ("ML", "MLR"):
        plain, changed = (
            sem(MODEL, rows, estimator=estimator, missing="fiml").fit_indices for rows in (incomplete_rows, other)
        )
        for name in plain:
            if name.endswith(".robust"):
                assert changed[name] == pytest.approx(plain[name], rel=1e-5, abs=1e-6), name


def test_no_robust_indices_without_information_on_the_saturated_moments(democracy, monkeypatch):
    fit = sem(MODEL, democracy.mask(democracy > 9.5), missing="fiml")
    monkeypatch.setattr(incomplete, "saturated_observed_information", lambda *_: -np.eye(35))
    assert complete_data_statistics(fit.solution, "ML") is None
    assert not [name for name in fit.fit_indices if name.endswith(".robust")]
    assert 0 < fit.fit_indices["cfi"] <= 1
