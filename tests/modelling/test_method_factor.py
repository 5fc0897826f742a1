"""The method factor with equal loadings, where a loading of zero would be a stationary point."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss

MODEL = "a =~ a1 + a2 + a3\nb =~ b1 + b2 + b3\nc =~ c1 + c2 + c3"
BY_HAND = MODEL + "\nm =~ " + " + ".join(f"1*{letter}{number}" for letter in "abc" for number in (1, 2, 3))
LOADINGS = np.array([1.2, 0.8, 0.5])


def answers(shared, seed=3, n=400):
    """Three factors that correlate by .3, and a share in all items of one sign (positive) or of both (negative)."""
    rng = np.random.default_rng(seed)
    correlation = np.full((3, 3), 0.3) + 0.7 * np.eye(3)
    factors = rng.multivariate_normal(np.zeros(3), correlation, size=n)
    items = np.hstack([factors[:, [place]] * LOADINGS for place in range(3)])
    sign = np.where(np.arange(9) % 3 == 2, -1.0, 1.0) if shared < 0 else 1.0
    items += abs(shared) * sign * rng.standard_normal((n, 1)) + 0.6 * rng.standard_normal((n, 9))
    return pd.DataFrame(items, columns=[f"{letter}{number}" for letter in "abc" for number in (1, 2, 3)])


@pytest.mark.parametrize("shared", [0.6, -0.6])
def test_search_does_not_stop_at_a_loading_of_zero(shared):
    bias = ss.common_method_bias(MODEL, answers(shared))
    measurement, equal = (bias.table.loc[name] for name in ("measurement model", "method factor, equal loadings"))
    assert equal["df"] == measurement["df"] - 1
    assert equal["chisq"] < measurement["chisq"] - 3.84
    by_hand = ss.cfa(BY_HAND + "\nm ~~ 0*a + 0*b + 0*c", answers(shared))
    assert equal["chisq"] == pytest.approx(by_hand.fit_indices["chisq"], rel=1e-6)


def test_variance_of_what_items_share_is_recovered():
    fit = ss.common_method_bias(MODEL, answers(0.6, n=4000)).fits["method factor, equal loadings"]
    row = fit.estimates.query("lhs == 'common_method' and rhs == 'common_method'").iloc[0]
    assert row["estimate"] == pytest.approx(0.36, abs=2 * row["std_error"])


def test_a_variance_below_zero_is_told():
    findings = ss.common_method_bias(MODEL, answers(0.0, seed=1)).findings
    assert any("variance of common_method is estimated at -" in each.message for each in findings)
