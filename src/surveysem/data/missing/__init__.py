"""Full-information maximum likelihood for incomplete rows: patterns, likelihood, information, saturated model."""

from surveysem.data.missing.information import PatternInformation, mean_precision, pattern_information
from surveysem.data.missing.likelihood import LikelihoodWeights, likelihood_weights, observed_log_likelihood
from surveysem.data.missing.patterns import MissingMoments, MissingPattern, missing_patterns
from surveysem.data.missing.saturated import SaturatedMoments, saturated_moments
from surveysem.data.missing.saturated_information import (
    saturated_expected_information,
    saturated_observed_information,
    saturated_scores,
    saturated_trace_missing,
)
from surveysem.data.missing.scores import casewise_scores_missing

__all__ = [
    "LikelihoodWeights",
    "MissingMoments",
    "MissingPattern",
    "PatternInformation",
    "SaturatedMoments",
    "casewise_scores_missing",
    "likelihood_weights",
    "mean_precision",
    "missing_patterns",
    "observed_log_likelihood",
    "pattern_information",
    "saturated_expected_information",
    "saturated_moments",
    "saturated_observed_information",
    "saturated_scores",
    "saturated_trace_missing",
]
