"""Explained variance and effect sizes."""

import numpy as np
import pytest

from surveysem.inference.explained import f_squared
from surveysem.modelling import sem


def test_r_squared_is_one_less_the_standardised_residual(any_fit):
    table = any_fit.estimates
    residual = table[(table["op"] == "~~") & (table["lhs"] == table["rhs"])].set_index("lhs")["std_all"]
    for name, value in any_fit.r_squared.items():
        assert value == pytest.approx(1 - residual[name]), name


def test_r_squared_of_every_indicator_and_outcome(any_fit):
    table = any_fit.estimates
    explained = {*table[table["op"] == "=~"]["rhs"], *table[table["op"] == "~"]["lhs"]}
    assert set(any_fit.r_squared.index) == explained


def test_f_squared_of_a_regression_of_observed_variables(democracy):
    """Of a plain regression, (R² − R² without) / (1 − R²) by least squares."""
    fit = sem("y1 ~ x1 + x2 + x3", democracy)

    def r_squared(columns):
        x = democracy[columns].to_numpy() - democracy[columns].mean().to_numpy()
        y = democracy["y1"].to_numpy() - democracy["y1"].mean()
        fitted = x @ np.linalg.lstsq(x, y, rcond=None)[0]
        return fitted @ fitted / (y @ y)

    full = r_squared(["x1", "x2", "x3"])
    assert fit.r_squared["y1"] == pytest.approx(full)
    for dropped in ("x1", "x2", "x3"):
        kept = [name for name in ("x1", "x2", "x3") if name != dropped]
        expected = (full - r_squared(kept)) / (1 - full)
        assert fit.effect_sizes["y1", dropped] == pytest.approx(expected, rel=1e-5, abs=1e-7)


def test_the_only_predictor():
    covariance = np.array([[1.0, 0.6], [0.6, 1.0]])
    assert f_squared(covariance=covariance, outcome=1, predictors=[0], dropped=0) == pytest.approx(0.36 / 0.64)


def test_every_path_has_an_effect_size(democracy_fit):
    assert set(democracy_fit.effect_sizes) == {("dem60", "ind60"), ("dem65", "ind60"), ("dem65", "dem60")}
