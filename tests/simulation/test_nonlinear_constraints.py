"""Standard errors under a constraint that does not hold in the population: the spread of estimates is the judge."""

import numpy as np
import pandas as pd
import pytest

from surveysem.modelling import sem


@pytest.mark.slow
def test_robust_standard_errors_are_the_spread_of_the_estimates():
    """Without the curvature of the constraint, that of l4 would be .0345 instead of .0287: a fifth too large."""
    rng, n_samples, loadings = np.random.default_rng(5), 1000, np.array([1.0, 0.9, 0.9, 0.35])
    found = []
    for _ in range(n_samples):
        items = rng.normal(size=(800, 1)) * loadings + 0.8 * rng.normal(size=(800, 4))
        data = pd.DataFrame(items, columns=["x1", "x2", "x3", "x4"])
        table = sem("f =~ x1 + l2*x2 + l3*x3 + l4*x4; l4 == l2*l3", data, estimator="MLR").estimates
        found.append(table.loc[1:3, ["estimate", "std_error"]].to_numpy())
    spread = np.std(found, axis=0)[:, 0]
    # three Monte Carlo errors of a standard deviation
    np.testing.assert_allclose(np.mean(found, axis=0)[:, 1], spread, rtol=3 / np.sqrt(2 * n_samples))
