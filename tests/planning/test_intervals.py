"""Wilson intervals beside statsmodels, and sample sizes from powers that are known."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from surveysem.planning.intervals import isotonic, required_size, wilson_interval
from surveysem.planning.wald_power import wald_power, wald_sample_size


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (1, 10), (500, 1000), (999, 1000), (1000, 1000)])
def test_wilson_interval_is_that_of_statsmodels(successes, trials):
    expected = proportion_confint(successes, trials, method="wilson")
    assert wilson_interval(successes, trials) == pytest.approx(expected, abs=1e-12)


def test_required_size_recovers_a_known_curve():
    sizes = [200, 400, 600, 800]
    counts = [round(100_000 * wald_power(0.2, 1.5, n=n, sign=1)) for n in sizes]
    for target in (0.8, 0.9):
        exact = wald_sample_size(0.2, 1.5, power=target, sign=1)
        found = required_size(sizes, counts, 100_000, target=target)
        assert abs(found.n - exact) <= 2  # counts are rounded
        assert found.lower <= exact <= found.upper
        assert found.reached == "inside"


def test_sizes_outside_are_not_extrapolated():
    below = required_size([100, 200], [95, 99], 100, target=0.8)
    above = required_size([100, 200], [10, 50], 100, target=0.8)
    assert (below.reached, above.reached) == ("below", "above")
    assert isnan(below.n)
    assert isnan(above.n)


def test_limits_that_are_not_crossed_are_open():
    size = required_size([100, 200], [75, 82], 100, target=0.8)
    assert size.reached == "inside"
    assert isnan(size.lower)
    assert isnan(size.upper)


def test_isotonic_regression_pools_violators():
    values = np.array([3.0, 1.0, 2.0, 6.0, 5.0])
    assert isotonic(values).tolist() == [2.0, 2.0, 2.0, 5.5, 5.5]
