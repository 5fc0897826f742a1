"""Several groups, what is equal across them, and clusters."""

import numpy as np
import pandas as pd
import pytest

from surveysem.data import read_political_democracy
from surveysem.errors import ModelSyntaxError, SurveySEMError
from surveysem.modelling import sem

TWO_FACTORS = "f =~ y1 + y2 + y3; g =~ y5 + y6 + y7; g ~ f"


@pytest.fixture(scope="module")
def democracy():
    return read_political_democracy()


@pytest.fixture(scope="module")
def halves(democracy):
    return democracy.assign(half=np.where(np.arange(75) % 2, "odd", "even"), firm=np.arange(75) % 15)


def _estimate(fit, lhs, op, rhs, group=1):
    table = fit.estimates
    row = table[(table["lhs"] == lhs) & (table["op"] == op) & (table["rhs"] == rhs) & table["group"].isin([group, 0])]
    return row["estimate"].item()


def test_groups_without_constraints_are_two_fits(halves):
    both = sem(TWO_FACTORS, halves, group="half")
    apart = [sem(TWO_FACTORS, halves[halves["half"] == name], meanstructure=True) for name in ("even", "odd")]
    assert both.group_labels == ("even", "odd")
    assert both.n_obs == 75
    for name in ("chisq", "df", "npar", "logl"):
        total = sum(fit.fit_indices[name] for fit in apart)
        assert both.fit_indices[name] == pytest.approx(total, rel=1e-8), name
    table = both.estimates
    assert table["group"].unique().tolist() == [1, 2]
    for number, fit in enumerate(apart, start=1):
        part = table[table["group"] == number]
        for column in ("estimate", "std_error", "std_all"):
            np.testing.assert_allclose(part[column], fit.estimates[column], rtol=1e-5, atol=1e-7)
    pd.testing.assert_series_equal(both.r_squared["odd"], apart[1].r_squared, rtol=1e-5)


def test_groups_are_in_order_of_appearance_and_rows_without_one_are_left_out(halves):
    frame = halves.assign(half=halves["half"].where(halves.index > 2))
    fit = sem(TWO_FACTORS, frame, group="half")
    assert fit.group_labels == ("odd", "even")
    assert fit.n_obs == 72
    assert fit.warnings[0].startswith("3 of 75 rows have a missing value")


def test_what_is_held_equal_is_equal_and_what_is_freed_is_not(halves):
    fit = sem(TWO_FACTORS, halves, group="half", group_equal="loadings", group_partial="g =~ y7")
    pairs = {
        item: [_estimate(fit, latent, "=~", item, group) for group in (1, 2)]
        for latent, item in (("f", "y2"), ("f", "y3"), ("g", "y6"), ("g", "y7"))
    }
    assert {item for item, (first, second) in pairs.items() if first == second} == {"y2", "y3", "y6"}
    free = sem(TWO_FACTORS, halves, group="half")
    assert fit.fit_indices["df"] == free.fit_indices["df"] + 3
    assert fit.fit_indices["chisq"] > free.fit_indices["chisq"]


def test_equal_intercepts_set_latent_means_free(halves):
    fit = sem(TWO_FACTORS, halves, group="half", group_equal=["loadings", "intercepts"])
    assert [_estimate(fit, "f", "~1", "", group) == 0 for group in (1, 2)] == [True, False]
    assert [_estimate(fit, "y1", "~1", "", group) for group in (1, 2)] == [_estimate(fit, "y1", "~1", "")] * 2


def test_labels_and_values_by_group(halves):
    text = "f =~ y1 + c(a, a)*y2 + c(b1, b2)*y3 + y4; f ~~ c(4, NA)*f; gap := b1 - b2"
    fit = sem(text, halves, group="half")
    assert _estimate(fit, "f", "=~", "y2") == _estimate(fit, "f", "=~", "y2", 2)
    assert _estimate(fit, "f", "~~", "f") == 4.0
    assert _estimate(fit, "f", "~~", "f", 2) != 4.0
    difference = _estimate(fit, "f", "=~", "y3") - _estimate(fit, "f", "=~", "y3", 2)
    assert _estimate(fit, "gap", ":=", "b1 - b2") == pytest.approx(difference)


def test_modifiers_for_another_number_of_groups_are_refused(halves):
    with pytest.raises(ModelSyntaxError, match="3 modifiers for 2 groups"):
        sem("f =~ y1 + c(a, b, d)*y2 + y3", halves, group="half")
    with pytest.raises(ModelSyntaxError, match="2 modifiers for 1 group"):
        sem("f =~ y1 + c(a, b)*y2 + y3", halves)


GROUP_ERRORS = {
    "absent": ({"group": "sector"}, "group='sector': no such column"),
    "one value": ({"group": "same"}, "column same: 1 value(s)"),
    "small": ({"group": "few"}, "Group few = 1: "),
    "no parameter": ({"group": "half", "group_partial": ["f =~ y9"]}, "'f=~y9' is no parameter of the model"),
    "no clusters": ({"cluster": "sector"}, "cluster='sector': no such column"),
    "one cluster": ({"cluster": "same"}, "column same: one cluster"),
    "unclustered": ({"cluster": "holes"}, "column holes: 1 missing"),
    "repeated": ({"group": "twice"}, "variable twice: 2 columns have this name"),
}


@pytest.mark.parametrize("case", GROUP_ERRORS)
def test_groups_and_clusters_that_cannot_be_used(halves, case):
    options, message = GROUP_ERRORS[case]
    frame = halves.assign(same=1, few=(np.arange(75) < 3).astype(float), holes=halves["firm"].where(halves.index > 0))
    frame = pd.concat([frame, halves[["half", "half"]].set_axis(["twice", "twice"], axis=1)], axis=1)
    with pytest.raises(SurveySEMError) as caught:
        sem(TWO_FACTORS, frame, **options)
    assert message in str(caught.value)


def test_clusters_change_standard_errors_but_not_estimates(halves):
    plain, clustered = (
        sem(TWO_FACTORS, halves, estimator="MLR", meanstructure=True),
        sem(TWO_FACTORS, halves, cluster="firm"),
    )
    assert clustered.estimator == "MLR"
    np.testing.assert_array_equal(clustered.estimates["estimate"], plain.estimates["estimate"])
    free = clustered.estimates["free"] > 0
    assert (clustered.estimates["std_error"] != plain.estimates["std_error"])[free].all()


def test_fewer_clusters_than_parameters_are_reported(democracy):
    text = "dem60 =~ y1 + y2 + y3 + y4"
    few, many = (
        sem(text, democracy.assign(cluster=democracy.index % number), cluster="cluster") for number in (11, 12)
    )
    assert [text for text in few.warnings if text.startswith("There are 11 clusters for 12 free parameters.")]
    assert not many.warnings


def test_clusters_with_members_in_several_groups_are_told(halves):
    """Each part counts as a cluster of its own, as in lavaan."""
    divided = sem(TWO_FACTORS, halves, group="half", cluster="firm")
    assert [text for text in divided.warnings if text.startswith("15 of 15 clusters of firm have members in several")]
    within = sem(TWO_FACTORS, halves.assign(firm=np.arange(75) % 30), group="half", cluster="firm")
    assert not [text for text in within.warnings if "members in several groups" in text]
