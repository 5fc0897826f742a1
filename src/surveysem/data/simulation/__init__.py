"""Simulated answers: latent scores, thresholds, respondents, gaps, clusters, groups and waves."""

from surveysem.data.simulation.latent import simulate_latent_scores
from surveysem.data.simulation.options import (
    Carelessness,
    Clusters,
    Groups,
    Missingness,
    PlannedForms,
    SimulatedGroup,
    SimulationOptions,
    Waves,
    simulation_options,
)
from surveysem.data.simulation.responses import ResponseSimulator, response_simulator, simulate_responses
from surveysem.data.simulation.thresholds import default_thresholds, ordinal_skewness, skewed_thresholds

__all__ = [
    "Carelessness",
    "Clusters",
    "Groups",
    "Missingness",
    "PlannedForms",
    "ResponseSimulator",
    "SimulatedGroup",
    "SimulationOptions",
    "Waves",
    "default_thresholds",
    "ordinal_skewness",
    "response_simulator",
    "simulate_latent_scores",
    "simulate_responses",
    "simulation_options",
    "skewed_thresholds",
]
