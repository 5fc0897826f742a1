"""Expected power beside simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import surveysem as ss
from surveysem.planning.design import power_design
from surveysem.planning.population_model import observed_covariance, population_model

NONE = {"estimator": None, "missing": None, "interaction": None, "centering": None}


def test_expected_power_is_that_of_simulation(small_study):
    expected = ss.power(small_study, n=(150, 250), method="analytic")
    found = ss.power(small_study, n=(150, 250), reps=500, seed=1, n_jobs=1)
    for key, row in expected.table.iterrows():
        simulated = found.table.loc[key]
        slack = 4 * np.sqrt(row["power"] * (1 - row["power"]) / 500)  # Monte Carlo error
        assert abs(row["power"] - simulated["power"]) < slack + 0.02  # samples are not infinite
        assert row["population"] == pytest.approx(simulated["population"], abs=1e-8)


@pytest.mark.slow
def test_expected_power_of_interactions_is_that_of_simulation(flagship):
    expected = ss.power(flagship, n=(400, 600), method="analytic")
    found = ss.power(flagship, n=(400, 600), reps=1000, seed=1)
    for proposition in ("P9", "P10a"):
        for n in (400, 600):
            # Holm's adjustment lies between none and Bonferroni's.
            row, simulated = expected.table.loc[(proposition, n)], found.table.loc[(proposition, n)]
            assert row["power_adjusted"] < simulated["power"] < row["power"] + 0.03


def test_the_model_holds_in_the_population_and_returns_its_effects(flagship):
    model = population_model(power_design(flagship, 300, reps=1, seed=1, **NONE))
    assert model.discrepancy == pytest.approx(0.0, abs=1e-8)
    row = model.row("risk_reduction", "perceived_credibility", "product_complexity")
    assert model.effect(row)[2] == pytest.approx(0.18, abs=1e-6)
    assert model.effect(model.row("brand_trust", "risk_reduction"))[2] == pytest.approx(0.35, abs=1e-6)


def test_population_covariances_are_those_of_simulated_answers(flagship):
    """Correlations of 100,000 answers and their products, but for what cutting two answers at once does to them."""
    design = power_design(flagship, 300, reps=1, seed=1, **NONE)
    pilot = design.pilot()
    covariance = observed_covariance(design, pilot.product_indicators)
    frame = design.simulator.draw_items(n=100_000, seed=1)[list(design.items)]
    items = (frame - frame.mean()) / frame.std(ddof=0)
    products = {
        pair.name: items[pair.predictor_indicator] * items[pair.moderator_indicator]
        for pair in pilot.product_indicators
    }
    sample = np.cov(pd.concat([items, pd.DataFrame(products)], axis=1).to_numpy().T)
    assert np.abs(sample - covariance).max() < 0.03


def test_bonferroni_and_sizes_needed(flagship):
    expected = ss.power(flagship, n=300, method="analytic")
    assert (expected.table["power_adjusted"] <= expected.table["power"]).all()
    needed = expected.required.loc[("P9", 0.8)]
    assert needed["n_adjusted"] > needed["n"]
    again = ss.power(flagship, n=int(needed["n"]), method="analytic")
    assert again.overview.loc["P9"].iloc[0] == pytest.approx(0.8, abs=0.002)
    assert np.isnan(expected.required.loc[("P10c", 0.8), "n"])
    assert any("of groups: P10." in finding.message for finding in expected.findings)
    assert "<table" in expected._repr_html_()
    assert "n for 0.9" in repr(expected)


@pytest.mark.parametrize("options", [{"interaction": "lms"}, {"missing": "fiml"}, {"missing_share": 0.1}])
def test_what_has_no_closed_form_is_refused(flagship, options):
    with pytest.raises(ss.SurveySEMError, match="simulation"):
        ss.power(flagship, method="analytic", **options)


def test_power_of_tests_of_fit(flagship):
    expected = ss.power(flagship, n=(100, 300), method="analytic")
    df = int(ss.fit_study(flagship, ss.simulate_responses(flagship, n=300, seed=1)).structural.fit_indices["df"])
    assert expected.settings["df"] == df
    for name, null, alternative in (("close", 0.05, 0.08), ("not_close", 0.05, 0.01), ("exact", 0.0, 0.05)):
        wanted = ss.rmsea_power(degrees_of_freedom=df, n=100, null=null, alternative=alternative)
        assert expected.fit.loc[100, name] == wanted


def test_sizes_too_small_to_analyse_are_marked(flagship):
    expected = ss.power(flagship, n=(150, 300), method="analytic")
    assert set(expected.text_table["n = 150 ×"]) == {"×"}
    assert expected.text_table.loc["P5", "n for 0.8"] == "46 × (81 ×)"
    assert expected.table.loc[("P5", 150), "power"] > 0.9
    (warning,) = [finding for finding in expected.findings if finding.severity == "warning"]
    assert "fewer than 237 complete rows" in warning.message


def test_numbers_in_brackets_are_told_apart_from_the_declared_adjustment(flagship, small_study):
    told = [each.message for each in ss.power(flagship, n=300, method="analytic").findings]
    assert any("after Holm" in each and "(Bonferroni)" in each for each in told)
    plain = ss.power(small_study, n=300, method="analytic").findings
    assert not any("Holm" in each.message for each in plain)


def test_products_are_told_to_be_approximate(flagship, small_study):
    told = [each.message for each in ss.power(flagship, n=300, method="analytic").findings]
    assert any("The numbers of P9, P10c are approximate" in each for each in told)
    assert not any("approximate" in each.message for each in ss.power(small_study, n=300, method="analytic").findings)


@pytest.mark.parametrize("method", ["analytic", "simulation"])
def test_products_of_a_factor_that_is_itself_moderated_are_refused(flagship, method):
    (moved,) = [each for each in flagship.specification.interactions if each.label == "P10c"]
    upstream = replace(moved, label="P0", outcome="perceived_credibility", predictor="network_relevance")
    specification = replace(flagship.specification, interactions=(*flagship.specification.interactions, upstream))
    changed = replace(flagship, specification=specification)
    with pytest.raises(ss.SurveySEMError, match="itself depends on a product"):
        ss.power(changed, n=300, reps=1, method=method)
