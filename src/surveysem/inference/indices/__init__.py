"""Fit indices: one plain function each, and a collector that feeds them."""

from surveysem.inference.indices.collect import collect_fit_indices
from surveysem.inference.indices.comparative import cfi, tli
from surveysem.inference.indices.likelihood import aic, bic, log_likelihood
from surveysem.inference.indices.rmsea import rmsea, rmsea_interval, rmsea_p_close
from surveysem.inference.indices.scaling import saturated_trace, yuan_bentler_scaling_factor
from surveysem.inference.indices.srmr import srmr

__all__ = [
    "aic",
    "bic",
    "cfi",
    "collect_fit_indices",
    "log_likelihood",
    "rmsea",
    "rmsea_interval",
    "rmsea_p_close",
    "saturated_trace",
    "srmr",
    "tli",
    "yuan_bentler_scaling_factor",
]
