"""Wald tests against lavaan's, and hypotheses that are none."""

import numpy as np
import pytest

from surveysem.errors import ModelSyntaxError
from surveysem.inference.wald import wald_test


@pytest.mark.parametrize("case", ["democracy_labelled", "democracy_labelled_mlr"])
def test_statistics_are_lavaans(case, fit_of, stored):
    fit = fit_of(case)
    rows = stored("wald_tests", estimator=fit.estimator)
    assert len(rows) == 4
    for _, row in rows.iterrows():
        test = wald_test(fit, row["hypothesis"])
        assert test.chi_square == pytest.approx(row["stat"], rel=1e-4)
        assert test.degrees_of_freedom == row["df"]
        assert test.p_value == pytest.approx(row["p.value"], abs=1e-5)
        assert test.hypothesis == row["hypothesis"]


def test_one_parameter_against_zero_is_its_z_squared(fit_of):
    fit = fit_of("democracy_mlr")
    row = fit.estimates.query("label == 'b'").iloc[0]
    test = wald_test(fit, "b == 0")
    assert test.chi_square == pytest.approx(row["z"] ** 2)
    assert test.p_value == pytest.approx(row["p_value"])


def test_defined_quantities_can_be_tested(fit_of):
    fit = fit_of("democracy")
    row = fit.estimates.query("lhs == 'indirect'").iloc[0]
    assert wald_test(fit, "indirect == 0").chi_square == pytest.approx(row["z"] ** 2)
    assert wald_test(fit, "a*b == 0").chi_square == pytest.approx(row["z"] ** 2)


def test_the_sentence_carries_the_hypothesis(fit_of):
    text = str(wald_test(fit_of("democracy"), "a == b\n c == 0.5"))
    assert text.startswith("a == b; c == 0.5: χ²(2) = ")


def test_the_way_of_writing_linear_restrictions_does_not_matter(fit_of):
    fit = fit_of("democracy_labelled")
    one, other = wald_test(fit, "a == b; p1 == p2"), wald_test(fit, "p2 - p1 == 0; 2*a == 2*b")
    assert one.chi_square == pytest.approx(other.chi_square)


@pytest.mark.parametrize(
    ("hypothesis", "found"),
    [
        ("", "it is empty"),
        ("a = b", "not one =="),
        ("a == b == c", "not one =="),
        ("a == nobody", "no parameter is labelled 'nobody'"),
        ("1 == 2", "names no parameter"),
        ("log(0 - a) == 0", "no real value"),
        ("a == b; 2*a == 2*b", "no freedom of its own"),
        ("a == b; b == c; a == c", "no freedom of its own"),
        ("a - a == 0", "no freedom of its own"),
        ("a; b; c == 0", "not one =="),
    ],
)
def test_hypotheses_that_cannot_be_tested_are_refused(hypothesis, found, fit_of):
    with pytest.raises(ModelSyntaxError) as caught:
        wald_test(fit_of("democracy"), hypothesis)
    assert found in str(caught.value)


def test_every_flaw_is_listed(fit_of):
    with pytest.raises(ModelSyntaxError) as caught:
        wald_test(fit_of("democracy"), "a == x1; b = 2; c == x2")
    assert len(caught.value.problems) == 3


def test_a_restriction_the_model_imposes_has_nothing_to_test(fit_of):
    with pytest.raises(ModelSyntaxError, match="cannot be tested"):
        wald_test(fit_of("democracy_equal"), "c == d")
    assert np.isfinite(wald_test(fit_of("democracy_equal"), "a == b").chi_square)
