"""Power beside numbers that others have published; each test names its source.

Muthén, L. K., & Muthén, B. O. (2002). How to use a Monte Carlo study to decide on sample size and determine power.
*Structural Equation Modeling, 9*, 599–620, chose n = 150 for two models, in both of which the effect of interest then
has a power of .81: a correlation of .25 between two factors with five indicators each (loadings .8, residual variances
.36), and a regression of a linear slope on a binary covariate (.2; four occasions). The population of the first, its
n and its power also stand in the examples of the R package SimDesign ("Muthen and Muthen (2002) CFA example").

A published power of .81 is rounded: 2 points from it are .02 from any number between .805 and .815.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

import surveysem as ss
from surveysem.data.moments import SampleMoments
from surveysem.estimation import estimate_model
from surveysem.inference.information import parameter_covariance
from surveysem.planning.design import power_design
from surveysem.planning.outcomes import NUMBERS
from surveysem.planning.rmsea_power import rmsea_power, rmsea_sample_size
from surveysem.planning.running import run_tasks
from surveysem.planning.wald_power import wald_power, wald_sample_size
from surveysem.specification import parameter_table, parse_syntax

TWO_POINTS = 0.02 + 0.005
REPS = 1000

INSTRUMENT = """
id: two_factors
title: {{en: Two factors}}
version: "1"
languages: [en]
response_scales: [{{id: number, kind: number}}]
constructs:
  - {{id: first, label: {{en: First}}, role: antecedent, definition: {{en: The first.}}}}
  - {{id: second, label: {{en: Second}}, role: outcome, definition: {{en: The second.}}}}
items:
{items}
"""
ITEM = "  - {{id: x{number}, construct: {construct}, scale: number, text: {{en: Measure {number}}}}}"
STUDY = """
id: two_factors
title: {en: Two factors}
instrument: two_factors.yaml
latent_variables: [{id: first}, {id: second}]
paths: [{id: H1, predictor: first, outcome: second}]
propositions: [{id: H1, statement: {en: The first acts on the second.}, expected: positive}]
decision: {alpha: 0.05, sides: two, multiplicity: none}
analysis: {estimator: ML, missing: listwise}
population:
  note: That of the article.
  effects: {H1: 0.25}
  loading: 0.8
"""


@pytest.fixture(scope="module")
def two_factors(tmp_path_factory):
    """The correlation of the two factors as a path between them: the standardised path is the correlation."""
    folder = tmp_path_factory.mktemp("two_factors")
    items = "\n".join(ITEM.format(number=n, construct="first" if n < 6 else "second") for n in range(1, 11))
    (folder / "two_factors.yaml").write_text(INSTRUMENT.format(items=items), encoding="utf-8")
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    return ss.load_study(folder / "study.yaml")


@pytest.fixture(scope="module")
def simulated(two_factors):
    """Estimates and standard errors of replications with n = 150, by the columns of NUMBERS."""
    none = {"estimator": None, "missing": None, "interaction": None, "centering": None}
    outcomes = run_tasks(power_design(two_factors, 150, reps=REPS, seed=20020404, **none), n_jobs=1)[150]
    assert (outcomes.status == 0).all()
    return dict(zip(NUMBERS, outcomes.numbers[:, 0].T, strict=True))


def test_simulated_power_of_a_factor_correlation(simulated):
    """.81; the Monte Carlo error of 1,000 replications is .012."""
    z = simulated["std_estimate"] / simulated["std_std_error"]
    assert np.mean(np.abs(z) > 1.959964) == pytest.approx(0.81, abs=TWO_POINTS)


def test_analytic_power_of_a_factor_correlation():
    """.81; a correlation's standard error falls with its estimate, which costs the formula 2 points at n = 150."""
    syntax = "a =~ NA*x1 + x2 + x3 + x4 + x5; b =~ NA*x6 + x7 + x8 + x9 + x10; a ~~ 1*a; b ~~ 1*b; a ~~ b"
    loadings = np.kron(np.eye(2), np.full((5, 1), 0.8))
    covariance = loadings @ np.array([[1, 0.25], [0.25, 1]]) @ loadings.T + 0.36 * np.eye(10)
    estimate, error = at_population(syntax, [f"x{n}" for n in range(1, 11)], covariance, ("a", "~~", "b"))
    assert estimate == pytest.approx(0.25, abs=1e-6)
    assert wald_power(estimate, error, n=150) == pytest.approx(0.81, abs=TWO_POINTS)


def test_the_power_of_a_path_is_the_same_either_way(two_factors, simulated):
    """That of the test a study makes: of the unstandardised path."""
    analytic = ss.power(two_factors, n=150, method="analytic").overview.loc["H1", 150]
    z = simulated["estimate"] / simulated["std_error"]
    assert np.mean(z > 1.959964) == pytest.approx(analytic, abs=0.02 + 2 * sqrt(0.8 * 0.2 / REPS))  # Monte Carlo error


GROWTH = "i =~ 1*y1 + 1*y2 + 1*y3 + 1*y4; s =~ 0*y1 + 1*y2 + 2*y3 + 3*y4; i ~ x; s ~ x; i ~~ s"
GROWTH_NAMES = ["y1", "y2", "y3", "y4", "x"]
EFFECTS = np.array([0.5, 0.2])
TIMES = np.column_stack([np.ones(4), np.arange(4.0)])


def test_analytic_power_and_size_of_a_slope_on_a_covariate():
    """.81 with n = 150, chosen for a power of .80: residual variances .25 and .09 of the growth factors, .5 of y."""
    growth = TIMES @ np.diag([0.25, 0.09]) @ TIMES.T + 0.5 * np.eye(4)
    effect = TIMES @ EFFECTS
    block = np.block([[growth + 0.25 * np.outer(effect, effect), 0.25 * effect[:, None]], [0.25 * effect, 0.25]])
    estimate, error = at_population(GROWTH, GROWTH_NAMES, block, ("s", "~", "x"))
    assert estimate == pytest.approx(0.2, abs=1e-6)
    assert wald_power(estimate, error, n=150) == pytest.approx(0.81, abs=0.02)
    assert wald_sample_size(estimate, error, power=0.8) == pytest.approx(150, abs=1)


@pytest.mark.slow
def test_simulated_power_of_a_slope_on_a_covariate():
    """.81 with n = 150, by samples that our engine fits."""
    rng = np.random.default_rng(20020404)
    table = parameter_table(parse_syntax(GROWTH))
    order = [GROWTH_NAMES.index(name) for name in table.observed]
    row = next(each for each in table if (each.lhs, each.op, each.rhs) == ("s", "~", "x"))
    hits = []
    for _ in range(REPS):
        x = rng.integers(0, 2, 150).astype(float)
        factors = x[:, None] * EFFECTS + rng.normal(0, [0.5, 0.3], (150, 2))
        y = factors @ TIMES.T + rng.normal(0, sqrt(0.5), (150, 4))
        sample = np.column_stack([y, x])[:, order]
        solution = estimate_model(table, moments(table.observed, np.cov(sample.T, ddof=0), 150))
        place = row.free - 1
        error = sqrt(parameter_covariance(solution, "ML")[place, place])
        hits.append(abs(solution.theta[place] / error) > 1.959964)
    assert np.mean(hits) == pytest.approx(0.81, abs=TWO_POINTS)  # Monte Carlo error .012


def test_the_sample_for_a_test_of_fit_is_that_of_sempower():
    """semPower.aPriori(.05, "RMSEA", alpha=.05, power=.80, df=168) prints N = 123 and a power of 0.802837."""
    assert rmsea_sample_size(degrees_of_freedom=168, null=0.0, alternative=0.05) == 123
    assert rmsea_power(degrees_of_freedom=168, n=123, null=0.0, alternative=0.05) == pytest.approx(0.802837, abs=5e-7)


MACCALLUM = {
    (0.05, 0.08): (0.127, 0.199, 0.269, 0.335, 0.397),
    (0.05, 0.01): (0.081, 0.124, 0.181, 0.248, 0.324),
    (0.0, 0.05): (0.112, 0.188, 0.273, 0.362, 0.449),
}


@pytest.mark.parametrize(("hypotheses", "powers"), MACCALLUM.items())
def test_power_of_tests_of_fit_with_five_degrees_of_freedom(hypotheses, powers):
    """MacCallum, Browne and Sugawara (1996), Table 2, df = 5: close, not-close and exact fit, n = 100 to 500."""
    null, alternative = hypotheses
    for n, power in zip((100, 200, 300, 400, 500), powers, strict=True):
        found = rmsea_power(degrees_of_freedom=5, n=n, null=null, alternative=alternative)
        assert found == pytest.approx(power, abs=5e-4)


def at_population(syntax, names, covariance, wanted):
    """Estimate at the population and its standard error times √n."""
    table = parameter_table(parse_syntax(syntax))
    order = [names.index(name) for name in table.observed]
    solution = estimate_model(table, moments(table.observed, covariance[np.ix_(order, order)], 1000))
    row = next(each for each in table if (each.lhs, each.op, each.rhs) == wanted)
    place = row.free - 1
    return float(solution.theta[place]), sqrt(1000 * parameter_covariance(solution, "ML")[place, place])


def moments(names, covariance, n):
    p = len(names)
    return SampleMoments(
        variables=names, covariance=covariance, means=np.zeros(p), n_obs=n, observations=np.zeros((0, p))
    )
