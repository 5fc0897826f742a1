"""A small study with a population, and the flagship."""

from __future__ import annotations

from dataclasses import replace

import pytest

import surveysem as ss
from surveysem.data import PopulationValues

PATHS = {
    ("democracy_1960", "industrialization_1960"): 0.35,
    ("democracy_1965", "industrialization_1960"): 0.2,
    ("democracy_1965", "democracy_1960"): 0.5,
}


@pytest.fixture(scope="session")
def small_study():
    """Three latent variables, eleven continuous items, ML, no adjustment of p."""
    study = ss.load_study("political_democracy")
    population = PopulationValues(paths=PATHS, loadings=dict.fromkeys(study.specification.indicators, 0.75))
    return replace(study, population=population)


@pytest.fixture(scope="session")
def flagship():
    return ss.load_study("b2b_micro_influencer")
