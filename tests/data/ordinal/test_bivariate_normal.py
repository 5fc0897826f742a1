import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import multivariate_normal

from surveysem.data.ordinal import bivariate_normal_cdf, bivariate_normal_density

POINTS = np.array([-3.1, -1.2, -0.4, 0.0, 0.75, 2.3])


def _integral(h: float, k: float, rho: float) -> float:
    """∫ φ(x) Φ((k − ρx) / √(1 − ρ²)) dx up to h, cut where the integrand bends."""
    rest = np.sqrt(1 - rho**2)
    bend = np.clip([k / rho - 8 * rest, k / rho, k / rho + 8 * rest], -9, h) if rho else [-1]
    value, _ = quad(
        lambda x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * ndtr((k - rho * x) / rest),
        -9,
        h,
        points=sorted(bend),
        epsabs=1e-14,
        epsrel=1e-13,
        limit=400,
    )
    return value


@pytest.mark.parametrize("rho", [0.0, 0.2, -0.5, 0.65, 0.8, -0.9, 0.95, 0.97, -0.99, 0.999])
def test_probability_is_the_integral(rho):
    ours = bivariate_normal_cdf(POINTS[None], POINTS[None], np.array([rho]))[0]
    theirs = np.array([[_integral(h, k, rho) for k in POINTS] for h in POINTS])
    # The tail beyond −9 that the oracle leaves out holds 1e-19.
    np.testing.assert_allclose(ours, theirs, atol=1e-12, rtol=0)


@pytest.mark.parametrize("rho", [0.3, -0.7, 0.95])
def test_probability_is_that_of_scipy(rho):
    grid = np.stack(np.meshgrid(POINTS, POINTS, indexing="ij"), axis=-1)
    theirs = multivariate_normal(mean=[0, 0], cov=[[1, rho], [rho, 1]]).cdf(grid)
    np.testing.assert_allclose(bivariate_normal_cdf(POINTS[None], POINTS[None], np.array([rho]))[0], theirs, atol=1e-7)


@pytest.mark.parametrize("rho", [0.1, -0.6, 0.93, 0.985, 0.998])
def test_at_zero_sheppards_formula_holds(rho):
    ours = bivariate_normal_cdf(np.zeros((1, 1)), np.zeros((1, 1)), np.array([rho]))
    assert ours.item() == pytest.approx(0.25 + np.arcsin(rho) / (2 * np.pi), abs=1e-14)


def test_each_pair_has_its_own_points_and_correlation():
    first, second, rho = np.array([[-1.0, 0.5], [0.2, 2.0]]), np.array([[0.3], [-0.8]]), np.array([0.97, -0.2])
    ours = bivariate_normal_cdf(first, second, rho)
    assert ours.shape == (2, 2, 1)
    for pair in range(2):
        alone = bivariate_normal_cdf(first[[pair]], second[[pair]], rho[[pair]])[0]
        np.testing.assert_array_equal(ours[pair], alone)


def test_the_correlation_may_not_reach_one():
    with pytest.raises(ValueError, match=r"beyond ±0\.999: 1\.0"):
        bivariate_normal_cdf(np.zeros((2, 1)), np.zeros((2, 1)), np.array([0.2, 1.0]))


@pytest.mark.parametrize("rho", [0.0, 0.4, -0.95])
def test_density_is_that_of_scipy(rho):
    grid = np.stack(np.meshgrid(POINTS, POINTS, indexing="ij"), axis=-1)
    theirs = multivariate_normal(mean=[0, 0], cov=[[1, rho], [rho, 1]]).pdf(grid)
    ours = bivariate_normal_density(POINTS[None], POINTS[None], np.array([rho]))[0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-11)


def test_the_density_is_the_derivative_with_respect_to_the_correlation():
    rho, step = np.array([0.83]), 1e-5
    above, below = (bivariate_normal_cdf(POINTS[None], POINTS[None], rho + sign * step) for sign in (1, -1))
    density = bivariate_normal_density(POINTS[None], POINTS[None], rho)
    np.testing.assert_allclose((above - below) / (2 * step), density, atol=1e-9)
