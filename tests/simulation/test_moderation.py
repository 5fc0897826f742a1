"""Latent interactions over simulated samples: what benchmarks/results/moderation.md shows, on a smaller scale."""

import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss

ROOT = Path(__file__).resolve().parents[2]
STUDY = runpy.run_path(str(ROOT / "benchmarks" / "moderation.py"))
CONDITIONS, QUICK = STUDY["CONDITIONS"], STUDY["QUICK"]
NORMAL = "normal latent variables"
ROBUST_TO_SKEW = ("double centring, all pairs", "double centring, matched pairs", "unconstrained, intercepts 0")
CONSTRAINED = "constrained, matched pairs"
NOT_ROBUST = ("residual centring", CONSTRAINED, "LMS", "QML")


def stored(name):
    """Rows of a stored table by method and estimator: column to text."""
    text = (ROOT / "benchmarks" / "results" / "moderation.md").read_text(encoding="utf-8")
    heading = STUDY["heading"](name, STUDY["FULL"])
    header, _, *rows = text.partition(f"## {heading}\n\n")[2].partition("\n\n")[0].splitlines()
    columns = cells(header)
    return {tuple(row[:2]): dict(zip(columns, row, strict=True)) for row in map(cells, rows)}


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


def number(cell):
    return float(cell.partition(" ")[0])


@pytest.mark.parametrize("name", CONDITIONS)
def test_populations_are_as_described(name):
    condition = CONDITIONS[name]
    rng = np.random.default_rng(1)
    x, z = condition.factors(rng, 400_000)
    correlation = STUDY["CORRELATION"]
    # Monte Carlo error of moments of up to the fourth order of skewed variables
    assert np.corrcoef(x, z)[0, 1] == pytest.approx(correlation, abs=0.01)
    assert np.cov(x, x * z)[0, 1] == pytest.approx(condition.covariance_with_product, abs=0.03)
    assert np.var(x * z) == pytest.approx(1 + correlation**2 + condition.product_excess, rel=0.05)
    answers = STUDY["sample"](condition._replace(cuts=()), STUDY["INTERACTION"], rng, 400_000)
    np.testing.assert_allclose(answers.var(), 1.0, atol=0.02)


def test_replications_do_not_depend_on_their_number():
    few, more = (STUDY["replicated"](NORMAL, 0.0, count) for count in (1, 2))
    assert few.equals(more.head(len(few)))


@pytest.mark.slow
@pytest.mark.parametrize("name", CONDITIONS)
def test_quick_study(name):
    rates = STUDY["study"](name, QUICK).set_index(["method", "estimator"])
    assert (rates["failed"] == 0).all()
    assert rates.loc[("unconstrained", "MLR"), "bias, standardised"] == pytest.approx(
        rates.loc[("double centring, all pairs", "MLR"), "bias, standardised"], abs=1e-5
    )
    for method, row in rates.iterrows():
        # Of 20 samples at most 5 and 6 go wrong with a chance of 2 in 1,000 where the rate is .07 or .10
        if name == NORMAL and method != ("double centring, all pairs", "ML"):
            assert row["type I error"][0] <= 0.25, method
            assert row["coverage"][0] >= 0.7, method
            assert abs(row["bias"][0]) < 4 * row["bias"][1], method


@pytest.mark.slow
def test_intervals_of_the_constrained_approach_hold_in_larger_samples():
    # In samples of 300 they hold the truth a little too rarely (see the stored table)
    rates = STUDY["study"](NORMAL, 500, n=1000, methods=[CONSTRAINED]).iloc[0]
    assert rates["failed"] == 0
    # Monte Carlo error .010
    assert 0.93 <= rates["coverage"][0] <= 0.97, rates
    assert 0.03 <= rates["type I error"][0] <= 0.07, rates


@pytest.mark.slow
def test_skewed_latent_variables_bias_those_methods_that_take_them_for_normal():
    found = STUDY["in_large_samples"]("skewed latent variables", 50_000)
    none, with_interaction = found.iloc[:, 0], found.iloc[:, 1]
    truth = STUDY["INTERACTION"]
    for method in ROBUST_TO_SKEW:
        assert abs(none[method][0]) < 3 * none[method][1], method
        assert abs(with_interaction[method][0] - truth) < 3 * with_interaction[method][1], method
    for method in NOT_ROBUST:
        assert none[method][0] > 4 * none[method][1], method
        assert with_interaction[method][0] - truth > 3 * with_interaction[method][1], method


def test_stored_rates_with_normal_latent_variables_meet_the_requirement():
    rows = stored(NORMAL)
    assert len(rows) == sum(len(method.estimators) for method in STUDY["METHODS"].values())
    for (method, estimator), row in rows.items():
        assert row["failed"] == "0", method
        assert 0.035 <= number(row["type I error"]) <= 0.065, (method, estimator)
        if (method, estimator) == ("double centring, all pairs", "ML"):
            # Normal-theory standard errors of products of items are wrong, which is why a warning is given
            assert number(row["coverage"]) < 0.93
        else:
            # .925 in the stored samples of the constrained approach, whose Monte Carlo error is .008
            least = 0.92 if method == CONSTRAINED else 0.93
            assert least <= number(row["coverage"]) <= 0.97, (method, estimator)


def test_stored_rates_show_what_skewed_latent_variables_do():
    rows = stored("skewed latent variables")
    for method in ROBUST_TO_SKEW:
        assert number(rows[method, "MLR"]["type I error"]) < 0.10, method
    for method in ("LMS", "QML"):
        assert number(rows[method, "MLR"]["bias, standardised"]) > 0.3, method


@pytest.mark.slow
def test_product_indicators_take_the_means_they_were_centred_at_for_known():
    """Standard errors of main effects miss b3²·Var(mean of the moderator); that of the interaction misses nothing."""
    interaction, n, replications = 0.7, 300, 300
    found = []
    for number in range(replications):
        rng = np.random.default_rng([1, number])
        x, z = rng.standard_normal((2, n))
        y = 0.3 * x + 0.3 * z + interaction * x * z + 0.5 * rng.standard_normal(n)
        latent = {"x": x, "z": z, "y": y}
        columns = {f"{k}{i}": v + 0.5 * rng.standard_normal(n) for k, v in latent.items() for i in (1, 2, 3)}
        rows = ss.sem(STUDY["MODEL"], pd.DataFrame(columns), estimator="MLR").estimates
        rows = rows[rows["op"] == "~"].set_index("rhs")
        found.append(rows.loc[["X", "X:Z"], ["estimate", "std_error"]].to_numpy().ravel())
    main, main_error, product, product_error = np.array(found).T
    # Monte Carlo error of a standard deviation: .04 of it
    assert np.mean(main_error) / main.std() < 0.85
    of_means = interaction**2 / n
    assert np.sqrt(np.mean(main_error**2) + of_means) / main.std() == pytest.approx(1.0, abs=0.12)
    assert np.mean(product_error) / product.std() == pytest.approx(1.0, abs=0.12)
