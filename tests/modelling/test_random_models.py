"""Random identified models: exact moments give back the parameters; samples have minima that units do not move."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveysem.implied import implied_moments, moment_structure
from surveysem.modelling import sem
from surveysem.specification import parameter_table, parse_syntax

SETTINGS = settings(max_examples=25, deadline=None, derandomize=True)


@st.composite
def models(draw):
    """Two to four factors of three or four indicators, recursive paths among them, some correlated residuals."""
    sizes = draw(st.lists(st.integers(3, 4), min_size=2, max_size=4))
    items = [[f"v{factor}{item}" for item in range(size)] for factor, size in enumerate(sizes)]
    lines = [f"f{factor} =~ " + " + ".join(names) for factor, names in enumerate(items)]
    for outcome in range(1, len(sizes)):
        predictors = [number for number in range(outcome) if draw(st.booleans())]
        if predictors:
            lines.append(f"f{outcome} ~ " + " + ".join(f"f{number}" for number in predictors))
    if draw(st.booleans()):
        lines.append(f"{items[0][1]} ~~ {items[1][1]}")
    return "\n".join(lines), draw(st.integers(0, 10_000))


def _parameters(table, rng):
    """An admissible point of the model."""
    theta = np.zeros(table.n_free)
    for row in table:
        if row.free:
            is_variance = row.op == "~~" and row.lhs == row.rhs
            low, high = (0.5, 1.5) if is_variance else (0.05, 0.2) if row.op == "~~" else (0.4, 1.2)
            theta[row.free - 1] = rng.uniform(low, high)
    return theta


def _population(syntax, seed):
    table, rng = parameter_table(parse_syntax(syntax)), np.random.default_rng(seed)
    theta = _parameters(table, rng)
    return table, theta, implied_moments(moment_structure(table, table.n_free), theta).covariance, rng


def _frame(rows, names):
    return pd.DataFrame(rows, columns=list(names))


@SETTINGS
@given(models())
def test_exact_moments_give_back_the_parameters(case):
    table, theta, covariance, rng = _population(*case)
    rows = rng.standard_normal((200, len(covariance)))
    rows = (rows - rows.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(rows, rowvar=False, bias=True))).T
    fit = sem(case[0], _frame(rows @ np.linalg.cholesky(covariance).T, table.observed))
    np.testing.assert_allclose(fit.solution.theta, theta, atol=1e-6)
    assert fit.fit_indices["chisq"] == pytest.approx(0, abs=1e-8)
    assert fit.admissible


@SETTINGS
@given(models(), st.floats(0.01, 100))
def test_a_sample_has_a_minimum_that_units_do_not_move(case, factor):
    table, _, covariance, rng = _population(*case)
    data = _frame(rng.standard_normal((400, len(covariance))) @ np.linalg.cholesky(covariance).T, table.observed)
    fit = sem(case[0], data)
    assert fit.solution.distance < 1e-4
    other = sem(case[0], data.assign(**{table.observed[1]: factor * data[table.observed[1]]}))
    assert other.fit_indices["chisq"] == pytest.approx(fit.fit_indices["chisq"], rel=1e-7, abs=1e-7)
    np.testing.assert_allclose(other.estimates["std_all"], fit.estimates["std_all"], atol=1e-5)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(models())
def test_independent_software_agrees(case):
    table, _, covariance, rng = _population(*case)
    data = _frame(rng.standard_normal((400, len(covariance))) @ np.linalg.cholesky(covariance).T, table.observed)
    agreement = sem(case[0], data).agreement
    assert agreement.largest_relative_difference_estimates < 1e-3
    assert agreement.largest_relative_difference_standard_errors < 1e-3
