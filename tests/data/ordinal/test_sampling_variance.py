"""Gamma against the spread of the statistics over simulated samples.

The table ``simulated_variances.csv`` beside this file was made by ``simulated_variances()``, 500 samples of 400 rows.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.data.ordinal import OrdinalMoments, ordinal_moments

TABLE = Path(__file__).parent / "simulated_variances.csv"
N_SAMPLES, N_OBS = 500, 400
CORRELATION = np.array([[1, 0.5, -0.4, 0.6], [0.5, 1, -0.3, 0.3], [-0.4, -0.3, 1, -0.7], [0.6, 0.3, -0.7, 1]])
CUTS = ([0.3], [-0.7, 0.5], [-1.0, 0.0, 1.0])
RELATIVE_ERROR = np.sqrt(2 / N_SAMPLES)  # standard error of a simulated variance, relative to it


def _sample(n_obs: int, rng: np.random.Generator) -> OrdinalMoments:
    scores = rng.multivariate_normal(np.zeros(4), CORRELATION, size=n_obs, method="cholesky")
    frame = pd.DataFrame({f"u{i}": np.searchsorted(cut, scores[:, i]) for i, cut in enumerate(CUTS)})
    return ordinal_moments(frame.assign(y=3 * scores[:, 3]), [*frame, "y"], list(frame))


def simulated_variances() -> pd.DataFrame:
    """Variance of √n times each statistic over the samples, and the mean of gamma's diagonal."""
    rng = np.random.default_rng(2026)
    samples = [_sample(N_OBS, rng) for _ in range(N_SAMPLES)]
    return pd.DataFrame(
        {
            "statistic": [str(name) for name in samples[0].statistic_names],
            "simulated": N_OBS * np.var([sample.statistics for sample in samples], axis=0, ddof=1),
            "gamma": np.mean([np.diag(sample.gamma) for sample in samples], axis=0),
        }
    )


def test_gamma_is_the_variance_over_the_samples_of_the_table():
    table = pd.read_csv(TABLE, encoding="utf-8")
    ratio = table["gamma"] / table["simulated"]
    np.testing.assert_allclose(ratio, 1, atol=4 * RELATIVE_ERROR)
    assert abs(ratio.mean() - 1) < 0.05


def test_gamma_of_one_large_sample_is_that_of_the_table():
    """Gamma of 400 rows is off by a few per cent on average, that of 200 000 by less than one."""
    table = pd.read_csv(TABLE, encoding="utf-8")
    large = np.diag(_sample(200_000, np.random.default_rng(1)).gamma)
    np.testing.assert_allclose(table["gamma"], large, rtol=0.04)


@pytest.mark.slow
def test_the_table_is_made_anew():
    pd.testing.assert_frame_equal(simulated_variances(), pd.read_csv(TABLE, encoding="utf-8"), rtol=1e-6)
