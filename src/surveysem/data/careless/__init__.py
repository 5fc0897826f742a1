"""Indices of careless responding: one number a respondent, from an array of answers."""

from surveysem.data.careless.consistency import even_odd_consistency
from surveysem.data.careless.longstring import average_runs, longest_runs
from surveysem.data.careless.mahalanobis import MahalanobisDistances, mahalanobis_distances
from surveysem.data.careless.overview import careless_indices
from surveysem.data.careless.synonyms import (
    correlation_over_pairs,
    psychometric_antonyms,
    psychometric_synonyms,
    strongly_correlated_pairs,
)
from surveysem.data.careless.variability import response_variability

__all__ = [
    "MahalanobisDistances",
    "average_runs",
    "careless_indices",
    "correlation_over_pairs",
    "even_odd_consistency",
    "longest_runs",
    "mahalanobis_distances",
    "psychometric_antonyms",
    "psychometric_synonyms",
    "response_variability",
    "strongly_correlated_pairs",
]
