"""Latent variables that are not normal keep their moments up to the second."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.data.simulation.latent import skewed_sources
from surveysem.errors import StudyError

STUDY = ss.load_study("b2b_micro_influencer")


@pytest.mark.parametrize("skewness", [-2.0, 0.5, 3.0])
def test_sources_have_the_moments_of_standardised_gamma_variables(skewness):
    """By integration over the normal density: mean 0, variance 1, skewness s, excess kurtosis 1.5 s²."""
    nodes, weights = np.polynomial.legendre.leggauss(400)
    nodes = 8 * nodes
    density = 8 * weights * np.exp(-(nodes**2) / 2) / np.sqrt(2 * np.pi)
    values = skewed_sources(nodes, skewness)
    moments = [float(density @ values**power) for power in (1, 2, 3, 4)]
    np.testing.assert_allclose(moments, [0, 1, skewness, 3 + 1.5 * skewness**2], atol=1e-6)


@pytest.mark.parametrize("options", [{}, {"clusters": {"number": 4000, "intraclass_correlation": 0.3}}])
def test_covariances_stay_while_items_are_skewed(simulator, options):
    normal, skewed = (simulator(latent_skew=value, **options).draw_items(n=60_000, seed=3) for value in (0.0, 2.0))
    items = [name for name in normal if name != "influencer_id"]
    # five standard errors of a correlation with heavy tails, and of a mean among 4000 clusters
    np.testing.assert_allclose(skewed[items].corr(), normal[items].corr(), atol=0.05)
    np.testing.assert_allclose(skewed[items].mean(), 0, atol=0.06)
    assert normal["x1"].skew() == pytest.approx(0, abs=0.06)
    assert skewed["x1"].skew() > 0.5


def test_skewness_of_an_item_follows_from_its_source(simulator):
    """x rests on one source: the third moment of an item is the loading cubed times the skewness."""
    items = simulator(latent_skew=2.0).draw_items(n=200_000, seed=3)
    assert items["x1"].skew() == pytest.approx(0.8**3 * 2.0, abs=0.05)


def test_zero_changes_nothing_and_both_kinds_of_skew_exclude_each_other():
    plain = ss.simulate_responses(STUDY, n=30, seed=1)
    pd.testing.assert_frame_equal(plain, ss.simulate_responses(STUDY, n=30, seed=1, latent_skew=0.0))
    assert not plain.equals(ss.simulate_responses(STUDY, n=30, seed=1, latent_skew=1.0))
    with pytest.raises(StudyError, match="latent_skew and skew: the thresholds"):
        ss.simulate_responses(STUDY, n=30, seed=1, latent_skew=1.0, skew=-1.0)
    with pytest.raises(StudyError, match="latent_skew: 9"):
        ss.simulate_responses(STUDY, n=30, seed=1, latent_skew=9)
