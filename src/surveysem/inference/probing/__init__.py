"""Probing of interactions: slopes, regions, predictions and indirect effects along a moderator."""

from surveysem.inference.probing.conditional_indirect import ConditionalIndirect, conditional_indirect, indirect_curve
from surveysem.inference.probing.johnson_neyman import (
    JohnsonNeyman,
    SignificanceRegion,
    johnson_neyman,
    significance_boundaries,
)
from surveysem.inference.probing.moderation_effects import moderation_benchmark, moderation_effects
from surveysem.inference.probing.predicted import predicted_values
from surveysem.inference.probing.scores import respondents_of
from surveysem.inference.probing.simple_slopes import simple_slopes
from surveysem.inference.probing.values import Units, values_asked

__all__ = [
    "ConditionalIndirect",
    "JohnsonNeyman",
    "SignificanceRegion",
    "Units",
    "conditional_indirect",
    "indirect_curve",
    "johnson_neyman",
    "moderation_benchmark",
    "moderation_effects",
    "predicted_values",
    "respondents_of",
    "significance_boundaries",
    "simple_slopes",
    "values_asked",
]
