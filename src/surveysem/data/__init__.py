"""Data: answers read, screened and coded; sample moments; product indicators; simulated answers."""

from surveysem.data.bundled import read_political_democracy
from surveysem.data.imports.responses import write_responses
from surveysem.data.imports.settings import ImportSettings
from surveysem.data.imports.writing import write_table
from surveysem.data.moments import SampleMoments, check_enough_observations, sample_moments
from surveysem.data.population import PopulationMoments, PopulationValues
from surveysem.data.product_indicators import IndicatorPair, product_indicators
from surveysem.data.read import RawTable, read_table
from surveysem.data.responses import Responses, read_responses
from surveysem.data.screening import Screening, ScreeningAction, ScreeningRules
from surveysem.data.simulation import (
    ResponseSimulator,
    SimulationOptions,
    default_thresholds,
    response_simulator,
    simulate_latent_scores,
    simulate_responses,
    simulation_options,
)

__all__ = [
    "ImportSettings",
    "IndicatorPair",
    "PopulationMoments",
    "PopulationValues",
    "RawTable",
    "ResponseSimulator",
    "Responses",
    "SampleMoments",
    "Screening",
    "ScreeningAction",
    "ScreeningRules",
    "SimulationOptions",
    "check_enough_observations",
    "default_thresholds",
    "product_indicators",
    "read_political_democracy",
    "read_responses",
    "read_table",
    "response_simulator",
    "sample_moments",
    "simulate_latent_scores",
    "simulate_responses",
    "simulation_options",
    "write_responses",
    "write_table",
]
