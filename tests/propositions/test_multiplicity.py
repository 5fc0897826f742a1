"""Adjusted p-values against statsmodels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from surveysem.propositions import adjust_p_values

METHODS = {"holm": "holm", "benjamini_hochberg": "fdr_bh"}


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=15, deadline=None)  # statsmodels collects garbage in each of Holm's adjustments
@given(p_values=st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 0.05, 1.0])), min_size=1, max_size=15))
def test_adjustments_are_those_of_statsmodels(method, p_values):
    theirs = multipletests(p_values, method=METHODS[method])[1]
    np.testing.assert_allclose(adjust_p_values(p_values, method), theirs, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("method", METHODS)
def test_what_was_not_tested_does_not_count(method):
    adjusted = adjust_p_values([0.01, float("nan"), 0.04, float("nan"), 0.03], method)
    np.testing.assert_array_equal(np.isnan(adjusted), [False, True, False, True, False])
    np.testing.assert_allclose(
        [adjusted[0], adjusted[2], adjusted[4]], multipletests([0.01, 0.04, 0.03], method=METHODS[method])[1]
    )


def test_no_adjustment():
    assert adjust_p_values([0.04, 0.01], "none") == [0.04, 0.01]


@pytest.mark.parametrize("method", ["none", *METHODS])
def test_nothing_to_adjust(method):
    assert adjust_p_values([], method) == []
    assert np.isnan(adjust_p_values([float("nan")], method)).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12), st.sampled_from(list(METHODS)))
def test_adjusted_p_values_are_larger_and_keep_their_order(p_values, method):
    adjusted = np.array(adjust_p_values(p_values, method))
    assert (adjusted >= np.array(p_values)).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p_values, kind="stable")]) >= 0).all()


def test_the_largest_p_keeps_its_value_to_the_last_bit():
    """A p of exactly alpha must not become larger than alpha by rounding."""
    for count in range(1, 40):
        assert adjust_p_values([0.0] * (count - 1) + [0.05], "benjamini_hochberg")[-1] == 0.05
