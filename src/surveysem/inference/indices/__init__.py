"""Fit indices: one plain function each, and a collector that feeds them."""

from surveysem.inference.indices.absolute import (
    adjusted_goodness_of_fit_index,
    critical_n,
    expected_cross_validation_index,
    goodness_of_fit_index,
    mcdonald_fit_index,
)
from surveysem.inference.indices.collect import collect_fit_indices
from surveysem.inference.indices.comparative import cfi, ifi, nfi, rfi, rni, tli
from surveysem.inference.indices.likelihood import adjusted_bic, aic, bic, log_likelihood
from surveysem.inference.indices.rmsea import rmsea, rmsea_interval, rmsea_p_close, rmsea_p_not_close
from surveysem.inference.indices.scaling import saturated_trace, yuan_bentler_scaling_factor
from surveysem.inference.indices.srmr import srmr

__all__ = [
    "adjusted_bic",
    "adjusted_goodness_of_fit_index",
    "aic",
    "bic",
    "cfi",
    "collect_fit_indices",
    "critical_n",
    "expected_cross_validation_index",
    "goodness_of_fit_index",
    "ifi",
    "log_likelihood",
    "mcdonald_fit_index",
    "nfi",
    "rfi",
    "rmsea",
    "rmsea_interval",
    "rmsea_p_close",
    "rmsea_p_not_close",
    "rni",
    "saturated_trace",
    "srmr",
    "tli",
    "yuan_bentler_scaling_factor",
]
