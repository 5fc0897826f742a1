"""Ordered items: thresholds, polychoric and polyserial correlations and their asymptotic covariance."""

from surveysem.data.ordinal.bivariate_normal import bivariate_normal_cdf, bivariate_normal_density
from surveysem.data.ordinal.moments import OrdinalMoments, ordinal_moments
from surveysem.data.ordinal.statistics import OrdinalStatistic, ordinal_statistics

__all__ = [
    "OrdinalMoments",
    "OrdinalStatistic",
    "bivariate_normal_cdf",
    "bivariate_normal_density",
    "ordinal_moments",
    "ordinal_statistics",
]
