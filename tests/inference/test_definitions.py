"""Defined quantities: arithmetic, its derivatives, and everything that is no arithmetic."""

import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveysem.errors import ModelSyntaxError
from surveysem.inference.estimates import estimates_table
from surveysem.modelling import sem
from surveysem.specification import parameter_table, parse_syntax
from surveysem.specification.expressions import check_definitions, evaluate, gradient, names_in

POINT = {"a": 0.7, "b": -1.3, "c.1": 2.0, "lambda": 0.25, "e5": 3.0}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a*b + c.1", 0.7 * -1.3 + 2.0),
        ("-a^2", -(0.7**2)),
        ("c.1^2^lambda", 2.0 ** (2.0**0.25)),
        ("(a + b)/(c.1 - lambda)", (0.7 - 1.3) / 1.75),
        ("exp(a) + log(c.1) * sqrt(lambda)", np.exp(0.7) + np.log(2.0) * 0.5),
        ("2.5e-1*e5 - -b", 0.75 - 1.3),
        ("+a - 1e2", 0.7 - 100),
        ("b^2", 1.69),
        ("b^3", -2.197),
    ],
)
def test_values(expression, expected):
    value = evaluate(expression, POINT)
    assert value.imag == 0
    assert value.real == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    "expression",
    ["a*b + c.1", "exp(a*b)/(1 + exp(a*b))", "sqrt(c.1 + a^2)", "log(e5)^2 - lambda", "a", "b^3/c.1", "5"],
)
def test_derivatives_by_finite_differences(expression):
    names, values, step = tuple(POINT), np.array(list(POINT.values())), 1e-6

    def at(point):
        return evaluate(expression, dict(zip(names, point, strict=True))).real

    numeric = [(at(values + step * unit) - at(values - step * unit)) / (2 * step) for unit in np.eye(len(names))]
    np.testing.assert_allclose(gradient(expression, names, values), numeric, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("a + z", "no parameter is labelled 'z'"),
        ("y + z", "no parameter is labelled 'y', 'z'"),
        ("a(b)", "a(b) is not arithmetic"),
        ("__import__('os')", "is not arithmetic"),
        ("a.__class__", "no parameter is labelled 'a.__class__'"),
        ("a // b", "a // b is not arithmetic"),
        ("a < b", "a < b is not arithmetic"),
        ("[a]", "[a] is not arithmetic"),
        ("'a'", "is not arithmetic"),
        ("1j", "1j is not arithmetic"),
        ("True", "no parameter is labelled 'True'"),
        ("exp", "exp is not arithmetic"),
        ("exp(a, b)", "exp(a, b) is not arithmetic"),
        ("a b", "not an arithmetic expression"),
        ("(a", "not an arithmetic expression"),
        ("1/0", "division by zero"),
        ("log(0)", "math domain error"),
        ("9^9^9^9", "exponentiation"),
        ("1e999", "is not arithmetic"),
    ],
)
def test_what_is_no_arithmetic_is_refused(expression, reason):
    with pytest.raises(ModelSyntaxError) as caught:
        evaluate(expression, {"a": 1.0, "b": 2.0})
    assert reason in str(caught.value)
    assert "these labels: a, b." in str(caught.value)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab12.+-*/^() expqrtlog_[]'\"\\", max_size=20))
def test_any_text_is_computed_or_refused(text):
    with contextlib.suppress(ModelSyntaxError):  # any other error fails the test
        assert isinstance(evaluate(text, {"a": 1.5, "b": -2.0}), complex)


def test_names():
    assert names_in("a.1*b + exp(a.1) - 2e5*lambda") == ("a.1", "b", "lambda")


def test_all_definitions_are_checked_at_once_and_before_fitting(democracy):
    text = "f =~ y1 + a*y2 + b*y3; ab := a*z; a := 2*b; odd := a +; later := next + a; next := a"
    with pytest.raises(ModelSyntaxError) as caught:
        sem(text.replace("a +;", "a */ b;"), democracy)
    found = [str(problem) for problem in caught.value.problems]
    assert len(found) == 4
    assert "ab := a*z: no parameter is labelled 'z'" in found[0]
    assert "a is already the label of a parameter" in found[1]
    assert "not an arithmetic expression" in found[2]
    assert "no parameter is labelled 'next'" in found[3]


def test_definitions_of_fixed_parameters_and_of_definitions_are_allowed():
    table = parameter_table(parse_syntax("f =~ one*1*y1 + a*y2 + y3; twice := 2*a; more := twice + one"))
    check_definitions(table)


def test_definitions_by_hand(democracy_fit):
    """Delta method of a product: var(ab) = b² var(a) + a² var(b) + 2ab cov(a, b)."""
    table = democracy_fit.estimates.set_index("label")
    names = list(democracy_fit.table.free_names)
    i, j, k = (names.index(name) for name in ("a", "b", "c"))
    a, b, c = (democracy_fit.solution.theta[index] for index in (i, j, k))
    v = democracy_fit.parameter_covariance
    assert table.loc["indirect", "estimate"] == pytest.approx(a * b)
    variance = b**2 * v[i, i] + a**2 * v[j, j] + 2 * a * b * v[i, j]
    assert table.loc["indirect", "std_error"] == pytest.approx(np.sqrt(variance))
    assert table.loc["total", "estimate"] == pytest.approx(a * b + c)
    variance += v[k, k] + 2 * b * v[i, k] + 2 * a * v[j, k]
    assert table.loc["total", "std_error"] == pytest.approx(np.sqrt(variance))
    standardised = table.loc["a", "std_all"] * table.loc["b", "std_all"]
    assert table.loc["indirect", "std_all"] == pytest.approx(standardised)


def test_the_root_of_a_negative_estimate_is_not_a_number(democracy):
    fit = sem("f =~ y1 + a*y2 + y3; f ~~ v*f; root := sqrt(-v); power := (-v)^0.5; cube := (-v)^3", democracy)
    table = fit.estimates.set_index("label")
    for name in ("root", "power"):
        assert table.loc[name, ["estimate", "std_error", "z", "p_value", "std_all"]].isna().all()
    assert [text.split(" is no real number")[0] for text in fit.warnings] == ["root := sqrt(-v)", "power := (-v)^0.5"]
    assert table.loc["cube", "estimate"] == pytest.approx(-(table.loc["v", "estimate"] ** 3))


def test_confidence_level(democracy_fit):
    wide = estimates_table(democracy_fit.solution, democracy_fit.parameter_covariance, products={}, level=0.99)
    free = wide["free"] > 0
    half = (wide["ci_upper"] - wide["estimate"])[free]
    np.testing.assert_allclose(half / wide["std_error"][free], 2.5758293035489004)
