"""Power of Wald tests: simulated z, a published case, and lavaan's standard errors at a population."""

from __future__ import annotations

from math import isnan, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from surveysem.data.moments import SampleMoments
from surveysem.errors import SurveySEMError
from surveysem.estimation import estimate_model
from surveysem.inference.information import parameter_covariance
from surveysem.planning.wald_power import power_under, size_under, wald_power, wald_sample_size
from surveysem.propositions import DecisionRule
from surveysem.specification import parameter_table, parse_syntax

CASE = Path(__file__).resolve().parents[1] / "reference" / "lavaan_power"


@pytest.fixture(scope="module")
def factor_model():
    """Covariance of the estimates of the two-factor model at its population, for n = 150."""
    covariance = pd.read_csv(CASE / "covariance.csv", index_col=0)
    names = tuple(covariance)
    syntax = f"F1 =~ NA*x1 + {' + '.join(names[1:5])}; F2 =~ NA*x6 + {' + '.join(names[6:])}; F1 ~~ 1*F1; F2 ~~ 1*F2"
    table = parameter_table(parse_syntax(syntax))
    moments = SampleMoments(
        variables=table.observed,
        covariance=covariance.loc[list(table.observed), list(table.observed)].to_numpy(),
        means=np.zeros(10),
        n_obs=150,
        observations=np.zeros((0, 10)),
    )
    solution = estimate_model(table, moments)
    return table, solution.theta, parameter_covariance(solution, "ML")


def test_standard_errors_at_the_population_are_those_of_lavaan(factor_model):
    table, theta, covariance = factor_model
    stored = pd.read_csv(CASE / "estimates.csv", skipinitialspace=True)
    for row in stored[stored["se"] > 0].itertuples():
        own = next(r for r in table if r.op == row.op and {r.lhs, r.rhs} == {row.lhs, row.rhs} and r.free)
        assert theta[own.free - 1] == pytest.approx(row.est, abs=1e-5)
        assert sqrt(covariance[own.free - 1, own.free - 1]) == pytest.approx(row.se, rel=1e-5)


def test_published_power_of_a_factor_correlation(factor_model):
    """Muthén and Muthén (2002): a correlation of .25 has a power of .81 with 150 respondents, by simulation.

    That number is rounded and has a Monte Carlo error, beside what infinite samples are off at 150 respondents.
    """
    table, theta, covariance = factor_model
    row = next(r for r in table if {r.lhs, r.rhs} == {"F1", "F2"})
    error = sqrt(150 * covariance[row.free - 1, row.free - 1])
    simulated = pd.read_csv(CASE / "power.csv")["power"].iloc[0]
    assert simulated == pytest.approx(0.81, abs=0.013)  # two standard errors of 4,000 replications with lavaan
    assert wald_power(theta[row.free - 1], error, n=150) == pytest.approx(simulated, abs=0.025)


@pytest.mark.parametrize(("two_sided", "sign"), [(True, 0), (True, 1), (False, 1), (True, -1)])
def test_power_is_the_share_of_significant_draws(two_sided, sign):
    z = np.random.default_rng(1).normal(0.15 * sqrt(250) / 1.2, 1.0, size=400_000)
    critical = 1.959964 if two_sided else 1.644854
    hits = (np.abs(z) > critical) & ((z * sign > 0) | (sign == 0))
    found = wald_power(0.15, 1.2, n=250, two_sided=two_sided, sign=sign)
    assert found == pytest.approx(hits.mean(), abs=0.003)  # four Monte Carlo standard errors


@pytest.mark.parametrize("sign", [0, 1])
def test_the_size_is_the_smallest_with_the_power(sign):
    n = wald_sample_size(0.15, 1.2, power=0.9, sign=sign)
    assert wald_power(0.15, 1.2, n=n - 1, sign=sign) < 0.9 <= wald_power(0.15, 1.2, n=n, sign=sign)


def test_rules_decide_sides_sign_and_alpha():
    positive = DecisionRule(expected="positive", alpha=0.05)
    negative = DecisionRule(expected="negative", alpha=0.05)
    one_sided = DecisionRule(expected="positive", alpha=0.05, sides="one")
    assert power_under(negative, 0.3, 1.0, n=100) < 0.001
    assert power_under(one_sided, 0.2, 1.0, n=100) > power_under(positive, 0.2, 1.0, n=100)
    assert power_under(positive, 0.2, 1.0, n=100, tests=5) < power_under(positive, 0.2, 1.0, n=100)
    assert isnan(size_under(negative, 0.3, 1.0, power=0.8))


def test_impossible_numbers_are_refused():
    with pytest.raises(SurveySEMError):
        wald_power(0.1, 0.0, n=100)
