"""A model with continuous items, whose moments are known exactly."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from surveysem.data import PopulationValues
from surveysem.data.simulation import ResponseSimulator, response_simulator, simulate_responses, simulation_options
from surveysem.instrument import Instrument

LATENT = ("x", "z", "y", "w")
POPULATION = PopulationValues(
    paths={("y", "x"): 0.4, ("y", "z"): 0.3, ("w", "y"): 0.5},
    exogenous_correlations={("x", "z"): 0.4},
    loadings={f"{name}{number}": 0.8 for name in LATENT for number in (1, 2, 3)},
)
INDICATORS = {name: [f"{name}{number}" for number in (1, 2, 3)] for name in LATENT}
SYNTAX = "\n".join(f"{name} =~ {' + '.join(items)}" for name, items in INDICATORS.items())
STRUCTURE = f"{SYNTAX}\ny ~ x + z\nw ~ y"


def _text(text: str) -> dict[str, str]:
    return {"en": text}


@pytest.fixture(scope="session")
def continuous() -> Instrument:
    scales = (
        {"id": "any", "kind": "number"},
        {"id": "sectors", "kind": "nominal", "options": {1: _text("Regulated"), 2: _text("Free"), 3: _text("Other")}},
        {"id": "words", "kind": "text"},
    )
    return Instrument.model_validate(
        {
            "id": "continuous",
            "title": _text("Continuous"),
            "version": "1",
            "languages": ("en",),
            "response_scales": scales,
            "constructs": tuple(
                {"id": c, "role": "outcome", "label": _text(c), "definition": _text(c)} for c in LATENT
            ),
            "items": tuple(
                {"id": n, "construct": n[0], "scale": "any", "text": _text(n)}
                for items in INDICATORS.values()
                for n in items
            ),
            "grouping_questions": (
                {"id": "sector", "scale": "sectors", "text": _text("Sector?")},
                {"id": "influencer_id", "scale": "words", "text": _text("Influencer?")},
            ),
        }
    )


@pytest.fixture(scope="session")
def simulator(continuous: Instrument) -> Any:
    def made(population: PopulationValues = POPULATION, **options: Any) -> ResponseSimulator:
        asked = simulation_options(**{"careless": 0.0, "ineligible": 0.0, **options})
        return response_simulator(population, continuous, indicators=INDICATORS, options=asked)

    return made


@pytest.fixture
def small_simulation(instrument: Instrument) -> Any:
    """Answers to the small questionnaire, whose item tr_2 is reverse-keyed here."""
    content = instrument.model_dump()
    population = PopulationValues(
        paths={("use", "trust"): 0.6},
        loadings={"tr_1": 0.9, "tr_2": 0.8, "tr_3": 0.7, "us_1": 0.9, "us_2": 0.8},
    )
    indicators = {"trust": ["tr_1", "tr_2", "tr_3"], "use": ["us_1", "us_2"]}

    def made(**options: Any) -> Any:
        return simulate_responses(population, Instrument.model_validate(content), indicators=indicators, **options)

    return made


@pytest.fixture(scope="session")
def model() -> SimpleNamespace:
    """The model of :func:`simulator`: its population, items and syntax."""
    return SimpleNamespace(population=POPULATION, indicators=INDICATORS, measurement=SYNTAX, structure=STRUCTURE)
