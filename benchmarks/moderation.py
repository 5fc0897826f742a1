"""Tests and intervals of latent interactions over simulated samples: python -m benchmarks.moderation [--quick].

Every method meets the same samples: of normal latent variables, of skewed ones, and of items cut into five points. The
tables go to benchmarks/results/moderation.md; with --quick (20 replications) they are only printed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

import surveysem as ss
from surveysem.inference import infer

SEED = 20261123
N = 300
CORRELATION, MAIN, INTERACTION = 0.4, 0.3, 0.25
COMMUNALITY = 4 / 7
"""Share of an item's variance that its latent variable explains; three such items have a reliability (omega) of .80."""
SHAPE = 1.5
"""Shape of the gamma distributed latent variables: χ² with 3 degrees of freedom, skew 1.63, excess kurtosis 4."""
MODEL = """
    X =~ x1 + x2 + x3
    Z =~ z1 + z2 + z3
    Y =~ y1 + y2 + y3
    Y ~ X + Z + X:Z
"""
INTERCEPTS = "".join(f"\n    x{i}.z{j} ~ 0*1" for i in (1, 2, 3) for j in (1, 2, 3))
QUICK, FULL = 20, 1000
LARGE = 100_000
"""Rows of the samples that show what estimates tend to."""

Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]


def normal(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two standard normal variables that correlate."""
    first, other = rng.standard_normal((2, n))
    return first, CORRELATION * first + np.sqrt(1 - CORRELATION**2) * other


def skewed(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two standardised gamma variables that correlate, since they share a part."""
    shared = rng.gamma(CORRELATION * SHAPE, size=n)
    first, second = rng.gamma((1 - CORRELATION) * SHAPE, size=(2, n))
    return (shared + first - SHAPE) / np.sqrt(SHAPE), (shared + second - SHAPE) / np.sqrt(SHAPE)


class Condition(NamedTuple):
    """A kind of samples: how factors are drawn, where items are cut, moments of the product."""

    factors: Draw
    cuts: tuple[float, ...] = ()
    covariance_with_product: float = 0.0
    product_excess: float = 0.0
    """What the variance of the product has beyond that of normal factors, 1 + correlation²."""


class Method(NamedTuple):
    """A way of estimating, and the estimators whose standard errors and tests are looked at."""

    options: dict[str, object]
    estimators: tuple[str, ...] = ("MLR",)
    syntax: str = MODEL


CONDITIONS = {
    "normal latent variables": Condition(normal),
    "skewed latent variables": Condition(
        skewed,
        covariance_with_product=CORRELATION * 2 / np.sqrt(SHAPE),
        product_excess=CORRELATION * 6 / SHAPE,
    ),
    "five-point items, symmetric": Condition(normal, cuts=(-1.5, -0.5, 0.5, 1.5)),
    "five-point items, skewed": Condition(normal, cuts=(-1.645, -1.036, -0.524, 0.253)),
}
BOTH = ("ML", "MLR")
METHODS = {
    "double centring, all pairs": Method({}, BOTH),
    "double centring, matched pairs": Method({"pairs": "matched"}),
    "residual centring": Method({"centering": "residual"}),
    "unconstrained": Method({"centering": "unconstrained"}),
    "unconstrained, intercepts 0": Method({"centering": "unconstrained"}, syntax=MODEL + INTERCEPTS),
    "constrained, matched pairs": Method({"centering": "constrained"}),
    "LMS": Method({"interaction": "lms"}, BOTH),
    "QML": Method({"interaction": "qml"}, BOTH),
}


def sample(condition: Condition, interaction: float, rng: np.random.Generator, n: int = N) -> pd.DataFrame:
    """Answers to nine items; X, Z and Y have variance 1."""
    x, z = condition.factors(rng, n)
    product_variance = 1 + CORRELATION**2 + condition.product_excess
    explained = (
        2 * MAIN**2 * (1 + CORRELATION)
        + interaction**2 * product_variance
        + 4 * MAIN * interaction * condition.covariance_with_product
    )
    y = MAIN * (x + z) + interaction * (x * z - CORRELATION) + np.sqrt(1 - explained) * rng.standard_normal(n)
    latent = np.repeat(np.c_[x, z, y], 3, axis=1)
    answers = np.sqrt(COMMUNALITY) * latent + np.sqrt(1 - COMMUNALITY) * rng.standard_normal((n, 9))
    if condition.cuts:
        answers = np.digitize(answers, condition.cuts) + 1.0
    return pd.DataFrame(answers, columns=[f"{letter}{number}" for letter in "xzy" for number in (1, 2, 3)])


def fits(data: pd.DataFrame, methods: Sequence[str] = tuple(METHODS)) -> Iterator[tuple[str, str, object]]:
    """Name of the method, estimator, and the fit or the error, for each method."""
    for name in methods:
        first, *others = METHODS[name].estimators
        fit = attempt(ss.sem, METHODS[name].syntax, data, estimator=first, **METHODS[name].options)
        yield name, first, fit
        for other in others:
            # The estimates are the same, so that they are not searched for again.
            if isinstance(fit, ss.Fit):
                yield name, other, attempt(infer, fit.solution, estimator=other, products=fit.products)
            else:
                yield name, other, fit


def attempt(estimate: Callable[..., ss.Fit], *arguments: object, **options: object) -> ss.Fit | ss.SurveySEMError:
    """A fit, or why there is none."""
    try:
        return estimate(*arguments, **options)
    except ss.SurveySEMError as error:
        return error


def said_of_interaction(fit: object) -> dict[str, object]:
    """What a fit says of the interaction, or that there is none."""
    if not isinstance(fit, ss.Fit):
        return {"failed": True}
    row = interaction_row(fit)
    columns = ["estimate", "std_error", "p_value", "ci_lower", "ci_upper", "std_all", "std_ci_lower", "std_ci_upper"]
    return {"failed": False, "admissible": fit.admissible, **row[columns]}


def interaction_row(fit: ss.Fit) -> pd.Series:
    """Row of the interaction among the estimates."""
    rows = fit.estimates
    return rows[(rows["op"] == "~") & (rows["rhs"] == "X:Z")].iloc[0]


def replicated(
    name: str, interaction: float, replications: int, *, n: int = N, methods: Sequence[str] = tuple(METHODS)
) -> pd.DataFrame:
    """One row a sample and method; sample and seed of a replication do not depend on how many there are."""
    key = (list(CONDITIONS).index(name), int(interaction != 0))
    rows = []
    for number in range(replications):
        rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(*key, number)))
        for method, estimator, fit in fits(sample(CONDITIONS[name], interaction, rng, n), methods):
            rows.append({"method": method, "estimator": estimator, **said_of_interaction(fit)})
    return pd.DataFrame(rows)


def share(hits: pd.Series) -> tuple[float, float]:
    """A share and its Monte Carlo error."""
    rate = float(hits.mean())
    return rate, float(np.sqrt(rate * (1 - rate) / len(hits)))


def ratio(values: pd.Series, truth: float) -> tuple[float, float]:
    """Relative bias and its Monte Carlo error."""
    return float(values.mean() / truth - 1), float(values.std() / np.sqrt(len(values)) / abs(truth))


def summary(null: pd.DataFrame, effect: pd.DataFrame, *, is_cut: bool) -> dict[str, object]:
    """Rates of one method under one estimator: from samples without the interaction and with it.

    Scales of latent variables are those of first items, so that the coefficient of items that are cut has no true
    value; its standardised value has one, that of the latent variables.
    """
    n_failed = int(null["failed"].sum() + effect["failed"].sum())
    null, effect = null[~null["failed"]], effect[~effect["failed"]]
    n_inadmissible = sum(int((~part["admissible"].astype(bool)).sum()) for part in (null, effect))
    truth = INTERACTION / np.sqrt(COMMUNALITY)
    rates: dict[str, object] = {"failed": n_failed, "inadmissible": n_inadmissible}
    rates["type I error"] = share(null["p_value"] < 0.05)
    rates["power"] = share(effect["p_value"] < 0.05)
    if not is_cut:
        rates["coverage"] = share((effect["ci_lower"] <= truth) & (truth <= effect["ci_upper"]))
        rates["bias"] = ratio(effect["estimate"], truth)
    inside = (effect["std_ci_lower"] <= INTERACTION) & (effect["std_ci_upper"] >= INTERACTION)
    rates["coverage, standardised"] = share(inside)
    rates["bias, standardised"] = ratio(effect["std_all"], INTERACTION)
    rates["SE / SD"] = float(effect["std_error"].mean() / effect["estimate"].std())
    return rates


def study(name: str, replications: int, *, n: int = N, methods: Sequence[str] = tuple(METHODS)) -> pd.DataFrame:
    """Rates under one condition, one row a method and estimator."""
    null, effect = (replicated(name, value, replications, n=n, methods=methods) for value in (0.0, INTERACTION))
    by = ["method", "estimator"]
    groups = effect.groupby(by)
    rows = {
        key: summary(part, groups.get_group(key), is_cut=bool(CONDITIONS[name].cuts))
        for key, part in null.groupby(by, sort=False)
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(by).reset_index()


def in_large_samples(name: str, n: int = LARGE) -> pd.DataFrame:
    """Standardised interaction in a sample without and one with it, one row a method, with standard errors of MLR."""
    rows: dict[str, dict[str, object]] = {}
    for interaction in (0.0, INTERACTION):
        key = (list(CONDITIONS).index(name), int(interaction != 0), LARGE)
        rng = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=key))
        for method, estimator, fit in fits(sample(CONDITIONS[name], interaction, rng, n)):
            if estimator == "MLR":
                assert isinstance(fit, ss.Fit), fit
                row = interaction_row(fit)
                column = f"{name}, {interaction:g}"
                rows.setdefault(method, {})[column] = (float(row["std_all"]), float(row["std_std_error"]))
    return pd.DataFrame.from_dict(rows, orient="index")


def printed(value: object) -> str:
    """A cell: a share or bias with its Monte Carlo error in parentheses."""
    if isinstance(value, tuple):
        return f"{round(value[0], 3) + 0.0:.3f} ({value[1]:.3f})"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def table(title: str, rates: pd.DataFrame) -> str:
    """Rates in Markdown."""
    lines = [f"## {title}", "", "| " + " | ".join(rates.columns) + " |"]
    lines.append("|---" * rates.shape[1] + "|")
    lines += ["| " + " | ".join(map(printed, row)) + " |" for row in rates.itertuples(index=False)]
    return "\n".join(lines) + "\n"


HEAD = f"""# Latent interactions over simulated samples

Made by `python -m benchmarks.moderation`: samples of n = {N}, as many with the interaction as without, seed {SEED}.
Three items each of X, Z and Y (reliability omega .80), correlation of X and Z {CORRELATION}, standardised effects
{MAIN}, {MAIN} and {INTERACTION} of X, Z and X:Z; residuals and errors are normal. Skewed latent variables are χ² with
3 degrees of freedom (skew 1.63). Items are cut so that 7, 24, 38, 24 and 7 % of the answers fall into the five points,
or 5, 10, 15, 30 and 40 %.

Type I error: share of samples without an interaction whose Wald test finds one at 5 %. Power: the same where there is
one. Coverage: share of 95 % intervals that hold the true value. Bias: relative. SE / SD: mean standard error over the
standard deviation of the estimates. In parentheses Monte Carlo errors. Scales are set by first loadings, so that where
items are cut only the standardised coefficient has a true value. Inadmissible solutions are counted, and part of the
rates; failed ones cannot be. The last table shows what the standardised interaction tends to, whatever the sample size:
estimates, with standard errors in parentheses, from samples of {LARGE:,} rows whose true values, 0 and {INTERACTION},
are in the heading.
"""


def main() -> None:
    """Run all conditions and keep the tables."""
    parser = argparse.ArgumentParser(description="Simulated samples with latent interactions.")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} replications, printed only")
    quick = parser.parse_args().quick
    parts = [HEAD]
    replications = QUICK if quick else FULL
    for name in CONDITIONS:
        parts.append(table(heading(name, replications), study(name, replications)))
        print(parts[-1], flush=True)
    if not quick:
        large = pd.concat([in_large_samples(name) for name in CONDITIONS], axis=1)
        parts.append(table(f"Samples of {LARGE:,} rows", large.rename_axis("method").reset_index()))
        print(parts[-1], flush=True)
        path = Path(__file__).parent / "results" / "moderation.md"
        path.write_text("\n".join(parts), encoding="utf-8", newline="\n")


def heading(name: str, replications: int) -> str:
    """Heading of a condition's table."""
    return f"{name[0].upper()}{name[1:]}, {replications} samples without the interaction and {replications} with it"


if __name__ == "__main__":
    main()
