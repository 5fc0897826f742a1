"""Direct, indirect and total effects."""

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.errors import DataError, EstimationError, UnsupportedError
from surveysem.inference.collinearity import variance_inflation
from surveysem.inference.effects import effects_table
from surveysem.inference.effects_algebra import (
    EffectSystem,
    effect_derivatives,
    evaluate_effects,
    list_effects,
    spectral_radius,
    total_effects,
)

CHAIN = "ind60 =~ x1 + x2 + x3\ndem60 =~ y1 + y2 + y3 + y4\ndem65 =~ y5 + y6 + y7 + y8\n"
PATHS = "dem60 ~ a*ind60\ndem65 ~ c*ind60 + b*dem60\nab := a*b\ntotal := c + a*b\n"
NUMBERS = ["estimate", "std_error", "p_value", "ci_lower", "ci_upper"]


@pytest.fixture(scope="module")
def fit(democracy):
    return ss.sem(CHAIN + PATHS, democracy, estimator="MLR")


def _system(arrows, n):
    outcome, predictor = np.array(arrows).T
    return EffectSystem(variables=tuple("abcdefgh"[:n]), outcome=outcome, predictor=predictor)


def test_total_effects_are_the_sum_of_all_powers():
    rng = np.random.default_rng(1)
    direct = rng.normal(size=(4, 5, 5)) * 0.2
    powers = sum(np.linalg.matrix_power(direct, power) for power in range(1, 200))
    assert (spectral_radius(direct) < 1).all()
    np.testing.assert_allclose(total_effects(direct), powers, rtol=1e-10, atol=1e-12)


def test_effects_that_feed_back_without_limit_do_not_exist():
    stack = np.array([[[0.0, 0.5], [0.5, 0.0]], [[0.0, 1.3], [0.9, 0.0]]])
    found = total_effects(stack)
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()
    np.testing.assert_allclose(spectral_radius(stack), [0.5, np.sqrt(1.17)])


@pytest.mark.parametrize("arrows", [[(1, 0), (2, 1), (2, 0), (3, 2), (3, 1)], [(1, 0), (2, 1), (1, 2), (3, 2)]])
def test_derivatives_are_finite_differences(arrows):
    system = _system(arrows, 4)
    effects = list_effects(system, ("direct", "specific", "indirect", "total"))
    values = np.linspace(0.2, 0.6, len(arrows))
    step = 1e-6
    ahead, behind = (values + sign * step * np.eye(len(values)) for sign in (1, -1))
    numeric = (evaluate_effects(system, effects, ahead) - evaluate_effects(system, effects, behind)).T / (2 * step)
    np.testing.assert_allclose(effect_derivatives(system, effects, values), numeric, rtol=1e-7, atol=1e-9)


def test_specific_effects_add_up_where_nothing_feeds_back():
    system = _system([(1, 0), (2, 0), (2, 1), (3, 1), (3, 2), (3, 0)], 4)
    effects = list_effects(system, ("direct", "specific", "indirect", "total"))
    values = evaluate_effects(system, effects, np.array([[0.3, -0.2, 0.5, 0.4, 0.6, 0.1]]))[0]
    by_kind = pd.DataFrame({"kind": [e.kind for e in effects], "ends": [(e.predictor, e.outcome) for e in effects]})
    sums = by_kind.assign(value=values).pivot_table(index="ends", columns="kind", values="value", aggfunc="sum")
    np.testing.assert_allclose(sums["specific"].dropna(), sums["indirect"].dropna())
    np.testing.assert_allclose(sums["direct"].fillna(0) + sums["indirect"].fillna(0), sums["total"])
    assert sum(e.kind == "specific" and (e.predictor, e.outcome) == (0, 3) for e in effects) == 3


def test_too_many_routes_are_refused():
    arrows = [(o, p) for o in range(15) for p in range(o)]
    outcome, predictor = np.array(arrows).T
    system = EffectSystem(variables=tuple(map(str, range(15))), outcome=outcome, predictor=predictor)
    with pytest.raises(UnsupportedError, match=r"5,000 specific.*kinds="):
        list_effects(system, ("specific",))
    assert len(list_effects(system, ("total",))) == len(arrows)


def test_effects_are_the_models_own_definitions(fit):
    table = effects_table(fit, predictor="ind60", outcome="dem65").set_index("effect")
    shown = fit.estimates.set_index("lhs")
    for kind, name in (("indirect", "ab"), ("specific", "ab"), ("total", "total")):
        np.testing.assert_allclose(table.loc[kind, NUMBERS].astype(float), shown.loc[name, NUMBERS].astype(float))
        standard = ["std_all", "std_std_error", "std_p_value", "std_ci_lower", "std_ci_upper"]
        ours = ["std_estimate", *standard[1:]]
        np.testing.assert_allclose(table.loc[kind, ours].astype(float), shown.loc[name, standard].astype(float))
    assert table.loc["specific", "through"] == "dem60"


@pytest.mark.parametrize("confidence", ["percentile", "bca", "basic", "normal"])
def test_bootstrapped_effects_are_bootstrapped_definitions(fit, confidence):
    bootstrap = fit.bootstrap(200, seed=2, confidence=confidence)
    table = effects_table(fit, bootstrap=bootstrap, predictor="ind60", outcome="dem65").set_index("effect")
    shown = bootstrap.intervals.set_index("lhs")
    for kind, name in (("indirect", "ab"), ("total", "total")):
        for prefix in ("", "std_"):
            columns = [f"{prefix}{column}" for column in ("std_error", "p_value", "ci_lower", "ci_upper", "n_draws")]
            np.testing.assert_allclose(table.loc[kind, columns].astype(float), shown.loc[name, columns].astype(float))


def test_an_interval_without_zero_has_a_small_p(fit):
    table = effects_table(fit, bootstrap=fit.bootstrap(199, seed=3))
    outside = (table["ci_lower"] > 0) | (table["ci_upper"] < 0)
    assert (outside == (table["p_value"] < 0.05)).all()


def test_effects_of_products_are_scaled_by_their_factors(flagship_result):
    table = effects_table(flagship_result.structural, kinds=("direct", "indirect", "total"))
    product = "perceived_credibility:product_complexity"
    direct = table[(table.predictor == product) & (table.outcome == "risk_reduction")].iloc[0]
    shown = flagship_result.structural.estimates.query("lhs == 'risk_reduction' and rhs == @product").iloc[0]
    assert direct["std_estimate"] == pytest.approx(shown["std_all"])
    further = table[(table.predictor == product) & (table.outcome == "brand_trust")].iloc[0]
    path = flagship_result.structural.estimates.query("lhs == 'brand_trust' and rhs == 'risk_reduction'").iloc[0]
    assert further["std_estimate"] == pytest.approx(shown["std_all"] * path["std_all"])


def test_a_result_brings_its_bootstrap(flagship_result):
    table = ss.effects(flagship_result, kinds=("total",), predictor="network_relevance", outcome="brand_trust")
    assert table["n_draws"].tolist() == [1000 - flagship_result.bootstrap.n_failed]


def test_a_loading_carries_an_effect_on(democracy):
    """A second-order factor acts on an outcome through a first-order one."""
    model = "f =~ x1 + x2 + x3\ng =~ y1 + y2 + y3 + y4\nh =~ f + g + y8\nd =~ y5 + y6 + y7\nd ~ g"
    table = effects_table(ss.sem(model, democracy), predictor="h", outcome="d")
    assert table["effect"].tolist() == ["specific", "indirect", "total"]
    assert table["through"].tolist() == ["g", "", ""]


def test_what_cannot_be_asked_is_refused_at_once(fit, democracy):
    with pytest.raises(UnsupportedError, match=r"(?s)kinds.*level"):
        effects_table(fit, kinds=("all",), level=2)
    with pytest.raises(UnsupportedError, match=r"ind61.*ind60, dem60, dem65"):
        effects_table(fit, predictor="ind61")
    with pytest.raises(UnsupportedError, match="dem65 has no effect on ind60"):
        effects_table(fit, predictor="dem65", outcome="ind60")
    with pytest.raises(UnsupportedError, match="no regression"):
        effects_table(ss.cfa(CHAIN, democracy))
    with pytest.raises(DataError, match="another fit"):
        effects_table(fit, bootstrap=ss.sem(CHAIN + "dem60 ~ ind60", democracy).bootstrap(10, seed=1))


def test_a_solution_without_limit_says_so(democracy):
    model = "y1 ~ -1.2*y5 + x1\ny5 ~ 1.2*y1 + x2"
    fit = ss.sem(model, democracy)
    with pytest.raises(EstimationError, match=r"1\.2, not below 1"):
        effects_table(fit)
    assert set(effects_table(fit, kinds=("direct", "specific"))["effect"]) == {"direct", "specific"}


def test_variance_inflation_is_that_of_regressions_among_predictors(democracy):
    fit = ss.sem("y1 ~ x1 + x2 + x3", democracy)
    found = variance_inflation(fit.solution.groups[0], fit.products)
    correlations = democracy[["x1", "x2", "x3"]].corr().to_numpy()
    assert list(found.values()) == pytest.approx(np.diag(np.linalg.inv(correlations)))
