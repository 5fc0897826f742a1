"""Products centred anew in each replicate: moments against products made again, and what it changes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from surveysem.data.product_indicators import product_indicators
from surveysem.errors import DataError
from surveysem.inference.bootstrap import bootstrap
from surveysem.inference.recentring import (
    ProductColumns,
    product_columns,
    recentred_product_moments,
    recentred_product_rows,
)
from surveysem.inference.resampling import RowSampler, weighted_moments
from surveysem.modelling import sem
from surveysem.specification.products import ProductPair, product_pairs

FACTORS = ["x1", "x2", "x3", "z1", "z2", "z3"]
PAIRS = product_pairs(FACTORS[:3], FACTORS[3:], "matched")
SQUARE = ProductPair(name="x1.x1", predictor_indicator="x1", moderator_indicator="x1")
MODEL = (
    "x =~ x1 + x2 + x3; z =~ z1 + z2 + z3; y =~ y1 + y2 + y3; xz =~ x1.z1 + x2.z2 + x3.z3; y ~ x + z + w*xz"
    "; x ~~ xz; z ~~ xz"
)


def simulated(n, seed):
    """A latent interaction of 0.6 of skewed variables."""
    rng = np.random.default_rng(seed)
    x, z = rng.gamma(4.0, 0.5, (2, n))
    z = 0.4 * x + z
    y = 0.4 * x + 0.4 * z + 0.6 * (x - 2.0) * (z - 2.8) + 0.6 * rng.standard_normal(n)  # population means
    latent = np.repeat(np.c_[x, z, y], 3, axis=1)
    rows = latent + 0.5 * rng.standard_normal((n, 9))
    return pd.DataFrame(rows, columns=[*FACTORS, "y1", "y2", "y3"])


def with_products(frame, pairs=PAIRS, *, incomplete=False):
    return pd.concat([frame, product_indicators(frame, pairs, incomplete=incomplete)], axis=1)


def fitted(frame, **options):
    return replace(sem(MODEL, frame, **options), product_indicators=PAIRS)


def drawn(rows, counts):
    return rows.iloc[np.arange(len(rows)).repeat(counts.astype(int))].reset_index(drop=True)


def test_moments_are_those_of_products_made_again():
    frame = simulated(80, 1)
    data = with_products(frame, (*PAIRS, SQUARE))
    names, rows = tuple(data.columns), data.to_numpy()
    columns = product_columns((*PAIRS, SQUARE), names, [rows])
    counts = RowSampler(n_obs=80).frequencies(4, np.random.default_rng(2))
    [stack] = recentred_product_moments([weighted_moments(rows, counts)], [rows], columns)
    for number in range(4):
        again = with_products(drawn(frame, counts[number]), (*PAIRS, SQUARE))
        np.testing.assert_allclose(stack.means[number], again.mean(), atol=1e-12)
        np.testing.assert_allclose(stack.covariances[number], again.cov(ddof=0), rtol=1e-10, atol=1e-12)
        np.testing.assert_array_equal(stack.covariances[number], stack.covariances[number].T)


def made(frame, sizes, *, twice, within):
    """Products of consecutive groups, as they are made for a model."""
    ends = np.cumsum(sizes)
    parts = [frame.iloc[end - size : end] for size, end in zip(sizes, ends, strict=True)] if within else [frame]
    centering = "double" if twice else "single"
    products = pd.concat([product_indicators(part, PAIRS, centering=centering) for part in parts])
    whole = pd.concat([frame, products], axis=1)
    return [whole.iloc[end - size : end] for size, end in zip(sizes, ends, strict=True)]


@pytest.mark.parametrize("twice", [True, False])
@pytest.mark.parametrize("within", [True, False])
def test_products_of_groups_are_centred_as_they_were_made(twice, within):
    frame = simulated(90, 1)
    parts = [part.to_numpy() for part in made(frame, [30, 60], twice=twice, within=within)]
    columns = product_columns(PAIRS, (*frame.columns, *(pair.name for pair in PAIRS)), parts)
    assert (columns.twice, columns.within_groups) == (twice, within)
    rng = np.random.default_rng(2)
    counts = [RowSampler(n_obs=len(part), clusters=np.arange(len(part)) // 3).frequencies(3, rng) for part in parts]
    samples = [weighted_moments(part, each) for part, each in zip(parts, counts, strict=True)]
    moments = recentred_product_moments(samples, parts, columns)
    values = recentred_product_rows(parts, counts, columns)
    for number in range(3):
        sizes = [int(each[number].sum()) for each in counts]
        again = made(drawn(frame, np.concatenate([each[number] for each in counts])), sizes, twice=twice, within=within)
        for stack, found, each, part in zip(moments, values, counts, again, strict=True):
            np.testing.assert_allclose(stack.means[number], part.mean(), atol=1e-12)
            np.testing.assert_allclose(stack.covariances[number], part.cov(ddof=0), rtol=1e-10, atol=1e-12)
            np.testing.assert_allclose(found[number].repeat(each[number].astype(int), axis=0), part, atol=1e-12)


def test_incomplete_products_are_centred_at_the_means_of_what_is_known():
    frame = simulated(60, 3).mask(np.random.default_rng(4).random((60, 9)) < 0.1)
    data = with_products(frame, incomplete=True)
    columns = product_columns(PAIRS, tuple(data.columns), [data.to_numpy()])
    counts = RowSampler(n_obs=60).frequencies(3, np.random.default_rng(2))
    [values] = recentred_product_rows([data.to_numpy()], [counts], columns)
    for number in range(3):
        again = with_products(drawn(frame, counts[number]), incomplete=True)
        np.testing.assert_allclose(values[number].repeat(counts[number].astype(int), axis=0), again, atol=1e-12)


@pytest.mark.parametrize("options", [{}, {"missing": "fiml"}, {"estimator": "GLS"}])
def test_replicates_are_fits_to_products_made_again(options):
    frame = simulated(300, 5)
    if "missing" in options:
        frame = frame.mask(np.random.default_rng(6).random(frame.shape) < 0.05)
    fit = fitted(with_products(frame, incomplete=True), **options)
    draws = bootstrap(fit, 2, seed=3, chunk=2).draws
    rng = np.random.default_rng(np.random.SeedSequence(3).spawn(1)[0])
    for number, counts in enumerate(RowSampler(n_obs=300).frequencies(2, rng), start=1):
        again = sem(MODEL, with_products(drawn(frame, counts), incomplete=True), **options).estimates
        found = draws.loc[number]["estimate"]
        np.testing.assert_allclose(found, again.loc[again["free"] > 0, "estimate"], rtol=1e-5, atol=1e-5)


def test_main_effects_are_effects_at_the_mean_of_each_replicate():
    """Old products hold the moderator's mean fixed, which understates the spread of main effects."""
    fit = fitted(with_products(simulated(400, 7)))
    anew = bootstrap(fit, 400, seed=1).draws["estimate"].std()
    as_they_stand = bootstrap(replace(fit, product_indicators=()), 400, seed=1).draws["estimate"].std()
    assert anew["y~xz"] == pytest.approx(as_they_stand["y~xz"], rel=0.02)
    assert anew["y~x"] > 1.03 * as_they_stand["y~x"]


@pytest.mark.slow
def test_standard_errors_of_main_effects_are_those_of_new_samples():
    fits = [fitted(with_products(simulated(400, seed))).estimates for seed in range(400)]
    new = pd.DataFrame([table.loc[table["op"] == "~", "estimate"].to_numpy() for table in fits]).std()
    spreads = []
    for seed in range(20):
        fit = fitted(with_products(simulated(400, 1000 + seed)))
        spreads.append(
            [
                bootstrap(each, 300, seed=1).draws["estimate"][["y~x", "y~z", "y~xz"]].std()
                for each in (fit, replace(fit, product_indicators=()))
            ]
        )
    anew, as_they_stand = np.array(spreads).mean(axis=0) / new.to_numpy()
    # 12 %: three standard deviations of a standard error from 400 samples
    np.testing.assert_allclose(anew, 1.0, atol=0.12)
    assert max(as_they_stand[:2]) < 0.9


def test_columns_that_are_no_products_are_refused_all_at_once():
    data = with_products(simulated(50, 1))
    names, rows = tuple(data.columns), data.to_numpy()
    wrong = [replace(PAIRS[0], moderator_indicator="z2"), replace(PAIRS[1], predictor_indicator="y1"), PAIRS[2]]
    with pytest.raises(DataError) as caught:
        product_columns(wrong, names, [rows])
    assert [problem.where for problem in caught.value.problems] == ["column x1.z1", "column x2.z2"]
    with pytest.raises(DataError, match="its factor z1 is not an observed variable"):
        product_columns(PAIRS, tuple(name for name in names if name != "z1"), [rows])


def test_products_that_the_model_does_not_have_are_left_aside():
    data = with_products(simulated(50, 1))[["x1", "x2", "z1"]]
    columns = product_columns(PAIRS, tuple(data.columns), [data.to_numpy()])
    assert len(columns) == 0
    assert isinstance(columns, ProductColumns)
