"""Expressions with their derivatives, against complex steps and finite differences of these."""

import numpy as np
import pytest

from surveysem.specification.expansions import Expansion, expand, variables
from surveysem.specification.expressions import evaluate, gradient

NAMES = ("a", "b.1", "c")
AT = np.array([0.7, 1.9, -0.4])
EXPRESSIONS = [
    "a*b.1 + c^2 - 3",
    "2*a/b.1 - c/(a + 1)",
    "-a^3 * b.1^2 / c^2",
    "exp(a*c) - log(b.1)*c + sqrt(a + b.1)",
    "a^b.1 + 2^c",
    "b.1^-1.5 * (1 - a)^0 * +c",
    "(a + b.1)^2 - (a + b.1)*(a + b.1) + 4",
    "sqrt(2)*a + log(3) - exp(1)*c + a^0.5",
]


def _hessian(expression: str) -> np.ndarray:
    """Central differences of the exact gradient."""
    step = 1e-5
    columns = [
        (gradient(expression, NAMES, AT + step * unit) - gradient(expression, NAMES, AT - step * unit)) / (2 * step)
        for unit in np.eye(3)
    ]
    return np.array(columns)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_derivatives(expression):
    found = expand(expression, variables(NAMES, AT))
    assert found.value == pytest.approx(evaluate(expression, dict(zip(NAMES, AT, strict=True))).real, rel=1e-14)
    np.testing.assert_allclose(found.gradient, gradient(expression, NAMES, AT), rtol=1e-12, atol=1e-13)
    # differences of steps of 1e-5 leave about 1e-10
    np.testing.assert_allclose(found.hessian, _hessian(expression), rtol=1e-8, atol=1e-8)
    np.testing.assert_array_equal(found.hessian, found.hessian.T)


def test_powers_have_derivatives_at_zero():
    found = expand("a^2 + a^1 + a^0", variables(("a",), np.array([0.0])))
    assert (found.value, found.gradient.tolist(), found.hessian.tolist()) == (1.0, [1.0], [[2.0]])


@pytest.mark.parametrize("expression", ["log(c)", "sqrt(c)", "c^0.5", "c^a", "log(c)*0"])
def test_what_is_no_real_number_is_nan(expression):
    assert np.isnan(expand(expression, variables(NAMES, AT)).value)


@pytest.mark.parametrize(("expression", "value"), [("2*3 - 1/4", 5.75), ("sqrt(16)", 4.0), ("k^2", 9.0)])
def test_numbers_stay_numbers(expression, value):
    found = expand(expression, {"k": 3.0})
    assert not isinstance(found, Expansion)
    assert found == value


def test_a_number_that_does_not_exist_is_nan():
    assert np.isnan(expand("1/0", {}))


def test_expansions_can_be_put_into_expressions():
    known = variables(("a", "b"), np.array([2.0, 3.0]))
    nested = expand("d^2 + a", {**known, "d": expand("a*b", known)})
    direct = expand("(a*b)^2 + a", known)
    np.testing.assert_allclose(nested.gradient, direct.gradient)
    np.testing.assert_allclose(nested.hessian, direct.hessian)
